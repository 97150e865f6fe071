import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network that breaks: passes connections on to a port of this machine, and cuts the first ones after so many bytes of
 * the answer. {@code java Cut.java SERVER_PORT BYTES CUTS [lie]} says which port it listens on, and what it has cut. If it
 * lies, the header Digest (RFC 3230) is a wrong one in every answer.
 */
public final class Cut {
    private static final String DIGEST = "\r\nDigest: SHA-256=";

    private Cut() {}

    public static void main(String[] arguments) throws IOException {
        int serverPort = Integer.parseInt(arguments[0]);
        long bytes = Long.parseLong(arguments[1]);
        boolean lies = arguments.length > 3 && arguments[3].equals("lie");
        AtomicInteger cuts = new AtomicInteger(Integer.parseInt(arguments[2]));
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            System.out.println(listening.getLocalPort());
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                start(() -> copy(client, server, Long.MAX_VALUE, cuts, false));
                start(() -> copy(server, client, bytes, cuts, lies));
            }
        }
    }

    private static void start(Runnable copy) {
        Thread thread = new Thread(copy);
        thread.setDaemon(true);
        thread.start();
    }

    private static void copy(Socket from, Socket to, long most, AtomicInteger cuts, boolean lies) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 << 10];
            long count = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count += read;
                if (count > most && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    System.out.println("cut after " + count + " bytes");
                    return;
                }
                if (lies) {
                    lie(buffer, read);
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // either side has gone: both are closed
        }
    }

    /** Headers come in one piece, so far as they have been seen to. */
    private static void lie(byte[] buffer, int length) {
        int digest = new String(buffer, 0, length, StandardCharsets.ISO_8859_1).indexOf(DIGEST);
        if (digest >= 0) {
            int first = digest + DIGEST.length();
            buffer[first] = (byte) (buffer[first] == 'A' ? 'B' : 'A');
            System.out.println("lied");
        }
    }
}
