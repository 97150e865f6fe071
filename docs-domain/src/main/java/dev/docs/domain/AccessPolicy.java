package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * The host's rule for who may do what. Every use case asks it, in one place, before anything is done or shown. It is
 * called often, by many threads, and must neither block nor call back.
 *
 * <p>It may decide by anything a document has, such as a folder that its metadata names. So {@code WRITE} is asked of the
 * document as it is and, where its metadata change, also as it would be: both the folder that it leaves and the one that
 * it comes to may have a say. For a new document it is asked of the owner as a whole, and then of the document.
 *
 * <p>Lists, counts and usage are an owner's as a whole: they are shown in full to whoever may {@code READ} without a
 * document, and to nobody else. A host that shares single documents answers no there, and asks for its own lists of
 * them, narrowed by a condition of its own, as a caller who may.
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
     * @param document the document acted on, or that would come of it; null for the owner as a whole
     */
    boolean permits(Caller caller, Action action, String userId, @Nullable DocumentData document);

    /** Owners do with their documents as they like; administrators do everything; nobody else does anything. */
    static AccessPolicy ownerOrAdministrator() {
        return (caller, action, userId, document) ->
                caller.administrator() || (caller.userId().equals(userId) && action != Action.ADMINISTER);
    }
}
