package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Clears away what nobody needs any more. The host calls it from a thread of its own; any number of servers may do so at
 * once.
 */
public final class Housekeeping {
    private static final int BATCH = 100;
    private static final Duration KEYS_KEPT = Duration.ofHours(24);
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final DocumentRepository repository;
    private final Storages storages;
    private final Duration purgeGrace;

    Housekeeping(DocumentRepository repository, Storages storages, Duration purgeGrace) {
        this.repository = repository;
        this.storages = storages;
        this.purgeGrace = purgeGrace;
    }

    /**
     * What a sweep did.
     *
     * @param uploadsEnded uploads that died and were cleared
     * @param contentsDeleted contents of purged documents whose grace period is over
     * @param failed things that could not be cleared now; the next sweep tries again
     */
    public record Swept(int uploadsEnded, int contentsDeleted, int failed) {
        Swept plus(Swept other) {
            return new Swept(
                    uploadsEnded + other.uploadsEnded, contentsDeleted + other.contentsDeleted, failed + other.failed);
        }
    }

    /**
     * Ends uploads whose lease has run out, deletes content that was doomed longer ago than the grace period, and forgets
     * idempotency keys after a day. Never deletes anything that no row has given up.
     */
    public Swept sweep() {
        Swept uploads = drain(this::sweepUploads);
        Swept contents = drain(this::sweepContents);
        forgetKeys();
        return uploads.plus(contents);
    }

    private void forgetKeys() {
        while (repository.forgetKeys(KEYS_KEPT, BATCH) == BATCH) {
            Thread.onSpinWait();
        }
    }

    /** Takes batch after batch; a batch with a failure in it is the last, since it would only come back. */
    private static Swept drain(Supplier<Swept> batch) {
        Swept total = new Swept(0, 0, 0);
        Swept last;
        do {
            last = batch.get();
            total = total.plus(last);
        } while (last.uploadsEnded() + last.contentsDeleted() == BATCH);
        return total;
    }

    private Swept sweepUploads() {
        int failed = 0;
        int ended = 0;
        for (Upload upload : repository.claimExpired(BATCH)) {
            try {
                Uploads.discard(repository, storages, upload, "the upload was not completed");
                ended++;
            } catch (DocumentException e) {
                failed++;
                log.warn("upload {} could not be cleared", upload.id(), e);
            }
        }
        return new Swept(ended, 0, failed);
    }

    private Swept sweepContents() {
        int failed = 0;
        List<StorageUrl> deleted = new ArrayList<>();
        for (StorageUrl url : repository.doomed(purgeGrace, BATCH)) {
            try {
                storages.delete(url);
                deleted.add(url);
            } catch (DocumentException e) {
                failed++;
                log.warn("{} could not be deleted", url, e);
            }
        }
        if (!deleted.isEmpty()) {
            repository.discarded(deleted);
        }
        return new Swept(0, deleted.size(), failed);
    }
}
