package dev.docs.adapter.jdbi;

import dev.docs.domain.ApiToken;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.LinkKey;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The statements whose text never changes. {@code <now_plus_millis>} is the one difference between the databases. */
interface Statements {
    // Owners

    @SqlQuery("SELECT COUNT(*) > 0 FROM users WHERE id = :id")
    boolean hasUser(@Bind("id") String id);

    @SqlUpdate("INSERT INTO users (id, created_at) VALUES (:id, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING")
    void insertUser(@Bind("id") String id);

    @SqlUpdate("INSERT INTO owner_usage (owner_id, shard) VALUES (:id, :shard) ON CONFLICT DO NOTHING")
    void insertUsage(@Bind("id") String id, @Bind("shard") int shard);

    @SqlQuery("SELECT shard FROM owner_usage WHERE owner_id = :id AND shard = 0 FOR UPDATE")
    Optional<Integer> lockUsage(@Bind("id") String id);

    @SqlQuery("SELECT * FROM owner_usage WHERE owner_id = :id ORDER BY shard FOR UPDATE")
    List<Usage> lockAllUsage(@Bind("id") String id);

    @SqlQuery("SELECT id FROM users WHERE id = :id FOR UPDATE")
    Optional<String> lockUser(@Bind("id") String id);

    @SqlUpdate("DELETE FROM users WHERE id = :id")
    void deleteUser(@Bind("id") String id);

    @SqlQuery("SELECT quota_bytes, quota_documents, quota_uploads FROM users WHERE id = :id")
    Optional<Quota.Own> quota(@Bind("id") String id);

    @SqlUpdate("UPDATE users SET quota_bytes = :q.bytes, quota_documents = :q.documents, quota_uploads = :q.uploads"
            + " WHERE id = :id")
    void setQuota(@Bind("id") String id, @BindMethods("q") Quota.Own quota);

    @SqlQuery("SELECT COALESCE(SUM(pending_docs), 0) AS pending_docs, COALESCE(SUM(active_docs), 0) AS active_docs,"
            + " COALESCE(SUM(archived_docs), 0) AS archived_docs, COALESCE(SUM(error_docs), 0) AS error_docs,"
            + " COALESCE(SUM(pending_bytes), 0) AS pending_bytes, COALESCE(SUM(active_bytes), 0) AS active_bytes,"
            + " COALESCE(SUM(archived_bytes), 0) AS archived_bytes, COALESCE(SUM(error_bytes), 0) AS error_bytes,"
            + " COALESCE(SUM(older_bytes), 0) AS older_bytes, COALESCE(SUM(reserved_bytes), 0) AS reserved_bytes,"
            + " COALESCE(SUM(open_uploads), 0) AS open_uploads FROM owner_usage WHERE owner_id = :owner")
    Usage usage(@Bind("owner") String owner);

    // one statement, so that all figures are of one moment
    @SqlQuery("SELECT COUNT(CASE WHEN status = 'pending' THEN 1 END) AS pending_docs,"
            + " COUNT(CASE WHEN status = 'active' THEN 1 END) AS active_docs,"
            + " COUNT(CASE WHEN status = 'archived' THEN 1 END) AS archived_docs,"
            + " COUNT(CASE WHEN status = 'error' THEN 1 END) AS error_docs,"
            + " COALESCE(SUM(CASE WHEN status = 'pending' THEN size_bytes END), 0) AS pending_bytes,"
            + " COALESCE(SUM(CASE WHEN status = 'active' THEN size_bytes END), 0) AS active_bytes,"
            + " COALESCE(SUM(CASE WHEN status = 'archived' THEN size_bytes END), 0) AS archived_bytes,"
            + " COALESCE(SUM(CASE WHEN status = 'error' THEN size_bytes END), 0) AS error_bytes,"
            + " (SELECT COALESCE(SUM(v.size_bytes), 0) FROM document_versions v JOIN documents c"
            + " ON c.id = v.document_id WHERE c.owner_id = :owner AND v.version != c.version) AS older_bytes,"
            + " (SELECT COALESCE(SUM(u.reserved_bytes), 0) FROM uploads u WHERE u.owner_id = :owner)"
            + " AS reserved_bytes, (SELECT COUNT(*) FROM uploads u WHERE u.owner_id = :owner AND u.store IS NOT NULL"
            + " AND u.state != 'aborted') AS open_uploads FROM documents WHERE owner_id = :owner")
    Usage recount(@Bind("owner") String owner);

