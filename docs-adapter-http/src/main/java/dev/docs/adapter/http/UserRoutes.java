package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.domain.Caller;
import dev.docs.domain.Quota;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
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
