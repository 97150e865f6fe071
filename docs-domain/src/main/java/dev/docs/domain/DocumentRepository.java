package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * The record of documents, their versions, uploads under way, content to be discarded, and what each owner uses.
 *
 * <p><b>Atomic and durable.</b> Every method is one step: it happens whole or not at all, other callers see it whole or
 * not at all, and when it has returned it survives a power cut (as far as the adapter is configured to promise that).
 * Usage figures change in the same step as what they count.
 *
 * <p><b>Absence.</b> A method that looks something up returns empty; a method that changes something which is not there
 * throws, as said at the method.
 *
 * <p><b>Threads.</b> Every method may be called by any thread at any time, and by several processes if the adapter allows
 * several on one database.
 *
 * <p><b>Failures.</b> {@link DocumentStorageException} of kind {@code UNAVAILABLE}: nothing was changed. Of kind
 * {@code OUTCOME_UNKNOWN}: the connection broke while committing; read back before doing anything that the change would
 * forbid, above all before deleting bytes.
 *
 * <p><b>Keys.</b> A step that is given an {@linkplain IdempotencyKey idempotency key} puts it on record in the same step. If
 * the key is on record already it does nothing, whatever else there may be to refuse, and throws a
 * {@link DocumentKeyException}: {@code REQUEST_RUNNING} while the request that has the key is under way,
 * {@code KEY_REUSED} once that was carried out; {@link #answered} then tells what it did. So of several requests with one
 * key, one does something.
 *
 * <p><b>Time.</b> Leases run on the repository's own clock, so that the clocks of several servers need not agree. All
 * other times come with the data.
 */
public interface DocumentRepository extends ResumableRepository, HousekeepingRepository {
    // Uploads

    /**
     * Puts an upload on record before its first byte is written: reserves its bytes against the owner's quota and starts
     * its lease. It is one of the owner's uploads under way until it is activated or aborted, unless it has no bytes yet. Reservations without bytes that the document still has (see {@link Upload#url}) end, and their quota is
     * given back first.
     *
     * @param lease how long the upload may live without {@link #extend}
     * @param document if not null, the revision to write in the same step: revision 1 is inserted, any other replaces
     *     the one before it
     * @param defaults the limits for owners who have none of their own
     * @throws DocumentQuotaException if the owner's limits have no {@linkplain Quota#admit room} for the bytes, for a new
     *     document or for another upload
     * @throws DocumentConflictException if the stored revision is not the one before {@code document}, or the id of a
     *     first revision is taken
     * @param use if not null, the key of the request. Without a fingerprint it is under way until {@link #activate}
     *     carries it out or {@link #abort} frees the key; with one, {@code document} is all it asked for
     * @throws DocumentKeyException if the key is taken
     */
    void reserve(
            Upload upload,
            Duration lease,
            @Nullable DocumentData document,
            Quota defaults,
            IdempotencyKey.@Nullable Use use);

    /** The same, of a request without a key. */
    default void reserve(Upload upload, Duration lease, @Nullable DocumentData document, Quota defaults) {
        reserve(upload, lease, document, defaults, null);
    }

    /**
     * Renews the lease of an upload and reserves more bytes for it; 0 renews only.
     *
     * @throws DocumentQuotaException as {@link #reserve}; the upload stays as it was
     * @throws DocumentUploadException {@code UPLOAD_EXPIRED} if the upload has been {@linkplain #claimExpired claimed}
     */
    void extend(UUID uploadId, long moreBytes, Duration lease, Quota defaults);

    /**
     * Publishes what an upload wrote: the upload ends, {@code next} replaces the revision before it, its content becomes
     * a version, and the reservation turns into use.
     *
     * @param next a revision made by {@link DocumentData#publish}, its content at the upload's URL
     * @throws DocumentUploadException {@code UPLOAD_EXPIRED} if the upload has been claimed: its bytes may be gone
     * @throws DocumentConflictException if the stored revision is not the one before {@code next}, or there is none; the
     *     upload stays open
     * @param fingerprint that of the request, if the upload was reserved with a key; ignored if not
     */
    void activate(UUID uploadId, DocumentData next, @Nullable String fingerprint);

    /** The same, of a request without a key. */
    default void activate(UUID uploadId, DocumentData next) {
        activate(uploadId, next, null);
    }

    /**
     * Publishes small content that is kept in the repository itself, all in one step: quota, bytes, version, document.
     * Reservations without bytes that the document still has end, as with {@link #reserve}.
     *
     * @param next a revision made by {@link DocumentData#publish}; revision 2 of a document that is not stored is
     *     inserted, since creating and publishing it is one step here
     * @param bytes the content, between the buffer's position and limit; not kept after the call
     * @throws DocumentQuotaException as {@link #reserve}
     * @throws DocumentConflictException as {@link #activate}
     * @param use if not null, the key of the request and its fingerprint
     * @throws DocumentKeyException if the key is taken
     */
    void publish(DocumentData next, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use);

    /** The same, of a request without a key. */
    default void publish(DocumentData next, ByteBuffer bytes, Quota defaults) {
        publish(next, bytes, defaults, null);
    }

    /**
     * Publishes the content of an older version anew, all in one step: quota, version, document. No bytes are copied: both
     * versions refer to the same ones from then on, and to what was {@linkplain #verified verified} of them.
     *
     * @param next a revision made by {@link DocumentData#republish}
     * @param from the number of the older version
     * @throws DocumentQuotaException as {@link #reserve}: each version counts, whatever it shares
     * @throws DocumentConflictException as {@link #activate}, or if there is no version {@code from} with this content any
     *     more: its bytes may be doomed, or gone
     * @param use if not null, the key of the request and its fingerprint
     * @throws DocumentKeyException if the key is taken
     */
    void republish(DocumentData next, int from, Quota defaults, IdempotencyKey.@Nullable Use use);

    /** The same, of a request without a key. */
    default void republish(DocumentData next, int from, Quota defaults) {
        republish(next, from, defaults, null);
    }

    /**
     * Small content of a new document, to be published beside others.
     *
     * @param next revision 2 of a document that is not stored
     * @param bytes as for {@link #publish}
     * @param use as for {@link #publish}
     */
    record Publication(DocumentData next, ByteBuffer bytes, IdempotencyKey.@Nullable Use use) {}

    /**
     * {@linkplain #publish Publishes} the content of many new documents in one step, as if one after another. What
     * {@code publish} would refuse is left out, and leaves nothing; all others are published.
     *
     * @return for each, in order, why it was refused; empty if it was published
     */
    List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults);

    /** The store that {@link #publish} writes to. Its content is deleted together with the last version that has it. */
    StorageBackend inlineStore();

    // Idempotency keys

    /**
     * What was done under a key, as it was then; empty if the key is free.
     *
     * @throws DocumentKeyException {@code REQUEST_RUNNING} if the request is still under way, {@code KEY_REUSED} if it is a
     *     bulk request
     */
    Optional<IdempotencyKey.Answer> answered(IdempotencyKey key);

    /**
     * Frees keys whose requests were carried out longer ago than this, by the repository's own clock; and those of bulk
     * requests whose last step was then, and that nobody is carrying out.
     *
     * @return how many; fewer than {@code max} if no more are left
     */
    int forgetKeys(Duration age, int max);

    // Documents

    Optional<DocumentData> find(UUID id);

    /**
     * Replaces the revision before {@code next}: name, metadata, status. Not for content.
     *
     * @throws DocumentConflictException if the stored revision is another, or there is none
     */
    void update(DocumentData next);

    /**
     * Removes a document, its versions and its reservations, and dooms the content that no version references any more.
     * An upload under way for it can no longer be activated.
     *
     * @param revision the stored revision that the caller decided on
     * @param freed if not null, a key that is freed in the same step: what was done under it never happened
     * @throws DocumentConflictException if the stored revision is another, or there is none
     */
    void purge(UUID id, long revision, @Nullable IdempotencyKey freed);

    /** The same, with every key kept. */
    default void purge(UUID id, long revision) {
        purge(id, revision, null);
    }

    // Many documents in one step: up to 1,000, since all others wait while it is made

    /** Those of these documents that are stored, in no order. */
    List<DocumentData> findAll(Collection<UUID> ids);

    /**
     * Many {@linkplain #update updates} in one step, of as many documents. One whose stored revision is not the one before
     * is left out, and all others are made.
     *
     * @param step if not null, what to put on record
     * @return the documents left out
     * @throws DocumentKeyException {@code REQUEST_RUNNING} if the step's request is another holder's by now, or its key is
     *     gone: nothing was done
     */
    Set<UUID> updateAll(Collection<DocumentData> next, @Nullable BulkStep step);

    /**
     * Many {@linkplain #purge purges} in one step, otherwise as {@link #updateAll}.
     *
     * @param documents the stored revisions that the caller decided on
     */
    Set<UUID> purgeAll(Collection<DocumentData> documents, @Nullable BulkStep step);

    /**
     * Takes a key for a bulk request, or takes the request over if it is not carried out and its holder's lease has run
     * out. On the repository's own clock.
     *
     * @param fingerprint of the request
     * @param holder who is to carry it out, if it is not finished
     * @throws DocumentKeyException {@code REQUEST_RUNNING} if another holds it, {@code KEY_REUSED} if the key is that of
     *     another request, bulk or not
     */
    BulkStep.Progress beginBulk(IdempotencyKey key, String fingerprint, UUID holder, Duration lease);

    /** Ends the lease of a request that this holder gives up; does nothing if it is not this holder's. */
    void leaveBulk(IdempotencyKey key, UUID holder);

    /** Bytes of all versions of these documents, older ones included. */
    long versionBytes(Collection<UUID> ids);

    /**
     * Removes one older version, as {@link #dropVersion(UUID, int)} does. The document stays at its revision: nothing that
     * it shows has changed.
     *
     * @param revision the stored revision that the caller decided on
     * @return whether there was such a version
     * @throws DocumentConflictException if the stored revision is another, there is none, or the version is the current one
     */
    boolean dropVersion(UUID documentId, int number, long revision);

    /**
     * A page of documents. Costs the same at any depth. A document that is not changed while the pages are read is in
     * exactly one of them.
     *
     * @param after where the page begins; null for the first
     * @param max the most documents to return, 1 or more
     */
    Page<DocumentData> list(DocumentQuery query, @Nullable Position after, int max);

    /** How many documents match, counted up to {@code max}: the cost grows with the count. */
    long count(DocumentQuery query, long max);

    Optional<DocumentVersion> version(UUID documentId, int number);

    /**
     * Versions of a document, newest first.
     *
     * @param before only numbers below this one
     */
    List<DocumentVersion> versions(UUID documentId, int before, int max);

    // Owners

    /** What an owner uses, by the maintained counters; {@link Usage#NONE} for an unknown one. */
    Usage usage(String userId);

    /** The same, counted anew from rows: slow, and equal to {@link #usage} at any moment without writers. */
    Usage recount(String userId);

    /** An owner's own limits; {@link Quota.Own#NONE} for an unknown one. */
    Quota.Own quota(String userId);

    /**
     * Changes an owner's own limits. A limit below what is used deletes nothing.
     *
     * @param change makes the new limits of the stored ones; may be called several times
     */
    void setQuota(String userId, UnaryOperator<Quota.Own> change);

    /**
     * Removes an owner with all documents and versions, and dooms their content. Uploads under way are claimed: they can
     * neither be extended nor activated, the next sweep clears them, and they count against nobody. Whatever else the same
     * database keeps for that user (tokens, keys and answers that tell of the user's documents) goes too. What others'
     * bulk requests have on record stays: it names ids only.
     *
     * @return whether there was such an owner
     */
    boolean deleteUser(String userId);

    // Housekeeping

    /**
     * Ends the lease of an upload, so that the next {@link #claimExpired} returns it. Does nothing if it is gone.
     */
    void expire(UUID uploadId);

    /**
     * Claims uploads whose lease has run out: from here on they can't be extended or activated, so their bytes may be
     * deleted. Uploads that were claimed before but not {@linkplain #abort aborted} are returned again, once the claim has
     * run out: so several sweepers share the work.
     *
     * @param lease how long the claim keeps other sweepers away
     */
    List<Upload> claimExpired(Duration lease, int max);

    /**
     * Claims one upload whatever its lease, as its uploader may when it gives up.
     *
     * @return whether it was open; false if it was activated or is gone
     */
    boolean claim(UUID uploadId);

    /**
     * Ends a claimed upload whose bytes have been deleted: its reservation is given back, and a document that is still
     * pending and has no other upload fails. If the upload was reserved with a key, that is free again; a document that
     * was inserted with it and never had content is removed, since the request may come again and make another.
     *
     * @param reason the {@linkplain DocumentData#statusReason reason}, or null to remove a document that never had
     *     content: nobody was ever told its id
     */
    void abort(Upload upload, @Nullable String reason);

    /** Content doomed longer ago than the grace period, oldest first. */
    List<StorageUrl> doomed(Duration grace, int max);

    /**
     * The same, claimed for the caller to delete: it is not handed out again until the claim has run out, and then after
     * what was never tried.
     *
     * @param lease how long the claim keeps other sweepers away
     */
    List<StorageUrl> claimDoomed(Duration grace, Duration lease, int max);

    /** Forgets doomed content, after its bytes have been deleted. */
    void discarded(Collection<StorageUrl> urls);

    /** Names of the stores that versions, uploads and doomed content refer to. */
    Set<String> storesInUse();

    /**
     * Remembers which store goes by a name, for good.
     *
     * @param id the store's {@link StorageBackend#id}
     * @return the id that the name stands for: this one, unless there was another before
     */
    String bindStore(String name, String id);

    /**
     * Makes sure that the repository can be used now; cheap.
     *
     * @throws DocumentStorageException if it can't
     */
    void check();
}
