package dev.docs.adapter.jdbi;

import dev.docs.conformance.LinkKeyRepositoryContract;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

final class H2LinkKeyRepositoryTest extends LinkKeyRepositoryContract {
    @TempDir
    private static Path folder;

    private static Database database;

    @BeforeAll
    static void openDatabase() {
        database = TestDatabases.H2.open(folder, Durability.POWER_LOSS);
    }

    @AfterAll
    static void closeDatabase() {
        database.close();
    }

    @Override
    protected Opened open() {
        return new Opened(database.documents(), database.linkKeys());
    }
}
