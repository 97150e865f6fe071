package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Media types through HTTP, on a server that takes PDF, images and text but no HTML. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TypesAcceptance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int INLINE = 300;
    private static final int LARGE = 200_000;
    private static final String EXE = "MZ\u0090\u0000\u0003\u0000\u0000\u0000\u0004";
    private static final String PDF = "%PDF-1.7\n";
    private static final String PNG = "\u0089PNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR";

    private static final String NOISE = "\u0000\u0001\u0002".repeat(INLINE / 3);

    private final HttpClient http = CheckedClient.create();
    private Server server;

    /** Flags that choose the database, an empty one. */
    abstract Map<String, String> database(Path data);

    @BeforeAll
    void start(@TempDir Path data) {
        Map<String, String> flags = new LinkedHashMap<>(database(data));
        flags.put("--data", data.toString());
        flags.put("--port", "0");
        flags.put("--auth", "none");
        flags.put("--allowed-types", "application/pdf, image/*, text/*");
        flags.put("--denied-types", "text/html");
        server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(new StringWriter()));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE, LARGE})
    void a_program_that_claims_to_be_a_pdf_is_refused_and_costs_nothing(int size) throws Exception {
        String before = usage();

        JsonNode problem = body(upload(new File("report.pdf", "application/pdf", EXE, size)), 415);

        assertThat(problem.get("type").asText()).isEqualTo("/problems/type-not-allowed");
        assertThat(problem.get("detail").asText())
                .contains("application/x-msdownload")
                .contains("allowed are application/pdf, image/*, text/*");
        assertThat(problem.get("errors").get(0).get("pointer").asText()).isEqualTo("/mime_type");
        assertThat(usage()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE, LARGE})
    void what_was_declared_and_what_was_detected_are_shown_beside_what_it_is_served_as(int size) throws Exception {
        JsonNode document = body(upload(new File("scan.pdf", "application/pdf", PNG, size)), 201);
        types(document, "image/png", "application/pdf", "image/png");
        String url = document.get("content_url").asText().replace("/content", "");
        types(body(send(request(url)), 200), "image/png", "application/pdf", "image/png");
        assertThat(send(request(url + "/content")).headers().firstValue("Content-Type"))
                .contains("image/png");

        JsonNode replaced = body(
                send(request(url + "/content").PUT(bytes("some words", size)).header("Content-Type", "text/csv")), 200);
        types(replaced, "text/csv", "text/csv", "text/plain");

        JsonNode versions = body(send(request(url + "/versions")), 200).get("items");
        types(versions.get(0), "text/csv", "text/csv", "text/plain");
        types(versions.get(1), "image/png", "application/pdf", "image/png");
    }

    @Test
    void what_shows_nothing_is_not_what_would_have_shown_itself() throws Exception {
        JsonNode problem = body(upload(new File("a.pdf", "application/pdf", NOISE, INLINE)), 415);
        assertThat(problem.get("detail").asText()).contains("application/octet-stream");

        JsonNode own = body(upload(new File("a", "image/x-our-own", NOISE, INLINE)), 201);
        assertThat(own.get("mime_type").asText()).isEqualTo("image/x-our-own");
        assertThat(own.get("detected_type").isNull()).isTrue();
    }

    @Test
    void what_runs_in_browsers_is_not_served_as_what_they_show() throws Exception {
        JsonNode problem = body(upload(new File("a.txt", "text/plain", "<html><script>", INLINE)), 415);
        assertThat(problem.get("detail").asText()).contains("text/html");

        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>";
        String url = body(upload(new File("a.png", "image/png", svg, svg.length())), 201)
                .get("content_url")
                .asText();
        HttpResponse<byte[]> content = send(request(url + "?disposition=inline"));
        assertThat(content.headers().firstValue("Content-Type")).contains("image/svg+xml");
        assertThat(content.headers().firstValue("Content-Disposition"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("attachment"));
        assertThat(content.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void of_several_files_only_the_one_that_is_not_allowed_is_refused() throws Exception {
        JsonNode results = body(
                        upload(
                                new File("one.pdf", "application/pdf", PDF, LARGE),
                                new File("two.pdf", "application/pdf", EXE, LARGE),
                                new File("three.txt", "text/plain", "words", INLINE)),
                        200)
                .get("results");

        assertThat(results.findValuesAsText("status")).contains("201", "415");
        assertThat(results.get(0).get("document").get("mime_type").asText()).isEqualTo("application/pdf");
        assertThat(results.get(1).get("status").asInt()).isEqualTo(415);
        assertThat(results.get(1).get("problem").get("type").asText()).isEqualTo("/problems/type-not-allowed");
        assertThat(results.get(2).get("document").get("mime_type").asText()).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE, LARGE})
    void content_that_comes_later_and_is_refused_leaves_the_document_pending(int size) throws Exception {
        String reservation =
                "{\"name\": \"later.pdf\", \"mime_type\": \"application/pdf\", \"size_bytes\": " + size + "}";
        JsonNode pending = body(
                send(request("/v1/documents")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(reservation))),
                201);
        String url = pending.get("content_url").asText();
        String reserved = usage();

        body(send(request(url).PUT(bytes(EXE, size)).header("Content-Type", "application/pdf")), 415);

        JsonNode still = body(send(request(url.replace("/content", ""))), 200);
        assertThat(still).isEqualTo(pending);
        assertThat(still.get("status").asText()).isEqualTo("pending");
        assertThat(usage()).as("nothing more is set aside than before").isEqualTo(reserved);
        types(
                body(send(request(url).PUT(bytes(PDF, size))), 201),
                "application/pdf",
                "application/pdf",
                "application/pdf");
    }

    @Test
    void a_promise_of_what_is_not_allowed_is_refused() throws Exception {
        for (String type : List.of("application/zip", "text/html")) {
            JsonNode problem = body(
                    send(request("/v1/documents")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("{\"name\": \"a\", \"mime_type\": \"" + type + "\"}"))),
                    415);
            assertThat(problem.get("type").asText()).isEqualTo("/problems/type-not-allowed");
            assertThat(problem.get("detail").asText()).contains(type);
        }
    }

    private record File(String name, String type, String start, int size) {}

    private HttpResponse<byte[]> upload(File... files) throws Exception {
        List<BodyPublisher> form = new ArrayList<>();
        for (File file : files) {
            form.add(BodyPublishers.ofString("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                    + file.name() + "\"\r\nContent-Type: " + file.type() + "\r\n\r\n"));
            form.add(bytes(file.start(), file.size()));
            form.add(BodyPublishers.ofString("\r\n"));
        }
        form.add(BodyPublishers.ofString("--b--\r\n"));
        return send(request("/v1/documents")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.concat(form.toArray(BodyPublisher[]::new))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private String usage() throws Exception {
        return body(send(request("/v1/usage")), 200).toString();
    }

    private static BodyPublisher bytes(String start, int size) {
        byte[] bytes = start.getBytes(StandardCharsets.ISO_8859_1);
        int length = bytes.length;
        bytes = Arrays.copyOf(bytes, size);
        Arrays.fill(bytes, length, size, (byte) ' ');
        return BodyPublishers.ofByteArray(bytes);
    }

    private static void types(JsonNode json, String effective, String declared, String detected) {
        assertThat(json.get("mime_type").asText()).isEqualTo(effective);
        assertThat(json.get("declared_type").asText()).isEqualTo(declared);
        assertThat(json.get("detected_type").asText()).isEqualTo(detected);
    }

    private static JsonNode body(HttpResponse<byte[]> response, int status) throws IOException {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        return JSON.readTree(response.body());
    }
}
