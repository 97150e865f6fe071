package dev.docs.application;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.MediaTypes;
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
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

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

    private final DocumentRepository repository;
    private final Storages storages;
    private final Limits limits;
    private final Duration lease;
    private final Ids ids;
    private final Clock clock;

    Uploads(DocumentRepository repository, Storages storages, Limits limits, Duration lease, Ids ids, Clock clock) {
        this.repository = repository;
        this.storages = storages;
        this.limits = limits;
        this.lease = lease;
        this.ids = ids;
        this.clock = clock;
    }

    /** Stores the first content of a document that is not on record yet. */
    DocumentData create(DocumentData pending, NewContent content) {
        refuseTooLarge(content.sizeBytes());
        ByteBuffer head = readHead(content);
        if (head.limit() == head.capacity()) {
            Upload upload = announced(pending, content, head);
            repository.reserve(upload, lease, pending, limits.quotaBytes());
            return transfer(upload, pending, true, content, head, current -> {});
        }
        DocumentData next = published(pending, inline(pending, content, head), content);
        return settle(next, () -> repository.publish(next, head, limits.quotaBytes()));
    }

    /**
     * Stores content for a document that is on record.
     *
     * @param current the document as the caller saw it
     * @param admit decides for every revision that would be replaced whether it may; throws if not
     */
    DocumentData replace(DocumentData current, NewContent content, Consumer<DocumentData> admit) {
        refuseTooLarge(content.sizeBytes());
        ByteBuffer head = readHead(content);
        if (head.limit() == head.capacity()) {
            Upload upload = announced(current, content, head);
            Consumer<DocumentData> admitPublication = begin(upload, admit);
            return transfer(upload, current, false, content, head, admitPublication);
        }
        Content small = inline(current, content, head);
        return new Revisions(repository).change(current.id(), admit, stored -> {
            DocumentData next = published(stored, small, content);
            return settle(next, () -> repository.publish(next, head.duplicate(), limits.quotaBytes()));
        });
    }

    /** Puts a document on record whose content comes later, with quota set aside for it. */
    DocumentData reserve(DocumentData pending, long sizeBytes, Duration expiry) {
        refuseTooLarge(sizeBytes);
        Upload upload = new Upload(ids.next(), pending.id(), pending.userId(), null, sizeBytes);
        repository.reserve(upload, expiry, pending, limits.quotaBytes());
        return pending;
    }

    /** The one order in which a claimed upload may end: first its bytes, then the record that names them. */
    static void discard(DocumentRepository repository, Storages storages, Upload claimed, @Nullable String reason) {
        if (claimed.url() != null) {
            storages.delete(claimed.url());
        }
        repository.abort(claimed, reason);
    }

    private Upload announced(DocumentData document, NewContent content, ByteBuffer head) {
        UUID id = ids.next();
        long announced = content.sizeBytes() != null ? content.sizeBytes() : head.limit();
        return new Upload(id, document.id(), document.userId(), storages.allocate(id), announced);
    }

    /** Puts an upload on record, with which a failed document is pending again; returns who may publish it. */
    private Consumer<DocumentData> begin(Upload upload, Consumer<DocumentData> admit) {
        return new Revisions(repository).change(upload.documentId(), admit, stored -> {
            if (stored.status() != DocumentStatus.ERROR) {
                repository.reserve(upload, lease, null, limits.quotaBytes());
                return admit;
            }
            DocumentData retried = stored.retry(clock.instant());
            repository.reserve(upload, lease, retried, limits.quotaBytes());
            // this step is the upload's own: a precondition on the failed revision still holds
            return current -> admit.accept(current.revision() == retried.revision() ? stored : current);
        });
    }

    private DocumentData transfer(
            Upload upload,
            DocumentData document,
            boolean isNew,
            NewContent content,
            ByteBuffer head,
            Consumer<DocumentData> admit) {
        StorageUrl url = Objects.requireNonNull(upload.url(), "an upload that has begun has an address");
        try {
            Stored stored = storages.store(url, new Incoming(upload, content, head));
            requireAsAnnounced(content, stored.sizeBytes(), stored.sha256());
            Content written = new Content(url, type(document, content), stored.sizeBytes(), stored.sha256());
            return new Revisions(repository).change(document.id(), admit, current -> {
                DocumentData next = published(current, written, content);
                return settle(next, () -> repository.activate(upload.id(), next));
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
    private DocumentData settle(DocumentData next, Runnable step) {
        try {
            step.run();
        } catch (DocumentStorageException e) {
            if (!isOutcomeUnknown(e) || !isPublished(next, e)) {
                throw e;
            }
        }
        return next;
    }

    /** False if there is no such version now: it may still appear. */
    private boolean isPublished(DocumentData next, DocumentStorageException unknown) {
        try {
            return repository
                    .version(next.id(), next.version())
                    .filter(version -> version.content().equals(next.content()))
                    .isPresent();
        } catch (DocumentException e) {
            unknown.addSuppressed(e);
            return false;
        }
    }

    private static boolean isOutcomeUnknown(RuntimeException e) {
        return e instanceof DocumentException known && known.kind() == DocumentException.Kind.OUTCOME_UNKNOWN;
    }

    /** Clears at once what a failed upload left; if that fails too, the sweep does it later. */
    private void giveUp(Upload upload, boolean isNew, RuntimeException failure) {
        try {
            // also where the sweep has been here: it may have deleted before the store had anything to delete
            repository.claim(upload.id());
            discard(repository, storages, upload, isNew ? null : "the upload failed");
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private DocumentData published(DocumentData current, Content next, NewContent content) {
        String declared = content.declaredType() != null ? content.declaredType() : current.declaredType();
        // another version, with another type, may have come while these bytes did
        Content typed = new Content(next.url(), type(current, content), next.sizeBytes(), next.sha256());
        return current.publish(typed, declared, clock.instant());
    }

    private static String type(DocumentData document, NewContent content) {
        if (content.declaredType() != null) {
            return content.declaredType();
        }
        return document.declaredType() != null ? document.declaredType() : MediaTypes.OCTET_STREAM;
    }

    private Content inline(DocumentData document, NewContent content, ByteBuffer head) {
        String sha256 = Sha256.hex(head.duplicate());
        requireAsAnnounced(content, head.remaining(), sha256);
        if (head.remaining() > limits.documentBytes()) {
            throw DocumentUploadException.tooLarge(limits.documentBytes());
        }
        return new Content(Storages.allocateInline(ids.next()), type(document, content), head.remaining(), sha256);
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
     * Reads as much as may be kept inline and one byte more. A buffer that is not filled holds the whole content; where
     * content can't be inline, the buffer has no room and so is full.
     */
    private ByteBuffer readHead(NewContent content) {
        boolean tooLarge = content.sizeBytes() != null && content.sizeBytes() > limits.inlineBytes();
        ByteBuffer head = ByteBuffer.allocate(tooLarge || limits.inlineBytes() == 0 ? 0 : limits.inlineBytes() + 1);
        try {
            while (head.hasRemaining() && content.bytes().read(head) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw DocumentUploadException.cut(e);
        }
        return head.flip();
    }

    /** The content on its way to a store: counted, held to its limits, its quota and lease extended as it flows. */
    private final class Incoming implements ReadableByteChannel {
        private final Upload upload;
        private final NewContent content;
        private final ByteBuffer head;
        private long count;
        private long reserved;
        private long step = FIRST_STEP;
        private long renewedNanos = System.nanoTime();

        Incoming(Upload upload, NewContent content, ByteBuffer head) {
            this.upload = upload;
            this.content = content;
            this.head = head;
            this.reserved = upload.reservedBytes();
        }

        @Override
        public int read(ByteBuffer dst) {
            int read;
            try {
                read = head.hasRemaining()
                        ? new BufferChannel(head).read(dst)
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
            if (count > limits.documentBytes()) {
                throw DocumentUploadException.tooLarge(limits.documentBytes());
            }
            if (content.sizeBytes() != null && count > content.sizeBytes()) {
                throw DocumentUploadException.mismatch(
                        "the content has more than the " + content.sizeBytes() + " bytes announced");
            }
            if (count > reserved) {
                long needed = count - reserved;
                try {
                    extend(Math.max(needed, step));
                    step = Math.min(2 * step, LARGEST_STEP);
                } catch (DocumentQuotaException e) {
                    // no room for a whole step need not mean no room for these bytes
                    extend(needed);
                }
            }
        }

        private void extend(long moreBytes) {
            repository.extend(upload.id(), moreBytes, lease, limits.quotaBytes());
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
