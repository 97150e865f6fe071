package dev.docs.application;

import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;

import java.util.function.UnaryOperator;

/**
 * What to change about a document; null leaves a thing as it is.
 *
 * @param metadata applied to the current metadata, perhaps more than once if others change the document meanwhile
 * @param status {@code ARCHIVED} to archive, {@code ACTIVE} to restore; the status it has already is fine
 */
public record DocumentChanges(
        @Nullable String name,
        @Nullable UnaryOperator<Metadata> metadata,
        @Nullable DocumentStatus status) {
    public static DocumentChanges name(String name) {
        return new DocumentChanges(name, null, null);
    }

    public static DocumentChanges metadata(UnaryOperator<Metadata> metadata) {
        return new DocumentChanges(null, metadata, null);
    }

    public static DocumentChanges status(DocumentStatus status) {
        return new DocumentChanges(null, null, status);
    }
}
