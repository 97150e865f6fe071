package dev.docs.adapter.jdbi;

import dev.docs.domain.Durability;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** Real databases for tests: an H2 file, and a PostgreSQL that is started with the first test that wants it. */
enum TestDatabases {
    H2 {
        @Override
        Database open(Path folder, Durability durability) {
            return Database.open("jdbc:h2:file:" + folder.resolve("docs"), "docs", "", 16, durability);
        }
    },
    POSTGRESQL {
        @Override
        Database open(Path folder, Durability durability) {
            return Database.open(Server.newDatabase(), "postgres", "", 16, durability);
        }
    };

    /** An empty database. */
    abstract Database open(Path folder, Durability durability);

    static String postgresUrl() {
        return Server.newDatabase();
    }

    /** One server for all tests; it ends with the JVM. */
    private static final class Server {
        private static final AtomicInteger COUNT = new AtomicInteger();
        private static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static String newDatabase() {
            String name = "docs" + COUNT.incrementAndGet();
            String server = "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/";
            try (Connection connection = DriverManager.getConnection(server + "postgres", "postgres", "");
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return server + name;
        }
    }
}