    // Documents

    @SqlQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents WHERE id = :id")
    Optional<DocumentData> find(@Bind("id") UUID id);

    @SqlQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents WHERE id = :id FOR UPDATE")
    Optional<DocumentData> lock(@Bind("id") UUID id);

    // in one order, as all who lock several
    @SqlQuery("SELECT id FROM documents WHERE owner_id = :owner ORDER BY id FOR UPDATE")
    List<UUID> lockAllOf(@Bind("owner") String owner);

    @SqlUpdate("DELETE FROM documents WHERE id = :id")
    void delete(@Bind("id") UUID id);

    @SqlUpdate("DELETE FROM document_metadata WHERE document_id = :id")
    void deleteMetadata(@Bind("id") UUID id);

    // Many documents

    String UNUSED = " AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.store = :c.url.store"
            + " AND v.storage_key = :c.url.key)";

    @SqlQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents WHERE id IN (<ids>)")
    List<DocumentData> findAll(@BindList("ids") Collection<UUID> ids);

    @SqlQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents WHERE id IN (<ids>) ORDER BY id FOR UPDATE")
    List<DocumentData> lockAll(@BindList("ids") Collection<UUID> ids);

    @SqlUpdate("DELETE FROM documents WHERE id IN (<ids>)")
    void deleteAll(@BindList("ids") Collection<UUID> ids);

    @SqlQuery("SELECT COALESCE(SUM(size_bytes), 0) FROM document_versions WHERE document_id IN (<ids>)")
    long versionBytes(@BindList("ids") Collection<UUID> ids);

    @SqlQuery("SELECT " + Rows.VERSION_COLUMNS + " FROM document_versions WHERE document_id IN (<ids>)")
    List<DocumentVersion> versionsOf(@BindList("ids") Collection<UUID> ids);

    /** One after the other: for a set, H2 looks through the whole table. */
    @SqlBatch("DELETE FROM inline_content WHERE storage_key = :c.url.key" + UNUSED)
    int[] deleteUnusedInline(@BindMethods("c") List<Content> contents);

    @SqlBatch("INSERT INTO doomed_content (store, storage_key, size_bytes, doomed_at)"
            + " SELECT CAST(:c.url.store AS VARCHAR(63)), CAST(:c.url.key AS VARCHAR(200)),"
            + " CAST(:c.sizeBytes AS BIGINT), CURRENT_TIMESTAMP FROM (SELECT 1 AS one) one WHERE NOT EXISTS"
            + " (SELECT 1 FROM inline_content WHERE storage_key = :c.url.key)" + UNUSED + " ON CONFLICT DO NOTHING")
    void doomUnused(@BindMethods("c") List<Content> contents);

    @SqlQuery("SELECT " + Rows.UPLOAD_COLUMNS
            + " FROM uploads WHERE document_id IN (<ids>) AND store IS NULL ORDER BY id FOR UPDATE")
    List<Upload> lockReservationsOf(@BindList("ids") Collection<UUID> documentIds);

    @SqlUpdate("DELETE FROM uploads WHERE id IN (<ids>)")
    void deleteUploads(@BindList("ids") Collection<UUID> ids);

    // Versions and their content

    @SqlQuery(
            "SELECT " + Rows.VERSION_COLUMNS + " FROM document_versions WHERE document_id = :id AND version = :version")
    Optional<DocumentVersion> version(@Bind("id") UUID id, @Bind("version") int version);

