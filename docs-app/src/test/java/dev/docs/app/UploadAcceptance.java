package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Resumable uploads by tus 1.0.0, as their text says, on the real server. */
abstract class UploadAcceptance extends RunningServer {
    private static final String UPLOADS = "/v1/uploads";
    private static final byte[] BYTES = random(5, 300_000);

    @Override
    Map<String, String> settingsOfTheTest() {
        return Map.of("--max-document-bytes", "1000000", "--denied-types", "application/pdf");
    }

    // What the protocol says

    @Test
    void options_tell_what_there_is_and_every_answer_names_the_version() throws Exception {
        HttpResponse<byte[]> options = send(request(UPLOADS, admin).method("OPTIONS", BodyPublishers.noBody()));
        assertThat(options.statusCode()).isEqualTo(204);
        assertThat(header(options, "Tus-Version")).isEqualTo("1.0.0");
        assertThat(header(options, "Tus-Resumable")).isEqualTo("1.0.0");
        assertThat(header(options, "Tus-Max-Size")).isEqualTo("1000000");
        assertThat(header(options, "Tus-Checksum-Algorithm")).isEqualTo("sha1,sha256");
        assertThat(header(options, "Tus-Extension").split(","))
                .containsExactlyInAnyOrder(
                        "creation",
                        "creation-with-upload",
                        "creation-defer-length",
                        "checksum",
                        "expiration",
                        "termination");

        for (String version : new String[] {"0.2.2", "1.0.1", ""}) {
            HttpRequest.Builder other = request(UPLOADS, admin).header("Upload-Length", "5");
            if (!version.isEmpty()) {
                other.header("Tus-Resumable", version);
            }
            HttpResponse<byte[]> refused = send(other.POST(BodyPublishers.noBody()));
            problem(refused, 412, "tus-version");
            assertThat(header(refused, "Tus-Version")).isEqualTo("1.0.0");
            assertThat(header(refused, "Tus-Resumable")).isEqualTo("1.0.0");
        }
        HttpResponse<byte[]> unknown = tus("HEAD", UPLOADS + "/none", Map.of(), new byte[0]);
        assertThat(unknown.statusCode()).isEqualTo(404);
        HttpResponse<byte[]> nobody = send(HttpRequest.newBuilder(uri(UPLOADS)).POST(BodyPublishers.noBody()));
        assertThat(nobody.statusCode()).isEqualTo(401);
        for (HttpResponse<byte[]> answer : List.of(unknown, nobody)) {
            assertThat(header(answer, "Tus-Resumable")).isEqualTo("1.0.0");
        }
        assertThat(names("/v1/documents?status=any")).isEmpty();
    }

    @Test
    void parts_become_a_document() throws Exception {
        String metadata = "filename " + base64("Grün.txt") + ",filetype " + base64("text/plain") + ",metadata "
                + base64("{\"year\": 2026}") + ",relativePath,other " + base64("kept");
        HttpResponse<byte[]> created = create(Map.of("Upload-Length", "" + BYTES.length, "Upload-Metadata", metadata));
        String path = header(created, "Location");
        assertThat(path).matches("/v1/uploads/[0-9a-f-]{36}");
        assertThat(expires(created)).isAfter(Instant.now().plusSeconds(20 * 3600));
        assertThat(names("/v1/documents?status=pending")).containsExactly("Grün.txt");
        assertThat(usage().get("reserved").asLong()).isEqualTo(BYTES.length);

        HttpResponse<byte[]> head = head(path);
        assertThat(header(head, "Upload-Offset")).isEqualTo("0");
        assertThat(header(head, "Upload-Length")).isEqualTo("" + BYTES.length);
        assertThat(header(head, "Upload-Metadata")).isEqualTo(metadata);
        assertThat(header(head, "Cache-Control")).isEqualTo("no-store");
        assertThat(head.headers().firstValue("Docs-Document-Id")).isEmpty();

        HttpResponse<byte[]> first = patch(path, 0, 123_456);
        assertThat(first.statusCode()).isEqualTo(204);
        assertThat(header(first, "Upload-Offset")).isEqualTo("123456");
        assertThat(expires(first)).isAfter(Instant.now());
        assertThat(offset(path)).isEqualTo(123_456);
        HttpResponse<byte[]> last = patch(path, 123_456, BYTES.length);

        assertThat(last.statusCode()).isEqualTo(204);
        assertThat(header(last, "Upload-Offset")).isEqualTo("" + BYTES.length);
        JsonNode document = body(send(get(header(last, "Content-Location"))), 200);
        assertThat(header(last, "Docs-Document-Id"))
                .isEqualTo(document.get("id").asText());
        assertThat(header(head(path), "Docs-Document-Id"))
                .isEqualTo(document.get("id").asText());
        assertThat(header(head(path), "Upload-Offset")).isEqualTo("" + BYTES.length);
        assertThat(document.get("name").asText()).isEqualTo("Grün.txt");
        assertThat(document.get("metadata").get("year").asInt()).isEqualTo(2026);
        assertThat(document.get("status").asText()).isEqualTo("active");
        assertThat(document.get("version").asInt()).isEqualTo(1);
        requireContent(document, BYTES);
        assertThat(usage().get("reserved").asLong()).isZero();
        assertThat(usage().get("used").asLong()).isEqualTo(BYTES.length);
    }

