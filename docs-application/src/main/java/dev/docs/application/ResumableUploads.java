package dev.docs.application;

import dev.docs.application.Turns.Turn;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.ResumableStorage.Growing;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.ResumableUpload.State;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Uploads in parts, with any time between them: begin, add, ask, end. Whatever has been acknowledged survives the client, the
 * connection and the server. Made for any protocol; it knows none.
 *
 * <p>Each is an upload like any other, with a reservation in its owner's quota and a lease, which lasts from part to part.
 * Two things keep parts from mixing, also of several servers: the store lets one of them add at a time, and the record lets
 * the offset grow from where it is only. The offset on record is what counts; bytes beyond it are dropped by the next part.
 *
 * <p>When the last byte has come, the content is read back for its digest and shown to the gates, and then published. If
 * the server dies over that, or a gate can't be reached, whoever asks next about the upload carries it to its end.
 *
 * <p>Who may write the document may add to its uploads. To all others they are not there.
 */
public final class ResumableUploads {
    private static final Logger log = LoggerFactory.getLogger(ResumableUploads.class);

    /** Refusals that pass: what has come by then is kept. */
    private static final Set<Kind> PASSING = EnumSet.of(Kind.UNAVAILABLE, Kind.STORAGE_FULL, Kind.OUTCOME_UNKNOWN);

    /** What it may look like when the upload is ended, or its file taken away, in the middle of a step. */
    private static final Set<Kind> LOST = EnumSet.of(Kind.UPLOAD_EXPIRED, Kind.CONTENT_LOST, Kind.UNAVAILABLE);

    private final DocumentRepository repository;
    private final Revisions revisions;
    private final Storages storages;
    private final Floor floor;
    private final Uploads uploads;
    private final ContentTypes types;
    private final Permissions permissions;
    private final Listeners listeners;
    private final Limits limits;
    private final Duration expiry;
    private final Ids ids;
    private final Clock clock;
    private final Turns turns = new Turns();

    ResumableUploads(
            DocumentRepository repository,
            Revisions revisions,
            Storages storages,
            Floor floor,
            Uploads uploads,
            ContentTypes types,
            Permissions permissions,
            Listeners listeners,
            Limits limits,
            Duration expiry,
            Ids ids,
            Clock clock) {
        this.repository = repository;
        this.revisions = revisions;
        this.storages = storages;
        this.floor = floor;
        this.uploads = uploads;
        this.types = types;
        this.permissions = permissions;
        this.listeners = listeners;
        this.limits = limits;
        this.expiry = expiry;
        this.ids = ids;
        this.clock = clock;
    }

    /** The most bytes that an upload may have. */
    public long maxBytes() {
        return limits.documentBytes();
    }

    /** Begins the upload of a new document, which is pending until all of it has come. */
    ResumableUpload create(Caller caller, DocumentData pending, @Nullable Long sizeBytes, String note) {
        requireRoom(sizeBytes);
        types.checkPromised(pending);
        ResumableUpload first =
                ResumableUpload.first(intent(pending, sizeBytes), true, null, pending.declaredType(), note, sizeBytes);
        repository.reserve(first, expiry, pending, limits.quota());
        listeners.tell(caller, null, pending);
        return begun(caller, first);
    }

    /**
     * Begins the upload of another version of a document. Changes that others make until it is there are kept, unless there
     * is a precondition: then it replaces the revision that there is now, or none.
     */
    ResumableUpload replace(
            Caller caller,
            UUID documentId,
            @Nullable Precondition precondition,
            @Nullable String declaredType,
            @Nullable Long sizeBytes,
            String note) {
        requireRoom(sizeBytes);
        Consumer<DocumentData> admission =
                permissions.admission(caller, Action.WRITE, precondition == null ? Precondition.NONE : precondition);
        AtomicReference<DocumentData> before = new AtomicReference<>();
        AtomicReference<DocumentData> after = new AtomicReference<>();
        ResumableUpload begun = revisions.change(documentId, admission, stored -> {
            if (stored.status() == DocumentStatus.ARCHIVED) {
                throw new DocumentStatusException(documentId, stored.status(), stored.status());
            }
            DocumentData retried = stored.status() == DocumentStatus.ERROR ? stored.retry(clock.instant()) : null;
            DocumentData current = retried == null ? stored : retried;
            ResumableUpload first = ResumableUpload.first(
                    intent(current, sizeBytes),
                    false,
                    precondition == null ? null : (Long) current.revision(),
                    declaredType,
                    note,
                    sizeBytes);
            repository.reserve(first, expiry, retried, limits.quota());
            before.set(stored);
            after.set(current);
            return first;
        });
        listeners.tell(caller, before.get(), after.get());
        return begun(caller, begun);
    }

