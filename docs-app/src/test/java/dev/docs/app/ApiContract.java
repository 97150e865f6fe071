package dev.docs.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What {@code openapi.yaml} promises, as something that exchanges are held against. Stricter than the document: an answer may
 * have no header and no field that is not described.
 */
final class ApiContract {
    static final ApiContract OURS = read("/dev/docs/adapter/http/openapi.yaml");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BASE = "https://docs.invalid/openapi.json";
    private static final String PROBLEM = "application/problem+json";

    /** Of HTTP itself, not of this API. */
    private static final Set<String> TRANSPORT = Set.of(
            "date",
            "connection",
            "keep-alive",
            "transfer-encoding",
            "content-type",
            "content-length",
            "content-encoding");

    /** What becomes of requests that no operation speaks of. */
    private static final Set<Integer> NO_OPERATION = Set.of(400, 401, 404, 405, 414, 415, 431, 503);

    /** What happens to requests before an operation is looked for. */
    private static final Set<Integer> ANYWHERE = Set.of(408, 414, 431);

    private final JsonNode document;
    private final List<Path> paths = new ArrayList<>();
    private final SchemaRegistry registry;
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    private record Path(String template, Pattern pattern, List<String> names, String pointer) {
        boolean matches(String path) {
            return pattern.matcher(path).matches();
        }
    }