    @Test
    void an_upload_may_bring_bytes_at_its_beginning_or_be_empty() throws Exception {
        HttpResponse<byte[]> whole =
                tus("POST", UPLOADS, with(named("whole"), "Upload-Length", "1000"), Arrays.copyOf(BYTES, 1000));
        assertThat(whole.statusCode()).isEqualTo(201);
        assertThat(header(whole, "Upload-Offset")).isEqualTo("1000");
        requireContent(document(whole), Arrays.copyOf(BYTES, 1000));

        HttpResponse<byte[]> half = tus(
                "POST", UPLOADS, with(named("half"), "Upload-Length", "" + BYTES.length), Arrays.copyOf(BYTES, 1000));
        assertThat(header(half, "Upload-Offset")).isEqualTo("1000");
        requireContent(document(patch(header(half, "Location"), 1000, BYTES.length)), BYTES);

        HttpResponse<byte[]> empty = create(with(named("empty"), "Upload-Length", "0"));
        requireContent(document(empty), new byte[0]);
        assertThat(document(head(header(empty, "Location")))).isEqualTo(document(empty));

        // nobody is told where it is, so nothing of it may stay
        HttpResponse<byte[]> wrong = tus(
                "POST",
                UPLOADS,
                with(with(named("wrong"), "Upload-Length", "1000"), "Upload-Checksum", "sha1 " + base64("no digest")),
                Arrays.copyOf(BYTES, 10));
        problem(wrong, 460, "checksum-mismatch");
        assertThat(names("/v1/documents?status=any&name=wrong")).isEmpty();
        assertThat(usage().get("reserved").asLong()).isZero();
    }

    @Test
    void the_length_may_come_later() throws Exception {
        String path = header(create(with(named("later"), "Upload-Defer-Length", "1")), "Location");
        assertThat(header(head(path), "Upload-Defer-Length")).isEqualTo("1");
        assertThat(head(path).headers().firstValue("Upload-Length")).isEmpty();
        patch(path, 0, 1000);
        assertThat(header(head(path), "Upload-Defer-Length")).isEqualTo("1");

        HttpResponse<byte[]> known =
                tus("PATCH", path, Map.of("Upload-Offset", "1000", "Upload-Length", "3000"), part(1000, 2000));
        assertThat(known.statusCode()).isEqualTo(204);
        assertThat(header(head(path), "Upload-Length")).isEqualTo("3000");
        assertThat(head(path).headers().firstValue("Upload-Defer-Length")).isEmpty();
        HttpResponse<byte[]> other =
                tus("PATCH", path, Map.of("Upload-Offset", "2000", "Upload-Length", "3001"), part(2000, 3000));
        problem(other, 422, "invalid");
        requireContent(document(patch(path, 2000, 3000)), Arrays.copyOf(BYTES, 3000));
    }

