package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.Docs;
import dev.docs.application.Limits;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code Idempotency-Key} on a real server, over adapters on the heap. More than {@value #INLINE} bytes are not inline. */
final class IdempotencyKeyTest {
    private static final int INLINE = 1_000;
    private static final int LARGE = 200_000;
    private static final String KEY = "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"";
    private static final HttpOptions OPTIONS =
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false);

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final Docs docs = Docs.builder()
            .repository(repository)
            .store("main", new InMemoryStorage())
            .limits(Limits.DEFAULT.withInlineBytes(INLINE))
            .build();
    private final HttpClient http = HttpClient.newHttpClient();
    private DocsServer server = DocsServer.start(OPTIONS, docs.documents(), Authenticator.none("anna"));

    @BeforeEach
    void nothingIsStored() {
        assertThat(documents()).isZero();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // The same request again

    @ParameterizedTest
    @ValueSource(ints = {0, 5, INLINE, INLINE + 1, LARGE})
    void an_upload_that_is_sent_again_gets_the_first_answer(int size) throws Exception {
        HttpResponse<String> first = post(form(file("a.txt", size)), KEY);
        HttpResponse<String> again = post(form(file("a.txt", size)), KEY);

        assertThat(first.statusCode()).isEqualTo(201);
        assertReplayed(again, first);
        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void a_reservation_that_is_sent_again_gets_the_first_answer() throws Exception {
        String body = "{\"name\": \"a\", \"metadata\": {\"b\": [1, 2.5], \"a\": \"é\"}, \"size_bytes\": 5}";
        String sameInOtherWords = "{\"size_bytes\":5,\"metadata\":{\"a\":\"\\u00e9\",\"b\":[1.0,2.50]},\"name\":\"a\"}";

        HttpResponse<String> first = json(body, KEY);

        assertThat(first.statusCode()).isEqualTo(201);
        assertReplayed(json(body, KEY), first);
        assertReplayed(json(sameInOtherWords, KEY), first);
        assertThat(documents()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, LARGE})
    void content_that_is_sent_again_gets_the_first_answer_though_the_revision_moved_on(int size) throws Exception {
        String location = location(post(form(file("a.txt", 3)), null));
        String tag = send("GET", location, null).headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> first = put(location, size, KEY, "If-Match", tag);
        send("PATCH", location, "{\"name\": \"renamed\"}");
        HttpResponse<String> again = put(location, size, KEY, "If-Match", tag);

        assertThat(first.statusCode()).isEqualTo(200);
        assertReplayed(again, first);
        assertThat(put(location, size, "another-key", "If-Match", tag).statusCode())
                .isEqualTo(412);
        assertThat(send("GET", location, null).body()).contains("\"version\":2", "renamed");
    }

    @Test
    void the_first_content_of_a_reservation_is_created_in_the_replay_too() throws Exception {
        String location = location(json("{\"name\": \"a\"}", null));

        HttpResponse<String> first = put(location, LARGE, KEY);
        put(location, 7, null);

        assertThat(first.statusCode()).isEqualTo(201);
        assertReplayed(put(location, LARGE, KEY), first);
        assertThat(send("GET", location, null).body()).contains("\"version\":2");
    }

    @Test
    void two_files_are_stored_once_each() throws Exception {
        HttpResponse<String> first = post(form(file("a.txt", 5), file("b.txt", LARGE)), KEY);
        HttpResponse<String> again = post(form(file("a.txt", 5), file("b.txt", LARGE)), KEY);

        assertThat(first.statusCode()).isEqualTo(200);
        assertReplayed(again, first);
        assertThat(documents()).isEqualTo(2);
    }

    @Test
    void of_two_files_the_one_that_failed_is_stored_by_the_repetition() throws Exception {
        docs.documents().setQuota(Caller.administrator("anna"), "anna", own -> own.withBytes(1000L));
        HttpResponse<String> first = post(form(file("a.txt", 5), file("b.txt", LARGE)), KEY);
        docs.documents().setQuota(Caller.administrator("anna"), "anna", own -> own.withBytes(null));
        HttpResponse<String> second = post(form(file("a.txt", 5), file("b.txt", LARGE)), KEY);

        assertThat(first.body()).contains("quota-exceeded");
        assertThat(second.body()).doesNotContain("problem");
        assertThat(second.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(documents()).isEqualTo(2);
        assertReplayed(post(form(file("a.txt", 5), file("b.txt", LARGE)), KEY), second);
    }

    @Test
    void without_a_key_and_with_another_every_request_counts() throws Exception {
        post(form(file("a.txt", 5)), null);
        post(form(file("a.txt", 5)), null);
        post(form(file("a.txt", 5)), "one");
        post(form(file("a.txt", 5)), "ONE");

        assertThat(documents()).isEqualTo(4);
    }

    // Another request

    @ParameterizedTest
    @ValueSource(ints = {5, LARGE})
    void a_key_of_another_request_is_refused_and_named(int size) throws Exception {
        String location = location(post(form(file("a.txt", size)), KEY));

        for (HttpResponse<String> answer : List.of(
                post(form(file("b.txt", size)), KEY),
                post(form(file("a.txt", size + 1)), KEY),
                post(form(metadata("{\"a\":1}"), file("a.txt", size)), KEY),
                json("{\"name\": \"a.txt\"}", KEY),
                put(location, size, KEY))) {
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(answer.body()).contains("/problems/key-reused", "\"header\":\"Idempotency-Key\"");
            assertThat(answer.headers().firstValue("Idempotency-Replayed")).isEmpty();
        }
        assertThat(documents()).isEqualTo(1);
        assertThat(send("GET", location, null).body()).contains("\"version\":1");
    }

    // The first is under way

    @Test
    void a_request_is_told_to_wait_while_the_first_one_is_still_being_sent() throws Exception {
        String location = location(json("{\"name\": \"a\"}", null));
        try (Socket first = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = first.getOutputStream();
            out.write(head("PUT " + location + "/content", LARGE, "text/plain"));
            out.write(new byte[LARGE / 2]);
            out.flush();
            Awaitility.await().until(() -> repository.usage("anna").reservedBytes() > 0);

            HttpResponse<String> second = put(location, new byte[LARGE], KEY);
            assertThat(second.statusCode()).isEqualTo(409);
            assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
            assertThat(second.body()).contains("/problems/request-running");

            out.write(new byte[LARGE / 2]);
            out.flush();
            assertThat(firstLine(first)).startsWith("HTTP/1.1 201 ");
        }
        HttpResponse<String> third = put(location, new byte[LARGE], KEY);
        assertThat(third.statusCode()).isEqualTo(201);
        assertThat(third.headers().firstValue("Idempotency-Replayed")).hasValue("true");
        assertThat(send("GET", location, null).body()).contains("\"version\":1");
    }

    @Test
    void a_form_that_breaks_off_leaves_what_its_repetition_finds() throws Exception {
        byte[] form = form(file("a.txt", 5), file("b.txt", LARGE));
        try (Socket first = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = first.getOutputStream();
            out.write(head("POST /v1/documents", form.length, "multipart/form-data; boundary=b"));
            out.write(form, 0, form.length / 2);
            out.flush();
            Awaitility.await().until(() -> repository.usage("anna").reservedBytes() > 0);
        }
        Awaitility.await().until(() -> repository.usage("anna").reservedBytes() == 0);
        String kept = onlyDocument().id().toString();

        HttpResponse<String> again = post(form, KEY);

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).doesNotContain("problem").contains(kept);
        assertThat(again.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(documents()).isEqualTo(2);
        assertReplayed(post(form, KEY), again);
    }

    // Errors are not kept

    @Test
    void a_form_that_is_wrong_leaves_neither_documents_nor_keys() throws Exception {
        HttpResponse<String> wrong = post(form(file("a.txt", 5), file("b.txt", LARGE), part("unknown", "x")), KEY);
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(documents()).isZero();

        HttpResponse<String> right = post(form(file("b.txt", 7), file("a.txt", LARGE)), KEY);
        assertThat(right.body()).doesNotContain("problem");
        assertThat(documents()).isEqualTo(2);
    }

    @Test
    void a_wrong_form_takes_back_only_what_it_stored_itself() throws Exception {
        HttpResponse<String> first = post(form(file("a.txt", 5)), KEY);
        post(form(file("a.txt", 5), file("b.txt", 5), part("unknown", "x")), KEY);

        assertThat(documents()).isEqualTo(1);
        assertReplayed(post(form(file("a.txt", 5)), KEY), first);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, LARGE})
    void a_request_that_failed_may_be_corrected_under_its_key(int size) throws Exception {
        String location = location(json("{\"name\": \"a\"}", null));
        String wrongDigest = "sha-256=:" + "A".repeat(43) + "=:";
        assertThat(put(location, size, KEY, "Repr-Digest", wrongDigest).statusCode())
                .isEqualTo(400);
        assertThat(put(location, size, KEY, "If-Match", "\"r99\"").statusCode()).isEqualTo(412);

        HttpResponse<String> right = put(location, size + 1, KEY);

        assertThat(right.statusCode()).isEqualTo(201);
        assertThat(right.headers().firstValue("Idempotency-Replayed")).isEmpty();
    }

    // The header

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\tb"})
    void a_key_that_is_none_is_refused(String key) throws Exception {
        assertBadKey(post(form(file("a.txt", 5)), key));
        assertBadKey(json("{\"name\": \"a\"}", key));
        assertThat(documents()).isZero();
    }

    @Test
    void a_key_has_at_most_255_characters_and_there_is_one() throws Exception {
        assertBadKey(post(form(file("a.txt", 5)), "k".repeat(256)));
        HttpRequest two = request("/v1/documents", "one")
                .header("Idempotency-Key", "two")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"a\"}"))
                .build();
        assertBadKey(http.send(two, BodyHandlers.ofString()));
        assertThat(documents()).isZero();

        HttpResponse<String> longest = post(form(file("a.txt", 5), file("b.txt", 5)), "k".repeat(255));
        assertThat(longest.body()).doesNotContain("problem");
        assertThat(documents()).isEqualTo(2);
    }

    @Test
    void other_methods_take_no_notice_of_a_key() throws Exception {
        String location = location(post(form(file("a.txt", 5)), KEY));
        for (String name : List.of("one", "two")) {
            HttpRequest patch = request(location, KEY)
                    .header("Content-Type", "application/merge-patch+json")
                    .method("PATCH", BodyPublishers.ofString("{\"name\": \"" + name + "\"}"))
                    .build();
            HttpResponse<String> answer = http.send(patch, BodyHandlers.ofString());
            assertThat(answer.body()).contains("\"" + name + "\"");
            assertThat(answer.headers().firstValue("Idempotency-Replayed")).isEmpty();
        }
        HttpRequest get = request(location, "not a key").GET().build();
        assertThat(http.send(get, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        HttpRequest delete = request(location, KEY).DELETE().build();
        assertThat(http.send(delete, BodyHandlers.ofString()).statusCode()).isEqualTo(204);
    }

    // Steps

    private static void assertReplayed(HttpResponse<String> again, HttpResponse<String> first) {
        assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(again.headers().allValues("Idempotency-Replayed")).containsExactly("true");
        assertThat(again.statusCode()).isEqualTo(first.statusCode());
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(lasting(again)).isEqualTo(lasting(first));
    }

    /** All headers but those that belong to one answer. */
    private static Map<String, List<String>> lasting(HttpResponse<String> answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.keySet().removeAll(Set.of("date", "x-request-id", "idempotency-replayed"));
        return headers;
    }

    private static void assertBadKey(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"header\":\"Idempotency-Key\"");
    }

    private long documents() {
        return repository.count(
                DocumentQuery.builder("anna")
                        .statuses(EnumSet.allOf(DocumentStatus.class))
                        .build(),
                1000);
    }

    private DocumentData onlyDocument() {
        List<DocumentData> all =
                repository.list(DocumentQuery.of("anna"), null, 10).items();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static String location(HttpResponse<String> created) {
        assertThat(created.statusCode()).isEqualTo(201);
        return created.headers().firstValue("Location").orElseThrow();
    }

    private HttpResponse<String> post(byte[] form, @Nullable String key) throws Exception {
        return send(request("/v1/documents", key), "POST", "multipart/form-data; boundary=b", form);
    }

    private HttpResponse<String> json(String body, @Nullable String key) throws Exception {
        return send(request("/v1/documents", key), "POST", "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> put(String location, int size, @Nullable String key, String... headers)
            throws Exception {
        return put(location, "x".repeat(size).getBytes(StandardCharsets.US_ASCII), key, headers);
    }

    private HttpResponse<String> put(String location, byte[] content, @Nullable String key, String... headers)
            throws Exception {
        HttpRequest.Builder request = request(location + "/content", key);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request, "PUT", "text/plain", content);
    }

    private HttpResponse<String> send(String method, String path, @Nullable String body) throws Exception {
        BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest.Builder request = request(path, null).method(method, publisher);
        return http.send(request.header("Content-Type", "application/json").build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String method, String type, byte[] body)
            throws Exception {
        return http.send(
                request.header("Content-Type", type)
                        .method(method, BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, @Nullable String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        return key == null ? request : request.header("Idempotency-Key", key);
    }

    private static byte[] head(String methodAndPath, int length, String type) {
        return (methodAndPath + " HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: " + KEY + "\r\nContent-Type: " + type
                        + "\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String firstLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = socket.getInputStream().read();
        while (c >= 0 && c != '\r') {
            line.append((char) c);
            c = socket.getInputStream().read();
        }
        return line.toString();
    }

    private static byte[] form(String... parts) {
        return (String.join("", parts) + "--b--\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String file(String name, int size) {
        return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\nContent-Type: text/plain\r\n\r\n" + "x".repeat(size) + "\r\n";
    }

    private static String metadata(String json) {
        return part("metadata", json);
    }

    private static String part(String name, String value) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
}
