package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.adapter.http.Authenticator;
import dev.docs.adapter.http.DocsServer;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.domain.Caller;
import dev.docs.domain.ContentGate;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentEvent.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A host's own gate and listener behind the server, and searches for metadata, on a real database and a real disk. */
abstract class HooksAcceptance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SMALL = 1_000;
    private static final int LARGE = 300_000;
    private static final Caller ANNA = Caller.user("anna");

    private final HttpClient http = CheckedClient.create();
    private final List<DocumentEvent> told = new CopyOnWriteArrayList<>();

    @TempDir
    Path data;

    private Database database;
    private DocsServer server;

    /** Flags that choose the database, an empty one for each test. */
    abstract Map<String, String> database(Path data);

    @BeforeEach
    void start() {
        Map<String, String> flags = new LinkedHashMap<>(database(data));
        flags.put("--data", data.toString());
        flags.put("--port", "0");
        Settings settings = Settings.read(flags, Map.of(), data);
        database = Server.openDatabase(settings);
        Docs docs = Server.builder(settings, database)
                .contentGate(HooksAcceptance::inspect)
                .listener(told::add)
                .build();
        server = DocsServer.start(Server.httpOptions(settings), docs.documents(), Authenticator.none(ANNA.userId()));
    }

    @AfterEach
    void stop() {
        server.close();
        database.close();
    }

    /** By the first byte: V is a virus, X can't be read by the scanner. */
    private static Verdict inspect(DocumentData document, ContentGate.Bytes bytes) throws IOException {
        try (InputStream in = Channels.newInputStream(bytes.open())) {
            int first = in.read();
            if (first == 'X') {
                throw new IOException("the scanner has stumbled");
            }
            return first == 'V' ? Verdict.refuse("Test.Virus") : Verdict.accept("clean, " + document.sizeBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_verdict_is_shown_with_the_document_and_each_of_its_versions(int size) throws Exception {
        JsonNode created = body(upload("a", bytes('A', size)), 201);
        String url = "/v1/documents/" + created.get("id").asText();
        body(put(url + "/content", bytes('B', size + 1)), 200);

        assertThat(created.get("verdict").asText()).isEqualTo("clean, " + size);
        assertThat(json(url).get("verdict").asText()).isEqualTo("clean, " + (size + 1));
        assertThat(json(url + "/versions/1").get("verdict").asText()).isEqualTo("clean, " + size);
        assertThat(json(url + "/versions/2").get("verdict").asText()).isEqualTo("clean, " + (size + 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void refused_content_is_a_problem_that_says_why_and_leaves_nothing(int size) throws Exception {
        JsonNode problem = problem(upload("a", bytes('V', size)), 422, "content-refused");

        assertThat(problem.get("detail").asText()).isEqualTo("the content was refused: Test.Virus");
        assertThat(names("/v1/documents?status=any")).isEmpty();
        JsonNode used = json("/v1/usage").get("bytes");
        assertThat(used.get("used").asLong() + used.get("reserved").asLong()).isZero();
        assertThat(contentFiles()).isEmpty();
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_refused_version_leaves_the_one_before(int size) throws Exception {
        JsonNode created = body(upload("a", bytes('A', size)), 201);
        String url = "/v1/documents/" + created.get("id").asText();

        problem(put(url + "/content", bytes('V', size)), 422, "content-refused");

        assertThat(json(url)).isEqualTo(created);
        assertThat(send(request(url + "/content")).body()).isEqualTo(bytes('A', size));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_gate_that_fails_lets_nothing_in_and_asks_to_come_again(int size) throws Exception {
        HttpResponse<byte[]> answer = upload("a", bytes('X', size));

        JsonNode problem = problem(answer, 503, "unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(problem.toString()).doesNotContain("stumbled");
        assertThat(names("/v1/documents?status=any")).isEmpty();
        assertThat(contentFiles()).isEmpty();
    }

    @Test
    void a_listener_hears_what_requests_did_and_who_made_them() throws Exception {
        JsonNode created = body(upload("a", bytes('A', LARGE)), 201);
        String url = "/v1/documents/" + created.get("id").asText();
        body(put(url + "/content", bytes('B', SMALL)), 200);
        body(patch(url, "{\"name\": \"b\"}"), 200);
        body(patch(url, "{\"name\": \"b\"}"), 200);
        problem(put(url + "/content", bytes('V', SMALL)), 422, "content-refused");
        send(request(url).DELETE());
        send(request(url).DELETE());
        send(request(url + "?purge=true").DELETE());

        assertThat(told)
                .extracting(DocumentEvent::kind)
                .containsExactly(Kind.CREATED, Kind.CONTENT_REPLACED, Kind.CHANGED, Kind.ARCHIVED, Kind.PURGED);
        assertThat(told).allMatch(event -> ANNA.userId().equals(event.userId()) && event.caller() != null);
    }

    @Test
    void metadata_is_searched_together_with_every_other_condition_and_order() throws Exception {
        for (int i = 0; i < 6; i++) {
            body(
                    upload(
                            "Report " + i + ".txt",
                            bytes('A', 100 * i + 1),
                            "{\"year\": 202" + i % 2 + ", \"open\": " + (i < 4) + ", \"in\": {\"dept\": \"R&D\"},"
                                    + " \"tags\": [\"a:" + i + "\", \"*\"], \"a:b\": " + i + ".0}"),
                    201);
        }
        body(upload("Note.txt", bytes('A', 1), "{\"year\": \"2020\"}"), 201);

        assertThat(names("/v1/documents?sort=created_at" + having("year:2020")))
                .containsExactly("Report 0.txt", "Report 2.txt", "Report 4.txt", "Note.txt");
        assertThat(names("/v1/documents?sort=created_at" + having("year:2020") + having("open:true")))
                .containsExactly("Report 0.txt", "Report 2.txt");
        assertThat(names("/v1/documents?sort=-size_bytes&min_size=200&name=REPORT&mime_type=text/*"
                        + having("in.dept:R&D")))
                .containsExactly("Report 5.txt", "Report 4.txt", "Report 3.txt", "Report 2.txt");
        assertThat(names("/v1/documents?" + having("tags:a:3"))).containsExactly("Report 3.txt");
        assertThat(names("/v1/documents?" + having("tags:\\*"))).hasSize(6);
        assertThat(names("/v1/documents?" + having("a\\:b:3"))).containsExactly("Report 3.txt");
        assertThat(names("/v1/documents?" + having("year:*"))).hasSize(7);
        assertThat(names("/v1/documents?" + having("in:*"))).isEmpty();
        assertThat(names("/v1/documents?status=archived" + having("year:2020"))).isEmpty();
    }

    @Test
    void pages_of_a_search_for_metadata_make_up_the_whole() throws Exception {
        for (int i = 0; i < 7; i++) {
            body(upload("n" + i % 3, bytes('A', i), "{\"k\": \"v\"}"), 201);
            body(upload("other", bytes('A', 1), "{\"k\": \"w\"}"), 201);
        }
        List<String> names = new ArrayList<>();
        String search = "/v1/documents?sort=name&limit=2" + having("k:v");
        String cursor = "";
        do {
            JsonNode page = json(search + cursor);
            page.get("items").forEach(item -> names.add(item.get("name").asText()));
            JsonNode next = page.get("next_cursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asText();
        } while (!cursor.isEmpty() && names.size() < 20);

        assertThat(names).containsExactly("n0", "n0", "n0", "n1", "n1", "n2", "n2");
    }

    private List<Path> contentFiles() throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("STORE-ID"))
                    .toList();
        }
    }

    private static byte[] bytes(char first, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) first);
        return bytes;
    }

    private static String having(String condition) {
        return "&metadata=" + URLEncoder.encode(condition, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path.replace("?&", "?")));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private JsonNode json(String path) throws Exception {
        return body(send(request(path)), 200);
    }

    private HttpResponse<byte[]> put(String path, byte[] bytes) throws Exception {
        return send(request(path).PUT(BodyPublishers.ofByteArray(bytes)));
    }

    private HttpResponse<byte[]> patch(String path, String body) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(body)));
    }

    private HttpResponse<byte[]> upload(String name, byte[] bytes) throws Exception {
        return upload(name, bytes, "{}");
    }

    private HttpResponse<byte[]> upload(String name, byte[] bytes, String metadata) throws Exception {
        String head = "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + metadata
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\nContent-Type: text/plain\r\n\r\n";
        return send(request("/v1/documents")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(head),
                        BodyPublishers.ofByteArray(bytes),
                        BodyPublishers.ofString("\r\n--b--\r\n"))));
    }

    private static JsonNode body(HttpResponse<byte[]> response, int status) throws IOException {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        return JSON.readTree(response.body());
    }

    private static JsonNode problem(HttpResponse<byte[]> response, int status, String type) throws IOException {
        JsonNode problem = body(response, status);
        assertThat(problem.get("type").asText()).isEqualTo("/problems/" + type);
        return problem;
    }

    private List<String> names(String path) throws Exception {
        List<String> names = new ArrayList<>();
        json(path).get("items").forEach(item -> names.add(item.get("name").asText()));
        return names;
    }
}
