package dev.docs.conformance;

import dev.docs.domain.DocumentRepository;

final class InMemoryDocumentRepositoryTest extends DocumentRepositoryContract {
    @Override
    protected DocumentRepository open() {
        return new InMemoryDocumentRepository();
    }
}
