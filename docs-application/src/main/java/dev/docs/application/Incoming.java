package dev.docs.application;

import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Upload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/** The content on its way to a store: counted, held to its limits, its quota and lease extended as it flows. */
final class Incoming implements ReadableByteChannel {
    private final Limits limits;
    private final NewContent content;
    private final ByteBuffer head;
    private final Reservation reservation;
    private long count;

    Incoming(
            DocumentRepository repository,
            Limits limits,
            Duration lease,
            Upload upload,
            Uploads.Head first,
            Floor.Claim space) {
        this.limits = limits;
        this.content = first.content();
        this.head = first.bytes();
        reservation = new Reservation(repository, limits, lease, upload, space);
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
            count += read;
            limits.requireDocumentBytes(count);
            content.requireWithin(count);
            reservation.reach(count, read);
        }
        reservation.renewInTime();
        return read;
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
