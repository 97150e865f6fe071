package dev.docs.application;

import dev.docs.application.Validation.WithinLimits;
import dev.docs.domain.Metadata;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/**
 * A document to be created.
 *
 * @param userId its owner; null for the caller
 * @param declaredType the media type its creator states, as in a Content-Type header, or null
 * @param sizeBytes how large the content will be, if known
 */
public record NewDocument(
        @Nullable String userId,
        @WithinLimits String name,
        @Nullable String declaredType,
        @WithinLimits Metadata metadata,
        @PositiveOrZero @Nullable Long sizeBytes) {

    public static NewDocument named(String name) {
        return new NewDocument(null, name, null, Metadata.EMPTY, null);
    }

    public NewDocument withMetadata(Metadata newMetadata) {
        return new NewDocument(userId, name, declaredType, newMetadata, sizeBytes);
    }

    public NewDocument ownedBy(String newUserId) {
        return new NewDocument(newUserId, name, declaredType, metadata, sizeBytes);
    }
}
