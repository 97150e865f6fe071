package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * What the caller sent can't become content: {@code TOO_LARGE}, {@code CONTENT_MISMATCH}, {@code CONTENT_REFUSED},
 * {@code UPLOAD_EXPIRED}; of uploads in parts also {@code UPLOAD_GONE}, {@code UPLOAD_BUSY}, {@code OFFSET_MISMATCH},
 * {@code CHECKSUM_MISMATCH} or {@code NOT_SUPPORTED}. Nothing became visible.
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

    public static DocumentUploadException gone() {
        return new DocumentUploadException(
                Kind.UPLOAD_GONE, "the upload was ended or has expired; begin a new one", null);
    }

    public static DocumentUploadException busy() {
        return new DocumentUploadException(Kind.UPLOAD_BUSY, "somebody else adds to this upload now", null);
    }

    public static DocumentUploadException offset(long offset, long expected) {
        return new DocumentUploadException(
                Kind.OFFSET_MISMATCH, "the upload has " + expected + " bytes by now, not " + offset, null);
    }

    public static DocumentUploadException checksum() {
        return new DocumentUploadException(
                Kind.CHECKSUM_MISMATCH, "the part is not what its checksum says, and was thrown away", null);
    }

    public static DocumentUploadException tooLong(long announcedBytes) {
        return new DocumentUploadException(
                Kind.TOO_LARGE,
                "the upload was announced to have " + announcedBytes + " bytes, and this would be more",
                announcedBytes,
                null);
    }

    public static DocumentUploadException notSupported() {
        return new DocumentUploadException(
                Kind.NOT_SUPPORTED, "the store for new content can't take uploads in parts", null);
    }
}
