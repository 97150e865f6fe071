package dev.docs.adapter.jdbi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.docs.domain.ApiToken;
import dev.docs.domain.BulkItem;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.LinkKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.ResumableUpload.State;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** How the domain's values are written to rows, and read back. */
final class Rows {
    static final String DOCUMENT_COLUMNS = "id, owner_id, name, declared_type, mime_type, status, status_reason, store,"
            + " storage_key, size_bytes, sha256, version, revision, metadata, created_at, updated_at, detected_type, verdict";
    static final String DOCUMENT_VALUES =
            ":id, :owner, :name, :declaredType, :mimeType, :status, :statusReason, :store,"
                    + " :storageKey, :size, :sha256, :version, :revision, :metadata, :createdAt, :updatedAt, :detectedType, :verdict";
    static final String VERSION_COLUMNS =
            "document_id, version, store, storage_key, mime_type, declared_type, detected_type, verdict,"
                    + " size_bytes, sha256, created_at";
    static final String UPLOAD_COLUMNS = "id, document_id, owner_id, store, storage_key, reserved_bytes";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Rows() {}

    /** A key on record; without an answer while its request is under way, and if that is a bulk request. */
    record TakenKey(IdempotencyKey.@Nullable Answer answer, boolean isBulk) {}

    /**
     * The same, as a bulk request sees it.
     *
     * @param isHeld whether somebody is carrying it out
     */
    record BulkKey(@Nullable String fingerprint, boolean isBulk, boolean isFinished, boolean isHeld) {}

    static void register(Jdbi jdbi) {
        jdbi.registerRowMapper(DocumentData.class, (rs, ctx) -> document(rs));
        jdbi.registerRowMapper(DocumentVersion.class, (rs, ctx) -> version(rs));
        jdbi.registerRowMapper(Upload.class, (rs, ctx) -> upload(rs));
        jdbi.registerRowMapper(ResumableUpload.class, (rs, ctx) -> resumable(rs));
        jdbi.registerRowMapper(Usage.class, (rs, ctx) -> usage(rs));
        jdbi.registerRowMapper(
                Quota.Own.class,
                (rs, ctx) -> new Quota.Own(
                        rs.getObject("quota_bytes", Long.class),
                        rs.getObject("quota_documents", Long.class),
                        rs.getObject("quota_uploads", Long.class)));
        jdbi.registerRowMapper(ApiToken.class, (rs, ctx) -> token(rs));
        jdbi.registerRowMapper(
                LinkKey.class,
                (rs, ctx) -> new LinkKey(
                        rs.getObject("id", UUID.class),
                        rs.getString("user_id"),
                        rs.getString("secret"),
                        requiredTime(rs, "created_at")));
        jdbi.registerRowMapper(StorageUrl.class, (rs, ctx) -> url(rs));
        jdbi.registerRowMapper(TakenKey.class, (rs, ctx) -> takenKey(rs));
        jdbi.registerRowMapper(
                BulkKey.class,
                (rs, ctx) -> new BulkKey(
                        rs.getString("fingerprint"),
                        rs.getBoolean("is_bulk"),
                        rs.getBoolean("is_finished"),
                        rs.getBoolean("is_held")));
        jdbi.registerRowMapper(
                IdempotencyKey.class,
                (rs, ctx) -> new IdempotencyKey(rs.getString("user_id"), rs.getString("idem_key")));
    }

    static <S extends SqlStatement<S>> S bind(S statement, DocumentData document) {
        Content content = document.content();
        return statement
                .bind("id", document.id())
                .bind("owner", document.userId())
                .bind("name", document.name())
                .bind("nameKey", DocumentNames.key(document.name()))
                .bind("declaredType", document.declaredType())
                .bind("mimeType", document.mimeType())
                .bind("status", document.status().wire())
                .bind("statusReason", document.statusReason())
                .bind("store", content == null ? null : content.url().store())
                .bind("storageKey", content == null ? null : content.url().key())
                .bind("size", document.sizeBytes())
                .bind("sha256", content == null ? null : content.sha256())
                .bind("detectedType", content == null ? null : content.detectedType())
                .bind("verdict", content == null ? null : content.verdict())
                .bind("version", document.version())
                .bind("revision", document.revision())
                .bind("metadata", json(document.metadata()))
                .bind("createdAt", document.createdAt())
                .bind("updatedAt", document.updatedAt());
    }

    static <S extends SqlStatement<S>> S bind(S statement, DocumentData document, Metadata.Pair pair) {
        return statement
                .bind("owner", document.userId())
                .bind("key", pair.path())
                .bind("value", pair.value())
                .bind("id", document.id());
    }

