package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a user does with older versions, through HTTP. */
abstract class VersionAcceptance extends RunningServer {
    private static final int LARGE = 100_000;

    @Test
    void an_older_version_comes_back_and_another_goes() throws Exception {
        byte[] first = random(1, 500);
        byte[] second = random(2, LARGE);
        String url = document("text/html", first);
        String type = body(send(get(url)), 200).get("mime_type").asText();
        body(put(url + "/content", second, Map.of("Content-Type", "image/png")), 200);

        HttpResponse<byte[]> answer = restore(url, 1, Map.of("If-Match", "\"r3\""));
        JsonNode restored = body(answer, 200);

        assertThat(answer.headers().firstValue("ETag")).contains("\"r4\"");
        assertThat(restored.get("version").asInt()).isEqualTo(3);
        assertThat(restored.get("mime_type").asText()).isEqualTo(type);
        assertThat(restored.get("sha256").asText()).isEqualTo(sha256(first));
        assertThat(body(send(get(url)), 200)).isEqualTo(restored);
        assertThat(send(get(url + "/content")).body()).isEqualTo(first);
        JsonNode version = body(send(get(url + "/versions/3")), 200);
        assertThat(version.fieldNames())
                .toIterable()
                .contains("version", "mime_type", "size_bytes", "sha256", "created_at", "content_url");
        assertThat(version.get("mime_type").asText()).isEqualTo(type);
        assertThat(version.get("size_bytes").asInt()).isEqualTo(500);
        assertThat(version.get("sha256").asText()).isEqualTo(sha256(first));
        assertThat(version.get("created_at")).isEqualTo(restored.get("updated_at"));
        assertThat(send(get(version.get("content_url").asText())).body()).isEqualTo(first);
        assertThat(usage().get("used").asLong()).isEqualTo(LARGE + 1_000);
        assertThat(usage().get("older_versions").asLong()).isEqualTo(LARGE + 500);

        for (int number : new int[] {1, 2}) {
            assertThat(drop(url, number, Map.of("If-Match", "\"r4\"")).statusCode())
                    .isEqualTo(204);
        }
        restart();

        assertThat(numbers(url)).containsExactly(3);
        problem(send(get(url + "/versions/1")), 404, "not-found");
        problem(send(get(url + "/content?version=2")), 404, "not-found");
        assertThat(send(get(url + "/content")).body()).isEqualTo(first);
        assertThat(body(send(get(url)), 200)).isEqualTo(restored);
        assertThat(usage().get("used").asLong()).isEqualTo(500);
    }

    @Test
    void what_can_not_be_done_with_versions_is_told_and_changes_nothing() throws Exception {
        String url = document("text/plain", random(1, 500));
        JsonNode second = body(put(url + "/content", random(2, LARGE), Map.of()), 200);
        String nowhere = "/v1/documents/" + UUID.randomUUID();

        for (String number : List.of("3", "0", "-1", "x", "01", "1e0", "99999999999")) {
            problem(send(request(url + "/versions/" + number, admin).DELETE()), 404, "not-found");
            problem(
                    send(request(url + "/versions/" + number + "/restore", admin)
                            .POST(BodyPublishers.noBody())),
                    404,
                    "not-found");
        }
        problem(restore(nowhere, 1, Map.of()), 404, "not-found");
        problem(drop(nowhere, 1, Map.of()), 404, "not-found");
        problem(restore(url, 2, Map.of()), 409, "current-version");
        problem(drop(url, 2, Map.of()), 409, "current-version");
        for (Map<String, String> stale : List.of(Map.of("If-Match", "\"r2\""), Map.of("If-None-Match", "*"))) {
            problem(restore(url, 1, stale), 412, "precondition-failed");
            problem(drop(url, 1, stale), 412, "precondition-failed");
        }
        problem(restore(url, 1, Map.of("Idempotency-Key", "")), 400, "malformed");
        problem(
                send(request(url + "/versions/1/restore?keep=1", admin).POST(BodyPublishers.noBody())),
                400,
                "malformed");
        problem(send(request(url + "/versions/1?purge=true", admin).DELETE()), 400, "malformed");
        body(send(request("/v1/users/admin/quota", admin).PUT(BodyPublishers.ofString("{\"bytes\": 100900}"))), 200);
        problem(restore(url, 1, Map.of()), 413, "quota-exceeded");
        assertThat(body(send(get(url)), 200)).isEqualTo(second);

        JsonNode archived = body(patch(url, "{\"status\": \"archived\"}"), 200);
        problem(restore(url, 1, Map.of()), 409, "status-conflict");
        JsonNode pending = body(post("/v1/documents", admin, "application/json", "{\"name\": \"later\"}"), 201);
        problem(restore("/v1/documents/" + pending.get("id").asText(), 1, Map.of()), 404, "not-found");
        assertThat(body(send(get(url)), 200)).isEqualTo(archived);
        assertThat(numbers(url)).containsExactly(2, 1);
        assertThat(drop(url, 1, Map.of()).statusCode()).isEqualTo(204);
        assertThat(usage().get("used").asLong()).isEqualTo(LARGE);
    }

