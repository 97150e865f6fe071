package dev.docs.adapter.http;

import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A request's body. Not touched before it is read: that is when Jetty sends 100 Continue. */
final class RequestChannel implements ReadableByteChannel {
    private static final int BUFFER_BYTES = 64 << 10;

    private final HttpServletRequest request;
    private volatile boolean open = true;

    RequestChannel(HttpServletRequest request) {
        this.request = request;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!open) {
            throw new EOFException("the request gave way to another");
        }
        InputStream body = request.getInputStream();
        if (target.hasArray()) {
            int count = body.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
            target.position(target.position() + Math.max(0, count));
            return count;
        }
        byte[] bytes = new byte[Math.min(target.remaining(), BUFFER_BYTES)];
        int count = body.read(bytes);
        if (count > 0) {
            target.put(bytes, 0, count);
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Breaks the connection, so that whoever waits for bytes of it waits no more. */
    @Override
    public void close() {
        open = false;
        ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }
}
