package dev.docs.adapter.jdbi;

import dev.docs.domain.LinkKey;
import dev.docs.domain.LinkKeyRepository;

import java.util.Optional;
import java.util.UUID;

/** Keys for links as rows; the schema ends them with their user. */
final class JdbiLinkKeyRepository implements LinkKeyRepository {
    private final Database database;

    JdbiLinkKeyRepository(Database database) {
        this.database = database;
    }

    @Override
    public LinkKey keep(LinkKey proposed) {
        Optional<LinkKey> kept =
                database.read(handle -> handle.attach(Statements.class).linkKeyOf(proposed.userId()));
        return kept.orElseGet(() -> database.write(handle -> {
            Statements statements = handle.attach(Statements.class);
            statements.insertUser(proposed.userId());
            statements.insertUsage(proposed.userId(), 0);
            statements.insertLinkKey(proposed);
            return statements.linkKeyOf(proposed.userId()).orElseThrow();
        }));
    }

    @Override
    public Optional<LinkKey> find(UUID id) {
        return database.read(handle -> handle.attach(Statements.class).linkKey(id));
    }

    @Override
    public boolean remove(String userId) {
        return database.free(handle -> handle.attach(Statements.class).deleteLinkKey(userId)) > 0;
    }
}
