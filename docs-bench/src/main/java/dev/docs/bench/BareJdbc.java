package dev.docs.bench;

import dev.docs.adapter.jdbi.Database;
import dev.docs.domain.Durability;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/**
 * The yardstick for small uploads: the same rows and bytes in the same tables, with no more around them than JDBC. Nothing is
 * checked, nothing is asked, no usage is admitted; it is counted, since it is a row.
 */
final class BareJdbc {
    private static final String H2 =
            ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE;WRITE_DELAY=0;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000";

    private final String url;
    private final String user;

    private BareJdbc(String url, String user) {
        this.url = url;
        this.user = user;
    }

    /** @param url of an empty database, which gets the product's own schema */
    static BareJdbc postgresql(String url) {
        Database.postgresql(url, Postgres.USER, "").close();
        return new BareJdbc(url, Postgres.USER);
    }

    static BareJdbc h2(Path file) {
        Database.h2(file, Durability.POWER_LOSS).close();
        return new BareJdbc("jdbc:h2:file:" + file.toAbsolutePath() + H2, "docs");
    }

    void owner(String id) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO users (id, created_at) VALUES ('" + id + "', CURRENT_TIMESTAMP)");
            statement.execute("INSERT INTO owner_usage (owner_id, shard) VALUES ('" + id + "', 0)");
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, "");
    }

    Load.Worker writer(String owner, byte[] content) throws SQLException {
        return new Writer(connect(), owner, content, url.startsWith("jdbc:h2"));
    }

    private static final class Writer implements Load.Worker {
        private static final Map<String, String> METADATA =
                Map.of("year", "2026", "customer", "Rossi", "tags", "invoice");

        private final Connection connection;
        private final String owner;
        private final byte[] content;
        private final PreparedStatement document;
        private final PreparedStatement pair;
        private final PreparedStatement version;
        private final PreparedStatement bytes;
        private final PreparedStatement usage;
        private final Statement sync;
        private final boolean isH2;
        private long count = System.nanoTime();

        Writer(Connection connection, String owner, byte[] content, boolean isH2) throws SQLException {
            this.connection = connection;
            this.owner = owner;
            this.content = content.clone();
            this.isH2 = isH2;
            connection.setAutoCommit(false);
            document = connection.prepareStatement(
                    "INSERT INTO documents (id, owner_id, name, name_key, declared_type, mime_type, status, store,"
                            + " storage_key, size_bytes, sha256, version, revision, metadata, created_at, updated_at,"
                            + " detected_type) VALUES (?, ?, ?, ?, ?, ?, 'active', 'inline', ?, ?, ?, 1, 2, ?, ?, ?, ?)");
            pair = connection.prepareStatement(
                    "INSERT INTO document_metadata (owner_id, meta_key, meta_value, document_id) VALUES (?, ?, ?, ?)");
            version = connection.prepareStatement(
                    "INSERT INTO document_versions (document_id, version, store, storage_key, mime_type, declared_type,"
                            + " detected_type, size_bytes, sha256, created_at) VALUES (?, 1, 'inline', ?, ?, ?, ?, ?, ?, ?)");
            bytes = connection.prepareStatement("INSERT INTO inline_content (storage_key, bytes) VALUES (?, ?)");
            usage = connection.prepareStatement("UPDATE owner_usage SET active_docs = active_docs + 1,"
                    + " active_bytes = active_bytes + ? WHERE owner_id = ? AND shard = 0");
            sync = connection.createStatement();
        }

        @Override
        public void once() throws Exception {
            long unique = count++;
            for (int i = 0; i < Long.BYTES; i++) {
                content[i] = (byte) (unique >> (8 * i));
            }
            String sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            UUID id = new UUID(
                    System.currentTimeMillis() << 16 | 0x7000,
                    (unique << 16) ^ Thread.currentThread().getId());
            String key = "2026/11/23/a7/" + id;
            OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
            String type = "application/octet-stream";
            String name = "report-" + unique + ".bin";
            set(
                    document,
                    id,
                    owner,
                    name,
                    name,
                    type,
                    type,
                    key,
                    (long) content.length,
                    sha256,
                    "{\"year\":2026,\"customer\":\"Rossi\",\"tags\":[\"invoice\"]}",
                    now,
                    now,
                    type);
            document.executeUpdate();
            for (Map.Entry<String, String> each : METADATA.entrySet()) {
                set(pair, owner, each.getKey(), each.getValue(), id);
                pair.addBatch();
            }
            pair.executeBatch();
            set(version, id, key, type, type, type, (long) content.length, sha256, now);
            version.executeUpdate();
            set(bytes, key, content);
            bytes.executeUpdate();
            set(usage, (long) content.length, owner);
            usage.executeUpdate();
            connection.commit();
            if (isH2) {
                sync.execute("CHECKPOINT SYNC");
            }
        }

        private static void set(PreparedStatement statement, Object... values) throws SQLException {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
