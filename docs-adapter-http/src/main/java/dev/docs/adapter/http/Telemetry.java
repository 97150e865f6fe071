package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * Who is told what the server does.
 *
 * @param accessLog whether each request has a line in the log
 * @param exchanges told of each request when it has ended; called by many threads, and must be quick
 * @param metrics what {@code /metrics} shows; null if there is no such path
 */
public record Telemetry(
        AccessLog accessLog,
        Consumer<Exchange> exchanges,
        @Nullable Metrics metrics) {
    /** Nobody. */
    public static final Telemetry NONE = new Telemetry(AccessLog.OFF, exchange -> {}, null);

    /** What the log says of each request. */
    public enum AccessLog {
        /** Nothing. */
        OFF,
        /** Everything but who it was. */
        ANONYMOUS,
        /** Users as well, by their ids. */
        USERS
    }

    /**
     * A page of metrics.
     *
     * @param open whether anybody may read it, and not administrators only
     */
    public record Metrics(boolean open, Exposition exposition) {}

    /** Writes all metrics as they are now, in a format that Prometheus knows. */
    @FunctionalInterface
    public interface Exposition {
        /** @param contentType of Prometheus' text format, or of OpenMetrics */
        void write(OutputStream out, String contentType) throws IOException;
    }
}
