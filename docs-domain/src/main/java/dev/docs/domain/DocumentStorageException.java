package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * The database or a store did not do its part. {@link #kind()} tells whether nothing was changed ({@code UNAVAILABLE},
 * {@code STORAGE_FULL}), the bytes are gone ({@code CONTENT_LOST}), or nobody knows yet ({@code OUTCOME_UNKNOWN}).
 */
public final class DocumentStorageException extends DocumentException {
    private static final long serialVersionUID = 1;

    /** Whether what the database shows afterwards is what it will keep. */
    private final boolean settledByReading;

    private DocumentStorageException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, cause, true);
    }

    private DocumentStorageException(Kind kind, String message, @Nullable Throwable cause, boolean settledByReading) {
        super(kind, message, cause);
        this.settledByReading = settledByReading;
    }

    /** For an unknown outcome: whether a change that can be read back was made for good. */
    public boolean settledByReading() {
        return settledByReading;
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

    /** The change was made and others may see it, but it did not reach the disk. */
    public static DocumentStorageException notSynced(@Nullable Throwable cause) {
        return new DocumentStorageException(
                Kind.OUTCOME_UNKNOWN,
                "the database's disk did not confirm the change, which may not last",
                cause,
                false);
    }

    public static DocumentStorageException outcomeUnknown(@Nullable Throwable cause) {
        return new DocumentStorageException(
                Kind.OUTCOME_UNKNOWN, "the database did not say whether the change was made", cause);
    }
}
