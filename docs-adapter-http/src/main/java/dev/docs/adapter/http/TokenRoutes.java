package dev.docs.adapter.http;

import dev.docs.application.TokenService;
import dev.docs.domain.ApiToken;
import dev.docs.domain.DocumentNotFoundException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** API tokens, for those who have one. Only where tokens say who is calling: elsewhere they would open nothing. */
final class TokenRoutes {
    /** The request attribute that has the caller's own {@link ApiToken}. */
    static final String TOKEN = "docs.token";

    private final TokenService tokens;

    TokenRoutes(TokenService tokens) {
        this.tokens = tokens;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/tokens", this::create);
        DocsServer.getAndHead(routes, "/v1/tokens", this::list);
        routes.delete("/v1/tokens/{id}", this::revoke);
    }

    /** The secret is in this answer and in no other one, so there is none to give again under a key. */
    private void create(Context ctx) throws IOException {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        if (ctx.header("Idempotency-Key") != null) {
            throw Problem.header("Idempotency-Key", "can't be heeded here: a token's secret is shown once");
        }
        if (!DocumentRoutes.mediaType(ctx.header("Content-Type")).equals(Wire.JSON)) {
            throw Problem.unsupportedMediaType("send " + Wire.JSON)
                    .with("Accept-Post", Wire.JSON)
                    .raise();
        }
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, Set.of("user_id", "administrator", "expires_at"));
        ApiToken own = Objects.requireNonNull(ctx.attribute(TOKEN), "a caller with another kind of proof");
        TokenService.Issued issued = tokens.create(
                own, Wire.text(body, "user_id"), Wire.flag(body, "administrator"), time(body, "expires_at"));
        Map<String, @Nullable Object> json = new LinkedHashMap<>(Wire.token(issued.token()));
        json.put("token", issued.secret());
        ctx.header("Location", "/v1/tokens/" + issued.token().id());
        DocsServer.json(ctx, 201, json);
        ctx.header("Cache-Control", "no-store");
    }

    private static @Nullable Instant time(Map<String, @Nullable Object> body, String name) {
        String text = Wire.text(body, name);
        try {
            Instant time = text == null ? null : Instant.parse(text);
            if (time != null && (time.isBefore(Instant.EPOCH) || time.toEpochMilli() >= 1L << 47)) {
                throw Problem.field("/" + name, "is out of range");
            }
            return time;
        } catch (DateTimeException | ArithmeticException e) {
            throw new Problem.Raised(
                    Problem.field("/" + name, "must be a time such as 2026-11-23T10:15:30Z")
                            .problem(),
                    e);
        }
    }

    private void list(Context ctx) {
        ListRequest.Parameters parameters = ListRequest.Parameters.of(ctx.queryString());
        parameters.allowOnly("user_id", "limit", "cursor");
        String cursor = parameters.text("cursor");
        UUID after = cursor == null
                ? null
                : DocumentRoutes.id(cursor)
                        .orElseThrow(() -> Problem.parameter("cursor", "is none that this list gave", null));
        int limit = parameters.limit(50);
        List<ApiToken> found = tokens.list(DocsServer.caller(ctx), parameters.user("user_id"), after, limit + 1);
        List<ApiToken> page = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? page.get(limit - 1).id().toString() : null;
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("items", page.stream().map(Wire::token).toList());
        json.put("next_cursor", next);
        if (next != null) {
            ctx.header("Link", DocumentRoutes.nextLink(ctx, next));
        }
        DocsServer.json(ctx, 200, json);
    }

    /** Text that is no id names no token. */
    private void revoke(Context ctx) {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        UUID id = DocumentRoutes.id(ctx.pathParam("id")).orElseThrow(() -> new DocumentNotFoundException("token"));
        tokens.revoke(DocsServer.caller(ctx), id);
        ctx.status(204);
    }
}
