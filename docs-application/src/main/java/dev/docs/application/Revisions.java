package dev.docs.application;

import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Optimistic changes: read a revision, replace it, and begin again if somebody else was quicker.
 *
 * <p>The writers of one document queue up here, outside the database, where waiting takes no connection. Without a queue a
 * slow one never wins among quick ones, and each change makes all others begin again. The queue is about turns alone: right
 * is what the revision says, so other servers need not know of it, and whoever has waited too long goes ahead.
 */
final class Revisions {
    private static final int QUEUES = 512;
    private static final int PATIENCE_SECONDS = 10;

    private final DocumentRepository repository;

    /** Each for the documents that happen to share it. */
    private final ReentrantLock[] queues =
            Stream.generate(() -> new ReentrantLock(true)).limit(QUEUES).toArray(ReentrantLock[]::new);

    Revisions(DocumentRepository repository) {
        this.repository = repository;
    }

    /**
     * Every lost round is the progress of another server, so this ends.
     *
     * @param admit decides for each revision read whether the caller may change it; throws if not
     * @param change makes the change with one call of the repository
     */
    <T> T change(UUID id, Consumer<DocumentData> admit, Function<DocumentData, T> change) {
        ReentrantLock queue = queues[Math.floorMod(id.hashCode(), QUEUES)];
        boolean queued = enter(queue);
        try {
            while (true) {
                DocumentData current = repository.find(id).orElseThrow(DocumentNotFoundException::new);
                admit.accept(current);
                try {
                    return change.apply(current);
                } catch (DocumentConflictException e) {
                    Thread.onSpinWait();
                }
            }
        } finally {
            if (queued) {
                queue.unlock();
            }
        }
    }

    /** False if the wait was too long: a turn may hang in its connection, or wait for this very thread. */
    private static boolean enter(ReentrantLock queue) {
        try {
            return queue.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
