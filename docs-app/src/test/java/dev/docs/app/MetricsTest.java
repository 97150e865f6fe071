package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** What a real server counts, as Prometheus reads it. */
class MetricsTest extends RunningServer {
    private static final String UPLOADED =
            "docs_http_requests_total{method=\"POST\",route=\"/v1/documents\",status=\"2xx\"}";

    private final Map<String, String> further = new LinkedHashMap<>(Map.of(
            "--sweep-interval", "1s", "--purge-grace", "0s", "--upload-lease", "2s", "--scrub-bytes-per-day", "0"));

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Override
    Map<String, String> settingsOfTheTest() {
        return further;
    }

    private Exposed metrics() throws Exception {
        HttpResponse<byte[]> page = send(get("/metrics"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        return Exposed.parse(new String(page.body(), StandardCharsets.UTF_8));
    }

    /** A request is counted when its answer has gone out, which its client may see before. */
    private void awaitRise(Exposed before, String sample, double by) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(metrics().value(sample) - before.value(sample))
                        .as(sample)
                        .isEqualTo(by));
    }

    // What is counted

    @Test
    void requests_and_their_bytes_are_counted_by_route() throws Exception {
        Exposed before = metrics();
        byte[] bytes = random(1, 300_000);
        JsonNode document = body(upload(admin, "a", "application/pdf", bytes, "{}"), 201);
        String url = "/v1/documents/" + document.get("id").asText();
        for (int i = 0; i < 3; i++) {
            assertThat(send(get(url + "/content")).body()).isEqualTo(bytes);
        }
        awaitRise(before, UPLOADED, 1);
        awaitRise(
                before,
                "docs_http_requests_total{method=\"GET\",route=\"/v1/documents/{id}/content\",status=\"2xx\"}",
                3);
        awaitRise(before, "docs_http_response_bytes_total{route=\"/v1/documents/{id}/content\"}", 900_000);
        Exposed after = metrics();
        assertThat(after.value("docs_http_request_bytes_total{route=\"/v1/documents\"}"))
                .isBetween(300_000.0, 301_000.0);
        assertThat(
                        after.value(
                                "docs_http_request_duration_seconds_count{method=\"GET\",route=\"/v1/documents/{id}/content\"}"))
                .isEqualTo(3);
        assertThat(after.value(
                        "docs_http_request_duration_seconds_sum{method=\"GET\",route=\"/v1/documents/{id}/content\"}"))
                .isPositive();
    }

    @Test
    void refusals_are_counted_by_their_kind() throws Exception {
        Exposed before = metrics();
        body(send(request("/v1/users/admin/quota", admin).PUT(BodyPublishers.ofString("{\"bytes\": 10}"))), 200);
        problem(upload(admin, "a", "text/plain", random(1, 11), "{}"), 413, "quota-exceeded");
        problem(upload(admin, "a", "text/plain", random(1, 40_000), "{}"), 413, "quota-exceeded");
        body(send(get("/v1/documents/00000000-0000-7000-8000-000000000000")), 404);
        body(send(HttpRequest.newBuilder(uri("/v1/usage"))), 401);
        body(send(get("/v1/documents?limit=x")), 400);

        awaitRise(before, "docs_http_problems_total{problem=\"quota-exceeded\"}", 2);
        awaitRise(before, "docs_http_problems_total{problem=\"not-found\"}", 1);
        awaitRise(before, "docs_http_problems_total{problem=\"unauthorized\"}", 1);
        awaitRise(before, "docs_http_problems_total{problem=\"malformed\"}", 1);
        awaitRise(before, UPLOADED, 0);
        awaitRise(before, UPLOADED.replace("2xx", "4xx"), 2);
    }

