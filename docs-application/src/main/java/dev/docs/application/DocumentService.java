package dev.docs.application;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.DocumentVersionException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.UserIds;
import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Everything that can be done with documents. Each call says who is calling; the host's {@link AccessPolicy} decides
 * whether they may. A document that the caller may not see is a {@link DocumentNotFoundException}, like one that never
 * was.
 *
 * <p>What a method returns is durable. Every failure is a {@link DocumentException}; nothing was changed unless its kind
 * is {@code OUTCOME_UNKNOWN}.
 */
public final class DocumentService {
    /** The most items that a page may have. */
    public static final int MAX_PAGE = 200;

    /** The most documents that a zip file may have. */
    public static final int MAX_ZIP = 10_000;

    private final DocumentRepository repository;
    private final Storages storages;
    private final Floor floor;
    private final Uploads uploads;
    private final ResumableUploads uploadsInParts;
    private final Repetitions repetitions;
    private final Revisions revisions;
    private final Versions versions;
    private final Bulk bulk;
    private final Downloads downloads;
    private final Permissions permissions;
    private final Listeners listeners;
    private final Validation validation;
    private final Limits limits;
    private final Duration uploadExpiry;
    private final Ids ids;
    private final Clock clock;

    DocumentService(
            DocumentRepository repository,
            Storages storages,
            Floor floor,
            AccessPolicy policy,
            Gates gates,
            Listeners listeners,
            Limits limits,
            ContentTypes types,
            Duration uploadLease,
            Duration uploadExpiry,
            boolean verifyDownloads,
            Clock clock) {
        this.repository = repository;
        this.storages = storages;
        this.floor = floor;
        permissions = new Permissions(policy);
        this.listeners = listeners;
        this.limits = limits;
        this.uploadExpiry = uploadExpiry;
        this.clock = clock;
        ids = new Ids(clock);
        revisions = new Revisions(repository);
        repetitions = new Repetitions(repository, limits);
        uploads = new Uploads(
                repository,
                revisions,
                repetitions,
                storages,
                floor,
                limits,
                types,
                uploadLease,
                gates,
                listeners,
                ids,
                clock);
        uploadsInParts = new ResumableUploads(
                repository,
                revisions,
                storages,
                floor,
                uploads,
                types,
                permissions,
                listeners,
                limits,
                uploadExpiry,
                ids,
                clock);
        versions = new Versions(repository, revisions, repetitions, storages, uploads, listeners, limits, clock);
        bulk = new Bulk(repository, revisions, listeners, uploadLease);
        downloads = new Downloads(repository, storages, listeners, verifyDownloads, clock);
        validation = new Validation(limits);
    }

    /** Creates a document with its content, which is read to the end in constant memory. It is active on return. */
    public DocumentData create(Caller caller, NewDocument document, NewContent content) {
        return create(caller, document, content, null).document();
    }

    /**
     * The same, carried out once however often it is called with one key. A repetition reads its content to the end, and
     * returns what the first call did.
     *
     * @param key names the request among those of this caller, see {@link IdempotencyKey}; null for a call without one
     * @throws DocumentKeyException {@code KEY_REUSED} if the key is that of another request, {@code REQUEST_RUNNING} if
     *     the first call is under way
     */
    public Outcome create(Caller caller, NewDocument document, NewContent content, @Nullable String key) {
        DocumentData pending = pending(caller, document);
        NewContent checked = validation.checked(content);
        if (key == null) {
            return created(caller, uploads.create(pending, checked, null));
        }
        KeyedRequest request = KeyedRequest.creation(new IdempotencyKey(caller.userId(), key), pending, checked);
        return once(caller, request, checked, () -> created(caller, uploads.create(pending, checked, request)));
    }