    /** Nothing will ever be added to an empty one, so it is complete now. */
    private ResumableUpload begun(Caller caller, ResumableUpload first) {
        UUID id = first.upload().id();
        if (!first.isComplete()) {
            return onRecord(id);
        }
        try (Growing content = storages.open(address(first))) {
            content.append(0, nothing());
        }
        return append(caller, id, new NewPart(0, nothing()));
    }

    private static StorageUrl address(ResumableUpload open) {
        return Objects.requireNonNull(open.upload().url(), "an open upload has an address");
    }

    private static ReadableByteChannel nothing() {
        return new BufferChannel(ByteBuffer.allocate(0));
    }

    private void requireRoom(@Nullable Long sizeBytes) {
        if (!storages.takesParts()) {
            throw DocumentUploadException.notSupported();
        }
        if (sizeBytes != null && sizeBytes < 0) {
            throw new DocumentValidationException("size_bytes", "must not be negative", 0L);
        }
        limits.requireDocumentBytes(sizeBytes);
        floor.require(sizeBytes == null ? 0 : sizeBytes);
    }

    private Upload intent(DocumentData document, @Nullable Long sizeBytes) {
        UUID id = ids.next();
        return new Upload(
                id, document.id(), document.userId(), storages.allocate(id), sizeBytes == null ? 0 : sizeBytes);
    }

    /**
     * Adds the next bytes; with the last ones the content becomes the document's. If somebody else is at it in this process,
     * they give way: their channel is closed, and what they had by then counts.
     *
     * @return as it is then
     * @throws DocumentNotFoundException if there is no such upload, or none that the caller may see
     * @throws DocumentUploadException {@code UPLOAD_GONE} if it was ended or has expired; {@code UPLOAD_BUSY} if somebody
     *     else is at it who can't give way; {@code OFFSET_MISMATCH}, {@code CHECKSUM_MISMATCH} and {@code TOO_LARGE} for a
     *     part that does not fit; {@code CONTENT_MISMATCH} if reading failed: what had come counts
     */
    public ResumableUpload append(Caller caller, UUID uploadId, NewPart part) {
        requireNotEnded(require(caller, uploadId));
        return fenced(uploadId, () -> {
            try (Turn turn = turns.take(uploadId, () -> close(part.bytes()))) {
                ResumableUpload upload = onRecord(uploadId);
                requireNotEnded(upload);
                requireOffset(upload, part);
                if (upload.isComplete() && part.sizeBytes() != null && part.sizeBytes() > 0) {
                    throw DocumentUploadException.tooLong(upload.offset());
                }
                if (!upload.isComplete()) {
                    upload = receive(upload, part);
                    requireNotEnded(upload);
                }
                return publishedIfComplete(caller, upload, turn);
            }
        });
    }

    private ResumableUpload publishedIfComplete(Caller caller, ResumableUpload upload, Turn turn) {
        if (!upload.isComplete() || upload.state() != State.OPEN) {
            return upload;
        }
        turn.keep();
        return finish(caller, upload);
    }

    /**
     * How far an upload is. Whoever adds to it in this process gives way, since somebody who asks has lost sight of that;
     * if all bytes are there and only the publication is missing, it is made up for.
     *
     * @throws DocumentNotFoundException as {@link #append}
     * @throws DocumentUploadException {@code UPLOAD_GONE} and {@code UPLOAD_BUSY} as {@link #append}; and whatever the
     *     publication is refused for
     */
    public ResumableUpload status(Caller caller, UUID uploadId) {
        ResumableUpload known = require(caller, uploadId);
        requireNotEnded(known);
        if (known.state() == State.PUBLISHED) {
            return known;
        }
        return fenced(uploadId, () -> {
            try (Turn turn = turns.take(uploadId, () -> {})) {
                ResumableUpload upload = onRecord(uploadId);
                requireNotEnded(upload);
                return publishedIfComplete(caller, upload, turn);
            }
        });
    }

