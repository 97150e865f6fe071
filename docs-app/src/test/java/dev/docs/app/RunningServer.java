package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that tests talk to through HTTP, on a real database and a real disk, and what they say to it. */
abstract class RunningServer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TOKEN = Pattern.compile("docs_[A-Za-z0-9_-]{43}");

    private final HttpClient http = CheckedClient.create();

    @TempDir
    Path data;

    Server server;
    String admin;

    /** Flags that choose the database, an empty one for each test. */
    abstract Map<String, String> database(Path data);

    @BeforeEach
    void start() {
        StringWriter out = new StringWriter();
        server = Server.start(settings(), new PrintWriter(out));
        Matcher token = TOKEN.matcher(out.toString());
        assertThat(token.find()).as("the first start shows a token").isTrue();
        admin = token.group();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Further flags. */
    Map<String, String> settingsOfTheTest() {
        return Map.of();
    }

    private Map<String, String> flags() {
        Map<String, String> flags = new LinkedHashMap<>(database(data));
        flags.putAll(settingsOfTheTest());
        flags.put("--data", data.toString());
        flags.put("--port", "0");
        return flags;
    }

    final Settings settings() {
        return Settings.read(flags(), Map.of(), data);
    }

    final void restart() {
        server.close();
        StringWriter out = new StringWriter();
        server = Server.start(settings(), new PrintWriter(out));
        assertThat(out.toString()).as("the token is shown once").doesNotContainPattern(TOKEN);
    }

    // The client

    final URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    final HttpRequest.Builder request(String path, String token) {
        return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + token);
    }

    final HttpRequest.Builder get(String path) {
        return request(path, admin);
    }

    final HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    final HttpResponse<byte[]> post(String path, String token, String type, String body) throws Exception {
        return send(request(path, token).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
    }

    final HttpResponse<byte[]> patch(String path, String body) throws Exception {
        return send(request(path, admin)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(body)));
    }

    final HttpResponse<byte[]> put(String path, byte[] body, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = request(path, admin).PUT(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return send(request);
    }

    final HttpResponse<byte[]> upload(String token, String name, String type, byte[] bytes, String metadata)
            throws Exception {
        return upload(token, name, type, bytes, metadata, Map.of());
    }

    final HttpResponse<byte[]> upload(
            String token, String name, String type, byte[] bytes, String metadata, Map<String, String> headers)
            throws Exception {
        String head = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + name
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + metadata
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ignored\"\r\nContent-Type: "
                + type + "\r\n\r\n";
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofString(head),
                BodyPublishers.ofByteArray(bytes),
                BodyPublishers.ofString("\r\n--b--\r\n"));
        HttpRequest.Builder request = request("/v1/documents", token)
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(body);
        headers.forEach(request::header);
        return send(request);
    }

    static <T> List<T> together(int threads, Callable<T> call) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(threads);
        try {
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : clients.invokeAll(Collections.nCopies(threads, call))) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            clients.shutdown();
        }
    }

    static JsonNode body(HttpResponse<byte[]> response, int status) throws IOException {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        return JSON.readTree(response.body());
    }

    static JsonNode problem(HttpResponse<byte[]> response, int status, String type) throws IOException {
        JsonNode problem = body(response, status);
        assertThat(problem.get("type").asText()).isEqualTo("/problems/" + type);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        return problem;
    }

    final List<String> names(String path) throws Exception {
        List<String> names = new ArrayList<>();
        body(send(get(path)), 200)
                .get("items")
                .forEach(item -> names.add(item.get("name").asText()));
        return names;
    }

    final JsonNode usage() throws Exception {
        return body(send(get("/v1/usage")), 200).get("bytes");
    }

    final String token(String user) {
        return command("token", "create", "--user", user);
    }

    /** What an operator does on the command line; an H2 file has one owner, so the server rests meanwhile. */
    final String command(String... words) {
        server.close();
        List<String> arguments = new ArrayList<>(List.of(words));
        flags().forEach((flag, value) -> arguments.addAll(List.of(flag, value)));
        StringWriter out = new StringWriter();
        int code = new Main(Map.of(), data)
                .commandLine()
                .setOut(new PrintWriter(out))
                .execute(arguments.toArray(String[]::new));
        assertThat(code).as(out.toString()).isZero();
        server = Server.start(settings(), new PrintWriter(new StringWriter()));
        return out.toString().strip();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
