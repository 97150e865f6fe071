package dev.docs.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

import java.io.IOException;
import java.util.Map;

class PostgreSqlBulkTest extends BulkAcceptance {
    private @Nullable EmbeddedPostgres postgres;

    @Override
    Map<String, String> database() throws IOException {
        EmbeddedPostgres started = EmbeddedPostgres.start();
        postgres = started;
        return Map.of(
                "--database-url",
                "jdbc:postgresql://localhost:" + started.getPort() + "/postgres",
                "--database-user",
                "postgres");
    }

    @AfterAll
    void stopPostgres() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }
}
