package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.app.ApiContract.Exchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What other tests rely on: an exchange that is not as {@code openapi.yaml} has it does not get past. */
class ApiContractTest {
    private static final String UP = "{\"status\": \"up\"}";
    private static final Map<String, List<String>> HEADERS = Map.of(
            "Content-Type", List.of("application/json"),
            "Cache-Control", List.of("no-store"),
            "X-Content-Type-Options", List.of("nosniff"),
            "X-Request-Id", List.of("5b1f0c2d3e4a5968"));
    private static final Map<String, List<String>> PRIVATE = with("Cache-Control", "private, no-cache");
    private static final String PROBLEM = "{\"type\": \"/problems/TYPE\", \"title\": \"t\", \"status\": 404,"
            + " \"detail\": null, \"instance\": \"urn:request:1\"}";

    @Test
    void what_is_described_gets_past() {
        assertThatCode(() -> live(200, HEADERS, UP)).doesNotThrowAnyException();
        assertThatCode(() -> exchange("HEAD", "/health/live", null, 200, HEADERS, ""))
                .doesNotThrowAnyException();
        assertThatCode(() ->
                        exchange("POST", "/v1/bulk", "{\"action\": \"archive\", \"ids\": []}", 200, PRIVATE, bulk("")))
                .doesNotThrowAnyException();
        assertThatCode(() -> document404("not-found")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"status\": \"up\", \"more\": 1}|more",
                "{\"status\": \"sideways\"}|status",
                "{\"status\": 1}|status",
                "{}|status",
                "[]|object",
                "nonsense|validated"
            })
    void a_body_that_is_another_does_not(String body, String named) {
        assertThatThrownBy(() -> live(200, HEADERS, body))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("GET /health/live -> 200")
                .hasMessageContaining(named);
    }

    @Test
    void a_status_that_is_not_described_does_not() {
        assertThatThrownBy(() -> live(202, HEADERS, UP)).hasMessageContaining("the status is not described");
    }

    @Test
    void a_header_that_is_missing_or_another_does_not() {
        assertThatThrownBy(() -> live(200, with("Cache-Control", null), UP))
                .hasMessageContaining("Cache-Control is missing");
        assertThatThrownBy(() -> live(200, with("Cache-Control", "public"), UP))
                .hasMessageContaining("Cache-Control \"public\"");
        assertThatThrownBy(() -> live(200, with("X-More", "1"), UP)).hasMessageContaining("x-more");
    }

    @Test
    void another_media_type_does_not() {
        assertThatThrownBy(() -> live(200, with("Content-Type", "text/plain"), UP))
                .hasMessageContaining("an answer of text/plain is not described");
    }

    @Test
    void an_operation_that_is_not_described_does_not() {
        assertThatThrownBy(() -> exchange("GET", "/v1/nothing", null, 200, HEADERS, "{}"))
                .hasMessageContaining("no such operation");
        assertThatThrownBy(() -> exchange("PUT", "/v1/documents", null, 200, HEADERS, "{}"))
                .hasMessageContaining("no such operation");
    }

    @Test
    void a_kind_of_problem_that_is_not_described_does_not() {
        assertThatThrownBy(() -> document404("new-kind")).hasMessageContaining("new-kind");
    }

    @Test
    void a_request_that_was_taken_and_is_not_described_does_not() {
        assertThatThrownBy(() -> exchange("GET", "/v1/usage?fast=1", null, 200, HEADERS, "{}"))
                .hasMessageContaining("the parameter fast is not described");
        assertThatThrownBy(() -> exchange("GET", "/v1/documents?limit=500", null, 200, HEADERS, "{}"))
                .hasMessageContaining("the request's limit 500");
        assertThatThrownBy(() -> exchange(
                        "POST", "/v1/bulk", "{\"action\": \"archive\", \"all\": true}", 200, PRIVATE, bulk("")))
                .hasMessageContaining("all");
        assertThatThrownBy(() -> exchange("POST", "/v1/bulk", "{\"action\": \"archive\"}", 200, PRIVATE, bulk("{}")))
                .hasMessageContaining("/results/0");
    }

    private static String bulk(String results) {
        return "{\"done\": 0, \"failed\": 0, \"results\": [" + results + "]}";
    }

    private static void document404(String type) {
        exchange(
                "GET",
                "/v1/documents/01931b5c-7a30-7c1e-9b5f-3d1a6f0e2b11",
                null,
                404,
                with("Content-Type", "application/problem+json"),
                PROBLEM.replace("TYPE", type));
    }

    private static void live(int status, Map<String, List<String>> headers, String body) {
        exchange("GET", "/health/live", null, status, headers, body);
    }

    private static void exchange(
            String method,
            String path,
            @Nullable String sent,
            int status,
            Map<String, List<String>> headers,
            String received) {
        HttpHeaders json = HttpHeaders.of(Map.of("Content-Type", List.of("application/json")), (name, value) -> true);
        ApiContract.OURS.check(new Exchange(
                method,
                URI.create("http://127.0.0.1" + path),
                json,
                sent,
                sent != null,
                status,
                HttpHeaders.of(headers, (name, value) -> true),
                received));
    }

    private static Map<String, List<String>> with(String name, @Nullable String value) {
        Map<String, List<String>> headers = new LinkedHashMap<>(HEADERS);
        headers.remove(name);
        if (value != null) {
            headers.put(name, List.of(value));
        }
        return headers;
    }
}
