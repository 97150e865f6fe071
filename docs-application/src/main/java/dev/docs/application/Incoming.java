package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Upload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/** The content on its way to a store: counted, held to its limits, its quota and lease extended as it flows. */
final class Incoming implements ReadableByteChannel {
    private static final long FIRST_STEP = 1 << 20;
    private static final long LARGEST_STEP = 64 << 20;

    private final DocumentRepository repository;
    private final Limits limits;
    private final Duration lease;
    private final Upload upload;
    private final NewContent content;
    private final ByteBuffer head;
    private final Floor.Claim space;
    private long count;
    private long reserved;
    private long step = FIRST_STEP;
    private long renewedNanos = System.nanoTime();

    Incoming(
            DocumentRepository repository,
            Limits limits,
            Duration lease,
            Upload upload,
            Uploads.Head first,
            Floor.Claim space) {
        this.repository = repository;
        this.limits = limits;
        this.lease = lease;
        this.upload = upload;
        this.content = first.content();
        this.head = first.bytes();
        this.space = space;
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
        limits.requireDocumentBytes(count);
        content.requireWithin(count);
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
