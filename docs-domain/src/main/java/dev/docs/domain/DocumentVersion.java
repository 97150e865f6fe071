package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.UUID;

/**
 * One immutable version of a document's content.
 *
 * @param number counts from 1 without gaps in the order of publication
 * @param declaredType the media type that the uploader stated, or null if it stated none
 */
public record DocumentVersion(
        UUID documentId,
        int number,
        Content content,
        @Nullable String declaredType,
        Instant createdAt) {
    public DocumentVersion {
        if (number < 1) {
            throw new IllegalArgumentException("versions count from 1, not " + number);
        }
    }

    public VersionId id() {
        return new VersionId(documentId, number);
    }
}
