package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.ResumableUpload;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * One part of an upload on its way to a store, in pieces that each end where the store is to make them durable. What breaks
 * on the sender's side is an end, not a failure: what had come before counts.
 */
final class Arriving implements ReadableByteChannel {
    /** What a server that dies may lose of a part, in bytes and in time. */
    private static final long PIECE_BYTES = 16 << 20;

    private static final long PIECE_NANOS = Duration.ofSeconds(5).toNanos();

    private final ReadableByteChannel source;
    private final Limits limits;
    private final Reservation reservation;
    private final @Nullable Long length;
    private final @Nullable MessageDigest digest;
    private ByteBuffer head = ByteBuffer.allocate(0);
    private long count;
    private long pieceEnd;
    private long pieceBeganNanos;
    private boolean ended;
    private @Nullable IOException cut;

    /** @param length of the whole upload, if known */
    Arriving(
            NewPart part,
            ResumableUpload upload,
            @Nullable Long length,
            Limits limits,
            Reservation reservation,
            @Nullable MessageDigest digest) {
        source = part.bytes();
        this.limits = limits;
        this.reservation = reservation;
        this.length = length;
        this.digest = digest;
        count = upload.offset();
    }

    /** Reads the first bytes ahead; fewer only if there are no more. */
    ByteBuffer readHead(int bytes) {
        head = ByteBuffer.allocate(length == null ? bytes : (int) Math.min(bytes, length - count));
        try {
            while (head.hasRemaining() && source.read(head) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            cut = e;
        }
        head.flip();
        return head.asReadOnlyBuffer();
    }

    /** Whether there is another piece. */
    boolean nextPiece() {
        pieceEnd = count + PIECE_BYTES;
        pieceBeganNanos = System.nanoTime();
        return !ended;
    }

    /** What broke, if anything did. */
    @Nullable
    IOException cut() {
        return cut;
    }

    @Override
    public int read(ByteBuffer dst) {
        if (ended || count == pieceEnd || (length != null && count == length && isAtEnd())) {
            return -1;
        }
        int limit = dst.limit();
        long room = Math.min(pieceEnd, length == null ? Long.MAX_VALUE : length) - count;
        int read;
        try {
            dst.limit((int) Math.min(limit, dst.position() + room));
            read = readAny(dst);
        } finally {
            dst.limit(limit);
        }
        if (read < 0) {
            ended = true;
            return -1;
        }
        admit(dst, read);
        return read;
    }

    private int readAny(ByteBuffer dst) {
        try {
            if (head.hasRemaining()) {
                return new BufferChannel(head).read(dst);
            }
            return cut == null ? source.read(dst) : -1;
        } catch (IOException e) {
            cut = e;
            return -1;
        }
    }

    private void admit(ByteBuffer dst, int read) {
        count += read;
        limits.requireDocumentBytes(count);
        reservation.reach(count, read);
        if (digest != null) {
            digest.update(dst.duplicate().flip().position(dst.position() - read));
        }
        if (System.nanoTime() - pieceBeganNanos > PIECE_NANOS) {
            pieceEnd = count;
        }
    }

    /**
     * All that was announced has come, so nothing may come any more.
     *
     * @throws DocumentException {@code TOO_LARGE} if it does
     */
    private boolean isAtEnd() {
        ByteBuffer surplus = ByteBuffer.allocate(1);
        int read;
        do {
            read = readAny(surplus);
        } while (read == 0);
        if (read > 0) {
            throw DocumentUploadException.tooLong(count);
        }
        ended = true;
        return true;
    }

    @Override
    public boolean isOpen() {
        return source.isOpen();
    }

    @Override
    public void close() {
        // the caller's channel is the caller's to close
    }
}
