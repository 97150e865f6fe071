package dev.docs.application;

import dev.docs.domain.BulkItem;
import dev.docs.domain.DocumentData;

import java.util.List;

/**
 * What a bulk request would do if it were carried out now.
 *
 * @param count documents that would change, or go
 * @param unchanged documents that are already as they would become
 * @param bytes of those that would change: of their current versions, or of all versions if they would be purged
 * @param sample the first of those that would change, as they are, at most {@value #MOST_SAMPLED}
 * @param refused documents that would be refused, and why
 */
public record BulkPreview(int count, int unchanged, long bytes, List<DocumentData> sample, List<BulkItem> refused) {
    public static final int MOST_SAMPLED = 10;

    public BulkPreview {
        sample = List.copyOf(sample);
        refused = List.copyOf(refused);
    }
}
