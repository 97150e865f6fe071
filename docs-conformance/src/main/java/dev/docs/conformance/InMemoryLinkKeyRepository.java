package dev.docs.conformance;

import dev.docs.domain.LinkKey;
import dev.docs.domain.LinkKeyRepository;

import java.util.Optional;
import java.util.UUID;

/** Keys for links on the heap, for tests; they are part of an {@link InMemoryDocumentRepository}, as if of its database. */
public final class InMemoryLinkKeyRepository implements LinkKeyRepository {
    private final InMemoryDocumentRepository database;

    public InMemoryLinkKeyRepository(InMemoryDocumentRepository database) {
        this.database = database;
    }

    @Override
    public LinkKey keep(LinkKey proposed) {
        synchronized (database) {
            return database.linkKeys.computeIfAbsent(proposed.userId(), user -> proposed);
        }
    }

    @Override
    public Optional<LinkKey> find(UUID id) {
        synchronized (database) {
            return database.linkKeys.values().stream()
                    .filter(key -> key.id().equals(id))
                    .findFirst();
        }
    }

    @Override
    public boolean remove(String userId) {
        synchronized (database) {
            return database.linkKeys.remove(userId) != null;
        }
    }
}
