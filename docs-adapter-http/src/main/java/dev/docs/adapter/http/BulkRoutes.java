package dev.docs.adapter.http;

import dev.docs.application.BulkListener;
import dev.docs.application.BulkPreview;
import dev.docs.application.BulkReport;
import dev.docs.application.BulkRequest;
import dev.docs.application.BulkRequest.Action;
import dev.docs.application.DocumentService;
import dev.docs.domain.BulkItem;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.Metadata;
import dev.docs.domain.Refusal;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** One action on many documents. A refused document is a result; only a request that is wrong as a whole is a problem. */
final class BulkRoutes {
    private final DocumentService documents;

    BulkRoutes(DocumentService documents) {
        this.documents = documents;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/bulk", this::bulk);
    }

    private void bulk(Context ctx) throws IOException {
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        if (!DocumentRoutes.mediaType(ctx.header("Content-Type")).equals(Wire.JSON)) {
            throw Problem.unsupportedMediaType("send " + Wire.JSON)
                    .with("Accept-Post", Wire.JSON)
                    .raise();
        }
        String key = DocumentRoutes.idempotencyKey(ctx);
        Caller caller = DocsServer.caller(ctx);
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, Set.of("action", "ids", "filter", "patch", "dry_run"));
        Action action = action(body);
        if (body.containsKey("ids") == body.containsKey("filter")) {
            throw Problem.field("/ids", "or filter must be given, and not both");
        }
        Metadata patch = patch(body, action);
        List<String> texts = body.containsKey("ids") ? ids(body) : List.of();
        BulkRequest request = body.containsKey("ids")
                ? new BulkRequest(action, known(texts), null, patch)
                : new BulkRequest(action, null, filter(caller, body, action), patch);
        if (Wire.flag(body, "dry_run")) {
            DocsServer.json(ctx, 200, preview(ctx, documents.preview(caller, request), unknown(texts)));
            return;
        }
        BulkReport report = documents.bulk(caller, request, BulkListener.NONE, key);
        DocumentRoutes.replayed(ctx, report.replayed());
        DocsServer.json(ctx, 200, report(ctx, report, texts));
    }

    // The request

    private static Action action(Map<String, @Nullable Object> body) {
        String name = Wire.text(body, "action");
        return Arrays.stream(Action.values())
                .filter(action -> action.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.field("/action", "must be archive, restore, purge or update"));
    }

    private static List<String> ids(Map<String, @Nullable Object> body) {
        if (!(body.get("ids") instanceof List<?> list)) {
            throw Problem.field("/ids", "must be a list of ids");
        }
        if (list.size() > BulkRequest.MOST) {
            String detail = "has " + list.size() + " elements, at most " + BulkRequest.MOST + " are allowed";
            throw Problem.of(413, "too-large", "Too many documents", "ids " + detail)
                    .with(new Problem.Fault("/ids", null, null, detail, (long) BulkRequest.MOST))
                    .raise();
        }
        List<String> texts = new ArrayList<>();
        for (Object each : list) {
            if (!(each instanceof String text)) {
                throw Problem.field("/ids/" + texts.size(), "must be a text");
            }
            texts.add(text);
        }
        return texts;
    }

    private static List<UUID> known(List<String> texts) {
        return texts.stream().map(DocumentRoutes::id).flatMap(Optional::stream).toList();
    }

    /** Text that is no id names no document. */
    private static List<String> unknown(List<String> texts) {
        return texts.stream().filter(text -> DocumentRoutes.id(text).isEmpty()).toList();
    }

    private static DocumentQuery filter(Caller caller, Map<String, @Nullable Object> body, Action action) {
        Map<String, @Nullable Object> filter = Wire.object(body, "filter");
        if (filter == null) {
            throw Problem.field("/filter", "must be an object");
        }
        if (action == Action.PURGE && !filter.containsKey("status")) {
            throw Problem.field("/filter/status", "must be given for a purge, which can't be undone");
        }
        return ListRequest.filter(caller, filter, "/filter");
    }

    /** Of a document, as in PATCH, but of its metadata alone. */
    private static @Nullable Metadata patch(Map<String, @Nullable Object> body, Action action) {
        if (action != Action.UPDATE) {
            if (body.containsKey("patch")) {
                throw Problem.field("/patch", "belongs to update, and to no other action");
            }
            return null;
        }
        Map<String, @Nullable Object> patch = Wire.object(body, "patch");
        if (patch == null) {
            throw Problem.field("/patch", "must be given for an update");
        }
        for (String name : patch.keySet()) {
            if (!name.equals("metadata")) {
                throw Problem.field("/patch/" + Wire.pointer(name), "is not a known field; known is metadata");
            }
        }
        if (!(patch.get("metadata") instanceof Map)) {
            throw Problem.field("/patch/metadata", "must be an object");
        }
        Map<String, @Nullable Object> members = Wire.object(patch, "metadata");
        return members == null ? null : Metadata.of(members);
    }

    // The answer

    private static Map<String, @Nullable Object> report(Context ctx, BulkReport report, List<String> texts) {
        List<Map<String, @Nullable Object>> results = new ArrayList<>();
        int failed = report.failed();
        int next = 0;
        for (String text : texts) {
            if (DocumentRoutes.id(text).isPresent()) {
                results.add(result(ctx, report.items().get(next++)));
            } else {
                results.add(nobodys(ctx, text));
                failed++;
            }
        }
        // what a filter has found
        report.items().stream().skip(next).forEach(item -> results.add(result(ctx, item)));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("done", report.done());
        json.put("failed", failed);
        json.put("results", results);
        return json;
    }

    private static Map<String, @Nullable Object> preview(Context ctx, BulkPreview preview, List<String> unknown) {
        List<Map<String, @Nullable Object>> results = new ArrayList<>();
        preview.refused().forEach(item -> results.add(result(ctx, item)));
        unknown.forEach(text -> results.add(nobodys(ctx, text)));
        boolean storageUrl = DocsServer.caller(ctx).administrator();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("dry_run", true);
        json.put("count", preview.count());
        json.put("unchanged", preview.unchanged());
        json.put("failed", results.size());
        json.put("bytes", preview.bytes());
        json.put(
                "sample",
                preview.sample().stream()
                        .map(document -> Wire.document(document, storageUrl))
                        .toList());
        json.put("results", results);
        return json;
    }

    private static Map<String, @Nullable Object> nobodys(Context ctx, String text) {
        return refused(ctx, text, Refusal.of(new DocumentNotFoundException()));
    }

    private static Map<String, @Nullable Object> result(Context ctx, BulkItem item) {
        if (item.refusal() != null) {
            return refused(ctx, item.id().toString(), item.refusal());
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", item.id());
        json.put("status", 200);
        json.put("changed", item.result() == BulkItem.Result.DONE);
        return json;
    }

    private static Map<String, @Nullable Object> refused(Context ctx, String id, Refusal refusal) {
        Problem problem = Problem.of(refusal);
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("status", problem.status());
        json.put("problem", DocsServer.problem(ctx, problem));
        return json;
    }
}
