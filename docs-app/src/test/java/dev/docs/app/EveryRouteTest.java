package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.jdbi.Database;
import dev.docs.application.TokenService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.PrintWriter;
import java.io.Writer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who may do what, on every route there is: a route without a row in the {@linkplain #table() table} fails. A row tells the
 * statuses for the owner of what the path names, for a stranger, and for an administrator; that nobody else gets in is
 * tried on all of them, and so is that a refused request changes nothing.
 */
class EveryRouteTest extends RunningServer {
    private static final String JSON = "application/json";
    private static final String OWNER_ID = "anna";
    private static final String STRANGER_ID = "bob";

    private final Map<Identity, String> tokens = new EnumMap<>(Identity.class);

    private List<Row> table() {
        return List.of(
                row("GET", "/v1/documents").answers(200, 200, 200),
                row("GET", "/v1/documents").query("user_id=" + OWNER_ID).answers(200, 403, 200),
                row("POST", "/v1/documents").body(JSON, "{\"name\": \"new\"}").answers(201, 201, 201),
                row("POST", "/v1/documents")
                        .body(JSON, "{\"name\": \"new\", \"user_id\": \"" + OWNER_ID + "\"}")
                        .answers(201, 403, 201),
                row("POST", "/v1/documents")
                        .body(
                                "multipart/form-data; boundary=b",
                                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n")
                        .answers(201, 201, 201),
                row("GET", "/v1/documents/{id}").answers(200, 404, 200),
                row("PATCH", "/v1/documents/{id}")
                        .body("application/merge-patch+json", "{\"name\": \"other\"}")
                        .answers(200, 404, 200),
                row("DELETE", "/v1/documents/{id}").answers(204, 404, 204),
                row("DELETE", "/v1/documents/{id}").query("purge=true").answers(204, 404, 204),
                row("GET", "/v1/documents/{id}/content").answers(200, 404, 200),
                row("PUT", "/v1/documents/{id}/content")
                        .body("text/plain", "third")
                        .answers(200, 404, 200),
                row("GET", "/v1/documents/{id}/versions").answers(200, 404, 200),
                row("GET", "/v1/documents/{id}/versions/{n}").answers(200, 404, 200),
                row("DELETE", "/v1/documents/{id}/versions/{n}").answers(204, 404, 204),
                row("POST", "/v1/documents/{id}/versions/{n}/restore").answers(200, 404, 200),
                row("POST", "/v1/bulk")
                        .body(JSON, "{\"action\": \"purge\", \"ids\": [\"{id}\"]}")
                        .answers(200, 200, 200),
                row("POST", "/v1/bulk/zip").body(JSON, "{\"ids\": [\"{id}\"]}").answers(200, 404, 200),
                row("POST", "/v1/links").body(JSON, "{\"id\": \"{id}\"}").answers(201, 404, 201),
                row("DELETE", "/v1/links").answers(204, 204, 204),
                row("DELETE", "/v1/links").query("user_id=" + OWNER_ID).answers(204, 403, 204),
                row("GET", "/v1/l/{token}").with("token", new Thing(this::link)).open(200),
                row("GET", "/v1/me").answers(200, 200, 200),
                row("GET", "/v1/usage").answers(200, 200, 200),
                row("GET", "/v1/users/{user}/usage").answers(200, 403, 200),
                row("PUT", "/v1/users/{user}/quota")
                        .body(JSON, "{\"bytes\": null}")
                        .answers(403, 403, 200),
                row("DELETE", "/v1/users/{user}")
                        .with("user", new Thing(this::spareUser))
                        .answers(403, 403, 204),
                row("GET", "/v1/users/usage").query("user_id={user}").answers(200, 403, 200),
                row("PUT", "/v1/users/quota")
                        .query("user_id={user}")
                        .body(JSON, "{\"bytes\": null}")
                        .answers(403, 403, 200),
                row("GET", "/v1/users").answers(403, 403, 200),
                row("GET", "/v1/storage").answers(403, 403, 200),
                row("DELETE", "/v1/users")
                        .query("user_id={user}")
                        .with("user", new Thing(this::spareUser))
                        .answers(403, 403, 204),
                row("POST", "/v1/tokens").body(JSON, "{}").answers(201, 201, 201),
                row("POST", "/v1/tokens")
                        .body(JSON, "{\"administrator\": true}")
                        .answers(403, 403, 201),
                row("POST", "/v1/tokens")
                        .body(JSON, "{\"user_id\": \"" + OWNER_ID + "\"}")
                        .answers(201, 403, 201),
                row("GET", "/v1/tokens").answers(200, 200, 200),
                row("GET", "/v1/tokens").query("user_id=" + OWNER_ID).answers(200, 403, 200),
                row("DELETE", "/v1/tokens/{id}")
                        .with(
                                "id",
                                new Thing(
                                        this::anotherToken,
                                        this::revokedToken,
                                        UUID.randomUUID().toString()))
                        .answers(204, 404, 204),
                row("OPTIONS", "/v1/uploads").answers(204, 204, 204),
                row("POST", "/v1/uploads")
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Length", "5")
                        .header("Upload-Metadata", "filename YQ==")
                        .answers(201, 201, 201),
                row("POST", "/v1/uploads")
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Length", "5")
                        .header("Upload-Metadata", "document_id {base64}")
                        .answers(201, 404, 201),
                row("OPTIONS", "/v1/uploads/{upload}")
                        .with("upload", new Thing(() -> UUID.randomUUID().toString()))
                        .answers(204, 204, 204),
                row("HEAD", "/v1/uploads/{upload}")
                        .header("Tus-Resumable", "1.0.0")
                        .answers(200, 404, 200),
                row("PATCH", "/v1/uploads/{upload}")
                        .body("application/offset+octet-stream", "hello")
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Offset", "0")
                        .answers(204, 404, 204),
                row("DELETE", "/v1/uploads/{upload}")
                        .header("Tus-Resumable", "1.0.0")
                        .answers(204, 404, 204),
                row("GET", "/metrics").answers(403, 403, 200),
                row("GET", "/health/live").open(200),
                row("GET", "/health/ready").open(200),
                row("GET", "/openapi.yaml").open(200),
                row("GET", "/openapi.json").open(200),
                row("GET", "/api").open(200),
                row("GET", "/api/{file}")
                        .with("file", new Thing(() -> "start.js"))
                        .open(200),
                row("GET", "/").open(200),
                row("GET", "/page/{version}/{file}")
                        .with("version", new Thing(this::pageVersion))
                        .with("file", new Thing(() -> "main.js"))
                        .open(200));
    }

    /** What stands for a placeholder of a path or a body, unless its row says otherwise. */
    private Map<String, Thing> things() {
        return Map.of(
                "id",
                        new Thing(
                                () -> document(Identity.OWNER),
                                () -> purged(Identity.OWNER),
                                UUID.randomUUID().toString()),
                "upload",
                        new Thing(
                                () -> begun(Identity.OWNER),
                                () -> ended(Identity.OWNER),
                                UUID.randomUUID().toString()),
                "base64",
                        new Thing(
                                () -> base64(document(Identity.OWNER)),
                                () -> base64(purged(Identity.OWNER)),
                                base64(UUID.randomUUID().toString())),
                "n", new Thing(() -> "1"),
                "user", new Thing(() -> OWNER_ID));
    }

    @Test
    void every_route_has_a_row() {
        assertThat(new TreeSet<>(rows().map(Row::route).toList()))
                .isEqualTo(new TreeSet<>(server.routes()))
                .hasSizeGreaterThan(20);
    }

    @TestFactory
    Stream<DynamicTest> every_route_answers_each_identity_as_the_table_says() {
        return rows().flatMap(row -> Stream.of(Identity.values())
                .map(identity -> DynamicTest.dynamicTest(row + " by " + identity, () -> answers(row, identity))));
    }

    @TestFactory
    Stream<DynamicTest> what_is_foreign_missing_or_gone_looks_the_same() {
        return rows().filter(row -> !row.hidden().isEmpty())
                .flatMap(row -> Stream.of(Identity.OWNER, Identity.STRANGER, Identity.ADMINISTRATOR)
                        .map(identity -> DynamicTest.dynamicTest(row + " by " + identity, () -> hides(row, identity))));
    }

    @TestFactory
    Stream<DynamicTest> a_path_written_oddly_opens_no_door() {
        return Stream.of(
                        "/V1/usage",
                        "//v1/usage",
                        "/v1//usage",
                        "/v1/usage/",
                        "/v1;a=b/usage",
                        "/v1/usage;a=b",
                        "/v1/./usage",
                        "/health/../v1/usage",
                        "/health/..;/v1/usage",
                        "/%76%31/usage",
                        "/v1%2fusage",
                        "/v1\\usage".replace("\\", "%5c"),
                        "/v1/nothing",
                        "/v1")
                .map(path -> DynamicTest.dynamicTest(path, () -> {
                    HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(uri(path)));
                    assertThat(answer.statusCode()).isIn(400, 401, 404);
                    assertThat(answer.body()).asString(StandardCharsets.UTF_8).doesNotContain("bytes");
                }));
    }

    private void answers(Row row, Identity identity) throws Exception {
        Map<String, String> values = row.existing();
        int expected = row.status(identity);
        String before = expected < 400 ? "" : state(values);

        HttpResponse<byte[]> answer = send(row, values, identity);

        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(expected);
        assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent())
                .isEqualTo(expected == 401 || (identity == Identity.TWO_HEADERS && expected == 400));
        if (expected >= 400) {
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(state(values)).isEqualTo(before);
        }
    }

    /** Of one's own, gone and missing have to look the same; to a stranger, what is somebody's does too. */
    private void hides(Row row, Identity identity) throws Exception {
        List<Map<String, String>> absent = new ArrayList<>(List.of(row.missing(), row.gone()));
        if (identity == Identity.STRANGER) {
            absent.add(row.existing());
        }
        TreeSet<String> answers = new TreeSet<>();
        for (Map<String, String> values : absent) {
            answers.add(withoutNames(send(row, values, identity), values));
        }
        assertThat(answers).hasSize(1);
        assertThat(answers.first()).contains("404");
    }

    /** Status, headers and body, but for the date and for what names the request or the thing asked for. */
    private static String withoutNames(HttpResponse<byte[]> answer, Map<String, String> values) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.remove("date");
        headers.remove("x-request-id");
        String text = answer.statusCode() + " " + headers + " " + new String(answer.body(), StandardCharsets.UTF_8);
        for (String value : values.values()) {
            text = value.length() < 8 ? text : text.replace(value, "VALUE");
        }
        return text.replaceAll("urn:request:[0-9a-f]+", "REQUEST");
    }

    /** What a refused request must leave as it was. */
    private String state(Map<String, String> values) throws Exception {
        StringBuilder state = new StringBuilder();
        List<String> paths =
                new ArrayList<>(List.of("/v1/users/" + OWNER_ID + "/usage", "/v1/users/" + STRANGER_ID + "/usage"));
        if (values.containsKey("id")) {
            // some ids are those of other things, and then it is the same 404 twice
            paths.add("/v1/documents/" + values.get("id"));
            paths.add("/v1/documents/" + values.get("id") + "/versions");
        }
        for (String path : paths) {
            state.append(withoutNames(send(get(path)), Map.of())).append('\n');
        }
        for (String user : List.of(OWNER_ID, STRANGER_ID)) {
            body(send(get("/v1/tokens?limit=200&user_id=" + user)), 200)
                    .get("items")
                    .forEach(token -> state.append(token.get("id")));
        }
        return state.toString();
    }

    private HttpResponse<byte[]> send(Row row, Map<String, String> values, Identity identity) throws Exception {
        String path = row.path() + (row.query().isEmpty() ? "" : "?" + row.query());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(filled(path, values)))
                .method(row.method(), BodyPublishers.ofString(filled(row.body(), values)));
        row.headers().forEach((name, value) -> request.header(name, filled(value, values)));
        String token = token(identity);
        switch (identity) {
            case OWNER, STRANGER, ADMINISTRATOR, EXPIRED, REVOKED -> request.header("Authorization", "Bearer " + token);
            case OWNER_IN_LOWER_CASE -> request.header("Authorization", "bearer " + token);
            case GARBAGE -> request.header("Authorization", "Bearer docs_" + "A".repeat(43));
            case OTHER_SCHEME -> request.header("Authorization", "Basic " + token);
            case TOKEN_IN_THE_QUERY ->
                request.uri(uri(filled(path, values) + (row.query().isEmpty() ? "?" : "&") + "access_token=" + token));
            case TWO_HEADERS ->
                request.header("Authorization", "Bearer " + token).header("Authorization", "Bearer " + token);
            case NOBODY -> {}
        }
        return send(request);
    }

    private static String filled(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace("{" + value.getKey() + "}", value.getValue());
        }
        return filled;
    }

    private Stream<Row> rows() {
        return table().stream()
                .flatMap(row -> row.method().equals("GET") ? Stream.of(row, row.method("HEAD")) : Stream.of(row));
    }

    // What there is

    private enum Identity {
        OWNER,
        OWNER_IN_LOWER_CASE,
        STRANGER,
        ADMINISTRATOR,
        NOBODY,
        EXPIRED,
        REVOKED,
        GARBAGE,
        OTHER_SCHEME,
        TOKEN_IN_THE_QUERY,
        TWO_HEADERS
    }

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    /** Nothing here is about power cuts, and there are thousands of requests. */
    @Override
    Map<String, String> settingsOfTheTest() {
        return Map.of("--durability", "process");
    }

    /** Expired and revoked are the owner's own: but for that, they would open everything. */
    @BeforeEach
    void giveTokens() {
        server.close();
        try (Database database = Server.openDatabase(settings())) {
            TokenService now = new TokenService(database.tokens(), Clock.systemUTC());
            Instant yesterday = Instant.now().minus(Duration.ofDays(1));
            TokenService then = new TokenService(database.tokens(), Clock.fixed(yesterday, ZoneOffset.UTC));
            String owners = now.create(OWNER_ID, false, null).secret();
            TokenService.Issued revoked = now.create(OWNER_ID, true, null);
            now.revoke(revoked.token().id());
            for (Identity identity : Identity.values()) {
                tokens.put(identity, owners);
            }
            tokens.put(Identity.STRANGER, now.create(STRANGER_ID, false, null).secret());
            tokens.put(Identity.ADMINISTRATOR, admin);
            tokens.put(
                    Identity.EXPIRED,
                    then.create(OWNER_ID, true, Duration.ofHours(23)).secret());
            tokens.put(Identity.REVOKED, revoked.secret());
        }
        server = Server.start(settings(), new PrintWriter(Writer.nullWriter()));
    }

    /** A document of two versions. */
    private String document(Identity owner) throws Exception {
        String token = token(owner);
        String id = body(upload(token, "a", "text/plain", new byte[] {'1'}, "{}"), 201)
                .get("id")
                .asText();
        body(send(request("/v1/documents/" + id + "/content", token).PUT(BodyPublishers.ofString("2"))), 200);
        return id;
    }

    private String pageVersion() throws Exception {
        String page = new String(send(HttpRequest.newBuilder(uri("/"))).body(), StandardCharsets.UTF_8);
        return page.replaceFirst("(?s).*/page/([0-9a-f]+)/main\\.js.*", "$1");
    }

    private String link() throws Exception {
        String body = "{\"id\": \"" + document(Identity.OWNER) + "\"}";
        String url = body(post("/v1/links", token(Identity.OWNER), JSON, body), 201)
                .get("url")
                .asText();
        return url.substring("/v1/l/".length());
    }

    private String token(Identity identity) {
        return tokens.getOrDefault(identity, "");
    }

    private String purged(Identity owner) throws Exception {
        String id = document(owner);
        assertThat(send(request("/v1/documents/" + id + "?purge=true", token(owner))
                                .DELETE())
                        .statusCode())
                .isEqualTo(204);
        return id;
    }

    private String anotherToken() throws Exception {
        return body(post("/v1/tokens", token(Identity.OWNER), JSON, "{}"), 201)
                .get("id")
                .asText();
    }

    private String revokedToken() throws Exception {
        String id = anotherToken();
        assertThat(send(request("/v1/tokens/" + id, token(Identity.OWNER)).DELETE())
                        .statusCode())
                .isEqualTo(204);
        return id;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An upload in parts of 5 bytes. */
    private String begun(Identity owner) throws Exception {
        HttpResponse<byte[]> created = send(request("/v1/uploads", token(owner))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", "5")
                .header("Upload-Metadata", "filename YQ==")
                .POST(BodyPublishers.noBody()));
        return created.headers().firstValue("Location").orElseThrow().substring("/v1/uploads/".length());
    }

    private String ended(Identity owner) throws Exception {
        String id = begun(owner);
        assertThat(send(request("/v1/uploads/" + id, token(owner))
                                .header("Tus-Resumable", "1.0.0")
                                .DELETE())
                        .statusCode())
                .isEqualTo(204);
        return id;
    }

    private String spareUser() throws Exception {
        String user = "spare";
        body(post("/v1/documents", admin, JSON, "{\"name\": \"a\", \"user_id\": \"" + user + "\"}"), 201);
        return user;
    }

    // How the table is written

    private interface Maker {
        String make() throws Exception;
    }

    /**
     * What a placeholder stands for.
     *
     * @param gone makes one that was the owner's and is no more; null if nothing is hidden about such things
     * @param missing one that never was
     */
    private record Thing(Maker existing, @Nullable Maker gone, String missing) {
        /** One about which nothing is hidden. */
        Thing(Maker existing) {
            this(existing, null, "");
        }
    }

    private Row row(String method, String path) {
        return new Row(method, path, "", Map.of(), "", things(), true, 0, 0, 0);
    }

    private record Row(
            String method,
            String path,
            String query,
            Map<String, String> headers,
            String body,
            Map<String, Thing> things,
            boolean authenticated,
            int owner,
            int stranger,
            int administrator) {

        Row method(String other) {
            return new Row(other, path, query, headers, body, things, authenticated, owner, stranger, administrator);
        }

        Row query(String text) {
            return new Row(method, path, text, headers, body, things, authenticated, owner, stranger, administrator);
        }

        Row header(String name, String value) {
            Map<String, String> all = new LinkedHashMap<>(headers);
            all.put(name, value);
            return new Row(method, path, query, all, body, things, authenticated, owner, stranger, administrator);
        }

        Row body(String type, String text) {
            return new Row(method, path, query, Map.of(), text, things, true, 0, 0, 0).header("Content-Type", type);
        }

        /** Another meaning of a placeholder than the usual one. */
        Row with(String placeholder, Thing thing) {
            Map<String, Thing> all = new LinkedHashMap<>(things);
            all.put(placeholder, thing);
            return new Row(method, path, query, headers, body, all, authenticated, owner, stranger, administrator);
        }

        Row answers(int toOwner, int toStranger, int toAdministrator) {
            return new Row(method, path, query, headers, body, things, true, toOwner, toStranger, toAdministrator);
        }

        /** No identity is asked for, and none is looked at. */
        Row open(int toAnybody) {
            return new Row(method, path, query, headers, body, things, false, toAnybody, toAnybody, toAnybody);
        }

        String route() {
            return method + " " + path;
        }

        int status(Identity identity) {
            return switch (identity) {
                case OWNER, OWNER_IN_LOWER_CASE -> owner;
                case STRANGER -> stranger;
                case ADMINISTRATOR -> administrator;
                case TWO_HEADERS -> authenticated ? 400 : owner;
                default -> authenticated ? 401 : owner;
            };
        }

        /** The placeholders that tell whether something is there. */
        private Map<String, Thing> hidden() {
            Map<String, Thing> hidden = new LinkedHashMap<>(placeholders());
            hidden.values().removeIf(thing -> thing.gone() == null);
            return hidden;
        }

        Map<String, String> existing() throws Exception {
            Map<String, String> values = new LinkedHashMap<>();
            for (Map.Entry<String, Thing> placeholder : placeholders().entrySet()) {
                values.put(
                        placeholder.getKey(), placeholder.getValue().existing().make());
            }
            return values;
        }

        Map<String, String> missing() throws Exception {
            Map<String, String> values = existing();
            hidden().forEach((name, thing) -> values.put(name, thing.missing()));
            return values;
        }

        Map<String, String> gone() throws Exception {
            Map<String, String> values = existing();
            for (Map.Entry<String, Thing> hidden : hidden().entrySet()) {
                Maker gone = hidden.getValue().gone();
                values.put(hidden.getKey(), gone == null ? "" : gone.make());
            }
            return values;
        }

        private Map<String, Thing> placeholders() {
            Map<String, Thing> used = new LinkedHashMap<>(things);
            used.keySet().removeIf(name -> !(path + query + headers + body).contains("{" + name + "}"));
            return used;
        }

        @Override
        public String toString() {
            return route() + (query.isEmpty() ? "" : "?" + query) + (headers.isEmpty() ? "" : " " + headers.values());
        }
    }
}
