package dev.docs.application;

import dev.docs.domain.DocumentData;

/**
 * What a request with an idempotency key came to.
 *
 * @param document the revision that was made
 * @param replayed whether an earlier request with the key made it, and this one nothing; the document may have changed
 *     since
 */
public record Outcome(DocumentData document, boolean replayed) {}
