package dev.docs.adapter.jdbi;

import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.HousekeepingRepository;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The part of the record that looks at all rows, whoever owns them. */
abstract class JdbiHousekeepingRepository implements HousekeepingRepository {
    /** Not as a comparison of pairs, for which H2 reads the table from its beginning. */
    private static final String BEHIND = " AND v.document_id >= :document"
            + " AND (v.document_id > :document OR v.version > :number)"
            + " ORDER BY v.document_id, v.version LIMIT :max";

    private final Database database;
    private final UsageCounters counters;

    JdbiHousekeepingRepository(Database database, UsageCounters counters) {
        this.database = database;
        this.counters = counters;
    }

    @Override
    public Optional<String> takeJob(String job, UUID holder, Duration lease) {
        return database.free(handle -> {
            handle.createUpdate("INSERT INTO jobs (name, holder, lease_until, note) VALUES (:job, :holder,"
                            + " CURRENT_TIMESTAMP, '') ON CONFLICT DO NOTHING")
                    .bind("job", job)
                    .bind("holder", holder)
                    .execute();
            int taken = handle.createUpdate("UPDATE jobs SET holder = :holder, lease_until = <now_plus_millis>"
                            + " WHERE name = :job AND (holder = :holder OR lease_until \\<= CURRENT_TIMESTAMP)")
                    .bind("job", job)
                    .bind("holder", holder)
                    .bind("millis", lease.toMillis())
                    .execute();
            return taken == 0
                    ? Optional.empty()
                    : handle.createQuery("SELECT note FROM jobs WHERE name = :job")
                            .bind("job", job)
                            .mapTo(String.class)
                            .findOne();
        });
    }

    @Override
    public boolean noteJob(String job, UUID holder, Duration lease, String note) {
        return database.free(
                handle -> handle.createUpdate("UPDATE jobs SET note = :note, lease_until = <now_plus_millis>"
                                        + " WHERE name = :job AND holder = :holder")
                                .bind("job", job)
                                .bind("holder", holder)
                                .bind("millis", lease.toMillis())
                                .bind("note", note)
                                .execute()
                        > 0);
    }

    @Override
    public List<DocumentVersion> versionsNotVerified(Instant verifiedBefore, VersionId after, int max) {
        return database.read(handle -> page(
                handle.createQuery("SELECT " + Rows.VERSION_COLUMNS + " FROM document_versions v"
                                + " WHERE COALESCE(v.verified_at, v.created_at) \\< :before" + BEHIND)
                        .bind("before", verifiedBefore),
                after,
                max));
    }

    @Override
    public void verified(Collection<StorageUrl> urls, Instant when) {
        if (urls.isEmpty()) {
            return;
        }
        database.write(handle -> {
            for (StorageUrl url : urls) {
                bind(
                                handle.createUpdate("UPDATE document_versions SET verified_at = :when"
                                        + " WHERE store = :store AND storage_key = :key"),
                                url)
                        .bind("when", when)
                        .execute();
            }
            return urls;
        });
    }

    @Override
    public Verification verification(Instant since) {
        return database.read(handle -> handle.createQuery("SELECT COALESCE(SUM(size_bytes), 0) AS bytes,"
                        + " COALESCE(SUM(CASE WHEN COALESCE(verified_at, created_at) >= :since THEN size_bytes END), 0)"
                        + " AS verified FROM document_versions")
                .bind("since", since)
                .map((rs, ctx) -> new Verification(rs.getLong("bytes"), rs.getLong("verified")))
                .one());
    }

    @Override
    public Set<StorageUrl> known(Collection<StorageUrl> urls) {
        return database.read(handle -> {
            Set<StorageUrl> known = new HashSet<>();
            for (StorageUrl url : urls) {
                boolean isKnown = bind(
                                handle.createQuery("SELECT EXISTS (SELECT 1 FROM document_versions"
                                        + " WHERE store = :store AND storage_key = :key)"
                                        + " OR EXISTS (SELECT 1 FROM doomed_content"
                                        + " WHERE store = :store AND storage_key = :key)"
                                        + " OR EXISTS (SELECT 1 FROM uploads"
                                        + " WHERE store = :store AND storage_key = :key)"),
                                url)
                        .mapTo(Boolean.class)
                        .one();
                if (isKnown) {
                    known.add(url);
                }
            }
            return known;
        });
    }

    @Override
    public List<StorageUrl> doomedInUse(int max) {
        return database.read(handle -> handle.createQuery(
                        "SELECT d.store, d.storage_key FROM doomed_content d WHERE EXISTS (SELECT 1"
                                + " FROM document_versions v WHERE v.store = d.store AND v.storage_key = d.storage_key)"
                                + " LIMIT :max")
                .bind("max", max)
                .mapTo(StorageUrl.class)
                .list());
    }

    @Override
    public void spare(Collection<StorageUrl> urls) {
        database.free(handle -> {
            for (StorageUrl url : urls) {
                bind(
                                handle.createUpdate("DELETE FROM doomed_content WHERE store = :store"
                                        + " AND storage_key = :key AND EXISTS (SELECT 1 FROM document_versions v"
                                        + " WHERE v.store = :store AND v.storage_key = :key)"),
                                url)
                        .execute();
            }
            return urls;
        });
    }

