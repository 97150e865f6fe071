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
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend.Stored;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
    private static final long FIRST_STEP = 1 << 20;
    private static final long LARGEST_STEP = 64 << 20;
    private static final int DIGEST_BYTES = 64 << 10;

    /** As what a request may be refused because another with its key has been carried out meanwhile. */
    private static final Set<Kind> REFUSED_TO_TWINS =
            EnumSet.of(Kind.KEY_REUSED, Kind.CONFLICT, Kind.STATUS, Kind.NOT_FOUND);

    private final DocumentRepository repository;
    private final Revisions revisions;
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
        this.storages = storages;
        this.floor = floor;
        this.limits = limits;
        this.types = types;
        this.lease = lease;
        this.gates = gates;
        renewal = new Renewal(repository, lease);
        this.listeners = listeners;
        this.ids = ids;
        this.clock = clock;
    }

    /** Stores the first content of a document that is not on record yet. */
    Outcome create(DocumentData pending, NewContent content, @Nullable KeyedRequest request) {
        refuseTooLarge(content.sizeBytes());
        types.checkUnseen(pending, content);
        try (Floor.Claim space = claim(content)) {
            return create(pending, content, space, request);
        }
    }

    private Outcome create(
            DocumentData pending, NewContent content, Floor.Claim space, @Nullable KeyedRequest request) {
        Head first = readHead(pending, content);
        if (!first.isSmall()) {
            return createLarge(pending, content, first, space, request);
        }
        Small small = small(pending, content, first, request);
        return told(small, () -> publish(small.next(), small.bytes(), request));
    }

    /**
     * Creates one of many: small content is but read and let in, and awaits others; larger content is stored, after all that
     * awaits.
     *
     * @return null if it awaits others
     */
    @Nullable
    Outcome create(DocumentData pending, NewContent content, @Nullable KeyedRequest request, Creations others) {
        refuseTooLarge(content.sizeBytes());
        types.checkUnseen(pending, content);
        try (Floor.Claim space = claim(content)) {
            Head first = readHead(pending, content);
            if (!first.isSmall()) {
                others.finish();
                return createLarge(pending, content, first, space, request);
            }
            others.await(small(pending, content, first, request).trimmed());
            return null;
        }
    }

    private Outcome createLarge(
            DocumentData pending, NewContent content, Head first, Floor.Claim space, @Nullable KeyedRequest request) {
        Upload upload = announced(pending, content, first.bytes());
        try {
            repository.reserve(upload, lease, pending, limits.quota(), running(request));
        } catch (DocumentException e) {
            return replayInstead(e, content, first.bytes(), request);
        }
        return transfer(upload, pending, true, new Incoming(upload, content, first, space), current -> {}, request);
    }

    private Small small(DocumentData pending, NewContent content, Head first, @Nullable KeyedRequest request) {
        ByteBuffer bytes = first.bytes();
        Content small = letIn(pending, inline(pending, content, first), content, first, () -> inMemory(bytes));
        return new Small(published(pending, small, content, first), bytes, request);
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
            return List.of(() -> told(one, () -> publish(one.next(), one.bytes(), one.request())));
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
            return replayInstead(e, read, small.bytes(), small.request());
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
        refuseTooLarge(content.sizeBytes());
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
        ByteBuffer head = first.bytes();
        if (!first.isSmall()) {
            Upload upload = announced(current, content, head);
            Consumer<DocumentData> admitPublication;
            try {
                admitPublication = begin(upload, admit, request);
            } catch (DocumentException e) {
                return replayInstead(e, content, head, request);
            }
            return transfer(
                    upload, current, false, new Incoming(upload, content, first, space), admitPublication, request);
        }
        Content small = letIn(current, inline(current, content, first), content, first, () -> inMemory(head));
        try {
            return revisions.change(
                    current.id(), admit, stored -> publish(published(stored, small, content, first), head, request));
        } catch (DocumentException e) {
            return replayInstead(e, content, head, request);
        }
    }

    /** Puts a document on record whose content comes later, with quota set aside for it. */
    Outcome reserve(DocumentData pending, long sizeBytes, Duration expiry, @Nullable KeyedRequest request) {
        refuseTooLarge(sizeBytes);
        types.checkPromised(pending);
        Upload upload = new Upload(ids.next(), pending.id(), pending.userId(), null, sizeBytes);
        if (request == null) {
            repository.reserve(upload, expiry, pending, limits.quota(), null);
            return new Outcome(pending, false);
        }
        String fingerprint = request.fingerprint();
        try {
            repository.reserve(
                    upload, expiry, pending, limits.quota(), request.key().by(fingerprint));
            return new Outcome(pending, false);
        } catch (DocumentKeyException e) {
            Answer first = repository.answered(request.key()).orElseThrow(() -> e);
            return replayed(first, fingerprint);
        }
    }

    /** Answers a request with what was done under its key, if that was this request: its content tells, so it is read. */
    Optional<Outcome> replay(NewContent content, KeyedRequest request) {
        return repository.answered(request.key()).map(first -> {
            refuseTooLarge(content.sizeBytes());
            return replay(first, content, ByteBuffer.allocate(0), request);
        });
    }

    /** The same of a request without content. */
    static Outcome replay(Answer first, KeyedRequest request) {
        return replayed(first, request.fingerprint());
    }

    private Outcome replay(Answer first, NewContent content, ByteBuffer head, KeyedRequest request) {
        Stored repeated = digest(content, head);
        return replayed(first, request.fingerprint(repeated.sizeBytes(), repeated.sha256()));
    }

    private static Outcome replayed(Answer first, String fingerprint) {
        if (!fingerprint.equals(first.fingerprint())) {
            throw DocumentKeyException.reused();
        }
        return new Outcome(first.document(), true);
    }

    /** A twin of this request may have been quicker, and what it changed may be why this one was refused. */
    private Outcome replayInstead(
            DocumentException refusal, NewContent content, ByteBuffer head, @Nullable KeyedRequest request) {
        if (request == null || !REFUSED_TO_TWINS.contains(refusal.kind())) {
            throw refusal;
        }
        Answer first = repository.answered(request.key()).orElseThrow(() -> refusal);
        return replay(first, content, head, request);
    }

    /** The same of a request without content. */
    Outcome replayInstead(DocumentException refusal, @Nullable KeyedRequest request) {
        if (request == null || !REFUSED_TO_TWINS.contains(refusal.kind())) {
            throw refusal;
        }
        return replay(repository.answered(request.key()).orElseThrow(() -> refusal), request);
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
        return floor.claim(content.sizeBytes() == null ? 0 : content.sizeBytes());
    }

    private Upload announced(DocumentData document, NewContent content, ByteBuffer head) {
        UUID id = ids.next();
        long announced = content.sizeBytes() != null ? content.sizeBytes() : head.limit();
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
            Incoming incoming,
            Consumer<DocumentData> admit,
            @Nullable KeyedRequest request) {
        NewContent content = incoming.content;
        StorageUrl url = Objects.requireNonNull(upload.url(), "an upload that has begun has an address");
        try {
            Stored stored = storages.store(url, incoming);
            requireAsAnnounced(content, stored.sizeBytes(), stored.sha256());
            Content written = letIn(
                    upload,
                    document,
                    content(url, document, content, incoming.first, stored.sizeBytes(), stored.sha256()),
                    content,
                    incoming.first);
            String fingerprint = request == null ? null : request.fingerprint(stored.sizeBytes(), stored.sha256());
            return revisions.change(document.id(), admit, current -> {
                DocumentData next = published(current, written, content, incoming.first);
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
    private Content letIn(Upload upload, DocumentData document, Content written, NewContent content, Head first) {
        if (gates.isEmpty()) {
            return written;
        }
        ByteRange whole = new ByteRange(0, written.sizeBytes());
        return renewal.during(
                upload.id(),
                limits.quota(),
                () -> letIn(document, written, content, first, () -> storages.retrieve(written.url(), whole)));
    }

    /** Asks the gates, outside of any turn: they may take their time. */
    private Content letIn(
            DocumentData document,
            Content complete,
            NewContent content,
            Head first,
            Supplier<ReadableByteChannel> opener) {
        return gates.isEmpty()
                ? complete
                : complete.withVerdict(gates.ask(published(document, complete, content, first), opener));
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

    private static String reason(RuntimeException failure) {
        boolean refused = failure instanceof DocumentException known && known.kind() == Kind.CONTENT_REFUSED;
        return refused ? Objects.requireNonNullElse(failure.getMessage(), "") : "the upload failed";
    }

    private DocumentData published(DocumentData current, Content next, NewContent content, Head first) {
        // another version, with another type, may have come while these bytes did
        types.check(current, content, first.shown());
        String type = ContentTypes.effective(current, content, first.shown());
        return current.publish(next.servedAs(type), ContentTypes.declared(current, content), clock.instant());
    }

    private static Content content(
            StorageUrl url, DocumentData document, NewContent content, Head first, long sizeBytes, String sha256) {
        ContentTypes.Shown shown = first.shown();
        String type = ContentTypes.effective(document, content, shown);
        return new Content(url, type, sizeBytes, sha256, shown.detected(), null);
    }

    private Content inline(DocumentData document, NewContent content, Head first) {
        ByteBuffer head = first.bytes();
        String sha256 = Sha256.hex(head.duplicate());
        requireAsAnnounced(content, head.remaining(), sha256);
        if (head.remaining() > limits.documentBytes()) {
            throw DocumentUploadException.tooLarge(limits.documentBytes());
        }
        StorageUrl url = Storages.allocateInline(ids.next());
        return content(url, document, content, first, head.remaining(), sha256);
    }

    private void refuseTooLarge(@Nullable Long sizeBytes) {
        if (sizeBytes != null && sizeBytes > limits.documentBytes()) {
            throw DocumentUploadException.tooLarge(limits.documentBytes());
        }
    }

    private static void requireAsAnnounced(NewContent content, long sizeBytes, String sha256) {
        if (content.sizeBytes() != null && content.sizeBytes() != sizeBytes) {
            throw DocumentUploadException.mismatch(
                    "the content has " + sizeBytes + " bytes, not the " + content.sizeBytes() + " announced");
        }
        if (content.sha256() != null && !content.sha256().equals(sha256)) {
            throw DocumentUploadException.mismatch("the content's SHA-256 is not the one announced");
        }
    }

    /**
     * The first bytes of content.
     *
     * @param isSmall whether they are all of it, and may be kept inline
     */
    private record Head(ByteBuffer bytes, boolean isSmall, ContentTypes.Shown shown) {}

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
        return new Head(head, head.limit() < inlineRoom, shown);
    }

    /** Reads content to its end, under the same conditions as if it were stored. */
    private Stored digest(NewContent content, ByteBuffer head) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(head.duplicate());
        long count = head.remaining();
        ByteBuffer buffer = ByteBuffer.allocate(DIGEST_BYTES);
        try {
            while (content.bytes().read(buffer) >= 0) {
                count += buffer.position();
                requireWithin(content, count);
                digest.update(buffer.flip());
                buffer.clear();
            }
        } catch (IOException e) {
            throw DocumentUploadException.cut(e);
        }
        String sha256 = Sha256.hex(digest);
        requireAsAnnounced(content, count, sha256);
        return new Stored(count, sha256);
    }

    private void requireWithin(NewContent content, long count) {
        if (count > limits.documentBytes()) {
            throw DocumentUploadException.tooLarge(limits.documentBytes());
        }
        if (content.sizeBytes() != null && count > content.sizeBytes()) {
            throw DocumentUploadException.mismatch(
                    "the content has more than the " + content.sizeBytes() + " bytes announced");
        }
    }

    /** The content on its way to a store: counted, held to its limits, its quota and lease extended as it flows. */
    private final class Incoming implements ReadableByteChannel {
        private final Upload upload;
        private final NewContent content;
        private final Head first;
        private final Floor.Claim space;
        private long count;
        private long reserved;
        private long step = FIRST_STEP;
        private long renewedNanos = System.nanoTime();

        Incoming(Upload upload, NewContent content, Head first, Floor.Claim space) {
            this.upload = upload;
            this.content = content;
            this.first = first;
            this.space = space;
            this.reserved = upload.reservedBytes();
        }

        @Override
        public int read(ByteBuffer dst) {
            int read;
            try {
                read = first.bytes().hasRemaining()
                        ? new BufferChannel(first.bytes()).read(dst)
                        : content.bytes().read(dst);
            } catch (IOException e) {
                throw DocumentUploadException.cut(e);
            }
            if (read > 0) {
                admit(read);
            }
            if (System.nanoTime() - renewedNanos > lease.toNanos() / 3) {
                extend(0);
            }
            return read;
        }

        private void admit(int more) {
            count += more;
            requireWithin(content, count);
            if (count > reserved) {
                long needed = count - reserved;
                try {
                    extend(Math.max(needed, step));
                    step = Math.min(2 * step, LARGEST_STEP);
                } catch (DocumentException e) {
                    if (e.kind() != Kind.QUOTA_EXCEEDED && e.kind() != Kind.STORAGE_FULL) {
                        throw e;
                    }
                    // no room for a whole step need not mean no room for these bytes
                    extend(needed);
                }
            }
            space.written(more);
        }

        private void extend(long moreBytes) {
            space.extend(moreBytes);
            try {
                repository.extend(upload.id(), moreBytes, lease, limits.quota());
            } catch (RuntimeException e) {
                space.written(moreBytes);
                throw e;
            }
            reserved += moreBytes;
            renewedNanos = System.nanoTime();
        }

        @Override
        public boolean isOpen() {
            return content.bytes().isOpen();
        }

        @Override
        public void close() {
            // the caller's channel is the caller's to close
        }
    }
}
