package dev.docs.adapter.jdbi;

import dev.docs.domain.BulkStep;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Documents as rows. Each method is one transaction, and each transaction touches the owner's usage last: that row is the
 * one that all writers of an owner meet at.
 */
final class JdbiDocumentRepository extends JdbiHousekeepingRepository implements DocumentRepository {
    private static final Duration TOMBSTONE = Duration.ofHours(24);

    static final String REPLACE = "UPDATE documents SET name = :name, name_key = :nameKey,"
            + " declared_type = :declaredType, mime_type = :mimeType, status = :status,"
            + " status_reason = :statusReason, store = :store, storage_key = :storageKey,"
            + " size_bytes = :size, sha256 = :sha256, version = :version, revision = :revision,"
            + " metadata = :metadata, updated_at = :updatedAt, detected_type = :detectedType, verdict = :verdict"
            + " WHERE id = :id AND revision = :revision - 1";
    static final String INSERT_METADATA = "INSERT INTO document_metadata (owner_id, meta_key, meta_value,"
            + " document_id) VALUES (:owner, :key, :value, :id)";

    static final String INSERT_DOCUMENT = "INSERT INTO documents (" + Rows.DOCUMENT_COLUMNS + ", name_key) VALUES ("
            + Rows.DOCUMENT_VALUES + ", :nameKey)";
    static final String INSERT_VERSION = "INSERT INTO document_versions (" + Rows.VERSION_COLUMNS + ") VALUES (:id,"
            + " :version, :store, :storageKey, :mimeType, :declaredType, :detectedType, :verdict, :size, :sha256,"
            + " :updatedAt)";

    private final Database database;
    private final UsageCounters counters;
    private final StorageBackend inline;

    JdbiDocumentRepository(Database database, UsageCounters counters) {
        super(database, counters);
        this.database = database;
        this.counters = counters;
        inline = new InlineStorage(database);
    }

    // Uploads

    @Override
    public void reserve(
            Upload upload,
            Duration lease,
            @Nullable DocumentData document,
            Quota defaults,
            IdempotencyKey.@Nullable Use use) {
        write((handle, statements) -> reserve(handle, upload, lease, document, defaults, use));
    }

    private void reserve(
            Handle handle,
            Upload upload,
            Duration lease,
            @Nullable DocumentData document,
            Quota defaults,
            IdempotencyKey.@Nullable Use use) {
        Statements statements = Attached.statements(handle);
        takeKey(handle, use, upload.id(), document);
        makeUser(statements, upload.userId());
        Usage change = Usage.NONE.plusUpload(upload);
        if (document != null) {
            change = change.plus(document.revision() == 1 ? insert(handle, document) : replace(handle, document));
        }
        change = change.minus(endReservations(statements, upload.documentId()));
        StorageUrl url = upload.url();
        statements.insertUpload(
                upload, url == null ? null : url.store(), url == null ? null : url.key(), lease.toMillis());
        counters.admit(handle, upload.userId(), upload.documentId(), change, defaults);
    }

    @Override
    public void extend(UUID uploadId, long moreBytes, Duration lease, Quota defaults) {
        write((handle, statements) -> {
            if (statements.extendUpload(uploadId, moreBytes, lease.toMillis()) == 0) {
                throw DocumentUploadException.expired();
            }
            if (moreBytes > 0) {
                Upload upload =
                        statements.lockUpload(uploadId, "pending").orElseThrow(DocumentUploadException::expired);
                Usage change = Usage.NONE.plusReserved(moreBytes);
                counters.admit(handle, upload.userId(), upload.documentId(), change, defaults);
            }
        });
    }

    @Override
    public void activate(UUID uploadId, DocumentData next, @Nullable String fingerprint) {
        write((handle, statements) -> {
            Upload upload = statements.lockUpload(uploadId, "pending").orElseThrow(DocumentUploadException::expired);
            statements.deleteUpload(uploadId);
            answerKey(handle, uploadId, next, fingerprint);
            Usage change = replace(handle, next);
            insertVersion(handle, next);
            statements.endResumable(uploadId, true);
            count(handle, next, change.minusUpload(upload));
        });
    }

