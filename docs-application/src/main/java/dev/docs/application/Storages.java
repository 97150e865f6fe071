package dev.docs.application;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DraftStore;
import dev.docs.domain.Quarantine;
import dev.docs.domain.ResumableStorage;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Which backend each store's name stands for, and where new content goes. */
final class Storages {
    /** Name of the repository's own store for small content. */
    static final String INLINE = "inline";

    private final Map<String, StorageBackend> backends;
    private final String primary;

    /**
     * @param backends every store but {@value #INLINE}
     * @param primary the one that takes new content
     */
    Storages(Map<String, StorageBackend> backends, StorageBackend inline, String primary) {
        Map<String, StorageBackend> all = new HashMap<>(backends);
        all.put(INLINE, inline);
        this.backends = Map.copyOf(all);
        this.primary = primary;
    }

    /**
     * Refuses to work on a repository that refers to stores nobody configured.
     *
     * @throws IllegalStateException naming them
     */
    void requireKnown(Iterable<String> stores) {
        for (String store : stores) {
            if (!backends.containsKey(store)) {
                throw new IllegalStateException("documents are kept in the store '" + store
                        + "', which is not configured; configured are " + new TreeSet<>(backends.keySet()));
            }
        }
    }

    /**
     * Refuses to work on stores other than those that the repository knows by their names: an empty folder where a disk
     * should be mounted would make every document look lost.
     *
     * @throws IllegalStateException naming the store
     */
    void requireSame(DocumentRepository repository) {
        backends.forEach((name, backend) -> {
            String known = repository.bindStore(name, backend.id());
            if (!known.equals(backend.id())) {
                throw new IllegalStateException("the store '" + name + "' is not the one that documents were kept in:"
                        + " its id is " + backend.id() + ", not " + known + "; is its disk mounted?");
            }
        });
    }

    /** A name that no storage URL may have is refused now, not when the first upload needs one. */
    static void requireName(String store) {
        StorageUrl.of(store, new UUID(0, 0));
    }

    StorageUrl allocate(UUID uuidV7) {
        return StorageUrl.of(primary, uuidV7);
    }

    static StorageUrl allocateInline(UUID uuidV7) {
        return StorageUrl.of(INLINE, uuidV7);
    }

    StorageBackend.Stored store(StorageUrl url, ReadableByteChannel bytes) {
        return backend(url).store(url, bytes);
    }

    /** Whether new content may come in parts. */
    boolean takesParts() {
        return backend(primary) instanceof ResumableStorage;
    }

    ResumableStorage.Growing open(StorageUrl url) {
        return resumable(url).open(url);
    }

    StorageBackend.Stored finish(StorageUrl url, long sizeBytes) {
        return resumable(url).finish(url, sizeBytes);
    }

    private ResumableStorage resumable(StorageUrl url) {
        if (backend(url) instanceof ResumableStorage can) {
            return can;
        }
        throw DocumentStorageException.unavailable("a store can't take uploads in parts any more", null);
    }

    ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
        return backend(url).retrieve(url, range);
    }

    void delete(StorageUrl url) {
        backend(url).delete(url);
    }

    Set<String> names() {
        return backends.keySet();
    }

    OptionalLong size(StorageUrl url) {
        return backend(url).size(url);
    }

    List<StorageBackend.Entry> list(String store, @Nullable String after, int max) {
        return Objects.requireNonNull(backends.get(store)).list(after, max);
    }

    /** Unfinished content in all stores that show any. */
    List<StorageUrl> drafts(Duration silentFor, int max) {
        List<StorageUrl> drafts = new ArrayList<>();
        backends.forEach((name, backend) -> {
            if (backend instanceof DraftStore shows) {
                drafts.addAll(shows.drafts(name, silentFor, max));
            }
        });
        return drafts;
    }

    void deleteDraft(StorageUrl url) {
        if (backend(url) instanceof DraftStore shows) {
            shows.deleteDraft(url);
        }
    }

    /** Whether the store can do that. */
    boolean quarantine(StorageUrl url) {
        if (backend(url) instanceof Quarantine can) {
            can.quarantine(url);
            return true;
        }
        return false;
    }

    /** Of the store that takes new content. */
    OptionalLong usableBytes() {
        return backend(primary).usableBytes();
    }

    String primary() {
        return primary;
    }

    /** @throws DocumentStorageException naming the store that can't be used now */
    void check() {
        backends.forEach((name, backend) -> {
            try {
                backend.check();
            } catch (DocumentStorageException e) {
                String message = "storage '" + name + "': " + e.getMessage();
                throw e.kind() == DocumentException.Kind.STORAGE_FULL
                        ? DocumentStorageException.full(message, e)
                        : DocumentStorageException.unavailable(message, e);
            }
        });
    }

    private StorageBackend backend(StorageUrl url) {
        return backend(url.store());
    }

    private StorageBackend backend(String store) {
        StorageBackend backend = backends.get(store);
        if (backend == null) {
            throw DocumentStorageException.unavailable("a store is not configured", null);
        }
        return backend;
    }
}