    /**
     * One request and its answer.
     *
     * @param sent the request's body if it is a text that was kept, or null
     * @param received the answer's body as a text, or null if it was not kept
     */
    record Exchange(
            String method,
            URI uri,
            HttpHeaders requestHeaders,
            @Nullable String sent,
            boolean sentAnything,
            int status,
            HttpHeaders headers,
            @Nullable String received) {
        @Override
        public String toString() {
            return method + " " + uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()) + " -> "
                    + status;
        }
    }

    ApiContract(JsonNode document) {
        this.document = document.deepCopy();
        close(this.document);
        registry = SchemaRegistry.withDialect(
                Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(BASE, this.document.toString())));
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            List<String> names = new ArrayList<>();
            StringBuilder pattern = new StringBuilder();
            for (String part : path.getKey().substring(1).split("/")) {
                boolean variable = part.startsWith("{");
                pattern.append('/').append(variable ? "([^/]+)" : Pattern.quote(part));
                if (variable) {
                    names.add(part.substring(1, part.length() - 1));
                }
            }
            paths.add(new Path(
                    path.getKey(), Pattern.compile(pattern.toString()), names, "/paths/" + escaped(path.getKey())));
        }
        // the more is said, the earlier: /v1/bulk/zip before /v1/bulk/{id}
        paths.sort((a, b) -> a.names().size() - b.names().size());
    }

    static ApiContract read(String resource) {
        try (InputStream in = Objects.requireNonNull(ApiContract.class.getResourceAsStream(resource))) {
            LoadSettings settings =
                    LoadSettings.builder().setMaxAliasesForCollections(10_000).build();
            return new ApiContract(new ObjectMapper().valueToTree(new Load(settings).loadFromInputStream(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode document() {
        return document;
    }

    /** Objects have no members but those that are described. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("properties").isObject()) {
            if (object.path("type").asText().equals("object") && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
        }
        node.forEach(ApiContract::close);
    }

    /** @throws AssertionError saying everything that is not as described */
    void check(Exchange exchange) {
        List<String> faults = new ArrayList<>();
        String path = exchange.uri().getRawPath();
        // a slash at the end means nothing
        String trimmed = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        // PUT /v1/users/quota and DELETE /v1/users/{user} are of two paths
        Path known = paths.stream()
                .filter(each -> each.matches(trimmed))
                .filter(each -> operation(each, exchange.method()) != null)
                .findFirst()
                .orElse(null);
        JsonNode operation = known == null ? null : operation(known, exchange.method());
        if (operation == null && exchange.method().equals("OPTIONS") && exchange.status() == 204) {
            checkMethodsTold(exchange, faults);
        } else if (known == null || operation == null) {
            checkRefusal(exchange, faults);
        } else {
            if (exchange.status() < 300) {
                checkRequest(exchange, known, trimmed, operation, faults);
            }
            checkResponse(exchange, operation, faults);
        }
        if (!faults.isEmpty()) {
            throw new AssertionError(exchange + " is not as openapi.yaml has it:\n  " + String.join("\n  ", faults));
        }
    }

    private @Nullable JsonNode operation(Path path, String method) {
        return document.at(path.pointer()).get(method.toLowerCase(Locale.ROOT));
    }

    private void checkRefusal(Exchange exchange, List<String> faults) {
        if (!NO_OPERATION.contains(exchange.status())) {
            faults.add("no such operation");
        } else if (!exchange.method().equals("HEAD") && exchange.received() != null) {
            faults.addAll(validate("/components/schemas/Problem", exchange.received()));
        }
    }

    /** Every path answers what can be done there, to servers and to browsers; that is no operation of its own. */
    private static void checkMethodsTold(Exchange exchange, List<String> faults) {
        HttpHeaders headers = exchange.headers();
        if (headers.firstValue("Allow")
                .or(() -> headers.firstValue("Access-Control-Allow-Methods"))
                .isEmpty()) {
            faults.add("no methods are told");
        }
    }

    // The request

    private void checkRequest(Exchange exchange, Path path, String raw, JsonNode operation, List<String> faults) {
        Map<String, List<String>> query = query(exchange.uri().getRawQuery());
        Stream.concat(elements(document.at(path.pointer()).path("parameters")), elements(operation.path("parameters")))
                .map(this::resolved)
                .forEach(parameter -> {
                    String name = parameter.get("name").asText();
                    List<String> values = switch (parameter.get("in").asText()) {
                        case "query" -> query.getOrDefault(name, List.of());
                        case "header" -> exchange.requestHeaders().allValues(name);
                        case "path" -> List.of(pathValue(path, raw, name));
                        default -> List.of();
                    };
                    if (parameter.get("in").asText().equals("query")) {
                        query.remove(name);
                    }
                    if (values.isEmpty()) {
                        if (parameter.path("required").asBoolean()) {
                            faults.add("the request lacks " + name);
                        }
                        return;
                    }
                    checkText("the request's " + name, parameter.get("schema"), values, faults);
                });
        if (!isOpen(operation)) {
            query.keySet().forEach(name -> faults.add("the parameter " + name + " is not described"));
        }
        checkRequestBody(exchange, operation.path("requestBody"), faults);
    }

    private void checkRequestBody(Exchange exchange, JsonNode body, List<String> faults) {
        if (body.isMissingNode() || !exchange.sentAnything()) {
            if (exchange.sentAnything()) {
                faults.add("the request has a body, and none is described");
            } else if (body.path("required").asBoolean() && isObject(body.at("/content/application~1json/schema"))) {
                faults.add("the request lacks a body");
            }
            return;
        }
        String type = mediaType(exchange.requestHeaders(), "*/*");
        JsonNode content = content(body.get("content"), type);
        if (content == null) {
            faults.add("a request of " + type + " is not described");
        } else if (exchange.sent() != null && !type.startsWith("multipart/") && isObject(content.path("schema"))) {
            faults.addAll(validate(content.get("schema"), exchange.sent()));
        }
    }

    /** Where nobody is asked who it is, what means nothing is not refused. */
    private static boolean isOpen(JsonNode operation) {
        return operation.path("security").isArray() && operation.get("security").isEmpty();
    }

    private boolean isObject(JsonNode schema) {
        String form = resolved(schema).path("type").asText();
        return form.equals("object");
    }

    private static String pathValue(Path path, String raw, String name) {
        var matcher = path.pattern().matcher(raw);
        int index = path.names().indexOf(name);
        return matcher.matches() ? decoded(matcher.group(index + 1).replace("+", "%2B")) : "";
    }

    private static Map<String, List<String>> query(@Nullable String raw) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
            if (!pair.isEmpty()) {
                query.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    // The answer

    private void checkResponse(Exchange exchange, JsonNode operation, List<String> faults) {
        JsonNode responses = operation.get("responses");
        JsonNode response = responses.get(Integer.toString(exchange.status()));
        if (response == null && exchange.status() == 200) {
            response = responses.get("2XX");
        }
        if (response == null) {
            if (!ANYWHERE.contains(exchange.status())) {
                faults.add("the status is not described");
            }
            return;
        }
        JsonNode described = resolved(response);
        Map<String, List<String>> undescribed = new LinkedHashMap<>();
        exchange.headers().map().forEach((name, values) -> undescribed.put(name.toLowerCase(Locale.ROOT), values));
        undescribed.keySet().removeAll(TRANSPORT);
        undescribed.remove(":status");
        for (Map.Entry<String, JsonNode> header : described.path("headers").properties()) {
            JsonNode rule = resolved(header.getValue());
            List<String> values = undescribed.remove(header.getKey().toLowerCase(Locale.ROOT));
            if (values != null) {
                checkText(header.getKey(), rule.get("schema"), List.of(String.join(", ", values)), faults);
            } else if (rule.path("required").asBoolean()) {
                faults.add("the header " + header.getKey() + " is missing");
            }
        }
        if (exchange.status() < 400) {
            // a refusal may still have what the answer would have had
            undescribed.forEach(
                    (name, values) -> faults.add("the header " + name + ": " + values + " is not described"));
        }
        checkResponseBody(exchange, described.path("content"), faults);
    }

    private void checkResponseBody(Exchange exchange, JsonNode contents, List<String> faults) {
        String received = exchange.received();
        boolean empty = received == null || received.isEmpty();
        if (contents.isMissingNode()) {
            if (!empty) {
                faults.add("there is a body, and none is described");
            }
            return;
        }
        String type = mediaType(exchange.headers(), "none");
        JsonNode content = content(contents, type);
        if (content == null) {
            faults.add("an answer of " + type + " is not described");
        } else if (received != null
                && !exchange.method().equals("HEAD")
                && contents.has(type)
                && type.endsWith("json")) {
            faults.addAll(validate(content.get("schema"), received));
            if (type.equals(PROBLEM)) {
                checkProblem(received, exchange.status(), faults);
            }
        }
    }

    private void checkProblem(String text, int status, List<String> faults) {
        try {
            JsonNode problem = JSON.readTree(text);
            if (problem.path("status").asInt() != status) {
                faults.add("the problem's status is another: " + problem.path("status"));
            }
            boolean known = elements(document.at("/components/schemas/ProblemType/examples"))
                    .anyMatch(problem.path("type")::equals);
            if (!known) {
                faults.add("the problem " + problem.path("type") + " is not described");
            }
        } catch (IOException e) {
            faults.add("the problem is not JSON: " + text);
        }
    }

    private static @Nullable JsonNode content(JsonNode contents, String type) {
        JsonNode exact = contents.get(type);
        return exact == null ? contents.get("*/*") : exact;
    }

    private static String mediaType(HttpHeaders headers, String otherwise) {
        return headers.firstValue("Content-Type")
                .orElse(otherwise)
                .split(";")[0]
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    // Schemas

    /** A header or parameter, whose text stands for a value of the schema's type. */
    private void checkText(String name, JsonNode schema, List<String> values, List<String> faults) {
        String type = resolved(schema).path("type").asText();
        if (!type.equals("array") && values.size() > 1) {
            faults.add(name + " comes " + values.size() + " times");
        }
        List<String> texts = values.stream().map(value -> literal(type, value)).toList();
        String json = type.equals("array") ? texts.toString() : texts.get(0);
        validate(schema, json).forEach(fault -> faults.add(name + " " + json + ": " + fault));
    }

    private static String literal(String type, String value) {
        boolean verbatim = (type.equals("integer") && value.matches("-?\\d+"))
                || (type.equals("boolean") && value.matches("true|false"));
        return verbatim ? value : JSON.getNodeFactory().textNode(value).toString();
    }

    private List<String> validate(JsonNode schema, String json) {
        // most are references, which are compiled once; the others are small
        return validate(schema.has("$ref") ? schema.get("$ref").asText().substring(1) : "", schema, json);
    }

    private List<String> validate(String pointer, String json) {
        return validate(pointer, document.at(pointer), json);
    }

    private List<String> validate(String pointer, JsonNode schema, String json) {
        Schema compiled = pointer.isEmpty()
                ? schemas.computeIfAbsent(schema.toString(), this::inline)
                : schemas.computeIfAbsent(pointer, at -> registry.getSchema(SchemaLocation.of(BASE + "#" + at)));
        try {
            return compiled
                    .validate(
                            json,
                            InputFormat.JSON,
                            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                    .stream()
                    .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                    .toList();
        } catch (RuntimeException e) {
            return List.of("it can't be validated: " + e);
        }
    }

    private Schema inline(String schema) {
        return registry.getSchema(schema.replace("\"#/", "\"" + BASE + "#/"), InputFormat.JSON);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements.stream();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
