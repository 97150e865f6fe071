package dev.docs.adapter.http;

import static dev.docs.adapter.http.OneDocumentServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.http.HttpResponse;
import java.util.Set;

final class CorsTest {
    private static final String PAGE = "https://app.example.org";

    static {
        // which the JDK's client otherwise keeps for itself
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "origin");
    }

    private final OneDocumentServer server = new OneDocumentServer(false, Set.of(PAGE, "http://localhost:3000"));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPageThatIsNamedMayAskAndRead() throws Exception {
        HttpResponse<String> preflight = server.send(
                "OPTIONS",
                "/v1/documents/ID/content",
                "Origin",
                PAGE,
                "Access-Control-Request-Method",
                "PUT",
                "Access-Control-Request-Headers",
                "authorization,if-match");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo(PAGE);
        assertThat(header(preflight, "Access-Control-Allow-Methods")).contains("PUT", "PATCH", "DELETE");
        assertThat(header(preflight, "Access-Control-Allow-Headers"))
                .contains("Authorization", "If-Match", "Idempotency-Key", "Upload-Offset");
        assertThat(header(preflight, "Access-Control-Max-Age")).isEqualTo("7200");
        assertThat(header(preflight, "Access-Control-Allow-Credentials")).isEqualTo("none");
        assertThat(header(preflight, "Vary")).contains("Origin");

        HttpResponse<String> answer = server.send("GET", "/v1/documents/ID", "Origin", PAGE);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo(PAGE);
        assertThat(header(answer, "Access-Control-Expose-Headers"))
                .contains("ETag", "Location", "Content-Range", "Repr-Digest", "Upload-Offset", "X-Request-Id");
        assertThat(header(answer, "Vary")).contains("Origin", "Accept-Encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/documents/ID/content HTTP/1.1",
                "GET /v1/nothing HTTP/1.1",
                "GET /v1/documents/%2e%2e/x HTTP/1.1",
                "GET /v1/documents?limit=0 HTTP/1.1",
                "DELETE /v1/documents HTTP/1.1",
                "GET /v1/documents/ID HTTP/1.1\r\nIf-None-Match: *"
            })
    void aNamedPageMayReadEveryAnswerAlsoWhatWentWrong(String line) throws Exception {
        String answer = server.raw(line + "\r\nHost: localhost\r\nConnection: close\r\nOrigin: " + PAGE + "\r\n\r\n");
        assertThat(answer).containsOnlyOnce("Access-Control-Allow-Origin: " + PAGE);
        assertThat(answer).containsPattern("(?m)^Vary: .*Origin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example.org",
                "https://app.example.org.evil.org",
                "http://app.example.org",
                "https://app.example.org:8443",
                "https://APP.example.org",
                "null",
                "*"
            })
    void noOtherPageMay(String origin) throws Exception {
        HttpResponse<String> answer = server.send("GET", "/v1/documents/ID", "Origin", origin);
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("none");
        assertThat(header(answer, "Vary")).contains("Origin");
        HttpResponse<String> preflight =
                server.send("OPTIONS", "/v1/documents/ID", "Origin", origin, "Access-Control-Request-Method", "DELETE");
        assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo("none");
        assertThat(header(preflight, "Access-Control-Allow-Methods")).isEqualTo("none");
    }

    @Test
    void nobodyMayUnlessItIsConfigured() throws Exception {
        try (OneDocumentServer usual = new OneDocumentServer(false)) {
            HttpResponse<String> answer = usual.send("GET", "/v1/documents/ID", "Origin", PAGE);
            assertThat(answer.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
            assertThat(header(answer, "Vary")).isEqualTo("Accept-Encoding");
        }
    }
}
