package dev.docs.application;

import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** What is done with older versions. No bytes are ever copied or moved for it. */
final class Versions {
    private static final Logger log = LoggerFactory.getLogger(Versions.class);
    private static final int BATCH = 100;

    private final DocumentRepository repository;
    private final Revisions revisions;
    private final Repetitions repetitions;
    private final Storages storages;
    private final Uploads uploads;
    private final Listeners listeners;
    private final Limits limits;
    private final Clock clock;

    Versions(
            DocumentRepository repository,
            Revisions revisions,
            Repetitions repetitions,
            Storages storages,
            Uploads uploads,
            Listeners listeners,
            Limits limits,
            Clock clock) {
        this.repository = repository;
        this.revisions = revisions;
        this.repetitions = repetitions;
        this.storages = storages;
        this.uploads = uploads;
        this.listeners = listeners;
        this.limits = limits;
        this.clock = clock;
    }

    DocumentVersion find(UUID id, int number) {
        return repository.version(id, number).orElseThrow(() -> new DocumentNotFoundException("version"));
    }

    /**
     * Publishes an older version's content as the next one.
     *
     * @param admit decides for every revision that would be replaced whether it may; throws if not
     */
    Outcome restore(UUID id, int number, Consumer<DocumentData> admit, @Nullable KeyedRequest request) {
        IdempotencyKey.Use use = request == null ? null : request.key().by(request.fingerprint());
        Set<Content> whole = new HashSet<>();
        try {
            DocumentData seen = repository.find(id).orElseThrow(DocumentNotFoundException::new);
            admit.accept(seen);
            // bytes are read back before it is this one's turn: others need not wait for that
            restored(seen, number, whole);
            return revisions.change(id, admit, current -> {
                DocumentData next = restored(current, number, whole);
                return uploads.settle(next, () -> repository.republish(next, number, limits.quota(), use));
            });
        } catch (DocumentException e) {
            return repetitions.insteadOf(e, request);
        }
    }

    /** @param whole content that was read to its end and need not be again */
    private DocumentData restored(DocumentData current, int number, Set<Content> whole) {
        DocumentVersion older = find(current.id(), number);
        DocumentData next = current.republish(older, clock.instant());
        Content content = older.content();
        if (!isIntact(content, current.status() == DocumentStatus.ERROR, whole)) {
            // inline bytes go with the version, and then are not lost
            throw DocumentStorageException.lost(
                    find(current.id(), number).content().url(), null);
        }
        return next;
    }

    /** The bytes have to be there; what takes a document out of its error has to be proven whole as well. */
    private boolean isIntact(Content content, boolean isProofNeeded, Set<Content> whole) {
        if (!isProofNeeded) {
            OptionalLong size = storages.size(content.url());
            return size.isPresent() && size.getAsLong() == content.sizeBytes();
        }
        if (!whole.contains(content) && new Scrub(repository, storages, listeners, clock, () -> {}).isWhole(content)) {
            whole.add(content);
        }
        return whole.contains(content);
    }

    /** @param admit as for {@link #restore} */
    void drop(Caller caller, UUID id, int number, Consumer<DocumentData> admit) {
        Dropped done = revisions.change(id, admit, current -> {
            current.requireOlder(number);
            DocumentVersion version = find(id, number);
            if (!repository.dropVersion(id, number, current.revision())) {
                throw new DocumentNotFoundException("version");
            }
            return new Dropped(current, version);
        });
        listeners.tellDropped(caller, done.document, done.version);
    }

    private record Dropped(DocumentData document, DocumentVersion version) {}

    /** Drops what is older than the newest versions up to one that has just been made; others may have made more since. */
    Outcome keepNewest(Caller caller, Outcome outcome, int keep) {
        if (!outcome.replayed() && keep != Retention.ALL_VERSIONS) {
            dropOlder(caller, outcome.document(), keep);
        }
        return outcome;
    }

    private void dropOlder(Caller caller, DocumentData made, int keep) {
        try {
            List<DocumentVersion> kept = repository.versions(made.id(), made.version() + 1, keep);
            if (kept.size() < keep) {
                return;
            }
            int before = kept.get(keep - 1).number();
            List<DocumentVersion> surplus;
            do {
                surplus = repository.versions(made.id(), before, BATCH);
                for (DocumentVersion version : surplus) {
                    if (repository.dropVersion(made.id(), version.number())) {
                        listeners.tellDropped(caller, made, version);
                    }
                    before = version.number();
                }
            } while (surplus.size() == BATCH);
        } catch (DocumentException e) {
            // the new version is there, and to fail now would say that it is not
            log.warn("document {} keeps more than {} versions for now", made.id(), keep, e);
        }
    }
}
