package dev.docs.adapter.jdbi;

import dev.docs.domain.ApiToken;
import dev.docs.domain.TokenRepository;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tokens as rows; the schema ends them with their user. */
final class JdbiTokenRepository implements TokenRepository {
    private static final String NOTHING_DONE = "nothing_done";
    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private final Database database;

    JdbiTokenRepository(Database database) {
        this.database = database;
    }

    @Override
    public void create(ApiToken token) {
        database.write(handle -> {
            Statements statements = Attached.statements(handle);
            statements.insertUser(token.userId());
            statements.insertUsage(token.userId(), 0);
            statements.insertToken(token);
            return token;
        });
    }

    /** Locks as the deletion of a user does, the user before its tokens; so those who make tokens for one take turns. */
    @Override
    public Made createWith(UUID maker, ApiToken token, int most, Instant now) {
        return database.write(handle -> {
            Statements statements = Attached.statements(handle);
            handle.savepoint(NOTHING_DONE);
            statements.insertUser(token.userId());
            statements.lockUser(token.userId());
            if (statements.lockToken(maker).isEmpty()) {
                // a user that is only now in the making goes as well
                handle.rollbackToSavepoint(NOTHING_DONE);
                return Made.MAKER_GONE;
            }
            if (statements.countTokens(token.userId()) >= most
                    && statements.deleteExpiredTokens(token.userId(), now) == 0) {
                return Made.TOO_MANY;
            }
            statements.insertUsage(token.userId(), 0);
            statements.insertToken(token);
            return Made.STORED;
        });
    }

    @Override
    public Optional<ApiToken> findBySha256(String sha256) {
        return database.read(handle -> Attached.statements(handle).token(sha256));
    }

    @Override
    public List<ApiToken> list(@Nullable String userId, @Nullable UUID after, int limit) {
        UUID from = after == null ? BEFORE_ALL : after;
        return database.read(handle -> {
            Statements statements = Attached.statements(handle);
            return userId == null ? statements.tokens(from, limit) : statements.tokensOf(userId, from, limit);
        });
    }

    @Override
    public boolean revoke(UUID id, @Nullable String userId) {
        return database.free(handle -> {
                    Statements statements = Attached.statements(handle);
                    return userId == null ? statements.deleteToken(id) : statements.deleteTokenOf(id, userId);
                })
                > 0;
    }

    @Override
    public void used(UUID id, Instant when) {
        database.write(handle -> {
            Attached.statements(handle).tokenUsed(id, when);
            return id;
        });
    }
}
