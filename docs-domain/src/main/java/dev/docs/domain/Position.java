package dev.docs.domain;

import java.util.UUID;

/**
 * A place between two documents of a sorted list. It stays where it is while documents come and go around it.
 *
 * @param key the sort key of the document before it, as {@link DocumentQuery.Sort#key} writes it
 * @param id the id of the document before it
 */
public record Position(String key, UUID id) {}
