package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.application.Docs;
import dev.docs.application.DocumentService;
import dev.docs.application.Links;
import dev.docs.application.TokenService;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryLinkKeyRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.DocumentException;
import dev.docs.domain.Refusal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The description of the API says what the server has, no more and no less; and the page that shows it. */
class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "patch", "delete", "options");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final InMemoryDocumentRepository REPOSITORY = new InMemoryDocumentRepository();
    private static final DocumentService DOCUMENTS = Docs.builder()
            .repository(REPOSITORY)
            .store("main", new InMemoryStorage())
            .build()
            .documents();

    /** With all that there can be. */
    private static final DocsServer SERVER = DocsServer.start(
            new HttpOptions("127.0.0.1", 0, 1024, Duration.ofSeconds(30), Duration.ofMillis(1), false),
            DOCUMENTS,
            Authenticator.tokens(new TokenService(new InMemoryTokenRepository(REPOSITORY), Clock.systemUTC())),
            new Telemetry(
                    Telemetry.AccessLog.OFF,
                    exchange -> {},
                    new Telemetry.Metrics(true, (page, type) -> page.write(35)),
                    most -> new Telemetry.Upkeep(List.of(), null, List.of())),
            new Links(new InMemoryLinkKeyRepository(REPOSITORY), DOCUMENTS, user -> false, Clock.systemUTC()));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    // The document

    @Test
    void every_route_is_described_and_nothing_else() throws Exception {
        Set<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document().get("paths").properties()) {
            path.getValue().fieldNames().forEachRemaining(method -> {
                if (METHODS.contains(method)) {
                    described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                }
            });
        }
        assertThat(described).isEqualTo(new TreeSet<>(SERVER.routes()));
    }

    @Test
    void every_parameter_of_a_list_is_described_and_nothing_else() throws Exception {
        JsonNode document = document();
        Set<String> described = new TreeSet<>();
        for (JsonNode parameter : document.at("/paths/~1v1~1documents/get/parameters")) {
            String pointer = parameter.get("$ref").asText().substring(1);
            described.add(document.at(pointer).get("name").asText());
        }
        Set<String> known = new TreeSet<>(ListRequest.FILTERS);
        known.addAll(ListRequest.PAGING);
        assertThat(described).isEqualTo(known);

        Set<String> members = new TreeSet<>();
        document.at("/components/schemas/Filter/properties").fieldNames().forEachRemaining(members::add);
        assertThat(members).isEqualTo(new TreeSet<>(ListRequest.FILTERS));
    }

    @ParameterizedTest
    @EnumSource(DocumentException.Kind.class)
    void every_kind_of_problem_is_described(DocumentException.Kind kind) throws Exception {
        List<String> described = new ArrayList<>();
        document().at("/components/schemas/ProblemType/examples").forEach(example -> described.add(example.asText()));
        String type = Problem.of(new Refusal(kind, "", List.of())).type();
        assertThat(described).contains("/problems/" + type);
    }

    @Test
    void yaml_comes_as_it_was_written_and_json_says_the_same() throws Exception {
        HttpResponse<byte[]> yaml = send("GET", "/openapi.yaml");
        assertThat(yaml.headers().firstValue("Content-Type")).contains("application/yaml");
        assertThat(new ByteArrayInputStream(yaml.body()))
                .hasSameContentAs(StaticFile.load("", "/dev/docs/adapter/http/openapi.yaml")
                        .open());
        assertThat(document().get("openapi").asText()).isEqualTo("3.1.0");
        // would be a date if it were read as one
        assertThat(document()
                        .at("/components/schemas/Document/properties/created_at/format")
                        .asText())
                .isEqualTo("date-time");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.yaml", "/openapi.json", "/api", "/api/start.js", "/api/swagger-ui.css"})
    void whoever_has_it_is_told_so(String path) throws Exception {
        HttpResponse<byte[]> get = send("GET", path);
        assertThat(get.statusCode()).isEqualTo(200);
        assertThat(get.headers().firstValue("Cache-Control")).contains("no-cache");
        String tag = get.headers().firstValue("ETag").orElseThrow();
        assertThat(tag).matches("\"[0-9a-f]{32}\"");
        HttpResponse<byte[]> head = send("HEAD", path);
        assertThat(head.body()).isEmpty();
        assertThat(withoutDate(head)).isEqualTo(withoutDate(get));
        HttpResponse<byte[]> again = send("GET", path, "If-None-Match", "W/" + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.headers().firstValue("ETag")).contains(tag);
        assertThat(send("GET", path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.yaml", "/openapi.json", "/api", "/api/swagger-ui-bundle.js"})
    void it_is_compressed_for_those_who_ask(String path) throws Exception {
        HttpResponse<byte[]> whole = send("GET", path);
        HttpResponse<byte[]> small = send("GET", path, "Accept-Encoding", "gzip");
        assertThat(small.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(small.headers().firstValue("Vary")).contains("Accept-Encoding");
        assertThat(small.body()).hasSizeLessThan(whole.body().length);
        String tag = small.headers().firstValue("ETag").orElseThrow();
        assertThat(send("GET", path, "Accept-Encoding", "gzip", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
    }

    // The page

    @Test
    void the_page_runs_only_what_this_server_sends() throws Exception {
        HttpResponse<byte[]> page = send("GET", "/api");
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy).contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'");
        String html = new String(page.body(), StandardCharsets.UTF_8);
        assertThat(html).doesNotContain("://").doesNotContainPattern("<script(?! src=)|<style|\\son[a-z]+=");
        Matcher links = Pattern.compile("(?:src|href)=\"(/api/[^\"]*)\"").matcher(html);
        int count = 0;
        while (links.find()) {
            HttpResponse<byte[]> part = send("GET", links.group(1));
            assertThat(part.statusCode()).as(links.group(1)).isEqualTo(200);
            assertThat(part.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/");
            assertThat(part.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            count++;
        }
        assertThat(count).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/openapi.yaml",
        "/api/index.html",
        "/api/swagger-ui.js",
        "/api/..%2fopenapi.yaml",
        "/api/x/start.js"
    })
    void nothing_else_is_handed_out(String path) throws Exception {
        assertThat(send("GET", path).statusCode()).isIn(400, 404);
    }

    private static JsonNode document() throws Exception {
        return JSON.readTree(send("GET", "/openapi.json").body());
    }

    private static List<String> withoutDate(HttpResponse<?> answer) {
        return answer.headers().map().entrySet().stream()
                .filter(header -> !List.of("date", "x-request-id").contains(header.getKey()))
                .map(header -> header.getKey() + ": " + header.getValue())
                .sorted()
                .toList();
    }

    private static HttpResponse<byte[]> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + SERVER.port() + path))
                .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofByteArray());
    }
}