    @Test
    void a_part_with_a_checksum_counts_if_it_is_right() throws Exception {
        String path = begin("sums", BYTES.length);
        byte[] part = part(0, 200_000);
        String wrong = "sha1 " + digest("SHA-1", part(0, 199_999));

        problem(
                tus("PATCH", path, Map.of("Upload-Offset", "0", "Upload-Checksum", wrong), part),
                460,
                "checksum-mismatch");
        assertThat(offset(path)).isZero();
        for (String unknown : new String[] {"md5 " + base64("x"), "SHA1 " + base64("x"), "sha1 !", ""}) {
            problem(
                    tus("PATCH", path, Map.of("Upload-Offset", "0", "Upload-Checksum", unknown), part),
                    400,
                    "malformed");
        }
        assertThat(offset(path)).isZero();
        tus("PATCH", path, Map.of("Upload-Offset", "0", "Upload-Checksum", "sha1 " + digest("SHA-1", part)), part);
        assertThat(offset(path)).isEqualTo(200_000);
        byte[] rest = part(200_000, BYTES.length);
        HttpResponse<byte[]> last = tus(
                "PATCH",
                path,
                Map.of("Upload-Offset", "200000", "Upload-Checksum", "sha256 " + digest("SHA-256", rest)),
                rest);
        requireContent(document(last), BYTES);
    }

