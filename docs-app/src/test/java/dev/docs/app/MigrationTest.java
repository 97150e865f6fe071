package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.Housekeeping.Swept;
import dev.docs.application.Limits;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.OpenContent;
import dev.docs.application.Precondition;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Durability;
import dev.docs.domain.Quota;
import dev.docs.domain.Quota.Limit;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Usage;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** What a server of an older schema left behind, uploads under way among it, works on with the newest. */
final class MigrationTest {
    private static final Caller ANNA = Caller.user("anna");
    private static final UUID OF_TWO_VERSIONS = id(1);
    private static final UUID INLINE = id(2);
    private static final UUID ARCHIVED = id(3);
    private static final UUID NEARLY_STORED = id(4);
    private static final UUID RESERVED = id(5);
    private static final UUID UPLOADING = id(6);

    private static final byte[] FIRST = RunningServer.random(1, 30_000);
    private static final byte[] SECOND = RunningServer.random(2, 20_000);
    private static final byte[] SMALL = RunningServer.random(3, 500);
    private static final byte[] OLD = RunningServer.random(4, 40_000);
    private static final byte[] DEAD = RunningServer.random(5, 25_000);

    @TempDir
    private Path folder;

    private static UUID id(int number) {
        return new UUID(0x0192_f000_0000_7000L, 0x8000_0000_0000_0000L + number);
    }

    private static StorageUrl url(int number) {
        return StorageUrl.of("main", id(100 + number));
    }

    @ParameterizedTest
    @CsvSource({"4, h2", "5, h2", "4, postgresql", "5, postgresql"})
    void an_older_database_with_uploads_under_way_works_on(int version, String kind) throws Exception {
        boolean isH2 = kind.equals("h2");
        Map<String, String> flags = isH2 ? Map.of() : OwnPostgreSql.flags(folder);
        String url =
                isH2 ? "jdbc:h2:file:" + folder.resolve("docs") : Objects.requireNonNull(flags.get("--database-url"));
        String user = isH2 ? "docs" : "postgres";
        FileSystemStorage files = FileSystemStorage.open(folder.resolve("files"));
        fill(version, isH2, url, user, files);

        try (Database database = Database.open(url, user, "", 4, Durability.POWER_LOSS)) {
            DocumentRepository rows = database.documents();
            Docs docs = Docs.builder()
                    .repository(rows)
                    .store("main", files)
                    .limits(Limits.DEFAULT.withQuota(Quota.UNLIMITED.withUploads(1)))
                    .build();
            requireAllThere(docs, rows, 6);
            // two that died on new documents, one that would have replaced content, one that goes on
            requireUsage(rows, 3, 2_000 + 3_000 + 7_000 + 90_000, 3);

            assertThat(docs.housekeeping().sweep()).isEqualTo(new Swept(4, 0, 0));

            requireUsage(rows, 1, 90_000, 1);
            // it began with a key, which nobody can have been answered
            assertThat(rows.find(NEARLY_STORED)).isEmpty();
            assertThat(rows.find(RESERVED).orElseThrow().status()).isEqualTo(DocumentStatus.ERROR);
            assertThat(rows.find(UPLOADING).orElseThrow().status()).isEqualTo(DocumentStatus.PENDING);
            assertThat(filesBelow(folder.resolve("files")))
                    .containsExactlyInAnyOrder(url(1).key(), url(2).key(), url(3).key());
            requireAllThere(docs, rows, 5);
            requireWork(docs, rows);
        }
    }

