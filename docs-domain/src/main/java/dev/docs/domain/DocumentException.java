package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * What every failure of Docs is. The list of {@linkplain Kind kinds} is closed, so that a host can decide all of them in
 * one switch. A message may be shown to the caller: it holds no path, no SQL and no other user's data; those are in the
 * cause.
 */
public abstract sealed class DocumentException extends RuntimeException
        permits DocumentAccessException,
                DocumentConflictException,
                DocumentKeyException,
                DocumentNotFoundException,
                DocumentQuotaException,
                DocumentStatusException,
                DocumentStorageException,
                DocumentTypeException,
                DocumentUploadException,
                DocumentValidationException,
                DocumentVersionException {
    private static final long serialVersionUID = 1;

    /** What went wrong, and so what the caller can do about it. */
    public enum Kind {
        /** A value breaks a rule; the same call fails again. */
        INVALID,
        /** The caller may not do that to anything. */
        ACCESS_DENIED,
        /** There is no such document, version or user, or none that the caller may see. */
        NOT_FOUND,
        /** The document's status does not allow it. */
        STATUS,
        /** The version is the document's current one, and can neither be dropped nor restored. */
        CURRENT_VERSION,
        /** Somebody else was first, or the caller's precondition does not hold: read again, then decide. */
        CONFLICT,
        /** The owner's quota of bytes or documents has no room for it. */
        QUOTA_EXCEEDED,
        /** The owner has as many uploads under way as may be: send this one when one of them has ended. */
        TOO_MANY_UPLOADS,
        /** The content is larger than a document may be. */
        TOO_LARGE,
        /** The content is not of a type that may be stored. */
        TYPE_NOT_ALLOWED,
        /** The content ended early, or is not what its sender announced. Nothing was stored. */
        CONTENT_MISMATCH,
        /** A {@link ContentGate} of the host refused the content, and says why. Nothing was stored. */
        CONTENT_REFUSED,
        /** The upload took longer than its lease and was given up. Nothing was stored; it may be sent again. */
        UPLOAD_EXPIRED,
        /** The upload in parts was ended, or has expired. Nothing was published; it has to begin again. */
        UPLOAD_GONE,
        /** Somebody else adds to this upload now: wait a moment, then ask how far it is. */
        UPLOAD_BUSY,
        /** The upload is not as far as the caller takes it to be: ask, then go on there. */
        OFFSET_MISMATCH,
        /** The part is not what its checksum says, and was thrown away; it may be sent again. */
        CHECKSUM_MISMATCH,
        /** A request with the same idempotency key is under way: wait a moment, then send this one again. */
        REQUEST_RUNNING,
        /** The idempotency key was used for another request. */
        KEY_REUSED,
        /** The database, the storage or a content gate can't be reached; nothing was changed. Trying again later is sensible. */
        UNAVAILABLE,
        /** The storage has no space left; nothing was changed. */
        STORAGE_FULL,
        /** Stored bytes are missing or damaged. */
        CONTENT_LOST,
        /** The connection broke before the answer: the change was made or was not. Read to find out. */
        OUTCOME_UNKNOWN,
        /** The store that takes new content has not the ability that this needs. */
        NOT_SUPPORTED
    }

    private final Kind kind;

    DocumentException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public final Kind kind() {
        return kind;
    }
}