    @SqlQuery("SELECT " + Rows.VERSION_COLUMNS + " FROM document_versions WHERE document_id = :id"
            + " AND version \\< :before ORDER BY document_id DESC, version DESC LIMIT :max")
    List<DocumentVersion> versions(@Bind("id") UUID id, @Bind("before") int before, @Bind("max") int max);

    @SqlUpdate("UPDATE document_versions SET verified_at = (SELECT COALESCE(o.verified_at, o.created_at)"
            + " FROM document_versions o WHERE o.document_id = :id AND o.version = :from)"
            + " WHERE document_id = :id AND version = :version")
    void inheritVerification(@Bind("id") UUID id, @Bind("version") int version, @Bind("from") int from);

    @SqlQuery(
            "SELECT COALESCE(SUM(size_bytes), 0) FROM document_versions WHERE document_id = :id AND version != :current")
    long olderBytes(@Bind("id") UUID id, @Bind("current") int current);

    @SqlQuery("SELECT MIN(store) FROM (SELECT MIN(store) AS store FROM document_versions WHERE store > :after"
            + " UNION ALL SELECT MIN(store) AS store FROM doomed_content WHERE store > :after"
            + " UNION ALL SELECT MIN(store) AS store FROM uploads WHERE store > :after) stores")
    Optional<String> nextStore(@Bind("after") String after);

    @SqlUpdate(
            "INSERT INTO stores (name, id, created_at) VALUES (:name, :id, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING")
    void insertStore(@Bind("name") String name, @Bind("id") String id);

    @SqlQuery("SELECT id FROM stores WHERE name = :name")
    String storeId(@Bind("name") String name);

    /** Of every document of the owner, or of one: content that nothing else refers to and that is not inline. */
    @SqlUpdate("INSERT INTO doomed_content (store, storage_key, size_bytes, doomed_at)"
            + " SELECT v.store, v.storage_key, MAX(v.size_bytes), CURRENT_TIMESTAMP FROM document_versions v"
            + " JOIN documents d ON d.id = v.document_id WHERE d.owner_id = :owner AND (d.id = :id OR :all)"
            + " AND NOT EXISTS (SELECT 1 FROM inline_content i WHERE i.storage_key = v.storage_key)"
            + " AND NOT EXISTS (SELECT 1 FROM document_versions o JOIN documents p ON p.id = o.document_id"
            + " WHERE o.store = v.store AND o.storage_key = v.storage_key"
            + " AND p.id != d.id AND (p.owner_id != :owner OR NOT :all))"
            + " GROUP BY v.store, v.storage_key ON CONFLICT DO NOTHING")
    void doom(@Bind("owner") String owner, @Bind("id") UUID id, @Bind("all") boolean all);

    @SqlUpdate("DELETE FROM inline_content WHERE storage_key IN (SELECT v.storage_key FROM document_versions v"
            + " JOIN documents d ON d.id = v.document_id WHERE d.owner_id = :owner AND (d.id = :id OR :all)"
            + " AND NOT EXISTS (SELECT 1 FROM document_versions o JOIN documents p ON p.id = o.document_id"
            + " WHERE o.store = v.store AND o.storage_key = v.storage_key"
            + " AND p.id != d.id AND (p.owner_id != :owner OR NOT :all)))")
    void deleteInline(@Bind("owner") String owner, @Bind("id") UUID id, @Bind("all") boolean all);

    @SqlQuery("SELECT store, storage_key FROM doomed_content WHERE doomed_at \\<= <now_plus_millis>"
            + " ORDER BY doomed_at LIMIT :max")
    List<StorageUrl> doomed(@Bind("millis") long minusGraceMillis, @Bind("max") int max);

    /** Those that were handed out before come last. */
    @SqlQuery("SELECT store, storage_key FROM doomed_content WHERE doomed_at \\<= <now_plus_millis>"
            + " AND (claimed_until IS NULL OR claimed_until \\<= CURRENT_TIMESTAMP)"
            + " ORDER BY CASE WHEN claimed_until IS NULL THEN 0 ELSE 1 END, claimed_until, doomed_at LIMIT :max"
            + " FOR UPDATE SKIP LOCKED")
    List<StorageUrl> lockDoomed(@Bind("millis") long minusGraceMillis, @Bind("max") int max);

