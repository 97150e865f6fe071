package dev.docs.domain;

/**
 * What a {@link StorageBackend} may also be: a store that can put content aside that nobody knows, so that an operator can
 * look at it, put it back, or delete it.
 */
public interface Quarantine {
    /** Puts content aside: afterwards the store has none at the URL, and still has the bytes. Nothing if there is none. */
    void quarantine(StorageUrl url);
}
