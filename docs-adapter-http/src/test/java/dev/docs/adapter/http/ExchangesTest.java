package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.http.Telemetry.AccessLog;
import dev.docs.application.Docs;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is told of each request, and what it is called. */
class ExchangesTest {
    private static final Pattern REQUEST_ID = Pattern.compile("(?im)^x-request-id: (\\S+)$");

    private final BlockingQueue<Exchange> told = new LinkedBlockingQueue<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final DocsServer server = DocsServer.start(
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false),
            Docs.builder()
                    .repository(new InMemoryDocumentRepository())
                    .store("main", new InMemoryStorage())
                    .build()
                    .documents(),
            Authenticator.none("anna"),
            new Telemetry(AccessLog.USERS, told::add, null, null));

    @AfterEach
    void stop() {
        server.close();
    }

    // Names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health/live HTTP/1.1",
                "GET /v1/usage HTTP/1.1",
                "GET /v1/nothing HTTP/1.1",
                "PUT /v1/documents HTTP/1.1",
                "OPTIONS * HTTP/1.1",
                "GET /v1/documents/%zz HTTP/1.1",
                "GET /v1/documents/%2e%2e/x HTTP/1.1",
                "GET /v1/documents?limit=0 HTTP/1.1",
                "GET /v1/documents HTTP/1.1\r\nX-Long: 0123456789",
                "GET /v1/documents HTTP/1.1\r\nContent-Length: x",
                "G@T / HTTP/1.1",
                "GARBAGE"
            })
    void every_answer_has_a_name_of_its_own(String request) throws Exception {
        String head =
                request.replace("0123456789", "x".repeat(9000)) + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        String answer = raw(head);
        String id = requestId(answer);
        assertThat(id).matches("[0-9a-f]{16}").isNotEqualTo(requestId(raw(head)));
        if (answer.contains("problem+json")) {
            assertThat(answer).contains("\"instance\":\"urn:request:" + id + "\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "proxy-1234.abc_DEF, true",
        "a, true",
        "01234567890123456789012345678901234567890123456789012345678901234, false",
        "a b, false",
        "a/b, false",
        "a\"b, false",
        "é, false",
        "{}, false"
    })
    void a_clients_name_for_its_request_is_kept_if_it_is_a_plain_one(String sent, boolean kept) throws Exception {
        String answer = raw("GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: " + sent
                + "\r\nConnection: close\r\n\r\n");
        assertThat(requestId(answer).equals(sent)).isEqualTo(kept);
        assertThat(answer).contains("\"instance\":\"urn:request:" + requestId(answer) + "\"");
    }

    @Test
    void of_two_names_neither_is_kept() throws Exception {
        String answer = raw("GET /v1/usage HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n"
                + "Connection: close\r\n\r\n");
        assertThat(requestId(answer)).matches("[0-9a-f]{16}");
    }

    // What is told

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/documents, /v1/documents, 200,",
        "HEAD, /v1/documents?name=x, /v1/documents, 200,",
        "GET, /v1/documents/nobody, /v1/documents/{id}, 404, not-found",
        "GET, /v1/users/anna/usage, /v1/users/{user}/usage, 200,",
        "PUT, /v1/documents, , 405, method-not-allowed",
        "GET, /v1/nothing, , 404, not-found",
        "BREW, /v1/documents, , 405, method-not-allowed",
        "GET, /v1/documents?limit=0, /v1/documents, 400, malformed"
    })
    void each_request_is_told_by_its_route(String method, String path, String route, int status, String problem)
            throws Exception {
        send(method, path, "");
        Exchange exchange = told.take();
        assertThat(exchange.method()).isEqualTo(method.equals("BREW") ? "other" : method);
        assertThat(exchange.route()).isEqualTo(route);
        assertThat(exchange.status()).isEqualTo(status);
        assertThat(exchange.problems()).isEqualTo(problem == null ? List.of() : List.of(problem));
        assertThat(exchange.nanos()).isPositive();
    }

    @Test
    void a_request_that_is_turned_away_at_the_door_is_told_with_the_route_it_was_for() throws Exception {
        HttpResponse<String> refused = http.send(
                HttpRequest.newBuilder(uri("/v1/usage"))
                        .header("Origin", "https://elsewhere.example")
                        .build(),
                BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(told.take()).satisfies(exchange -> {
            assertThat(exchange.route()).isEqualTo("/v1/usage");
            assertThat(exchange.problems()).containsExactly("access-denied");
        });
    }

    @Test
    void what_is_no_request_is_told_too() throws Exception {
        raw("GARBAGE\r\n\r\n");
        assertThat(told.take()).satisfies(exchange -> {
            assertThat(exchange.status()).isEqualTo(400);
            assertThat(exchange.route()).isNull();
            assertThat(exchange.problems()).containsExactly("bad-request");
        });
    }

    @Test
    void bytes_are_counted_both_ways() throws Exception {
        String body = "{\"name\": \"x\"}";
        HttpResponse<String> created = send("POST", "/v1/documents", body);
        assertThat(told.take()).satisfies(exchange -> {
            assertThat(exchange.bytesIn()).isEqualTo(body.length());
            assertThat(exchange.bytesOut()).isEqualTo(created.body().length());
        });
    }

    @Test
    void a_request_that_breaks_off_is_told() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write(
                            "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(told).singleElement().satisfies(exchange -> {
                    assertThat(exchange.route()).isEqualTo("/v1/documents");
                    assertThat(exchange.status()).isEqualTo(400);
                }));
    }

    @Test
    void each_refusal_of_many_is_told() throws Exception {
        send(
                "POST",
                "/v1/bulk",
                "{\"action\": \"archive\", \"ids\": [\"00000000-0000-7000-8000-000000000000\", \"00000000-0000-7000-8000-000000000001\"]}");
        assertThat(told.take().problems()).containsExactly("not-found", "not-found");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String requestId(String answer) {
        Matcher matcher = REQUEST_ID.matcher(answer);
        assertThat(matcher.find()).as(answer).isTrue();
        String id = matcher.group(1);
        assertThat(matcher.find()).as("it has one name").isFalse();
        return id;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
