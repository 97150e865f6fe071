package dev.docs.application;

import dev.docs.domain.DocumentUploadException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who is at an upload in parts, within this process. A client that has lost its connection comes back before the server has
 * noticed, so whoever comes later goes ahead: the one before is asked to give way. But not in its first second, or many who
 * come at once would keep each other from getting anywhere.
 */
final class Turns {
    private static final long UNDISTURBED_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Map<UUID, Turn> current = new HashMap<>();

    /**
     * Waits for the turn.
     *
     * @param giveWay called by another thread, at most once, when somebody else comes
     * @throws DocumentUploadException {@code UPLOAD_BUSY} if the one before does not give way
     */
    Turn take(UUID uploadId, Runnable giveWay) {
        long began = System.nanoTime();
        Turn turn = new Turn(uploadId, giveWay);
        lock.lock();
        try {
            while (current.containsKey(uploadId)) {
                Turn before = current.get(uploadId);
                long now = System.nanoTime();
                long undisturbed = UNDISTURBED_NANOS - (now - before.beganNanos);
                if (now - began > PATIENCE_NANOS) {
                    throw DocumentUploadException.busy();
                }
                if (undisturbed <= 0) {
                    before.ask();
                }
                ended.await(undisturbed > 0 ? undisturbed : PATIENCE_NANOS / 10, TimeUnit.NANOSECONDS);
            }
            turn.beganNanos = System.nanoTime();
            current.put(uploadId, turn);
            return turn;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DocumentUploadException.busy();
        } finally {
            lock.unlock();
        }
    }

    /** Asks whoever is at the upload to give way, and does not wait. */
    void interrupt(UUID uploadId) {
        lock.lock();
        try {
            Turn turn = current.get(uploadId);
            if (turn != null) {
                turn.ask();
            }
        } finally {
            lock.unlock();
        }
    }

    /** One caller's. Everything in it is guarded by the lock. */
    final class Turn implements AutoCloseable {
        private final UUID uploadId;
        private final Runnable giveWay;
        private long beganNanos;
        private boolean keeps;

        private Turn(UUID uploadId, Runnable giveWay) {
            this.uploadId = uploadId;
            this.giveWay = giveWay;
        }

        /** From now on it gives way to nobody: nothing is waited for that may never come. */
        void keep() {
            lock.lock();
            try {
                keeps = true;
            } finally {
                lock.unlock();
            }
        }

        private void ask() {
            if (!keeps) {
                keeps = true;
                giveWay.run();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                current.remove(uploadId);
                ended.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
