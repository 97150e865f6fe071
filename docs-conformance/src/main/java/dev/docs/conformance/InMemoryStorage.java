package dev.docs.conformance;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Quarantine;
import dev.docs.domain.ResumableStorage;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Content on the heap, for tests: as strict as a real store, but gone with the process, and each piece is one array. Its
 * extra methods let a test meet a full store and damaged content; lost content is one that the test deletes.
 */
public final class InMemoryStorage implements StorageBackend, ResumableStorage, Quarantine {
    private final String id = UUID.randomUUID().toString();
    private static final int BUFFER_BYTES = 16 * 1024;

    private final long capacityBytes;
    private final NavigableMap<String, byte[]> contents = new TreeMap<>();
    private final Set<String> writing = new HashSet<>();
    private final Map<String, byte[]> unfinished = new HashMap<>();
    private final Set<String> growing = new HashSet<>();
    private long usedBytes;

    public InMemoryStorage() {
        this(Long.MAX_VALUE);
    }

    /**
     * @param capacityBytes of all content together, 0 or more; what does not fit any more is refused as
     *     {@code STORAGE_FULL}
     */
    public InMemoryStorage(long capacityBytes) {
        if (capacityBytes < 0) {
            throw new IllegalArgumentException("a negative capacity: " + capacityBytes);
        }
        this.capacityBytes = capacityBytes;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Stored store(StorageUrl url, ReadableByteChannel bytes) {
        begin(url.key());
        try {
            byte[] content = readAll(bytes);
            publish(url.key(), content);
            return new Stored(content.length, Sha256.hex(ByteBuffer.wrap(content)));
        } finally {
            end(url.key());
        }
    }

    @Override
    public synchronized Growing open(StorageUrl url) {
        if (contents.containsKey(url.key()) || writing.contains(url.key())) {
            throw DocumentStorageException.unavailable("the storage address is taken", null);
        }
        if (!growing.add(url.key())) {
            throw DocumentUploadException.busy();
        }
        unfinished.putIfAbsent(url.key(), new byte[0]);
        return new Growing() {
            @Override
            public long append(long offset, ReadableByteChannel bytes) {
                cutUnfinished(url, offset);
                return grow(url, Math.toIntExact(offset), readAll(bytes));
            }

            @Override
            public void close() {
                closed(url.key());
            }
        };
    }

    private synchronized void cutUnfinished(StorageUrl url, long offset) {
        byte[] before = unfinished.get(url.key());
        if (before == null || before.length < offset) {
            throw DocumentStorageException.lost(url, null);
        }
        unfinished.put(url.key(), Arrays.copyOf(before, Math.toIntExact(offset)));
        usedBytes -= before.length - offset;
    }

    private synchronized long grow(StorageUrl url, int offset, byte[] more) {
        byte[] before = unfinished.get(url.key());
        if (before == null) {
            throw DocumentStorageException.lost(url, null);
        }
        if (more.length > capacityBytes - usedBytes) {
            throw DocumentStorageException.full(null);
        }
        byte[] all = Arrays.copyOf(before, offset + more.length);
        System.arraycopy(more, 0, all, offset, more.length);
        unfinished.put(url.key(), all);
        usedBytes += more.length;
        return all.length;
    }

    private synchronized void closed(String key) {
        growing.remove(key);
    }

    @Override
    public synchronized Stored finish(StorageUrl url, long sizeBytes) {
        byte[] content = contents.getOrDefault(url.key(), unfinished.get(url.key()));
        if (content == null || content.length != sizeBytes) {
            throw DocumentStorageException.lost(url, null);
        }
        unfinished.remove(url.key());
        contents.put(url.key(), content);
        return new Stored(content.length, Sha256.hex(ByteBuffer.wrap(content)));
    }

    @Override
    public ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
        byte[] content = find(url.key());
        if (content == null || content.length < range.end()) {
            throw DocumentStorageException.lost(url, null);
        }
        return Channels.newChannel(
                new ByteArrayInputStream(content, Math.toIntExact(range.offset()), Math.toIntExact(range.length())));
    }

    /** As {@link StorageBackend#delete}; a {@link #store} of the same URL under way fails at its end. */
    @Override
    public synchronized void delete(StorageUrl url) {
        writing.remove(url.key());
        for (Map<String, byte[]> kept : List.of(contents, unfinished)) {
            byte[] removed = kept.remove(url.key());
            usedBytes -= removed == null ? 0 : removed.length;
        }
    }

    @Override
    public OptionalLong size(StorageUrl url) {
        byte[] content = find(url.key());
        return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
    }

    @Override
    public synchronized List<Entry> list(@Nullable String after, int max) {
        return (after == null ? contents : contents.tailMap(after, false))
                .entrySet().stream()
                        .limit(max)
                        .map(content -> new Entry(content.getKey(), content.getValue().length))
                        .toList();
    }

    /** Puts content aside for good. */
    @Override
    public void quarantine(StorageUrl url) {
        delete(url);
    }

    @Override
    public void check() {
        // a heap is always there
    }

    /**
     * Damages content: cuts it off, as a broken disk would.
     *
     * @param sizeBytes how many of its bytes are left
     * @throws IllegalArgumentException if there is no such content, or it has fewer bytes
     */
    public synchronized void cut(StorageUrl url, int sizeBytes) {
        byte[] content = contents.get(url.key());
        if (content == null || content.length < sizeBytes) {
            throw new IllegalArgumentException("no content of " + sizeBytes + " bytes at " + url);
        }
        usedBytes -= content.length - sizeBytes;
        contents.put(url.key(), Arrays.copyOf(content, sizeBytes));
    }

    /**
     * Damages content: turns one of its bits, as a broken disk would.
     *
     * @param index of the byte
     * @throws IllegalArgumentException if there is no such content, or it has no such byte
     */
    public synchronized void flip(StorageUrl url, int index) {
        byte[] content = contents.get(url.key());
        if (content == null || content.length <= index) {
            throw new IllegalArgumentException("no content of more than " + index + " bytes at " + url);
        }
        byte[] damaged = content.clone();
        damaged[index] ^= 1;
        contents.put(url.key(), damaged);
    }

    private synchronized void begin(String key) {
        if (contents.containsKey(key) || unfinished.containsKey(key) || !writing.add(key)) {
            throw DocumentStorageException.unavailable("the storage address is taken", null);
        }
    }

    private synchronized void publish(String key, byte[] content) {
        if (!writing.contains(key)) {
            throw DocumentStorageException.unavailable("the content was deleted while it was being written", null);
        }
        if (content.length > capacityBytes - usedBytes) {
            throw DocumentStorageException.full(null);
        }
        contents.put(key, content);
        usedBytes += content.length;
    }

    private synchronized void end(String key) {
        writing.remove(key);
    }

    private synchronized byte @Nullable [] find(String key) {
        return contents.get(key);
    }

    private static byte[] readAll(ReadableByteChannel bytes) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try {
            while (bytes.read(buffer) >= 0) {
                content.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content.toByteArray();
    }
}
