package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.OptionalLong;

/**
 * A place that keeps bytes under the addresses it is given. Deliberately small: it can't append, rename, overwrite or
 * search, and it knows nothing of documents.
 *
 * <p><b>Whole or absent.</b> What {@link #store} is writing can't be retrieved, measured or listed until it has returned;
 * afterwards it never changes, and it survives a power cut. If the process dies inside {@code store}, a later
 * {@link #delete} of the same URL removes whatever was left behind.
 *
 * <p><b>Addresses.</b> Callers pass every URL to {@code store} at most once, ever; so deleting is safe at any time. The
 * store's name in a URL is not looked at: a registry has already used it to find this backend.
 *
 * <p><b>Threads.</b> Every method may be called by any thread at any time, also for the same URL.
 *
 * <p><b>Failures.</b> Everything that goes wrong in the store itself is a {@link DocumentStorageException}:
 * {@code STORAGE_FULL} if space ran out, {@code CONTENT_LOST} where bytes should be and are not, {@code UNAVAILABLE}
 * otherwise. An exception thrown by the channel passed to {@code store} comes out as it is, an {@code IOException} as the
 * cause of an {@link java.io.UncheckedIOException}.
 */
public interface StorageBackend {
    /**
     * What {@link #store} wrote.
     *
     * @param sizeBytes number of bytes
     * @param sha256 their SHA-256, 64 lower-case hexadecimal digits
     */
    record Stored(long sizeBytes, String sha256) {}

    /** One piece of stored content in a listing. */
    record Entry(String key, long sizeBytes) {}

    /**
     * A random text that the store was given when it was made and that it keeps for good, also when it is copied to
     * another place. It tells this store from an empty one that stands in its place because a disk is not mounted.
     *
     * @return 1-64 characters {@code [a-z0-9-]}
     */
    String id();

    /**
     * Reads the channel to its end and keeps its bytes under the URL. They are durable when this returns. The channel
     * stays open. On any failure nothing can be retrieved under the URL.
     *
     * @throws DocumentStorageException {@code UNAVAILABLE} also if the URL is taken
     */
    Stored store(StorageUrl url, ReadableByteChannel bytes);

    /**
     * Opens a part of the content. The channel yields exactly that part; the caller closes it. Reading goes on to the
     * end even if the content is deleted meanwhile, or fails; it never ends early in silence.
     *
     * @throws DocumentStorageException {@code CONTENT_LOST} if there is nothing, or fewer bytes than the range needs
     */
    ReadableByteChannel retrieve(StorageUrl url, ByteRange range);

    /** Removes the content, and whatever an interrupted {@link #store} left. Does nothing if there is nothing. */
    void delete(StorageUrl url);

    /** Size of the content in bytes; empty if there is none. */
    OptionalLong size(StorageUrl url);

    /**
     * Content in the order of its keys (by UTF-16 code unit), for checks. Content stored or deleted meanwhile may or may
     * not appear.
     *
     * @param after the last key of the page before, or null for the first page
     * @param max the most entries to return, 1 or more
     * @return fewer than {@code max} entries only at the end
     */
    List<Entry> list(@Nullable String after, int max);

    /**
     * How many bytes could be stored now; empty if that is unknown or without bound. Cheap enough to be asked for every
     * upload, and no promise: others may take the space meanwhile.
     */
    default OptionalLong usableBytes() {
        return OptionalLong.empty();
    }

    /**
     * Makes sure that the store can be used now: cheap enough for a health check every second.
     *
     * @throws DocumentStorageException if it can't
     */
    void check();
}