    @Test
    void what_does_not_fit_is_refused_and_changes_nothing() throws Exception {
        String path = begin("refused", 1000);
        patch(path, 0, 100);
        Map<String, String> at = Map.of("Upload-Offset", "100");

        problem(patch(path, 99, 200), 409, "offset-mismatch");
        problem(patch(path, 101, 200), 409, "offset-mismatch");
        problem(patch(path, 100, 1001), 413, "too-large");
        problem(tus("PATCH", path, Map.of(), part(100, 200)), 400, "malformed");
        problem(tus("PATCH", path, Map.of("Upload-Offset", "-1"), part(100, 200)), 400, "malformed");
        problem(
                send(request(path, admin)
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Offset", "100")
                        .header("Content-Type", "application/octet-stream")
                        .method("PATCH", BodyPublishers.ofByteArray(part(100, 200)))),
                415,
                "unsupported-media-type");
        String stranger = token("bob");
        for (String method : List.of("PATCH", "HEAD", "DELETE")) {
            HttpResponse<byte[]> foreign = send(tusRequest(path, stranger, at)
                    .header("Content-Type", "application/offset+octet-stream")
                    .method(method, BodyPublishers.ofByteArray(method.equals("PATCH") ? part(100, 200) : new byte[0])));
            assertThat(foreign.statusCode()).as(method).isEqualTo(404);
        }
        assertThat(offset(path)).isEqualTo(100);

        problem(create(with(named("large"), "Upload-Length", "1000001")), 413, "too-large");
        problem(create(with(named("both"), "Upload-Length", "1", "Upload-Defer-Length", "1")), 400, "malformed");
        problem(create(named("neither")), 400, "malformed");
        problem(create(with(named("two"), "Upload-Defer-Length", "2")), 400, "malformed");
        problem(create(Map.of("Upload-Length", "5")), 400, "malformed");
        for (String metadata : List.of(
                "filename !",
                "filename " + base64("a") + ",filename " + base64("b"),
                "a b c",
                ",",
                "é " + base64("a"))) {
            problem(create(Map.of("Upload-Length", "5", "Upload-Metadata", metadata)), 400, "malformed");
        }
        String quota = "{\"bytes\": 5000}";
        body(
                send(request("/v1/users/admin/quota", admin)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(quota))),
                200);
        problem(create(with(named("full"), "Upload-Length", "5001")), 413, "quota-exceeded");
        assertThat(names("/v1/documents?status=any")).containsExactly("refused");
        assertThat(usage().get("reserved").asLong()).isEqualTo(1000);
    }

    @Test
    void what_is_no_document_here_is_refused_by_its_first_part() throws Exception {
        String path = begin("form.pdf", BYTES.length);
        byte[] pdf = part(0, 200_000);
        System.arraycopy("%PDF-1.7\n".getBytes(StandardCharsets.US_ASCII), 0, pdf, 0, 9);

        problem(tus("PATCH", path, Map.of("Upload-Offset", "0"), pdf), 415, "type-not-allowed");

        assertThat(head(path).statusCode()).isIn(404, 410);
        assertThat(names("/v1/documents?status=any")).isEmpty();
        assertThat(usage().get("reserved").asLong()).isZero();
    }

    @Test
    void what_is_ended_is_gone() throws Exception {
        String path = begin("ended", 1000);
        patch(path, 0, 100);
        assertThat(tus("DELETE", path, Map.of(), new byte[0]).statusCode()).isEqualTo(204);
        for (String method : List.of("HEAD", "DELETE")) {
            assertThat(tus(method, path, Map.of(), new byte[0]).statusCode()).isIn(404, 410);
        }
        assertThat(patch(path, 100, 200).statusCode()).isIn(404, 410);
        assertThat(names("/v1/documents?status=any")).isEmpty();

        JsonNode document = stored();
        String version = beginVersion(document, Map.of());
        tus("DELETE", version, Map.of(), new byte[0]);
        problem(patch(version, 0, 100), 410, "upload-gone");
        assertThat(usage().get("reserved").asLong()).isZero();
    }

    @Test
    void clients_that_can_not_send_patch_say_so_in_a_post_to_an_upload_and_nowhere_else() throws Exception {
        String path = begin("override", 1000);

        HttpResponse<byte[]> first =
                tus("POST", path, Map.of("X-HTTP-Method-Override", "PATCH", "Upload-Offset", "0"), part(0, 400));
        assertThat(first.statusCode()).isEqualTo(204);
        assertThat(offset(path)).isEqualTo(400);
        tus("GET", path, Map.of("X-HTTP-Method-Override", "DELETE"), new byte[0]);
        assertThat(offset(path)).isEqualTo(400);
        tus("POST", path, Map.of("X-HTTP-Method-Override", "DELETE"), new byte[0]);
        assertThat(head(path).statusCode()).isIn(404, 410);

        JsonNode document = stored();
        send(request("/v1/documents/" + document.get("id").asText(), admin)
                .header("X-HTTP-Method-Override", "DELETE")
                .POST(BodyPublishers.noBody()));
        send(get("/v1/documents/" + document.get("id").asText()).header("X-HTTP-Method-Override", "DELETE"));
        assertThat(names("/v1/documents")).contains("stored");
    }

    @Test
    void a_new_version_replaces_the_revision_it_was_begun_for() throws Exception {
        JsonNode document = stored();
        String id = document.get("id").asText();
        String tag = "\"r" + document.get("revision").asLong() + "\"";
        problem(
                create(with(Map.of("If-Match", "\"r99\""), "Upload-Length", "5", "Upload-Metadata", version(id))),
                412,
                "precondition-failed");

        String free = beginVersion(document, Map.of());
        String pinned = beginVersion(document, Map.of("If-Match", tag));
        HttpResponse<byte[]> published = patch(free, 0, BYTES.length);
        assertThat(document(published).get("id").asText()).isEqualTo(id);
        assertThat(document(published).get("version").asInt()).isEqualTo(2);
        requireContent(document(published), BYTES);

        problem(patch(pinned, 0, BYTES.length), 412, "precondition-failed");
        assertThat(head(pinned).statusCode()).isEqualTo(410);
        assertThat(body(send(get("/v1/documents/" + id)), 200).get("version").asInt())
                .isEqualTo(2);
        problem(
                create(Map.of(
                        "Upload-Length", "5", "Upload-Metadata", version("00000000-0000-7000-8000-000000000000"))),
                404,
                "not-found");
    }

    // Cuts

    @Test
    void what_came_before_the_connection_broke_is_kept_also_over_a_restart() throws Exception {
        String path = begin("cut", BYTES.length);
        String head =
                "PATCH " + path + " HTTP/1.1\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n";

        cut(head + "Content-Length: " + BYTES.length + "\r\n\r\n", part(0, 150_000));
        Awaitility.await().until(() -> offset(path) == 150_000);
        restart();
        assertThat(offset(path)).isEqualTo(150_000);

        cut(
                head.replace("Offset: 0", "Offset: 150000") + "Transfer-Encoding: chunked\r\n\r\n",
                chunk(part(150_000, 250_000)));
        Awaitility.await().until(() -> offset(path) == 250_000);
        requireContent(document(patch(path, 250_000, BYTES.length)), BYTES);
    }

    @Test
    void a_body_that_is_not_as_long_as_it_says_changes_nothing() throws Exception {
        String path = begin("lying", 1000);
        String head =
                "PATCH " + path + " HTTP/1.1\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n";
        byte[] end = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

        assertThat(raw(head + "Transfer-Encoding: chunked\r\n\r\n", join(chunk(part(0, 1001)), end)))
                .startsWith("HTTP/1.1 413");
        assertThat(raw(head + "Content-Length: 1001\r\n\r\n", part(0, 1001))).startsWith("HTTP/1.1 413");
        assertThat(raw(
                        head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                        join(chunk(part(0, 1001)), end)))
                .startsWith("HTTP/1.1 4");
        assertThat(raw(head + "Content-Length: 5\r\nContent-Length: 900\r\n\r\n", part(0, 900)))
                .startsWith("HTTP/1.1 400");
        assertThat(offset(path)).isZero();
        assertThat(raw(head + "Transfer-Encoding: chunked\r\n\r\n", join(chunk(part(0, 1000)), end)))
                .startsWith("HTTP/1.1 204");
        requireContent(document(head(path)), part(0, 1000));
    }

    // Several at once

    @Test
    void whoever_comes_back_before_the_server_has_missed_them_goes_on() throws Exception {
        String path = begin("back", BYTES.length);
        String head =
                "PATCH " + path + " HTTP/1.1\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n";
        try (Socket hanging = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(hanging, head + "Content-Length: " + BYTES.length + "\r\n\r\n", part(0, 100_000));
            // it may still be on its way into the server
            Awaitility.await().until(() -> offset(path) > 0 || isClosed(hanging));
            long offset = offset(path);

            assertThat(offset).isPositive().isLessThanOrEqualTo(100_000);
            requireContent(document(patch(path, (int) offset, BYTES.length)), BYTES);
        }
    }

    @Test
    void many_clients_on_one_upload_make_one_document() throws Exception {
        String path = begin("many", BYTES.length);
        AtomicInteger published = new AtomicInteger();

        List<Set<Integer>> statuses = together(64, () -> {
            Set<Integer> seen = new TreeSet<>();
            while (true) {
                HttpResponse<byte[]> head = head(path);
                seen.add(head.statusCode());
                if (head.statusCode() != 200) {
                    continue;
                }
                int offset = Integer.parseInt(header(head, "Upload-Offset"));
                if (offset == BYTES.length) {
                    assertThat(head.headers().firstValue("Docs-Document-Id")).isPresent();
                    return seen;
                }
                try {
                    HttpResponse<byte[]> answer = patch(path, offset, Math.min(BYTES.length, offset + 30_000));
                    seen.add(answer.statusCode());
                    if (answer.statusCode() == 204
                            && answer.headers().firstValue("Docs-Document-Id").isPresent()) {
                        published.incrementAndGet();
                    }
                } catch (IOException e) {
                    seen.add(0);
                }
            }
        });

        statuses.forEach(each -> assertThat(each).isSubsetOf(0, 200, 204, 409, 423));
        assertThat(published).hasValueGreaterThanOrEqualTo(1);
        JsonNode document = document(head(path));
        assertThat(document.get("version").asInt()).isEqualTo(1);
        requireContent(document, BYTES);
    }

    @Test
    void of_an_end_and_a_last_part_one_is_first() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 20; round++) {
                String name = "race" + round;
                String path = begin(name, 50_000);
                Future<HttpResponse<byte[]>> part = clients.submit(() -> {
                    try {
                        return patch(path, 0, 50_000);
                    } catch (IOException e) {
                        return head(path);
                    }
                });
                Future<HttpResponse<byte[]>> end = clients.submit(() -> tus("DELETE", path, Map.of(), new byte[0]));
                assertThat(end.get().statusCode()).isEqualTo(204);
                HttpResponse<byte[]> answer = part.get();
                if (answer.statusCode() == 204) {
                    requireContent(document(answer), part(0, 50_000));
                } else {
                    assertThat(answer.statusCode()).isIn(404, 410);
                    assertThat(names("/v1/documents?status=active&name=" + name))
                            .isEmpty();
                }
            }
        } finally {
            clients.shutdown();
        }
        assertThat(usage().get("reserved").asLong()).isZero();
        patch(begin("open", 1000), 0, 100);
        command("fsck");
    }

    // The client

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String digest(String algorithm, byte[] bytes) throws Exception {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance(algorithm).digest(bytes));
    }

    private static Map<String, String> named(String name) {
        return Map.of("Upload-Metadata", "filename " + base64(name));
    }

    private static String version(String id) {
        return "document_id " + base64(id);
    }

    private static Map<String, String> with(Map<String, String> headers, String... more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private static byte[] part(int from, int to) {
        return Arrays.copyOfRange(BYTES, from, to);
    }

    private HttpRequest.Builder tusRequest(String path, String token, Map<String, String> headers) {
        HttpRequest.Builder request = request(path, token).header("Tus-Resumable", "1.0.0");
        headers.forEach(request::header);
        return request;
    }

    private HttpResponse<byte[]> tus(String method, String path, Map<String, String> headers, byte[] bytes)
            throws Exception {
        BodyPublisher body = bytes.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(bytes);
        HttpRequest.Builder request = tusRequest(path, admin, headers).method(method, body);
        if (bytes.length > 0 || method.equals("PATCH")) {
            request.header("Content-Type", "application/offset+octet-stream");
        }
        return send(request);
    }

    private HttpResponse<byte[]> create(Map<String, String> headers) throws Exception {
        return tus("POST", UPLOADS, headers, new byte[0]);
    }

    private String begin(String name, int length) throws Exception {
        return header(create(with(named(name), "Upload-Length", "" + length)), "Location");
    }

    private JsonNode stored() throws Exception {
        return body(upload(admin, "stored", "text/plain", part(0, 1000), "{}"), 201);
    }

    private String beginVersion(JsonNode document, Map<String, String> headers) throws Exception {
        HttpResponse<byte[]> created = create(with(
                headers,
                "Upload-Length",
                "" + BYTES.length,
                "Upload-Metadata",
                version(document.get("id").asText())));
        assertThat(created.statusCode()).isEqualTo(201);
        return header(created, "Location");
    }

    private HttpResponse<byte[]> head(String path) throws Exception {
        return tus("HEAD", path, Map.of(), new byte[0]);
    }

    private long offset(String path) throws Exception {
        return Long.parseLong(header(head(path), "Upload-Offset"));
    }

    private HttpResponse<byte[]> patch(String path, int from, int to) throws Exception {
        byte[] bytes = to > BYTES.length ? new byte[to - from] : part(from, to);
        return tus("PATCH", path, Map.of("Upload-Offset", "" + from), bytes);
    }

    private JsonNode document(HttpResponse<byte[]> last) throws Exception {
        return body(send(get("/v1/documents/" + header(last, "Docs-Document-Id"))), 200);
    }

    private void requireContent(JsonNode document, byte[] bytes) throws Exception {
        assertThat(document.get("sha256").asText()).isEqualTo(sha256(bytes));
        assertThat(document.get("size_bytes").asLong()).isEqualTo(bytes.length);
        HttpResponse<byte[]> content =
                send(get("/v1/documents/" + document.get("id").asText() + "/content"));
        assertThat(content.body()).isEqualTo(bytes);
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers()
                .firstValue(name)
                .orElseThrow(() -> new AssertionError(
                        response + " has no " + name + ": " + new String(response.body(), StandardCharsets.UTF_8)));
    }

    private static Instant expires(HttpResponse<byte[]> response) {
        return ZonedDateTime.parse(header(response, "Upload-Expires"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }

    // What a client library would not send

    private void cut(String head, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, head, bytes);
        }
    }

    private String raw(String head, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, head.replaceFirst("\r\n", "\r\nConnection: close\r\n"), bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void write(Socket socket, String head, byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        String common = "\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer " + admin + "\r\n";
        out.write(head.replaceFirst("\r\n", common).getBytes(StandardCharsets.ISO_8859_1));
        out.write(bytes);
        out.flush();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static byte[] chunk(byte[] bytes) throws IOException {
        return join(
                (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII),
                bytes,
                "\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] join(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }
}
