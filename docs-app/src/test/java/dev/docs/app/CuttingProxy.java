package dev.docs.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A network between a client and the server that breaks connections, as often as it is told. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int serverPort;
    private final int bytesUntilCut;
    private final AtomicInteger cutsLeft;

    /** @param bytesUntilCut from the client to the server, on one connection */
    CuttingProxy(int serverPort, int bytesUntilCut, int cuts) throws IOException {
        this.serverPort = serverPort;
        this.bytesUntilCut = bytesUntilCut;
        cutsLeft = new AtomicInteger(cuts);
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many cuts are still to come. */
    int cutsLeft() {
        return cutsLeft.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                threads.execute(() -> copy(client, server, true));
                threads.execute(() -> copy(server, client, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void copy(Socket from, Socket to, boolean cuts) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 << 10];
            long count = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                count += read;
                if (cuts && count > bytesUntilCut && cutsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // cut from the other side
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        threads.shutdownNow();
    }
}
