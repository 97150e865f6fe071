package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** What a user does with a running server, through HTTP, on a real database and a real disk. */
abstract class ServerAcceptance extends RunningServer {
    @Test
    void a_document_lives_from_upload_to_purge() throws Exception {
        String name = "Übersicht \"Q4\" 報告.pdf";
        byte[] bytes = random(1, 300_000);
        JsonNode created = body(upload(admin, name, "application/pdf", bytes, "{\"year\": 2026}"), 201);
        String url = "/v1/documents/" + created.get("id").asText();
        assertThat(created.get("name").asText()).isEqualTo(name);
        assertThat(created.get("status").asText()).isEqualTo("active");
        assertThat(created.get("size_bytes").asLong()).isEqualTo(bytes.length);
        assertThat(created.get("sha256").asText()).isEqualTo(sha256(bytes));
        assertThat(names("/v1/documents")).containsExactly(name);
        assertThat(names("/v1/documents?name=" + encoded("ÜBERSICHT"))).containsExactly(name);
        assertThat(names("/v1/documents?metadata=year:2026")).containsExactly(name);
        assertThat(names("/v1/documents?metadata=year:2025")).isEmpty();

        HttpResponse<byte[]> part = send(get(url + "/content").header("Range", "bytes=1000-1999"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 1000-1999/300000");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(bytes, 1000, 2000));

        JsonNode renamed = body(
                patch(url, "{\"name\": \"plain.pdf\", \"metadata\": {\"year\": null, \"a\": {\"b\": true}}}"), 200);
        assertThat(renamed.get("name").asText()).isEqualTo("plain.pdf");
        assertThat(renamed.get("metadata").toString()).isEqualTo("{\"a\":{\"b\":true}}");
        assertThat(names("/v1/documents?metadata=a.b:true")).containsExactly("plain.pdf");

        body(patch(url, "{\"status\": \"archived\"}"), 200);
        assertThat(names("/v1/documents")).isEmpty();
        assertThat(names("/v1/documents?status=archived")).containsExactly("plain.pdf");
        restart();
        body(patch(url, "{\"status\": \"active\"}"), 200);
        assertThat(send(get(url + "/content")).body()).isEqualTo(bytes);

        assertThat(send(request(url + "?purge=true", admin).DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(send(get(url)).statusCode()).isEqualTo(404);
        assertThat(send(get(url + "/content")).statusCode()).isEqualTo(404);
        assertThat(usage().get("used").asLong()).isZero();
    }

    @Test
    void content_comes_later_and_grows_versions() throws Exception {
        JsonNode pending = body(
                post("/v1/documents", admin, "application/json", "{\"name\": \"later.bin\", \"size_bytes\": 5}"), 201);
        String url = "/v1/documents/" + pending.get("id").asText();
        assertThat(pending.get("status").asText()).isEqualTo("pending");
        assertThat(usage().get("reserved").asLong()).isEqualTo(5);
        assertThat(send(get(url + "/content")).statusCode()).isEqualTo(409);

        HttpResponse<byte[]> first = put(url + "/content", "first".getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(body(first, 201).get("version").asInt()).isEqualTo(1);
        assertThat(usage().get("reserved").asLong()).isZero();
        String tag = first.headers().firstValue("ETag").orElseThrow();
        byte[] large = random(2, 100_000);
        JsonNode second = body(put(url + "/content", large, Map.of("If-Match", tag)), 200);
        assertThat(second.get("version").asInt()).isEqualTo(2);
        problem(put(url + "/content", large, Map.of("If-Match", tag)), 412, "precondition-failed");
        assertThat(send(get(url + "/content?version=1")).body()).isEqualTo("first".getBytes(StandardCharsets.UTF_8));
        assertThat(send(get(url + "/content")).body()).isEqualTo(large);
        assertThat(body(send(get(url + "/versions")), 200).get("items").size()).isEqualTo(2);
        assertThat(usage().get("used").asLong()).isEqualTo(100_005);
        problem(
                put(url + "/content", large, Map.of("Repr-Digest", "sha-256=:" + "A".repeat(43) + "=:")),
                400,
                "content-mismatch");
        assertThat(body(send(get(url)), 200).get("version").asInt()).isEqualTo(2);
    }

    /** A body, the status it earns, and the pointer to what is wrong, or null where it is the body as a whole. */
    private record Wrong(String json, int status, @Nullable String pointer) {}

    @Test
    void wrong_values_are_refused_by_name() throws Exception {
        String deep = "{\"a\":".repeat(9) + "1" + "}".repeat(9);
        for (Wrong wrong : List.of(
                new Wrong("{\"name\": \"\"}", 422, "/name"),
                new Wrong("{\"name\": \"a\\u0000b\"}", 422, "/name"),
                new Wrong("{\"name\": \"a\\ud800b\"}", 422, "/name"),
                new Wrong("{}", 422, "/name"),
                new Wrong("{\"name\": 5}", 422, "/name"),
                new Wrong("{\"name\": \"a\", \"size_bytes\": -1}", 422, "/size_bytes"),
                new Wrong("{\"name\": \"a\", \"nmae\": 1}", 422, "/nmae"),
                new Wrong("{\"name\": \"a\", \"metadata\": " + deep + "}", 422, "/metadata"),
                new Wrong("{\"name\": \"a\", \"metadata\": [1]}", 422, "/metadata"),
                new Wrong("{\"name\": \"a\", \"mime_type\": \"nonsense\"}", 422, "/mime_type"),
                new Wrong("{\"name\": \"a\", \"name\": \"b\"}", 400, null),
                new Wrong("{\"name\": ", 400, null),
                new Wrong("[]", 400, null))) {
            JsonNode problem = body(post("/v1/documents", admin, "application/json", wrong.json()), wrong.status());
            assertThat(problem.get("type").asText()).startsWith("/problems/");
            assertThat(problem.at("/errors/0/pointer").asText(null)).isEqualTo(wrong.pointer());
        }
        assertThat(names("/v1/documents?status=any")).isEmpty();
    }

    @Test
    void a_name_of_300_characters_is_refused_with_the_limit() throws Exception {
        JsonNode problem = body(upload(admin, "x".repeat(300), "text/plain", new byte[1], "{}"), 422);
        assertThat(problem.at("/errors/0/pointer").asText()).isEqualTo("/name");
        assertThat(problem.at("/errors/0/limit").asInt()).isEqualTo(255);
    }

    @Test
    void wrong_parameters_are_refused_by_name() throws Exception {
        for (String query : List.of(
                "status=unknown",
                "cursor=!!!",
                "cursor=AAAA",
                "limit=0",
                "limit=201",
                "stat=active",
                "sort=colour",
                "created_after=yesterday",
                "min_size=-1",
                "metadata=x",
                "sha256=abc",
                "count=maybe",
                "limit=1&limit=2")) {
            JsonNode problem = body(send(get("/v1/documents?" + query)), 400);
            assertThat(problem.at("/errors/0/parameter").asText()).isEqualTo(query.substring(0, query.indexOf('=')));
        }
    }

    @Test
    void transitions_that_are_not_allowed_name_both_states() throws Exception {
        JsonNode pending = body(post("/v1/documents", admin, "application/json", "{\"name\": \"a\"}"), 201);
        String url = "/v1/documents/" + pending.get("id").asText();
        JsonNode problem = problem(patch(url, "{\"status\": \"archived\"}"), 409, "status-conflict");
        assertThat(problem.get("detail").asText()).contains("pending").contains("archived");
        problem(patch(url, "{\"status\": \"error\"}"), 422, "invalid");
        JsonNode active = body(upload(admin, "b", "text/plain", new byte[3], "{}"), 201);
        String activeUrl = "/v1/documents/" + active.get("id").asText();
        assertThat(send(request(activeUrl, admin).DELETE()).statusCode()).isEqualTo(204);
        assertThat(send(request(activeUrl, admin).DELETE()).statusCode()).isEqualTo(204);
        problem(put(activeUrl + "/content", new byte[3], Map.of()), 409, "status-conflict");
    }

    @Test
    void strangers_see_nothing_and_can_do_nothing() throws Exception {
        String stranger = token("stranger");
        JsonNode mine = body(upload(admin, "mine", "text/plain", new byte[100], "{}"), 201);
        String url = "/v1/documents/" + mine.get("id").asText();
        JsonNode never = body(send(request("/v1/documents/" + UUID.randomUUID(), stranger)), 404);
        for (HttpResponse<byte[]> answer : List.of(
                send(request(url, stranger)),
                send(request(url + "/content", stranger)),
                send(request(url + "/versions", stranger)),
                send(request(url + "/versions/1", stranger)),
                send(request(url, stranger).DELETE()),
                send(request(url + "?purge=true", stranger).DELETE()),
                send(request(url, stranger)
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString("{\"name\": \"theirs\"}"))),
                send(request(url + "/content", stranger).PUT(BodyPublishers.ofString("theirs"))))) {
            JsonNode problem = body(answer, 404);
            assertThat(problem.get("detail")).isEqualTo(never.get("detail"));
        }
        body(send(request("/v1/documents?user_id=admin", stranger)), 403);
        body(send(request("/v1/users/admin/usage", stranger)), 403);
        body(send(request("/v1/users/admin", stranger).DELETE()), 403);
        body(
                send(request("/v1/users/stranger/quota", stranger).PUT(BodyPublishers.ofString("{\"bytes\": null}"))),
                403);
        HttpResponse<byte[]> anonymous = send(HttpRequest.newBuilder(uri(url)));
        body(anonymous, 401);
        assertThat(anonymous.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(body(send(get(url)), 200).get("revision").asInt()).isEqualTo(2);
    }

    @Test
    void quotas_hold_and_users_go_with_all_they_have() throws Exception {
        String user = token("someone");
        JsonNode usage = body(
                send(request("/v1/users/someone/quota", admin).PUT(BodyPublishers.ofString("{\"bytes\": 100000}"))),
                200);
        assertThat(usage.at("/bytes/limit").asLong()).isEqualTo(100_000);
        body(upload(user, "small", "text/plain", random(3, 60_000), "{}"), 201);
        problem(upload(user, "large", "text/plain", random(4, 60_000), "{}"), 413, "quota-exceeded");
        body(upload(user, "fits", "text/plain", random(5, 40_000), "{}"), 201);
        JsonNode full = body(send(request("/v1/usage", user)), 200);
        assertThat(full.at("/bytes/used").asLong()).isEqualTo(100_000);
        assertThat(full.at("/bytes/reserved").asLong()).isZero();
        assertThat(full.at("/documents/active").asLong()).isEqualTo(2);
        assertThat(send(request("/v1/users/someone", admin).DELETE()).statusCode())
                .isEqualTo(204);
        body(send(request("/v1/usage", user)), 401);
        assertThat(names("/v1/documents?user_id=someone&status=any")).isEmpty();
    }

    @Test
    void many_files_come_in_one_form_and_leave_in_one_zip() throws Exception {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < 150; i++) {
            form.append("--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"n\": ")
                    .append(i)
                    .append("}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"")
                    .append(i == 100 ? "x".repeat(300) : "same.txt")
                    .append("\"\r\n\r\n")
                    .append("content of ".repeat(i % 50 == 49 ? 5_000 : 3))
                    .append(i)
                    .append("\r\n");
        }
        HttpResponse<byte[]> answer =
                post("/v1/documents", admin, "multipart/form-data; boundary=b", form + "--b--\r\n");

        JsonNode results = body(answer, 200).get("results");
        assertThat(results.size()).isEqualTo(150);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            JsonNode result = results.get(i);
            if (i == 100) {
                assertThat(result.get("status").asInt()).isEqualTo(422);
                assertThat(result.at("/problem/errors/0/pointer").asText()).isEqualTo("/name");
            } else {
                assertThat(result.get("status").asInt()).isEqualTo(201);
                assertThat(result.at("/document/metadata/n").asInt()).isEqualTo(i);
                ids.add("\"" + result.at("/document/id").asText() + "\"");
            }
        }
        assertThat(names("/v1/documents?metadata=n:99")).hasSize(1);

        HttpResponse<byte[]> zip = post("/v1/bulk/zip", admin, "application/json", "{\"ids\": " + ids + "}");
        assertThat(zip.headers().firstValue("Content-Type")).contains("application/zip");
        List<String> names = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip.body()))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                int i = names.size() < 100 ? names.size() : names.size() + 1;
                names.add(entry.getName());
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .endsWith("content of " + i);
            }
        }
        assertThat(names).hasSize(149).startsWith("same.txt", "same (2).txt").endsWith("same (149).txt");
        HttpResponse<byte[]> one =
                post("/v1/bulk/zip", admin, "application/json", "{\"filter\": {\"metadata\": \"n:99\"}}");
        assertThat(one.statusCode()).isEqualTo(200);
        problem(
                post("/v1/bulk/zip", token("stranger"), "application/json", "{\"ids\": " + ids.subList(0, 1) + "}"),
                404,
                "not-found");
    }

