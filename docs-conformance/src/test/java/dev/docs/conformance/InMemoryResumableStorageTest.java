package dev.docs.conformance;

import dev.docs.domain.StorageBackend;

final class InMemoryResumableStorageTest extends ResumableStorageContract {
    @Override
    protected StorageBackend open() {
        return new InMemoryStorage();
    }
}
