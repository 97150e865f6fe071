package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/**
 * What became of one document of a bulk request.
 *
 * @param refusal why nothing was done; present for {@code REFUSED}, and for nothing else
 */
public record BulkItem(UUID id, Result result, @Nullable Refusal refusal) {
    public enum Result {
        DONE,
        /** The document was already as it was to become. */
        UNCHANGED,
        REFUSED
    }

    public BulkItem {
        if ((result == Result.REFUSED) != (refusal != null)) {
            throw new IllegalArgumentException("a refusal has a reason, and nothing else has");
        }
    }

    public static BulkItem done(UUID id) {
        return new BulkItem(id, Result.DONE, null);
    }

    public static BulkItem unchanged(UUID id) {
        return new BulkItem(id, Result.UNCHANGED, null);
    }

    public static BulkItem refused(UUID id, DocumentException reason) {
        return new BulkItem(id, Result.REFUSED, Refusal.of(reason));
    }
}
