package dev.docs.application;

import dev.docs.domain.BulkItem;

import java.util.List;

/**
 * What a bulk request came to.
 *
 * @param items in the order of the request: one for each id as often as it was given, or one for each document that the
 *     filter found, in the filter's order
 * @param replayed whether an earlier request with the key did it all, and this one nothing
 */
public record BulkReport(List<BulkItem> items, boolean replayed) {
    public BulkReport {
        items = List.copyOf(items);
    }

    /** Items that are as they were to become. */
    public int done() {
        return items.size() - failed();
    }

    public int failed() {
        return (int) items.stream().filter(item -> item.refusal() != null).count();
    }
}
