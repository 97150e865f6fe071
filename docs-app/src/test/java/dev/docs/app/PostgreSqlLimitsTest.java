package dev.docs.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

class PostgreSqlLimitsTest extends LimitsAcceptance {
    private static EmbeddedPostgres postgres;
    private static final Map<Path, String> DATABASES = new HashMap<>();

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    @Override
    Map<String, String> database(Path data) {
        String name = DATABASES.computeIfAbsent(data, PostgreSqlLimitsTest::create);
        return Map.of(
                "--database-url",
                "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + name,
                "--database-user",
                "postgres",
                "--usage-shards",
                "4");
    }

    private static String create(Path data) {
        String name = "docs" + DATABASES.size();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
            return name;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
