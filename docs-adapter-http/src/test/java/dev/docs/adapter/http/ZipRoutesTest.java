package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Many documents in one answer, from a real server over adapters on the heap. */
final class ZipRoutesTest {
    private static final Caller ANNA = Caller.user("anna");
    private static final int LARGE = 500_000;
    private static final HttpOptions OPTIONS =
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false);

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final InMemoryStorage storage = new InMemoryStorage();
    private final Docs docs =
            Docs.builder().repository(repository).store("main", storage).build();
    private final DocsServer server = DocsServer.start(OPTIONS, docs.documents(), Authenticator.none("anna"));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void documents_come_as_one_attachment_in_the_order_asked_for() throws Exception {
        DocumentData first = create("a/b.txt", 5);
        DocumentData second = create("A_B.TXT", LARGE);

        HttpResponse<byte[]> answer = zip(ids(second, first));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/zip");
        assertThat(header(answer, "Content-Disposition")).isEqualTo("attachment; filename=\"documents.zip\"");
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        Map<String, Integer> files = unzip(answer.body());
        assertThat(files).containsExactly(Map.entry("A_B.TXT", LARGE), Map.entry("a_b (2).txt", 5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'filter': {}}; b a",
                "{'filter': {'sort': 'name'}}; a b",
                "{'filter': {'status': 'archived'}}; c",
                "{'filter': {'status': ['active', 'archived'], 'sort': '-name'}}; c b a",
                "{'filter': {'max_size': 1}}; a",
                "{'filter': {'min_size': '2', 'name_prefix': 'B'}, 'ids': null}; b",
                "{'filter': {'metadata': 'size:2'}}; b",
                "{'filter': {'metadata': ['size:2', 'size:*']}}; b"
            })
    void a_filter_is_that_of_a_list(String body, String names) throws Exception {
        create("a", 1);
        create("b", 2);
        DocumentData archived = create("c", 3);
        docs.documents().archive(ANNA, archived.id(), Precondition.NONE);

        assertThat(unzip(zip(body.replace('\'', '"')).body()).keySet()).containsExactly(names.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "none",
            value = {
                "{}; 422; /ids",
                "{'ids': null}; 422; /ids",
                "{'ids': [], 'filter': {}}; 422; /ids",
                "{'ids': []}; 422; /ids",
                "{'ids': 'ID'}; 422; /ids",
                "{'ids': ['ID', 'ID']}; 422; /ids",
                "{'ids': ['ID', 'x']}; 422; /ids/1",
                "{'ids': [5]}; 422; /ids/0",
                "{'ids': [null]}; 422; /ids/0",
                "{'id': ['ID']}; 422; /id",
                "{'filter': []}; 422; /filter",
                "{'filter': {'nmae': 'a'}}; 422; /filter/nmae",
                "{'filter': {'a/b~': 'a'}}; 422; /filter/a~1b~0",
                "{'filter': {'limit': 5}}; 422; /filter/limit",
                "{'filter': {'cursor': 'x'}}; 422; /filter/cursor",
                "{'filter': {'status': 'none'}}; 422; /filter/status",
                "{'filter': {'status': []}}; 422; /filter/status",
                "{'filter': {'status': true}}; 422; /filter/status",
                "{'filter': {'name': null}}; 422; /filter/name",
                "{'filter': {'name': ['a', 'b']}}; 422; /filter/name",
                "{'filter': {'name': {'a': 1}}}; 422; /filter/name",
                "{'filter': {'min_size': 1.5}}; 422; /filter/min_size",
                "{'filter': {'min_size': -1}}; 422; /filter/min_size",
                "{'filter': {'user_id': 'bob'}}; 404; none",
                "{'filter': {'name': 'nowhere'}}; 404; none",
                "{'ids': ['ID'], 'ids': ['ID']}; 400; none",
                "[]; 400; none",
                "{'ids': ; 400; none"
            })
    void a_wrong_body_is_refused_by_name(String body, int status, String pointer) throws Exception {
        String id = create("a", 1).id().toString();

        JsonNode problem = problem(zip(body.replace('\'', '"').replace("ID", id)), status);

        assertThat(problem.at("/errors/0/pointer").asText(null)).isEqualTo(pointer);
    }

    @Test
    void other_types_parameters_and_methods_are_refused() throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/bulk/zip");
        HttpRequest form = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("{\"filter\": {}}"))
                .build();
        HttpRequest parameter = HttpRequest.newBuilder(URI.create(uri + "?name=a"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"filter\": {}}"))
                .build();

        problem(http.send(form, BodyHandlers.ofByteArray()), 415);
        problem(http.send(parameter, BodyHandlers.ofByteArray()), 400);
        problem(http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray()), 405);
    }

    @Test
    void what_is_not_there_or_has_no_content_is_named() throws Exception {
        DocumentData there = create("a", 1);
        UUID gone = new UUID(3, 4);
        DocumentData pending = docs.documents().reserve(ANNA, NewDocument.named("later"));

        JsonNode missing = problem(zip("{\"ids\": [\"" + there.id() + "\", \"" + gone + "\"]}"), 404);
        assertThat(missing.get("detail").asText())
                .contains(gone.toString())
                .doesNotContain(there.id().toString());
        assertThat(problem(zip(ids(there, pending)), 409).get("detail").asText())
                .contains(pending.id().toString());
    }

    @Test
    void damaged_content_in_front_is_told_and_later_breaks_the_connection() throws Exception {
        DocumentData whole = create("whole", LARGE);
        DocumentData damaged = create("damaged", 20_000);
        damage(damaged);

        HttpResponse<byte[]> told = zip(ids(damaged, whole));
        assertThat(problem(told, 409).get("type").asText()).isEqualTo("/problems/content-lost");
        assertThat(told.headers().firstValue("Content-Disposition")).isEmpty();

        DocumentData other = create("other", 20_000);
        damage(other);
        assertThatThrownBy(() -> zip(ids(whole, other))).isInstanceOf(IOException.class);
        assertThat(repository.find(other.id()).orElseThrow().status()).isEqualTo(DocumentStatus.ERROR);
    }

    @Test
    void a_reader_that_goes_away_leaves_the_server_to_others() throws Exception {
        DocumentData[] many =
                Stream.generate(() -> create("large", 10 * LARGE)).limit(10).toArray(DocumentData[]::new);
        String body = ids(many);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write(("POST /v1/bulk/zip HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(unzip(zip(ids(many[0])).body())).hasSize(1));
        assertThat(repository.find(many[9].id()).orElseThrow().status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    private DocumentData create(String name, int size) {
        byte[] bytes = new byte[size];
        new java.util.Random(size).nextBytes(bytes);
        NewDocument document = NewDocument.named(name).withMetadata(Metadata.of(Map.of("size", size)));
        return docs.documents().create(ANNA, document, NewContent.of(bytes));
    }

    private void damage(DocumentData document) {
        storage.flip(Objects.requireNonNull(document.content(), "it is stored").url(), 19_000);
    }

    private HttpResponse<byte[]> zip(String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/bulk/zip"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return http.send(request, BodyHandlers.ofByteArray());
    }

    private static String ids(DocumentData... documents) {
        return Stream.of(documents)
                .map(document -> "\"" + document.id() + "\"")
                .collect(Collectors.joining(",", "{\"ids\": [", "]}"));
    }

    private static Map<String, Integer> unzip(byte[] zip) throws IOException {
        Map<String, Integer> files = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes().length);
            }
        }
        return files;
    }

    private static String header(HttpResponse<?> answer, String name) {
        return String.join(", ", answer.headers().allValues(name));
    }

    private static JsonNode problem(HttpResponse<byte[]> answer, int status) throws IOException {
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        return new ObjectMapper().readTree(answer.body());
    }
}
