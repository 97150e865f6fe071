package dev.docs.application;

import org.jspecify.annotations.Nullable;

/**
 * One of many documents to be created with their content.
 *
 * @param key as in {@link DocumentService#create(dev.docs.domain.Caller, NewDocument, NewContent, String)}, one for each
 *     document; null for none
 */
public record NewFile(
        NewDocument document, NewContent content, @Nullable String key) {
    public static NewFile of(NewDocument document, NewContent content) {
        return new NewFile(document, content, null);
    }
}
