package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A real server over adapters on the heap with one document in it, which paths name by {@code ID}. */
final class OneDocumentServer implements AutoCloseable {
    static final Caller ANNA = Caller.administrator("anna");
    /** Of the document: all of its life is one instant. */
    static final Instant NOW = Instant.parse("2026-11-03T10:15:30.123Z");

    static final byte[] CONTENT = "0123456789".getBytes(StandardCharsets.US_ASCII);

    final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    final Docs docs;
    final DocumentData document;
    private final DocsServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    /** @param requireIfMatch as of {@link HttpOptions} */
    OneDocumentServer(boolean requireIfMatch) {
        this(requireIfMatch, Set.of());
    }

    OneDocumentServer(boolean requireIfMatch, Set<String> corsOrigins) {
        docs = Docs.builder()
                .repository(repository)
                .store("main", new InMemoryStorage())
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .build();
        document = docs.documents()
                .create(ANNA, NewDocument.named("x"), NewContent.of(CONTENT).withType("text/plain"));
        // stops without waiting for the client's idle connections
        HttpOptions options =
                new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), requireIfMatch);
        // which is anna's, wherever the page comes from
        server = DocsServer.start(options.withCorsOrigins(corsOrigins), docs.documents(), request -> ANNA);
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        return sendBody(method, path, "", headers);
    }

    HttpResponse<String> sendBody(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()
                        + path.replace("ID", document.id().toString())))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes as they are, and reads until the server closes the connection. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(request.replace("ID", document.id().toString()).getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void assertProblem(HttpResponse<String> answer, int status, String type) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).contains("\"type\":\"/problems/" + type + "\"", "\"status\":" + status);
    }

    /** The header's value; "none" without one. */
    static String header(HttpResponse<?> answer, String name) {
        List<String> values = answer.headers().allValues(name);
        return values.isEmpty() ? "none" : String.join(", ", values);
    }

    /** All headers but what is of one request, or of its moment. */
    static Map<String, Object> headers(HttpResponse<?> answer) {
        Map<String, Object> headers = new TreeMap<>(answer.headers().map());
        headers.remove("date");
        headers.remove("x-request-id");
        return headers;
    }
}
