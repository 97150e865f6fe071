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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The web page, for anybody: it tells of no document, and asks for them as its user. Its parts have addresses that name all
 * of their bytes, so that browsers keep them for good, and nothing of one release is ever mixed with another.
 */
final class PageRoutes {
    private static final String OURS = "/dev/docs/adapter/http/page/";
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final String LIT_HTML = WEBJARS + "lit-html/3.3.2/";
    private static final String REACTIVE = WEBJARS + "lit__reactive-element/2.1.2/";
    private static final String PDF = WEBJARS + "pdfjs-dist/5.4.624/";
    private static final String PDF_SCRIPT = "pdf.js";
    private static final String PDF_WORKER = "pdf-worker.js";
    private static final String INDEX = "index.html";
    private static final String VERSION = "{version}";

    /** Where each part is on the class path: the page's own, in its folder, and the libraries'. */
    private static final Map<String, String> PARTS = parts(
            "api.js",
            "bulk.js",
            "dialog.js",
            "document.js",
            "element.js",
            "filters.js",
            "format.js",
            "icon.svg",
            "icons.js",
            "list.js",
            "main.js",
            "merge.js",
            "metadata.js",
            "pages.js",
            "patch.js",
            "pdf-view.js",
            "preview.js",
            "queue.js",
            "router.js",
            "selection.js",
            "storage.js",
            "style.css",
            "text-de.js",
            "text-en.js",
            "text.js",
            "tokens.js",
            "tus.js",
            "uploads.js",
            "usage.js",
            "users.js",
            "versions.js");

    private static final Map<String, String> LIBRARIES = Map.of(
            "lit-element.js",
            WEBJARS + "lit-element/4.2.2/lit-element.js",
            "lit-html.js",
            LIT_HTML + "lit-html.js",
            "reactive-element.js",
            REACTIVE + "reactive-element.js",
            "css-tag.js",
            REACTIVE + "css-tag.js",
            "directive.js",
            LIT_HTML + "directive.js",
            "directive-helpers.js",
            LIT_HTML + "directive-helpers.js",
            "repeat.js",
            LIT_HTML + "directives/repeat.js",
            PDF_SCRIPT,
            PDF + "build/pdf.min.mjs",
            PDF_WORKER,
            PDF + "build/pdf.worker.min.mjs");

    /** What PDF documents may refer to, by the names that the library asks for: tables of characters, fonts, decoders. */
    private static final Pattern PDF_RESOURCE = Pattern.compile("[A-Za-z0-9_-]{1,64}\\.(bcmap|pfb|ttf|wasm)");

    private static final Map<String, String> PDF_FOLDERS =
            Map.of("bcmap", "cmaps/", "pfb", "standard_fonts/", "ttf", "standard_fonts/", "wasm", "wasm/");

    /** A worker has a policy of its own: this one decodes pictures with WebAssembly. */
    private static final String WORKER_POLICY =
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

    /**
     * Nothing inline, nothing from elsewhere, no text made into script or markup but by the library that renders the page
     * and by the page's own name. Previews are pictures and media of this server.
     */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' blob: data:; font-src 'self'; media-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
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
        String path = path(name);
        if (!ctx.pathParam("version").equals(version()) || path == null) {
            throw DocsServer.nothingHere().raise();
        }
        if (name.equals(PDF_WORKER)) {
            ctx.header("Content-Security-Policy", WORKER_POLICY);
        }
        loaded.computeIfAbsent(name, each -> load(each, path)).sendForGood(ctx);
    }

    /** Where a part is on the class path; null if there is no such part. */
    private static @Nullable String path(String name) {
        String known = PARTS.getOrDefault(name, LIBRARIES.get(name));
        Matcher resource = PDF_RESOURCE.matcher(name);
        if (known != null || !resource.matches()) {
            return known;
        }
        String path = PDF + PDF_FOLDERS.get(resource.group(1)) + name;
        return PageRoutes.class.getResource(path) == null ? null : path;
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

    private static StaticFile load(String name, String path) {
        String type = switch (name.substring(name.lastIndexOf('.'))) {
            case ".css" -> "text/css; charset=utf-8";
            case ".svg" -> "image/svg+xml";
            case ".js" -> "text/javascript; charset=utf-8";
            case ".wasm" -> "application/wasm";
            default -> "application/octet-stream";
        };
        boolean importsOthers = LIBRARIES.containsKey(name) && !path.startsWith(PDF);
        return importsOthers ? StaticFile.of(type, withRelativeImports(read(path))) : StaticFile.load(type, path);
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
