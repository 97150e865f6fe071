package dev.docs.conformance;

import dev.docs.domain.ByteRange;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.OptionalLong;

/** A store in front of another, for tests to watch or disturb what goes through. */
public class ForwardingStorage implements StorageBackend {
    protected final StorageBackend next;

    protected ForwardingStorage(StorageBackend next) {
        this.next = next;
    }

    @Override
    public String id() {
        return next.id();
    }

    @Override
    public Stored store(StorageUrl url, ReadableByteChannel bytes) {
        return next.store(url, bytes);
    }

    @Override
    public ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
        return next.retrieve(url, range);
    }

    @Override
    public void delete(StorageUrl url) {
        next.delete(url);
    }

    @Override
    public OptionalLong size(StorageUrl url) {
        return next.size(url);
    }

    @Override
    public List<Entry> list(@Nullable String after, int max) {
        return next.list(after, max);
    }

    @Override
    public OptionalLong usableBytes() {
        return next.usableBytes();
    }

    @Override
    public void check() {
        next.check();
    }
}
