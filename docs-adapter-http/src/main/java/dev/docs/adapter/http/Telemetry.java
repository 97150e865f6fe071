package dev.docs.adapter.http;

import dev.docs.domain.DocumentData;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Who is told what the server does.
 *
 * @param accessLog whether each request has a line in the log
 * @param exchanges told of each request when it has ended; called by many threads, and must be quick
 * @param metrics what {@code /metrics} shows; null if there is no such path
 * @param upkeep what {@code /v1/storage} shows, asked for with the most damaged documents that it may name; null if there is
 *     no such path
 */
public record Telemetry(
        AccessLog accessLog,
        Consumer<Exchange> exchanges,
        @Nullable Metrics metrics,
        @Nullable IntFunction<Upkeep> upkeep) {
    /** Nobody. */
    public static final Telemetry NONE = new Telemetry(AccessLog.OFF, exchange -> {}, null, null);

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

    /**
     * How the server looks after what is stored.
     *
     * @param verifiedShare of all bytes, those that were stored or read back in the last 30 days, 0 to 1; null if that was
     *     not counted yet
     * @param damaged documents whose content is missing or damaged
     */
    public record Upkeep(List<Chore> chores, @Nullable Double verifiedShare, List<DocumentData> damaged) {
        public Upkeep {
            chores = List.copyOf(chores);
            damaged = List.copyOf(damaged);
        }
    }

    /** Work that this server does again and again, and when it last came to its end or failed; null if it never did. */
    public record Chore(
            String name,
            @Nullable Instant lastSuccess,
            @Nullable Instant lastFailure) {}

    /** Writes all metrics as they are now, in a format that Prometheus knows. */
    @FunctionalInterface
    public interface Exposition {
        /** @param contentType of Prometheus' text format, or of OpenMetrics */
        void write(OutputStream out, String contentType) throws IOException;
    }
}
