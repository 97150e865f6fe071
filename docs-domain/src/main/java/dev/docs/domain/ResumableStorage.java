package dev.docs.domain;

import dev.docs.domain.StorageBackend.Stored;

import java.nio.channels.ReadableByteChannel;

/**
 * What a {@link StorageBackend} may also be: a store that takes content in parts, with any time between them. Where each
 * part begins is not for the store to know: some record says how much counts, and what lies behind that is dropped.
 *
 * <p>Unfinished content can't be retrieved, measured or listed; {@link StorageBackend#delete} removes it. Addresses are
 * used once, as there: for content in parts, or for content in one piece.
 *
 * <p>Failures are those of {@link StorageBackend#store}.
 */
public interface ResumableStorage {
    /**
     * Opens content to be added to; makes it if it is not there. It is the caller's until it is closed: whoever else opens
     * it meanwhile, in whatever process, is refused. If the process dies, it is nobody's at once.
     *
     * @throws DocumentUploadException {@code UPLOAD_BUSY} if somebody else has it open
     * @throws DocumentStorageException {@code UNAVAILABLE} also if the content is finished
     */
    Growing open(StorageUrl url);

    /** Unfinished content, for use by one thread. */
    interface Growing extends AutoCloseable {
        /**
         * Drops what lies behind the offset, reads the channel to its end, and keeps its bytes from the offset on. They are
         * durable when this returns. If it throws, the bytes before the offset are as they were. The channel stays open.
         *
         * @param offset how many bytes count
         * @return how many there are now
         * @throws DocumentStorageException {@code CONTENT_LOST} if there are fewer than the offset
         */
        long append(long offset, ReadableByteChannel bytes);

        /** Lets others open it. Fails never. */
        @Override
        void close();
    }

    /**
     * Makes of unfinished content what {@link StorageBackend#store} makes, in one step. Does nothing if that was done
     * before. Reads all of it, since a digest can't be carried from one process to another: on one machine about a second
     * for each GiB.
     *
     * @param sizeBytes how many bytes it has; nobody may add to it any more
     * @throws DocumentStorageException {@code CONTENT_LOST} if it has another number of bytes, or is not there
     */
    Stored finish(StorageUrl url, long sizeBytes);
}
