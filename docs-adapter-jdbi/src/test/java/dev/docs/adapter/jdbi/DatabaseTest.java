package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import java.util.stream.Stream;

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
            first.documents().setQuota("anna", own -> own.withBytes(5L));
            assertThatThrownBy(() -> Database.h2(file, Durability.POWER_LOSS))
                    .isInstanceOfSatisfying(
                            DocumentStorageException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                    .hasMessageContaining("one owner");
        }
        try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
            assertThat(again.documents().quota("anna").bytes()).isEqualTo(5L);
        }
    }

    @Test
    void a_new_h2_file_takes_no_more_space_than_it_needs() throws Exception {
        try (Database database = Database.h2(folder.resolve("docs"), Durability.POWER_LOSS)) {
            database.documents().setQuota("anna", own -> own.withBytes(5L));
            assertThat(Files.size(folder.resolve("docs.mv.db"))).isLessThan(1 << 20);
        }
    }

    @Test
    void a_closed_database_holds_no_file_open() throws Exception {
        Path open = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(open), "this system does not show a process's open files");
        for (int round = 0; round < 10; round++) {
            Path file = folder.resolve("docs" + round);
            try (Database database = Database.h2(file, Durability.POWER_LOSS)) {
                database.documents().setQuota("anna", own -> own.withBytes(5L));
            }
            try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
                assertThat(again.documents().quota("anna").bytes()).isEqualTo(5L);
            }
            try (Stream<Path> files = Files.list(open)) {
                assertThat(files.filter(Files::exists).map(DatabaseTest::target))
                        .noneMatch(target -> target.startsWith(folder.toString()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 11})
    void what_a_first_opening_that_died_has_made_is_no_obstacle_to_the_next(int unmade) throws Exception {
        Path file = folder.resolve("docs");
        Database.h2(file, Durability.POWER_LOSS).close();
        List<String> lastFirst = List.of(
                "link_keys",
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
            // it stays open by itself otherwise
            statement.execute("SHUTDOWN");
        }
        try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
            again.documents().setQuota("anna", own -> own.withBytes(5L));
            assertThat(again.documents().quota("anna").bytes()).isEqualTo(5L);
            assertThat(again.tokens().list(null, null, 1)).isEmpty();
        }
    }

    /** What was forced to the disk can be told from what was merely written only by a power cut, or by the JVM's records. */
    @Test
    void h2_syncs_each_change_before_it_is_acknowledged() throws Exception {
        Path records = folder.resolve("forced.jfr");
        try (Database database = Database.h2(folder.resolve("docs"), Durability.POWER_LOSS);
                Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold();
            recording.start();
            for (long i = 0; i < 20; i++) {
                long bytes = i;
                database.documents().setQuota("anna", own -> own.withBytes(bytes));
            }
            recording.stop();
            recording.dump(records);
        }

        assertThat(RecordingFile.readAllEvents(records))
                .filteredOn(event -> event.getEventType().getName().equals("jdk.FileForce"))
                .filteredOn(event -> event.getString("path").endsWith("docs.mv.db"))
                .as("syncs of 20 changes, one after the other")
                .hasSizeGreaterThanOrEqualTo(20);
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
            database.documents().setQuota("anna", own -> own.withBytes(5L));
            server.close();

            assertThatThrownBy(() -> database.documents().setQuota("anna", own -> own.withBytes(6L)))
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
            assertThat(database.documents().quota("anna").bytes()).isEqualTo(5L);
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
    void a_database_opened_again_is_the_same_and_one_that_a_newer_release_has_changed_is_refused(TestDatabases kind) {
        String url = kind == TestDatabases.H2 ? "jdbc:h2:file:" + folder.resolve("docs") : TestDatabases.postgresUrl();
        try (Database first = open(url)) {
            first.documents().setQuota("anna", own -> own.withBytes(5L));
        }
        try (Database again = open(url)) {
            assertThat(again.documents().quota("anna").bytes()).isEqualTo(5L);
            again.write(handle -> handle.execute("INSERT INTO \"docs_schema_history\" VALUES (99, '99', 'later',"
                    + " 'SQL', 'V99__later.sql', 1, 'docs', CURRENT_TIMESTAMP, 1, TRUE)"));
        }
        assertThatThrownBy(() -> open(url))
                .isInstanceOfSatisfying(
                        DocumentStorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                .hasMessageContaining("newer");
    }

    private static Database open(String url) {
        return Database.open(url, "postgres", "", 2, Durability.POWER_LOSS);
    }

    @Test
    void a_second_process_is_kept_out_of_an_h2_file() throws Exception {
        Path file = folder.resolve("docs");
        try (Database first = Database.h2(file, Durability.POWER_LOSS)) {
            Process rival = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Rival.class.getName(),
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(rival.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(rival.waitFor()).as(said).isEqualTo(Rival.KEPT_OUT);
            assertThat(said).contains("one owner");
            first.documents().setQuota("anna", own -> own.withBytes(5L));
        }
    }

    /** Opens the same file in a process of its own. */
    static final class Rival {
        static final int KEPT_OUT = 3;

        private Rival() {}

        public static void main(String[] args) {
            try (Database database = Database.h2(Path.of(args[0]), Durability.POWER_LOSS)) {
                database.documents().check();
            } catch (DocumentStorageException e) {
                System.out.println(e.getMessage());
                System.exit(KEPT_OUT);
            }
        }
    }

    @Test
    void a_connection_that_breaks_before_committing_changes_nothing_and_is_replaced() {
        try (Database database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS)) {
            database.documents().setQuota("anna", own -> own.withBytes(5L));

            assertThatThrownBy(() -> database.write(handle -> {
                        handle.execute("UPDATE users SET quota_bytes = 6");
                        return handle.execute("SELECT pg_terminate_backend(pg_backend_pid())");
                    }))
                    .isInstanceOfSatisfying(
                            DocumentStorageException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));

            assertThat(database.documents().quota("anna").bytes()).isEqualTo(5L);
        }
    }

    @Test
    void when_all_connections_break_at_once_each_fails_at_most_once() {
        String url = TestDatabases.postgresUrl();
        int connections = 4;
        try (Database database = Database.open(url, "postgres", "", connections, Durability.POWER_LOSS);
                Database other = Database.open(url, "postgres", "", 1, Durability.POWER_LOSS)) {
            database.documents().setQuota("anna", own -> own.withBytes(5L));
            other.read(handle -> handle.createQuery("SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM"
                            + " pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()")
                    .mapTo(Integer.class)
                    .one());

            int failures = 0;
            for (int i = 0; i <= connections; i++) {
                try {
                    database.documents().setQuota("anna", own -> own.withBytes(6L));
                } catch (DocumentStorageException e) {
                    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
                    failures++;
                }
            }
            assertThat(failures).isLessThanOrEqualTo(connections);
            assertThat(database.documents().quota("anna").bytes()).isEqualTo(6L);
        }
    }

    /** To H2 an interrupted write is a disk that fails: it closes its file, and itself with it. */
    @Test
    void h2_that_has_closed_itself_is_opened_again() {
        for (int round = 1; round <= 3; round++) {
            Path file = folder.resolve("docs" + round);
            try (Database database = Database.open("jdbc:h2:file:" + file, "docs", "", 3, Durability.POWER_LOSS)) {
                database.documents().setQuota("anna", own -> own.withBytes(5L));

                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> database.documents().setQuota("anna", own -> own.withBytes(6L)))
                        .isInstanceOf(DocumentStorageException.class);
                assertThat(Thread.interrupted()).isTrue();

                assertThat(database.documents().quota("anna").bytes()).isNotNull();
                database.documents().setQuota("anna", own -> own.withBytes(7L));
                assertThat(database.documents().quota("anna").bytes()).isEqualTo(7L);
            }
            try (Database again = Database.h2(file, Durability.POWER_LOSS)) {
                assertThat(again.documents().quota("anna").bytes()).isEqualTo(7L);
            }
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