    @Test
    void an_upload_cut_in_the_middle_leaves_nothing() throws Exception {
        for (String head : List.of(
                "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin
                        + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
                        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut\"\r\n\r\n",
                "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin
                        + "\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "1ffff\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut\"\r\n\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                OutputStream out = socket.getOutputStream();
                out.write(head.getBytes(StandardCharsets.ISO_8859_1));
                out.write(random(6, 100_000));
                out.flush();
                Awaitility.await().until(() -> usage().get("reserved").asLong() > 0);
            }
            Awaitility.await().until(() -> usage().get("reserved").asLong() == 0);
            assertThat(names("/v1/documents?status=any")).isEmpty();
        }
    }

    @Test
    void sixty_four_clients_lose_no_update_and_usage_is_exact() throws Exception {
        JsonNode shared = body(upload(admin, "shared", "text/plain", new byte[10], "{}"), 201);
        String url = "/v1/documents/" + shared.get("id").asText();
        ExecutorService clients = Executors.newFixedThreadPool(64);
        try {
            List<Future<Integer>> conditional = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int client = i;
                conditional.add(clients.submit((Callable<Integer>) () -> {
                    body(put(url + "/content", random(client, 100 + client * 700), Map.of()), 200);
                    body(patch(url, "{\"metadata\": {\"client-" + client + "\": true}}"), 200);
                    body(upload(admin, "own-" + client, "text/plain", random(client, 1000 * client), "{}"), 201);
                    return put(url + "/content", new byte[client], Map.of("If-Match", "\"r2\""))
                            .statusCode();
                }));
            }
            for (Future<Integer> status : conditional) {
                assertThat(status.get()).isEqualTo(412);
            }
        } finally {
            clients.shutdown();
        }
        JsonNode end = body(send(get(url)), 200);
        assertThat(end.get("version").asInt()).isEqualTo(65);
        assertThat(end.get("metadata").size()).isEqualTo(64);
        assertThat(end.get("revision").asInt()).isEqualTo(2 + 64 + 64);
        long expected = 10;
        for (int client = 0; client < 64; client++) {
            expected += 100 + client * 700 + 1000L * client;
        }
        JsonNode usage = usage();
        assertThat(usage.get("used").asLong()).isEqualTo(expected);
        assertThat(usage.get("reserved").asLong()).isZero();
    }

    @Test
    void pages_cover_everything_once() throws Exception {
        for (int i = 0; i < 23; i++) {
            body(upload(admin, "doc-" + i, "text/plain", new byte[i], "{}"), 201);
        }
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = body(send(get("/v1/documents?sort=size_bytes&limit=5&count=true" + cursor)), 200);
            assertThat(page.get("count").asInt()).isEqualTo(23);
            page.get("items").forEach(item -> seen.add(item.get("name").asText()));
            JsonNode next = page.get("next_cursor");
            cursor = next.isNull() ? null : "&cursor=" + next.asText();
        } while (cursor != null);
        assertThat(seen)
                .hasSize(23)
                .doesNotHaveDuplicates()
                .startsWith("doc-0", "doc-1")
                .endsWith("doc-22");
    }

    @Test
    void a_request_with_a_key_is_carried_out_once_by_however_many_threads_and_after_a_restart() throws Exception {
        int round = 0;
        for (int size : new int[] {5, 300_000}) {
            byte[] bytes = random(size, size);
            Map<String, String> key = Map.of("Idempotency-Key", "key-" + round++);
            List<HttpResponse<byte[]>> answers =
                    together(16, () -> upload(admin, "once", "text/plain", bytes, "{\"a\": [1.50]}", key));
            // those that came while the first was being carried out were to come again
            for (HttpResponse<byte[]> answer : answers) {
                assertThat(answer.statusCode()).isIn(201, 409);
            }
            restart();
            HttpResponse<byte[]> replay = upload(admin, "once", "text/plain", bytes, "{\"a\": [1.5]}", key);
            assertThat(replay.headers().firstValue("Idempotency-Replayed")).contains("true");
            List<HttpResponse<byte[]>> created = answers.stream()
                    .filter(answer -> answer.statusCode() == 201)
                    .toList();
            assertThat(created).allSatisfy(answer -> {
                assertThat(answer.body()).isEqualTo(replay.body());
                assertThat(answer.headers().firstValue("ETag"))
                        .isEqualTo(replay.headers().firstValue("ETag"));
            });
            assertThat(created)
                    .filteredOn(answer ->
                            answer.headers().firstValue("Idempotency-Replayed").isEmpty())
                    .hasSize(1);
            assertThat(names("/v1/documents?status=any")).hasSize(round);

            problem(upload(admin, "once", "text/plain", random(9, size), "{\"a\": [1.5]}", key), 422, "key-reused");
            String url = "/v1/documents/" + body(replay, 201).get("id").asText() + "/content";
            assertThat(body(put(url, bytes, Map.of("Idempotency-Key", "put-" + round)), 200))
                    .isEqualTo(body(put(url, bytes, Map.of("Idempotency-Key", "put-" + round)), 200));
            assertThat(body(send(get(url.replace("/content", "/versions"))), 200)
                            .get("items"))
                    .hasSize(2);
        }
    }

    @Test
    void the_server_says_that_it_is_well() throws Exception {
        assertThat(body(send(HttpRequest.newBuilder(uri("/health/live"))), 200)
                        .get("status")
                        .asText())
                .isEqualTo("up");
        assertThat(body(send(HttpRequest.newBuilder(uri("/health/ready"))), 200)
                        .get("status")
                        .asText())
                .isEqualTo("up");
    }
}
