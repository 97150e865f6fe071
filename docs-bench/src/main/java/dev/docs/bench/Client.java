package dev.docs.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One HTTP/1.1 connection that is kept alive and costs next to nothing: requests are bytes made before, and of an answer no more
 * is looked at than status and length.
 */
final class Client implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[256 << 10];
    private byte[] body = new byte[0];

    Client(int port) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(120_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    }

    static byte[] head(String requestLine, String token, String... headers) {
        StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if (!token.isEmpty()) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends a request, reads its answer and returns how many bytes of content came. */
    long exchange(byte[] request, int expected) throws IOException {
        send(request, request.length);
        return receive(expected, false);
    }

    /** The same, and returns the content. */
    String ask(byte[] request, int expected) throws IOException {
        send(request, request.length);
        receive(expected, true);
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Sends so many bytes of content, out of a buffer. */
    void send(byte[] bytes, long total) throws IOException {
        for (long left = total; left > 0; left -= bytes.length) {
            send(bytes, (int) Math.min(bytes.length, left));
        }
    }

    void send(byte[] bytes, int length) throws IOException {
        socket.getOutputStream().write(bytes, 0, length);
    }

    long receive(int expected, boolean keep) throws IOException {
        String status = line();
        long length = -1;
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = true;
            }
        }
        boolean kept = keep || !status.startsWith(expected + " ", 9);
        body = new byte[0];
        long read = chunked ? chunks(kept) : body(Math.max(0, length), kept);
        if (!status.startsWith(expected + " ", 9)) {
            throw new IOException(status + ", not " + expected + ": " + new String(body, StandardCharsets.UTF_8));
        }
        return read;
    }

    private long body(long length, boolean keep) throws IOException {
        if (keep) {
            body = DocsProcess.joined(body, in.readNBytes((int) length));
            return length;
        }
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("the answer ended " + left + " bytes early");
            }
            left -= read;
        }
        return length;
    }

    private long chunks(boolean keep) throws IOException {
        long total = 0;
        while (true) {
            long length = Long.parseLong(line(), 16);
            total += body(length, keep);
            line();
            if (length == 0) {
                return total;
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection was closed");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
