package dev.docs.conformance;

final class InMemoryLinkKeyRepositoryTest extends LinkKeyRepositoryContract {
    @Override
    protected Opened open() {
        InMemoryDocumentRepository database = new InMemoryDocumentRepository();
        return new Opened(database, new InMemoryLinkKeyRepository(database));
    }
}