    @Test
    void a_stranger_neither_restores_nor_drops() throws Exception {
        String stranger = token("stranger");
        String url = document("text/plain", random(1, 500));
        body(put(url + "/content", random(2, 500), Map.of()), 200);

        problem(send(request(url + "/versions/1/restore", stranger).POST(BodyPublishers.noBody())), 404, "not-found");
        problem(send(request(url + "/versions/1", stranger).DELETE()), 404, "not-found");

        assertThat(numbers(url)).containsExactly(2, 1);
    }

    @Test
    void a_version_is_restored_once_under_a_key_by_however_many_threads() throws Exception {
        String url = document("text/plain", random(1, 500));
        body(put(url + "/content", random(2, LARGE), Map.of()), 200);
        Map<String, String> key = Map.of("Idempotency-Key", "once", "If-Match", "\"r3\"");

        List<HttpResponse<byte[]>> answers = together(16, () -> restore(url, 1, key));

        for (HttpResponse<byte[]> answer : answers) {
            assertThat(body(answer, 200)).isEqualTo(body(answers.get(0), 200));
        }
        assertThat(answers)
                .filteredOn(answer ->
                        answer.headers().firstValue("Idempotency-Replayed").isEmpty())
                .hasSize(1);
        restart();
        HttpResponse<byte[]> late = restore(url, 1, key);
        assertThat(late.body()).isEqualTo(answers.get(0).body());
        assertThat(late.headers().firstValue("Idempotency-Replayed")).contains("true");
        problem(restore(url, 2, key), 422, "key-reused");
        assertThat(numbers(url)).containsExactly(3, 2, 1);
    }

    @Test
    void a_document_whose_bytes_are_damaged_is_whole_again_with_an_older_version() throws Exception {
        byte[] first = random(1, LARGE);
        String url = document("text/plain", first);
        body(put(url + "/content", random(2, LARGE + 1), Map.of()), 200);
        damage(LARGE + 1);
        assertThatThrownBy(() -> send(get(url + "/content"))).isInstanceOf(IOException.class);
        assertThat(body(send(get(url)), 200).get("status").asText()).isEqualTo("error");

        JsonNode restored = body(restore(url, 1, Map.of()), 200);

        assertThat(restored.get("status").asText()).isEqualTo("active");
        assertThat(send(get(url + "/content")).body()).isEqualTo(first);
        problem(restore(url, 2, Map.of("If-Match", "\"r1\"")), 412, "precondition-failed");
    }

    @Test
    void versions_made_restored_and_dropped_by_many_clients_have_numbers_without_a_gap() throws Exception {
        String url = document("text/plain", random(1, 500));
        ExecutorService clients = Executors.newFixedThreadPool(24);
        List<Integer> made = new ArrayList<>();
        try {
            List<Future<List<HttpResponse<byte[]>>>> answers = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                int client = i;
                answers.add(clients.submit((Callable<List<HttpResponse<byte[]>>>) () -> {
                    List<HttpResponse<byte[]>> each = new ArrayList<>();
                    each.add(put(url + "/content", random(client, 100 + client * 2_000), Map.of()));
                    each.add(restore(url, 1 + client / 2, Map.of()));
                    HttpResponse<byte[]> dropped = drop(url, 1 + client, Map.of());
                    assertThat(dropped.statusCode()).isIn(204, 404, 409);
                    return each;
                }));
            }
            for (Future<List<HttpResponse<byte[]>>> each : answers) {
                for (HttpResponse<byte[]> answer : each.get()) {
                    assertThat(answer.statusCode()).isIn(200, 404, 409);
                    if (answer.statusCode() == 200) {
                        made.add(body(answer, 200).get("version").asInt());
                    }
                }
            }
        } finally {
            clients.shutdown();
        }

        JsonNode end = body(send(get(url)), 200);
        assertThat(made.stream().sorted().toList())
                .isEqualTo(IntStream.rangeClosed(2, end.get("version").asInt())
                        .boxed()
                        .toList());
        long used = 0;
        for (int number : numbers(url)) {
            JsonNode version = body(send(get(url + "/versions/" + number)), 200);
            assertThat(sha256(send(get(version.get("content_url").asText())).body()))
                    .isEqualTo(version.get("sha256").asText());
            used += version.get("size_bytes").asLong();
        }
        assertThat(usage().get("used").asLong()).isEqualTo(used);
    }

    private String document(String type, byte[] bytes) throws Exception {
        return "/v1/documents/"
                + body(upload(admin, "versions", type, bytes, "{}"), 201)
                        .get("id")
                        .asText();
    }

    private HttpResponse<byte[]> restore(String url, int number, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request =
                request(url + "/versions/" + number + "/restore", admin).POST(BodyPublishers.noBody());
        headers.forEach(request::header);
        return send(request);
    }

    private HttpResponse<byte[]> drop(String url, int number, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request =
                request(url + "/versions/" + number, admin).DELETE();
        headers.forEach(request::header);
        return send(request);
    }

    private List<Integer> numbers(String url) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        body(send(get(url + "/versions?limit=200")), 200)
                .get("items")
                .forEach(item -> numbers.add(item.get("version").asInt()));
        return numbers;
    }

    private void damage(long size) throws Exception {
        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            Path file = files.filter(
                            each -> Files.isRegularFile(each) && each.toFile().length() == size)
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
    }
}