    /**
     * Creates many documents, each as {@link #create(Caller, NewDocument, NewContent, String)} does and on its own: one that
     * is refused keeps no other from being created. Small ones are published together, which is several times faster than
     * one by one; so a result comes later than its document was read, but in the same order. Gates are asked about each
     * before that, and listeners told of each after.
     *
     * @param files asked for the next when the content of the one before has been read, or refused without reading it all.
     *     What it throws ends the call: those whose results were told are created, and no others
     * @param results told the result of each, in order
     */
    public void createAll(Caller caller, Iterator<NewFile> files, Consumer<Created> results) {
        Creations creations =
                new Creations(uploads, repetitions, outcome -> permitted(caller, created(caller, outcome)), results);
        while (files.hasNext()) {
            NewFile file = files.next();
            Creations.Next next;
            try {
                DocumentData pending = pending(caller, file.document());
                NewContent checked = validation.checked(file.content());
                KeyedRequest request = file.key() == null
                        ? null
                        : KeyedRequest.creation(new IdempotencyKey(caller.userId(), file.key()), pending, checked);
                next = new Creations.Next(pending, checked, request);
            } catch (DocumentException e) {
                creations.refuse(e);
                continue;
            }
            creations.add(next);
        }
        creations.finish();
    }

    /**
     * Makes sure that an upload of that many bytes would be let in now, for callers who want to know before they have any
     * of it.
     *
     * @throws DocumentStorageException {@code STORAGE_FULL} if too little space would be left
     */
    public void requireSpace(long sizeBytes) {
        floor.require(sizeBytes);
    }

    /**
     * Creates a document whose content is to come by {@link #replaceContent}. Until then it is pending, and its size, if
     * stated, is set aside in the owner's quota; when the configured time for uploads has passed, it fails.
     */
    public DocumentData reserve(Caller caller, NewDocument document) {
        return reserve(caller, document, null).document();
    }

    /** The same with a key, as {@link #create(Caller, NewDocument, NewContent, String)}. */
    public Outcome reserve(Caller caller, NewDocument document, @Nullable String key) {
        DocumentData pending = pending(caller, document);
        KeyedRequest request = key == null
                ? null
                : KeyedRequest.reservation(new IdempotencyKey(caller.userId(), key), pending, document.sizeBytes());
        long sizeBytes = document.sizeBytes() == null ? 0 : document.sizeBytes();
        return permitted(caller, created(caller, uploads.reserve(pending, sizeBytes, uploadExpiry, request)));
    }

    /**
     * Begins to upload a new document in parts, which are then added to {@link #uploadsInParts}. Until all of it has come it
     * is pending; its size, if stated, is set aside in the owner's quota.
     *
     * @param note told again whenever somebody asks about the upload
     * @throws DocumentUploadException {@code NOT_SUPPORTED} if the store for new content can't do that
     */
    public ResumableUpload beginUpload(Caller caller, NewDocument document, String note) {
        return uploadsInParts.create(caller, pending(caller, document), document.sizeBytes(), note);
    }

    /**
     * The same for another version of a document. Changes that others make meanwhile are kept.
     *
     * @param precondition null if there is none; else the upload replaces the revision that there is now, and fails in the
     *     end if that was changed
     * @param declaredType the media type its sender states, or null
     * @param sizeBytes of all of it, if known
     */
    public ResumableUpload beginUpload(
            Caller caller,
            UUID documentId,
            @Nullable Precondition precondition,
            @Nullable String declaredType,
            @Nullable Long sizeBytes,
            String note) {
        return uploadsInParts.replace(
                caller, documentId, precondition, Validation.mediaType(declaredType), sizeBytes, note);
    }

    /** What can be done with uploads in parts that have begun. */
    public ResumableUploads uploadsInParts() {
        return uploadsInParts;
    }

    private Outcome created(Caller caller, Outcome outcome) {
        if (!outcome.replayed()) {
            listeners.tell(caller, null, outcome.document());
        }
        return outcome;
    }

    public DocumentData get(Caller caller, UUID id) {
        return permissions.require(
                caller, Action.READ, repository.find(id).orElseThrow(DocumentNotFoundException::new));
    }

    /**
     * A page of an owner's documents.
     *
     * @param after where the page begins, from the page before; null for the first
     * @param max 1 to {@value #MAX_PAGE}
     */
    public Page<DocumentData> list(Caller caller, DocumentQuery query, @Nullable Position after, int max) {
        permissions.requireOwner(caller, Action.READ, query.userId());
        checkPageSize(max);
        return repository.list(query, after, max);
    }

    /** How many documents a query finds, counted up to {@code max}. */
    public long count(Caller caller, DocumentQuery query, long max) {
        permissions.requireOwner(caller, Action.READ, query.userId());
        return repository.count(query, max);
    }

