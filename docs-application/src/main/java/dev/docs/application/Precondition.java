package dev.docs.application;

import dev.docs.domain.DocumentData;

/**
 * What must hold of the stored document for a change to be made; else it fails with a
 * {@link dev.docs.domain.DocumentConflictException}. Checked against the very revision that the change replaces.
 */
@FunctionalInterface
public interface Precondition {
    /** The change is made whatever the document looks like now. */
    Precondition NONE = current -> true;

    boolean holds(DocumentData current);

    /** The document is at this revision. */
    static Precondition revision(long revision) {
        return current -> current.revision() == revision;
    }
}
