package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** What the tables refuse by themselves, whatever the code above them does. */
final class SchemaTest {
    /** SQL states; the two databases differ in some. */
    private static final Set<String> CHECK = Set.of("23513", "23514");

    private static final Set<String> NULL = Set.of("23502");
    private static final Set<String> REFERENCE = Set.of("23503", "23506");
    private static final Set<String> UNIQUE = Set.of("23505");

    private static final String PENDING = "'0192f000-0000-7000-8000-000000000001'";
    private static final String ACTIVE = "'0192f000-0000-7000-8000-000000000002'";
    private static final String STRANGER = "'0192f000-0000-7000-8000-000000000009'";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void a_status_outside_the_four_or_without_what_it_needs_is_refused(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            refuses(database, CHECK, "UPDATE documents SET status = 'gone' WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET status = 'active' WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET status = 'error' WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET status_reason = 'late' WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE uploads SET state = 'gone'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void content_is_there_as_a_whole_or_not_at_all(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            for (String column : List.of("store", "storage_key", "sha256", "mime_type")) {
                refuses(database, CHECK, "UPDATE documents SET " + column + " = NULL WHERE id = " + ACTIVE);
            }
            for (String column : List.of("store", "storage_key", "sha256")) {
                refuses(database, CHECK, "UPDATE documents SET " + column + " = 'x' WHERE id = " + PENDING);
            }
            refuses(database, CHECK, "UPDATE documents SET size_bytes = 1 WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET version = 1 WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET version = 0, status = 'archived' WHERE id = " + ACTIVE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_key_is_answered_or_has_an_upload_and_not_both(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            refuses(database, CHECK, "UPDATE idempotency_keys SET upload_id = NULL WHERE idem_key = 'running'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET fingerprint = 'f' WHERE idem_key = 'running'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET fingerprint = NULL WHERE idem_key = 'done'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET id = NULL WHERE idem_key = 'done'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET steps = 1 WHERE idem_key = 'done'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET steps = NULL WHERE idem_key = 'bulk'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET holder = NULL WHERE idem_key = 'bulk'");
            refuses(database, CHECK, "UPDATE idempotency_keys SET lease_until = NULL WHERE idem_key = 'bulk'");
            refuses(database, NULL, "UPDATE idempotency_keys SET used_at = NULL");
        }
    }

    @ParameterizedTest
    @EnumSource
    void figures_stay_in_their_ranges(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            refuses(database, CHECK, "UPDATE users SET quota_bytes = -1");
            refuses(database, CHECK, "UPDATE documents SET size_bytes = -1 WHERE id = " + ACTIVE);
            refuses(database, CHECK, "UPDATE documents SET version = -1 WHERE id = " + PENDING);
            refuses(database, CHECK, "UPDATE documents SET revision = 0");
            refuses(database, CHECK, "UPDATE document_versions SET version = 0");
            refuses(database, CHECK, "UPDATE document_versions SET size_bytes = -1");
            refuses(database, CHECK, "UPDATE uploads SET reserved_bytes = -1");
            refuses(database, CHECK, "UPDATE resumable_uploads SET received_bytes = -1");
            refuses(database, CHECK, "UPDATE resumable_uploads SET received_bytes = 8");
            refuses(database, CHECK, "UPDATE resumable_uploads SET published = TRUE");
            for (String counted : List.of("pending", "active", "archived", "error")) {
                refuses(database, CHECK, "UPDATE owner_usage SET " + counted + "_docs = -1");
                refuses(database, CHECK, "UPDATE owner_usage SET " + counted + "_bytes = -1");
            }
            refuses(database, CHECK, "UPDATE owner_usage SET older_bytes = -1");
            refuses(database, CHECK, "UPDATE owner_usage SET reserved_bytes = -1");
            refuses(database, CHECK, "UPDATE owner_usage SET open_uploads = -1");
            refuses(database, CHECK, "UPDATE users SET quota_documents = -1");
            refuses(database, CHECK, "UPDATE users SET quota_uploads = -1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void every_row_belongs_to_one_that_is_there(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            refuses(database, REFERENCE, "UPDATE documents SET owner_id = 'nobody'");
            refuses(database, REFERENCE, "UPDATE document_versions SET document_id = " + STRANGER);
            refuses(database, REFERENCE, "UPDATE document_metadata SET document_id = " + STRANGER);
            refuses(database, REFERENCE, "UPDATE owner_usage SET owner_id = 'nobody' WHERE owner_id = 'anna'");
            refuses(database, REFERENCE, "UPDATE api_tokens SET user_id = 'nobody'");
            refuses(database, REFERENCE, "UPDATE link_keys SET user_id = 'nobody' WHERE user_id = 'anna'");
            refuses(database, REFERENCE, "UPDATE bulk_steps SET idem_key = 'nobodys'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_there_twice(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            for (String table : List.of(
                    "users",
                    "stores",
                    "documents",
                    "document_versions",
                    "document_metadata",
                    "owner_usage",
                    "uploads",
                    "doomed_content",
                    "inline_content",
                    "api_tokens",
                    "link_keys",
                    "idempotency_keys",
                    "bulk_steps",
                    "resumable_uploads")) {
                refuses(database, UNIQUE, "INSERT INTO " + table + " SELECT * FROM " + table);
            }
            refuses(database, UNIQUE, "UPDATE api_tokens SET sha256 = 'a'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_a_row_can_not_be_without_is_not_null(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            for (String column : List.of("owner_id", "name", "name_key", "status", "size_bytes", "metadata")) {
                refuses(database, NULL, "UPDATE documents SET " + column + " = NULL");
            }
            for (String column : List.of("store", "storage_key", "mime_type", "size_bytes", "sha256")) {
                refuses(database, NULL, "UPDATE document_versions SET " + column + " = NULL");
            }
            refuses(database, NULL, "UPDATE uploads SET lease_until = NULL");
            refuses(database, NULL, "UPDATE doomed_content SET doomed_at = NULL");
            refuses(database, NULL, "UPDATE inline_content SET bytes = NULL");
            refuses(database, NULL, "UPDATE api_tokens SET sha256 = NULL");
            refuses(database, NULL, "UPDATE stores SET id = NULL");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_user_goes_with_everything_but_uploads_and_bytes(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            execute(database, "DELETE FROM users WHERE id = 'anna'");

            for (String table : List.of("documents", "document_versions", "document_metadata")) {
                assertThat(count(database, table)).as(table).isZero();
            }
            assertThat(count(database, "owner_usage WHERE owner_id = 'anna'")).isZero();
            assertThat(count(database, "api_tokens WHERE user_id = 'anna'")).isZero();
            assertThat(count(database, "link_keys WHERE user_id = 'anna'")).isZero();
            // an upload may have bytes on the disk, and somebody must find them
            for (String table : List.of("uploads", "resumable_uploads", "doomed_content", "inline_content", "stores")) {
                assertThat(count(database, table)).as(table).isOne();
            }
            for (String table : List.of("users", "owner_usage", "api_tokens", "link_keys")) {
                assertThat(count(database, table)).as(table + " of another").isOne();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_document_goes_with_its_versions_and_metadata_alone(TestDatabases kind) {
        try (Database database = withRows(kind)) {
            execute(database, "DELETE FROM documents WHERE id = " + ACTIVE);

            assertThat(count(database, "documents")).isOne();
            assertThat(count(database, "document_versions")).isZero();
            assertThat(count(database, "document_metadata")).isZero();
            assertThat(count(database, "users")).isEqualTo(2);
        }
    }

    /** One row or two in each table, all of anna's but for what ben has. */
    private Database withRows(TestDatabases kind) {
        Database database = kind.open(folder, Durability.PROCESS);
        database.documents().setQuota("anna", own -> own.withBytes(5L));
        database.documents().setQuota("ben", own -> own.withBytes(5L));
        for (String row : List.of(
                "stores VALUES ('main', 's', CURRENT_TIMESTAMP)",
                "documents VALUES (" + PENDING + ", 'anna', 'n', 'n', NULL, NULL, 'pending', NULL, NULL, NULL, 0, NULL,"
                        + " 0, 1, '{}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, NULL, NULL)",
                "documents VALUES (" + ACTIVE + ", 'anna', 'n', 'n', NULL, 'a/b', 'active', NULL, 'main', 'k', 7, 'x',"
                        + " 1, 2, '{\"a\":1}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, NULL, NULL)",
                "document_versions VALUES (" + ACTIVE
                        + ", 1, 'main', 'k', 'a/b', NULL, NULL, 7, 'x', CURRENT_TIMESTAMP, NULL, NULL)",
                "document_metadata VALUES ('anna', 'a', '1', " + ACTIVE + ")",
                "uploads VALUES (" + STRANGER + ", " + PENDING
                        + ", 'anna', 'main', 'u', 7, 'pending', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
                "resumable_uploads VALUES (" + STRANGER + ", " + PENDING
                        + ", 'anna', TRUE, NULL, NULL, '', 7, 3, FALSE, NULL)",
                "doomed_content VALUES ('main', 'd', 7, CURRENT_TIMESTAMP, NULL)",
                "inline_content VALUES ('i', CAST('x' AS " + (kind == TestDatabases.H2 ? "VARBINARY" : "BYTEA") + "))",
                "api_tokens VALUES (" + PENDING + ", 'anna', FALSE, 'p', 'a', CURRENT_TIMESTAMP, NULL, NULL)",
                "api_tokens VALUES (" + ACTIVE + ", 'ben', FALSE, 'p', 'b', CURRENT_TIMESTAMP, NULL, NULL)",
                "link_keys VALUES (" + PENDING + ", 'anna', 's', CURRENT_TIMESTAMP)",
                "link_keys VALUES (" + ACTIVE + ", 'ben', 's', CURRENT_TIMESTAMP)",
                "idempotency_keys (user_id, idem_key, fingerprint, id, used_at) VALUES ('anna', 'done', 'f', " + ACTIVE
                        + ", CURRENT_TIMESTAMP)",
                "idempotency_keys (user_id, idem_key, upload_id, used_at) VALUES ('ben', 'running', " + STRANGER
                        + ", CURRENT_TIMESTAMP)",
                "idempotency_keys (user_id, idem_key, fingerprint, used_at, steps, holder, lease_until) VALUES ('ben',"
                        + " 'bulk', 'f', CURRENT_TIMESTAMP, 1, " + STRANGER + ", CURRENT_TIMESTAMP)",
                "bulk_steps VALUES ('ben', 'bulk', 1, '[]')")) {
            execute(database, "INSERT INTO " + row);
        }
        return database;
    }

    private static void refuses(Database database, Set<String> states, String sql) {
        DocumentStorageException refused =
                catchThrowableOfType(DocumentStorageException.class, () -> execute(database, sql));
        assertThat(refused).as(sql).isNotNull();
        assertThat(state(refused)).as(sql).isIn(states);
    }

    private static @Nullable String state(DocumentStorageException refused) {
        return refused.getCause() instanceof UnableToExecuteStatementException e
                        && e.getCause() instanceof SQLException sql
                ? sql.getSQLState()
                : null;
    }

    /** Commits by itself: {@link Database#write} would try again after a duplicate. */
    private static void execute(Database database, String sql) {
        database.read(handle -> handle.execute(sql));
    }

    private static int count(Database database, String tableAndCondition) {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM " + tableAndCondition)
                .mapTo(Integer.class)
                .one());
    }
}
