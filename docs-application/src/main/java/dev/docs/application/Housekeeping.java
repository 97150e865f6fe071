package dev.docs.application;

import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.VersionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Clears away what nobody needs any more. The host calls it from a thread of its own; any number of servers may do so at
 * once, and they share the work: no piece is done by two of them unless one dies over it.
 */
public final class Housekeeping {
    private static final int BATCH = 100;
    private static final String RETENTION = "retention";
    private static final Duration ANSWERS_KEPT = Duration.ofHours(24);
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    /** Leases after which unfinished content that no row names is certainly nobody's. */
    private static final int SILENT_LEASES = 10;

    /** The most unfinished content that may turn up without a row before something must be wrong with the rows. */
    private static final int MOST_UNKNOWN = 100;

    private final DocumentRepository repository;
    private final Storages storages;
    private final Duration purgeGrace;
    private final Duration lease;
    private final Retention retention;
    private final Listeners listeners;
    private final Clock clock;
    private final UUID self = UUID.randomUUID();

    Housekeeping(
            DocumentRepository repository,
            Storages storages,
            Duration purgeGrace,
            Duration lease,
            Retention retention,
            Listeners listeners,
            Clock clock) {
        this.repository = repository;
        this.storages = storages;
        this.purgeGrace = purgeGrace;
        this.lease = lease;
        this.retention = retention;
        this.listeners = listeners;
        this.clock = clock;
    }

    /**
     * What a sweep did.
     *
     * @param uploadsEnded uploads that died and were cleared
     * @param contentsDeleted contents of purged documents whose grace period is over, and unfinished content that no row
     *     names
     * @param failed things that could not be cleared now; a later sweep tries again
     */
    public record Swept(int uploadsEnded, int contentsDeleted, int failed) {
        static final Swept NOTHING = new Swept(0, 0, 0);

        Swept plus(Swept other) {
            return new Swept(
                    uploadsEnded + other.uploadsEnded, contentsDeleted + other.contentsDeleted, failed + other.failed);
        }
    }

    /**
     * What retention removed.
     *
     * @param documentsPurged archived documents that had not been changed for the configured time
     * @param versionsDropped versions beyond the configured number of their document
     */
    public record Retained(int documentsPurged, int versionsDropped) {
        static final Retained NOTHING = new Retained(0, 0);
    }

    /**
     * Ends uploads whose lease has run out, deletes content that was doomed longer ago than the grace period, and forgets
     * idempotency keys, and what became of uploads in parts, after a day. Never deletes finished content that no row has given up.
     */
    public Swept sweep() {
        Swept uploads = drain(this::sweepUploads);
        Swept contents = drain(this::sweepContents);
        forgetWhatIsOver();
        return uploads.plus(contents).plus(sweepDrafts());
    }

    private void forgetWhatIsOver() {
        while (repository.forgetResumables(ANSWERS_KEPT, BATCH) == BATCH) {
            Thread.onSpinWait();
        }
        while (repository.forgetKeys(ANSWERS_KEPT, BATCH) == BATCH) {
            Thread.onSpinWait();
        }
    }

    /**
     * Purges archived documents and drops old versions as {@link Retention} says; nothing if another server does so now.
     * Once an hour is plenty: each call looks at all documents.
     */
    public Retained retain() {
        if (retention.equals(Retention.EVERYTHING)
                || repository.takeJob(RETENTION, self, lease).isEmpty()) {
            return Retained.NOTHING;
        }
        Retained done = new Retained(purgeArchived(), dropVersions());
        repository.noteJob(RETENTION, self, Duration.ZERO, "");
        return done;
    }

    /** Takes batch after batch, until one gets nothing done: the rest would only come back. */
    private static Swept drain(Supplier<Swept> batch) {
        Swept total = Swept.NOTHING;
        Swept last;
        do {
            last = batch.get();
            total = total.plus(last);
        } while (last.uploadsEnded() + last.contentsDeleted() > 0);
        return total;
    }

    private Swept sweepUploads() {
        List<Upload> claimed = repository.claimExpired(lease, BATCH);
        int failed = 0;
        for (Upload upload : claimed) {
            try {
                listeners.watchFailing(
                        repository,
                        upload.documentId(),
                        () -> Uploads.discard(repository, storages, upload, "the upload was not completed"));
            } catch (DocumentException e) {
                failed++;
                log.warn("upload {} could not be cleared", upload.id(), e);
            }
        }
        return new Swept(claimed.size() - failed, 0, failed);
    }

    private Swept sweepContents() {
        List<StorageUrl> claimed = repository.claimDoomed(purgeGrace, lease, BATCH);
        List<StorageUrl> deleted = new ArrayList<>();
        for (StorageUrl url : claimed) {
            try {
                storages.delete(url);
                deleted.add(url);
            } catch (DocumentException e) {
                log.warn("{} could not be deleted", url, e);
            }
        }
        if (!deleted.isEmpty()) {
            repository.discarded(deleted);
        }
        return new Swept(0, deleted.size(), claimed.size() - deleted.size());
    }

    /** Unfinished content without a row: the rows are older than it, because a backup of them was restored. */
    private Swept sweepDrafts() {
        List<StorageUrl> drafts = storages.drafts(lease.multipliedBy(SILENT_LEASES), 10 * MOST_UNKNOWN);
        Set<StorageUrl> known = drafts.isEmpty() ? Set.of() : repository.known(drafts);
        List<StorageUrl> unknown =
                drafts.stream().filter(draft -> !known.contains(draft)).toList();
        if (unknown.size() > MOST_UNKNOWN) {
            log.error(
                    "{} or more unfinished uploads are in no row: none is deleted, since the rows may be wrong",
                    unknown.size());
            return new Swept(0, 0, unknown.size());
        }
        int deleted = 0;
        for (StorageUrl draft : unknown) {
            try {
                storages.deleteDraft(draft);
                deleted++;
            } catch (DocumentException e) {
                log.warn("the unfinished {} could not be deleted", draft, e);
            }
        }
        return new Swept(0, deleted, unknown.size() - deleted);
    }

    private int purgeArchived() {
        Duration after = retention.purgeArchivedAfter();
        if (after == null) {
            return 0;
        }
        Instant before = clock.instant().minus(after);
        int purged = 0;
        UUID last = null;
        List<DocumentData> page;
        do {
            page = repository.unchangedSince(DocumentStatus.ARCHIVED, before, last, BATCH);
            for (DocumentData document : page) {
                try {
                    repository.purge(document.id(), document.revision());
                    listeners.tell(null, document, null);
                    purged++;
                } catch (DocumentConflictException e) {
                    log.debug("document {} was changed and stays", document.id());
                }
                last = document.id();
            }
        } while (page.size() == BATCH && isStillOurs());
        return purged;
    }

    private int dropVersions() {
        if (retention.keepVersions() == Retention.ALL_VERSIONS) {
            return 0;
        }
        int dropped = 0;
        VersionId last = VersionId.FIRST;
        List<DocumentVersion> page;
        do {
            page = repository.surplusVersions(retention.keepVersions(), last, BATCH);
            for (DocumentVersion version : page) {
                if (repository.dropVersion(version.documentId(), version.number())) {
                    tellDropped(version);
                    dropped++;
                }
                last = version.id();
            }
        } while (page.size() == BATCH && isStillOurs());
        return dropped;
    }

    private void tellDropped(DocumentVersion version) {
        if (!listeners.isEmpty()) {
            repository.find(version.documentId()).ifPresent(document -> listeners.tellDropped(null, document, version));
        }
    }

    private boolean isStillOurs() {
        return repository.noteJob(RETENTION, self, lease, "");
    }
}
