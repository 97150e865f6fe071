package dev.docs.adapter.http;

import static dev.docs.adapter.http.OneDocumentServer.assertProblem;
import static dev.docs.adapter.http.OneDocumentServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/** RFC 9110, section 13, and RFC 9530, on a real server. */
final class ConditionalRequestsTest {
    private static final String MODIFIED = "Tue, 03 Nov 2026 10:15:30 GMT";
    private static final List<String> SAME_TIME =
            List.of(MODIFIED, "Tuesday, 03-Nov-26 10:15:30 GMT", "Tue Nov  3 10:15:30 2026");
    private static final String BEFORE = "Tue, 03 Nov 2026 10:15:29 GMT";

    private final OneDocumentServer server = new OneDocumentServer(false);

    @AfterEach
    void stop() {
        server.close();
    }

    // Reading

    @ParameterizedTest
    @ValueSource(strings = {"/v1/documents/ID", "/v1/documents/ID/content", "/v1/documents/ID/content?version=1"})
    void whatIsReadHasBothValidatorsAndA304HasThemToo(String path) throws Exception {
        HttpResponse<String> whole = server.send("GET", path);
        String tag = header(whole, "ETag");
        assertThat(header(whole, "Last-Modified")).isEqualTo(MODIFIED);

        for (String method : List.of("GET", "HEAD")) {
            for (List<String> condition : List.of(
                    List.of("If-None-Match", tag),
                    List.of("If-None-Match", "W/" + tag),
                    List.of("If-None-Match", "\"other\", " + tag),
                    List.of("If-None-Match", "\"other\"", "If-None-Match", tag),
                    List.of("If-None-Match", "*"),
                    List.of("If-Modified-Since", SAME_TIME.get(0)),
                    List.of("If-Modified-Since", SAME_TIME.get(1)),
                    List.of("If-Modified-Since", SAME_TIME.get(2)),
                    List.of("If-None-Match", tag, "If-Modified-Since", BEFORE),
                    List.of("If-Match", tag, "If-None-Match", tag))) {
                HttpResponse<String> answer = server.send(method, path, condition.toArray(String[]::new));
                assertThat(answer.statusCode()).as("%s %s", method, condition).isEqualTo(304);
                assertThat(answer.body()).isEmpty();
                for (String name : List.of("ETag", "Last-Modified", "Cache-Control")) {
                    assertThat(header(answer, name)).isEqualTo(header(whole, name));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/documents/ID", "/v1/documents/ID/content"})
    void whatHasChangedOrIsNoConditionIsSentInFull(String path) throws Exception {
        String tag = header(server.send("GET", path), "ETag");
        for (List<String> condition : List.of(
                List.of("If-None-Match", "\"other\""),
                List.of("If-None-Match", "\"other\"", "If-Modified-Since", MODIFIED),
                List.of("If-Modified-Since", BEFORE),
                List.of("If-Modified-Since", "2026-11-03T10:15:30Z"),
                List.of("If-Modified-Since", "0"),
                List.of("If-Modified-Since", MODIFIED, "If-Modified-Since", MODIFIED),
                List.of("If-Unmodified-Since", "yesterday"),
                List.of("If-Unmodified-Since", MODIFIED),
                List.of("If-Match", tag, "If-Unmodified-Since", BEFORE),
                List.of("If-Match", "\"other\", " + tag),
                List.of("If-Match", "*"))) {
            assertThat(server.send("GET", path, condition.toArray(String[]::new))
                            .statusCode())
                    .as("%s", condition)
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/documents/ID", "/v1/documents/ID/content"})
    void aReadOfAnotherStateThanTheExpectedIsRefused(String path) throws Exception {
        String tag = header(server.send("GET", path), "ETag");
        for (List<String> condition : List.of(
                List.of("If-Match", "\"other\""),
                List.of("If-Match", "W/" + tag),
                List.of("If-Unmodified-Since", BEFORE),
                List.of("If-Match", "\"other\"", "If-None-Match", tag))) {
            assertProblem(server.send("GET", path, condition.toArray(String[]::new)), 412, "precondition-failed");
        }
        assertProblem(server.send("GET", path, "If-Match", "nonsense"), 400, "malformed");
    }

    @Test
    void aConditionChangesNothingWhereThereIsNothingToSend() throws Exception {
        String nowhere = "/v1/documents/01935000-0000-7000-8000-000000000000";
        assertProblem(server.send("GET", nowhere, "If-None-Match", "*"), 404, "not-found");
        assertProblem(server.send("GET", nowhere + "/content", "If-Match", "\"x\""), 404, "not-found");
        assertProblem(server.send("PUT", nowhere + "/content", "If-Match", "*"), 404, "not-found");
    }

    // Changing

    @Test
    void aWeakTagNeverAllowsAChange() throws Exception {
        for (String condition : List.of("W/\"r2\"", "\"r1\"", "\"r1\", W/\"r2\"")) {
            assertProblem(
                    server.sendBody("PUT", "/v1/documents/ID/content", "x", "If-Match", condition),
                    412,
                    "precondition-failed");
            assertProblem(server.send("DELETE", "/v1/documents/ID", "If-Match", condition), 412, "precondition-failed");
        }
        assertThat(server.docs.documents().get(OneDocumentServer.ANNA, server.document.id()))
                .isEqualTo(server.document);
    }

    @Test
    void aStarInIfNoneMatchPutsTheFirstContentAndNoOther() throws Exception {
        HttpResponse<String> reserved =
                server.sendBody("POST", "/v1/documents", "{\"name\": \"y\"}", "Content-Type", "application/json");
        String content = header(reserved, "Location") + "/content";

        assertProblem(server.sendBody("PUT", content, "x", "If-Match", "*"), 412, "precondition-failed");
        HttpResponse<String> first = server.sendBody("PUT", content, "x", "If-None-Match", "*");
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(header(first, "Content-Location")).isEqualTo(header(reserved, "Location"));
        assertProblem(server.sendBody("PUT", content, "y", "If-None-Match", "*"), 412, "precondition-failed");
        assertThat(server.sendBody("PUT", content, "y", "If-Match", "*").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aChangeMayBeBoundToATimeInAnyOfItsThreeForms() throws Exception {
        assertProblem(
                server.send("DELETE", "/v1/documents/ID", "If-Unmodified-Since", BEFORE), 412, "precondition-failed");
        for (String time : SAME_TIME) {
            assertThat(server.send("DELETE", "/v1/documents/ID", "If-Unmodified-Since", time)
                            .statusCode())
                    .isEqualTo(204);
        }
        assertThat(server.docs
                        .documents()
                        .get(OneDocumentServer.ANNA, server.document.id())
                        .status())
                .isEqualTo(DocumentStatus.ARCHIVED);
    }

    @Test
    void whereItIsInsistedOnAChangeWithoutATagIsA428() throws Exception {
        try (OneDocumentServer strict = new OneDocumentServer(true)) {
            String type = "application/merge-patch+json";
            assertProblem(
                    strict.sendBody("PATCH", "/v1/documents/ID", "{}", "Content-Type", type),
                    428,
                    "precondition-required");
            assertProblem(strict.sendBody("PUT", "/v1/documents/ID/content", "x"), 428, "precondition-required");
            assertProblem(strict.send("DELETE", "/v1/documents/ID"), 428, "precondition-required");
            assertProblem(
                    strict.send("DELETE", "/v1/documents/ID", "If-Unmodified-Since", MODIFIED),
                    428,
                    "precondition-required");
            assertThat(strict.send("DELETE", "/v1/documents/ID", "If-Match", "*")
                            .statusCode())
                    .isEqualTo(204);
        }
    }

    // Ranges

    @Test
    void aRangeIsServedIfItsConditionHoldsAndElseTheWhole() throws Exception {
        String path = "/v1/documents/ID/content";
        String tag = header(server.send("GET", path), "ETag");
        for (String current : List.of(tag, SAME_TIME.get(0), SAME_TIME.get(1), SAME_TIME.get(2))) {
            HttpResponse<String> part = server.send("GET", path, "Range", "bytes=2-4", "If-Range", current);
            assertThat(part.statusCode()).as(current).isEqualTo(206);
            assertThat(part.body()).isEqualTo("234");
            assertThat(header(part, "Content-Range")).isEqualTo("bytes 2-4/10");
        }
        for (String other : List.of("\"other\"", "W/" + tag, BEFORE, "Tue, 03 Nov 2026 10:15:31 GMT", "nonsense")) {
            HttpResponse<String> whole = server.send("GET", path, "Range", "bytes=2-4", "If-Range", other);
            assertThat(whole.statusCode()).as(other).isEqualTo(200);
            assertThat(whole.body()).isEqualTo("0123456789");
        }
        // preconditions come first
        assertThat(server.send("GET", path, "Range", "bytes=2-4", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        assertProblem(
                server.send("GET", path, "Range", "bytes=2-4", "If-Match", "\"other\""), 412, "precondition-failed");
    }

    // Digests

    @Test
    void theDigestIsOfTheWholeAlsoWithAPart() throws Exception {
        String path = "/v1/documents/ID/content";
        String sha256 = base64("SHA-256", "0123456789");
        for (String range : List.of("bytes=0-", "bytes=2-4")) {
            HttpResponse<String> answer = server.send(
                    "GET",
                    path,
                    "Range",
                    range,
                    "Want-Digest",
                    "SHA-512;q=0.5, SHA-256",
                    "Want-Content-Digest",
                    "sha-256=3");
            assertThat(answer.statusCode()).isEqualTo(206);
            assertThat(header(answer, "Repr-Digest")).isEqualTo("sha-256=:" + sha256 + ":");
            assertThat(header(answer, "Digest")).isEqualTo("SHA-256=" + sha256);
            assertThat(header(answer, "Content-Digest")).isEqualTo("none");
        }
        HttpResponse<String> whole = server.send("GET", path, "Want-Content-Digest", "sha-256=3");
        assertThat(header(whole, "Content-Digest")).isEqualTo("sha-256=:" + sha256 + ":");
        assertThat(header(whole, "Digest")).isEqualTo("none");
        assertThat(header(server.send("GET", path), "Content-Digest")).isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Repr-Digest", "Content-Digest"})
    void contentIsStoredIfItIsAsAnnounced(String field) throws Exception {
        int stored = 1;
        for (String body : List.of("small", "large".repeat(50_000))) {
            for (String algorithm : List.of("sha-256", "sha-512")) {
                String right = algorithm + "=:" + base64(algorithm.toUpperCase(java.util.Locale.ROOT), body) + ":";
                String wrong =
                        algorithm + "=:" + base64(algorithm.toUpperCase(java.util.Locale.ROOT), body + "!") + ":";
                String path = "/v1/documents/ID/content";
                assertProblem(server.sendBody("PUT", path, body, field, wrong), 400, "content-mismatch");
                assertProblem(
                        server.sendBody("PUT", path, body, field, right + ", " + algorithm + "=?1"), 400, "malformed");
                assertThat(server.docs
                                .documents()
                                .get(OneDocumentServer.ANNA, server.document.id())
                                .version())
                        .isEqualTo(stored++);
                assertThat(server.sendBody("PUT", path, body, field, "md5=:AA==:, " + right)
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void aFormIsStoredIfItsBodyIsAsAnnounced() throws Exception {
        String part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
        String type = "multipart/form-data; boundary=b";
        for (String file : List.of("small", "large".repeat(50_000))) {
            for (String files : List.of(part + file + "\r\n", (part + file + "\r\n").repeat(2))) {
                String body = files + "--b--\r\nand something behind it";
                String before = server.send("GET", "/v1/documents").body();
                for (String algorithm : List.of("sha-256", "sha-512")) {
                    String wrong =
                            algorithm + "=:" + base64(algorithm.toUpperCase(java.util.Locale.ROOT), body + "!") + ":";
                    for (String key : List.of("", "key")) {
                        String[] headers = key.isEmpty()
                                ? new String[] {"Content-Type", type, "Content-Digest", wrong}
                                : new String[] {"Content-Type", type, "Content-Digest", wrong, "Idempotency-Key", key};
                        assertProblem(server.sendBody("POST", "/v1/documents", body, headers), 400, "content-mismatch");
                        assertThat(server.send("GET", "/v1/documents").body()).isEqualTo(before);
                    }
                }
                String right = "sha-256=:" + base64("SHA-256", body) + ":, sha-512=:" + base64("SHA-512", body) + ":";
                assertThat(server.sendBody("POST", "/v1/documents", body, "Content-Type", type, "Repr-Digest", right)
                                .statusCode())
                        .isLessThan(202);
            }
        }
    }

    private static String base64(String algorithm, String body) throws Exception {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance(algorithm)
                        .digest(body.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }
}
