package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** API tokens through HTTP, from the first to the last, while the server runs. */
abstract class TokenAcceptance extends RunningServer {
    private static final String SECRET = "docs_[A-Za-z0-9_-]{43}";

    @Test
    void a_token_is_made_shown_once_used_listed_and_revoked() throws Exception {
        HttpResponse<byte[]> answer = make(admin, "{\"user_id\": \"anna\", \"expires_at\": \"2999-01-02T03:04:05Z\"}");

        JsonNode made = body(answer, 201);
        String secret = made.get("token").asText();
        assertThat(secret).matches(SECRET).startsWith(made.get("prefix").asText());
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        String path = "/v1/tokens/" + made.get("id").asText();
        assertThat(answer.headers().firstValue("Location")).contains(path);
        assertThat(made.get("user_id").asText()).isEqualTo("anna");
        assertThat(made.get("administrator").asBoolean()).isFalse();
        assertThat(made.get("expires_at").asText()).isEqualTo("2999-01-02T03:04:05.000Z");
        assertThat(made.get("last_used_at").isNull()).isTrue();

        body(upload(secret, "a", "text/plain", random(1, 10), "{}"), 201);
        assertThat(body(send(request("/v1/usage", secret)), 200).get("user_id").asText())
                .isEqualTo("anna");
        HttpResponse<byte[]> list = send(request("/v1/tokens", secret));
        assertThat(body(list, 200).get("items")).hasSize(1);
        JsonNode listed = body(list, 200).at("/items/0");
        assertThat(listed.get("id")).isEqualTo(made.get("id"));
        assertThat(Instant.parse(listed.get("last_used_at").asText()))
                .isAfterOrEqualTo(Instant.parse(made.get("created_at").asText()));
        assertThat(new String(list.body(), StandardCharsets.UTF_8)).doesNotContainPattern(SECRET);
        assertThat(listed.has("token")).isFalse();
        assertThat(listed.has("sha256")).isFalse();

        restart();
        assertThat(send(request(path, secret).DELETE()).statusCode()).isEqualTo(204);
        problem(send(request("/v1/usage", secret)), 401, "unauthorized");
        problem(send(request(path, admin).DELETE()), 404, "not-found");
    }

    @Test
    void users_look_after_their_own_tokens_and_administrators_after_all() throws Exception {
        String annas = secret(admin, "{\"user_id\": \"anna\"}");
        String bobs = secret(admin, "{\"user_id\": \"bob\"}");
        String second = secret(annas, "{}");

        assertThat(ids("/v1/tokens", second)).hasSize(2).isEqualTo(ids("/v1/tokens?user_id=anna", admin));
        problem(send(request("/v1/tokens?user_id=anna", bobs)), 403, "access-denied");
        problem(make(bobs, "{\"user_id\": \"anna\"}"), 403, "access-denied");
        problem(make(bobs, "{\"administrator\": true}"), 403, "access-denied");
        String first = ids("/v1/tokens", annas).get(0);
        problem(send(request("/v1/tokens/" + first, bobs).DELETE()), 404, "not-found");
        assertThat(ids("/v1/tokens", annas)).hasSize(2);
        assertThat(send(request("/v1/tokens/" + first, second).DELETE()).statusCode())
                .isEqualTo(204);
        problem(send(request("/v1/usage", annas)), 401, "unauthorized");
        assertThat(ids("/v1/tokens", bobs)).hasSize(1);

        String other = secret(admin, "{\"user_id\": \"carl\", \"administrator\": true}");
        assertThat(send(request("/v1/tokens/" + ids("/v1/tokens", second).get(0), other)
                                .DELETE())
                        .statusCode())
                .isEqualTo(204);
        problem(send(request("/v1/usage", second)), 401, "unauthorized");
        assertThat(send(request("/v1/users/bob", other).DELETE()).statusCode()).isEqualTo(204);
        problem(send(request("/v1/usage", bobs)), 401, "unauthorized");
    }