    private static DocumentData document(ResultSet rs) throws SQLException {
        StorageUrl url = url(rs);
        return new DocumentData(
                rs.getObject("id", UUID.class),
                rs.getString("owner_id"),
                rs.getString("name"),
                rs.getString("declared_type"),
                url == null ? null : content(rs, url),
                status(rs.getString("status")),
                metadata(rs.getString("metadata")),
                rs.getInt("version"),
                rs.getLong("revision"),
                requiredTime(rs, "created_at"),
                requiredTime(rs, "updated_at"),
                rs.getString("status_reason"));
    }

    private static DocumentVersion version(ResultSet rs) throws SQLException {
        return new DocumentVersion(
                rs.getObject("document_id", UUID.class),
                rs.getInt("version"),
                content(rs, new StorageUrl(rs.getString("store"), rs.getString("storage_key"))),
                rs.getString("declared_type"),
                requiredTime(rs, "created_at"));
    }

    private static Upload upload(ResultSet rs) throws SQLException {
        return new Upload(
                rs.getObject("id", UUID.class),
                rs.getObject("document_id", UUID.class),
                rs.getString("owner_id"),
                url(rs),
                rs.getLong("reserved_bytes"));
    }

    private static ResumableUpload resumable(ResultSet rs) throws SQLException {
        boolean isOpen = rs.getString("state") != null;
        State ended = rs.getBoolean("published") ? State.PUBLISHED : State.ENDED;
        return new ResumableUpload(
                upload(rs),
                rs.getBoolean("is_new"),
                rs.getObject("expected_revision", Long.class),
                rs.getString("declared_type"),
                rs.getString("note"),
                rs.getObject("size_bytes", Long.class),
                rs.getLong("received_bytes"),
                isOpen ? State.OPEN : ended,
                isOpen ? requiredTime(rs, "lease_until") : Instant.EPOCH);
    }

    private static Usage usage(ResultSet rs) throws SQLException {
        return new Usage(
                Map.of(
                        DocumentStatus.PENDING, rs.getLong("pending_docs"),
                        DocumentStatus.ACTIVE, rs.getLong("active_docs"),
                        DocumentStatus.ARCHIVED, rs.getLong("archived_docs"),
                        DocumentStatus.ERROR, rs.getLong("error_docs")),
                Map.of(
                        DocumentStatus.PENDING, rs.getLong("pending_bytes"),
                        DocumentStatus.ACTIVE, rs.getLong("active_bytes"),
                        DocumentStatus.ARCHIVED, rs.getLong("archived_bytes"),
                        DocumentStatus.ERROR, rs.getLong("error_bytes")),
                rs.getLong("older_bytes"),
                rs.getLong("reserved_bytes"),
                rs.getLong("open_uploads"));
    }

    private static ApiToken token(ResultSet rs) throws SQLException {
        return new ApiToken(
                rs.getObject("id", UUID.class),
                rs.getString("user_id"),
                rs.getBoolean("administrator"),
                rs.getString("prefix"),
                rs.getString("sha256"),
                requiredTime(rs, "created_at"),
                time(rs, "expires_at"),
                time(rs, "last_used_at"));
    }

    private static TakenKey takenKey(ResultSet rs) throws SQLException {
        String fingerprint = rs.getString("fingerprint");
        boolean isBulk = rs.getObject("steps") != null;
        return new TakenKey(
                fingerprint == null || isBulk ? null : new IdempotencyKey.Answer(fingerprint, document(rs)), isBulk);
    }

    private static Content content(ResultSet rs, StorageUrl url) throws SQLException {
        return new Content(
                url,
                rs.getString("mime_type"),
                rs.getLong("size_bytes"),
                rs.getString("sha256"),
                rs.getString("detected_type"),
                rs.getString("verdict"));
    }

    private static @Nullable StorageUrl url(ResultSet rs) throws SQLException {
        String store = rs.getString("store");
        return store == null ? null : new StorageUrl(store, rs.getString("storage_key"));
    }

    private static DocumentStatus status(String wire) {
        return DocumentStatus.ofWire(wire)
                .orElseThrow(() -> new IllegalStateException("the schema allows no such status: " + wire));
    }

    private static @Nullable Instant time(ResultSet rs, String column) throws SQLException {
        OffsetDateTime time = rs.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static Instant requiredTime(ResultSet rs, String column) throws SQLException {
        return rs.getObject(column, OffsetDateTime.class).toInstant();
    }

    static String json(List<BulkItem> items) {
        try {
            return JSON.writeValueAsString(items);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts, ids and numbers are JSON", e);
        }
    }

    static List<BulkItem> bulkItems(String json) {
        try {
            return JSON.readValue(json, new TypeReference<List<BulkItem>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a row's items are not those of a bulk request", e);
        }
    }

    private static String json(Metadata metadata) {
        try {
            return JSON.writeValueAsString(metadata.values());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("metadata is JSON by construction", e);
        }
    }

    private static Metadata metadata(String json) {
        try {
            return Metadata.of(JSON.readValue(json, new TypeReference<Map<String, @Nullable Object>>() {}));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a row's metadata is not JSON", e);
        }
    }
}
