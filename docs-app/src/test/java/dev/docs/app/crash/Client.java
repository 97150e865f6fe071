package dev.docs.app.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.app.crash.State.Blob;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** HTTP as an administrator, and what an answer means. Safe for use by any thread. */
final class Client {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Set<Integer> REFUSALS = Set.of(400, 404, 409, 410, 412, 413, 423);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final String token;

    Client(String token) {
        this.token = token;
    }

    enum Outcome {
        ACKNOWLEDGED,
        /** The answer says that nothing has happened. */
        REFUSED,
        /** The connection broke, or the server said that it does not know. */
        UNKNOWN
    }

    /** @param status 0 if there was no answer */
    record Answer(Outcome outcome, int status, HttpHeaders headers, JsonNode body) {
        String header(String name) {
            return headers.firstValue(name).orElseThrow(() -> new Violation("no " + name + " in " + this));
        }
    }

    HttpRequest.Builder request(URI server, String path) {
        return HttpRequest.newBuilder(server.resolve(path)).timeout(TIMEOUT).header("Authorization", "Bearer " + token);
    }

    Answer send(HttpRequest.Builder request) throws InterruptedException {
        HttpRequest built = request.build();
        HttpResponse<byte[]> response;
        try {
            response = http.send(built, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            return new Answer(Outcome.UNKNOWN, 0, HttpHeaders.of(Map.of(), (name, value) -> true), JSON.nullNode());
        }
        int status = response.statusCode();
        JsonNode body;
        try {
            body = JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Outcome outcome = outcome(status, body, built.method() + " " + built.uri());
        return new Answer(outcome, status, response.headers(), body);
    }

    /**
     * What a request or a part of one has come to.
     *
     * @param body the problem, unless it succeeded
     * @param what for messages
     */
    static Outcome outcome(int status, JsonNode body, String what) {
        if (status / 100 == 2) {
            return Outcome.ACKNOWLEDGED;
        }
        if (isProblem(body, "content-lost")) {
            throw new Violation(what + ": " + body);
        }
        if (REFUSALS.contains(status)) {
            return Outcome.REFUSED;
        }
        if (status == 503) {
            return isProblem(body, "unavailable") ? Outcome.REFUSED : Outcome.UNKNOWN;
        }
        throw new Violation(what + " was answered " + status + ": " + body);
    }

    static boolean isProblem(JsonNode body, String type) {
        return body.path("type").asText().equals("/problems/" + type);
    }

    /** Reads what must be there. */
    JsonNode read(URI server, String path) throws InterruptedException {
        Answer answer = send(request(server, path));
        if (answer.status() != 200) {
            throw new Violation("GET " + path + " was answered " + answer.status() + ": " + answer.body());
        }
        return answer.body();
    }

    /**
     * Downloads content.
     *
     * @return what came, or null if it was refused or broke off
     */
    @Nullable
    Blob download(URI server, String path) throws InterruptedException {
        try {
            HttpResponse<InputStream> response = http.send(request(server, path).build(), BodyHandlers.ofInputStream());
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream body = new DigestInputStream(response.body(), digest)) {
                long size = body.transferTo(OutputStream.nullOutputStream());
                if (response.statusCode() != 200) {
                    return null;
                }
                return new Blob(HexFormat.of().formatHex(digest.digest()), size);
            }
        } catch (IOException e) {
            return null;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
