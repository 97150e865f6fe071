package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Callers who come with tokens of an issuer, from the settings to the answer. */
class JwtTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final RSAKey key = rsa("first");
    private final TestIssuer issuer = new TestIssuer();
    private Server server;

    @TempDir
    Path data;

    @BeforeEach
    void start() {
        issuer.keys(key);
        start(Map.of());
    }

    @AfterEach
    void stop() {
        server.close();
        issuer.close();
    }

    private void start(Map<String, String> more) {
        Map<String, String> flags = new LinkedHashMap<>(Map.of(
                "--data",
                data.toString(),
                "--port",
                "0",
                "--auth",
                "jwt",
                "--jwt-issuer",
                issuer.url(),
                "--jwt-audience",
                "docs, other",
                "--jwt-algorithms",
                "RS256, ES256",
                "--jwt-administrator-claim",
                "realm_access.roles",
                "--jwt-administrators",
                "root"));
        flags.putAll(more);
        server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(Writer.nullWriter()));
    }

    private void restart(Map<String, String> more) {
        server.close();
        start(more);
    }

    @Test
    void the_issuers_tokens_open_what_is_the_users_own() throws Exception {
        String anna = token(claims -> claims.subject("anna"));
        String bob = token(claims -> claims.subject("bob"));
        HttpResponse<String> created = send("POST", "/v1/documents", anna, "{\"name\": \"a\"}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String path = created.headers().firstValue("Location").orElseThrow();

        assertThat(send("GET", path, anna, "").body()).contains("\"user_id\":\"anna\"");
        assertThat(send("GET", path, bob, "").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/v1/users/anna/usage", bob, "").statusCode()).isEqualTo(403);
        assertThat(issuer.requests()).as("keys are asked for once").isEqualTo(2);
        assertThat(send("GET", "/v1/tokens", anna, "").statusCode())
                .as("API tokens would open nothing here")
                .isEqualTo(404);
    }

    @Test
    void administrators_are_named_by_the_settings_or_by_a_role() throws Exception {
        UnaryOperator<JWTClaimsSet.Builder> none = claims -> claims;
        for (UnaryOperator<JWTClaimsSet.Builder> administrator : List.<UnaryOperator<JWTClaimsSet.Builder>>of(
                claims -> claims.subject("root"),
                claims -> claims.claim("realm_access", Map.of("roles", List.of("x", "docs-admin"))),
                claims -> claims.claim("realm_access.roles", "docs-admin"))) {
            assertThat(usageOfBob(administrator)).isEqualTo(200);
        }
        for (UnaryOperator<JWTClaimsSet.Builder> nobody : List.<UnaryOperator<JWTClaimsSet.Builder>>of(
                none,
                claims -> claims.claim("realm_access", Map.of("roles", List.of("docs-admins", "admin"))),
                claims -> claims.claim("realm_access", Map.of("roles", "x docs-admin")),
                claims -> claims.claim("realm_access", "docs-admin"),
                claims -> claims.claim("roles", List.of("docs-admin")),
                claims -> claims.claim("administrator", true))) {
            assertThat(usageOfBob(nobody)).isEqualTo(403);
        }
    }

    private int usageOfBob(UnaryOperator<JWTClaimsSet.Builder> claims) throws Exception {
        return send("GET", "/v1/users/bob/usage", token(claims), "").statusCode();
    }

    @Test
    void what_is_not_meant_for_this_server_and_this_moment_is_refused() throws Exception {
        Instant now = Instant.now();
        List<UnaryOperator<JWTClaimsSet.Builder>> wrong = List.of(
                claims -> claims.issuer(issuer.url() + "/"),
                claims -> claims.issuer("https://elsewhere.example"),
                claims -> claims.issuer(null),
                claims -> claims.audience("another"),
                claims -> claims.audience((String) null),
                claims -> claims.expirationTime(Date.from(now.minusSeconds(120))),
                claims -> claims.expirationTime(null),
                claims -> claims.notBeforeTime(Date.from(now.plusSeconds(120))),
                claims -> claims.subject(null),
                claims -> claims.subject(""),
                claims -> claims.subject("a\u0000b"),
                claims -> claims.subject("x".repeat(256)));
        for (UnaryOperator<JWTClaimsSet.Builder> each : wrong) {
            refused(token(each));
        }
        List<UnaryOperator<JWTClaimsSet.Builder>> right = List.of(
                claims -> claims,
                claims -> claims.audience(List.of("another", "other")),
                // within the skew that clocks may have
                claims -> claims.expirationTime(Date.from(now.minusSeconds(10))),
                claims -> claims.notBeforeTime(Date.from(now.plusSeconds(10))));
        for (UnaryOperator<JWTClaimsSet.Builder> each : right) {
            accepted(token(each));
        }
    }

    @Test
    void what_the_issuers_key_has_not_signed_by_an_allowed_algorithm_is_refused() throws Exception {
        JWTClaimsSet claims = claims(builder -> builder.subject("root"));
        byte[] publicKey = key.toRSAPublicKey().getEncoded();
        byte[] pem = ("-----BEGIN PUBLIC KEY-----\n"
                        + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(publicKey)
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
        String good = token(builder -> builder);
        String[] parts = good.split("\\.");
        List<String> wrong = new ArrayList<>(List.of(
                new PlainJWT(claims).serialize(),
                new PlainJWT(claims).serialize() + parts[2],
                signed(header(JWSAlgorithm.HS256, "first"), claims, new MACSigner(publicKey)),
                signed(header(JWSAlgorithm.HS256, "first"), claims, new MACSigner(pem)),
                signed(
                        header(JWSAlgorithm.HS256, "first"),
                        claims,
                        new MACSigner(key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))),
                // rightly signed, but not by an algorithm that is allowed here
                signed(header(JWSAlgorithm.RS512, "first"), claims, new RSASSASigner(key)),
                signed(header(JWSAlgorithm.PS256, "first"), claims, new RSASSASigner(key)),
                // by somebody else's key, under the name of the issuer's, or under no name, or brought along
                signed(header(JWSAlgorithm.RS256, "first"), claims, new RSASSASigner(rsa("first"))),
                signed(new JWSHeader(JWSAlgorithm.RS256), claims, new RSASSASigner(key)),
                signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID("own")
                                .jwk(rsa("own").toPublicJWK())
                                .build(),
                        claims,
                        new RSASSASigner(rsa("own"))),
                signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID("first")
                                .type(new JOSEObjectType("secevent+jwt"))
                                .build(),
                        claims,
                        new RSASSASigner(key)),
                parts[0] + "." + parts[1] + ".",
                parts[0] + "." + parts[1],
                parts[0] + "." + parts[1] + "." + parts[2].substring(1),
                parts[0] + "." + claims.toPayload().toBase64URL() + "." + parts[2],
                "a.b.c",
                "....",
                "x",
                "docs_" + "A".repeat(43)));
        wrong.add(parts[1] + "." + parts[0] + "." + parts[2]);
        for (String each : wrong) {
            refused(each);
        }
        accepted(good);
        accepted(signed(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID("first")
                        .type(new JOSEObjectType("at+jwt"))
                        .build(),
                claims,
                new RSASSASigner(key)));
        assertThat(send("GET", "/v1/usage", good + "x".repeat(10_000), "").statusCode())
                .isEqualTo(431);
    }

    @Test
    void keys_of_another_kind_serve_as_well_each_for_its_own_algorithm() throws Exception {
        ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        issuer.keys(key, ec);
        JWTClaimsSet claims = claims(builder -> builder);

        accepted(signed(header(JWSAlgorithm.ES256, "ec"), claims, new ECDSASigner(ec)));
        accepted(token(builder -> builder));
        refused(signed(header(JWSAlgorithm.ES256, "first"), claims, new ECDSASigner(ec)));
        refused(signed(header(JWSAlgorithm.RS256, "ec"), claims, new RSASSASigner(key)));
    }

    @Test
    void a_new_key_is_taken_when_a_token_names_it() throws Exception {
        accepted(token(claims -> claims));
        RSAKey second = rsa("second");
        issuer.keys(second);
        String token = signed(header(JWSAlgorithm.RS256, "second"), claims(claims -> claims), new RSASSASigner(second));

        // not at once: the issuer was asked a moment ago
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> send("GET", "/v1/usage", token, "").statusCode() == 200);

        refused(token(claims -> claims));
    }

    @Test
    void a_flood_of_unknown_keys_does_not_reach_the_issuer() throws Exception {
        accepted(token(claims -> claims));
        int before = issuer.requests();
        long start = System.nanoTime();

        for (int i = 0; i < 300; i++) {
            refused(signed(header(JWSAlgorithm.RS256, "k" + i), claims(claims -> claims), new RSASSASigner(key)));
        }

        // two each time it is asked: for where the keys are, and for the keys
        long pauses = 1 + Duration.ofNanos(System.nanoTime() - start).toSeconds() / 10;
        assertThat(issuer.requests() - before).isLessThanOrEqualTo((int) (2 * pauses));
        accepted(token(claims -> claims));
    }

    @Test
    void while_the_issuer_is_down_known_keys_go_on_and_without_any_nobody_can_tell() throws Exception {
        accepted(token(claims -> claims));
        issuer.broken(true);
        accepted(token(claims -> claims));
        refused(token(claims -> claims.audience("another")));
        refused(signed(header(JWSAlgorithm.RS256, "k"), claims(claims -> claims), new RSASSASigner(key)));

        restart(Map.of());
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = send("GET", "/v1/usage", token(claims -> claims), "");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).contains("10");
            assertThat(answer.body()).doesNotContain(issuer.url());
        }
        assertThat(issuer.requests()).isLessThan(10);
        refused(new PlainJWT(claims(claims -> claims)).serialize());
        issuer.broken(false);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        send("GET", "/v1/usage", token(claims -> claims), "").statusCode() == 200);
    }

    @Test
    void the_address_of_the_keys_and_the_claim_of_the_user_can_be_set() throws Exception {
        restart(Map.of("--jwt-jwks-url", issuer.url() + "/keys", "--jwt-user-claim", "email"));

        String token = token(claims -> claims.claim("email", "anna@example.org"));
        HttpResponse<String> usage = send("GET", "/v1/usage", token, "");
        assertThat(usage.body()).contains("\"user_id\":\"anna@example.org\"");
        assertThat(issuer.requests()).isEqualTo(1);
        refused(token(claims -> claims.claim("email", List.of("anna@example.org"))));
        refused(token(claims -> claims));
    }

    private void accepted(String token) throws Exception {
        HttpResponse<String> answer = send("GET", "/v1/usage", token, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private void refused(String token) throws Exception {
        HttpResponse<String> answer = send("GET", "/v1/usage", token, "");
        assertThat(answer.statusCode()).as(token + " " + answer.body()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
        JsonNode problem = new com.fasterxml.jackson.databind.ObjectMapper().readTree(answer.body());
        assertThat(problem.get("detail").asText()).isEqualTo("the token is expired, or not one for this server");
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

    private String token(UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
        return signed(header(JWSAlgorithm.RS256, "first"), claims(change), new RSASSASigner(key));
    }

    private JWTClaimsSet claims(UnaryOperator<JWTClaimsSet.Builder> change) {
        return change.apply(new JWTClaimsSet.Builder()
                        .issuer(issuer.url())
                        .audience("docs")
                        .subject("anna")
                        .expirationTime(Date.from(Instant.now().plusSeconds(300))))
                .build();
    }

    private static JWSHeader header(JWSAlgorithm algorithm, String keyId) {
        return new JWSHeader.Builder(algorithm).keyID(keyId).build();
    }

    private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer) throws Exception {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(signer);
        return token.serialize();
    }

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