    @SqlUpdate("UPDATE doomed_content SET claimed_until = <now_plus_millis>"
            + " WHERE store = :url.store AND storage_key = :url.key")
    void claimDoomed(@BindMethods("url") StorageUrl url, @Bind("millis") long leaseMillis);

    @SqlUpdate("DELETE FROM doomed_content WHERE store = :url.store AND storage_key = :url.key")
    void discarded(@BindMethods("url") StorageUrl url);

    // Inline content

    @SqlUpdate("INSERT INTO inline_content (storage_key, bytes) VALUES (:key, :bytes)")
    void insertInline(@Bind("key") String key, @Bind("bytes") byte[] bytes);

    @SqlQuery("SELECT bytes FROM inline_content WHERE storage_key = :key")
    Optional<byte[]> inline(@Bind("key") String key);

    @SqlQuery("SELECT OCTET_LENGTH(bytes) FROM inline_content WHERE storage_key = :key")
    Optional<Long> inlineSize(@Bind("key") String key);

    @SqlUpdate("DELETE FROM inline_content WHERE storage_key = :key")
    void deleteInline(@Bind("key") String key);

    // Uploads

    @SqlUpdate("INSERT INTO uploads (id, document_id, owner_id, store, storage_key, reserved_bytes, state, lease_until,"
            + " created_at) VALUES (:u.id, :u.documentId, :u.userId, :store, :key, :u.reservedBytes, 'pending',"
            + " <now_plus_millis>, CURRENT_TIMESTAMP)")
    void insertUpload(
            @BindMethods("u") Upload upload,
            @Bind("store") @Nullable String store,
            @Bind("key") @Nullable String key,
            @Bind("millis") long leaseMillis);

    @SqlQuery("SELECT " + Rows.UPLOAD_COLUMNS + " FROM uploads WHERE id = :id AND state = :state FOR UPDATE")
    Optional<Upload> lockUpload(@Bind("id") UUID id, @Bind("state") String state);

    @SqlUpdate("UPDATE uploads SET reserved_bytes = reserved_bytes + :more, lease_until = <now_plus_millis>"
            + " WHERE id = :id AND state = 'pending'")
    int extendUpload(@Bind("id") UUID id, @Bind("more") long more, @Bind("millis") long leaseMillis);

    @SqlUpdate("DELETE FROM uploads WHERE id = :id")
    void deleteUpload(@Bind("id") UUID id);

    /** Reservations of a document that no bytes were ever written for. */
    @SqlQuery("SELECT " + Rows.UPLOAD_COLUMNS
            + " FROM uploads WHERE document_id = :document AND store IS NULL FOR UPDATE")
    List<Upload> lockReservations(@Bind("document") UUID document);

    @SqlQuery("SELECT COUNT(*) > 0 FROM uploads WHERE document_id = :document AND state != 'aborted' AND id != :not")
    boolean hasOtherUpload(@Bind("document") UUID document, @Bind("not") UUID not);

    @SqlUpdate("UPDATE uploads SET lease_until = CURRENT_TIMESTAMP WHERE id = :id AND state = 'pending'")
    void expireUpload(@Bind("id") UUID id);

    @SqlUpdate("UPDATE uploads SET owner_id = '', reserved_bytes = 0,"
            + " lease_until = CASE WHEN state = 'pending' THEN CURRENT_TIMESTAMP ELSE lease_until END,"
            + " state = CASE WHEN state = 'pending' THEN 'aborting' ELSE state END WHERE owner_id = :owner")
    void orphanUploads(@Bind("owner") String owner);

    @SqlUpdate("UPDATE uploads SET state = 'aborting', lease_until = CURRENT_TIMESTAMP"
            + " WHERE id = :id AND state IN ('pending', 'aborting')")
    int claimUpload(@Bind("id") UUID id);

