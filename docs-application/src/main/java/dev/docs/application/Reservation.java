package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Upload;

import java.time.Duration;

/** What an upload under way has set aside for it: quota, space on the disk, and its time. Taken in growing steps. */
final class Reservation {
    private static final long FIRST_STEP = 1 << 20;
    private static final long LARGEST_STEP = 64 << 20;

    private final DocumentRepository repository;
    private final Limits limits;
    private final Duration lease;
    private final Upload upload;
    private final Floor.Claim space;
    private long reserved;
    private long step = FIRST_STEP;
    private long renewedNanos = System.nanoTime();

    Reservation(DocumentRepository repository, Limits limits, Duration lease, Upload upload, Floor.Claim space) {
        this.repository = repository;
        this.limits = limits;
        this.lease = lease;
        this.upload = upload;
        this.space = space;
        this.reserved = upload.reservedBytes();
    }

    /** Makes room for so many bytes of the upload, of which some more have come. */
    void reach(long count, int more) {
        if (count > reserved) {
            long needed = count - reserved;
            try {
                extend(Math.max(needed, step));
                step = Math.min(2 * step, LARGEST_STEP);
            } catch (DocumentException e) {
                if (e.kind() != Kind.QUOTA_EXCEEDED && e.kind() != Kind.STORAGE_FULL) {
                    throw e;
                }
                // no room for a whole step need not mean no room for these bytes
                extend(needed);
            }
        }
        space.written(more);
    }

    void renewInTime() {
        if (System.nanoTime() - renewedNanos > lease.toNanos() / 3) {
            extend(0);
        }
    }

    private void extend(long moreBytes) {
        space.extend(moreBytes);
        try {
            repository.extend(upload.id(), moreBytes, lease, limits.quota());
        } catch (RuntimeException e) {
            space.written(moreBytes);
            throw e;
        }
        reserved += moreBytes;
        renewedNanos = System.nanoTime();
    }
}
