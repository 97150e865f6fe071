package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.Quota;
import dev.docs.domain.UserIds;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Who is calling, usage, quotas and the deletion of users. An id that can't be a part of a path, such as one with a slash, is given as
 * {@code user_id} instead, and left out of the path.
 */
final class UserRoutes {
    private static final Set<String> LIMITS = Set.of("bytes", "documents", "uploads");

    private final DocumentService documents;
    private final boolean hasTokens;

    /** @param hasTokens whether callers have API tokens, and so may make and revoke some */
    UserRoutes(DocumentService documents, boolean hasTokens) {
        this.documents = documents;
        this.hasTokens = hasTokens;
    }

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(routes, "/v1/me", this::me);
        DocsServer.getAndHead(routes, "/v1/usage", ctx -> {
            ListRequest.Parameters.of(ctx.queryString()).allowOnly();
            usage(ctx, DocsServer.caller(ctx).userId());
        });
        DocsServer.getAndHead(routes, "/v1/users/{user}/usage", ctx -> usage(ctx, user(ctx)));
        DocsServer.getAndHead(routes, "/v1/users/usage", ctx -> usage(ctx, user(ctx)));
        routes.put("/v1/users/{user}/quota", this::setQuota);
        routes.put("/v1/users/quota", this::setQuota);
        routes.delete("/v1/users/{user}", this::delete);
        routes.delete("/v1/users", this::delete);
        DocsServer.getAndHead(routes, "/v1/users", this::list);
    }

    private void me(Context ctx) {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        Caller caller = DocsServer.caller(ctx);
        DocsServer.json(
                ctx,
                200,
                Map.of(
                        "user_id", caller.userId(),
                        "administrator", caller.administrator(),
                        "tokens", hasTokens));
    }

    private static String user(Context ctx) {
        ListRequest.Parameters parameters = ListRequest.Parameters.of(ctx.queryString());
        String inPath = ctx.pathParamMap().get("user");
        if (inPath != null) {
            parameters.allowOnly();
            return inPath;
        }
        parameters.allowOnly("user_id");
        parameters.required("user_id");
        return Objects.requireNonNull(parameters.user("user_id"));
    }

    private void list(Context ctx) {
        ListRequest.Parameters parameters = ListRequest.Parameters.of(ctx.queryString());
        parameters.allowOnly("limit", "cursor");
        DocumentService.UserPage page =
                documents.users(DocsServer.caller(ctx), after(parameters.text("cursor")), parameters.limit(50));
        String next = page.next() == null
                ? null
                : Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(page.next().getBytes(StandardCharsets.UTF_8));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("items", page.items().stream().map(Wire::usage).toList());
        json.put("next_cursor", next);
        if (next != null) {
            ctx.header("Link", DocumentRoutes.nextLink(ctx, next));
        }
        DocsServer.json(ctx, 200, json);
    }

    /** The user that a cursor stands for. */
    private static @Nullable String after(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        try {
            String userId = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            UserIds.check(userId);
            return userId;
        } catch (IllegalArgumentException | DocumentValidationException e) {
            throw new Problem.Raised(
                    Problem.parameter("cursor", "is none that this list gave", null)
                            .problem(),
                    e);
        }
    }

    private void usage(Context ctx, String userId) {
        DocsServer.json(ctx, 200, Wire.usage(documents.usage(DocsServer.caller(ctx), userId)));
    }

    /** A limit that is not named stays as it is. */
    private void setQuota(Context ctx) throws IOException {
        Caller caller = DocsServer.caller(ctx);
        String userId = user(ctx);
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, LIMITS);
        if (body.isEmpty()) {
            throw Problem.field("/bytes", "or another limit must be given: a number, or null for the default");
        }
        Long bytes = Wire.wholeNumber(body, "bytes");
        Long count = Wire.wholeNumber(body, "documents");
        Long uploads = Wire.wholeNumber(body, "uploads");
        documents.setQuota(
                caller,
                userId,
                own -> new Quota.Own(
                        body.containsKey("bytes") ? bytes : own.bytes(),
                        body.containsKey("documents") ? count : own.documents(),
                        body.containsKey("uploads") ? uploads : own.uploads()));
        DocsServer.json(ctx, 200, Wire.usage(documents.usage(caller, userId)));
    }

    private void delete(Context ctx) {
        documents.deleteUser(DocsServer.caller(ctx), user(ctx));
        ctx.status(204);
    }
}
