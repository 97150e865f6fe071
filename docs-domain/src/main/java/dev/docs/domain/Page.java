package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A page of a longer list.
 *
 * @param next where the next page begins, or null at the end
 */
public record Page<T>(List<T> items, @Nullable Position next) {
    public Page {
        items = List.copyOf(items);
    }
}
