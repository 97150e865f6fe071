package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.TokenService;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
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
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What is common to every request, on a real server over adapters on the heap. */
class DocsServerTest {
    private static final Caller ANNA = Caller.user("anna");

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final InMemoryStorage storage = new InMemoryStorage();
    private final Docs docs =
            Docs.builder().repository(repository).store("main", storage).build();
    private final TokenService tokens = new TokenService(new InMemoryTokenRepository(repository), Clock.systemUTC());
    private final HttpClient http = HttpClient.newHttpClient();
    private @Nullable DocsServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private int start(Authenticator authenticator) {
        server = DocsServer.start(HttpOptions.DEFAULT.withPort(0), docs.documents(), authenticator);
        return server.port();
    }

    @Test
    void stopping_lets_an_upload_under_way_finish_and_neither_takes_new_ones_nor_waits_for_idle_clients()
            throws Exception {
        int port = start(Authenticator.none("anna"));
        DocsServer running = Objects.requireNonNull(server);
        CompletableFuture<Void> stopped;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
            idle.getOutputStream()
                    .write("HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(firstLine(idle)).startsWith("HTTP/1.1 200 ");
            OutputStream out = socket.getOutputStream();
            String part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow\"\r\n\r\n";
            String end = "\r\n--b--\r\n";
            int length = part.length() + 100_000 + end.length();
            String head = "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length
                    + "\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n";
            out.write((head + part).getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[50_000]);
            out.flush();
            Awaitility.await().until(() -> repository.usage("anna").reservedBytes() > 0);

            stopped = CompletableFuture.runAsync(running::close);
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                            .isInstanceOf(ConnectException.class));
            idle.getInputStream().readAllBytes();
            assertThat(stopped).isNotDone();

            // an idle client that was waited for would have been so until this one had paused for too long
            out.write(new byte[50_000]);
            out.write(end.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 201 ");
        }
        stopped.get(20, TimeUnit.SECONDS);
        assertThat(repository.usage("anna").usedBytes()).isEqualTo(100_000);
    }

    @Test
    void a_body_is_not_asked_for_when_its_sender_may_not_send_it() throws Exception {
        int port = start(Authenticator.tokens(tokens));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("PUT /v1/documents/00000000-0000-7000-8000-000000000000/content HTTP/1.1\r\n"
                                    + "Host: localhost\r\nAuthorization: Bearer docs_nobody\r\nExpect: 100-continue\r\n"
                                    + "Content-Length: 1000000000\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void a_refusal_reaches_a_client_that_first_sends_its_whole_body() throws Exception {
        int port = start(Authenticator.tokens(tokens));
        int length = 50_000_000;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /v1/documents/00000000-0000-7000-8000-000000000000/content HTTP/1.1\r\n"
                            + "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer docs_nobody\r\n"
                            + "Content-Length: " + length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] block = new byte[1_000_000];
            for (int sent = 0; sent < length; sent += block.length) {
                out.write(block);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 401 ")
                    .endsWith("}");
        }
    }

