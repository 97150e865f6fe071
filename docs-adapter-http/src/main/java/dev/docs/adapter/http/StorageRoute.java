package dev.docs.adapter.http;

import dev.docs.adapter.http.Telemetry.Upkeep;
import dev.docs.application.DocumentService;
import dev.docs.domain.DocumentException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

import java.util.function.IntFunction;

/** Whether what is stored is well and looked after, for administrators. */
final class StorageRoute {
    private static final int MOST_DAMAGED = 100;

    private final DocumentService documents;
    private final IntFunction<Upkeep> upkeep;

    StorageRoute(DocumentService documents, IntFunction<Upkeep> upkeep) {
        this.documents = documents;
        this.upkeep = upkeep;
    }

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(routes, "/v1/storage", this::show);
    }

    private void show(Context ctx) {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        DocsServer.caller(ctx).requireAdministrator();
        String down = null;
        try {
            documents.check();
        } catch (DocumentException e) {
            down = String.valueOf(e.getMessage());
        }
        DocsServer.json(ctx, 200, Wire.upkeep(upkeep.apply(MOST_DAMAGED + 1), down, MOST_DAMAGED));
        ctx.header("Cache-Control", DocsServer.NOT_KEPT);
    }
}
