package dev.docs.application;

import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentListener;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tells the host's listeners, once a change is durable and no lock is held for it any more. */
final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final List<DocumentListener> listeners;

    Listeners(List<DocumentListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Tells of a change of one document; nothing if there is no difference.
     *
     * @param caller null for what nobody asked for
     * @param before null for a new document
     * @param after null for a purged one
     */
    void tell(@Nullable Caller caller, @Nullable DocumentData before, @Nullable DocumentData after) {
        if (before == null || !before.equals(after)) {
            tell(DocumentEvent.of(caller, before, after));
        }
    }

    void tellDropped(@Nullable Caller caller, DocumentData document, DocumentVersion dropped) {
        tell(DocumentEvent.versionDropped(caller, document, dropped));
    }

    void tellUserDeleted(Caller caller, String userId) {
        tell(DocumentEvent.userDeleted(caller, userId));
    }

    /** Makes a step of which the repository does not say whether a pending document has failed by it. */
    void watchFailing(DocumentRepository repository, UUID id, Runnable step) {
        if (listeners.isEmpty()) {
            step.run();
            return;
        }
        Optional<DocumentData> before =
                repository.find(id).filter(document -> document.status() == DocumentStatus.PENDING);
        step.run();
        before.ifPresent(pending -> now(repository, id)
                .filter(document -> document.status() == DocumentStatus.ERROR)
                .ifPresent(failed -> tell(null, pending, failed)));
    }

    /** Empty also if it can't be read now: the step was made, and telling of it is no part of it. */
    private static Optional<DocumentData> now(DocumentRepository repository, UUID id) {
        try {
            return repository.find(id);
        } catch (DocumentException e) {
            log.warn("document {} can't be read, so nobody is told what happened to it", id, e);
            return Optional.empty();
        }
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    // whatever a listener throws, the change was made
    private void tell(DocumentEvent event) {
        for (DocumentListener listener : listeners) {
            try {
                listener.happened(event);
            } catch (Throwable e) {
                log.error("a listener failed, which changes nothing: {} of user {}", event.kind(), event.userId(), e);
            }
        }
    }
}
