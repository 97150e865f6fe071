package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.application.OpenZip;
import dev.docs.domain.Caller;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** Many documents in one answer. */
final class ZipRoutes {
    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final DocumentService documents;

    ZipRoutes(DocumentService documents) {
        this.documents = documents;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/bulk/zip", this::zip);
    }

    private void zip(Context ctx) throws IOException {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        if (!Wire.JSON.equals(HeaderParameters.value(String.valueOf(ctx.header("Content-Type"))))) {
            throw Problem.unsupportedMediaType("send " + Wire.JSON)
                    .with("Accept-Post", Wire.JSON)
                    .raise();
        }
        send(ctx, open(DocsServer.caller(ctx), Wire.readObject(ctx.req())));
    }

    static void send(Context ctx, OpenZip zip) throws IOException {
        HttpServletResponse response = ctx.res();
        response.setContentType("application/zip");
        // made anew each time, and with nothing to compare it by
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Accept-Ranges", "none");
        response.setHeader("Content-Disposition", ContentDisposition.of("attachment", "documents.zip"));
        if (ctx.req().getMethod().equals("HEAD")) {
            return;
        }
        try {
            zip.writeTo(response.getOutputStream());
        } catch (RuntimeException | IOException e) {
            if (!response.isCommitted()) {
                // what was written waits in a buffer: the problem can still be told instead
                response.resetBuffer();
                response.setHeader("Content-Disposition", null);
                response.setHeader("Accept-Ranges", null);
            }
            throw e;
        }
    }

    private OpenZip open(Caller caller, Map<String, @Nullable Object> body) {
        Wire.allowOnly(body, Set.of("ids", "filter"));
        if ((body.get("ids") == null) == (body.get("filter") == null)) {
            throw Problem.field("/ids", "or /filter must be given, and not both");
        }
        Map<String, @Nullable Object> filter = Wire.object(body, "filter");
        return filter == null
                ? documents.zip(caller, ids(body.get("ids")))
                : documents.zip(caller, ListRequest.filter(caller, filter, "/filter"));
    }

    static List<UUID> ids(@Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            throw Problem.field("/ids", "must be a list of ids");
        }
        List<UUID> ids = new ArrayList<>();
        for (Object id : list) {
            if (!(id instanceof String text) || !UUID_FORM.matcher(text).matches()) {
                throw Problem.field("/ids/" + ids.size(), "must be a document's id");
            }
            ids.add(UUID.fromString(text));
        }
        return ids;
    }
}
