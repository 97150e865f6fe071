package dev.docs.adapter.http;

import java.time.Duration;

/**
 * How to listen.
 *
 * @param port 0 for any free one
 * @param maxConnections at once; further ones wait in the operating system's queue
 * @param idleTimeout after which a connection on which nothing moves is closed
 * @param stopTimeout how long requests under way may take to finish when the server stops
 * @param requireIfMatch whether changes without If-Match are refused with 428
 */
public record HttpOptions(
        String host, int port, int maxConnections, Duration idleTimeout, Duration stopTimeout, boolean requireIfMatch) {
    public static final HttpOptions DEFAULT =
            new HttpOptions("127.0.0.1", 8080, 1024, Duration.ofSeconds(30), Duration.ofSeconds(30), false);

    public HttpOptions withPort(int newPort) {
        return new HttpOptions(host, newPort, maxConnections, idleTimeout, stopTimeout, requireIfMatch);
    }
}
