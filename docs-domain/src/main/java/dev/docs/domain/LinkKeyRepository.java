package dev.docs.domain;

import java.util.Optional;
import java.util.UUID;

/**
 * The record of {@linkplain LinkKey keys for links}. Atomicity, durability, threads and failures as for
 * {@link DocumentRepository}. Deleting a user there ends its key here.
 */
public interface LinkKeyRepository {
    /**
     * The key of the proposed one's user: the one on record, or else the proposed one, which is from then on. However many
     * propose one at a time, all get the same. Its user need not have any documents.
     */
    LinkKey keep(LinkKey proposed);

    Optional<LinkKey> find(UUID id);

    /** Removes a user's key. Returns whether there was one. */
    boolean remove(String userId);
}
