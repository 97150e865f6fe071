package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

import java.time.Duration;

/**
 * Reads on for a while after a request was answered before its body had come (RFC 9112, section 9.6). By itself, Jetty
 * closes the connection with bytes unread; TCP then resets it, and a client that is still sending loses the answer that
 * tells why it was refused.
 */
final class LingeringClose extends Handler.Wrapper {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    LingeringClose(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (request.getLength() == 0) {
            return super.handle(request, response, callback);
        }
        return super.handle(new ReadLater(request), response, new Remainder(request, callback));
    }

    /** A client that waits to be told to continue, and was not, sends nothing. */
    private static boolean isWithheld(Request request) {
        return request.getHeaders().contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString())
                && Request.getContentBytesRead(request) == 0;
    }

    /** Jetty asks for what has come of the body by now, and if that is not all, lets nobody read any more of it. */
    private static final class ReadLater extends Request.Wrapper {
        ReadLater(Request request) {
            super(request);
        }

        @Override
        public boolean consumeAvailable() {
            return isWithheld(this) && super.consumeAvailable();
        }
    }

    /** What nobody wants of a body. Thrown away as it comes, without holding a thread meanwhile. */
    private static final class Remainder extends Callback.Nested implements Runnable {
        private final Request request;
        private long beganNanos;

        Remainder(Request request, Callback callback) {
            super(callback);
            this.request = request;
        }

        @Override
        public void succeeded() {
            if (isWithheld(request)) {
                super.succeeded();
            } else {
                beganNanos = System.nanoTime();
                run();
            }
        }

        @Override
        public void run() {
            while (System.nanoTime() - beganNanos < PATIENCE.toNanos()) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                chunk.release();
                if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
                    break;
                }
            }
            super.succeeded();
        }
    }
}
