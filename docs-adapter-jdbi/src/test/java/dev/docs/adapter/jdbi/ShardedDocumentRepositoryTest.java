package dev.docs.adapter.jdbi;

import dev.docs.conformance.DocumentRepositoryContract;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** With usage counted in several rows. */
final class ShardedDocumentRepositoryTest extends DocumentRepositoryContract {
    @TempDir
    private static Path folder;

    private static Database database;

    @BeforeAll
    static void openDatabase() {
        database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS);
    }

    @AfterAll
    static void closeDatabase() {
        database.close();
    }

    @Override
    protected DocumentRepository open() {
        return database.documents(4);
    }
}
