package dev.docs.adapter.http;

import dev.docs.application.Created;
import dev.docs.application.DocumentChanges;
import dev.docs.application.DocumentService;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.OpenContent;
import dev.docs.application.Outcome;
import dev.docs.application.Precondition;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Everything below {@code /v1/documents}. POST and PUT heed {@code Idempotency-Key}; to the other methods it means nothing,
 * since to repeat them changes nothing.
 */
final class DocumentRoutes {
    private static final int MAX_COUNT = 10_000;
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final DocumentService documents;
    private final boolean requireIfMatch;
    private final ContentResponse contentResponse = new ContentResponse();

    DocumentRoutes(DocumentService documents, boolean requireIfMatch) {
        this.documents = documents;
        this.requireIfMatch = requireIfMatch;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/documents", this::create);
        DocsServer.getAndHead(routes, "/v1/documents", this::list);
        DocsServer.getAndHead(routes, "/v1/documents/{id}", this::get);
        routes.patch("/v1/documents/{id}", this::change);
        routes.delete("/v1/documents/{id}", this::delete);
        routes.put("/v1/documents/{id}/content", this::replaceContent);
        DocsServer.getAndHead(routes, "/v1/documents/{id}/content", this::content);
        DocsServer.getAndHead(routes, "/v1/documents/{id}/versions", this::versions);
        DocsServer.getAndHead(routes, "/v1/documents/{id}/versions/{n}", this::version);
        routes.delete("/v1/documents/{id}/versions/{n}", this::dropVersion);
        routes.post("/v1/documents/{id}/versions/{n}/restore", this::restoreVersion);
    }

    // Creating

    private void create(Context ctx) throws IOException {
        parameters(ctx).allowOnly();
        String contentType = ctx.header("Content-Type");
        String type = mediaType(contentType);
        if (type.equals("multipart/form-data") && contentType != null) {
            // now, while a client that waits for 100 Continue has sent nothing yet
            documents.requireSpace(Math.max(0, ctx.req().getContentLengthLong()));
            Digests announced = Digests.announced(ctx.req());
            InputStream body = announced.check(ctx.req().getInputStream());
            upload(
                    ctx,
                    new MultipartReader(body, contentType),
                    announced.isEmpty() ? InputStream.nullInputStream() : body);
        } else if (type.equals(Wire.JSON)) {
            reserve(ctx);
        } else {
            throw Problem.unsupportedMediaType(
                            "send multipart/form-data to upload, or application/json to reserve a document")
                    .with("Accept-Post", "multipart/form-data, application/json")
                    .raise();
        }
    }

    private void reserve(Context ctx) throws IOException {
        Map<String, @Nullable Object> body = Wire.readObject(ctx.req());
        Wire.allowOnly(body, Set.of("name", "mime_type", "metadata", "size_bytes", "user_id"));
        String name = Wire.text(body, "name");
        if (name == null) {
            throw Problem.field("/name", "must be given");
        }
        NewDocument document = new NewDocument(
                Wire.text(body, "user_id"),
                name,
                Wire.text(body, "mime_type"),
                metadata(Wire.object(body, "metadata")),
                Wire.wholeNumber(body, "size_bytes"));
        Outcome outcome = documents.reserve(caller(ctx), document, idempotencyKey(ctx));
        replayed(ctx, outcome.replayed());
        created(ctx, outcome.document());
    }

    /**
     * One file makes one document and a 201. Several make a 200 with a result each, as they come. A form that turns out
     * broken or wrong as a whole leaves nothing: its sender can't know how far it got. Unless it breaks under a key: its
     * sender may be sending it again already, and be told of what is there.
     *
     * @param rest what is left of the body behind the form, and is to be read
     */
    private void upload(Context ctx, MultipartReader form, InputStream rest) throws IOException {
        String key = idempotencyKey(ctx);
        FormFiles files = new FormFiles(form, key);
        List<Created> all = new ArrayList<>();
        try {
            documents.createAll(caller(ctx), files, all::add);
            files.requireWhole();
            rest.transferTo(OutputStream.nullOutputStream());
        } catch (RuntimeException | IOException e) {
            if (key == null || e instanceof Problem.Raised || e instanceof DocumentUploadException) {
                all.forEach(each -> takeBack(ctx, each, files.key(each.index()), e));
            }
            if (e instanceof UncheckedIOException broken) {
                throw broken.getCause();
            }
            throw e;
        }
        replayed(
                ctx,
                all.stream()
                        .allMatch(
                                each -> each.outcome() != null && each.outcome().replayed()));
        Created only = all.get(0);
        if (all.size() > 1) {
            json(
                    ctx,
                    200,
                    Map.of(
                            "results",
                            all.stream().map(each -> result(ctx, each)).toList()));
        } else if (only.failure() != null) {
            throw only.failure();
        } else if (only.outcome() != null) {
            created(ctx, only.outcome().document());
        }
    }