    @Override
    public boolean dropVersion(UUID documentId, int number) {
        return database.free(handle -> {
            // the document's row is what everybody who adds or removes versions locks or changes
            Optional<DocumentData> document = Attached.statements(handle).lock(documentId);
            return document.isPresent() && drop(handle, document.get(), number);
        });
    }

    /** Removes a version of a document that is locked. */
    boolean drop(Handle handle, DocumentData document, int number) {
        Optional<DocumentVersion> version = Attached.statements(handle).version(document.id(), number);
        if (version.isEmpty()) {
            return false;
        }
        if (document.version() == number) {
            throw new DocumentConflictException(document.id());
        }
        handle.createUpdate("DELETE FROM document_versions WHERE document_id = :id AND version = :version")
                .bind("id", document.id())
                .bind("version", number)
                .execute();
        giveUp(handle, version.get());
        counters.count(
                handle,
                document.userId(),
                document.id(),
                Usage.NONE.plusOlder(-version.get().content().sizeBytes()));
        return true;
    }

    /** Content whose version is gone: doomed, or deleted if it is inline, unless another version has it. */
    private static void giveUp(Handle handle, DocumentVersion version) {
        StorageUrl url = version.content().url();
        String unused = " NOT EXISTS (SELECT 1 FROM document_versions WHERE store = :store AND storage_key = :key)";
        bind(
                        handle.createUpdate("INSERT INTO doomed_content (store, storage_key, size_bytes, doomed_at)"
                                + " SELECT CAST(:store AS VARCHAR(63)), CAST(:key AS VARCHAR(200)),"
                                + " CAST(:size AS BIGINT), CURRENT_TIMESTAMP WHERE" + unused
                                + " AND NOT EXISTS (SELECT 1 FROM inline_content WHERE storage_key = :key)"
                                + " ON CONFLICT DO NOTHING"),
                        url)
                .bind("size", version.content().sizeBytes())
                .execute();
        bind(handle.createUpdate("DELETE FROM inline_content WHERE storage_key = :key AND" + unused), url)
                .execute();
    }

    @Override
    public List<DocumentVersion> surplusVersions(int keep, VersionId after, int max) {
        return database.read(handle -> page(
                handle.createQuery("SELECT " + Rows.VERSION_COLUMNS + " FROM document_versions v"
                                + " WHERE (SELECT COUNT(*) FROM document_versions n WHERE n.document_id = v.document_id"
                                + " AND n.version > v.version) >= :keep" + BEHIND)
                        .bind("keep", keep),
                after,
                max));
    }

    @Override
    public List<DocumentData> unchangedSince(
            DocumentStatus status, Instant updatedBefore, @Nullable UUID after, int max) {
        return database.read(handle -> handle.createQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents"
                        + " WHERE status = :status AND updated_at \\< :before AND id > :after ORDER BY id LIMIT :max")
                .bind("status", status.wire())
                .bind("before", updatedBefore)
                .bind("after", after == null ? VersionId.FIRST.documentId() : after)
                .bind("max", max)
                .mapTo(DocumentData.class)
                .list());
    }

    @Override
    public List<DocumentData> incoherent(@Nullable UUID after, int max) {
        return database.read(handle -> handle.createQuery("SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents d"
                        + " WHERE id > :after AND ((version > 0 AND NOT EXISTS (SELECT 1 FROM document_versions v"
                        + " WHERE v.document_id = d.id AND v.version = d.version AND v.store = d.store"
                        + " AND v.storage_key = d.storage_key AND v.sha256 = d.sha256"
                        + " AND v.size_bytes = d.size_bytes))"
                        + " OR (status = 'pending' AND NOT EXISTS (SELECT 1 FROM uploads u"
                        + " WHERE u.document_id = d.id AND u.state != 'aborted')))"
                        + " ORDER BY id LIMIT :max")
                .bind("after", after == null ? VersionId.FIRST.documentId() : after)
                .bind("max", max)
                .mapTo(DocumentData.class)
                .list());
    }

    @Override
    public List<String> owners(@Nullable String after, int max) {
        return database.read(
                handle -> handle.createQuery("SELECT id FROM users WHERE id > :after ORDER BY id LIMIT :max")
                        .bind("after", after == null ? "" : after)
                        .bind("max", max)
                        .mapTo(String.class)
                        .list());
    }

    @Override
    public void correctUsage(String userId) {
        database.write(handle -> {
            counters.correct(handle, userId);
            return userId;
        });
    }

    private static List<DocumentVersion> page(Query query, VersionId after, int max) {
        return query.bind("document", after.documentId())
                .bind("number", after.number())
                .bind("max", max)
                .mapTo(DocumentVersion.class)
                .list();
    }

    private static <S extends SqlStatement<S>> S bind(S statement, StorageUrl url) {
        return statement.bind("store", url.store()).bind("key", url.key());
    }
}
