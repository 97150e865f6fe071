package dev.docs.adapter.jdbi;

import static java.util.stream.Collectors.toMap;

import dev.docs.domain.BulkItem;
import dev.docs.domain.BulkStep;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Transactions over many documents: few statements, each for all of them. Two such transactions, or one and any single
 * writer, come to the rows they share in one order: documents by their ids, then the request's key, then the owners.
 */
final class BulkRows {
    private final Handle handle;
    private final Statements statements;
    private final UsageCounters counters;

    /** In the order of the owners, which is that of all transactions. */
    private final Map<String, Usage> changes = new TreeMap<>();

    BulkRows(Handle handle, UsageCounters counters) {
        this.handle = handle;
        this.counters = counters;
        statements = Attached.statements(handle);
    }

    Set<UUID> update(Collection<DocumentData> next, @Nullable BulkStep step) {
        Map<UUID, DocumentData> stored = lock(next);
        List<DocumentData> fitting = new ArrayList<>();
        Set<UUID> left = new HashSet<>();
        for (DocumentData each : next) {
            DocumentData before = stored.get(each.id());
            if (before == null || before.revision() != each.revision() - 1) {
                left.add(each.id());
            } else {
                fitting.add(each);
                add(each.userId(), Usage.change(before, each));
            }
        }
        write(fitting);
        writeMetadata(fitting, stored);
        finish(step, left);
        return left;
    }

    Set<UUID> purge(Collection<DocumentData> documents, @Nullable BulkStep step) {
        Map<UUID, DocumentData> stored = lock(documents);
        List<UUID> going = new ArrayList<>();
        Set<UUID> left = new HashSet<>();
        for (DocumentData each : documents) {
            DocumentData before = stored.get(each.id());
            if (before == null || before.revision() != each.revision()) {
                left.add(each.id());
            } else {
                going.add(each.id());
                add(before.userId(), Usage.change(before, null));
            }
        }
        if (!going.isEmpty()) {
            remove(going, stored);
        }
        finish(step, left);
        return left;
    }

    private Map<UUID, DocumentData> lock(Collection<DocumentData> documents) {
        List<UUID> ids = documents.stream().map(DocumentData::id).toList();
        return ids.isEmpty()
                ? Map.of()
                : statements.lockAll(ids).stream().collect(toMap(DocumentData::id, document -> document));
    }

    private void write(List<DocumentData> next) {
        if (next.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(JdbiDocumentRepository.REPLACE);
        next.forEach(document -> Rows.bind(batch, document).add());
        batch.execute();
    }

    /** Only the pairs that differ: a patch touches few of them. */
    private void writeMetadata(List<DocumentData> next, Map<UUID, DocumentData> stored) {
        PreparedBatch gone = handle.prepareBatch("DELETE FROM document_metadata WHERE owner_id = :owner"
                + " AND meta_key = :key AND meta_value = :value AND document_id = :id");
        PreparedBatch added = handle.prepareBatch(JdbiDocumentRepository.INSERT_METADATA);
        for (DocumentData after : next) {
            DocumentData before = stored.get(after.id());
            if (before == null || before.metadata().equals(after.metadata())) {
                continue;
            }
            Set<Metadata.Pair> old = before.metadata().pairs();
            Set<Metadata.Pair> wanted = after.metadata().pairs();
            old.stream()
                    .filter(pair -> !wanted.contains(pair))
                    .forEach(pair -> Rows.bind(gone, after, pair).add());
            wanted.stream()
                    .filter(pair -> !old.contains(pair))
                    .forEach(pair -> Rows.bind(added, after, pair).add());
        }
        if (gone.size() > 0) {
            gone.execute();
        }
        if (added.size() > 0) {
            added.execute();
        }
    }

    private void remove(List<UUID> ids, Map<UUID, DocumentData> stored) {
        List<Upload> reservations = statements.lockReservationsOf(ids);
        if (!reservations.isEmpty()) {
            statements.deleteUploads(reservations.stream().map(Upload::id).toList());
            reservations.forEach(each -> add(each.userId(), Usage.NONE.minusUpload(each)));
        }
        Map<StorageUrl, Content> contents = new LinkedHashMap<>();
        for (DocumentVersion version : statements.versionsOf(ids)) {
            contents.put(version.content().url(), version.content());
            DocumentData document = Objects.requireNonNull(stored.get(version.documentId()));
            if (version.number() != document.version()) {
                add(document.userId(), Usage.NONE.plusOlder(-version.content().sizeBytes()));
            }
        }
        statements.deleteAll(ids);
        if (!contents.isEmpty()) {
            giveUp(List.copyOf(contents.values()));
        }
    }

    /** Content whose versions are gone: deleted if it is inline, else doomed, unless other versions have it. */
    private void giveUp(List<Content> contents) {
        int[] deleted = statements.deleteUnusedInline(contents);
        List<Content> elsewhere = new ArrayList<>();
        for (int i = 0; i < deleted.length; i++) {
            if (deleted[i] == 0) {
                elsewhere.add(contents.get(i));
            }
        }
        if (!elsewhere.isEmpty()) {
            statements.doomUnused(elsewhere);
        }
    }

    private void add(String owner, Usage change) {
        changes.merge(owner, change, Usage::plus);
    }

    private void finish(@Nullable BulkStep step, Set<UUID> left) {
        if (step != null) {
            note(step, left);
        }
        // at the first shard: what that lacks is taken from the others, of which this locks none before it
        changes.forEach((owner, change) -> counters.count(handle, owner, new UUID(0, 0), change));
    }

    // The request's key

    BulkStep.Progress begin(IdempotencyKey key, String fingerprint, UUID holder, Duration lease) {
        Rows.BulkKey taken = statements.lockBulkKey(key).orElse(null);
        if (taken == null) {
            statements.insertBulkKey(key, fingerprint, holder, lease.toMillis());
            return new BulkStep.Progress(List.of(), false);
        }
        if (!taken.isBulk() || !fingerprint.equals(taken.fingerprint())) {
            throw DocumentKeyException.reused();
        }
        if (taken.isHeld()) {
            throw DocumentKeyException.running();
        }
        if (!taken.isFinished()) {
            statements.holdBulkKey(key, holder, lease.toMillis());
        }
        List<BulkItem> items = statements.bulkSteps(key).stream()
                .flatMap(step -> Rows.bulkItems(step).stream())
                .toList();
        return new BulkStep.Progress(items, taken.isFinished());
    }

    private void note(BulkStep step, Set<UUID> left) {
        IdempotencyKey key = step.key();
        boolean isLast = step.last() && left.isEmpty();
        int noted = isLast
                ? statements.endBulkKey(key, step.holder())
                : statements.noteBulkKey(key, step.holder(), step.lease().toMillis());
        if (noted == 0) {
            throw DocumentKeyException.running();
        }
        List<BulkItem> items =
                step.items().stream().filter(item -> !left.contains(item.id())).toList();
        if (!items.isEmpty()) {
            statements.insertBulkStep(key, Rows.json(items));
        }
    }
}
