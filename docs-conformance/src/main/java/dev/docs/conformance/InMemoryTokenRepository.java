package dev.docs.conformance;

import dev.docs.domain.ApiToken;
import dev.docs.domain.TokenRepository;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tokens on the heap, for tests; they are part of an {@link InMemoryDocumentRepository}, as if of its database. */
public final class InMemoryTokenRepository implements TokenRepository {
    private final InMemoryDocumentRepository database;

    public InMemoryTokenRepository(InMemoryDocumentRepository database) {
        this.database = database;
    }

    @Override
    public void create(ApiToken token) {
        synchronized (database) {
            database.tokens.put(token.id(), token);
        }
    }

    @Override
    public Made createWith(UUID maker, ApiToken token, int most, Instant now) {
        synchronized (database) {
            if (!database.tokens.containsKey(maker)) {
                return Made.MAKER_GONE;
            }
            List<ApiToken> own = list(token.userId(), null, Integer.MAX_VALUE);
            List<ApiToken> expired =
                    own.stream().filter(each -> !each.isValid(now)).toList();
            if (own.size() >= most && expired.isEmpty()) {
                return Made.TOO_MANY;
            }
            if (own.size() >= most) {
                expired.forEach(each -> database.tokens.remove(each.id()));
            }
            database.tokens.put(token.id(), token);
            return Made.STORED;
        }
    }

    @Override
    public Optional<ApiToken> findBySha256(String sha256) {
        synchronized (database) {
            return database.tokens.values().stream()
                    .filter(token -> token.sha256().equals(sha256))
                    .findFirst();
        }
    }

    @Override
    public List<ApiToken> list(@Nullable String userId, @Nullable UUID after, int limit) {
        synchronized (database) {
            return database.tokens.values().stream()
                    .filter(token -> userId == null || token.userId().equals(userId))
                    .filter(token -> after == null || token.id().toString().compareTo(after.toString()) > 0)
                    .sorted(Comparator.comparing(token -> token.id().toString()))
                    .limit(limit)
                    .toList();
        }
    }

    @Override
    public boolean revoke(UUID id, @Nullable String userId) {
        synchronized (database) {
            ApiToken token = database.tokens.get(id);
            boolean there = token != null && (userId == null || token.userId().equals(userId));
            if (there) {
                database.tokens.remove(id);
            }
            return there;
        }
    }

    @Override
    public void used(UUID id, Instant when) {
        synchronized (database) {
            database.tokens.computeIfPresent(
                    id,
                    (same, token) -> new ApiToken(
                            id,
                            token.userId(),
                            token.administrator(),
                            token.prefix(),
                            token.sha256(),
                            token.createdAt(),
                            token.expiresAt(),
                            when));
        }
    }
}