    /** Expired ones, those claimed before, and those aborted a day ago, whose names are cleared once more. */
    @SqlQuery("SELECT " + Rows.UPLOAD_COLUMNS
            + " FROM uploads WHERE (state IN ('pending', 'aborting') AND lease_until \\<= CURRENT_TIMESTAMP)"
            + " OR (state = 'aborted' AND lease_until \\<= <now_plus_millis>)"
            + " ORDER BY lease_until LIMIT :max FOR UPDATE SKIP LOCKED")
    List<Upload> lockExpired(@Bind("millis") long minusTombstoneMillis, @Bind("max") int max);

    /** The new time also puts those that can't be cleared behind all others in the next search. */
    @SqlUpdate("UPDATE uploads SET state = CASE WHEN state = 'aborted' THEN state ELSE 'aborting' END,"
            + " lease_until = <now_plus_millis> WHERE id IN (<ids>)")
    void claimUploads(@BindList("ids") List<UUID> ids, @Bind("millis") long leaseMillis);

    @SqlUpdate(
            "UPDATE uploads SET state = 'aborted', reserved_bytes = 0, lease_until = CURRENT_TIMESTAMP WHERE id = :id")
    void buryUpload(@Bind("id") UUID id);

    @SqlUpdate("DELETE FROM uploads WHERE id = :id AND state = 'aborted'")
    int deleteTombstone(@Bind("id") UUID id);

    @SqlQuery("SELECT CURRENT_TIMESTAMP")
    Instant now();

    // Uploads in parts

    @SqlUpdate(
            "INSERT INTO resumable_uploads (id, document_id, owner_id, is_new, expected_revision, declared_type, note,"
                    + " size_bytes, received_bytes, published) VALUES (:r.upload.id, :r.upload.documentId, :r.upload.userId,"
                    + " :r.isNew, :r.expectedRevision, :r.declaredType, :r.note, :r.length, 0, FALSE)")
    void insertResumable(@BindMethods("r") ResumableUpload first);

    @SqlQuery("SELECT r.*, u.state, u.store, u.storage_key, u.reserved_bytes, u.lease_until FROM resumable_uploads r"
            + " LEFT JOIN uploads u ON u.id = r.id AND u.state = 'pending' WHERE r.id = :id")
    Optional<ResumableUpload> resumable(@Bind("id") UUID id);

    @SqlUpdate("UPDATE resumable_uploads SET received_bytes = :to, size_bytes = COALESCE(size_bytes,"
            + " CAST(:length AS BIGINT)) WHERE id = :id AND received_bytes = :from AND (size_bytes IS NULL"
            + " OR size_bytes = COALESCE(CAST(:length AS BIGINT), size_bytes))")
    int advance(
            @Bind("id") UUID id, @Bind("from") long from, @Bind("to") long to, @Bind("length") @Nullable Long length);

    @SqlUpdate("UPDATE resumable_uploads SET published = :published, ended_at = CURRENT_TIMESTAMP"
            + " WHERE id = :id AND ended_at IS NULL")
    void endResumable(@Bind("id") UUID id, @Bind("published") boolean published);

    @SqlUpdate("DELETE FROM resumable_uploads WHERE id = :id AND published")
    void deletePublished(@Bind("id") UUID id);

    @SqlUpdate("DELETE FROM resumable_uploads WHERE owner_id = :owner")
    void deleteResumablesOf(@Bind("owner") String owner);

    @SqlQuery("SELECT id FROM resumable_uploads WHERE ended_at \\<= <now_plus_millis> ORDER BY ended_at LIMIT :max"
            + " FOR UPDATE SKIP LOCKED")
    List<UUID> lockOldResumables(@Bind("millis") long minusAgeMillis, @Bind("max") int max);

    @SqlUpdate("DELETE FROM resumable_uploads WHERE id IN (<ids>)")
    void deleteResumables(@BindList("ids") List<UUID> ids);

