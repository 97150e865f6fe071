package dev.docs.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

class PostgreSqlTypesTest extends TypesAcceptance {
    private final EmbeddedPostgres postgres = startPostgres();

    @Override
    Map<String, String> database() {
        return Map.of(
                "--database-url",
                "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres",
                "--database-user",
                "postgres");
    }

    @Override
    @AfterAll
    void stop() {
        super.stop();
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
