package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;

/**
 * Connections on which a request's header has to be there a while after its first byte. Jetty ends what is silent: a client that
 * sends a byte before that, again and again, would keep its connection for hours.
 *
 * <p>Looked at whenever something comes, so without a clock of its own; if nothing comes, Jetty's idle timeout is at work.
 */
final class HeaderDeadline extends HttpConnectionFactory {
    /** Four times Jetty's: an upload asks the system less often. A connection that is idle has none. */
    private static final int INPUT_BYTES = 32 << 10;

    private final long nanos;

    HeaderDeadline(HttpConfiguration configuration, Duration limit) {
        super(configuration);
        setInputBufferSize(INPUT_BYTES);
        this.nanos = limit.toNanos();
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        return configure(new Timed(connector, endPoint), connector, endPoint);
    }

    /** By one thread at a time: Jetty asks for more only when it has read what there was. */
    private final class Timed extends HttpConnection {
        private @Nullable RequestHandler handler;
        private volatile boolean inHeader;
        private volatile long beganNanos;

        Timed(Connector connector, EndPoint endPoint) {
            super(HeaderDeadline.this.getHttpConfiguration(), connector, endPoint);
            setTransferEncodingChunkMaxLength(HeaderDeadline.this.getTransferEncodingChunkMaxLength());
        }

        @Override
        public void onFillable() {
            if (!inHeader) {
                inHeader = true;
                beganNanos = System.nanoTime();
            } else if (System.nanoTime() - beganNanos > nanos) {
                // said as of any other header that is wrong, and so told of and counted as such
                Objects.requireNonNull(handler)
                        .badMessage(new HttpException.RuntimeException(408, "the header comes too slowly"));
                return;
            }
            super.onFillable();
        }

        @Override
        protected RequestHandler newRequestHandler() {
            handler = new RequestHandler() {
                @Override
                public boolean headerComplete() {
                    inHeader = false;
                    return super.headerComplete();
                }
            };
            return handler;
        }
    }
}