    // Idempotency keys

    @SqlQuery("SELECT fingerprint, steps, " + Rows.DOCUMENT_COLUMNS
            + " FROM idempotency_keys WHERE user_id = :k.userId AND idem_key = :k.key")
    Optional<Rows.TakenKey> key(@BindMethods("k") IdempotencyKey key);

    @SqlUpdate("INSERT INTO idempotency_keys (user_id, idem_key, upload_id, id, used_at)"
            + " VALUES (:k.userId, :k.key, :upload, CAST(:document AS UUID), CURRENT_TIMESTAMP)")
    void insertRunningKey(
            @BindMethods("k") IdempotencyKey key,
            @Bind("upload") UUID uploadId,
            @Bind("document") @Nullable UUID newDocumentId);

    @SqlQuery("SELECT COUNT(*) > 0 FROM idempotency_keys WHERE upload_id = :upload AND id IS NOT NULL")
    boolean runningKeyMade(@Bind("upload") UUID uploadId);

    @SqlUpdate("DELETE FROM idempotency_keys WHERE upload_id = :upload")
    void deleteRunningKey(@Bind("upload") UUID uploadId);

    @SqlUpdate("DELETE FROM idempotency_keys WHERE user_id = :k.userId AND idem_key = :k.key")
    void deleteKey(@BindMethods("k") IdempotencyKey key);

    @SqlUpdate("DELETE FROM idempotency_keys WHERE user_id = :user OR owner_id = :user")
    void deleteKeysOf(@Bind("user") String userId);

    @SqlQuery("SELECT user_id, idem_key FROM idempotency_keys WHERE upload_id IS NULL"
            + " AND (lease_until IS NULL OR lease_until \\<= CURRENT_TIMESTAMP)"
            + " AND used_at \\<= <now_plus_millis> ORDER BY used_at LIMIT :max FOR UPDATE SKIP LOCKED")
    List<IdempotencyKey> lockOldKeys(@Bind("millis") long minusAgeMillis, @Bind("max") int max);

    // Keys of bulk requests

    @SqlQuery("SELECT fingerprint, steps IS NOT NULL AS is_bulk, holder IS NULL AS is_finished,"
            + " (lease_until IS NOT NULL AND lease_until > CURRENT_TIMESTAMP) AS is_held"
            + " FROM idempotency_keys WHERE user_id = :k.userId AND idem_key = :k.key FOR UPDATE")
    Optional<Rows.BulkKey> lockBulkKey(@BindMethods("k") IdempotencyKey key);

    @SqlUpdate("INSERT INTO idempotency_keys (user_id, idem_key, fingerprint, used_at, steps, holder, lease_until)"
            + " VALUES (:k.userId, :k.key, :fingerprint, CURRENT_TIMESTAMP, 0, :holder, <now_plus_millis>)")
    void insertBulkKey(
            @BindMethods("k") IdempotencyKey key,
            @Bind("fingerprint") String fingerprint,
            @Bind("holder") UUID holder,
            @Bind("millis") long leaseMillis);

    @SqlUpdate("UPDATE idempotency_keys SET holder = :holder, lease_until = <now_plus_millis>"
            + " WHERE user_id = :k.userId AND idem_key = :k.key")
    void holdBulkKey(
            @BindMethods("k") IdempotencyKey key, @Bind("holder") UUID holder, @Bind("millis") long leaseMillis);

    @SqlUpdate("UPDATE idempotency_keys SET steps = steps + 1, used_at = CURRENT_TIMESTAMP,"
            + " lease_until = <now_plus_millis>"
            + " WHERE user_id = :k.userId AND idem_key = :k.key AND holder = :holder")
    int noteBulkKey(
            @BindMethods("k") IdempotencyKey key, @Bind("holder") UUID holder, @Bind("millis") long leaseMillis);

