package dev.docs.adapter.http;

import java.time.Duration;
import java.util.Set;

/**
 * How to listen.
 *
 * @param port 0 for any free one
 * @param maxConnections at once; further ones wait in the operating system's queue
 * @param idleTimeout after which a connection on which nothing moves is closed
 * @param stopTimeout how long requests under way may take to finish when the server stops
 * @param requireIfMatch whether changes without If-Match are refused with 428
 * @param minUploadRate bytes a second that a request's content has to come at, averaged over the idle timeout; 0 for any
 * @param corsOrigins whose pages may use the API from a browser, as browsers name them: {@code https://example.org}
 */
public record HttpOptions(
        String host,
        int port,
        int maxConnections,
        Duration idleTimeout,
        Duration stopTimeout,
        boolean requireIfMatch,
        long minUploadRate,
        Set<String> corsOrigins) {
    public static final HttpOptions DEFAULT =
            new HttpOptions("127.0.0.1", 8080, 1024, Duration.ofSeconds(30), Duration.ofSeconds(30), false);

    public HttpOptions {
        corsOrigins = Set.copyOf(corsOrigins);
    }

    /** With any rate of uploads, and for pages of the server's own origin alone. */
    public HttpOptions(
            String host,
            int port,
            int maxConnections,
            Duration idleTimeout,
            Duration stopTimeout,
            boolean requireIfMatch) {
        this(host, port, maxConnections, idleTimeout, stopTimeout, requireIfMatch, 0, Set.of());
    }

    public HttpOptions withPort(int newPort) {
        return new HttpOptions(
                host, newPort, maxConnections, idleTimeout, stopTimeout, requireIfMatch, minUploadRate, corsOrigins);
    }

    public HttpOptions withMinUploadRate(long newRate) {
        return new HttpOptions(
                host, port, maxConnections, idleTimeout, stopTimeout, requireIfMatch, newRate, corsOrigins);
    }

    public HttpOptions withCorsOrigins(Set<String> origins) {
        return new HttpOptions(
                host, port, maxConnections, idleTimeout, stopTimeout, requireIfMatch, minUploadRate, origins);
    }

    /** Whether a host's name stands for this machine whatever a name service says. */
    static boolean isLoopbackName(String name) {
        return name.equals("localhost")
                || name.matches("127(\\.\\d{1,3}){3}")
                || name.equals("[::1]")
                || name.equals("::1");
    }
}
