package dev.docs.application;

import dev.docs.domain.DocumentStorageException;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps uploads from using up a disk to its end, where whatever else is on it would fail with them: the database perhaps,
 * and with it what gives space back. What the uploads under way in this process still have to write counts as used.
 */
final class Floor {
    private final Storages storages;
    private final long minFreeBytes;
    private final AtomicLong toBeWritten = new AtomicLong();
    private final AtomicInteger claims = new AtomicInteger();

    /** @param minFreeBytes 0 for none */
    Floor(Storages storages, long minFreeBytes) {
        this.storages = storages;
        this.minFreeBytes = minFreeBytes;
    }

    /** @throws DocumentStorageException {@code STORAGE_FULL} if an upload of that size would not be let in now */
    void require(long bytes) {
        require(bytes, toBeWritten.get());
    }

    /** @throws DocumentStorageException {@code STORAGE_FULL} naming the store, if nothing is let in now */
    void check() {
        try {
            require(0, 0);
        } catch (DocumentStorageException e) {
            throw DocumentStorageException.full("storage '" + storages.primary() + "': " + e.getMessage(), e);
        }
    }

    /**
     * Lets an upload in. Closed when nothing is to be written any more.
     *
     * @param bytes announced, or 0
     * @throws DocumentStorageException {@code STORAGE_FULL}
     */
    Claim claim(long bytes) {
        Claim claim = new Claim();
        claim.extend(bytes);
        claims.incrementAndGet();
        return claim;
    }

    /** How many uploads are let in now. */
    int claims() {
        return claims.get();
    }

    private void require(long bytes, long others) {
        OptionalLong usable = minFreeBytes == 0 ? OptionalLong.empty() : storages.usableBytes();
        if (usable.isPresent() && usable.getAsLong() - minFreeBytes - others < bytes) {
            throw DocumentStorageException.full("the storage has too little space left", null);
        }
    }

    /** Space for one upload. For use by one thread. */
    final class Claim implements AutoCloseable {
        private long left;

        /** @throws DocumentStorageException {@code STORAGE_FULL}, and the claim is as it was */
        void extend(long bytes) {
            long others = toBeWritten.getAndAdd(bytes);
            try {
                require(bytes, others);
                left += bytes;
            } catch (RuntimeException e) {
                toBeWritten.addAndGet(-bytes);
                throw e;
            }
        }

        /** That much is not to be written any more. */
        void written(long bytes) {
            long claimed = Math.min(left, bytes);
            left -= claimed;
            toBeWritten.addAndGet(-claimed);
        }

        @Override
        public void close() {
            written(left);
            claims.decrementAndGet();
        }
    }
}
