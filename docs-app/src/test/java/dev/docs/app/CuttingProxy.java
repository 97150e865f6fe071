package dev.docs.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A network between a client and the server that breaks connections, as often as it is told. */
final class CuttingProxy implements AutoCloseable {
    private static final String DIGEST = "\r\nDigest: SHA-256=";

    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int serverPort;
    private final int bytesUntilCut;
    private final AtomicInteger cutsLeft;
    private final AtomicInteger toldLies = new AtomicInteger();
    private volatile boolean lies;

    /** @param bytesUntilCut in one direction, on one connection */
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

    /** From now on the header Digest (RFC 3230) is a wrong one in every answer. */
    void lieAboutDigests() {
        lies = true;
    }

    /** In how many answers it was. */
    int toldLies() {
        return toldLies.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                threads.execute(() -> copy(client, server));
                threads.execute(() -> copy(server, client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 << 10];
            long count = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (lies) {
                    lie(buffer, read);
                }
                out.write(buffer, 0, read);
                count += read;
                if (count > bytesUntilCut && cutsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // cut from the other side
        }
    }

    private void lie(byte[] buffer, int length) {
        int digest = new String(buffer, 0, length, StandardCharsets.ISO_8859_1).indexOf(DIGEST);
        if (digest >= 0) {
            int first = digest + DIGEST.length();
            buffer[first] = (byte) (buffer[first] == 'A' ? 'B' : 'A');
            toldLies.incrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        threads.shutdownNow();
    }
}
