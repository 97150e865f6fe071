package dev.docs.application;

import dev.docs.domain.BulkStep;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A repository in front of another, for tests to watch or disturb what goes through. */
class ForwardingRepository implements DocumentRepository {
    final DocumentRepository next;

    ForwardingRepository(DocumentRepository next) {
        this.next = next;
    }

    @Override
    public void reserve(
            Upload upload,
            Duration lease,
            @Nullable DocumentData document,
            Quota defaults,
            IdempotencyKey.@Nullable Use use) {
        next.reserve(upload, lease, document, defaults, use);
    }

    @Override
    public void reserve(ResumableUpload first, Duration expiry, @Nullable DocumentData document, Quota defaults) {
        next.reserve(first, expiry, document, defaults);
    }

    @Override
    public Optional<ResumableUpload> resumable(UUID uploadId) {
        return next.resumable(uploadId);
    }

    @Override
    public void advance(UUID uploadId, long from, long to, @Nullable Long length, Duration expiry) {
        next.advance(uploadId, from, to, length, expiry);
    }

    @Override
    public void forgetResumable(UUID uploadId) {
        next.forgetResumable(uploadId);
    }

    @Override
    public int forgetResumables(Duration age, int max) {
        return next.forgetResumables(age, max);
    }

    @Override
    public void extend(UUID uploadId, long moreBytes, Duration lease, Quota defaults) {
        next.extend(uploadId, moreBytes, lease, defaults);
    }

    @Override
    public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
        next.activate(uploadId, document, fingerprint);
    }

    @Override
    public void publish(DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
        next.publish(document, bytes, defaults, use);
    }

    @Override
    public void republish(DocumentData document, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
        next.republish(document, from, defaults, use);
    }

    @Override
    public boolean dropVersion(UUID documentId, int number, long revision) {
        return next.dropVersion(documentId, number, revision);
    }

    @Override
    public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
        return next.publishAll(publications, defaults);
    }

    @Override
    public Optional<IdempotencyKey.Answer> answered(IdempotencyKey key) {
        return next.answered(key);
    }

    @Override
    public int forgetKeys(Duration age, int max) {
        return next.forgetKeys(age, max);
    }

    @Override
    public StorageBackend inlineStore() {
        return next.inlineStore();
    }

    @Override
    public Optional<DocumentData> find(UUID id) {
        return next.find(id);
    }

    @Override
    public void update(DocumentData document) {
        next.update(document);
    }

    @Override
    public void purge(UUID id, long revision, @Nullable IdempotencyKey freed) {
        next.purge(id, revision, freed);
    }

    @Override
    public Page<DocumentData> list(DocumentQuery query, @Nullable Position after, int max) {
        return next.list(query, after, max);
    }

    @Override
    public long count(DocumentQuery query, long max) {
        return next.count(query, max);
    }

    @Override
    public Optional<DocumentVersion> version(UUID documentId, int number) {
        return next.version(documentId, number);
    }

    @Override
    public List<DocumentVersion> versions(UUID documentId, int before, int max) {
        return next.versions(documentId, before, max);
    }

    @Override
    public Usage usage(String userId) {
        return next.usage(userId);
    }

    @Override
    public Usage recount(String userId) {
        return next.recount(userId);
    }

    @Override
    public Quota.Own quota(String userId) {
        return next.quota(userId);
    }

    @Override
    public void setQuota(String userId, UnaryOperator<Quota.Own> change) {
        next.setQuota(userId, change);
    }

    @Override
    public boolean deleteUser(String userId) {
        return next.deleteUser(userId);
    }

    @Override
    public void expire(UUID uploadId) {
        next.expire(uploadId);
    }

    @Override
    public List<Upload> claimExpired(Duration lease, int max) {
        return next.claimExpired(lease, max);
    }

    @Override
    public boolean claim(UUID uploadId) {
        return next.claim(uploadId);
    }

    @Override
    public void abort(Upload upload, @Nullable String reason) {
        next.abort(upload, reason);
    }

    @Override
    public List<StorageUrl> doomed(Duration grace, int max) {
        return next.doomed(grace, max);
    }

    @Override
    public void discarded(Collection<StorageUrl> urls) {
        next.discarded(urls);
    }

    @Override
    public Set<String> storesInUse() {
        return next.storesInUse();
    }

    @Override
    public String bindStore(String name, String id) {
        return next.bindStore(name, id);
    }

    @Override
    public void check() {
        next.check();
    }

    @Override
    public List<StorageUrl> claimDoomed(Duration grace, Duration lease, int max) {
        return next.claimDoomed(grace, lease, max);
    }

    @Override
    public Optional<String> takeJob(String job, UUID holder, Duration lease) {
        return next.takeJob(job, holder, lease);
    }

    @Override
    public boolean noteJob(String job, UUID holder, Duration lease, String note) {
        return next.noteJob(job, holder, lease, note);
    }

    @Override
    public List<DocumentVersion> versionsNotVerified(Instant verifiedBefore, VersionId after, int max) {
        return next.versionsNotVerified(verifiedBefore, after, max);
    }

    @Override
    public void verified(Collection<StorageUrl> urls, Instant when) {
        next.verified(urls, when);
    }

    @Override
    public Verification verification(Instant since) {
        return next.verification(since);
    }

    @Override
    public Set<StorageUrl> known(Collection<StorageUrl> urls) {
        return next.known(urls);
    }

    @Override
    public List<StorageUrl> doomedInUse(int max) {
        return next.doomedInUse(max);
    }

    @Override
    public void spare(Collection<StorageUrl> urls) {
        next.spare(urls);
    }

    @Override
    public boolean dropVersion(UUID documentId, int number) {
        return next.dropVersion(documentId, number);
    }

    @Override
    public List<DocumentVersion> surplusVersions(int keep, VersionId after, int max) {
        return next.surplusVersions(keep, after, max);
    }

    @Override
    public List<DocumentData> unchangedSince(
            DocumentStatus status, Instant updatedBefore, @Nullable UUID after, int max) {
        return next.unchangedSince(status, updatedBefore, after, max);
    }

    @Override
    public List<DocumentData> incoherent(@Nullable UUID after, int max) {
        return next.incoherent(after, max);
    }

    @Override
    public List<String> owners(@Nullable String after, int max) {
        return next.owners(after, max);
    }

    @Override
    public void correctUsage(String userId) {
        next.correctUsage(userId);
    }

    @Override
    public List<DocumentData> findAll(Collection<UUID> ids) {
        return next.findAll(ids);
    }

    @Override
    public Set<UUID> updateAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
        return next.updateAll(documents, step);
    }

    @Override
    public Set<UUID> purgeAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
        return next.purgeAll(documents, step);
    }

    @Override
    public BulkStep.Progress beginBulk(IdempotencyKey key, String fingerprint, UUID holder, Duration lease) {
        return next.beginBulk(key, fingerprint, holder, lease);
    }

    @Override
    public void leaveBulk(IdempotencyKey key, UUID holder) {
        next.leaveBulk(key, holder);
    }

    @Override
    public long versionBytes(Collection<UUID> ids) {
        return next.versionBytes(ids);
    }
}
