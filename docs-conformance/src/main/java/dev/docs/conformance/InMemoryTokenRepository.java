package dev.docs.conformance;

import dev.docs.domain.ApiToken;
import dev.docs.domain.TokenRepository;

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
    public Optional<ApiToken> findBySha256(String sha256) {
        synchronized (database) {
            return database.tokens.values().stream()
                    .filter(token -> token.sha256().equals(sha256))
                    .findFirst();
        }
    }

    @Override
    public List<ApiToken> list() {
        synchronized (database) {
            return database.tokens.values().stream()
                    .sorted(Comparator.comparing(ApiToken::createdAt)
                            .thenComparing(token -> token.id().toString()))
                    .toList();
        }
    }

    @Override
    public boolean revoke(UUID id) {
        synchronized (database) {
            return database.tokens.remove(id) != null;
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
