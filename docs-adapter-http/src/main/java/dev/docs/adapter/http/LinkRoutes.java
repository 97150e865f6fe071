package dev.docs.adapter.http;

import dev.docs.application.Links;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentNotFoundException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Signed links: made by who may read, and followed by whoever has one. */
final class LinkRoutes {
    /** Needs no authentication: the token is one. What logs a path shows no token, by the placeholder's name. */
    static final String FOLLOWED = "/v1/l/{token}";

    private static final long DEFAULT_SECONDS = 3600;

    private final Links links;
    private final ContentResponse contentResponse = new ContentResponse();

    LinkRoutes(Links links) {
        this.links = links;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/links", this::create);
        routes.delete("/v1/links", this::end);
        DocsServer.getAndHead(routes, FOLLOWED, this::follow);
    }

    private void create(Context ctx) throws IOException {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        if (!DocumentRoutes.mediaType(ctx.header("Content-Type")).equals(Wire.JSON)) {
            throw Problem.unsupportedMediaType("send " + Wire.JSON)
                    .with("Accept-Post", Wire.JSON)
                    .raise();
        }
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, Set.of("id", "ids", "version", "disposition", "expires_in"));
        Links.Issued link = issue(DocsServer.caller(ctx), body);
        String url = FOLLOWED.replace("{token}", link.token());
        ctx.header("Location", url);
        ctx.header("Referrer-Policy", "no-referrer");
        DocsServer.json(ctx, 201, Map.of("url", url, "expires_at", Wire.time(link.expiresAt())));
        ctx.header("Cache-Control", "no-store");
    }

    private Links.Issued issue(Caller caller, Map<String, @Nullable Object> body) {
        if ((body.get("id") == null) == (body.get("ids") == null)) {
            throw Problem.field("/id", "or /ids must be given, and not both");
        }
        Long seconds = Wire.wholeNumber(body, "expires_in");
        if (seconds != null && (seconds < 1 || seconds > Links.LONGEST.toSeconds())) {
            throw Problem.field("/expires_in", "must be 1 to " + Links.LONGEST.toSeconds() + " seconds");
        }
        Duration lifetime = Duration.ofSeconds(seconds == null ? DEFAULT_SECONDS : seconds);
        if (body.get("ids") != null) {
            for (String name : List.of("version", "disposition")) {
                if (body.get(name) != null) {
                    throw Problem.field("/" + name, "is of one document, and not of a zip file");
                }
            }
            return links.toZip(caller, ZipRoutes.ids(body.get("ids")), lifetime);
        }
        String disposition = Wire.text(body, "disposition");
        if (disposition != null && !disposition.equals("inline") && !disposition.equals("attachment")) {
            throw Problem.field("/disposition", "must be inline or attachment");
        }
        UUID id = DocumentRoutes.id(String.valueOf(Wire.text(body, "id"))).orElseThrow(DocumentNotFoundException::new);
        return links.toContent(caller, id, version(body), "inline".equals(disposition), lifetime);
    }

    private static @Nullable Integer version(Map<String, @Nullable Object> body) {
        Long version = Wire.wholeNumber(body, "version");
        if (version != null && (version < 1 || version > Integer.MAX_VALUE)) {
            throw Problem.field("/version", "must be a version's number, from 1");
        }
        return version == null ? null : version.intValue();
    }

    private void end(Context ctx) {
        ListRequest.Parameters parameters = ListRequest.Parameters.of(ctx.queryString());
        parameters.allowOnly("user_id");
        Caller caller = DocsServer.caller(ctx);
        String userId = parameters.text("user_id");
        links.end(caller, userId == null ? caller.userId() : userId);
        ctx.status(204);
    }

    private void follow(Context ctx) throws IOException {
        // where the link stands on a page, and in whose address bar, is nobody else's business
        ctx.header("Referrer-Policy", "no-referrer");
        // the token is all there is to being let in, so another site's <img> learns nothing that its author did not
        // know
        ctx.header("Cross-Origin-Resource-Policy", "cross-origin");
        Links.Link link = links.open(ctx.pathParam("token"));
        if (link.isExpired()) {
            throw Problem.of(410, "link-expired", "Link expired", "ask for a new link")
                    .raise();
        }
        if (link.isZip()) {
            ZipRoutes.send(ctx, links.zip(link));
        } else {
            contentResponse.send(links.content(link), link.inline(), ctx.req(), ctx.res());
        }
    }
}
