package dev.docs.adapter.jdbi;

import dev.docs.conformance.StorageBackendContract;
import dev.docs.domain.Durability;
import dev.docs.domain.StorageBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

final class PostgreSqlInlineStorageTest extends StorageBackendContract {
    @TempDir
    private Path folder;

    private @Nullable Database database;

    @Override
    protected StorageBackend open() {
        database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS);
        return database.documents().inlineStore();
    }

    @AfterEach
    void closeDatabase() {
        if (database != null) {
            database.close();
        }
    }
}