    /** Changes name, metadata or status, all in one step; returns the document as it was if nothing is different. */
    public DocumentData change(Caller caller, UUID id, Precondition precondition, DocumentChanges changes) {
        if (changes.name() != null) {
            validation.checkName(changes.name());
        }
        if (changes.status() == DocumentStatus.PENDING || changes.status() == DocumentStatus.ERROR) {
            throw new DocumentValidationException("status", "can only be set to active or archived", null);
        }
        Changed done = revisions.change(id, permissions.admission(caller, Action.WRITE, precondition), current -> {
            Optional<DocumentData> next = changed(caller, current, changes);
            next.ifPresent(repository::update);
            return new Changed(current, next.orElse(current));
        });
        listeners.tell(caller, done.before, done.after);
        return done.after;
    }

    private record Changed(DocumentData before, DocumentData after) {}

    /** Soft-deletes a document; fine if it is archived already. */
    public DocumentData archive(Caller caller, UUID id, Precondition precondition) {
        return change(caller, id, precondition, DocumentChanges.status(DocumentStatus.ARCHIVED));
    }

    /** Makes an archived document available again; fine if it is active already. */
    public DocumentData restore(Caller caller, UUID id, Precondition precondition) {
        return change(caller, id, precondition, DocumentChanges.status(DocumentStatus.ACTIVE));
    }

    /**
     * Stores content as the document's next version, or as the first of a pending one; a failed document becomes whole
     * again. Changes that others make while the bytes come in are kept, unless the precondition speaks of them.
     */
    public DocumentData replaceContent(Caller caller, UUID id, Precondition precondition, NewContent content) {
        return replaceContent(caller, id, precondition, content, null).document();
    }

    /**
     * The same with a key, as {@link #create(Caller, NewDocument, NewContent, String)}. A repetition meets no
     * precondition: the first call did.
     */
    public Outcome replaceContent(
            Caller caller, UUID id, Precondition precondition, NewContent content, @Nullable String key) {
        return replaceContent(caller, id, precondition, content, key, Retention.ALL_VERSIONS);
    }

    /**
     * The same, and then drops older versions, so that only the newest are kept; the server's own {@link Retention} goes on
     * beside. They are dropped right after the new version is there for good, in steps of their own: should one fail, the new
     * version stays, nothing is thrown, and the next call drops the rest. What others publish meanwhile is neither
     * dropped nor counted.
     *
     * @param keepVersions how many versions are kept, the new one among them, 1 or more; to drop any the caller has to be
     *     permitted to {@linkplain Action#PURGE purge}, and is refused before anything is read if not
     */
    public Outcome replaceContent(
            Caller caller,
            UUID id,
            Precondition precondition,
            NewContent content,
            @Nullable String key,
            int keepVersions) {
        NewContent checked = validation.checked(content);
        Consumer<DocumentData> admission = permissions.admission(caller, precondition, keepVersions);
        Outcome outcome;
        if (key == null) {
            outcome = replace(caller, id, admission, checked, null);
        } else {
            KeyedRequest request =
                    KeyedRequest.replacement(new IdempotencyKey(caller.userId(), key), id, checked, keepVersions);
            outcome = once(caller, request, checked, () -> replace(caller, id, admission, checked, request));
        }
        return versions.keepNewest(caller, outcome, keepVersions);
    }

    private Outcome replace(
            Caller caller, UUID id, Consumer<DocumentData> admit, NewContent checked, @Nullable KeyedRequest request) {
        AtomicReference<DocumentData> before = new AtomicReference<>();
        Consumer<DocumentData> admission = admit.andThen(before::set);
        DocumentData current = repository.find(id).orElseThrow(DocumentNotFoundException::new);
        admission.accept(current);
        if (current.status() == DocumentStatus.ARCHIVED) {
            throw new DocumentStatusException(id, current.status(), current.status());
        }
        Outcome outcome = uploads.replace(current, checked, admission, request);
        if (!outcome.replayed()) {
            // the last one admitted is the one replaced
            listeners.tell(caller, before.get(), outcome.document());
        }
        return outcome;
    }

