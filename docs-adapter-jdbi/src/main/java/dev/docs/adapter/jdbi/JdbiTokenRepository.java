package dev.docs.adapter.jdbi;

import dev.docs.domain.ApiToken;
import dev.docs.domain.TokenRepository;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tokens as rows; the schema ends them with their user. */
final class JdbiTokenRepository implements TokenRepository {
    private final Database database;

    JdbiTokenRepository(Database database) {
        this.database = database;
    }

    @Override
    public void create(ApiToken token) {
        database.write(handle -> {
            Statements statements = handle.attach(Statements.class);
            statements.insertUser(token.userId());
            statements.insertUsage(token.userId(), 0);
            statements.insertToken(token);
            return token;
        });
    }

    @Override
    public Optional<ApiToken> findBySha256(String sha256) {
        return database.read(handle -> handle.attach(Statements.class).token(sha256));
    }

    @Override
    public List<ApiToken> list() {
        return database.read(handle -> handle.attach(Statements.class).tokens());
    }

    @Override
    public boolean revoke(UUID id) {
        return database.free(handle -> handle.attach(Statements.class).deleteToken(id)) > 0;
    }

    @Override
    public void used(UUID id, Instant when) {
        database.write(handle -> {
            handle.attach(Statements.class).tokenUsed(id, when);
            return id;
        });
    }
}