    /** Everything that a server of that version puts on record for what it has, and would put there half way. */
    private void fill(int version, boolean isH2, String url, String user, FileSystemStorage files) throws SQLException {
        store(files, 1, FIRST);
        store(files, 2, SECOND);
        store(files, 3, OLD);
        store(files, 4, DEAD);
        store(files, 7, DEAD);
        String open = isH2 ? url + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE" : url;
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(open, user, "")
                .locations("classpath:dev/docs/db")
                .table("docs_schema_history")
                .placeholders(
                        isH2
                                ? Map.of("key", "", "text", "VARCHAR(1048576)", "bytes", "VARBINARY(1048576)")
                                : Map.of("key", "COLLATE \"C\"", "text", "TEXT", "bytes", "BYTEA"))
                .target(version + "")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(open, user, "");
                Statement statement = connection.createStatement()) {
            for (String row : rows(version, isH2, files.id())) {
                statement.execute("INSERT INTO " + row);
            }
        }
    }

    private static void store(FileSystemStorage files, int number, byte[] bytes) {
        files.store(url(number), Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    private static List<String> rows(int version, boolean isH2, String storeId) {
        String bytes = isH2 ? "X'" : "'\\x";
        String past = isH2 ? "DATEADD(MINUTE, -5, CURRENT_TIMESTAMP)" : "CURRENT_TIMESTAMP - INTERVAL '5 minutes'";
        String future = isH2 ? "DATEADD(HOUR, 5, CURRENT_TIMESTAMP)" : "CURRENT_TIMESTAMP + INTERVAL '5 hours'";
        String usage = "owner_usage (owner_id, pending_docs, active_docs, archived_docs, active_bytes, archived_bytes,"
                + " older_bytes, reserved_bytes";
        String used = "VALUES ('anna', 3, 2, 1, 20500, 40000, 30000, 102000";
        return List.of(
                "users (id, quota_bytes, created_at) VALUES ('anna', 1000000, CURRENT_TIMESTAMP)",
                "stores VALUES ('main', '" + storeId + "', CURRENT_TIMESTAMP)",
                document(OF_TWO_VERSIONS, "active", url(2), SECOND, 2, "{\"k\":\"v\"}"),
                document(INLINE, "active", new StorageUrl("inline", "small"), SMALL, 1, "{}"),
                document(ARCHIVED, "archived", url(3), OLD, 1, "{}"),
                pending(NEARLY_STORED),
                pending(RESERVED),
                pending(UPLOADING),
                version(OF_TWO_VERSIONS, 1, url(1), FIRST),
                version(OF_TWO_VERSIONS, 2, url(2), SECOND),
                version(INLINE, 1, new StorageUrl("inline", "small"), SMALL),
                version(ARCHIVED, 1, url(3), OLD),
                "document_metadata VALUES ('anna', 'k', 'v', '" + OF_TWO_VERSIONS + "')",
                "inline_content VALUES ('small', " + bytes + hex(SMALL) + "')",
                upload(4, NEARLY_STORED, "anna", url(4), 2_000, "pending", past),
                upload(5, RESERVED, "anna", null, 3_000, "pending", past),
                upload(6, INLINE, "anna", url(6), 7_000, "aborting", past),
                // its owner was deleted while it was under way
                upload(7, id(8), version < 5 ? "gone" : "", url(7), 0, "pending", past),
                upload(8, UPLOADING, "anna", url(8), 90_000, "pending", future),
                upload(9, id(9), "anna", url(9), 0, "aborted", past),
                version < 5 ? usage + ") " + used + ")" : usage + ", open_uploads) " + used + ", 3)",
                "idempotency_keys (user_id, idem_key, upload_id, id, used_at) VALUES ('anna', 'running', '" + id(204)
                        + "', '" + NEARLY_STORED + "', CURRENT_TIMESTAMP)");
    }

    private static String document(UUID id, String status, StorageUrl url, byte[] content, int version, String json) {
        return "documents (id, owner_id, name, name_key, mime_type, status, store, storage_key, size_bytes, sha256,"
                + " version, revision, metadata, created_at, updated_at) VALUES ('" + id
                + "', 'anna', 'n', 'n', 'text/plain', '" + status + "', '" + url.store() + "', '" + url.key() + "', "
                + content.length + ", '" + Sha256.hex(ByteBuffer.wrap(content)) + "', " + version + ", 5, '" + json
                + "', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)";
    }

    private static String pending(UUID id) {
        return "documents (id, owner_id, name, name_key, status, version, revision, metadata, created_at, updated_at)"
                + " VALUES ('" + id + "', 'anna', 'n', 'n', 'pending', 0, 1, '{}', CURRENT_TIMESTAMP,"
                + " CURRENT_TIMESTAMP)";
    }

    private static String version(UUID id, int number, StorageUrl url, byte[] content) {
        return "document_versions (document_id, version, store, storage_key, mime_type, size_bytes, sha256, created_at)"
                + " VALUES ('" + id + "', " + number + ", '" + url.store() + "', '" + url.key() + "', 'text/plain', "
                + content.length + ", '" + Sha256.hex(ByteBuffer.wrap(content)) + "', CURRENT_TIMESTAMP)";
    }

    private static String upload(
            int number,
            UUID document,
            String owner,
            @Nullable StorageUrl url,
            long reserved,
            String state,
            String lease) {
        return "uploads VALUES ('" + id(200 + number) + "', '" + document + "', '" + owner + "', "
                + (url == null ? "NULL, NULL" : "'" + url.store() + "', '" + url.key() + "'") + ", " + reserved + ", '"
                + state + "', " + lease + ", CURRENT_TIMESTAMP)";
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void requireAllThere(Docs docs, DocumentRepository rows, int documents) throws IOException {
        assertThat(rows.versions(OF_TWO_VERSIONS, Integer.MAX_VALUE, 9))
                .extracting(DocumentVersion::number)
                .containsExactly(2, 1);
        assertThat(read(docs.documents().content(ANNA, OF_TWO_VERSIONS, 1))).isEqualTo(FIRST);
        assertThat(read(docs.documents().content(ANNA, OF_TWO_VERSIONS))).isEqualTo(SECOND);
        assertThat(read(docs.documents().content(ANNA, INLINE))).isEqualTo(SMALL);
        assertThat(read(docs.documents().content(ANNA, ARCHIVED))).isEqualTo(OLD);
        DocumentQuery byMetadata = DocumentQuery.builder("anna")
                .metadata(List.of(new DocumentQuery.MetadataCondition("k", "v")))
                .build();
        assertThat(rows.list(byMetadata, null, 9).items())
                .extracting(DocumentData::id)
                .containsExactly(OF_TWO_VERSIONS);
        DocumentQuery all = DocumentQuery.builder("anna")
                .statuses(EnumSet.allOf(DocumentStatus.class))
                .build();
        assertThat(rows.list(all, null, 9).items()).hasSize(documents);
    }

    private static byte[] read(OpenContent content) throws IOException {
        try (InputStream in = Channels.newInputStream(content.read(content.whole()))) {
            return in.readAllBytes();
        }
    }

    private static void requireUsage(DocumentRepository rows, long pending, long reserved, long uploads) {
        Usage usage = rows.usage("anna");
        assertThat(usage).isEqualTo(rows.recount("anna"));
        Map<DocumentStatus, Long> documents = usage.documents();
        assertThat(documents.get(DocumentStatus.PENDING)).isEqualTo(pending);
        assertThat(documents.get(DocumentStatus.ACTIVE)).isEqualTo(2);
        assertThat(documents.get(DocumentStatus.ARCHIVED)).isEqualTo(1);
        assertThat(usage.bytes().get(DocumentStatus.ACTIVE)).isEqualTo(SECOND.length + SMALL.length);
        assertThat(usage.olderVersionBytes()).isEqualTo(FIRST.length);
        assertThat(usage.reservedBytes()).isEqualTo(reserved);
        assertThat(usage.uploads()).isEqualTo(uploads);
    }

    private static List<String> filesBelow(Path root) throws IOException {
        try (var walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("STORE-ID"))
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
    }

    /** Limits count what was there before, and the key of an upload that died is free again. */
    private static void requireWork(Docs docs, DocumentRepository rows) {
        DocumentQuotaException refused = catchThrowableOfType(
                DocumentQuotaException.class,
                () -> docs.documents()
                        .replaceContent(ANNA, OF_TWO_VERSIONS, Precondition.NONE, NewContent.of(new byte[50_000])));
        assertThat(refused.which()).isEqualTo(Limit.UPLOADS);
        rows.setQuota("anna", own -> own.withUploads(2L));
        docs.documents().replaceContent(ANNA, OF_TWO_VERSIONS, Precondition.NONE, NewContent.of(new byte[50_000]));
        docs.documents().create(ANNA, NewDocument.named("again"), NewContent.of(new byte[9]), "running");
        assertThat(rows.usage("anna")).isEqualTo(rows.recount("anna"));
        assertThat(rows.usage("anna").olderVersionBytes()).isEqualTo(FIRST.length + SECOND.length);
    }
}
