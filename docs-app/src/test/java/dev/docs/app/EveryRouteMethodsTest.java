package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What RFC 9110 says of methods, held against every route that the server has. */
class EveryRouteMethodsTest extends RunningServer {
    /** Of one request, or of its moment. */
    private static final Set<String> PASSING = Set.of("date", "x-request-id");

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    private Map<String, Set<String>> methodsByPath() {
        Map<String, Set<String>> methods = new TreeMap<>();
        for (String route : server.routes()) {
            String[] parts = route.split(" ", 2);
            methods.computeIfAbsent(parts[1], path -> new TreeSet<>()).add(parts[0]);
        }
        assertThat(methods).hasSizeGreaterThan(10);
        return methods;
    }

    /** Of all routes that lead there: somebody may be called "quota". */
    private Set<String> methodsAt(String path) {
        Set<String> methods = new TreeSet<>(Set.of("OPTIONS"));
        methodsByPath().forEach((template, ofTemplate) -> {
            if (path.matches(template.replaceAll("\\{[^}]*}", "[^/]+"))) {
                methods.addAll(ofTemplate);
            }
        });
        return methods;
    }

    private HttpResponse<byte[]> send(String method, String path, boolean authenticated) throws Exception {
        HttpRequest.Builder request = authenticated ? get(path) : HttpRequest.newBuilder(uri(path));
        return send(request.method(method, BodyPublishers.noBody()));
    }

    private static Set<String> allowed(HttpResponse<byte[]> answer) {
        return new TreeSet<>(Arrays.asList(
                answer.headers().firstValue("Allow").orElse("none").split(", ")));
    }

    @Test
    void options_tells_the_methods_of_every_route_and_any_other_method_is_told_them() throws Exception {
        for (Map.Entry<String, Set<String>> route : methodsByPath().entrySet()) {
            if (route.getValue().contains("OPTIONS")) {
                // a protocol of its own
                continue;
            }
            String path = route.getKey().replaceAll("\\{[^}]*}", "1");
            Set<String> expected = methodsAt(path);
            HttpResponse<byte[]> options = send("OPTIONS", path, false);
            assertThat(options.statusCode()).as(path).isEqualTo(204);
            assertThat(options.body()).isEmpty();
            assertThat(allowed(options)).as(path).isEqualTo(expected);
            assertThat(options.headers().firstValue("Accept-Patch").isPresent())
                    .as(path)
                    .isEqualTo(expected.contains("PATCH"));
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")) {
                if (expected.contains(method)) {
                    continue;
                }
                HttpResponse<byte[]> answer = send(method, path, true);
                assertThat(answer.statusCode()).as(method + " " + path).isIn(405, 501);
                if (answer.statusCode() == 405 && !method.matches("TRACE|PROPFIND")) {
                    assertThat(allowed(answer)).as(method + " " + path).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void head_answers_as_get_does_without_a_body_on_every_route() throws Exception {
        String id = body(upload(admin, "a.txt", "text/plain", random(1, 100), "{}"), 201)
                .get("id")
                .asText();
        String link = body(post("/v1/links", admin, "application/json", "{\"id\": \"" + id + "\"}"), 201)
                .get("url")
                .asText();
        Map<String, String> values =
                Map.of("{id}", id, "{n}", "1", "{user}", "admin", "{token}", link.substring("/v1/l/".length()));
        for (Map.Entry<String, Set<String>> route : methodsByPath().entrySet()) {
            if (!route.getValue().contains("GET")) {
                continue;
            }
            String path = route.getKey();
            for (Map.Entry<String, String> value : values.entrySet()) {
                path = path.replace(value.getKey(), value.getValue());
            }
            // of a thing that is not there, both say so
            path = path.replaceAll("\\{[^}]*}", "1");
            assertThat(route.getValue()).as(path).contains("HEAD");
            HttpResponse<byte[]> get = send("GET", path, true);
            HttpResponse<byte[]> head = send("HEAD", path, true);
            assertThat(head.statusCode()).as(path).isEqualTo(get.statusCode());
            assertThat(head.body()).as(path).isEmpty();
            assertThat(lasting(head, path)).as(path).isEqualTo(lasting(get, path));
        }
    }

    private static Map<String, Object> lasting(HttpResponse<byte[]> answer, String path) {
        Map<String, Object> headers = new TreeMap<>(answer.headers().map());
        headers.keySet().removeAll(PASSING);
        if (path.equals("/metrics")) {
            // which counts this request
            headers.remove("content-length");
        }
        return headers;
    }
}