    @SqlUpdate("UPDATE idempotency_keys SET steps = steps + 1, used_at = CURRENT_TIMESTAMP, holder = NULL,"
            + " lease_until = NULL WHERE user_id = :k.userId AND idem_key = :k.key AND holder = :holder")
    int endBulkKey(@BindMethods("k") IdempotencyKey key, @Bind("holder") UUID holder);

    @SqlUpdate("UPDATE idempotency_keys SET lease_until = CURRENT_TIMESTAMP"
            + " WHERE user_id = :k.userId AND idem_key = :k.key AND holder = :holder")
    void leaveBulkKey(@BindMethods("k") IdempotencyKey key, @Bind("holder") UUID holder);

    @SqlUpdate("INSERT INTO bulk_steps (user_id, idem_key, step, items) SELECT user_id, idem_key, steps,"
            + " CAST(:items AS VARCHAR) FROM idempotency_keys WHERE user_id = :k.userId AND idem_key = :k.key")
    void insertBulkStep(@BindMethods("k") IdempotencyKey key, @Bind("items") String items);

    @SqlQuery("SELECT items FROM bulk_steps WHERE user_id = :k.userId AND idem_key = :k.key ORDER BY step")
    List<String> bulkSteps(@BindMethods("k") IdempotencyKey key);

    // Tokens

    @SqlUpdate(
            "INSERT INTO api_tokens (id, user_id, administrator, prefix, sha256, created_at, expires_at, last_used_at)"
                    + " VALUES (:t.id, :t.userId, :t.administrator, :t.prefix, :t.sha256, :t.createdAt, :t.expiresAt,"
                    + " :t.lastUsedAt)")
    void insertToken(@BindMethods("t") ApiToken token);

    @SqlQuery("SELECT * FROM api_tokens WHERE sha256 = :sha256")
    Optional<ApiToken> token(@Bind("sha256") String sha256);

    @SqlQuery("SELECT * FROM api_tokens WHERE id > :after ORDER BY id LIMIT :limit")
    List<ApiToken> tokens(@Bind("after") UUID after, @Bind("limit") int limit);

    @SqlQuery("SELECT * FROM api_tokens WHERE user_id = :user AND id > :after ORDER BY id LIMIT :limit")
    List<ApiToken> tokensOf(@Bind("user") String userId, @Bind("after") UUID after, @Bind("limit") int limit);

    @SqlQuery("SELECT COUNT(*) FROM api_tokens WHERE user_id = :user")
    int countTokens(@Bind("user") String userId);

    @SqlQuery("SELECT id FROM api_tokens WHERE id = :id FOR UPDATE")
    Optional<UUID> lockToken(@Bind("id") UUID id);

    @SqlUpdate("DELETE FROM api_tokens WHERE user_id = :user AND expires_at \\<= :now")
    int deleteExpiredTokens(@Bind("user") String userId, @Bind("now") Instant now);

    @SqlUpdate("DELETE FROM api_tokens WHERE id = :id")
    int deleteToken(@Bind("id") UUID id);

    @SqlUpdate("INSERT INTO link_keys (id, user_id, secret, created_at)"
            + " VALUES (:k.id, :k.userId, :k.secret, :k.createdAt) ON CONFLICT DO NOTHING")
    void insertLinkKey(@BindMethods("k") LinkKey key);

    @SqlQuery("SELECT * FROM link_keys WHERE user_id = :userId")
    Optional<LinkKey> linkKeyOf(@Bind("userId") String userId);

    @SqlQuery("SELECT * FROM link_keys WHERE id = :id")
    Optional<LinkKey> linkKey(@Bind("id") UUID id);

    @SqlUpdate("DELETE FROM link_keys WHERE user_id = :userId")
    int deleteLinkKey(@Bind("userId") String userId);

    @SqlUpdate("DELETE FROM api_tokens WHERE id = :id AND user_id = :user")
    int deleteTokenOf(@Bind("id") UUID id, @Bind("user") String userId);

    @SqlUpdate("UPDATE api_tokens SET last_used_at = :when WHERE id = :id")
    void tokenUsed(@Bind("id") UUID id, @Bind("when") Instant when);
}
