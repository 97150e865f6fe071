package dev.docs.application;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentRepository.Publication;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.IdempotencyKey.Answer;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend.Stored;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How bytes become a document's content, in an order that survives interruption anywhere: put the intent on record, write
 * and sync the bytes under an address of their own, then publish row, version and usage in one step. Whatever dies in
 * between leaves a record that names what it left, and {@link Housekeeping#sweep} clears it.
 *
 * <p>Small content needs none of that: it is read first, and one step of the repository creates everything.
 */
final class Uploads {
    private final DocumentRepository repository;
    private final Revisions revisions;
    private final Repetitions repetitions;
    private final Together together;
    private final Storages storages;
    private final Floor floor;
    private final Limits limits;
    private final ContentTypes types;
    private final Duration lease;
    private final Gates gates;
    private final Renewal renewal;
    private final Listeners listeners;
    private final Ids ids;
    private final Clock clock;

    Uploads(
            DocumentRepository repository,
            Revisions revisions,
            Repetitions repetitions,
            Storages storages,
            Floor floor,
            Limits limits,
            ContentTypes types,
            Duration lease,
            Gates gates,
            Listeners listeners,
            Ids ids,
            Clock clock) {
        this.repository = repository;
        this.revisions = revisions;
        this.repetitions = repetitions;
        together = new Together(repository, limits.quota());
        this.storages = storages;
        this.floor = floor;
        this.limits = limits;
        this.types = types;
        this.lease = lease;
        this.gates = gates;
        renewal = new Renewal(repository);
        this.listeners = listeners;
        this.ids = ids;
        this.clock = clock;
    }

    /** Stores the first content of a document that is not on record yet. */
    Outcome create(DocumentData pending, NewContent content, @Nullable KeyedRequest request) {
        limits.requireDocumentBytes(content.sizeBytes());
        types.checkUnseen(pending, content);
        try (Floor.Claim space = claim(content)) {
            return create(pending, content, space, request);
        }
    }

    private Outcome create(
            DocumentData pending, NewContent content, Floor.Claim space, @Nullable KeyedRequest request) {
        Head first = readHead(pending, content);
        if (!first.isSmall()) {
            return createLarge(pending, first, space, request);
        }
        Small small = small(pending, first, request);
        return told(small, () -> publish(small));
    }

    /** Receives one of many: small content is read and let in, larger content is only begun to be read. */
    Received receive(DocumentData pending, NewContent content, @Nullable KeyedRequest request) {
        limits.requireDocumentBytes(content.sizeBytes());
        types.checkUnseen(pending, content);
        floor.require(announced(content));
        Head first = readHead(pending, content);
        if (first.isSmall()) {
            return new Received(small(pending, first, request).trimmed(), null);
        }
        Supplier<Outcome> rest = () -> {
            try (Floor.Claim space = claim(content)) {
                return createLarge(pending, first, space, request);
            }
        };
        return new Received(null, rest);
    }

    /**
     * Exactly one of them.
     *
     * @param small may be published with others
     * @param large stores the content by itself
     */
    record Received(@Nullable Small small, @Nullable Supplier<Outcome> large) {}

    private Outcome createLarge(DocumentData pending, Head first, Floor.Claim space, @Nullable KeyedRequest request) {
        Upload upload = announced(pending, first);
        try {
            repository.reserve(upload, lease, pending, limits.quota(), running(request));
        } catch (DocumentException e) {
            return repetitions.insteadOf(e, first.content(), first.bytes(), request);
        }
        return transfer(upload, pending, true, first, space, current -> {}, request);
    }

    private Small small(DocumentData pending, Head first, @Nullable KeyedRequest request) {
        ByteBuffer bytes = first.bytes();
        Content small = letIn(pending, inline(pending, first), first, () -> inMemory(bytes));
        return new Small(published(pending, small, first), bytes, request);
    }

    /**
     * Small content of a new document, ready to be published.
     *
     * @param bytes all of it
     */
    record Small(
            DocumentData next, ByteBuffer bytes, @Nullable KeyedRequest request) {
        private Publication publication() {
            return new Publication(next, bytes, use(next, request));
        }

        /** In no more memory than it needs. */
        private Small trimmed() {
            byte[] trimmed = new byte[bytes.remaining()];
            bytes.duplicate().get(trimmed);
            return new Small(next, ByteBuffer.wrap(trimmed), request);
        }
    }

    /** Publishes small content of many in one step. Each tells for itself what became of it. */
    List<Supplier<Outcome>> publish(List<Small> all) {
        if (all.isEmpty()) {
            return List.of();
        }
        if (all.size() == 1) {
            Small one = all.get(0);
            return List.of(() -> told(one, () -> publish(one)));
        }
        List<Supplier<Outcome>> steps = new ArrayList<>();
        try {
            List<Optional<DocumentException>> refusals =
                    repository.publishAll(all.stream().map(Small::publication).toList(), limits.quota());
            for (int i = 0; i < refusals.size(); i++) {
                Small each = all.get(i);
                Optional<DocumentException> refusal = refusals.get(i);
                steps.add(() -> told(each, () -> {
                    refusal.ifPresent(e -> {
                        throw e;
                    });
                    return new Outcome(each.next(), false);
                }));
            }
        } catch (DocumentStorageException e) {
            all.forEach(each -> steps.add(() -> settle(each.next(), () -> {
                throw e;
            })));
        }
        return steps;
    }

    private Outcome told(Small small, Supplier<Outcome> published) {
        try {
            return published.get();
        } catch (DocumentException e) {
            NewContent read = NewContent.of(new BufferChannel(ByteBuffer.allocate(0)));
            return repetitions.insteadOf(e, read, small.bytes(), small.request());
        }
    }

    /**
     * Stores content for a document that is on record.
     *
     * @param current the document as the caller saw it
     * @param admit decides for every revision that would be replaced whether it may; throws if not
     */
    Outcome replace(
            DocumentData current, NewContent content, Consumer<DocumentData> admit, @Nullable KeyedRequest request) {
        limits.requireDocumentBytes(content.sizeBytes());
        types.checkUnseen(current, content);
        try (Floor.Claim space = claim(content)) {
            return replace(current, content, admit, space, request);
        }
    }

    private Outcome replace(
            DocumentData current,
            NewContent content,
            Consumer<DocumentData> admit,
            Floor.Claim space,
            @Nullable KeyedRequest request) {
        Head first = readHead(current, content);
        if (!first.isSmall()) {
            Upload upload = announced(current, first);
            Consumer<DocumentData> admitPublication;
            try {
                admitPublication = begin(upload, admit, request);
            } catch (DocumentException e) {
                return repetitions.insteadOf(e, content, first.bytes(), request);
            }
            return transfer(upload, current, false, first, space, admitPublication, request);
        }
        Content small = letIn(current, inline(current, first), first, () -> inMemory(first.bytes()));
        try {
            return revisions.change(
                    current.id(), admit, stored -> publish(published(stored, small, first), first.bytes(), request));
        } catch (DocumentException e) {
            return repetitions.insteadOf(e, content, first.bytes(), request);
        }
    }

    /** Puts a document on record whose content comes later, with quota set aside for it. */
    Outcome reserve(DocumentData pending, long sizeBytes, Duration expiry, @Nullable KeyedRequest request) {
        limits.requireDocumentBytes(sizeBytes);
        types.checkPromised(pending);
        Upload upload = new Upload(ids.next(), pending.id(), pending.userId(), null, sizeBytes);
        if (request == null) {
            repository.reserve(upload, expiry, pending, limits.quota(), null);
            return new Outcome(pending, false);
        }
        try {
            repository.reserve(
                    upload, expiry, pending, limits.quota(), request.key().by(request.fingerprint()));
            return new Outcome(pending, false);
        } catch (DocumentKeyException e) {
            Answer first = repository.answered(request.key()).orElseThrow(() -> e);
            return Repetitions.of(first, request);
        }
    }

    private static IdempotencyKey.@Nullable Use running(@Nullable KeyedRequest request) {
        return request == null ? null : request.key().running();
    }

    /** The one order in which a claimed upload may end: first its bytes, then the record that names them. */
    static void discard(DocumentRepository repository, Storages storages, Upload claimed, @Nullable String reason) {
        if (claimed.url() != null) {
            storages.delete(claimed.url());
        }
        repository.abort(claimed, reason);
    }

    private Floor.Claim claim(NewContent content) {
        return floor.claim(announced(content));
    }

    private static long announced(NewContent content) {
        return content.sizeBytes() == null ? 0 : content.sizeBytes();
    }

    private Upload announced(DocumentData document, Head first) {
        UUID id = ids.next();
        Long sizeBytes = first.content().sizeBytes();
        long announced = sizeBytes != null ? sizeBytes : first.bytes().limit();
        return new Upload(id, document.id(), document.userId(), storages.allocate(id), announced);
    }

    /** Puts an upload on record, with which a failed document is pending again; returns who may publish it. */
    private Consumer<DocumentData> begin(Upload upload, Consumer<DocumentData> admit, @Nullable KeyedRequest request) {
        return revisions.change(upload.documentId(), admit, stored -> {
            if (stored.status() != DocumentStatus.ERROR) {
                repository.reserve(upload, lease, null, limits.quota(), running(request));
                return admit;
            }
            DocumentData retried = stored.retry(clock.instant());
            repository.reserve(upload, lease, retried, limits.quota(), running(request));
            // this step is the upload's own: a precondition on the failed revision still holds
            return current -> admit.accept(current.revision() == retried.revision() ? stored : current);
        });
    }

    private Outcome publish(Small one) {
        return settle(one.next(), () -> together.publish(one.publication()));
    }

    private Outcome publish(DocumentData next, ByteBuffer bytes, @Nullable KeyedRequest request) {
        return settle(next, () -> repository.publish(next, bytes.duplicate(), limits.quota(), use(next, request)));
    }

    private static IdempotencyKey.@Nullable Use use(DocumentData next, @Nullable KeyedRequest request) {
        return request == null ? null : request.key().by(request.fingerprint(next.sizeBytes(), sha256(next)));
    }

    private static String sha256(DocumentData published) {
        return Objects.requireNonNull(published.content(), "a published document has content")
                .sha256();
    }

    private Outcome transfer(
            Upload upload,
            DocumentData document,
            boolean isNew,
            Head first,
            Floor.Claim space,
            Consumer<DocumentData> admit,
            @Nullable KeyedRequest request) {
        StorageUrl url = Objects.requireNonNull(upload.url(), "an upload that has begun has an address");
        try {
            Stored stored = storages.store(url, new Incoming(repository, limits, lease, upload, first, space));
            first.content().requireAsAnnounced(stored.sizeBytes(), stored.sha256());
            Content written =
                    letIn(upload, document, content(url, document, first, stored.sizeBytes(), stored.sha256()), first);
            String fingerprint = request == null ? null : request.fingerprint(stored.sizeBytes(), stored.sha256());
            return revisions.change(document.id(), admit, current -> {
                DocumentData next = published(current, written, first);
                return settle(next, () -> repository.activate(upload.id(), next, fingerprint));
            });
        } catch (RuntimeException e) {
            // what may have been published must keep its bytes: the sweep decides once the lease has run out
            if (!isOutcomeUnknown(e)) {
                giveUp(upload, isNew, e);
            }
            throw e;
        }
    }

    /** Publishes an upload in parts, of which all bytes are there. Keeps it alive while that takes its time. */
    Outcome finish(
            ResumableUpload complete,
            DocumentData document,
            NewContent content,
            Duration expiry,
            Consumer<DocumentData> admit) {
        Upload upload = complete.upload();
        StorageUrl url = Objects.requireNonNull(upload.url(), "an upload that is open has an address");
        return renewal.during(upload.id(), expiry, limits.quota(), () -> {
            Stored stored = storages.finish(url, complete.offset());
            Head first = readBack(document, content, url, stored.sizeBytes());
            Content written = content(url, document, first, stored.sizeBytes(), stored.sha256());
            ByteRange whole = new ByteRange(0, written.sizeBytes());
            Content admitted = letIn(document, written, first, () -> storages.retrieve(url, whole));
            return revisions.change(document.id(), admit, current -> {
                DocumentData next = published(current, admitted, first);
                return settle(next, () -> repository.activate(upload.id(), next, null));
            });
        });
    }

    private Head readBack(DocumentData document, NewContent content, StorageUrl url, long sizeBytes) {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(sizeBytes, types.headBytes()));
        try (ReadableByteChannel stored = storages.retrieve(url, new ByteRange(0, head.limit()))) {
            while (head.hasRemaining() && stored.read(head) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw DocumentStorageException.unavailable("the content could not be read back", e);
        }
        head.flip();
        return new Head(content, head, false, types.look(head, document.name()));
    }

    /** Makes the step that publishes a revision. If the connection breaks meanwhile, the version's row tells the outcome. */
    Outcome settle(DocumentData next, Runnable step) {
        try {
            step.run();
        } catch (DocumentStorageException e) {
            if (!isOutcomeUnknown(e) || !e.settledByReading() || !isPublished(next, e)) {
                throw e;
            }
        }
        return new Outcome(next, false);
    }

    /** False if there is no such version now: it may still appear. */
    private boolean isPublished(DocumentData next, DocumentStorageException unknown) {
        try {
            return repository
                    .version(next.id(), next.version())
                    .filter(version -> version.content().equals(next.content()))
                    // versions may share their content, so that alone is no proof
                    .filter(version -> version.createdAt().equals(next.updatedAt()))
                    .isPresent();
        } catch (DocumentException e) {
            unknown.addSuppressed(e);
            return false;
        }
    }

    private static boolean isOutcomeUnknown(RuntimeException e) {
        return e instanceof DocumentException known && known.kind() == Kind.OUTCOME_UNKNOWN;
    }

    /** Keeps the upload alive while the gates look at what it has stored. */
    private Content letIn(Upload upload, DocumentData document, Content written, Head first) {
        if (gates.isEmpty()) {
            return written;
        }
        ByteRange whole = new ByteRange(0, written.sizeBytes());
        return renewal.during(
                upload.id(),
                lease,
                limits.quota(),
                () -> letIn(document, written, first, () -> storages.retrieve(written.url(), whole)));
    }

    /** Asks the gates, outside of any turn: they may take their time. */
    private Content letIn(DocumentData document, Content complete, Head first, Supplier<ReadableByteChannel> opener) {
        return gates.isEmpty()
                ? complete
                : complete.withVerdict(gates.ask(published(document, complete, first), opener));
    }

    private static ReadableByteChannel inMemory(ByteBuffer bytes) {
        return new BufferChannel(bytes.asReadOnlyBuffer());
    }

    /** Clears at once what a failed upload left; if that fails too, the sweep does it later. */
    private void giveUp(Upload upload, boolean isNew, RuntimeException failure) {
        try {
            // also where the sweep has been here: it may have deleted before the store had anything to delete
            repository.claim(upload.id());
            if (isNew) {
                discard(repository, storages, upload, null);
            } else {
                listeners.watchFailing(
                        repository, upload.documentId(), () -> discard(repository, storages, upload, reason(failure)));
            }
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    static String reason(RuntimeException failure) {
        boolean refused = failure instanceof DocumentException known && known.kind() == Kind.CONTENT_REFUSED;
        return refused ? Objects.requireNonNullElse(failure.getMessage(), "") : "the upload failed";
    }

    private DocumentData published(DocumentData current, Content next, Head first) {
        NewContent content = first.content();
        // another version, with another type, may have come while these bytes did
        types.check(current, content, first.shown());
        String type = ContentTypes.effective(current, content, first.shown());
        return current.publish(next.servedAs(type), ContentTypes.declared(current, content), clock.instant());
    }

    private static Content content(StorageUrl url, DocumentData document, Head first, long sizeBytes, String sha256) {
        ContentTypes.Shown shown = first.shown();
        String type = ContentTypes.effective(document, first.content(), shown);
        return new Content(url, type, sizeBytes, sha256, shown.detected(), null);
    }

    private Content inline(DocumentData document, Head first) {
        ByteBuffer head = first.bytes();
        String sha256 = Sha256.hex(head.duplicate());
        first.content().requireAsAnnounced(head.remaining(), sha256);
        limits.requireDocumentBytes((long) head.remaining());
        StorageUrl url = Storages.allocateInline(ids.next());
        return content(url, document, first, head.remaining(), sha256);
    }

    /**
     * Content whose first bytes have been read.
     *
     * @param bytes the first ones
     * @param isSmall whether they are all of it, and may be kept inline
     */
    record Head(NewContent content, ByteBuffer bytes, boolean isSmall, ContentTypes.Shown shown) {}

    /**
     * Reads as much as shows what the content is; and where it may be inline, as much as that and one byte more. Refuses
     * what is not allowed while it has cost nothing.
     */
    private Head readHead(DocumentData document, NewContent content) {
        boolean tooLarge = content.sizeBytes() != null && content.sizeBytes() > limits.inlineBytes();
        int inlineRoom = tooLarge || limits.inlineBytes() == 0 ? 0 : limits.inlineBytes() + 1;
        ByteBuffer head = ByteBuffer.allocate(Math.max(inlineRoom, types.headBytes()));
        try {
            while (head.hasRemaining() && content.bytes().read(head) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw DocumentUploadException.cut(e);
        }
        head.flip();
        ContentTypes.Shown shown = types.look(head, document.name());
        types.check(document, content, shown);
        return new Head(content, head, head.limit() < inlineRoom, shown);
    }
}