    /** Carries a request out, unless that has been done: then its content is but compared. */
    private Outcome once(Caller caller, KeyedRequest request, NewContent content, Supplier<Outcome> call) {
        return permitted(caller, repetitions.find(content, request).orElseGet(call));
    }

    /** Who could do it then need not be one who may see it now. */
    private Outcome permitted(Caller caller, Outcome outcome) {
        if (outcome.replayed()) {
            DocumentData done = outcome.document();
            permissions.require(caller, Action.WRITE, repository.find(done.id()).orElse(done));
        }
        return outcome;
    }

    /** Removes a document and all its versions for good. */
    public void purge(Caller caller, UUID id, Precondition precondition) {
        purge(caller, id, precondition, null);
    }

    /** The same, of what a call with a key has just made: that never happened, and its key is free again. */
    public void takeBack(Caller caller, UUID id, Precondition precondition, String key) {
        purge(caller, id, precondition, new IdempotencyKey(caller.userId(), key));
    }

    private void purge(Caller caller, UUID id, Precondition precondition, @Nullable IdempotencyKey freed) {
        DocumentData purged =
                revisions.change(id, permissions.admission(caller, Action.PURGE, precondition), current -> {
                    repository.purge(id, current.revision(), freed);
                    return current;
                });
        listeners.tell(caller, purged, null);
    }

    /** Does one thing to many documents, see {@link #bulk(Caller, BulkRequest, BulkListener, String)}. */
    public BulkReport bulk(Caller caller, BulkRequest request, BulkListener listener) {
        return bulk(caller, request, listener, null);
    }

    /**
     * Does one thing to many documents, in batches of some hundred. Each is changed or refused by itself, as by
     * {@link #change} or {@link #purge}. What is thrown is no document's failure: of batches before it nothing is undone.
     *
     * <p>With a key a repetition goes on after the last batch that was made: what is purged already is done, not missing.
     * A filter then finds what it finds now.
     *
     * @param key as in {@link #create(Caller, NewDocument, NewContent, String)}
     * @throws DocumentValidationException if the filter finds too many: nothing was done
     */
    public BulkReport bulk(Caller caller, BulkRequest request, BulkListener listener, @Nullable String key) {
        Bulk.Rule rule = rule(caller, request);
        KeyedRequest keyed = key == null ? null : KeyedRequest.bulk(new IdempotencyKey(caller.userId(), key), request);
        return bulk.run(caller, request, rule, listener, keyed);
    }

    /** What {@link #bulk} would do; changes nothing. */
    public BulkPreview preview(Caller caller, BulkRequest request) {
        return bulk.preview(request, rule(caller, request));
    }

    private Bulk.Rule rule(Caller caller, BulkRequest request) {
        if (request.filter() != null) {
            permissions.requireOwner(caller, Action.READ, request.filter().userId());
        }
        Metadata patch = request.patch();
        DocumentChanges changes = switch (request.action()) {
            case ARCHIVE -> DocumentChanges.status(DocumentStatus.ARCHIVED);
            case RESTORE -> DocumentChanges.status(DocumentStatus.ACTIVE);
            case UPDATE -> DocumentChanges.metadata(current -> patch == null ? current : current.merge(patch.values()));
            case PURGE -> null;
        };
        Consumer<DocumentData> admission =
                permissions.admission(caller, changes == null ? Action.PURGE : Action.WRITE, Precondition.NONE);
        return stored -> {
            admission.accept(stored);
            return changes == null ? Optional.of(stored) : changed(caller, stored, changes);
        };
    }

    /**
     * The current content, of an active or archived document.
     *
     * @throws DocumentStatusException if the document is pending or failed
     */
    public OpenContent content(Caller caller, UUID id) {
        DocumentData document = get(caller, id);
        return downloads.open(document, document.readableContent());
    }

    /** The content of one version, whatever the document's status. */
    public OpenContent content(Caller caller, UUID id, int version) {
        DocumentData document = get(caller, id);
        return downloads.open(document, versions.find(id, version).content());
    }

    /**
     * The current contents of these documents as one zip file, in this order. All are checked before anything is written.
     *
     * @param ids 1 to {@value #MAX_ZIP}, each once
     * @throws DocumentNotFoundException naming those that are not there, or not to be seen
     * @throws DocumentStatusException if one is pending or failed
     */
    public OpenZip zip(Caller caller, List<UUID> ids) {
        return zips(caller).of(ids, downloads::read);
    }

