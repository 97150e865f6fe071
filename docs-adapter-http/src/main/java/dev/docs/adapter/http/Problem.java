package dev.docs.adapter.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Refusal;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Why a request was refused, as the client sees it (RFC 9457).
 *
 * @param status HTTP status code
 * @param type last part of the type's URI, {@code /problems/<type>}
 * @param headers that go with the answer
 */
record Problem(
        int status,
        String type,
        String title,
        @Nullable String detail,
        List<Fault> errors,
        Map<String, String> headers) {

    /**
     * One value that is at fault: exactly one of pointer (RFC 6901, into the body), parameter (of the query) and header
     * is set.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Fault(
            @Nullable String pointer,
            @Nullable String parameter,
            @Nullable String header,
            String detail,
            @Nullable Long limit) {}

    /** Ends the handling of a request with a problem. */
    static final class Raised extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Problem problem;

        Raised(Problem problem, @Nullable Throwable cause) {
            super(problem.detail(), cause);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    static Problem of(int status, String type, String title, @Nullable String detail) {
        return new Problem(status, type, title, detail, List.of(), Map.of());
    }

    Problem with(Fault fault) {
        return new Problem(status, type, title, detail, List.of(fault), headers);
    }

    Problem with(String header, String value) {
        return new Problem(status, type, title, detail, errors, Map.of(header, value));
    }

    Raised raise() {
        return new Raised(this, null);
    }

    static Problem malformed(String detail) {
        return of(400, "malformed", "Malformed request", detail);
    }

    static Raised parameter(String name, String detail, @Nullable Long limit) {
        return malformed("the parameter '" + name + "' " + detail)
                .with(new Fault(null, name, null, detail, limit))
                .raise();
    }

    static Raised header(String name, String detail) {
        return malformed("the header " + name + " " + detail)
                .with(new Fault(null, null, name, detail, null))
                .raise();
    }

    static Raised field(String pointer, String detail) {
        return of(422, "invalid", "Invalid value", pointer.substring(1) + " " + detail)
                .with(new Fault(pointer, null, null, detail, null))
                .raise();
    }

    static Problem unauthorized(String detail) {
        return of(401, "unauthorized", "Authentication needed", detail).with("WWW-Authenticate", "Bearer");
    }

    static Problem unsupportedMediaType(String detail) {
        return of(415, "unsupported-media-type", "Unsupported media type", detail);
    }

    static Problem preconditionFailed() {
        return of(
                412,
                "precondition-failed",
                "Precondition failed",
                "what is here is not what If-Match or If-Unmodified-Since speaks of");
    }

    static Problem preconditionRequired() {
        return of(
                428,
                "precondition-required",
                "Precondition required",
                "this server accepts changes with If-Match only");
    }

    /** A problem of which only the status is known. */
    static Problem ofStatus(int status) {
        String title = HttpStatus.getMessage(status);
        return of(status, title.toLowerCase(Locale.ROOT).replace(' ', '-'), title, null);
    }

    static Problem internal() {
        return of(500, "internal", "Internal error", "the server failed in a way it did not foresee");
    }

    static Problem of(DocumentException e) {
        Problem problem = of(Refusal.of(e));
        if (e instanceof DocumentQuotaException full) {
            return problem.with(limit(full));
        } else if (e instanceof DocumentUploadException upload && upload.limit() != null) {
            return problem.with(new Fault("/", null, null, "does not fit", upload.limit()));
        }
        return problem;
    }

    /** The one place where failures of the use cases become statuses. */
    static Problem of(Refusal refusal) {
        String detail = refusal.detail();
        return switch (refusal.kind()) {
            case INVALID -> invalid(refusal);
            case ACCESS_DENIED -> of(403, "access-denied", "Not allowed", detail);
            case NOT_FOUND -> of(404, "not-found", "Not found", detail);
            case STATUS -> of(409, "status-conflict", "The document's status does not allow this", detail);
            case CURRENT_VERSION -> of(409, "current-version", "The version is the current one", detail);
            case CONFLICT -> of(412, "precondition-failed", "The document is not the expected revision", detail);
            case QUOTA_EXCEEDED -> of(413, "quota-exceeded", "Quota exceeded", detail);
            case TOO_MANY_UPLOADS ->
                of(429, "too-many-uploads", "Too many uploads at once", detail).with("Retry-After", "5");
            case TOO_LARGE -> of(413, "too-large", "Document too large", detail);
            case TYPE_NOT_ALLOWED ->
                of(415, "type-not-allowed", "Media type not allowed", detail)
                        .with(new Fault("/mime_type", null, null, detail == null ? "is not allowed" : detail, null));
            case CONTENT_MISMATCH -> of(400, "content-mismatch", "Content not as announced", detail);
            case CONTENT_REFUSED -> of(422, "content-refused", "Content refused", detail);
            case UPLOAD_EXPIRED -> of(409, "upload-expired", "Upload expired", detail);
            case UPLOAD_GONE -> of(410, "upload-gone", "Upload ended or expired", detail);
            case UPLOAD_BUSY -> of(423, "upload-busy", "Upload in use", detail).with("Retry-After", "1");
            case OFFSET_MISMATCH -> of(409, "offset-mismatch", "Not the upload's offset", detail);
            // no status of HTTP's own: the one that tus gives it
            case CHECKSUM_MISMATCH -> of(460, "checksum-mismatch", "Checksum mismatch", detail);
            case NOT_SUPPORTED -> of(501, "not-supported", "Not supported here", detail);
            case REQUEST_RUNNING ->
                of(409, "request-running", "The request is still running", detail)
                        .with("Retry-After", "1");
            case KEY_REUSED ->
                of(422, "key-reused", "Key of another request", detail)
                        .with(new Fault(null, null, "Idempotency-Key", "was used for another request", null));
            case UNAVAILABLE ->
                of(503, "unavailable", "Temporarily unavailable", detail).with("Retry-After", "5");
            case STORAGE_FULL -> of(507, "storage-full", "Storage full", detail);
            case CONTENT_LOST -> of(409, "content-lost", "Content missing or damaged", detail);
            case OUTCOME_UNKNOWN ->
                of(503, "outcome-unknown", "Outcome unknown", detail).with("Retry-After", "5");
        };
    }

    /** The pointer is not into the body, but names the limit as the body of a quota does. */
    private static Fault limit(DocumentQuotaException e) {
        return new Fault("/" + e.which().wire(), null, null, "of the limit, " + e.used() + " are used", e.limit());
    }

    private static Problem invalid(Refusal refusal) {
        List<Fault> faults = refusal.problems().stream()
                .map(p -> new Fault("/" + p.field(), null, null, p.detail(), p.limit()))
                .toList();
        return new Problem(422, "invalid", "Invalid value", refusal.detail(), faults, Map.of());
    }
}
