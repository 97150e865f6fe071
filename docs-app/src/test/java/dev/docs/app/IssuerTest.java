package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Callers with tokens of an issuer that others have written; {@link JwtTest} forges what it would never give. */
class IssuerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MAPPINGS = """
            [
              {"requestParam": "scope", "match": "anna", "claims": {"sub": "anna", "aud": ["other", "docs"]}},
              {"requestParam": "grant_type", "match": "authorization_code", "claims": {"sub": "bob", "aud": ["docs"]}},
              {"requestParam": "scope", "match": "root",
               "claims": {"sub": "carol", "aud": ["docs"], "realm_access": {"roles": ["docs-admin"]}}},
              {"requestParam": "scope", "match": "elsewhere", "claims": {"sub": "anna", "aud": ["elsewhere"]}},
              {"requestParam": "scope", "match": "disguise",
               "claims": {"sub": "anna", "aud": ["docs"], "iss": "http://elsewhere.example/docs"}},
              {"requestParam": "scope", "match": "expired", "claims": {"sub": "anna", "aud": ["docs"], "exp": 1700000000}},
              {"requestParam": "scope", "match": "early", "claims": {"sub": "anna", "aud": ["docs"], "nbf": 4102444800}}
            ]
            """;

    private final HttpClient http = CheckedClient.create();
    private IssuerProcess issuer;
    private Server server;

    @TempDir
    Path data;

    @BeforeEach
    void start() throws IOException {
        issuer = new IssuerProcess(data, MAPPINGS);
        startServer();
    }

    @AfterEach
    void stop() {
        server.close();
        issuer.close();
    }

    private void startServer() {
        Map<String, String> flags = Map.of(
                "--data",
                data.resolve("data").toString(),
                "--port",
                "0",
                "--auth",
                "jwt",
                "--jwt-issuer",
                issuer.url(),
                "--jwt-audience",
                "docs",
                "--jwt-algorithms",
                "RS256, ES256",
                "--jwt-administrator-claim",
                "realm_access.roles");
        server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(Writer.nullWriter()));
    }

    @Test
    void its_tokens_open_what_is_the_users_own_if_they_are_for_this_server_and_this_moment() throws Exception {
        String anna = issuer.token("anna");
        String bob = issuer.signIn();
        HttpResponse<String> created = send("POST", "/v1/documents", anna, "{\"name\": \"a\"}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String path = created.headers().firstValue("Location").orElseThrow();

        assertThat(send("GET", path, anna, "").body()).contains("\"user_id\":\"anna\"");
        assertThat(send("GET", path, bob, "").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/v1/usage", bob, "").body()).contains("\"user_id\":\"bob\"");
        assertThat(send("GET", "/v1/users/anna/usage", bob, "").statusCode()).isEqualTo(403);
        assertThat(send("GET", "/v1/users/anna/usage", issuer.token("root"), "").statusCode())
                .isEqualTo(200);
        List<String> wrong = List.of(
                issuer.token("elsewhere"), issuer.token("disguise"), issuer.token("expired"), issuer.token("early"));
        for (String token : wrong) {
            HttpResponse<String> refused = send("GET", "/v1/usage", token, "");
            assertThat(refused.statusCode()).as(token).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
        }
    }

    @Test
    void a_new_key_is_taken_and_while_it_is_down_the_known_one_goes_on() throws Exception {
        String before = issuer.token("anna");
        assertThat(status(before)).isEqualTo(200);

        issuer.restart("ES256");
        String after = issuer.token("anna");
        // not at once: the issuer was asked a moment ago
        Awaitility.await().atMost(PATIENCE).until(() -> status(after) == 200);
        assertThat(status(before)).as("its key was withdrawn").isEqualTo(401);

        issuer.stop();
        assertThat(status(after)).isEqualTo(200);
        server.close();
        startServer();
        HttpResponse<String> unknown = send("GET", "/v1/usage", after, "");
        assertThat(unknown.statusCode()).as(unknown.body()).isEqualTo(503);
        assertThat(unknown.headers().firstValue("Retry-After")).isPresent();

        issuer.restart("ES256");
        String again = issuer.token("anna");
        Awaitility.await().atMost(PATIENCE).until(() -> status(again) == 200);
    }

    private int status(String token) throws Exception {
        return send("GET", "/v1/usage", token, "").statusCode();
    }

    private HttpResponse<String> send(String method, String path, String token, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