    private void takeBack(Context ctx, Created created, @Nullable String key, Exception failure) {
        if (created.outcome() == null || created.outcome().replayed()) {
            return;
        }
        DocumentData document = created.outcome().document();
        Precondition unchanged = Precondition.revision(document.revision());
        try {
            if (key == null) {
                documents.purge(caller(ctx), document.id(), unchanged);
            } else {
                documents.takeBack(caller(ctx), document.id(), unchanged, key);
            }
        } catch (DocumentException e) {
            failure.addSuppressed(e);
        }
    }

    private static Map<String, @Nullable Object> result(Context ctx, Created created) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        if (created.outcome() != null) {
            result.put("status", 201);
            result.put("document", Wire.document(created.outcome().document(), isAdministrator(ctx)));
        } else if (created.failure() != null) {
            Problem problem = Problem.of(created.failure());
            result.put("status", problem.status());
            result.put("problem", DocsServer.problem(ctx, problem));
        }
        return result;
    }

    private void replaceContent(Context ctx) throws IOException {
        parameters(ctx).allowOnly();
        HttpServletRequest request = ctx.req();
        long length = request.getContentLengthLong();
        String type = ctx.header("Content-Type");
        Digests announced = Digests.announced(request);
        NewContent content = NewContent.of(
                announced.withoutSha256().check(whenRead(request)),
                // what curl says of any body it is not told the type of
                type == null || mediaType(type).equals("application/x-www-form-urlencoded") ? null : type,
                length < 0 ? null : length,
                announced.sha256());
        UUID id = id(ctx);
        Precondition precondition = conditions(ctx).ofContent();
        Outcome outcome = documents.replaceContent(caller(ctx), id, precondition, content, idempotencyKey(ctx));
        DocumentData document = outcome.document();
        replayed(ctx, outcome.replayed());
        ctx.header("Content-Location", path(document));
        documentAnswer(ctx, document.version() == 1 ? 201 : 200, document);
    }

    /** Names the request, so that it is carried out once; taken as it stands, with quotes if there are any. */
    static @Nullable String idempotencyKey(Context ctx) {
        List<String> keys = Collections.list(ctx.req().getHeaders(IDEMPOTENCY_KEY));
        if (keys.isEmpty()) {
            return null;
        }
        if (keys.size() > 1 || !IdempotencyKey.isValid(keys.get(0))) {
            throw Problem.header(IDEMPOTENCY_KEY, "must be one key of 1 to 255 visible ASCII characters");
        }
        return keys.get(0);
    }

    static void replayed(Context ctx, boolean replayed) {
        if (replayed) {
            ctx.header("Idempotency-Replayed", "true");
        }
    }

    /** Jetty sends 100 Continue when it is asked for the stream, so that must not be before the content is wanted. */
    private static InputStream whenRead(HttpServletRequest request) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return request.getInputStream().read();
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return request.getInputStream().read(target, offset, length);
            }
        };
    }

    // Reading

    private void list(Context ctx) {
        ListRequest request = ListRequest.parse(caller(ctx), parameters(ctx).all());
        Page<DocumentData> page = documents.list(caller(ctx), request.query(), request.after(), request.limit());
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put(
                "items",
                page.items().stream()
                        .map(document -> Wire.document(document, isAdministrator(ctx)))
                        .toList());
        String next = page.next() == null ? null : request.cursor(page.next());
        body.put("next_cursor", next);
        if (request.count()) {
            long count = documents.count(caller(ctx), request.query(), MAX_COUNT + 1L);
            body.put("count", Math.min(count, MAX_COUNT));
            body.put("count_capped", count > MAX_COUNT);
        }
        if (next != null) {
            ctx.header("Link", nextLink(ctx, next));
        }
        json(ctx, 200, body);
    }

    /** The same list from the cursor on (RFC 8288). */
    static String nextLink(Context ctx, String cursor) {
        String query = ctx.queryString() == null ? "" : ctx.queryString();
        StringBuilder kept = new StringBuilder();
        for (String pair : query.split("&")) {
            boolean isCursor = URLDecoder.decode(pair.split("=", 2)[0], StandardCharsets.UTF_8)
                    .equals("cursor");
            if (!pair.isEmpty() && !isCursor) {
                kept.append(pair).append('&');
            }
        }
        return "<" + ctx.path() + "?" + reference(kept.toString()) + "cursor=" + cursor + ">; rel=\"next\"";
    }

    /** Jetty takes more in a query than a URI may have (RFC 3986), and what ends the link must not come from there. */
    private static String reference(String query) {
        StringBuilder reference = new StringBuilder();
        for (byte b : query.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b > ' ' && b < 0x7f && "\"<>\\^`{|}".indexOf(b) < 0;
            reference.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return reference.toString();
    }

    private void get(Context ctx) {
        parameters(ctx).allowOnly();
        DocumentData document = documents.get(caller(ctx), id(ctx));
        switch (Conditions.of(ctx.req()).onReading(ETags.of(document), document.updatedAt())) {
            case FAILED -> throw Problem.preconditionFailed().raise();
            case NOT_MODIFIED -> {
                validators(ctx, document);
                ctx.status(304).header("Cache-Control", DocsServer.REVALIDATED);
            }
            case PROCEED -> {
                validators(ctx, document);
                json(ctx, 200, Wire.document(document, isAdministrator(ctx)));
            }
        }
    }

    private static void validators(Context ctx, DocumentData document) {
        ctx.header("ETag", ETags.of(document));
        ctx.header("Last-Modified", HttpDates.format(document.updatedAt()));
    }

    private void content(Context ctx) throws IOException {
        ListRequest.Parameters parameters = parameters(ctx);
        parameters.allowOnly("version", "disposition");
        Integer version = parameters.version("version");
        String disposition = parameters.text("disposition");
        if (disposition != null && !disposition.equals("inline") && !disposition.equals("attachment")) {
            throw Problem.parameter("disposition", "must be inline or attachment", null);
        }
        OpenContent open = version == null
                ? documents.content(caller(ctx), id(ctx))
                : documents.content(caller(ctx), id(ctx), version);
        contentResponse.send(open, "inline".equals(disposition), ctx.req(), ctx.res());
    }

    private void versions(Context ctx) {
        ListRequest.Parameters parameters = parameters(ctx);
        parameters.allowOnly("limit", "cursor");
        int limit = parameters.limit(50);
        Integer before = parameters.version("cursor");
        List<DocumentVersion> versions =
                documents.versions(caller(ctx), id(ctx), before == null ? Integer.MAX_VALUE : before, limit);
        DocumentVersion last = versions.isEmpty() ? null : versions.get(versions.size() - 1);
        String next = last == null || last.number() == 1 || versions.size() < limit ? null : "" + last.number();
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("items", versions.stream().map(Wire::version).toList());
        body.put("next_cursor", next);
        if (next != null) {
            ctx.header("Link", nextLink(ctx, next));
        }
        json(ctx, 200, body);
    }

    private void version(Context ctx) {
        parameters(ctx).allowOnly();
        json(ctx, 200, Wire.version(documents.version(caller(ctx), id(ctx), number(ctx))));
    }

    // Changing

    private void change(Context ctx) throws IOException {
        parameters(ctx).allowOnly();
        String type = mediaType(ctx.header("Content-Type"));
        if (!type.equals(Wire.MERGE_PATCH) && !type.equals(Wire.JSON)) {
            throw Problem.unsupportedMediaType("send " + Wire.MERGE_PATCH)
                    .with("Accept-Patch", Wire.MERGE_PATCH)
                    .raise();
        }
        Precondition precondition = precondition(ctx);
        Map<String, @Nullable Object> patch = Wire.readObject(ctx.req());
        Wire.allowOnly(patch, Set.of("name", "metadata", "status"));
        for (String required : List.of("name", "status")) {
            if (patch.containsKey(required) && patch.get(required) == null) {
                throw Problem.field("/" + required, "can't be removed");
            }
        }
        DocumentChanges changes = new DocumentChanges(Wire.text(patch, "name"), metadataChange(patch), status(patch));
        documentAnswer(ctx, 200, documents.change(caller(ctx), id(ctx), precondition, changes));
    }

    private static @Nullable UnaryOperator<Metadata> metadataChange(Map<String, @Nullable Object> patch) {
        if (!patch.containsKey("metadata")) {
            return null;
        }
        Map<String, @Nullable Object> members = Wire.object(patch, "metadata");
        return members == null ? current -> Metadata.EMPTY : current -> current.merge(members);
    }

    private static @Nullable DocumentStatus status(Map<String, @Nullable Object> patch) {
        String status = Wire.text(patch, "status");
        if (status == null) {
            return null;
        }
        return DocumentStatus.ofWire(status).orElseThrow(() -> Problem.field("/status", "must be active or archived"));
    }

    private void delete(Context ctx) {
        ListRequest.Parameters parameters = parameters(ctx);
        parameters.allowOnly("purge");
        if (parameters.flag("purge")) {
            documents.purge(caller(ctx), id(ctx), precondition(ctx));
        } else {
            documents.archive(caller(ctx), id(ctx), precondition(ctx));
        }
        ctx.status(204);
    }

    private void restoreVersion(Context ctx) {
        parameters(ctx).allowOnly();
        Outcome outcome =
                documents.restoreVersion(caller(ctx), id(ctx), number(ctx), precondition(ctx), idempotencyKey(ctx));
        replayed(ctx, outcome.replayed());
        ctx.header("Content-Location", path(outcome.document()));
        documentAnswer(ctx, 200, outcome.document());
    }

    /** The document's tag is the precondition's, and stays: nothing that it stands for changes. */
    private void dropVersion(Context ctx) {
        parameters(ctx).allowOnly();
        documents.dropVersion(caller(ctx), id(ctx), number(ctx), precondition(ctx));
        ctx.status(204);
    }

    /** A date alone is not what the 428 asks for: two changes may have the same second. */
    private Conditions conditions(Context ctx) {
        return conditions(ctx, requireIfMatch);
    }

    static Conditions conditions(Context ctx, boolean requireIfMatch) {
        Conditions conditions = Conditions.of(ctx.req());
        if (requireIfMatch && conditions.ifMatch() == null && conditions.ifNoneMatch() == null) {
            throw Problem.preconditionRequired().raise();
        }
        return conditions;
    }

    private Precondition precondition(Context ctx) {
        return conditions(ctx).ofDocument();
    }

    // Common to all

    private static Metadata metadata(@Nullable Map<String, @Nullable Object> members) {
        return members == null ? Metadata.EMPTY : Metadata.of(members);
    }

    private static ListRequest.Parameters parameters(Context ctx) {
        return ListRequest.Parameters.of(ctx.queryString());
    }

    static String mediaType(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType;
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /** Text that is no id names no document. */
    private static UUID id(Context ctx) {
        return id(ctx.pathParam("id")).orElseThrow(DocumentNotFoundException::new);
    }

    static Optional<UUID> id(String text) {
        return UUID_FORM.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
    }

    /** Text that is no number names no version. */
    private static int number(Context ctx) {
        String number = ctx.pathParam("n");
        if (!number.matches("[1-9]\\d{0,8}")) {
            throw new DocumentNotFoundException("version");
        }
        return Integer.parseInt(number);
    }

    private static Caller caller(Context ctx) {
        return DocsServer.caller(ctx);
    }

    private static boolean isAdministrator(Context ctx) {
        return caller(ctx).administrator();
    }

    private static String path(DocumentData document) {
        return "/v1/documents/" + document.id();
    }

    private static void created(Context ctx, DocumentData document) {
        ctx.header("Location", path(document));
        documentAnswer(ctx, 201, document);
    }

    private static void documentAnswer(Context ctx, int status, DocumentData document) {
        ctx.header("ETag", ETags.of(document));
        json(ctx, status, Wire.document(document, isAdministrator(ctx)));
    }

    private static void json(Context ctx, int status, Object body) {
        DocsServer.json(ctx, status, body);
    }
}
