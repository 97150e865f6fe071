package dev.docs.adapter.http;

import dev.docs.domain.Sha256;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The web page, for anybody: it tells of no document, and asks for them as its user. Its parts have addresses that name all
 * of their bytes, so that browsers keep them for good, and nothing of one release is ever mixed with another.
 */
final class PageRoutes {
    private static final String OURS = "/dev/docs/adapter/http/page/";
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final String LIT_HTML = WEBJARS + "lit-html/3.3.2/";
    private static final String REACTIVE = WEBJARS + "lit__reactive-element/2.1.2/";
    private static final String INDEX = "index.html";
    private static final String VERSION = "{version}";

    /** Where each part is on the class path: the page's own, in its folder, and the libraries'. */
    private static final Map<String, String> PARTS = parts(
            "api.js",
            "bulk.js",
            "dialog.js",
            "element.js",
            "filters.js",
            "format.js",
            "icon.svg",
            "icons.js",
            "list.js",
            "main.js",
            "pages.js",
            "patch.js",
            "queue.js",
            "router.js",
            "selection.js",
            "style.css",
            "text-de.js",
            "text-en.js",
            "text.js",
            "tus.js",
            "uploads.js",
            "usage.js");

    private static final Map<String, String> LIBRARIES = Map.of(
            "lit-element.js", WEBJARS + "lit-element/4.2.2/lit-element.js",
            "lit-html.js", LIT_HTML + "lit-html.js",
            "reactive-element.js", REACTIVE + "reactive-element.js",
            "css-tag.js", REACTIVE + "css-tag.js",
            "directive.js", LIT_HTML + "directive.js",
            "directive-helpers.js", LIT_HTML + "directive-helpers.js",
            "repeat.js", LIT_HTML + "directives/repeat.js");

    /**
     * Nothing inline, nothing from elsewhere, no text made into script or markup but by the library that renders the page
     * and by the page's own name. Previews are pictures and media of this server.
     */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' blob: data:; media-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            + "trusted-types lit-html docs";

    private final Map<String, StaticFile> loaded = new ConcurrentHashMap<>();
    private @Nullable String version;

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(routes, "/", this::index);
        DocsServer.getAndHead(routes, "/page/{version}/{file}", this::part);
    }

    private void index(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("Referrer-Policy", "no-referrer");
        ctx.header("Cross-Origin-Opener-Policy", "same-origin");
        StaticFile index = loaded.computeIfAbsent(INDEX, name -> {
            String text = new String(read(OURS + name), StandardCharsets.UTF_8);
            return StaticFile.of(
                    "text/html; charset=utf-8", text.replace(VERSION, version()).getBytes(StandardCharsets.UTF_8));
        });
        index.send(ctx);
    }

    private void part(Context ctx) {
        String name = ctx.pathParam("file");
        if (!ctx.pathParam("version").equals(version()) || !isPart(name)) {
            throw DocsServer.nothingHere().raise();
        }
        loaded.computeIfAbsent(name, PageRoutes::load).sendForGood(ctx);
    }

    private static boolean isPart(String name) {
        return PARTS.containsKey(name) || LIBRARIES.containsKey(name);
    }

    /** Of all parts together: made when the page is first asked for, and the same on every server of a release. */
    private synchronized String version() {
        if (version == null) {
            MessageDigest digest = Sha256.newDigest();
            Map<String, String> all = new TreeMap<>(PARTS);
            all.putAll(LIBRARIES);
            all.put(INDEX, OURS + INDEX);
            all.forEach((name, path) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update(read(path));
            });
            version = HexFormat.of().formatHex(digest.digest(), 0, 8);
        }
        return version;
    }

    private static StaticFile load(String name) {
        String type = switch (name.substring(name.lastIndexOf('.'))) {
            case ".css" -> "text/css; charset=utf-8";
            case ".svg" -> "image/svg+xml";
            default -> "text/javascript; charset=utf-8";
        };
        String library = LIBRARIES.get(name);
        return library == null
                ? StaticFile.load(type, OURS + name)
                : StaticFile.of(type, withRelativeImports(read(library)));
    }

    /** Libraries import each other by package, which browsers can't look up, or from other folders: here all are in one. */
    private static byte[] withRelativeImports(byte[] script) {
        return new String(script, StandardCharsets.UTF_8)
                .replace("from\"@lit/reactive-element\"", "from\"./reactive-element.js\"")
                .replace("from\"lit-html\"", "from\"./lit-html.js\"")
                .replace("from\"../", "from\"./")
                .replaceFirst("\n//# sourceMappingURL=\\S+", "")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> parts(String... names) {
        Map<String, String> parts = new TreeMap<>();
        for (String name : names) {
            parts.put(name, OURS + name);
        }
        return Map.copyOf(parts);
    }

    private static byte[] read(String path) {
        try (InputStream in = StaticFile.load("", path).open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
