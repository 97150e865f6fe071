package dev.docs.domain;

import org.jspecify.annotations.Nullable;

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

    /**
     * Stores a token that was made with another one, unless that has gone meanwhile, or the user has {@code most} tokens
     * and none of them has expired. Those that have make room: all of them go.
     *
     * @param maker the id of the token that it was made with
     * @param now what counts as expired
     */
    Made createWith(UUID maker, ApiToken token, int most, Instant now);

    /** What became of a token that was to be stored. */
    enum Made {
        STORED,
        MAKER_GONE,
        TOO_MANY
    }

    /** The token with this digest, expired or not. */
    Optional<ApiToken> findBySha256(String sha256);

    /**
     * Tokens in the order of their ids, which is the order in which they were made.
     *
     * @param userId whose; null for everybody's
     * @param after only those behind this id; null for the first
     * @param limit at most so many, at least 1
     */
    List<ApiToken> list(@Nullable String userId, @Nullable UUID after, int limit);

    /**
     * Removes a token. Returns whether there was one.
     *
     * @param userId whose it has to be; null for anybody's
     */
    boolean revoke(UUID id, @Nullable String userId);

    /** Notes that a token was used. Does nothing if it is gone. */
    void used(UUID id, Instant when);
}
