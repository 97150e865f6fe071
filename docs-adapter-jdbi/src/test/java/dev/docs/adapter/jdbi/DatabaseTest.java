package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

final class DatabaseTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:mem:x",
                "jdbc:h2:tcp://localhost/x",
                "jdbc:h2:./x",
                "jdbc:mysql://localhost/x",
                "jdbc:h2:file:/x;INIT=RUNSCRIPT FROM 'x'",
                "jdbc:h2:file:/x;auto_server=true",
                "jdbc:postgresql://localhost/x?socketFactory=evil.Class",
                ""
            })
    void a_url_that_could_run_code_or_lose_data_is_refused(String url) {
        assertThatThrownBy(() -> Database.open(url, "docs", "", 2, Durability.POWER_LOSS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_h2_file_opened_again_has_everything_and_has_one_owner() {
        Path file = folder.resolve("docs");
        try (Database first = Database.h2(file, Durability.POWER_LOSS)) {
            first.documents().setQuota("anna", 5L);
            assertThatThrownBy(() -> Database.h2(file, Durability.POWER_LOSS))
                    .isInstanceOfSatisfying(
                            DocumentStorageException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                    .hasMessageContaining("one owner");
        }
        try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
            assertThat(again.documents().quota("anna")).contains(5L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 10})
    void what_a_first_opening_that_died_has_made_is_no_obstacle_to_the_next(int unmade) throws Exception {
        Path file = folder.resolve("docs");
        Database.h2(file, Durability.POWER_LOSS).close();
        List<String> lastFirst = List.of(
                "api_tokens",
                "inline_content",
                "doomed_content",
                "uploads",
                "owner_usage",
                "document_metadata",
                "document_versions",
                "documents",
                "stores",
                "users");
        String url = "jdbc:h2:file:" + file + ";DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE";
        try (Connection connection = DriverManager.getConnection(url, "docs", "");
                Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM \"docs_schema_history\"");
            for (String table : lastFirst.subList(0, unmade)) {
                statement.execute("DROP TABLE " + table);
            }
        }
        try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
            again.documents().setQuota("anna", 5L);
            assertThat(again.documents().quota("anna")).contains(5L);
            assertThat(again.tokens().list()).isEmpty();
        }
    }

    @Test
    void a_database_that_is_away_is_unavailable() {
        assertThatThrownBy(() -> Database.postgresql("jdbc:postgresql://127.0.0.1:1/none", "docs", ""))
                .isInstanceOfSatisfying(
                        DocumentStorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }

    @Test
    void a_database_that_comes_back_is_used_again_without_reopening() throws Exception {
        Path data = folder.resolve("pg");
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
        int port = server.getPort();
        try (Database database = Database.postgresql(server.getJdbcUrl("postgres", "postgres"), "postgres", "")) {
            database.documents().setQuota("anna", 5L);
            server.close();

            assertThatThrownBy(() -> database.documents().setQuota("anna", 6L))
                    .isInstanceOfSatisfying(
                            DocumentException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
            assertThatThrownBy(() -> database.documents().check()).isInstanceOf(DocumentStorageException.class);

            server = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .start();
            Awaitility.await().ignoreException(DocumentStorageException.class).until(() -> {
                database.documents().check();
                return true;
            });
            assertThat(database.documents().quota("anna")).contains(5L);
        } finally {
            server.close();
        }
    }

    @Test
    void a_connection_that_breaks_while_committing_leaves_the_outcome_unknown() {
        try (Database database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS)) {
            database.write(handle -> handle.execute("CREATE TABLE fragile (id INT)"));
            database.write(handle -> handle.execute("CREATE FUNCTION die() RETURNS trigger AS $$ BEGIN"
                    + " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$ LANGUAGE plpgsql"));
            database.write(handle -> handle.execute("CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON fragile"
                    + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"));

            assertThatThrownBy(() -> database.write(handle -> handle.execute("INSERT INTO fragile VALUES (1)")))
                    .isInstanceOfSatisfying(
                            DocumentStorageException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
        }
    }

    @Test
    void two_that_wait_for_each_other_both_get_through() throws Exception {
        try (Database database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS)) {
            database.write(handle -> handle.execute("CREATE TABLE pair (id INT PRIMARY KEY, n INT)"));
            database.write(handle -> handle.execute("INSERT INTO pair VALUES (1, 0), (2, 0)"));
            CyclicBarrier both = new CyclicBarrier(2);
            AtomicInteger attempts = new AtomicInteger();
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<Integer>> done = List.of(
                        threads.submit(() -> crosswise(database, 1, 2, both, attempts)),
                        threads.submit(() -> crosswise(database, 2, 1, both, attempts)));
                for (Future<Integer> one : done) {
                    one.get();
                }
            } finally {
                threads.shutdown();
            }
            assertThat(attempts.get()).isGreaterThan(2);
            int sum = database.read(handle -> handle.createQuery("SELECT SUM(n) FROM pair")
                    .mapTo(Integer.class)
                    .one());
            assertThat(sum).isEqualTo(4);
        }
    }

    private static int crosswise(Database database, int first, int second, CyclicBarrier both, AtomicInteger attempts) {
        AtomicInteger mine = new AtomicInteger();
        return database.write(handle -> {
            attempts.incrementAndGet();
            handle.execute("UPDATE pair SET n = n + 1 WHERE id = ?", first);
            if (mine.incrementAndGet() == 1) {
                meet(both);
            }
            return handle.execute("UPDATE pair SET n = n + 1 WHERE id = ?", second);
        });
    }

    private static void meet(CyclicBarrier both) {
        try {
            both.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_schema_refuses_rows_that_contradict_themselves(TestDatabases kind) {
        try (Database database = kind.open(folder, Durability.PROCESS)) {
            database.documents().setQuota("anna", 5L);
            String columns = "INSERT INTO documents (id, owner_id, name, name_key, status, status_reason, store,"
                    + " storage_key, size_bytes, sha256, version, revision, metadata, mime_type, created_at, updated_at)"
                    + " VALUES ('0192f000-0000-7000-8000-00000000000%d', %s, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)";
            List<String> wrong = List.of(
                    "'nobody', 'n', 'n', 'pending', NULL, NULL, NULL, 0, NULL, 0, 1, '{}', NULL",
                    "'anna', 'n', 'n', 'gone', NULL, NULL, NULL, 0, NULL, 0, 1, '{}', NULL",
                    "'anna', 'n', 'n', 'active', NULL, NULL, NULL, 0, NULL, 0, 1, '{}', NULL",
                    "'anna', 'n', 'n', 'error', NULL, NULL, NULL, 0, NULL, 0, 1, '{}', NULL",
                    "'anna', 'n', 'n', 'pending', NULL, NULL, NULL, 7, NULL, 0, 1, '{}', NULL",
                    "'anna', 'n', 'n', 'active', NULL, 'main', 'k', -1, 'x', 1, 1, '{}', 'a/b'",
                    "'anna', 'n', 'n', 'active', NULL, 'main', NULL, 1, 'x', 1, 1, '{}', 'a/b'",
                    "'anna', 'n', 'n', 'pending', NULL, NULL, NULL, 0, NULL, 0, 0, '{}', NULL");
            for (String values : wrong) {
                assertThatThrownBy(() -> database.write(handle -> handle.execute(columns.formatted(1, values))))
                        .as(values)
                        .isInstanceOf(DocumentStorageException.class);
            }
            String right = "'anna', 'n', 'n', 'pending', NULL, NULL, NULL, 0, NULL, 0, 1, '{}', NULL";
            assertThat((int) database.write(handle -> handle.execute(columns.formatted(2, right))))
                    .isEqualTo(1);
            assertThatThrownBy(() ->
                            database.write(handle -> handle.execute("UPDATE owner_usage SET reserved_bytes = -1")))
                    .isInstanceOf(DocumentStorageException.class);
        }
    }
}
