package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.domain.Caller;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Usage, quotas and the deletion of users. */
final class UserRoutes {
    private final DocumentService documents;

    UserRoutes(DocumentService documents) {
        this.documents = documents;
    }

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(
                routes, "/v1/usage", ctx -> usage(ctx, DocsServer.caller(ctx).userId()));
        DocsServer.getAndHead(routes, "/v1/users/{user}/usage", ctx -> usage(ctx, ctx.pathParam("user")));
        routes.put("/v1/users/{user}/quota", this::setQuota);
        routes.delete("/v1/users/{user}", this::delete);
    }

    private void usage(Context ctx, String userId) {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        DocsServer.json(ctx, 200, Wire.usage(documents.usage(DocsServer.caller(ctx), userId)));
    }

    private void setQuota(Context ctx) throws IOException {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        Caller caller = DocsServer.caller(ctx);
        String userId = ctx.pathParam("user");
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, Set.of("limit"));
        if (!body.containsKey("limit")) {
            throw Problem.field("/limit", "must be given: bytes, or null for the default");
        }
        Long limit = Wire.wholeNumber(body, "limit");
        documents.setQuota(caller, userId, own -> own.withBytes(limit));
        DocsServer.json(ctx, 200, Wire.usage(documents.usage(caller, userId)));
    }

    private void delete(Context ctx) {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        documents.deleteUser(DocsServer.caller(ctx), ctx.pathParam("user"));
        ctx.status(204);
    }
}