    @Test
    void a_token_outlives_none_that_made_it() throws Exception {
        String end = "2999-01-01T00:00:00.500Z";
        String short_ =
                secret(admin, "{\"user_id\": \"anna\", \"administrator\": true, \"expires_at\": \"" + end + "\"}");

        for (String body : List.of("{}", "{\"expires_at\": null}", "{\"user_id\": \"bob\"}")) {
            assertThat(body(make(short_, body), 201).get("expires_at").asText()).isEqualTo(end);
        }
        assertThat(body(make(short_, "{\"expires_at\": \"2998-01-01T00:00:00Z\"}"), 201)
                        .get("expires_at")
                        .asText())
                .isEqualTo("2998-01-01T00:00:00.000Z");
        JsonNode refused = problem(make(short_, "{\"expires_at\": \"2999-01-01T00:00:00.501Z\"}"), 422, "invalid");
        assertThat(refused.at("/errors/0/pointer").asText()).isEqualTo("/expires_at");
        assertThat(refused.at("/errors/0/detail").asText()).contains(end);
    }

    @Test
    void what_is_wrong_with_a_request_for_a_token_is_told_and_makes_none() throws Exception {
        for (String wrong : List.of(
                "{\"expires_at\": \"2001-01-01T00:00:00Z\"}",
                "{\"expires_at\": \"tomorrow\"}",
                "{\"expires_at\": 5}",
                "{\"expires_at\": \"+999999999-01-01T00:00:00Z\"}",
                "{\"user_id\": \"\"}",
                "{\"user_id\": 5}",
                "{\"administrator\": \"yes\"}",
                "{\"expires\": null}")) {
            JsonNode problem = problem(make(admin, wrong), 422, "invalid");
            String field = wrong.replaceFirst("\\{\"(\\w+).*", "$1");
            assertThat(problem.at("/errors/0/pointer").asText()).isEqualTo("/" + field);
        }
        problem(make(admin, "[]"), 400, "malformed");
        problem(make(admin, ""), 400, "malformed");
        problem(post("/v1/tokens?administrator=true", admin, "application/json", "{}"), 400, "malformed");
        problem(post("/v1/tokens", admin, "text/plain", "{}"), 415, "unsupported-media-type");
        JsonNode keyed = problem(
                send(request("/v1/tokens", admin)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", "once")
                        .POST(BodyPublishers.ofString("{}"))),
                400,
                "malformed");
        assertThat(keyed.at("/errors/0/header").asText()).isEqualTo("Idempotency-Key");
        problem(send(get("/v1/tokens?cursor=1")), 400, "malformed");
        problem(send(get("/v1/tokens?limit=0")), 400, "malformed");
        problem(send(get("/v1/tokens?user=anna")), 400, "malformed");
        problem(send(get("/v1/tokens/1").DELETE()), 404, "not-found");
        assertThat(ids("/v1/tokens", admin)).hasSize(1);
    }

    @Test
    void a_user_has_up_to_a_hundred_tokens_in_pages() throws Exception {
        String anna = secret(admin, "{\"user_id\": \"anna\"}");
        List<JsonNode> made = new ArrayList<>();
        for (int i = 1; i < 100; i++) {
            made.add(body(make(anna, "{}"), 201));
        }
        JsonNode refused = problem(make(anna, "{}"), 422, "invalid");
        assertThat(refused.at("/errors/0/limit").asInt()).isEqualTo(100);
        secret(admin, "{}");

        List<String> seen = new ArrayList<>();
        String path = "/v1/tokens?limit=33";
        while (path != null) {
            HttpResponse<byte[]> page = send(request(path, anna));
            body(page, 200)
                    .get("items")
                    .forEach(token -> seen.add(token.get("id").asText()));
            path = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
        }
        assertThat(seen.subList(1, 100))
                .isEqualTo(made.stream().map(token -> token.get("id").asText()).toList());
        assertThat(seen).hasSize(100).doesNotHaveDuplicates().isEqualTo(ids("/v1/tokens?limit=100", anna));
        assertThat(send(request("/v1/tokens/" + seen.get(50), anna).DELETE()).statusCode())
                .isEqualTo(204);
        body(make(anna, "{}"), 201);
    }

    private HttpResponse<byte[]> make(String token, String body) throws Exception {
        return post("/v1/tokens", token, "application/json", body);
    }

    private String secret(String token, String body) throws Exception {
        return body(make(token, body), 201).get("token").asText();
    }

    private List<String> ids(String path, String token) throws Exception {
        List<String> ids = new ArrayList<>();
        body(send(request(path, token)), 200)
                .get("items")
                .forEach(item -> ids.add(item.get("id").asText()));
        return ids;
    }
}
