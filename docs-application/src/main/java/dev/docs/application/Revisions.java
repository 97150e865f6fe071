package dev.docs.application;

import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** Optimistic changes: read a revision, replace it, and begin again if somebody else was quicker. */
record Revisions(DocumentRepository repository) {
    /**
     * Every lost round is somebody else's progress, so this ends.
     *
     * @param admit decides for each revision read whether the caller may change it; throws if not
     * @param change makes the change with one call of the repository
     */
    <T> T change(UUID id, Consumer<DocumentData> admit, Function<DocumentData, T> change) {
        while (true) {
            DocumentData current = repository.find(id).orElseThrow(DocumentNotFoundException::new);
            admit.accept(current);
            try {
                return change.apply(current);
            } catch (DocumentConflictException e) {
                Thread.onSpinWait();
            }
        }
    }
}
