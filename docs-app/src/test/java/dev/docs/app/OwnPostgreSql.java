package dev.docs.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** One PostgreSQL for all tests, which ends with the JVM, and in it a database for each test. */
final class OwnPostgreSql {
    private static final EmbeddedPostgres POSTGRES = start();
    private static final Map<Path, String> DATABASES = new HashMap<>();

    private OwnPostgreSql() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param data the test's own folder */
    static synchronized Map<String, String> flags(Path data) {
        String name = DATABASES.computeIfAbsent(data, OwnPostgreSql::create);
        return Map.of(
                "--database-url",
                "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/" + name,
                "--database-user",
                "postgres");
    }

    private static String create(Path data) {
        String name = "docs" + DATABASES.size();
        try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
            return name;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
