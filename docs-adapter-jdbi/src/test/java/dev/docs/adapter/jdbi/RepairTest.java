package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Durability;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Rows that contradict each other can't be made through the port: here they are made by hand, and then found. */
final class RepairTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");

    @TempDir
    private Path folder;

    private interface Test {
        void on(Database database, DocumentRepository repository, DocumentData document);
    }

    private void with(TestDatabases kind, Test test) {
        try (Database database = kind.open(folder, Durability.PROCESS)) {
            DocumentRepository repository = database.documents();
            UUID id = new UUID(0x7000, 0x8000_0000_0000_0001L);
            StorageUrl url = StorageUrl.of("main", id);
            Upload upload = new Upload(id, id, "ann", url, 10);
            DocumentData pending = DocumentData.pending(id, "ann", "a", null, Metadata.EMPTY, NOW);
            repository.reserve(upload, HOUR, pending, Quota.UNLIMITED);
            DocumentData document = pending.publish(new Content(url, "text/plain", 10, "0".repeat(64)), null, NOW);
            repository.activate(id, document);
            test.on(database, repository, document);
        }
    }

    private static void execute(Database database, String sql) {
        database.write(handle -> handle.execute(sql));
    }

    @ParameterizedTest
    @EnumSource
    void counters_that_are_wrong_are_set_to_what_the_rows_add_up_to(TestDatabases kind) {
        with(kind, (database, repository, document) -> {
            Usage right = repository.usage("ann");
            execute(
                    database,
                    "UPDATE owner_usage SET active_bytes = 3, older_bytes = 5, reserved_bytes = 7,"
                            + " error_docs = 2, open_uploads = 4");
            assertThat(repository.usage("ann")).isNotEqualTo(right);

            repository.correctUsage("ann");

            assertThat(repository.usage("ann")).isEqualTo(right).isEqualTo(repository.recount("ann"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void doomed_content_that_a_version_has_is_found_and_spared(TestDatabases kind) {
        with(kind, (database, repository, document) -> {
            execute(
                    database,
                    "INSERT INTO doomed_content (store, storage_key, size_bytes, doomed_at)"
                            + " SELECT store, storage_key, size_bytes, CURRENT_TIMESTAMP FROM document_versions");
            StorageUrl url = repository.doomedInUse(10).get(0);
            assertThat(document.content()).extracting(Content::url).isEqualTo(url);

            repository.spare(List.of(url));

            assertThat(repository.doomedInUse(10)).isEmpty();
            assertThat(repository.doomed(Duration.ZERO, 10)).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void a_document_without_the_version_it_names_is_found(TestDatabases kind) {
        with(kind, (database, repository, document) -> {
            assertThat(repository.incoherent(null, 10)).isEmpty();

            execute(database, "UPDATE document_versions SET sha256 = 'f" + "0".repeat(63) + "'");
            assertThat(repository.incoherent(null, 10)).containsExactly(document);

            execute(database, "DELETE FROM document_versions");
            assertThat(repository.incoherent(null, 10)).containsExactly(document);
            assertThat(repository.incoherent(document.id(), 10)).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void a_pending_document_that_nobody_uploads_is_found(TestDatabases kind) {
        with(kind, (database, repository, document) -> {
            UUID id = new UUID(0x7001, 0x8000_0000_0000_0002L);
            DocumentData pending = DocumentData.pending(id, "ann", "b", null, Metadata.EMPTY, NOW);
            repository.reserve(new Upload(id, id, "ann", StorageUrl.of("main", id), 1), HOUR, pending, Quota.UNLIMITED);
            assertThat(repository.incoherent(null, 10)).isEmpty();

            execute(database, "DELETE FROM uploads");

            assertThat(repository.incoherent(null, 10)).containsExactly(pending);
        });
    }
}
