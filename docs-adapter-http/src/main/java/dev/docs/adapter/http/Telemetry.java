package dev.docs.adapter.http;

import java.util.function.Consumer;

/**
 * Who is told what the server does.
 *
 * @param accessLog whether each request has a line in the log
 * @param exchanges told of each request when it has ended; called by many threads, and must be quick
 */
public record Telemetry(AccessLog accessLog, Consumer<Exchange> exchanges) {
    /** Nobody. */
    public static final Telemetry NONE = new Telemetry(AccessLog.OFF, exchange -> {});

    /** What the log says of each request. */
    public enum AccessLog {
        /** Nothing. */
        OFF,
        /** Everything but who it was. */
        ANONYMOUS,
        /** Users as well, by their ids. */
        USERS
    }
}
