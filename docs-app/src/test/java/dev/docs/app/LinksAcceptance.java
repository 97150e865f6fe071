package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipInputStream;

/** Links for everybody who has them, on a running server. */
abstract class LinksAcceptance extends RunningServer {
    private static final String JSON = "application/json";

    private String uploaded(String name, byte[] bytes) throws Exception {
        return body(upload(admin, name, "text/plain", bytes, "{}"), 201)
                .get("id")
                .asText();
    }

    private String link(String body) throws Exception {
        HttpResponse<byte[]> answer = post("/v1/links", admin, JSON, body);
        JsonNode link = body(answer, 201);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(answer.headers().firstValue("Location"))
                .contains(link.get("url").asText());
        return link.get("url").asText();
    }

    private HttpResponse<byte[]> follow(String method, String url, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(url)).method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    @Test
    void whoever_has_a_link_reads_as_an_owner_does() throws Exception {
        byte[] bytes = random(1, 200_000);
        String id = uploaded("a.txt", bytes);
        String url = link("{\"id\": \"" + id + "\", \"disposition\": \"inline\", \"expires_in\": 60}");
        HttpResponse<byte[]> owners = send(get("/v1/documents/" + id + "/content?disposition=inline"));

        HttpResponse<byte[]> whole = follow("GET", url);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(bytes);
        TreeMap<String, List<String>> expected = new TreeMap<>(owners.headers().map());
        expected.put("cross-origin-resource-policy", List.of("cross-origin"));
        expected.put("referrer-policy", List.of("no-referrer"));
        TreeMap<String, List<String>> actual = new TreeMap<>(whole.headers().map());
        for (String each : List.of("date", "x-request-id")) {
            expected.remove(each);
            actual.remove(each);
        }
        assertThat(actual).isEqualTo(expected);

        String tag = whole.headers().firstValue("ETag").orElseThrow();
        HttpResponse<byte[]> part = follow("GET", url, "Range", "bytes=1000-1999", "If-Range", tag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(bytes, 1000, 2000));
        assertThat(follow("GET", url, "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(follow("GET", url, "If-Match", "\"other\"").statusCode()).isEqualTo(412);
        assertThat(follow("GET", url, "Range", "bytes=200000-").statusCode()).isEqualTo(416);
        HttpResponse<byte[]> head = follow("HEAD", url);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length")).contains("200000");
        // what mail programs and social networks add to a link
        assertThat(follow("GET", url + "?utm_source=mail").statusCode()).isEqualTo(200);
        assertThat(follow("GET", url, "Authorization", "Bearer docs_nobody").statusCode())
                .isEqualTo(200);
        restart();
        assertThat(follow("GET", url).body()).isEqualTo(bytes);
    }

    @Test
    void what_is_not_compressed_for_its_owner_is_not_for_others() throws Exception {
        String url = link("{\"id\": \""
                + uploaded("a.json", "{\"a\": \"b\"}  ".repeat(500).getBytes(StandardCharsets.US_ASCII)) + "\"}");
        assertThat(follow("GET", url, "Accept-Encoding", "gzip, br, zstd")
                        .headers()
                        .firstValue("Content-Encoding"))
                .isEmpty();
    }