    @Test
    void an_upload_is_in_flight_until_it_ends() throws Exception {
        assertThat(metrics().value("docs_uploads_in_flight")).isZero();
        double connections = metrics().value("docs_http_connections");
        JsonNode pending = body(post("/v1/documents", admin, "application/json", "{\"name\": \"a\"}"), 201);
        String path = "/v1/documents/" + pending.get("id").asText() + "/content";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write(("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin
                                    + "\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(50_000))
                            .getBytes(StandardCharsets.US_ASCII));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(metrics().value("docs_uploads_in_flight"))
                            .isEqualTo(1));
            assertThat(metrics().value("docs_http_connections")).isGreaterThan(connections);
        }
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(metrics().value("docs_uploads_in_flight")).isZero());
        Awaitility.await()
                .untilAsserted(() -> assertThat(
                                metrics()
                                        .value(
                                                "docs_http_requests_total{method=\"PUT\",route=\"/v1/documents/{id}/content\",status=\"4xx\"}"))
                        .isEqualTo(1));
    }

    @Test
    void a_sweep_counts_what_it_clears() throws Exception {
        Exposed before = metrics();
        JsonNode document = body(upload(admin, "a", "application/pdf", random(1, 300_000), "{}"), 201);
        send(request("/v1/documents/" + document.get("id").asText() + "?purge=true", admin)
                .DELETE());
        awaitRise(before, "docs_sweep_cleared_total{kind=\"contents\"}", 1);
        Exposed after = metrics();
        assertThat(after.value("docs_chore_runs_total{chore=\"sweep\",outcome=\"ok\"}"))
                .isPositive();
        assertThat(after.value("docs_chore_runs_total{chore=\"sweep\",outcome=\"failed\"}"))
                .isZero();
        assertThat(after.value("docs_chore_last_success_timestamp_seconds{chore=\"sweep\"}"))
                .isBetween(System.currentTimeMillis() / 1000.0 - 60, System.currentTimeMillis() / 1000.0 + 1);
    }

    @Test
    void a_scrub_counts_what_it_reads_and_what_is_damaged() throws Exception {
        body(upload(admin, "whole", "application/pdf", random(1, 300_000), "{}"), 201);
        JsonNode lost = body(upload(admin, "lost", "application/pdf", random(2, 200_000), "{}"), 201);
        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            for (Path file :
                    files.filter(file -> file.toFile().length() == 200_000).toList()) {
                Files.delete(file);
            }
        }
        Exposed before = metrics();
        assertThat(before.all().get("docs_scrub_last_read_timestamp_seconds")).isNaN();
        further.put("--scrub-bytes-per-day", "100GiB");
        restart();
        Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() ->
                        assertThat(metrics().value("docs_scrub_damaged_total")).isEqualTo(1));
        Exposed after = metrics();
        assertThat(after.value("docs_scrub_read_bytes_total")).isEqualTo(300_000);
        assertThat(after.value("docs_scrub_last_read_timestamp_seconds")).isPositive();
        assertThat(after.value("docs_scrub_verified_ratio")).isBetween(0.5, 1.0);
        body(send(get("/v1/documents/" + lost.get("id").asText() + "/content")), 409);
        awaitRise(after, "docs_http_problems_total{problem=\"status-conflict\"}", 1);
    }

    @Test
    void the_pool_and_the_jvm_are_there() throws Exception {
        Exposed metrics = metrics();
        assertThat(metrics.value("docs_database_connections_max")).isEqualTo(10);
        assertThat(metrics.value("docs_database_connections{state=\"active\"}")
                        + metrics.value("docs_database_connections{state=\"idle\"}"))
                .isBetween(1.0, 10.0);
        assertThat(metrics.all()).containsKeys("docs_database_connections_waiting", "process_uptime_seconds");
        assertThat(metrics.all().keySet())
                .anyMatch(name -> name.startsWith("jvm_memory_used_bytes"))
                .anyMatch(name -> name.startsWith("jvm_threads_live"));
    }

    @Test
    void no_client_can_make_series() throws Exception {
        send(get("/v1/documents/00000000-0000-7000-8000-000000000000"));
        send(get("/v1/nothing"));
        send(get("/v1/documents").method("BREW", BodyPublishers.noBody()));
        Awaitility.await()
                .untilAsserted(() -> assertThat(metrics()
                                .value("docs_http_requests_total{method=\"other\",route=\"none\",status=\"4xx\"}"))
                        .isEqualTo(1));
        int series = metrics().all().size();
        for (int i = 0; i < 50; i++) {
            send(get("/v1/documents/00000000-0000-7000-8000-0000000000" + (10 + i)));
            send(get("/v1/nothing/" + i + "?x=" + i));
            send(get("/v1/documents").method("BREW" + i, BodyPublishers.noBody()));
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(metrics()
                                .value("docs_http_requests_total{method=\"other\",route=\"none\",status=\"4xx\"}"))
                        .isEqualTo(51));
        // those of /metrics itself, perhaps
        assertThat(metrics().all().size()).isBetween(series, series + 30);
        assertThat(String.valueOf(metrics().all())).doesNotContain("BREW", "nothing", "-7000-8000-");
    }

    // Who may read, and how

    @Test
    void administrators_read_them_and_nobody_else() throws Exception {
        String user = token("anna");
        problem(send(HttpRequest.newBuilder(uri("/metrics"))), 401, "unauthorized");
        problem(send(request("/metrics", user)), 403, "access-denied");
        assertThat(send(get("/metrics")).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"open, 200", "off, 404"})
    void the_operator_may_open_or_close_them(String setting, int status) throws Exception {
        further.put("--metrics", setting);
        restart();
        assertThat(send(HttpRequest.newBuilder(uri("/metrics"))).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none | text/plain",
                "*/* | text/plain",
                "application/json | text/plain",
                "application/openmetrics-text | application/openmetrics-text",
                "application/openmetrics-text;q=0 | text/plain",
                "application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.5 | text/plain",
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
                        + " | application/openmetrics-text"
            })
    void the_format_is_as_the_reader_likes_it(@Nullable String header, String type) throws Exception {
        HttpRequest.Builder request = get("/metrics");
        if (header != null) {
            request.header("Accept", header);
        }
        HttpResponse<byte[]> page = send(request);
        String body = new String(page.body(), StandardCharsets.UTF_8);
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith(type + "; version=");
        assertThat(body.endsWith("# EOF\n")).isEqualTo(type.startsWith("application/openmetrics"));
        assertThat(page.headers().allValues("Vary")).contains("Accept");
    }

    @Test
    void head_is_get_without_a_body_and_other_methods_are_told() throws Exception {
        HttpResponse<byte[]> head = send(get("/metrics").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        HttpResponse<byte[]> post = post("/metrics", admin, "text/plain", "x");
        problem(post, 405, "method-not-allowed");
        assertThat(List.of(post.headers().firstValue("Allow").orElse("").split(", ")))
                .containsExactlyInAnyOrder("GET", "HEAD", "OPTIONS");
        problem(send(get("/metrics?name=x")), 400, "malformed");
    }

    @Test
    void they_are_compressed_for_who_asks() throws Exception {
        HttpResponse<byte[]> page = send(get("/metrics").header("Accept-Encoding", "gzip"));
        assertThat(page.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(String.join(", ", page.headers().allValues("Vary"))).contains("Accept-Encoding");
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(page.body()))) {
            Exposed.parse(new String(plain.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void prometheus_own_checker_finds_nothing_wrong() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/promtool")), "Debian's package prometheus is not installed");
        upload(admin, "a", "text/plain", random(1, 11), "{}");
        Path page = data.resolve("page");
        Files.write(page, send(get("/metrics")).body());
        Process check = new ProcessBuilder("/usr/bin/promtool", "check", "metrics")
                .redirectInput(page.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
    }
}
