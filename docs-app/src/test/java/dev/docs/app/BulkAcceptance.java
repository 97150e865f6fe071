package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Bulk requests to a running server on a real database, which all tests share: each begins by emptying it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BulkAcceptance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger log = LoggerFactory.getLogger(BulkAcceptance.class);

    /** More than one batch; 10,000 when it is to be seen how long they take. */
    private static final int MANY = Integer.getInteger("docs.bulk.documents", 1_100);

    private static final int FILES_PER_FORM = 100;
    private static final String NOBODYS = "0192f000-0000-7000-8000-000000000009";

    private final HttpClient http = CheckedClient.create();

    @TempDir
    static Path data;

    private Server server;

    /** Flags that choose the database. */
    abstract Map<String, String> database(Path data);

    @BeforeAll
    void start() throws Exception {
        Map<String, String> flags = new LinkedHashMap<>(database(data));
        flags.put("--data", data.resolve(getClass().getSimpleName()).toString());
        flags.put("--port", "0");
        flags.put("--auth", "none");
        server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(Writer.nullWriter()));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        bulk("{\"action\": \"purge\", \"filter\": {\"status\": \"any\"}}");
        assertThat(usage("bytes", "used")).isZero();
        assertThat(usage("bytes", "reserved")).isZero();
    }

    @Test
    void many_documents_go_through_every_action_and_every_count_stays_right() throws Exception {
        List<String> ids = upload(MANY, 5);

        for (String action : List.of("archive", "restore")) {
            JsonNode report = timed(action, "{\"action\": \"" + action + "\", \"ids\": " + quoted(ids) + "}");
            assertThat(strings(report.get("results"), "id")).isEqualTo(ids);
            assertThat(report.get("done").asInt()).isEqualTo(MANY);
            String status = action.equals("archive") ? "archived" : "active";
            assertThat(usage("documents", status)).isEqualTo(MANY);
            assertThat(usage("bytes", status)).isEqualTo(5L * MANY);
        }
        JsonNode updated = timed(
                "update", "{\"action\": \"update\", \"filter\": {}, \"patch\": {\"metadata\": {\"year\": 2026}}}");
        assertThat(updated.get("done").asInt()).isEqualTo(MANY);
        assertThat(count("metadata=year:2026")).isEqualTo(MANY);
        assertThat(count("metadata=form:*")).isEqualTo(MANY);
        JsonNode purged = timed("purge", "{\"action\": \"purge\", \"ids\": " + quoted(ids) + "}");
        assertThat(purged.get("done").asInt()).isEqualTo(MANY);
        assertThat(usage("bytes", "used")).isZero();
        assertThat(count("status=any")).isZero();
    }

    @Test
    void a_bad_item_never_fails_the_rest() throws Exception {
        List<String> ids = new ArrayList<>(upload(3, 20_000));
        ids.add(1, NOBODYS);
        ids.add(2, reserve());
        ids.add("no id");

        JsonNode archived = bulk("{\"action\": \"archive\", \"ids\": " + quoted(ids) + "}");
        JsonNode preview = bulk("{\"action\": \"purge\", \"dry_run\": true, \"ids\": " + quoted(ids) + "}");
        JsonNode purged = bulk("{\"action\": \"purge\", \"ids\": " + quoted(ids) + "}");

        assertThat(strings(archived.get("results"), "status"))
                .containsExactly("200", "404", "409", "200", "200", "404");
        assertThat(preview.get("count").asInt()).isEqualTo(4);
        assertThat(preview.get("bytes").asLong()).isEqualTo(60_000);
        assertThat(strings(purged.get("results"), "status")).containsExactly("200", "404", "200", "200", "200", "404");
        assertThat(usage("bytes", "used")).isZero();
        assertThat(usage("bytes", "reserved")).isZero();
    }

    @Test
    void a_repetition_is_answered_from_the_record_and_does_nothing() throws Exception {
        List<String> ids = upload(MANY, 1);
        String request = "{\"action\": \"purge\", \"ids\": " + quoted(ids) + "}";
        JsonNode first = bulk(request, "the-key");
        upload(1, 1);

        HttpResponse<String> again = send(request, "the-key");
        HttpResponse<String> other = send("{\"action\": \"purge\", \"filter\": {\"status\": \"any\"}}", "the-key");

        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(JSON.readTree(again.body())).isEqualTo(first);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(count("status=any")).isEqualTo(1);
    }

    @Test
    void bulks_over_the_same_documents_beside_single_writers_all_end_and_agree() throws Exception {
        List<String> ids = upload(300, 7);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (String action : List.of("archive", "restore", "archive")) {
            for (int i = 0; i < 2; i++) {
                List<String> shuffled = new ArrayList<>(ids);
                Collections.shuffle(shuffled, new Random(i));
                calls.add(() -> bulk("{\"action\": \"" + action + "\", \"ids\": " + quoted(shuffled) + "}")
                        .get("done")
                        .asInt());
            }
        }
        for (int i = 0; i < 2; i++) {
            List<String> some = ids.subList(i * 100, i * 100 + 60);
            calls.add(() -> {
                for (String id : some) {
                    patch(id, "{\"name\": \"renamed\"}");
                }
                return ids.size();
            });
        }

        assertThat(together(calls)).containsOnly(ids.size());

        assertThat(count("status=any&name=renamed")).isEqualTo(120);
        assertThat(usage("documents", "active") + usage("documents", "archived"))
                .isEqualTo(300);
        assertThat(count("status=archived")).isEqualTo(usage("documents", "archived"));
        assertThat(usage("bytes", "archived")).isEqualTo(7 * usage("documents", "archived"));
        assertThat(usage("bytes", "used")).isEqualTo(2_100);
    }

    @Test
    void two_purges_of_the_same_documents_share_them() throws Exception {
        List<String> ids = upload(300, 20_000);
        List<String> reversed = new ArrayList<>(ids);
        Collections.reverse(reversed);

        List<Integer> done = together(List.of(
                () -> bulk("{\"action\": \"purge\", \"ids\": " + quoted(ids) + "}")
                        .get("done")
                        .asInt(),
                () -> bulk("{\"action\": \"purge\", \"ids\": " + quoted(reversed) + "}")
                        .get("done")
                        .asInt()));

        assertThat(done.get(0) + done.get(1)).isEqualTo(300);
        assertThat(usage("bytes", "used")).isZero();
    }

    // Steps

    private JsonNode timed(String what, String request) throws Exception {
        Instant start = Instant.now();
        JsonNode answer = bulk(request);
        log.info(
                "{} of {} documents took {} ms",
                what,
                MANY,
                Duration.between(start, Instant.now()).toMillis());
        return answer;
    }

    private List<String> upload(int count, int size) throws Exception {
        List<Callable<List<String>>> forms = IntStream.iterate(0, from -> from < count, from -> from + FILES_PER_FORM)
                .<Callable<List<String>>>mapToObj(from -> () -> form(Math.min(FILES_PER_FORM, count - from), size))
                .toList();
        return together(forms).stream().flatMap(Collection::stream).toList();
    }

    private List<String> form(int files, int size) throws Exception {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < files; i++) {
            body.append("--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"form\": ")
                    .append(i)
                    .append("}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n")
                    .append("x".repeat(size))
                    .append("\r\n");
        }
        HttpResponse<String> answer = http.send(
                request("/v1/documents")
                        .header("Content-Type", "multipart/form-data; boundary=b")
                        .POST(BodyPublishers.ofString(body + "--b--\r\n"))
                        .build(),
                BodyHandlers.ofString());
        JsonNode json = JSON.readTree(answer.body());
        List<String> ids = new ArrayList<>();
        if (files == 1) {
            ids.add(json.get("id").asText());
        } else {
            json.get("results")
                    .forEach(each -> ids.add(each.get("document").get("id").asText()));
        }
        assertThat(ids).hasSize(files);
        return ids;
    }

    private String reserve() throws Exception {
        HttpResponse<String> answer = http.send(
                request("/v1/documents")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\": \"awaited\", \"size_bytes\": 99}"))
                        .build(),
                BodyHandlers.ofString());
        return JSON.readTree(answer.body()).get("id").asText();
    }

    private void patch(String id, String body) throws Exception {
        HttpResponse<String> answer = http.send(
                request("/v1/documents/" + id)
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private JsonNode bulk(String body) throws Exception {
        return bulk(body, "key-" + System.nanoTime());
    }

    private JsonNode bulk(String body, String key) throws Exception {
        HttpResponse<String> answer = send(body, key);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private HttpResponse<String> send(String body, String key) throws Exception {
        return http.send(
                request("/v1/bulk")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private long usage(String what, String figure) throws Exception {
        return get("/v1/usage").get(what).get(figure).asLong();
    }

    private long count(String query) throws Exception {
        return get("/v1/documents?limit=1&count=true&" + query).get("count").asLong();
    }

    private JsonNode get(String path) throws Exception {
        return JSON.readTree(
                http.send(request(path).build(), BodyHandlers.ofString()).body());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(calls)) {
                results.add(each.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static String quoted(Collection<String> ids) {
        return ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private static List<String> strings(JsonNode list, String member) {
        List<String> texts = new ArrayList<>();
        list.forEach(each -> texts.add(each.get(member).asText()));
        return texts;
    }
}