    /**
     * Ends an upload, and with it a document that began with it; or forgets one that was published, whose document stays.
     *
     * @throws DocumentNotFoundException as {@link #append}
     * @throws DocumentUploadException {@code UPLOAD_GONE} if it was ended or has expired
     */
    public void terminate(Caller caller, UUID uploadId) {
        ResumableUpload upload = require(caller, uploadId);
        requireNotEnded(upload);
        if (upload.state() == State.OPEN && end(caller, upload, "the upload was ended")) {
            turns.interrupt(uploadId);
        } else {
            repository.forgetResumable(uploadId);
        }
    }

    private interface Step {
        ResumableUpload make();
    }

    /** Whoever loses against a sweep, or against somebody who ends the upload, finds it gone. */
    private ResumableUpload fenced(UUID uploadId, Step step) {
        try {
            return step.make();
        } catch (DocumentException e) {
            if (!LOST.contains(e.kind())) {
                throw e;
            }
            ResumableUpload upload = onRecord(uploadId);
            if (upload.state() == State.PUBLISHED) {
                return upload;
            }
            if (upload.state() == State.ENDED) {
                throw DocumentUploadException.gone();
            }
            throw e;
        }
    }

    private ResumableUpload receive(ResumableUpload known, NewPart part) {
        try (Growing content = storages.open(address(known))) {
            // only now: who had it open before, perhaps another server, may have got on
            ResumableUpload upload = onRecord(known.upload().id());
            requireNotEnded(upload);
            requireOffset(upload, part);
            return upload.isComplete() ? upload : receive(announced(upload, part), part, content);
        }
    }

    private ResumableUpload receive(ResumableUpload upload, NewPart part, Growing content) {
        NewPart.Checksum checksum = part.checksum();
        MessageDigest digest = checksum == null ? null : checksum.newDigest();
        try (Floor.Claim space = floor.claim(expected(upload, part))) {
            Reservation reservation = new Reservation(repository, limits, expiry, upload.upload(), space);
            Arriving bytes = new Arriving(part, upload, upload.length(), limits, reservation, digest);
            if (upload.offset() == 0) {
                checkHead(upload, bytes);
            }
            long there = upload.offset();
            while (bytes.nextPiece()) {
                long before = there;
                there = content.append(before, bytes);
                if (checksum == null && there > before) {
                    repository.advance(upload.upload().id(), before, there, null, expiry);
                }
            }
            if (checksum != null && digest != null) {
                there = verified(upload, content, there, bytes.cut() == null && checksum.matches(digest), bytes.cut());
            }
            boolean isWhole = upload.length() != null && there == upload.length();
            if (bytes.cut() != null && !isWhole) {
                throw DocumentUploadException.cut(bytes.cut());
            }
            return onRecord(upload.upload().id());
        }
    }

    private static long expected(ResumableUpload upload, NewPart part) {
        if (part.sizeBytes() != null) {
            return part.sizeBytes();
        }
        return upload.length() == null ? 0 : upload.length() - upload.offset();
    }

    /** All bytes of a part with a checksum count, or none. */
    private long verified(
            ResumableUpload upload, Growing content, long there, boolean isRight, @Nullable IOException cut) {
        if (isRight) {
            repository.advance(upload.upload().id(), upload.offset(), there, null, expiry);
            return there;
        }
        content.append(upload.offset(), nothing());
        throw cut == null ? DocumentUploadException.checksum() : DocumentUploadException.cut(cut);
    }

    /** Refuses what is not allowed while it has cost little; what shows too little of itself is judged at the end. */
    private void checkHead(ResumableUpload upload, Arriving bytes) {
        ByteBuffer head = bytes.readHead(types.headBytes());
        boolean isEnough = head.limit() >= types.headBytes()
                || (upload.length() != null && head.limit() == upload.length().longValue());
        if (head.hasRemaining() && isEnough) {
            DocumentData document =
                    repository.find(upload.upload().documentId()).orElseThrow(DocumentNotFoundException::new);
            try {
                types.check(document, content(upload), types.look(head, document.name()));
            } catch (DocumentException e) {
                giveUp(upload, e);
                throw e;
            }
        }
    }

