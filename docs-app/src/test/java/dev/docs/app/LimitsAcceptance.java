package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Limits of a running server: what they refuse, whatever a client says of itself, and how they explain it. */
abstract class LimitsAcceptance {
    private static final int LARGEST = 100_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TOKEN = Pattern.compile("docs_[A-Za-z0-9_-]{43}");

    private final HttpClient http = CheckedClient.create();

    @TempDir
    Path data;

    private Server server;
    private String token;

    /** Flags that choose the database, an empty one for each test. */
    abstract Map<String, String> database(Path data);

    @BeforeEach
    void start() {
        Map<String, String> flags = new LinkedHashMap<>(database(data));
        flags.put("--data", data.toString());
        flags.put("--port", "0");
        flags.put("--max-document-bytes", String.valueOf(LARGEST));
        flags.put("--default-quota-bytes", "1000000");
        flags.put("--max-documents", "4");
        flags.put("--max-uploads", "2");
        StringWriter out = new StringWriter();
        server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(out));
        Matcher shown = TOKEN.matcher(out.toString());
        assertThat(shown.find()).as("the first start shows a token").isTrue();
        token = shown.group();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void content_is_counted_whatever_its_length_is_said_to_be() throws Exception {
        String url = reserve();

        JsonNode tooLarge = refused(raw(put(url) + "Content-Length: 100001\r\n\r\n", new byte[0]), 413, "too-large");
        assertThat(tooLarge.at("/errors/0/limit").asLong()).isEqualTo(LARGEST);
        tooLarge = refused(raw(put(url) + CHUNKED, chunked(LARGEST + 1)), 413, "too-large");
        assertThat(tooLarge.at("/errors/0/limit").asLong()).isEqualTo(LARGEST);
        assertThat(raw(put(url) + "Content-Length: 5\r\n" + CHUNKED, chunked(LARGEST + 1)))
                .startsWith("HTTP/1.1 4");
        assertThat(usage().at("/bytes/used").asLong()).isZero();

        // more than was announced is not this request's
        assertThat(raw(put(url) + "Content-Length: 50000\r\n\r\n", new byte[LARGEST + 1]))
                .startsWith("HTTP/1.1 201");
        assertThat(usage().at("/bytes/used").asLong()).isEqualTo(50_000);
        assertThat(raw(put(url) + "\r\n", new byte[LARGEST + 1])).startsWith("HTTP/1.1 200");
        assertThat(usage().at("/bytes/active").asLong()).isZero();
        assertThat(raw(put(url) + CHUNKED, chunked(LARGEST))).startsWith("HTTP/1.1 200");
        assertThat(usage().at("/bytes/used").asLong()).isEqualTo(50_000 + LARGEST);
        assertThat(usage().at("/bytes/reserved").asLong()).isZero();
    }

    @Test
    void a_form_of_unknown_length_is_counted_too() throws Exception {
        JsonNode refusal = refused(raw(FORM + CHUNKED, formOf(LARGEST + 1)), 413, "too-large");

        assertThat(refusal.at("/errors/0/limit").asLong()).isEqualTo(LARGEST);
        Awaitility.await().until(() -> usage().at("/documents/total").asLong() == 0);
        assertThat(raw(FORM + CHUNKED, formOf(LARGEST))).startsWith("HTTP/1.1 201");
        assertThat(usage().at("/bytes/used").asLong()).isEqualTo(LARGEST);
    }

