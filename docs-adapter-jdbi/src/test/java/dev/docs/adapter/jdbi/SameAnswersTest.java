package dev.docs.adapter.jdbi;

import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.RandomHistories;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

final class SameAnswersTest {
    @TempDir
    private Path folder;

    @Test
    void the_same_history_gives_the_same_answers_in_memory_on_h2_and_on_postgresql() {
        try (Database h2 = TestDatabases.H2.open(folder, Durability.PROCESS);
                Database postgresql = TestDatabases.POSTGRESQL.open(folder, Durability.PROCESS);
                Database sharded = TestDatabases.POSTGRESQL.open(folder, Durability.PROCESS)) {
            for (long seed = 0; seed < 20; seed++) {
                RandomHistories.compare(
                        seed,
                        200,
                        new InMemoryDocumentRepository(),
                        h2.documents(),
                        postgresql.documents(),
                        sharded.documents(3));
            }
        }
    }
}
