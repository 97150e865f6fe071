package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * What the caller sent can't become content: {@code TOO_LARGE}, {@code CONTENT_MISMATCH}, {@code CONTENT_REFUSED}
 * or {@code UPLOAD_EXPIRED}. Nothing became visible.
 */
public final class DocumentUploadException extends DocumentException {
    private static final long serialVersionUID = 1;

    private final @Nullable Long limit;

    private DocumentUploadException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, null, cause);
    }

    private DocumentUploadException(Kind kind, String message, @Nullable Long limit, @Nullable Throwable cause) {
        super(kind, message, cause);
        this.limit = limit;
    }

    /** Of what is {@code TOO_LARGE}: the bytes it may have. */
    public @Nullable Long limit() {
        return limit;
    }

    public static DocumentUploadException tooLarge(long limitBytes) {
        return new DocumentUploadException(
                Kind.TOO_LARGE, "a document may have at most " + limitBytes + " bytes", limitBytes, null);
    }

    public static DocumentUploadException mismatch(String message) {
        return new DocumentUploadException(Kind.CONTENT_MISMATCH, message, null);
    }

    public static DocumentUploadException cut(Throwable cause) {
        return new DocumentUploadException(Kind.CONTENT_MISMATCH, "the content ended before it was complete", cause);
    }

    public static DocumentUploadException refused(String reason) {
        return new DocumentUploadException(Kind.CONTENT_REFUSED, "the content was refused: " + reason, null);
    }

    public static DocumentUploadException expired() {
        return new DocumentUploadException(
                Kind.UPLOAD_EXPIRED, "the upload outlived its lease and was given up; send it again", null);
    }
}
