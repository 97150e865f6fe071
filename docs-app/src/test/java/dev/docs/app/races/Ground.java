package dev.docs.app.races;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Durability;
import dev.docs.domain.StorageBackend;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the servers of a race stand on. */
enum Ground {
    IN_MEMORY {
        @Override
        Supplier<DocumentRepository> rows(Path folder, Consumer<Database> opened) {
            DocumentRepository rows = new InMemoryDocumentRepository();
            return () -> rows;
        }

        @Override
        Supplier<StorageBackend> store(Path folder) {
            StorageBackend store = new InMemoryStorage();
            return () -> store;
        }
    },
    H2 {
        @Override
        Supplier<DocumentRepository> rows(Path folder, Consumer<Database> opened) {
            Database database = Database.h2(folder.resolve("docs"), Durability.POWER_LOSS);
            opened.accept(database);
            return database::documents;
        }
    },
    /** Here each server has a pool of connections of its own. */
    POSTGRESQL {
        @Override
        Supplier<DocumentRepository> rows(Path folder, Consumer<Database> opened) {
            String url = Postgres.newDatabase();
            return () -> {
                Database database = Database.postgresql(url, "postgres", "");
                opened.accept(database);
                return database.documents();
            };
        }
    };

    /** An empty repository, as each server in turn sees it. */
    abstract Supplier<DocumentRepository> rows(Path folder, Consumer<Database> opened);

    /** An empty store, as each server in turn sees it. */
    Supplier<StorageBackend> store(Path folder) {
        return () -> FileSystemStorage.open(folder.resolve("files"));
    }

    /** One PostgreSQL for all tests; it ends with the JVM. */
    private static final class Postgres {
        private static final AtomicInteger COUNT = new AtomicInteger();
        private static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                // as durable as one in production: what waits for a disk waits here too
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static String newDatabase() {
            String name = "race" + COUNT.incrementAndGet();
            try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/" + name;
        }
    }
}
