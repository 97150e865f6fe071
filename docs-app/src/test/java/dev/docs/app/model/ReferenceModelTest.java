package dev.docs.app.model;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

final class ReferenceModelTest {
    private static final int STEPS = 60;
    private static final long SEED = Long.getLong("docs.model.seed", System.nanoTime());

    @TempDir
    private Path folder;

    @Test
    void in_memory_the_product_does_what_the_model_does() {
        play(Setup::inMemory, 100);
    }

    @Test
    void on_h2_and_files_the_product_does_what_the_model_does() {
        play(() -> Setup.h2(folder), 30);
    }

    @Test
    void on_postgresql_and_files_the_product_does_what_the_model_does() throws IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            play(() -> Setup.postgreSql(server, folder), 30);
        }
    }

    private static void play(Setup.Opener opener, int usually) {
        int count = Integer.getInteger("docs.model.histories", usually);
        try (Histories histories = new Histories(opener)) {
            for (int i = 0; i < count; i++) {
                histories.play(SEED + i, STEPS);
            }
        }
    }
}