    /**
     * The same, of what a query finds.
     *
     * @throws DocumentNotFoundException also if it finds nothing
     * @throws DocumentValidationException if it finds more than {@value #MAX_ZIP}
     */
    public OpenZip zip(Caller caller, DocumentQuery query) {
        permissions.requireOwner(caller, Action.READ, query.userId());
        return zips(caller).of(query, downloads::read);
    }

    private Zips zips(Caller caller) {
        return new Zips(repository, document -> permissions.mayRead(caller, document));
    }

    public DocumentVersion version(Caller caller, UUID id, int version) {
        get(caller, id);
        return versions.find(id, version);
    }

    /**
     * Versions, newest first.
     *
     * @param before only numbers below this one; {@link Integer#MAX_VALUE} for the first page
     * @param max 1 to {@value #MAX_PAGE}
     */
    public List<DocumentVersion> versions(Caller caller, UUID id, int before, int max) {
        checkPageSize(max);
        get(caller, id);
        return repository.versions(id, before, max);
    }

    /**
     * Makes an older version current again, as a new version with that one's content and types; no bytes are copied, and
     * history stays as it was. It counts towards the owner's usage like any other version.
     *
     * <p>A document in {@code ERROR} becomes {@code ACTIVE}: usually it is the current bytes that are damaged, and older ones
     * are the way back. To be sure of that, they are first read to their end and compared with their SHA-256, which takes
     * as long as a download. Of other documents the bytes only have to be there.
     *
     * @throws DocumentNotFoundException if there is no such document or version
     * @throws DocumentStatusException if the document is archived, or pending
     * @throws DocumentVersionException if that version is the current one
     * @throws DocumentStorageException {@code CONTENT_LOST} if the version's bytes are missing or damaged
     */
    public DocumentData restoreVersion(Caller caller, UUID id, int number, Precondition precondition) {
        return restoreVersion(caller, id, number, precondition, null).document();
    }

    /** The same with a key, as {@link #replaceContent(Caller, UUID, Precondition, NewContent, String)}. */
    public Outcome restoreVersion(Caller caller, UUID id, int number, Precondition precondition, @Nullable String key) {
        return restoreVersion(caller, id, number, precondition, key, Retention.ALL_VERSIONS);
    }

    /** The same that keeps but the newest versions, as {@link #replaceContent(Caller, UUID, Precondition, NewContent, String, int)}. */
    public Outcome restoreVersion(
            Caller caller, UUID id, int number, Precondition precondition, @Nullable String key, int keepVersions) {
        AtomicReference<DocumentData> before = new AtomicReference<>();
        Consumer<DocumentData> admission =
                permissions.admission(caller, precondition, keepVersions).andThen(before::set);
        Outcome outcome;
        if (key == null) {
            outcome = versions.restore(id, number, admission, null);
        } else {
            KeyedRequest request =
                    KeyedRequest.restoration(new IdempotencyKey(caller.userId(), key), id, number, keepVersions);
            Optional<IdempotencyKey.Answer> first = repository.answered(request.key());
            outcome = permitted(
                    caller,
                    first.isPresent()
                            ? Repetitions.of(first.get(), request)
                            : versions.restore(id, number, admission, request));
        }
        if (!outcome.replayed()) {
            listeners.tell(caller, before.get(), outcome.document());
        }
        return versions.keepNewest(caller, outcome, keepVersions);
    }

    /**
     * Removes an older version for good, in whatever status its document is. Its bytes go unless another version has the
     * same, and its use is given back at once.
     *
     * @param precondition of the document, which stays at its revision: nothing that it shows has changed, and whoever is
     *     about to change it need not begin again. So of two calls that drop different versions of one revision, both do
     * @throws DocumentNotFoundException if there is no such document or version
     * @throws DocumentVersionException if that version is the current one
     */
    public void dropVersion(Caller caller, UUID id, int number, Precondition precondition) {
        versions.drop(caller, id, number, permissions.admission(caller, Action.PURGE, precondition));
    }

