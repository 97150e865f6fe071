package dev.docs.adapter.http;

import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends requests whose content comes too slowly to be meant well. Only the time counts in which the server waits for it: a
 * server that is busy, or was stopped for a while, blames nobody.
 *
 * <p>Each sender has a credit of time. Waiting uses it up, and what arrives gives as much back as it may take at the
 * minimum rate, up to the first credit: so a sender who was fast may pause as long as any other, and not longer.
 */
final class MinimumRate extends Handler.Wrapper {
    private final long bytesPerSecond;
    private final long creditNanos;

    /** @param bytesPerSecond 0 for none */
    MinimumRate(Handler handler, long bytesPerSecond, Duration credit) {
        super(handler);
        this.bytesPerSecond = bytesPerSecond;
        this.creditNanos = credit.toNanos();
    }

    /** Content that came too slowly, or not at all for as long as a connection may be idle. */
    static final class TooSlow extends IOException {
        private static final long serialVersionUID = 1;

        TooSlow() {
            super("the content came too slowly");
        }
    }

    /** Whether a failure comes from that. Whoever reads the content wraps what he is told. */
    static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TooSlow) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return super.handle(request.getLength() == 0 ? request : new Watched(request), response, callback);
    }

    /** Its methods are never called by two threads at once: one reads, or waits. */
    private final class Watched extends Request.Wrapper {
        private volatile long leftNanos = creditNanos;
        private Content.@Nullable Chunk tooSlow;

        Watched(Request request) {
            super(request);
        }

        @Override
        public Content.@Nullable Chunk read() {
            if (tooSlow != null) {
                return tooSlow;
            }
            Content.Chunk chunk = super.read();
            if (chunk != null && chunk.getFailure() instanceof TimeoutException) {
                // the idle timeout's; by this name, since Javalin answers the other by itself
                return end();
            } else if (bytesPerSecond == 0) {
                return chunk;
            } else if (chunk != null) {
                long earned = TimeUnit.SECONDS.toNanos(chunk.remaining()) / bytesPerSecond;
                leftNanos = Math.min(creditNanos, leftNanos + earned);
            } else if (leftNanos < 0) {
                // not before all that has come was read: while a server is stopped, much may come
                return end();
            }
            return chunk;
        }

        private Content.Chunk end() {
            Content.Chunk failure = Content.Chunk.from(new TooSlow(), true);
            tooSlow = failure;
            return failure;
        }

        @Override
        public void demand(Runnable task) {
            long since = System.nanoTime();
            super.demand(() -> {
                // one thread after the other
                long left = leftNanos - (System.nanoTime() - since);
                leftNanos = left;
                task.run();
            });
        }
    }
}
