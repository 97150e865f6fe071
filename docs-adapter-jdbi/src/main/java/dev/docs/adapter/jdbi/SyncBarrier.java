package dev.docs.adapter.jdbi;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Forces commits to the disk, as many at once as are waiting. The first to come runs the sync; those who come while it
 * runs can't know whether it covers them, and share the next one.
 */
final class SyncBarrier {
    private final Runnable sync;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition synced = lock.newCondition();
    private long arrived;
    private long covered;
    private boolean running;

    SyncBarrier(Runnable sync) {
        this.sync = sync;
    }

    /** Returns once a sync that began after this call has ended well. Rethrows what this thread's own sync throws. */
    void await() {
        lock.lock();
        try {
            long ticket = ++arrived;
            while (covered < ticket) {
                if (running) {
                    synced.awaitUninterruptibly();
                } else {
                    lead();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void lead() {
        long upTo = arrived;
        running = true;
        lock.unlock();
        boolean done = false;
        try {
            sync.run();
            done = true;
        } finally {
            lock.lock();
            running = false;
            if (done) {
                covered = Math.max(covered, upTo);
            }
            synced.signalAll();
        }
    }
}
