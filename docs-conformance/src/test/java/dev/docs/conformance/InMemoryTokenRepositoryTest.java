package dev.docs.conformance;

final class InMemoryTokenRepositoryTest extends TokenRepositoryContract {
    @Override
    protected Opened open() {
        InMemoryDocumentRepository database = new InMemoryDocumentRepository();
        return new Opened(database, new InMemoryTokenRepository(database));
    }
}