    @Test
    void a_zip_file_comes_by_a_link_too() throws Exception {
        String first = uploaded("a.txt", random(1, 10));
        String second = uploaded("b.txt", random(2, 100_000));
        String url = link("{\"ids\": [\"" + first + "\", \"" + second + "\"]}");

        HttpResponse<byte[]> zip = follow("GET", url);
        assertThat(zip.statusCode()).isEqualTo(200);
        assertThat(zip.headers().firstValue("Content-Type")).contains("application/zip");
        assertThat(zip.headers().firstValue("Cache-Control")).contains("no-store");
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip.body()))) {
            in.getNextEntry();
            assertThat(in.readAllBytes()).isEqualTo(random(1, 10));
            assertThat(in.getNextEntry()).hasFieldOrPropertyWithValue("name", "b.txt");
        }
        HttpResponse<byte[]> head = follow("HEAD", url);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Disposition"))
                .isEqualTo(zip.headers().firstValue("Content-Disposition"));
        assertThat(send(request("/v1/documents/" + second, admin).DELETE()).statusCode())
                .isEqualTo(204);
        problem(follow("GET", url), 404, "not-found");
    }

    @Test
    void forged_unknown_ended_and_purged_links_look_the_same() throws Exception {
        String id = uploaded("a.txt", random(1, 10));
        String purged = link("{\"id\": \"" + id + "\"}");
        assertThat(send(request("/v1/documents/" + id + "?purge=true", admin).DELETE())
                        .statusCode())
                .isEqualTo(204);
        String archived = link("{\"id\": \"" + uploaded("b.txt", random(1, 10)) + "\"}");
        String archivedId = names("/v1/documents").isEmpty()
                ? ""
                : body(send(get("/v1/documents")), 200).at("/items/0/id").asText();
        assertThat(send(request("/v1/documents/" + archivedId, admin).DELETE()).statusCode())
                .isEqualTo(204);
        String forged = purged.substring(0, purged.length() - 2) + (purged.endsWith("AA") ? "BA" : "AA");
        TreeSet<String> answers = new TreeSet<>();
        for (String url : List.of(purged, archived, forged, "/v1/l/x", "/v1/l/" + "A".repeat(104))) {
            HttpResponse<byte[]> answer = follow("GET", url);
            JsonNode problem = problem(answer, 404, "not-found");
            TreeMap<String, List<String>> headers =
                    new TreeMap<>(answer.headers().map());
            headers.remove("date");
            headers.remove("x-request-id");
            answers.add(
                    headers + problem.toString().replace(problem.get("instance").asText(), ""));
        }
        assertThat(answers).hasSize(1);
        String kept = link("{\"id\": \"" + uploaded("c.txt", random(1, 10)) + "\"}");
        assertThat(follow("GET", kept).statusCode()).isEqualTo(200);
        assertThat(send(request("/v1/links", admin).DELETE()).statusCode()).isEqualTo(204);
        problem(follow("GET", kept), 404, "not-found");
    }

    @Test
    void an_expired_link_says_so() throws Exception {
        String url = link("{\"id\": \"" + uploaded("a.txt", random(1, 10)) + "\", \"expires_in\": 1}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> follow("GET", url).statusCode() != 200);
        problem(follow("GET", url), 410, "link-expired");
    }

    @Test
    void a_link_ends_with_its_maker() throws Exception {
        String anna = token("anna");
        String id = body(upload(anna, "a", "text/plain", random(1, 10), "{}"), 201)
                .get("id")
                .asText();
        String body = "{\"id\": \"" + id + "\"}";
        String annas = body(post("/v1/links", anna, JSON, body), 201).get("url").asText();
        assertThat(follow("GET", annas).statusCode()).isEqualTo(200);
        problem(post("/v1/links", token("bob"), JSON, body), 404, "not-found");

        assertThat(send(request("/v1/users/anna", admin).DELETE()).statusCode()).isEqualTo(204);
        problem(follow("GET", annas), 404, "not-found");
    }

    @Test
    void wrong_wishes_are_refused_by_name() throws Exception {
        String id = uploaded("a.txt", random(1, 10));
        Instant before = Instant.now();
        JsonNode usual = body(post("/v1/links", admin, JSON, "{\"id\": \"" + id + "\"}"), 201);
        assertThat(Instant.parse(usual.get("expires_at").asText()))
                .isBetween(before.plusSeconds(3598), Instant.now().plusSeconds(3601));
        for (List<String> wrong : List.of(
                List.of("{}", "/id"),
                List.of("{\"id\": \"" + id + "\", \"ids\": [\"" + id + "\"]}", "/id"),
                List.of("{\"ids\": []}", "/ids"),
                List.of("{\"ids\": [1]}", "/ids/0"),
                List.of("{\"ids\": [\"" + id + "\"], \"version\": 1}", "/version"),
                List.of("{\"id\": \"" + id + "\", \"expires_in\": 0}", "/expires_in"),
                List.of("{\"id\": \"" + id + "\", \"expires_in\": 604801}", "/expires_in"),
                List.of("{\"id\": \"" + id + "\", \"expires_in\": \"1h\"}", "/expires_in"),
                List.of("{\"id\": \"" + id + "\", \"version\": 0}", "/version"),
                List.of("{\"id\": \"" + id + "\", \"disposition\": \"x\"}", "/disposition"),
                List.of("{\"id\": \"" + id + "\", \"expires\": 1}", "/expires"))) {
            JsonNode problem = problem(post("/v1/links", admin, JSON, wrong.get(0)), 422, "invalid");
            assertThat(problem.at("/errors/0/pointer").asText()).isEqualTo(wrong.get(1));
        }
        problem(post("/v1/links", admin, "text/plain", "{}"), 415, "unsupported-media-type");
        problem(post("/v1/links", admin, JSON, "{\"id\": \"x\"}"), 404, "not-found");
    }
}