    /** Takes note of a length that was not known before, and refuses a part that does not fit. */
    private ResumableUpload announced(ResumableUpload upload, NewPart part) {
        Long announced = part.uploadBytes();
        UUID id = upload.upload().id();
        ResumableUpload next = upload;
        if (announced != null && !announced.equals(upload.length())) {
            if (upload.length() != null || announced < upload.offset()) {
                throw new DocumentValidationException(
                        "upload_length",
                        upload.length() != null
                                ? "was " + upload.length() + " before, and can't be changed"
                                : "can't be less than the bytes that are there",
                        upload.length() != null ? upload.length() : (Long) upload.offset());
            }
            limits.requireDocumentBytes(announced);
            long more = announced - upload.upload().reservedBytes();
            if (more > 0) {
                repository.extend(id, more, expiry, limits.quota());
            }
            repository.advance(id, upload.offset(), upload.offset(), announced, expiry);
            next = onRecord(id);
        }
        if (part.sizeBytes() != null) {
            long end = upload.offset() + part.sizeBytes();
            limits.requireDocumentBytes(end);
            if (next.length() != null && end > next.length()) {
                throw DocumentUploadException.tooLong(next.length());
            }
        }
        return next;
    }

    private ResumableUpload finish(Caller caller, ResumableUpload complete) {
        UUID id = complete.upload().id();
        Long pinned = complete.expectedRevision();
        AtomicReference<DocumentData> before = new AtomicReference<>();
        Consumer<DocumentData> admission = permissions
                .admission(caller, Action.WRITE, pinned == null ? Precondition.NONE : Precondition.revision(pinned))
                .andThen(before::set);
        Outcome outcome;
        try {
            DocumentData document =
                    repository.find(complete.upload().documentId()).orElseThrow(DocumentNotFoundException::new);
            admission.accept(document);
            repository.extend(id, 0, expiry, limits.quota());
            outcome = uploads.finish(complete, document, content(complete), expiry, admission);
        } catch (DocumentException e) {
            if (e.kind() == Kind.UPLOAD_EXPIRED) {
                clear(complete);
            } else if (!PASSING.contains(e.kind())) {
                giveUp(complete, e);
            }
            throw e;
        }
        listeners.tell(caller, before.get(), outcome.document());
        // not read again: somebody may have had it forgotten by now
        return complete.published();
    }

    private static NewContent content(ResumableUpload upload) {
        return new NewContent(new BufferChannel(ByteBuffer.allocate(0)), upload.declaredType(), upload.length(), null);
    }

    /** What was finished after a sweep had deleted it is deleted again. */
    private void clear(ResumableUpload lost) {
        boolean isEnded = repository
                .resumable(lost.upload().id())
                .filter(upload -> upload.state() == State.ENDED)
                .isPresent();
        if (isEnded && lost.upload().url() != null) {
            storages.delete(lost.upload().url());
        }
    }

    private void giveUp(ResumableUpload upload, DocumentException failure) {
        try {
            end(null, upload, Uploads.reason(failure));
        } catch (RuntimeException e) {
            log.warn("upload {} could not be cleared", upload.upload().id(), e);
            failure.addSuppressed(e);
        }
    }

    /** Whether it was open until now. */
    private boolean end(@Nullable Caller caller, ResumableUpload upload, String reason) {
        UUID id = upload.upload().id();
        UUID documentId = upload.upload().documentId();
        if (!repository.claim(id)) {
            return false;
        }
        if (!upload.isNew()) {
            listeners.watchFailing(
                    repository, documentId, () -> Uploads.discard(repository, storages, upload.upload(), reason));
            return true;
        }
        DocumentData before =
                listeners.isEmpty() ? null : repository.find(documentId).orElse(null);
        Uploads.discard(repository, storages, upload.upload(), null);
        if (before != null && repository.find(documentId).isEmpty()) {
            listeners.tell(caller, before, null);
        }
        return true;
    }

    private ResumableUpload require(Caller caller, UUID uploadId) {
        ResumableUpload upload = onRecord(uploadId);
        DocumentData document = repository
                .find(upload.upload().documentId())
                .orElseThrow(() -> new DocumentNotFoundException("upload"));
        try {
            permissions.require(caller, Action.WRITE, document);
        } catch (DocumentNotFoundException e) {
            // in the words for one that never was
            throw new DocumentNotFoundException("upload");
        }
        return upload;
    }

    private ResumableUpload onRecord(UUID uploadId) {
        return repository.resumable(uploadId).orElseThrow(() -> new DocumentNotFoundException("upload"));
    }

    private static void requireNotEnded(ResumableUpload upload) {
        if (upload.state() == State.ENDED) {
            throw DocumentUploadException.gone();
        }
    }

    private static void requireOffset(ResumableUpload upload, NewPart part) {
        if (upload.offset() != part.offset()) {
            throw DocumentUploadException.offset(part.offset(), upload.offset());
        }
    }

    private static void close(ReadableByteChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("a part that had to give way could not be closed", e);
        }
    }
}
