package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.application.TokenService;
import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.ByteRange;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.StorageUrl;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Every route of a real server, over adapters on the heap. */
final class HttpServerTest {
    private static final Caller ANNA = Caller.administrator("anna");
    /** Stops without waiting for the client's idle connections. */
    private static final HttpOptions OPTIONS =
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false);

    private static final Instant NOW = Instant.parse("2026-11-03T10:15:30.123Z");

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final EarlyEnd storage = new EarlyEnd();
    private final Docs docs = Docs.builder()
            .repository(repository)
            .store("main", storage)
            .clock(Clock.fixed(NOW, ZoneOffset.UTC))
            .build();
    private final HttpClient http = HttpClient.newHttpClient();
    private DocsServer server = DocsServer.start(OPTIONS, docs.documents(), Authenticator.none("anna"));
    private DocumentData document =
            DocumentData.pending(new java.util.UUID(1, 1), "nobody", "x", null, dev.docs.domain.Metadata.EMPTY, NOW);

    @BeforeEach
    void oneDocument() {
        document = docs.documents()
                .create(
                        ANNA,
                        NewDocument.named("x".repeat(200)),
                        NewContent.of(new byte[5000]).withType("text/plain"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // Routes and methods

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/documents",
                "/v1/documents?limit=1&count=true",
                "/v1/documents/ID",
                "/v1/documents/ID/content",
                "/v1/documents/ID/content?version=1&disposition=inline",
                "/v1/documents/ID/versions",
                "/v1/documents/ID/versions/1",
                "/v1/usage",
                "/v1/users/anna/usage",
                "/health/live",
                "/health/ready",
                "/v1/documents/nobody",
                "/v1/documents?limit=0"
            })
    void headAnswersAsGetDoesWithoutABody(String path) throws Exception {
        HttpResponse<String> get = send("GET", path, "");
        HttpResponse<String> head = send("HEAD", path, "");
        assertThat(head.statusCode()).isEqualTo(get.statusCode());
        assertThat(head.body()).isEmpty();
        assertThat(lasting(head)).isEqualTo(lasting(get));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "/v1/documents; PUT; GET, HEAD, POST, OPTIONS",
                "/v1/documents; DELETE; GET, HEAD, POST, OPTIONS",
                "/v1/documents/ID; PUT; DELETE, GET, HEAD, PATCH, OPTIONS",
                "/v1/documents/ID; POST; DELETE, GET, HEAD, PATCH, OPTIONS",
                "/v1/documents/ID/content; POST; GET, HEAD, PUT, OPTIONS",
                "/v1/documents/ID/content; PATCH; GET, HEAD, PUT, OPTIONS",
                "/v1/documents/ID/versions; DELETE; GET, HEAD, OPTIONS",
                "/v1/documents/ID/versions/1; PUT; DELETE, GET, HEAD, OPTIONS",
                "/v1/documents/ID/versions/1/restore; GET; POST, OPTIONS",
                "/v1/usage; POST; GET, HEAD, OPTIONS",
                "/v1/users/anna/usage; PUT; GET, HEAD, OPTIONS",
                "/v1/users/anna/quota; GET; PUT, OPTIONS",
                "/v1/users/anna; GET; DELETE, OPTIONS",
                "/health/live; POST; GET, HEAD, OPTIONS"
            })
    void aWrongMethodIsToldTheRightOnes(String path, String method, String allowed) throws Exception {
        HttpResponse<String> answer = send(method, path, "");
        assertProblem(answer, 405);
        assertThat(new TreeSet<>(List.of(
                        answer.headers().firstValue("Allow").orElse("none").split(", "))))
                .isEqualTo(new TreeSet<>(List.of(allowed.split(", "))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/nothing HTTP/1.1",
                "GET /nothing HTTP/1.1",
                "GET /v1/documents/%2e%2e/users HTTP/1.1",
                "GET /v1/documents/../../etc/passwd HTTP/1.1",
                "GET /v1/documents/a%2Fb HTTP/1.1",
                "GET /v1/documents/a%5Cb HTTP/1.1",
                "GET /v1/documents/%00 HTTP/1.1",
                "GET /v1/documents/%C3%28 HTTP/1.1",
                "GET /v1/documents/%zz HTTP/1.1",
                "GET /v1//documents HTTP/1.1",
                "GET //v1/documents HTTP/1.1",
                "GET /v1/documents;a=b/x HTTP/1.1",
                "GET /v1/documents?name=%C3%28 HTTP/1.1",
                "GET /v1/documents?name=%ED%A0%80 HTTP/1.1",
                "GET /v1/documents?name=%zz HTTP/1.1",
                "GET /v1/documents?%ED%A0%80=x HTTP/1.1",
                "GET /v1/documents?%00=x HTTP/1.1",
                "GET /v1/documents?user_id=%00 HTTP/1.1",
                "GET /v1/users/%01/usage HTTP/1.1",
                "GET v1/documents HTTP/1.1",
                "G@T /v1/documents HTTP/1.1",
                "TRACE /v1/documents HTTP/1.1",
                "GARBAGE"
            })
    void nonsenseEarnsAProblem(String line) throws Exception {
        assertCleanProblem(raw(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }

    @Test
    void whatIsTooLongEarnsAProblem() throws Exception {
        String end = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assertCleanProblem(raw("GET /v1/documents?name=" + "x".repeat(20_000) + " HTTP/1.1" + end));
        assertCleanProblem(raw("GET /" + "x".repeat(20_000) + " HTTP/1.1" + end));
        assertCleanProblem(raw("GET /v1/documents HTTP/1.1\r\nX-Long: " + "x".repeat(9000) + end));
        assertCleanProblem(raw("GET /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"));
    }

    // JSON

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"nmae\": \"x\"}",
                "{\"name\": \"x\", \"\\ud800\": 1}",
                "{\"name\": \"x\", \"a/b~c\": 1}",
                "{\"name\": \"x\", \"name\": \"y\"}",
                "{\"name\": \"x\"} trailing",
                "{\"name\": \"x\"",
                "{\"name\": \"\\u0000\"}",
                "{\"name\": \"\\ud800\"}",
                "{\"name\": \"\"}",
                "{\"name\": 5}",
                "{\"name\": null}",
                "{\"name\": \"x\", \"metadata\": []}",
                "{\"name\": \"x\", \"metadata\": {\"a\": \"\\udfff\"}}",
                "{\"name\": \"x\", \"metadata\": {\"\\udfff\": 1}}",
                "{\"name\": \"x\", \"metadata\": {\"a\": 1e999999999}}",
                "{\"name\": \"x\", \"size_bytes\": -1}",
                "{\"name\": \"x\", \"size_bytes\": 1.5}",
                "{\"name\": \"x\", \"size_bytes\": 99999999999999999999}",
                "{\"name\": \"x\", \"mime_type\": \"\\ud800/x\"}",
                "{\"name\": \"x\", \"user_id\": \"\\ud800\"}",
                "{name: \"x\"}",
                "[]",
                "null",
                ""
            })
    void aWrongBodyEarnsAProblem(String body) throws Exception {
        HttpResponse<String> answer = send("POST", "/v1/documents", body, "Content-Type", "application/json");
        assertThat(answer.statusCode()).isIn(400, 413, 422);
        assertProblem(answer, answer.statusCode());
    }

    @Test
    void faultsAreNamedByFieldAndLimit() throws Exception {
        assertThat(reserve("{\"nmae\": \"x\"}")).contains("\"/nmae\"");
        assertThat(reserve("{\"name\": \"x\", \"a/b~c\": 1}")).contains("\"/a~1b~0c\"");
        assertThat(reserve("{\"name\": \"" + "x".repeat(256) + "\"}")).contains("\"/name\"", "\"limit\":255");
        assertThat(reserve("{\"name\": \"x\", \"metadata\": " + nested(9) + "}"))
                .contains("\"/metadata", "\"limit\":8");
        assertThat(reserve("{\"name\": \"x\", \"metadata\": " + nested(1000) + "}"))
                .contains("100")
                .doesNotContain("not valid JSON");
        assertThat(reserve("{\"name\": \"" + "x".repeat(1 << 20) + "\"}")).contains("too-large", "1048576");
    }

    // Uploads

    @Test
    void anUploadThatIsCutLeavesNothing() throws Exception {
        long before = repository.usage("anna").usedBytes();
        for (String head : List.of(
                "POST /v1/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n",
                "PUT /v1/documents/" + document.id() + "/content HTTP/1.1\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream()
                        .write((head + "Host: localhost\r\nContent-Length: 200000\r\n\r\n"
                                        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                                        + "x".repeat(60_000))
                                .getBytes(StandardCharsets.US_ASCII));
                Awaitility.await().until(() -> repository.usage("anna").reservedBytes() > 0);
            }
            Awaitility.await().until(() -> repository.usage("anna").reservedBytes() == 0);
        }
        assertThat(repository.usage("anna").usedBytes()).isEqualTo(before);
        assertThat(docs.documents()
                        .list(
                                ANNA,
                                DocumentQuery.builder("anna")
                                        .statuses(EnumSet.allOf(DocumentStatus.class))
                                        .build(),
                                null,
                                10)
                        .items())
                .containsExactly(document);
        assertThat(storage.list(null, 10)).isEmpty();
    }

    @Test
    void aFormThatEndsEarlyButPolitelyIsRefusedAndLeavesNothing() throws Exception {
        String part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
        for (String body : List.of(part + "x".repeat(30_000), part + "x\r\n" + part + "y".repeat(30_000))) {
            assertProblem(send("POST", "/v1/documents", body, "Content-Type", "multipart/form-data; boundary=b"), 400);
        }
        assertThat(repository.usage("anna").documents().get(DocumentStatus.ACTIVE))
                .isEqualTo(1);
        assertThat(repository.usage("anna").reservedBytes()).isZero();
    }

    // Content

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 50_000, 150_000})
    void bytesThatEndEarlyBreakTheAnswer(int left) {
        DocumentData large = docs.documents().create(ANNA, NewDocument.named("x"), NewContent.of(new byte[200_000]));
        storage.left = left;
        HttpRequest request =
                request("GET", "/v1/documents/" + large.id() + "/content", "").build();
        if (left == 0) {
            // nothing was sent yet, so an honest status still can be
            assertThat(catchIo(request))
                    .satisfiesAnyOf(
                            status -> assertThat(status).isNull(),
                            status -> assertThat(status).isGreaterThanOrEqualTo(400));
        } else {
            assertThatThrownBy(() -> http.send(request, BodyHandlers.ofByteArray()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void datesHaveTwoDigitsForTheDay() throws Exception {
        HttpResponse<String> answer = send("GET", "/v1/documents/ID/content", "");
        String modified = answer.headers().firstValue("Last-Modified").orElseThrow();
        assertThat(modified).isEqualTo("Tue, 03 Nov 2026 10:15:30 GMT");
        assertThat(send("GET", "/v1/documents/ID/content", "", "If-Modified-Since", modified)
                        .statusCode())
                .isEqualTo(304);
    }

    @Test
    void tagsMayComeInSeveralHeaders() throws Exception {
        String tag =
                send("GET", "/v1/documents/ID", "").headers().firstValue("ETag").orElseThrow();
        assertThat(send("GET", "/v1/documents/ID", "", "If-None-Match", "\"x\"", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        assertThat(send("DELETE", "/v1/documents/ID", "", "If-Match", "\"x\"", "If-Match", tag)
                        .statusCode())
                .isEqualTo(204);
    }

    // Compression

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip -> gzip",
                "br;q=0.1, gzip;q=0.9 -> gzip",
                "gzip;q=0, br -> br",
                "gzip;q=0 -> none",
                "gzip;q=0, br;q=0, zstd;q=0 -> none",
                "identity -> none",
                "deflate -> none",
                "*;q=0 -> none"
            })
    void compressionIsAsTheClientLikesIt(String line) throws Exception {
        String accepted = line.substring(0, line.indexOf(" -> "));
        String expected = line.substring(line.indexOf(" -> ") + 4);
        HttpResponse<String> answer = send("GET", "/v1/documents?limit=50", "", "Accept-Encoding", accepted);
        assertThat(answer.headers().firstValue("Content-Encoding").orElse("none"))
                .isEqualTo(expected);
        assertThat(String.join(",", answer.headers().allValues("Vary"))).contains("Accept-Encoding");
        assertThat(send("GET", "/v1/documents/ID/content", "", "Accept-Encoding", accepted)
                        .headers()
                        .firstValue("Content-Encoding"))
                .isEmpty();
    }

    // Who is calling

    @Test
    void tokensAreAskedForAndCheckedOnEveryRoute() throws Exception {
        TokenService tokens = new TokenService(
                new InMemoryTokenRepository(repository), Clock.offset(Clock.fixed(NOW, ZoneOffset.UTC), Duration.ZERO));
        String good = tokens.create("anna", false, null).secret();
        String expired = new TokenService(
                        new InMemoryTokenRepository(repository), Clock.fixed(NOW.minusSeconds(61), ZoneOffset.UTC))
                .create("anna", false, Duration.ofMinutes(1))
                .secret();
        restart(Authenticator.tokens(tokens));
        for (String path :
                List.of("/v1/documents", "/v1/documents/ID", "/v1/documents/ID/content", "/v1/usage", "/v1/x")) {
            HttpResponse<String> none = send("GET", path, "");
            assertProblem(none, 401);
            assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            for (String bad : List.of("Bearer " + expired, "Bearer nonsense", "Basic " + good, "Bearer", good)) {
                HttpResponse<String> answer = send("GET", path, "", "Authorization", bad);
                assertProblem(answer, 401);
                assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                        .startsWith("Bearer");
                assertThat(answer.body()).doesNotContain(good);
            }
            assertThat(send("GET", path, "", "Authorization", "bearer " + good).statusCode())
                    .isIn(200, 404);
        }
    }

    @Test
    void aProxyThatNamesTwoUsersNamesNone() throws Exception {
        restart(Authenticator.proxy("X-User", Set.of("root"), List.of("127.0.0.1")));
        assertThat(send("GET", "/v1/usage", "", "X-User", "anna").statusCode()).isEqualTo(200);
        assertProblem(send("GET", "/v1/usage", "", "X-User", "root", "X-User", "anna"), 401);
        assertProblem(send("GET", "/v1/usage", "", "X-User", "u".repeat(300)), 401);
    }

    // Common to all

    private void restart(Authenticator authenticator) {
        server.close();
        server = DocsServer.start(OPTIONS, docs.documents(), authenticator);
    }

    private String reserve(String body) throws Exception {
        return send("POST", "/v1/documents", body, "Content-Type", "application/json")
                .body();
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = request(method, path, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()
                        + path.replace("ID", document.id().toString())))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    private @Nullable Integer catchIo(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofByteArray()).statusCode();
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertCleanProblem(String answer) {
        assertThat(answer)
                .matches("(?s)HTTP/1.1 4\\d\\d .*")
                .containsIgnoringCase("content-type: application/problem+json")
                .contains("\"type\":\"/problems/")
                .doesNotContain("Exception", "\tat ", "etty");
    }

    @Test
    void changes_of_versions_name_the_revision_they_change_where_that_is_insisted_on() throws Exception {
        docs.documents().replaceContent(ANNA, document.id(), Precondition.NONE, NewContent.of(new byte[10]));
        server.close();
        HttpOptions insisting =
                new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), true);
        server = DocsServer.start(insisting, docs.documents(), Authenticator.none("anna"));

        assertProblem(send("POST", "/v1/documents/ID/versions/1/restore", ""), 428);
        assertProblem(send("DELETE", "/v1/documents/ID/versions/1", ""), 428);
        assertProblem(send("DELETE", "/v1/documents/ID/versions/1", "", "If-Match", "\"r2\""), 412);

        HttpResponse<String> restored = send("POST", "/v1/documents/ID/versions/1/restore", "", "If-Match", "\"r3\"");
        assertThat(restored.statusCode()).isEqualTo(200);
        assertThat(restored.headers().firstValue("ETag")).contains("\"r4\"");
        assertThat(send("DELETE", "/v1/documents/ID/versions/1", "", "If-Match", "\"r4\"")
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void a_body_is_not_asked_for_when_there_is_too_little_space_for_it() throws Exception {
        DocumentData document = docs.documents().create(ANNA, NewDocument.named("a"), NewContent.of(new byte[5]));
        storage.usable = 200L << 20;
        for (String request : List.of(
                "POST /v1/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n",
                "PUT /v1/documents/" + document.id() + "/content HTTP/1.1\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.getOutputStream()
                        .write((request
                                        + "Host: localhost\r\nExpect: 100-continue\r\nContent-Length: 150000000\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                byte[] start = socket.getInputStream().readNBytes(13);
                assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 507 ");
            }
        }
    }

    private static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"status\":" + status).doesNotContain("Exception", "\tat ");
    }

    private static Map<String, List<String>> lasting(HttpResponse<?> answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.remove("date");
        headers.remove("x-request-id");
        return headers;
    }

    /** A store whose bytes may end before they should, as on a failing disk. */
    private static final class EarlyEnd extends ForwardingStorage {
        private volatile int left = Integer.MAX_VALUE;
        private volatile long usable = Long.MAX_VALUE;

        EarlyEnd() {
            super(new InMemoryStorage());
        }

        @Override
        public ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
            ReadableByteChannel channel = super.retrieve(url, range);
            return new ReadableByteChannel() {
                private int rest = left;

                @Override
                public int read(ByteBuffer dst) throws IOException {
                    if (rest == 0) {
                        return -1;
                    }
                    ByteBuffer part = dst.slice(dst.position(), Math.min(rest, dst.remaining()));
                    int read = channel.read(part);
                    rest -= Math.max(0, read);
                    dst.position(dst.position() + Math.max(0, read));
                    return read;
                }

                @Override
                public boolean isOpen() {
                    return channel.isOpen();
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }

        @Override
        public OptionalLong usableBytes() {
            return OptionalLong.of(usable);
        }
    }
}
