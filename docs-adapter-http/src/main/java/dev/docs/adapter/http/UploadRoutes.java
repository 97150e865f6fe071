package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.application.NewDocument;
import dev.docs.application.NewPart;
import dev.docs.application.Precondition;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Metadata;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.ResumableUpload.State;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Resumable uploads by tus 1.0.0, with creation, creation-with-upload, creation-defer-length, checksum, expiration and
 * termination. Of the protocol's words only these are here; what an upload in parts is, the use cases know.
 */
final class UploadRoutes {
    private static final String PATH = "/v1/uploads";
    private static final String VERSION = "1.0.0";
    private static final String CHECKSUM = "Upload-Checksum";
    private static final String PART = "application/offset+octet-stream";
    private static final String EXTENSIONS =
            "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination";

    private final DocumentService documents;
    private final boolean requireIfMatch;

    UploadRoutes(DocumentService documents, boolean requireIfMatch) {
        this.documents = documents;
        this.requireIfMatch = requireIfMatch;
    }

    /** Comes before all else, so that refusals have the header, too. */
    static void announce(RoutesConfig routes) {
        routes.before(PATH, ctx -> ctx.header("Tus-Resumable", VERSION));
        routes.before(PATH + "/*", ctx -> ctx.header("Tus-Resumable", VERSION));
    }

    void register(RoutesConfig routes) {
        routes.options(PATH, this::options);
        routes.options(PATH + "/{upload}", this::options);
        routes.post(PATH, inVersion(this::create));
        routes.head(PATH + "/{upload}", inVersion(this::status));
        routes.patch(PATH + "/{upload}", inVersion(this::append));
        routes.delete(PATH + "/{upload}", inVersion(this::terminate));
    }

    private static Handler inVersion(Handler handler) {
        return ctx -> {
            if (!VERSION.equals(ctx.header("Tus-Resumable"))) {
                throw Problem.of(412, "tus-version", "Version not supported", "send Tus-Resumable: " + VERSION)
                        .with("Tus-Version", VERSION)
                        .raise();
            }
            ListRequest.Parameters.of(ctx.queryString()).allowOnly();
            handler.handle(ctx);
        };
    }

    private void options(Context ctx) {
        ctx.status(204);
        ctx.header("Tus-Version", VERSION);
        ctx.header("Tus-Extension", EXTENSIONS);
        ctx.header("Tus-Max-Size", "" + documents.uploadsInParts().maxBytes());
        ctx.header(
                "Tus-Checksum-Algorithm",
                String.join(",", NewPart.Checksum.ALGORITHMS.stream().sorted().toList()));
    }

    private void create(Context ctx) {
        Long length = length(ctx);
        String deferred = ctx.header("Upload-Defer-Length");
        if (deferred != null && !deferred.equals("1")) {
            throw Problem.header("Upload-Defer-Length", "must be 1");
        }
        if ((length == null) == (deferred == null)) {
            throw Problem.header("Upload-Length", "or Upload-Defer-Length: 1 must be given, and not both");
        }
        boolean hasBody = ctx.req().getContentLengthLong() > 0 || ctx.header("Transfer-Encoding") != null;
        if (hasBody) {
            requirePart(ctx);
        }
        NewPart.Checksum checksum = checksum(ctx.header(CHECKSUM));
        ResumableUpload begun = begin(ctx, UploadMetadata.parse(ctx.header("Upload-Metadata")), length);
        UUID id = begun.upload().id();
        if (hasBody) {
            try {
                begun = documents
                        .uploadsInParts()
                        .append(DocsServer.caller(ctx), id, part(ctx, begun.offset(), null, checksum));
            } catch (DocumentException e) {
                // the answer does not tell where it is, so nobody could go on
                terminateAfter(ctx, id, e);
                throw e;
            }
        }
        ctx.status(201).header("Location", PATH + "/" + id);
        progress(ctx, begun);
    }

    private ResumableUpload begin(Context ctx, UploadMetadata metadata, @Nullable Long length) {
        String documentId = metadata.given("document_id");
        String type = metadata.given("filetype");
        String values = metadata.given("metadata");
        if (documentId == null) {
            String name = metadata.given("filename");
            if (name == null) {
                throw Problem.header("Upload-Metadata", "must give a filename, or the document_id of a document");
            }
            Metadata own = values == null
                    ? Metadata.EMPTY
                    : Metadata.of(Wire.readObject(values, "'metadata' in Upload-Metadata"));
            return documents.beginUpload(
                    DocsServer.caller(ctx), new NewDocument(null, name, type, own, length), metadata.text());
        }
        if (values != null) {
            throw Problem.header("Upload-Metadata", "can't give 'metadata' for a document that is there");
        }
        return documents.beginUpload(
                DocsServer.caller(ctx),
                DocumentRoutes.id(documentId).orElseThrow(DocumentNotFoundException::new),
                precondition(ctx),
                type,
                length,
                metadata.text());
    }

