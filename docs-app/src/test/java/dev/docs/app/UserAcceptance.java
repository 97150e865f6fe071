package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What an administrator does with users, through HTTP, and what nobody else may do. */
abstract class UserAcceptance extends RunningServer {
    private static final int LARGE = 100_000;

    /** Bytes of what is gone need not wait for a backup here. */
    @Override
    final Map<String, String> settingsOfTheTest() {
        return Map.of("--purge-grace", "0s");
    }

    @Test
    void a_user_goes_with_everything_it_owns_and_begins_anew() throws Exception {
        String user = token("anna");
        String administrators = id(upload(admin, "not anna's", "text/plain", random(1, LARGE), "{}"));
        setQuota("anna", "{\"bytes\": 1000000}", 200);
        Map<String, String> key = Map.of("Idempotency-Key", "first");
        String archived = id(upload(user, "archived", "text/plain", random(2, LARGE), "{\"a\": 1}", key));
        body(send(request(archived + "/content", user).PUT(BodyPublishers.ofByteArray(random(3, 100)))), 200);
        body(send(request(archived + "/versions/1/restore", user).POST(BodyPublishers.noBody())), 200);
        assertThat(send(request(archived, user).DELETE()).statusCode()).isEqualTo(204);
        String small = id(upload(user, "small", "text/plain", random(4, 200), "{}"));
        String pending = id(post("/v1/documents", user, "application/json", "{\"name\": \"p\", \"size_bytes\": 5000}"));
        JsonNode usage = usageOf("anna");
        assertThat(usage.at("/bytes/used").asLong()).isEqualTo(2 * LARGE + 300);
        assertThat(usage.at("/bytes/older_versions").asLong()).isEqualTo(LARGE + 100);
        assertThat(usage.at("/bytes/archived").asLong()).isEqualTo(LARGE);
        assertThat(usage.at("/bytes/active").asLong()).isEqualTo(200);
        assertThat(usage.at("/bytes/reserved").asLong()).isEqualTo(5000);
        assertThat(usage.at("/bytes/limit").asLong()).isEqualTo(1_000_000);
        assertThat(body(send(request("/v1/usage", user)), 200)).isEqualTo(usage);

        assertThat(send(request("/v1/users/anna", admin).DELETE()).statusCode()).isEqualTo(204);

        body(send(request("/v1/usage", user)), 401);
        for (String gone : List.of(archived, small, pending)) {
            problem(send(get(gone)), 404, "not-found");
            problem(send(get(gone + "/content?version=1")), 404, "not-found");
        }
        assertThat(names("/v1/documents?user_id=anna&status=any")).isEmpty();
        JsonNode nothing = usageOf("anna");
        assertThat(nothing.at("/bytes/used").asLong()).isZero();
        assertThat(nothing.at("/bytes/reserved").asLong()).isZero();
        assertThat(nothing.at("/bytes/limit").isNull()).isTrue();
        nothing.get("documents").forEach(count -> assertThat(count.asInt()).isZero());
        problem(send(request("/v1/users/anna", admin).DELETE()), 404, "not-found");

        sweep();
        assertThat(files()).isEqualTo(1);
        assertThat(send(get(administrators + "/content")).body()).isEqualTo(random(1, LARGE));
        String again = token("anna");
        assertThat(body(send(request("/v1/documents?status=any", again)), 200).get("items"))
                .isEmpty();
        HttpResponse<byte[]> sameKey = upload(again, "archived", "text/plain", random(2, LARGE), "{\"a\": 1}", key);
        assertThat(sameKey.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(id(sameKey)).isNotEqualTo(archived);
    }

    @Test
    void nobody_but_an_administrator_looks_after_users() throws Exception {
        String anna = token("anna");
        String document = id(upload(anna, "anna's", "text/plain", random(1, 200), "{}"));

        for (String user : List.of("anna", "admin", "nobody")) {
            problem(send(request("/v1/users/" + user, anna).DELETE()), 403, "access-denied");
            problem(
                    send(request("/v1/users/" + user + "/quota", anna)
                            .PUT(BodyPublishers.ofString("{\"bytes\": null}"))),
                    403,
                    "access-denied");
        }
        problem(send(request("/v1/users/admin/usage", anna)), 403, "access-denied");
        problem(send(request("/v1/users/nobody/usage", anna)), 403, "access-denied");
        assertThat(body(send(request("/v1/users/anna/usage", anna)), 200)
                        .at("/bytes/used")
                        .asLong())
                .isEqualTo(200);
        assertThat(send(request(document, anna)).statusCode()).isEqualTo(200);
        problem(send(request("/v1/users/nobody", admin).DELETE()), 404, "not-found");
    }

    @Test
    void what_is_wrong_with_a_request_about_users_is_told_and_changes_nothing() throws Exception {
        setQuota("anna", "{\"bytes\": 5}", 200);
        for (String wrong : List.of(
                "{}", "{\"bytes\": -1}", "{\"bytes\": \"5\"}", "{\"bytes\": 1.5}", "{\"bytes\": 1, \"x\": 1}")) {
            setQuota("anna", wrong, 422);
        }
        setQuota("anna", "[]", 400);
        problem(send(request("/v1/users/anna?purge=true", admin).DELETE()), 400, "malformed");
        problem(
                send(request("/v1/users/anna/quota?limit=9", admin).PUT(BodyPublishers.ofString("{\"bytes\": 9}"))),
                400,
                "malformed");
        assertThat(usageOf("anna").at("/bytes/limit").asLong()).isEqualTo(5);
        setQuota("anna", "{\"bytes\": null}", 200);
        assertThat(usageOf("anna").at("/bytes/limit").isNull()).isTrue();
    }

    @Test
    void users_whose_names_no_path_can_hold_are_looked_after() throws Exception {
        List<String> names = List.of(
                "a/b",
                "a/",
                "/",
                "//",
                ".",
                "..",
                "a/../b",
                "100%",
                "a%2Fb",
                "%",
                "a;b=c",
                "a\\b",
                "a b+c&d=e#f?g",
                "auth0|5f7c",
                "\u00e4\uD83D\uDCC4",
                "quota",
                "usage",
                "https://login.example.org/realms/x:anna@y");
        for (String user : List.of("a", "b", "anna")) {
            reserve(user);
        }
        for (String user : names) {
            reserve(user);
            String query = "?user_id=" + encoded(user);
            JsonNode usage = body(send(get("/v1/users/usage" + query)), 200);
            assertThat(usage.get("user_id").asText()).isEqualTo(user);
            assertThat(usage.at("/documents/pending").asInt()).as(user).isEqualTo(1);
            HttpResponse<byte[]> set =
                    send(request("/v1/users/quota" + query, admin).PUT(BodyPublishers.ofString("{\"documents\": 7}")));
            assertThat(body(set, 200).at("/documents/limit").asInt()).isEqualTo(7);
            assertThat(send(request("/v1/users" + query, admin).DELETE()).statusCode())
                    .isEqualTo(204);
            problem(send(request("/v1/users" + query, admin).DELETE()), 404, "not-found");
        }
        for (String user : List.of("a", "b", "anna")) {
            assertThat(usageOf(user).at("/documents/pending").asInt()).isEqualTo(1);
            assertThat(usageOf(user).at("/documents/limit").isNull()).isTrue();
        }
    }

    @Test
    void a_path_is_decoded_once_and_its_separators_are_not_hidden() throws Exception {
        reserve("anna");
        for (String user : List.of("a@b.example", "a b+c&d", "auth0|5f7c", "\u00e4", "quota", "usage")) {
            reserve(user);
            String part = encoded(user).replace("+", "%20");
            assertThat(body(send(get("/v1/users/" + part + "/usage")), 200)
                            .at("/documents/pending")
                            .asInt())
                    .as(user)
                    .isEqualTo(1);
            assertThat(send(request("/v1/users/" + part, admin).DELETE()).statusCode())
                    .isEqualTo(204);
        }
        for (String part : List.of("a%2Fb", "a%252Fb", "%2E%2E", "%2e", "a%5Cb", "anna;b", ";anna", "anna;")) {
            assertThat(send(get("/v1/users/" + part + "/usage")).statusCode())
                    .as(part)
                    .isIn(400, 404);
            assertThat(send(request("/v1/users/" + part, admin).DELETE()).statusCode())
                    .as(part)
                    .isIn(400, 404);
        }
        assertThat(usageOf("anna").at("/documents/pending").asInt()).isEqualTo(1);
    }

    @Test
    void a_user_that_is_named_nowhere_or_twice_is_none() throws Exception {
        reserve("anna");
        for (String query : List.of("", "?user_id=", "?user_id=anna&user_id=bob", "?user=anna", "?user_id=%00")) {
            problem(send(request("/v1/users" + query, admin).DELETE()), 400, "malformed");
            problem(send(get("/v1/users/usage" + query)), 400, "malformed");
        }
        problem(send(request("/v1/users/anna?user_id=bob", admin).DELETE()), 400, "malformed");
        problem(send(request("/v1/users?user_id=admin", token("bob")).DELETE()), 403, "access-denied");
        assertThat(usageOf("anna").at("/documents/pending").asInt()).isEqualTo(1);
    }

    private void reserve(String user) throws Exception {
        String body = "{\"name\": \"a\", \"user_id\": \"" + user.replace("\\", "\\\\") + "\"}";
        body(post("/v1/documents", admin, "application/json", body), 201);
    }

    @Test
    void an_upload_under_way_ends_with_its_user_and_leaves_nothing() throws Exception {
        String anna = token("anna");
        byte[] bytes = random(1, 400_000);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            byte[] start = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow\"\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);
            byte[] end = "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII);
            out.write(("POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + anna
                            + "\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                            + (start.length + bytes.length + end.length) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(start);
            out.write(bytes, 0, 200_000);
            out.flush();
            Awaitility.await().until(() -> usageOf("anna").at("/bytes/reserved").asLong() > 0);

            assertThat(send(request("/v1/users/anna", admin).DELETE()).statusCode())
                    .isEqualTo(204);
            assertThat(usageOf("anna").at("/bytes/reserved").asLong()).isZero();
            out.write(bytes, 200_000, 200_000);
            out.write(end);
            out.flush();

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).matches("(?s)HTTP/1.1 (404|409) .*");
        }
        sweep();
        assertThat(files()).isZero();
        assertThat(usageOf("anna").at("/bytes/used").asLong()).isZero();
        problem(send(request("/v1/users/anna", admin).DELETE()), 404, "not-found");
    }

    /** As an identity provider may name them. */
    @Test
    void users_of_any_name_are_looked_after() throws Exception {
        for (String user : List.of("anna b", "Änna", "報告", "auth0|12", "a+b", "a?b#c", "a;b", "a@b.example", "a&b=c")) {
            String path = encoded(user).replace("+", "%20");
            setQuota(path, "{\"bytes\": 7}", 200);
            assertThat(usageOf(path).get("user_id").asText()).isEqualTo(user);
            assertThat(usageOf(path).at("/bytes/limit").asLong()).isEqualTo(7);
            assertThat(send(request("/v1/users/" + path, admin).DELETE()).statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void users_are_listed_page_by_page_with_limits_of_their_own() throws Exception {
        for (String user : List.of("a/b", "c", "d", "é")) {
            token(user);
        }
        setQuota("c", "{\"bytes\": 7}", 200);
        List<String> listed = new ArrayList<>();
        Map<String, JsonNode> own = new HashMap<>();
        String next = "/v1/users?limit=2";
        while (next != null) {
            HttpResponse<byte[]> page = send(get(next));
            JsonNode items = body(page, 200).get("items");
            assertThat(items.size()).isBetween(1, 2);
            for (JsonNode item : items) {
                String user = item.get("user_id").asText();
                listed.add(user);
                own.put(user, item.get("own_limits"));
            }
            next = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse(null);
        }
        assertThat(listed).containsExactly("a/b", "admin", "c", "d", "é");
        assertThat(own.get("c")).hasToString("{\"bytes\":7,\"documents\":null,\"uploads\":null}");
        assertThat(own.get("d")).hasToString("{\"bytes\":null,\"documents\":null,\"uploads\":null}");
        for (String cursor : List.of("!", "", "AAAA", "YQ%3D%3D%3D")) {
            problem(send(get("/v1/users?cursor=" + cursor)), 400, "malformed");
        }
        problem(send(get("/v1/users?status=any")), 400, "malformed");
    }

    private JsonNode usageOf(String user) throws Exception {
        return body(send(get("/v1/users/" + user + "/usage")), 200);
    }

    private void setQuota(String user, String json, int status) throws Exception {
        body(send(request("/v1/users/" + user + "/quota", admin).PUT(BodyPublishers.ofString(json))), status);
    }

    private static String id(HttpResponse<byte[]> created) throws Exception {
        return "/v1/documents/" + body(created, 201).get("id").asText();
    }

    /** As an operator does it. */
    private void sweep() {
        command("sweep");
    }

    private long files() throws Exception {
        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().equals("STORE-ID"))
                    .count();
        }
    }
}
