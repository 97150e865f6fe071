package dev.docs.domain;

import java.time.Duration;
import java.util.List;

/**
 * What a {@link StorageBackend} may also be: a store whose unfinished content can be seen. Only for what no row names any
 * more, after a database was restored for example; everything else goes by {@link StorageBackend#delete}.
 */
public interface DraftStore {
    /**
     * Unfinished content that has not been written to for so long.
     *
     * @param store name for the URLs
     */
    List<StorageUrl> drafts(String store, Duration silentFor, int max);

    /** Removes unfinished content; leaves finished content at the same URL alone. */
    void deleteDraft(StorageUrl url);
}