    public UserUsage usage(Caller caller, String userId) {
        UserIds.check(userId);
        permissions.requireOwner(caller, Action.READ, userId);
        return usage(userId);
    }

    private UserUsage usage(String userId) {
        Quota.Own own = repository.quota(userId);
        return new UserUsage(userId, repository.usage(userId), limits.quota().with(own), own);
    }

    /**
     * What users have, of all who have or had documents, tokens or limits of their own. For administrators; those whom the
     * {@link dev.docs.domain.AccessPolicy} does not let them administer are left out.
     *
     * @param after the user that the page before was read up to, or null for the first page
     * @param max how many users are looked at, 1 or more
     * @throws dev.docs.domain.DocumentAccessException if the caller is no administrator
     */
    public UserPage users(Caller caller, @Nullable String after, int max) {
        caller.requireAdministrator();
        List<String> ids = repository.owners(after, max + 1);
        List<String> page = ids.subList(0, Math.min(max, ids.size()));
        return new UserPage(
                page.stream()
                        .filter(id -> permissions.mayAdminister(caller, id))
                        .map(this::usage)
                        .toList(),
                ids.size() > max ? page.get(max - 1) : null);
    }

    /** @param next where the next page begins, behind this user; null if there is none */
    public record UserPage(List<UserUsage> items, @Nullable String next) {
        public UserPage {
            items = List.copyOf(items);
        }
    }

    /**
     * Changes the limits of one user, for example by {@code own -> own.withBytes(5L << 30).withDocuments(null)}: null
     * returns to the default. Deletes nothing if that is less than what the user has.
     *
     * @param change makes the new limits of those set before; may be called several times
     */
    public void setQuota(Caller caller, String userId, UnaryOperator<Quota.Own> change) {
        UserIds.check(userId);
        permissions.requireOwner(caller, Action.ADMINISTER, userId);
        repository.setQuota(userId, change);
    }

    /** Deletes a user with every document and token. The bytes go with the next sweeps. */
    public void deleteUser(Caller caller, String userId) {
        UserIds.check(userId);
        permissions.requireOwner(caller, Action.ADMINISTER, userId);
        if (!repository.deleteUser(userId)) {
            throw new DocumentNotFoundException("user");
        }
        listeners.tellUserDeleted(caller, userId);
    }

    /** How many uploads are under way in this process, on record or not. Of a form's small files, none. */
    public int uploadsUnderWay() {
        return floor.claims();
    }

    /**
     * Makes sure that the repository and every store can be used now.
     *
     * @throws DocumentStorageException naming what can't
     */
    public void check() {
        repository.check();
        storages.check();
        floor.check();
    }

    private DocumentData pending(Caller caller, NewDocument document) {
        validation.check(document);
        String userId = document.userId() == null ? caller.userId() : document.userId();
        UserIds.check(userId);
        permissions.requireOwner(caller, Action.WRITE, userId);
        UUID id = ids.next();
        DocumentData pending = DocumentData.pending(
                id,
                userId,
                document.name(),
                Validation.mediaType(document.declaredType()),
                document.metadata(),
                Ids.time(id));
        permissions.requireResult(caller, pending);
        return pending;
    }

    /** The next revision; empty if it would look like this one. */
    private Optional<DocumentData> changed(Caller caller, DocumentData current, DocumentChanges changes) {
        String name = changes.name() == null ? current.name() : changes.name();
        DocumentStatus status = changes.status() == null ? current.status() : changes.status();
        Metadata metadata = current.metadata();
        if (changes.metadata() != null) {
            metadata = changes.metadata().apply(metadata);
            validation.checkMetadata(metadata);
        }
        boolean same = name.equals(current.name()) && status == current.status() && metadata.equals(current.metadata());
        if (same) {
            return Optional.empty();
        }
        DocumentData next = current.amend(name, metadata, status, clock.instant());
        if (!metadata.equals(current.metadata())) {
            permissions.requireResult(caller, next);
        }
        return Optional.of(next);
    }

    private static void checkPageSize(int max) {
        if (max < 1 || max > MAX_PAGE) {
            throw new DocumentValidationException("limit", "must be 1 to " + MAX_PAGE, (long) MAX_PAGE);
        }
    }
}
