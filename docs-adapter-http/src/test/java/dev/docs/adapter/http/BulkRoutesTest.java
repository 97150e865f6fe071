package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code POST /v1/bulk} on a real server, over adapters on the heap. */
final class BulkRoutesTest {
    private static final Caller ANNA = Caller.user("anna");
    private static final String NOBODYS = "0192f000-0000-7000-8000-000000000009";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpOptions OPTIONS =
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false);

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final Docs docs = Docs.builder()
            .repository(repository)
            .store("main", new InMemoryStorage())
            .build();
    private final HttpClient http = HttpClient.newHttpClient();
    private final DocsServer server = DocsServer.start(
            OPTIONS, docs.documents(), request -> Caller.user(request.getHeader("Caller") == null ? "anna" : "ben"));

    @AfterEach
    void stop() {
        server.close();
    }

    // By ids

    @Test
    void each_id_has_a_result_in_the_order_of_the_request() throws Exception {
        DocumentData active = create("a", Map.of());
        DocumentData pending = docs.documents().reserve(ANNA, NewDocument.named("p"));
        DocumentData archived =
                docs.documents().archive(ANNA, create("b", Map.of()).id(), Precondition.NONE);

        JsonNode body = ok(bulk(
                "archive",
                quoted(
                        pending.id().toString(),
                        "no id",
                        active.id().toString(),
                        NOBODYS,
                        archived.id().toString(),
                        active.id().toString())));

        assertThat(body.get("done").asInt()).isEqualTo(3);
        assertThat(body.get("failed").asInt()).isEqualTo(3);
        assertThat(strings(body.get("results"), "id"))
                .containsExactly(
                        pending.id().toString(),
                        "no id",
                        active.id().toString(),
                        NOBODYS,
                        archived.id().toString(),
                        active.id().toString());
        assertThat(strings(body.get("results"), "status")).containsExactly("409", "404", "200", "404", "200", "200");
        assertThat(strings(body.get("results"), "changed"))
                .containsExactly("null", "null", "true", "null", "false", "true");
        JsonNode problem = body.get("results").get(0).get("problem");
        assertThat(problem.get("type").asText()).isEqualTo("/problems/status-conflict");
        assertThat(problem.get("detail").asText()).contains("is pending and cannot become archived");
        assertThat(body.get("results").get(1).get("problem").get("detail"))
                .isEqualTo(body.get("results").get(3).get("problem").get("detail"));
        assertThat(status(active)).isEqualTo(DocumentStatus.ARCHIVED);
    }

    @Test
    void what_is_restored_updated_and_purged_is_so() throws Exception {
        DocumentData document = create("a", Map.of("kept", 1, "gone", 2));
        String ids = quoted(document.id().toString());
        ok(bulk("archive", ids));

        assertThat(ok(bulk("restore", ids)).get("done").asInt()).isEqualTo(1);
        assertThat(status(document)).isEqualTo(DocumentStatus.ACTIVE);

        ok(post("{\"action\": \"update\", \"ids\": " + ids
                + ", \"patch\": {\"metadata\": {\"gone\": null, \"new\": {\"x\": 1.50}}}}"));
        assertThat(repository.find(document.id()).orElseThrow().metadata())
                .isEqualTo(Metadata.of(Map.of("kept", 1, "new", Map.of("x", 1.5))));

        assertThat(ok(bulk("purge", ids)).get("done").asInt()).isEqualTo(1);
        assertThat(repository.find(document.id())).isEmpty();
    }

    @Test
    void a_patch_that_breaks_the_limits_of_one_document_is_that_ones_problem() throws Exception {
        DocumentData full = create("a", Map.of("x", "y".repeat(65_000)));
        DocumentData small = create("b", Map.of());

        JsonNode body = ok(post("{\"action\": \"update\", \"ids\": "
                + quoted(full.id().toString(), small.id().toString()) + ", \"patch\": {\"metadata\": {\"z\": \""
                + "z".repeat(1_000) + "\"}}}"));

        assertThat(strings(body.get("results"), "status")).containsExactly("422", "200");
        JsonNode fault = body.get("results").get(0).get("problem").get("errors").get(0);
        assertThat(fault.get("pointer").asText()).isEqualTo("/metadata");
        assertThat(fault.get("limit").asInt()).isEqualTo(64 << 10);
    }

    @Test
    void anothers_documents_are_not_there() throws Exception {
        DocumentData document = create("a", Map.of());

        JsonNode body = ok(
                send("{\"action\": \"purge\", \"ids\": " + quoted(document.id().toString()) + "}", "Caller", "ben"));

        assertThat(strings(body.get("results"), "status")).containsExactly("404");
        assertThat(repository.find(document.id())).contains(document);
    }

    @Test
    void ten_thousand_ids_fit_and_one_more_does_not() throws Exception {
        List<String> ids = new ArrayList<>(Collections.nCopies(10_000, NOBODYS));
        assertThat(ok(bulk("purge", quoted(ids.toArray(String[]::new)))).get("results"))
                .hasSize(10_000);

        ids.add(NOBODYS);
        JsonNode problem = refused(413, bulk("purge", quoted(ids.toArray(String[]::new))));

        assertThat(problem.get("errors").get(0).get("pointer").asText()).isEqualTo("/ids");
        assertThat(problem.get("errors").get(0).get("limit").asInt()).isEqualTo(10_000);
    }

    @Test
    void a_body_that_is_too_long_is_refused_unread() throws Exception {
        refused(413, post("{\"action\": \"purge\", \"ids\": [\"" + "x".repeat(1 << 20) + "\"]}"));
    }

    // By a filter

    @Test
    void a_filter_has_the_names_of_the_list() throws Exception {
        DocumentData large = create("Report 1", Map.of("year", 2025));
        DocumentData other = create("Report 2", Map.of("year", 2026));
        DocumentData third = create("Invoice", Map.of("year", 2025));

        JsonNode body =
                ok(post("{\"action\": \"archive\", \"filter\": {\"name\": \"report\", \"metadata\": [\"year:2025\","
                        + " \"year:*\"], \"min_size\": 1, \"max_size\": \"9\", \"status\": [\"active\", \"error\"],"
                        + " \"created_after\": \"2020-01-01T00:00:00Z\", \"sort\": \"name\"}}"));

        assertThat(strings(body.get("results"), "id"))
                .containsExactly(large.id().toString());
        assertThat(List.of(status(large), status(other), status(third)))
                .containsExactly(DocumentStatus.ARCHIVED, DocumentStatus.ACTIVE, DocumentStatus.ACTIVE);
    }

    @Test
    void an_empty_filter_finds_all_active_documents_but_never_for_a_purge() throws Exception {
        DocumentData active = create("a", Map.of());
        DocumentData archived =
                docs.documents().archive(ANNA, create("b", Map.of()).id(), Precondition.NONE);

        JsonNode problem = refused(422, post("{\"action\": \"purge\", \"filter\": {}}"));
        assertThat(problem.get("errors").get(0).get("pointer").asText()).isEqualTo("/filter/status");
        assertThat(ok(post("{\"action\": \"archive\", \"filter\": {}}"))
                        .get("done")
                        .asInt())
                .isEqualTo(1);
        assertThat(ok(post("{\"action\": \"purge\", \"filter\": {\"status\": \"archived\"}}"))
                        .get("done")
                        .asInt())
                .isEqualTo(2);

        assertThat(repository.findAll(List.of(active.id(), archived.id()))).isEmpty();
    }

    @Test
    void anothers_documents_can_not_be_filtered() throws Exception {
        refused(403, post("{\"action\": \"archive\", \"filter\": {\"user_id\": \"ben\"}}"));
    }

    // What is wrong as a whole

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"ids": []}                                                               | /action
                    {"action": "delete", "ids": []}                                           | /action
                    {"action": 1, "ids": []}                                                  | /action
                    {"action": "archive"}                                                     | /ids
                    {"action": "archive", "ids": [], "filter": {}}                            | /ids
                    {"action": "archive", "ids": "x"}                                         | /ids
                    {"action": "archive", "ids": null}                                        | /ids
                    {"action": "archive", "ids": ["x", 7]}                                    | /ids/1
                    {"action": "archive", "filter": []}                                       | /filter
                    {"action": "archive", "filter": null}                                     | /filter
                    {"action": "archive", "filter": {"stauts": "error"}}                      | /filter/stauts
                    {"action": "archive", "filter": {"limit": 5}}                             | /filter/limit
                    {"action": "archive", "filter": {"cursor": "x"}}                          | /filter/cursor
                    {"action": "archive", "filter": {"status": "gone"}}                       | /filter/status
                    {"action": "archive", "filter": {"status": []}}                           | /filter/status
                    {"action": "archive", "filter": {"status": [null]}}                       | /filter/status
                    {"action": "archive", "filter": {"status": {"a": 1}}}                     | /filter/status
                    {"action": "archive", "filter": {"name": ["a", "b"]}}                     | /filter/name
                    {"action": "archive", "filter": {"name": ""}}                             | /filter/name
                    {"action": "archive", "filter": {"created_after": "now"}}                 | /filter/created_after
                    {"action": "archive", "filter": {"a/b": 1}}                               | /filter/a~1b
                    {"action": "archive", "ids": [], "id": "x"}                               | /id
                    {"action": "archive", "ids": [], "patch": {}}                             | /patch
                    {"action": "update", "ids": []}                                           | /patch
                    {"action": "update", "ids": [], "patch": 5}                               | /patch
                    {"action": "update", "ids": [], "patch": {}}                              | /patch/metadata
                    {"action": "update", "ids": [], "patch": {"metadata": null}}              | /patch/metadata
                    {"action": "update", "ids": [], "patch": {"metadata": {}, "name": "x"}}   | /patch/name
                    {"action": "archive", "ids": [], "dry_run": "yes"}                        | /dry_run
                    {"action": "archive", "ids": [], "dry_run": null}                         | /dry_run
                    """)
    void a_field_that_is_wrong_is_named(String body, String pointer) throws Exception {
        DocumentData document = create("a", Map.of());

        JsonNode problem = refused(422, post(body));

        assertThat(problem.get("errors").get(0).get("pointer").asText()).isEqualTo(pointer);
        assertThat(repository.find(document.id())).contains(document);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"action\": \"purge\", \"action\": \"archive\", \"ids\": []}", "{"})
    void a_body_that_is_no_object_is_malformed(String body) throws Exception {
        refused(400, post(body));
    }

    @Test
    void only_json_is_understood_and_no_parameter_is() throws Exception {
        HttpResponse<String> form = http.send(
                HttpRequest.newBuilder(uri("/v1/bulk"))
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());
        HttpResponse<String> parameter = http.send(
                HttpRequest.newBuilder(uri("/v1/bulk?dry_run=true"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"action\": \"purge\", \"ids\": []}"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(form.statusCode()).isEqualTo(415);
        assertThat(form.headers().firstValue("Accept-Post")).contains("application/json");
        assertThat(parameter.statusCode()).isEqualTo(400);
    }

    // Before

    @Test
    void a_dry_run_tells_and_does_nothing() throws Exception {
        DocumentData one = create("one", Map.of());
        DocumentData two = create("two", Map.of());
        String ids = quoted(one.id().toString(), "no id", NOBODYS, two.id().toString());

        HttpResponse<String> answer =
                send("{\"action\": \"purge\", \"dry_run\": true, \"ids\": " + ids + "}", "Idempotency-Key", "k");
        JsonNode body = ok(answer);

        assertThat(body.get("dry_run").asBoolean()).isTrue();
        assertThat(List.of(
                        body.get("count").asInt(),
                        body.get("failed").asInt(),
                        body.get("bytes").asInt()))
                .containsExactly(2, 2, 6);
        assertThat(strings(body.get("sample"), "name")).containsExactly("one", "two");
        assertThat(strings(body.get("results"), "status")).containsExactly("404", "404");
        assertThat(repository.findAll(List.of(one.id(), two.id()))).containsExactly(one, two);
        assertThat(ok(send("{\"action\": \"purge\", \"ids\": " + ids + "}", "Idempotency-Key", "k"))
                        .get("done")
                        .asInt())
                .as("a dry run takes no key")
                .isEqualTo(2);
    }

    // Once

    @Test
    void a_repetition_gets_the_first_answer_and_another_request_none() throws Exception {
        String ids = quoted(create("a", Map.of()).id().toString(), NOBODYS);
        String request = "{\"action\": \"purge\", \"ids\": " + ids + "}";
        HttpResponse<String> first = send(request, "Idempotency-Key", "k");

        HttpResponse<String> again = send(request, "Idempotency-Key", "k");
        HttpResponse<String> other = send("{\"action\": \"archive\", \"ids\": " + ids + "}", "Idempotency-Key", "k");

        assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(withoutInstances(again.body())).isEqualTo(withoutInstances(first.body()));
        assertThat(strings(ok(again).get("results"), "status")).containsExactly("200", "404");
        assertThat(refused(422, other).get("type").asText()).isEqualTo("/problems/key-reused");
        assertThat(send(request, "Idempotency-Key", "k k").statusCode()).isEqualTo(400);
    }

    // Steps

    private DocumentData create(String name, Map<String, ?> metadata) {
        return docs.documents()
                .create(
                        ANNA,
                        NewDocument.named(name).withMetadata(Metadata.of(metadata)),
                        NewContent.of(new ByteArrayInputStream(new byte[3])));
    }

    private DocumentStatus status(DocumentData document) {
        return repository.find(document.id()).orElseThrow().status();
    }

    private static String quoted(String... ids) {
        return List.of(ids).stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(", ", "[", "]"));
    }

    private static List<String> strings(JsonNode list, String member) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.has(member) ? each.get(member).asText() : "null"));
        return texts;
    }

    /** The id of each request is in its problems. */
    private static String withoutInstances(String body) {
        return body.replaceAll("urn:request:[0-9a-f]+", "");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private HttpResponse<String> bulk(String action, String ids) throws Exception {
        return post("{\"action\": \"" + action + "\", \"ids\": " + ids + "}");
    }

    private HttpResponse<String> post(String body) throws Exception {
        return send(body, "Accept", "*/*");
    }

    private HttpResponse<String> send(String body, String header, String value) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri("/v1/bulk"))
                        .header("Content-Type", "application/json")
                        .header(header, value)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode ok(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static JsonNode refused(int status, HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        return JSON.readTree(answer.body());
    }
}