    @Override
    public void publish(DocumentData next, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        String key = Objects.requireNonNull(next.content(), "a published document has content")
                .url()
                .key();
        write((handle, statements) -> {
            takeKey(handle, use, null, next);
            makeUser(statements, next.userId());
            boolean isNew = next.revision() == 2 && statements.find(next.id()).isEmpty();
            Usage change = isNew ? insert(handle, next) : replace(handle, next);
            insertVersion(handle, next);
            statements.insertInline(key, content);
            if (!isNew) {
                change = change.minus(endReservations(statements, next.id()));
            }
            counters.admit(handle, next.userId(), next.id(), change, defaults);
        });
    }

    @Override
    public void republish(DocumentData next, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
        write((handle, statements) -> {
            takeKey(handle, use, null, next);
            // with the document's row changed nobody can drop the older version until this is committed
            Usage change = replace(handle, next);
            Optional<DocumentVersion> older = statements.version(next.id(), from);
            if (older.isEmpty() || !older.get().content().equals(next.content())) {
                throw new DocumentConflictException(next.id());
            }
            insertVersion(handle, next);
            statements.inheritVerification(next.id(), next.version(), from);
            counters.admit(handle, next.userId(), next.id(), change, defaults);
        });
    }

    @Override
    public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
        if (publications.isEmpty()) {
            return List.of();
        }
        return database.write(handle -> new PublishingMany(handle, counters, publications).publish(defaults));
    }

    @Override
    public StorageBackend inlineStore() {
        return inline;
    }

    // Uploads in parts

    @Override
    public void reserve(ResumableUpload first, Duration expiry, @Nullable DocumentData document, Quota defaults) {
        write((handle, statements) -> {
            statements.insertResumable(first);
            reserve(handle, first.upload(), expiry, document, defaults, null);
        });
    }

    @Override
    public Optional<ResumableUpload> resumable(UUID uploadId) {
        return read((handle, statements) -> statements.resumable(uploadId));
    }

    @Override
    public void advance(UUID uploadId, long from, long to, @Nullable Long length, Duration expiry) {
        write((handle, statements) -> {
            if (statements.extendUpload(uploadId, 0, expiry.toMillis()) == 0) {
                throw DocumentUploadException.expired();
            }
            if (statements.advance(uploadId, from, to, length) == 0) {
                ResumableUpload other = statements.resumable(uploadId).orElseThrow(DocumentUploadException::expired);
                throw DocumentUploadException.offset(from, other.offset());
            }
        });
    }

    @Override
    public void forgetResumable(UUID uploadId) {
        free((handle, statements) -> statements.deletePublished(uploadId));
    }

    @Override
    public int forgetResumables(Duration age, int max) {
        return database.free(handle -> {
            Statements statements = Attached.statements(handle);
            List<UUID> old = statements.lockOldResumables(-age.toMillis(), max);
            if (!old.isEmpty()) {
                statements.deleteResumables(old);
            }
            return old.size();
        });
    }

    // Idempotency keys

    @Override
    public Optional<IdempotencyKey.Answer> answered(IdempotencyKey key) {
        return read((handle, statements) -> statements.key(key)).map(taken -> {
            if (taken.isBulk()) {
                throw DocumentKeyException.reused();
            }
            if (taken.answer() == null) {
                throw DocumentKeyException.running();
            }
            return taken.answer();
        });
    }

    @Override
    public int forgetKeys(Duration age, int max) {
        return database.write(handle -> {
            Statements statements = Attached.statements(handle);
            List<IdempotencyKey> old = statements.lockOldKeys(-age.toMillis(), max);
            old.forEach(statements::deleteKey);
            return old.size();
        });
    }

    /**
     * Puts a key on record, or fails if it is. Of two transactions that find none, the database lets the first to commit
     * insert it; the other begins again and finds it.
     *
     * @param uploadId the upload that is to carry the request out, if the step does not
     * @param document what the step makes, if it carries the request out
     */
    static void takeKey(
            Handle handle, IdempotencyKey.@Nullable Use use, @Nullable UUID uploadId, @Nullable DocumentData document) {
        if (use == null) {
            return;
        }
        Statements statements = Attached.statements(handle);
        Rows.TakenKey taken = statements.key(use.key()).orElse(null);
        if (taken != null) {
            throw taken.answer() == null && !taken.isBulk()
                    ? DocumentKeyException.running()
                    : DocumentKeyException.reused();
        }
        if (use.fingerprint() == null) {
            statements.insertRunningKey(
                    use.key(),
                    Objects.requireNonNull(uploadId, "only an upload's request can be under way"),
                    document == null || document.revision() > 1 ? null : document.id());
            return;
        }
        DocumentData made = Objects.requireNonNull(document, "a request that is carried out makes a revision");
        Rows.bind(
                        handle.createUpdate("INSERT INTO idempotency_keys (user_id, idem_key, fingerprint, used_at, "
                                + Rows.DOCUMENT_COLUMNS + ") VALUES (:user, :key, :fingerprint, CURRENT_TIMESTAMP, "
                                + Rows.DOCUMENT_VALUES + ")"),
                        made)
                .bind("user", use.key().userId())
                .bind("key", use.key().key())
                .bind("fingerprint", use.fingerprint())
                .execute();
    }

    /** Writes down what an upload has made under its key, if it has one. */
    private static void answerKey(Handle handle, UUID uploadId, DocumentData made, @Nullable String fingerprint) {
        if (fingerprint == null) {
            return;
        }
        Rows.bind(
                        handle.createUpdate("UPDATE idempotency_keys SET (upload_id, fingerprint, used_at, "
                                + Rows.DOCUMENT_COLUMNS + ") = ROW (NULL, :fingerprint, CURRENT_TIMESTAMP, "
                                + Rows.DOCUMENT_VALUES + ") WHERE upload_id = :upload"),
                        made)
                .bind("fingerprint", fingerprint)
                .bind("upload", uploadId)
                .execute();
    }

    // Documents

    @Override
    public Optional<DocumentData> find(UUID id) {
        return read((handle, statements) -> statements.find(id));
    }

    @Override
    public void update(DocumentData next) {
        write((handle, statements) -> count(handle, next, replace(handle, next)));
    }

    @Override
    public void purge(UUID id, long revision, @Nullable IdempotencyKey freed) {
        free((handle, statements) -> {
            DocumentData document = statements
                    .lock(id)
                    .filter(stored -> stored.revision() == revision)
                    .orElseThrow(() -> new DocumentConflictException(id));
            if (freed != null) {
                statements.deleteKey(freed);
            }
            Usage givenBack = endReservations(statements, id);
            count(handle, document, remove(statements, document).minus(givenBack));
        });
    }

    // Many documents in one step

    @Override
    public List<DocumentData> findAll(Collection<UUID> ids) {
        return ids.isEmpty() ? List.of() : read((handle, statements) -> statements.findAll(ids));
    }

    @Override
    public Set<UUID> updateAll(Collection<DocumentData> next, @Nullable BulkStep step) {
        return database.write(handle -> new BulkRows(handle, counters).update(next, step));
    }

    @Override
    public Set<UUID> purgeAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
        return database.free(handle -> new BulkRows(handle, counters).purge(documents, step));
    }

    @Override
    public BulkStep.Progress beginBulk(IdempotencyKey key, String fingerprint, UUID holder, Duration lease) {
        return database.free(handle -> new BulkRows(handle, counters).begin(key, fingerprint, holder, lease));
    }

    @Override
    public void leaveBulk(IdempotencyKey key, UUID holder) {
        free((handle, statements) -> statements.leaveBulkKey(key, holder));
    }

    @Override
    public long versionBytes(Collection<UUID> ids) {
        return ids.isEmpty() ? 0 : read((handle, statements) -> statements.versionBytes(ids));
    }

    @Override
    public boolean dropVersion(UUID documentId, int number, long revision) {
        return database.free(handle -> {
            DocumentData document = Attached.statements(handle)
                    .lock(documentId)
                    .filter(stored -> stored.revision() == revision)
                    .orElseThrow(() -> new DocumentConflictException(documentId));
            return drop(handle, document, number);
        });
    }

    @Override
    public Page<DocumentData> list(DocumentQuery query, @Nullable Position after, int max) {
        return read((handle, statements) -> new ListQuery(query).page(handle, after, max));
    }

    @Override
    public long count(DocumentQuery query, long max) {
        return read((handle, statements) -> new ListQuery(query).count(handle, max));
    }

    @Override
    public Optional<DocumentVersion> version(UUID documentId, int number) {
        return read((handle, statements) -> statements.version(documentId, number));
    }

    @Override
    public List<DocumentVersion> versions(UUID documentId, int before, int max) {
        return read((handle, statements) -> statements.versions(documentId, before, max));
    }

    // Owners

    @Override
    public Usage usage(String userId) {
        return read((handle, statements) -> statements.usage(userId));
    }

    @Override
    public Usage recount(String userId) {
        return read((handle, statements) -> statements.recount(userId));
    }

    @Override
    public Quota.Own quota(String userId) {
        return read((handle, statements) -> quota(statements, userId));
    }

    @Override
    public void setQuota(String userId, UnaryOperator<Quota.Own> change) {
        write((handle, statements) -> {
            // first, so that of two changes the second is made to what the first has left
            statements.lockUser(userId);
            Quota.Own next = change.apply(quota(statements, userId));
            if (!next.equals(Quota.Own.NONE)) {
                makeUser(statements, userId);
            }
            statements.setQuota(userId, next);
        });
    }

    @Override
    public boolean deleteUser(String userId) {
        return database.free(handle -> {
            Statements statements = Attached.statements(handle);
            // with the user locked no document can be added, with the documents locked no version
            boolean isKnown = statements.lockUser(userId).isPresent();
            List<UUID> owned = statements.lockAllOf(userId);
            // only now: until then a step of the user's could put another on record
            statements.deleteKeysOf(userId);
            if (!isKnown) {
                return false;
            }
            if (!owned.isEmpty()) {
                statements.doom(userId, owned.get(0), true);
                statements.deleteInline(userId, owned.get(0), true);
            }
            statements.orphanUploads(userId);
            statements.deleteResumablesOf(userId);
            statements.deleteUser(userId);
            return true;
        });
    }

    // Housekeeping

    @Override
    public void expire(UUID uploadId) {
        free((handle, statements) -> statements.expireUpload(uploadId));
    }

    @Override
    public List<Upload> claimExpired(Duration lease, int max) {
        return database.free(handle -> {
            Statements statements = Attached.statements(handle);
            List<Upload> expired = statements.lockExpired(-TOMBSTONE.toMillis(), max);
            if (!expired.isEmpty()) {
                statements.claimUploads(expired.stream().map(Upload::id).toList(), lease.toMillis());
            }
            return expired;
        });
    }

    @Override
    public boolean claim(UUID uploadId) {
        return database.free(handle -> Attached.statements(handle).claimUpload(uploadId)) > 0;
    }

    @Override
    public void abort(Upload upload, @Nullable String reason) {
        free((handle, statements) -> {
            Optional<Upload> claimed = statements.lockUpload(upload.id(), "aborting");
            if (claimed.isEmpty()) {
                statements.deleteTombstone(upload.id());
                return;
            }
            statements.endResumable(upload.id(), false);
            boolean comesAgain = statements.runningKeyMade(upload.id());
            statements.deleteRunningKey(upload.id());
            if (claimed.get().url() == null) {
                statements.deleteUpload(upload.id());
            } else {
                statements.buryUpload(upload.id());
            }
            Usage change = Usage.NONE.minusUpload(claimed.get());
            DocumentData document = statements.lock(upload.documentId()).orElse(null);
            if (document != null
                    && document.status() == DocumentStatus.PENDING
                    && !statements.hasOtherUpload(document.id(), upload.id())) {
                if (document.content() == null && (reason == null || comesAgain)) {
                    change = change.plus(remove(statements, document));
                } else if (reason != null) {
                    change = change.plus(replace(handle, document.fail(reason, statements.now())));
                }
            }
            counters.count(handle, claimed.get().userId(), upload.documentId(), change);
        });
    }

    @Override
    public List<StorageUrl> doomed(Duration grace, int max) {
        return read((handle, statements) -> statements.doomed(-grace.toMillis(), max));
    }

    @Override
    public List<StorageUrl> claimDoomed(Duration grace, Duration lease, int max) {
        return database.free(handle -> {
            Statements statements = Attached.statements(handle);
            List<StorageUrl> claimed = statements.lockDoomed(-grace.toMillis(), max);
            claimed.forEach(url -> statements.claimDoomed(url, lease.toMillis()));
            return claimed;
        });
    }

    @Override
    public void discarded(Collection<StorageUrl> urls) {
        free((handle, statements) -> urls.forEach(statements::discarded));
    }

    @Override
    public Set<String> storesInUse() {
        return read((handle, statements) -> {
            // from name to name along the index: the table may have millions of rows, and a handful of stores
            Set<String> stores = new TreeSet<>();
            Optional<String> next = statements.nextStore("");
            while (next.isPresent()) {
                stores.add(next.get());
                next = statements.nextStore(next.get());
            }
            return stores;
        });
    }

    @Override
    public String bindStore(String name, String id) {
        return database.free(handle -> {
            Statements statements = Attached.statements(handle);
            statements.insertStore(name, id);
            return statements.storeId(name);
        });
    }

    @Override
    public void check() {
        read((handle, statements) -> statements.now());
        database.requireSpace();
    }

    // Parts of transactions

    private interface Reading<T> {
        T on(Handle handle, Statements statements);
    }

    private interface Writing {
        void on(Handle handle, Statements statements);
    }

    private <T> T read(Reading<T> reading) {
        return database.read(handle -> reading.on(handle, Attached.statements(handle)));
    }

    private void write(Writing writing) {
        database.write(handle -> {
            writing.on(handle, Attached.statements(handle));
            return this;
        });
    }

    private void free(Writing writing) {
        database.free(handle -> {
            writing.on(handle, Attached.statements(handle));
            return this;
        });
    }

    private void count(Handle handle, DocumentData document, Usage change) {
        counters.count(handle, document.userId(), document.id(), change);
    }

    private static Quota.Own quota(Statements statements, String userId) {
        return statements.quota(userId).orElse(Quota.Own.NONE);
    }

    static void makeUser(Statements statements, String userId) {
        if (!statements.hasUser(userId)) {
            statements.insertUser(userId);
            statements.insertUsage(userId, 0);
        }
    }

    private static Usage insert(Handle handle, DocumentData document) {
        if (Attached.statements(handle).find(document.id()).isPresent()) {
            throw new DocumentConflictException(document.id());
        }
        Rows.bind(handle.createUpdate(INSERT_DOCUMENT), document).execute();
        insertMetadata(handle, document);
        return Usage.change(null, document);
    }

    /** Replaces the revision before; returns what that changes about the owner's usage. */
    private static Usage replace(Handle handle, DocumentData next) {
        DocumentData before = Attached.statements(handle)
                .find(next.id())
                .filter(stored -> stored.revision() == next.revision() - 1)
                .orElseThrow(() -> new DocumentConflictException(next.id()));
        int updated = Rows.bind(handle.createUpdate(REPLACE), next).execute();
        if (updated == 0) {
            throw new DocumentConflictException(next.id());
        }
        if (!next.metadata().equals(before.metadata())) {
            Attached.statements(handle).deleteMetadata(next.id());
            insertMetadata(handle, next);
        }
        return Usage.change(before, next);
    }

    private static void insertMetadata(Handle handle, DocumentData document) {
        if (!document.metadata().isEmpty()) {
            insertMetadata(handle, List.of(document));
        }
    }

    static void insertMetadata(Handle handle, List<DocumentData> documents) {
        PreparedBatch batch = handle.prepareBatch(INSERT_METADATA);
        for (DocumentData document : documents) {
            for (Metadata.Pair pair : document.metadata().pairs()) {
                Rows.bind(batch, document, pair).add();
            }
        }
        if (batch.size() > 0) {
            batch.execute();
        }
    }

    private static void insertVersion(Handle handle, DocumentData document) {
        Rows.bind(handle.createUpdate(INSERT_VERSION), document).execute();
    }

    /** Removes a document that is locked; returns what that changes about the owner's usage. */
    private static Usage remove(Statements statements, DocumentData document) {
        long older = statements.olderBytes(document.id(), document.version());
        statements.doom(document.userId(), document.id(), false);
        statements.deleteInline(document.userId(), document.id(), false);
        statements.delete(document.id());
        return Usage.change(document, null).plusOlder(-older);
    }

    /** Ends reservations that no bytes were written for; returns what that gives back. */
    private static Usage endReservations(Statements statements, UUID documentId) {
        Usage givenBack = Usage.NONE;
        for (Upload reservation : statements.lockReservations(documentId)) {
            givenBack = givenBack.plusUpload(reservation);
            statements.deleteUpload(reservation.id());
        }
        return givenBack;
    }
}
