package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * The host's rule for who may do what. Every use case asks it, in one place, before anything is done or shown. It is
 * called often, by many threads, and must neither block nor call back.
 */
@FunctionalInterface
public interface AccessPolicy {
    enum Action {
        /** See a document, its versions, its bytes; list an owner's documents; see an owner's usage. */
        READ,
        /** Create a document for an owner, or change one. */
        WRITE,
        /** Remove a document for good. */
        PURGE,
        /** Set a user's quota, or delete a user with everything it owns. */
        ADMINISTER
    }

    /**
     * @param userId the owner of what is acted on
     * @param document the document acted on, or null for the owner as a whole
     */
    boolean permits(Caller caller, Action action, String userId, @Nullable DocumentData document);

    /** Owners do with their documents as they like; administrators do everything; nobody else does anything. */
    static AccessPolicy ownerOrAdministrator() {
        return (caller, action, userId, document) ->
                caller.administrator() || (caller.userId().equals(userId) && action != Action.ADMINISTER);
    }
}
