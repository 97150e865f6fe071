package dev.docs.domain;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * What one step of a bulk request puts on record under the request's key, together with what it does.
 *
 * @param holder who carries the request out, as in {@link DocumentRepository#beginBulk}
 * @param lease how long the request stays the holder's without another step
 * @param items what became of the step's documents, of those too that it leaves as they are. One whose change turns out
 *     to come too late is not put on record
 * @param last whether the request is carried out with this step, unless a change comes too late
 */
public record BulkStep(IdempotencyKey key, UUID holder, Duration lease, List<BulkItem> items, boolean last) {
    public BulkStep {
        items = List.copyOf(items);
    }

    /**
     * How far a request with a key has come.
     *
     * @param items what its steps have put on record, in their order
     * @param finished whether that is all of it
     */
    public record Progress(List<BulkItem> items, boolean finished) {
        public Progress {
            items = List.copyOf(items);
        }
    }
}
