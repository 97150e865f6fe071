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
                database.read(handle -> Attached.statements(handle).linkKeyOf(proposed.userId()));
        return kept.orElseGet(() -> database.write(handle -> {
            Statements statements = Attached.statements(handle);
            statements.insertUser(proposed.userId());
            statements.insertUsage(proposed.userId(), 0);
            statements.insertLinkKey(proposed);
            return statements.linkKeyOf(proposed.userId()).orElseThrow();
        }));
    }

    @Override
    public Optional<LinkKey> find(UUID id) {
        return database.read(handle -> Attached.statements(handle).linkKey(id));
    }

    @Override
    public boolean remove(String userId) {
        return database.free(handle -> Attached.statements(handle).deleteLinkKey(userId)) > 0;
    }
}
