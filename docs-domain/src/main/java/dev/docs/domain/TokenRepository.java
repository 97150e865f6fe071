package dev.docs.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The record of {@linkplain ApiToken API tokens}. Atomicity, durability, threads and failures as for
 * {@link DocumentRepository}. Deleting a user there ends its tokens here.
 */
public interface TokenRepository {
    /** Stores a new token. Its user need not have any documents. */
    void create(ApiToken token);

    /** The token with this digest, expired or not. */
    Optional<ApiToken> findBySha256(String sha256);

    /** All tokens, oldest first. */
    List<ApiToken> list();

    /** Removes a token. Returns whether there was one. */
    boolean revoke(UUID id);

    /** Notes that a token was used. Does nothing if it is gone. */
    void used(UUID id, Instant when);
}