    @Test
    void lost_bytes_are_never_passed_off_as_a_download() throws Exception {
        int port = start(Authenticator.none("anna"));
        DocumentData document = docs.documents().create(ANNA, NewDocument.named("x"), NewContent.of(new byte[100_000]));
        storage.cut(Objects.requireNonNull(document.content()).url(), 50_000);
        String url = "http://127.0.0.1:" + port + "/v1/documents/" + document.id();

        HttpResponse<String> content = get(url + "/content", List.of());

        assertThat(content.statusCode()).isEqualTo(409);
        assertThat(content.body()).contains("/problems/content-lost");
        DocumentData found = docs.documents().get(ANNA, document.id());
        assertThat(found.status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(found.statusReason()).contains("missing or damaged");
    }

    @Test
    void a_proxy_is_believed_from_its_own_address_only() throws Exception {
        int port = start(Authenticator.proxy("X-User", Set.of("root"), List.of("127.0.0.0/8")));
        String url = "http://127.0.0.1:" + port + "/v1/usage";
        assertThat(get(url, List.of()).statusCode()).isEqualTo(401);
        assertThat(get(url, List.of("X-User", "anna")).body()).contains("\"anna\"");
        assertThat(get("http://127.0.0.1:" + port + "/v1/users/anna/usage", List.of("X-User", "bob"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(get("http://127.0.0.1:" + port + "/v1/users/anna/usage", List.of("X-User", "root"))
                        .statusCode())
                .isEqualTo(200);
        Objects.requireNonNull(server).close();

        int other = start(Authenticator.proxy("X-User", Set.of(), List.of("10.0.0.0/8")));
        assertThat(get("http://127.0.0.1:" + other + "/v1/usage", List.of("X-User", "anna"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void without_authentication_other_sites_and_other_names_are_refused() throws Exception {
        int port = start(Authenticator.none("anna"));
        assertThat(raw(port, "GET /v1/usage HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .contains(" 200 ");
        assertThat(raw(port, "GET /v1/usage HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .contains(" 403 ");
        assertThat(raw(port, "GET /v1/usage HTTP/1.1\r\nHost: 127.evil.example\r\n\r\n"))
                .contains(" 403 ");
        assertThat(raw(port, "GET /v1/usage HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n"))
                .contains(" 403 ");
    }

    @Test
    void nonsense_earns_a_problem_and_never_a_500() throws Exception {
        int port = start(Authenticator.none("anna"));
        String host = " HTTP/1.1\r\nHost: localhost\r\n";
        assertThat(raw(port, "NONSENSE\r\n\r\n")).contains(" 400 ");
        assertThat(raw(port, "GET /v1/documents/%2e%2e/x" + host + "\r\n")).contains(" 400 ");
        assertThat(raw(port, "GET /v1/documents/a%2fb" + host + "\r\n")).contains(" 400 ");
        assertThat(raw(port, "GET /v1/nothing" + host + "\r\n")).contains(" 404 ");
        assertThat(raw(port, "PUT /v1/documents" + host + "Content-Length: 0\r\n\r\n"))
                .contains(" 405 ");
        assertThat(raw(port, "GET /v1/documents" + host + "X: " + "x".repeat(9000) + "\r\n\r\n"))
                .contains(" 431 ");
        assertThat(raw(port, "GET /v1/documents/x/content" + host + "\r\n")).contains(" 404 ");
        assertThat(raw(port, "POST /v1/documents" + host + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"))
                .contains(" 415 ");
    }

    @Test
    void a_header_cannot_turn_a_read_into_a_removal() throws Exception {
        int port = start(Authenticator.none("anna"));
        DocumentData document = docs.documents().create(ANNA, NewDocument.named("x"), NewContent.of(new byte[1]));
        String url = "http://127.0.0.1:" + port + "/v1/documents/" + document.id();

        assertThat(get(url, List.of("X-HTTP-Method-Override", "DELETE")).statusCode())
                .isEqualTo(200);

        assertThat(docs.documents().get(ANNA, document.id()).status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    @Test
    void a_compressed_answers_tag_works_in_conditions_and_content_is_never_compressed() throws Exception {
        int port = start(Authenticator.none("anna"));
        DocumentData document = docs.documents()
                .create(
                        ANNA,
                        NewDocument.named("x".repeat(200)),
                        NewContent.of(new byte[5000]).withType("text/plain"));
        String url = "http://127.0.0.1:" + port + "/v1/documents/" + document.id();
        for (String encoding : List.of("gzip", "br", "zstd")) {
            HttpResponse<String> compressed = get(url, List.of("Accept-Encoding", encoding));
            assertThat(compressed.headers().firstValue("Content-Encoding")).contains(encoding);
            assertThat(compressed.headers().allValues("Vary")).contains("Accept-Encoding");
            String tag = compressed.headers().firstValue("ETag").orElseThrow();
            assertThat(get(url, List.of("Accept-Encoding", encoding, "If-None-Match", tag))
                            .statusCode())
                    .isEqualTo(304);
            HttpRequest patch = HttpRequest.newBuilder(URI.create(url))
                    .header("If-Match", tag)
                    .header("Content-Type", "application/merge-patch+json")
                    .method("PATCH", BodyPublishers.ofString("{}"))
                    .build();
            assertThat(http.send(patch, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            HttpResponse<String> content = get(url + "/content", List.of("Accept-Encoding", encoding));
            assertThat(content.headers().firstValue("Content-Encoding")).isEmpty();
        }
        assertThat(get(url, List.of("Accept-Encoding", "gzip;q=0")).headers().firstValue("Content-Encoding"))
                .isEmpty();
    }

    private HttpResponse<String> get(String url, List<String> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    /** Sends a request as it is; returns the head of the answer. */
    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return firstLine(socket);
        }
    }

    private static String firstLine(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
            line.append((char) c);
        }
        return line + " ";
    }
}