    /** None, unless one of the conditions is there: then the upload is for the revision that they hold of. */
    private @Nullable Precondition precondition(Context ctx) {
        Precondition precondition =
                DocumentRoutes.conditions(ctx, requireIfMatch).ofContent();
        boolean isGiven = Stream.of("If-Match", "If-None-Match", "If-Unmodified-Since")
                .anyMatch(name -> ctx.header(name) != null);
        return isGiven ? precondition : null;
    }

    private void terminateAfter(Context ctx, UUID id, DocumentException failure) {
        try {
            documents.uploadsInParts().terminate(DocsServer.caller(ctx), id);
        } catch (DocumentException e) {
            failure.addSuppressed(e);
        }
    }

    private void status(Context ctx) {
        ResumableUpload upload = documents.uploadsInParts().status(DocsServer.caller(ctx), id(ctx));
        ctx.status(200).header("Cache-Control", "no-store");
        if (upload.length() == null) {
            ctx.header("Upload-Defer-Length", "1");
        } else {
            ctx.header("Upload-Length", "" + upload.length());
        }
        if (!upload.note().isEmpty()) {
            ctx.header("Upload-Metadata", upload.note());
        }
        progress(ctx, upload);
    }

    private void append(Context ctx) {
        requirePart(ctx);
        Long offset = number("Upload-Offset", ctx.header("Upload-Offset"));
        if (offset == null) {
            throw Problem.header("Upload-Offset", "must be given");
        }
        NewPart part = part(ctx, offset, length(ctx), checksum(ctx.header(CHECKSUM)));
        try {
            ResumableUpload upload = documents.uploadsInParts().append(DocsServer.caller(ctx), id(ctx), part);
            ctx.status(204);
            progress(ctx, upload);
        } catch (DocumentUploadException e) {
            throw MinimumRate.isBehind(e) ? tooSlow(e) : e;
        }
    }

    /** 423 and not 408: what came counts, and of all statuses below 500 this is the one after which every client goes on. */
    private static Problem.Raised tooSlow(Exception e) {
        return new Problem.Raised(
                Problem.of(
                                423,
                                "request-timeout",
                                "Request timeout",
                                "the part came too slowly; what came of it counts: ask how far the upload is, and go on")
                        .with("Connection", "close"),
                e);
    }

    private void terminate(Context ctx) {
        documents.uploadsInParts().terminate(DocsServer.caller(ctx), id(ctx));
        ctx.status(204);
    }

    private static NewPart part(
            Context ctx, long offset, @Nullable Long uploadBytes, NewPart.@Nullable Checksum checksum) {
        long length = ctx.req().getContentLengthLong();
        ReadableByteChannel bytes = new RequestChannel(ctx.req());
        return new NewPart(offset, bytes, length < 0 ? null : length, uploadBytes, checksum);
    }

    private static void progress(Context ctx, ResumableUpload upload) {
        ctx.header("Upload-Offset", "" + upload.offset());
        if (upload.state() == State.OPEN) {
            ctx.header(
                    "Upload-Expires",
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(
                            upload.expiresAt().atOffset(ZoneOffset.UTC)));
        } else if (upload.state() == State.PUBLISHED) {
            ctx.header("Docs-Document-Id", "" + upload.upload().documentId());
            ctx.header("Content-Location", "/v1/documents/" + upload.upload().documentId());
        }
    }

    private static void requirePart(Context ctx) {
        if (!DocumentRoutes.mediaType(ctx.header("Content-Type")).equals(PART)) {
            throw Problem.unsupportedMediaType("parts of an upload are sent as " + PART)
                    .with(ctx.method().name().equals("PATCH") ? "Accept-Patch" : "Accept-Post", PART)
                    .raise();
        }
    }

    static NewPart.@Nullable Checksum checksum(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String[] parts = header.strip().split(" ", 2);
        if (!NewPart.Checksum.ALGORITHMS.contains(parts[0])) {
            throw Problem.header(CHECKSUM, "must name sha1 or sha256");
        }
        try {
            return new NewPart.Checksum(
                    parts[0],
                    HexFormat.of().formatHex(Base64.getDecoder().decode(parts.length == 1 ? "" : parts[1].strip())));
        } catch (IllegalArgumentException e) {
            throw new Problem.Raised(
                    Problem.header(CHECKSUM, "must be ALGORITHM BASE64").problem(), e);
        }
    }

    private static @Nullable Long length(Context ctx) {
        return number("Upload-Length", ctx.header("Upload-Length"));
    }

    static @Nullable Long number(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        if (!value.strip().matches("[0-9]{1,18}")) {
            throw Problem.header(name, "must be a whole number, not negative");
        }
        return Long.valueOf(value.strip());
    }

    /** Text that is no id names no upload. */
    private static UUID id(Context ctx) {
        return DocumentRoutes.id(ctx.pathParam("upload")).orElseThrow(() -> new DocumentNotFoundException("upload"));
    }
}
