package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * The database or a store did not do its part. {@link #kind()} tells whether nothing was changed ({@code UNAVAILABLE},
 * {@code STORAGE_FULL}), the bytes are gone ({@code CONTENT_LOST}), or nobody knows yet ({@code OUTCOME_UNKNOWN}).
 */
public final class DocumentStorageException extends DocumentException {
    private static final long serialVersionUID = 1;

    private DocumentStorageException(Kind kind, String message, @Nullable Throwable cause) {
        super(kind, message, cause);
    }

    public static DocumentStorageException unavailable(String message, @Nullable Throwable cause) {
        return new DocumentStorageException(Kind.UNAVAILABLE, message, cause);
    }

    public static DocumentStorageException full(@Nullable Throwable cause) {
        return full("the storage has no space left", cause);
    }

    public static DocumentStorageException full(String message, @Nullable Throwable cause) {
        return new DocumentStorageException(Kind.STORAGE_FULL, message, cause);
    }

    public static DocumentStorageException lost(StorageUrl url, @Nullable Throwable cause) {
        return new DocumentStorageException(
                Kind.CONTENT_LOST,
                "the stored bytes are missing or damaged",
                new IllegalStateException("no whole content at " + url, cause));
    }

    public static DocumentStorageException outcomeUnknown(@Nullable Throwable cause) {
        return new DocumentStorageException(
                Kind.OUTCOME_UNKNOWN, "the database did not say whether the change was made", cause);
    }
}