    @Test
    void a_refusal_names_the_limit_and_one_call_tells_why() throws Exception {
        JsonNode usage = body(quota("{\"documents\": 2}"), 200);
        assertThat(usage.at("/documents/limit").asLong()).isEqualTo(2);
        assertThat(usage.at("/bytes/limit").asLong()).isEqualTo(1_000_000);
        usage = body(quota("{\"bytes\": 5000, \"uploads\": 7}"), 200);
        assertThat(usage.at("/documents/limit").asLong()).isEqualTo(2);
        assertThat(usage.at("/uploads/limit").asLong()).isEqualTo(7);

        String url = reserve();
        assertThat(raw(put(url) + "Content-Length: 3000\r\n\r\n", new byte[3000]))
                .startsWith("HTTP/1.1 201");
        assertThat(raw(put(url) + "Content-Length: 1500\r\n\r\n", new byte[1500]))
                .startsWith("HTTP/1.1 200");
        JsonNode refusal = refused(raw(put(url) + "Content-Length: 501\r\n\r\n", new byte[501]), 413, "quota-exceeded");
        assertThat(refusal.at("/errors/0/pointer").asText()).isEqualTo("/bytes");
        assertThat(refusal.at("/errors/0/limit").asLong()).isEqualTo(5000);
        assertThat(refusal.get("detail").asText()).contains("4500");

        assertThat(send("DELETE", url, "").statusCode()).isEqualTo(204);
        reserve();
        refusal = problem(send("POST", "/v1/documents", "{\"name\": \"one more\"}"), 413, "quota-exceeded");
        assertThat(refusal.at("/errors/0/pointer").asText()).isEqualTo("/documents");
        assertThat(refusal.at("/errors/0/limit").asLong()).isEqualTo(2);

        assertThat(usage())
                .isEqualTo(JSON.readTree("{\"user_id\": \"admin\", \"bytes\": {\"used\": 4500, \"reserved\": 0,"
                        + " \"limit\": 5000, \"older_versions\": 3000, \"pending\": 0, \"active\": 0,"
                        + " \"archived\": 1500, \"error\": 0}, \"documents\": {\"pending\": 1, \"active\": 0,"
                        + " \"archived\": 1, \"error\": 0, \"total\": 2, \"limit\": 2},"
                        + " \"uploads\": {\"open\": 0, \"limit\": 7},"
                        + " \"own_limits\": {\"bytes\": 5000, \"documents\": 2, \"uploads\": 7}}"));
        assertThat(body(send("GET", "/v1/users/admin/usage", ""), 200)).isEqualTo(usage());
        usage = body(quota("{\"documents\": null, \"bytes\": null}"), 200);
        assertThat(usage.at("/documents/limit").asLong()).isEqualTo(4);
        assertThat(usage.at("/bytes/limit").asLong()).isEqualTo(1_000_000);
        problem(quota("{\"documents\": -1}"), 422, "invalid");
        problem(quota("{\"limit\": 1}"), 422, "invalid");
        problem(quota("{}"), 422, "invalid");
    }

    @Test
    void uploads_at_the_same_time_are_limited_and_the_next_comes_when_one_has_ended() throws Exception {
        List<Socket> hanging = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                hanging.add(socket);
                byte[] form = formOf(LARGEST);
                // more than is looked at before an upload is put on record
                write(socket, head(FORM + CHUNKED), Arrays.copyOf(form, form.length * 9 / 10));
            }
            Awaitility.await().until(() -> usage().at("/uploads/open").asLong() == 2);

            String third = raw(FORM + CHUNKED, formOf(LARGEST));
            JsonNode refusal = refused(third, 429, "too-many-uploads");
            assertThat(third).containsPattern("Retry-After: [1-9]");
            assertThat(refusal.at("/errors/0/pointer").asText()).isEqualTo("/uploads");
            assertThat(refusal.at("/errors/0/limit").asLong()).isEqualTo(2);
            assertThat(raw(FORM + CHUNKED, formOf(100))).startsWith("HTTP/1.1 201");

            hanging.get(0).close();
            Awaitility.await().until(() -> usage().at("/uploads/open").asLong() == 1);
            assertThat(raw(FORM + CHUNKED, formOf(LARGEST))).startsWith("HTTP/1.1 201");
        } finally {
            for (Socket socket : hanging) {
                socket.close();
            }
        }
        Awaitility.await().until(() -> usage().at("/uploads/open").asLong() == 0);
    }

    // What a client library would not send

    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";
    private static final String FORM =
            "POST /v1/documents HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n";

    private static String put(String url) {
        return "PUT " + url + "/content HTTP/1.1\r\nContent-Type: application/octet-stream\r\n";
    }

    private String head(String request) {
        return request.replaceFirst(
                "\r\n", "\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\n");
    }

    /** Sends a request as it is written, and reads until the connection ends. */
    private String raw(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            try {
                write(socket, head(head), body);
            } catch (IOException e) {
                // it was refused before it was read: the answer is there
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(answer);
            } catch (IOException e) {
                // the connection was cut after the answer, as what was left of the body was not read
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private static void write(Socket socket, String head, byte[] body) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private static byte[] chunked(int length) throws IOException {
        return chunked(new byte[length]);
    }

    private static byte[] chunked(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < bytes.length; from += 4096) {
            int length = Math.min(4096, bytes.length - from);
            out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(bytes, from, length);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] formOf(int length) throws IOException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.write("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        form.write(new byte[length]);
        form.write("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        return chunked(form.toByteArray());
    }

    private static JsonNode refused(String answer, int status, String type) throws IOException {
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        JsonNode problem = JSON.readTree(answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
        assertThat(problem.get("type").asText()).isEqualTo("/problems/" + type);
        return problem;
    }

    // What one would

    private String reserve() throws Exception {
        JsonNode pending = body(send("POST", "/v1/documents", "{\"name\": \"later\"}"), 201);
        return "/v1/documents/" + pending.get("id").asText();
    }

    private HttpResponse<byte[]> quota(String limits) throws Exception {
        return send("PUT", "/v1/users/admin/quota", limits);
    }

    private JsonNode usage() throws Exception {
        return body(send("GET", "/v1/usage", ""), 200);
    }

    private HttpResponse<byte[]> send(String method, String path, String json) throws Exception {
        BodyPublisher body = json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                .header("Authorization", "Bearer " + token)
                .method(method, body);
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
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
}
