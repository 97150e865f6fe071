package dev.docs.adapter.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The description of this API (OpenAPI 3.1), and a page to read and to try it. For anybody: it tells of no document. */
final class ApiRoutes {
    private static final String OURS = "/dev/docs/adapter/http/";
    /** The version is that of the library on the class path. */
    private static final String SWAGGER_UI = "/META-INF/resources/webjars/swagger-ui/5.34.1/";

    private static final Set<String> PARTS = Set.of("start.js", "page.css", "swagger-ui-bundle.js", "swagger-ui.css");
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    /** Nothing inline, and nothing from elsewhere but pictures that stand in the style. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Map<String, StaticFile> loaded = new ConcurrentHashMap<>();

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(
                routes, "/openapi.yaml", ctx -> file("openapi.yaml").send(ctx));
        DocsServer.getAndHead(
                routes, "/openapi.json", ctx -> file("openapi.json").send(ctx));
        DocsServer.getAndHead(routes, "/api", this::page);
        DocsServer.getAndHead(routes, "/api/{file}", this::part);
    }

    private void page(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("Referrer-Policy", "no-referrer");
        file("index.html").send(ctx);
    }

    private void part(Context ctx) {
        String name = ctx.pathParam("file");
        if (!PARTS.contains(name)) {
            throw DocsServer.nothingHere().raise();
        }
        file(name).send(ctx);
    }

    /** Loaded when it is first asked for. */
    private StaticFile file(String name) {
        return loaded.computeIfAbsent(name, ApiRoutes::load);
    }

    private static StaticFile load(String name) {
        return switch (name) {
            case "openapi.yaml" -> StaticFile.load("application/yaml", OURS + name);
            case "openapi.json" -> StaticFile.of(Wire.JSON, json(load("openapi.yaml")));
            case "index.html" -> StaticFile.load("text/html; charset=utf-8", OURS + "api/" + name);
            case "start.js" -> StaticFile.load(SCRIPT, OURS + "api/" + name);
            case "page.css" -> StaticFile.load(STYLE, OURS + "api/" + name);
            case "swagger-ui-bundle.js" -> StaticFile.load(SCRIPT, SWAGGER_UI + name);
            case "swagger-ui.css" -> StaticFile.load(STYLE, SWAGGER_UI + name);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static byte[] json(StaticFile yaml) {
        return Wire.write(new Load(LoadSettings.builder().build()).loadFromInputStream(yaml.open()));
    }
}
