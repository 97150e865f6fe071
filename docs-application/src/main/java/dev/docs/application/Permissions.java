package dev.docs.application;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentAccessException;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentValidationException;

import java.util.function.Consumer;

/** Whether a caller may: the one place that asks the host's {@link AccessPolicy}, and that words its refusals. */
record Permissions(AccessPolicy policy) {
    /** What every change of a stored document has to pass, for every revision that it would replace. */
    Consumer<DocumentData> admission(Caller caller, Action action, Precondition precondition) {
        return current -> {
            require(caller, action, current);
            if (!precondition.holds(current)) {
                throw new DocumentConflictException(current.id());
            }
        };
    }

    /** The same for new content after which older versions may go. */
    Consumer<DocumentData> admission(Caller caller, Precondition precondition, int keepVersions) {
        if (keepVersions < 1) {
            throw new DocumentValidationException("keep_versions", "must be at least 1", 1L);
        }
        Consumer<DocumentData> write = admission(caller, Action.WRITE, precondition);
        return keepVersions == Retention.ALL_VERSIONS
                ? write
                : write.andThen(current -> require(caller, Action.PURGE, current));
    }

    DocumentData require(Caller caller, Action action, DocumentData document) {
        if (policy.permits(caller, action, document.userId(), document)) {
            return document;
        }
        if (policy.permits(caller, Action.READ, document.userId(), document)) {
            throw new DocumentAccessException("this document may be read, but not changed, by this caller");
        }
        throw new DocumentNotFoundException();
    }

    /** For policies that go by a document's metadata: nobody puts a document where they may not. */
    void requireResult(Caller caller, DocumentData document) {
        if (!policy.permits(caller, Action.WRITE, document.userId(), document)) {
            throw new DocumentAccessException("this caller may not make such a document");
        }
    }

    void requireOwner(Caller caller, Action action, String userId) {
        if (!policy.permits(caller, action, userId, null)) {
            throw new DocumentAccessException(
                    action == Action.ADMINISTER
                            ? "only administrators may do this"
                            : "only administrators may act for another user");
        }
    }

    boolean mayAdminister(Caller caller, String userId) {
        return policy.permits(caller, Action.ADMINISTER, userId, null);
    }

    boolean mayRead(Caller caller, DocumentData document) {
        return policy.permits(caller, Action.READ, document.userId(), document);
    }
}
