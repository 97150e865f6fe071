package dev.docs.app.model;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** What the product stands on, and the time, which passes when it is told to. */
abstract class Setup implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00Z");

    /** Opens an empty one. */
    interface Opener {
        Setup open();
    }

    /** A clock that stands still until it is moved. */
    private static final class ModelClock extends Clock {
        private Instant now = BEGIN;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("histories have one zone");
        }
    }

    private final ModelClock clock = new ModelClock();

    final Clock clock() {
        return clock;
    }

    void pass(Duration time) {
        clock.now = clock.now.plus(time);
    }

    abstract DocumentRepository repository();

    abstract StorageBackend storage();

    @Override
    public void close() {}

    static Setup inMemory() {
        return new Setup() {
            private final DocumentRepository repository = new InMemoryDocumentRepository(clock());
            private final StorageBackend storage = new InMemoryStorage();

            @Override
            DocumentRepository repository() {
                return repository;
            }

            @Override
            StorageBackend storage() {
                return storage;
            }
        };
    }

    static Setup h2(Path folder) {
        Path own = newFolder(folder);
        String url = "jdbc:h2:file:" + own.resolve("rows");
        return new OnDatabase(
                Database.open(url, "docs", "", 4, Durability.PROCESS),
                FileSystemStorage.open(own.resolve("files"), Durability.PROCESS),
                url
                        + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE;OPTIMIZE_REUSE_RESULTS=FALSE",
                "docs",
                "DATEADD(MILLISECOND, -%2$d, %1$s)");
    }

    static Setup postgreSql(EmbeddedPostgres server, Path folder) {
        Path own = newFolder(folder);
        String name = own.getFileName().toString().replaceAll("[^0-9]", "");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE docs" + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        String url = "jdbc:postgresql://localhost:" + server.getPort() + "/docs" + name;
        return new OnDatabase(
                Database.open(url, "postgres", "", 4, Durability.PROCESS),
                FileSystemStorage.open(own.resolve("files"), Durability.PROCESS),
                url,
                "postgres",
                "%s - %d * INTERVAL '1 millisecond'");
    }

    private static Path newFolder(Path parent) {
        try {
            return Files.createTempDirectory(parent, "setup");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A database's clock can't be moved; but whatever it has written down can be made older. */
    private static final class OnDatabase extends Setup {
        private final Database database;
        private final DocumentRepository repository;
        private final StorageBackend storage;
        private final Connection connection;
        private final String earlier;

        OnDatabase(Database database, StorageBackend storage, String url, String user, String earlier) {
            this.database = database;
            this.repository = database.documents();
            this.storage = storage;
            this.earlier = earlier;
            try {
                connection = DriverManager.getConnection(url, user, "");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        DocumentRepository repository() {
            return repository;
        }

        @Override
        StorageBackend storage() {
            return storage;
        }

        @Override
        void pass(Duration time) {
            super.pass(time);
            if (time.toSeconds() == 0) {
                return;
            }
            try (Statement statement = connection.createStatement()) {
                long millis = time.toMillis();
                statement.execute("UPDATE uploads SET lease_until = " + earlier.formatted("lease_until", millis));
                statement.execute("UPDATE doomed_content SET doomed_at = " + earlier.formatted("doomed_at", millis));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } finally {
                database.close();
            }
        }
    }
}
