package dev.docs.app.faults;

import dev.docs.app.faults.Fault.Failure;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** An open file or folder on a {@link FaultyDisk}. What Docs does not call, it refuses. */
final class FaultyFile extends FileChannel {
    private final FaultyDisk disk;
    private final Path real;
    private final FileChannel next;

    FaultyFile(FaultyDisk disk, Path real, FileChannel next) {
        this.disk = disk;
        this.real = real;
        this.next = next;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return part(disk.on("file.read"), target, next::read);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        disk.memory().written(real);
        return part(disk.on("file.write", FaultyDisk.SPACE), source, next::write);
    }

    @FunctionalInterface
    private interface Transfer {
        int run(ByteBuffer buffer) throws IOException;
    }

    private static int part(@Nullable Failure failure, ByteBuffer buffer, Transfer transfer) throws IOException {
        if (failure == Failure.SHORT || failure == Failure.PART_THEN_NO_SPACE) {
            int limit = buffer.limit();
            buffer.limit(buffer.position() + (buffer.remaining() + 1) / 2);
            try {
                int count = transfer.run(buffer);
                if (failure == Failure.SHORT) {
                    return count;
                }
            } finally {
                buffer.limit(limit);
            }
        } else if (failure == null || failure == Failure.DONE_THEN_IO) {
            int count = transfer.run(buffer);
            if (failure == null) {
                return count;
            }
        }
        throw new IOException(failure.message);
    }

    @Override
    public long size() throws IOException {
        refuse(disk.on("file.size"));
        return next.size();
    }

    @Override
    public long position() throws IOException {
        refuse(disk.on("file.position"));
        return next.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
        refuse(disk.on("file.position"));
        next.position(position);
        return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        Failure failure = disk.on("file.force", FaultyDisk.SPACE);
        disk.memory().forced(real, failure == null);
        refuse(failure);
        next.force(metadata);
    }

    /** Gives its descriptor back whatever it reports, as the kernel does. */
    @Override
    protected void implCloseChannel() throws IOException {
        Failure failure = disk.on("file.close");
        next.close();
        disk.closed();
        refuse(failure);
    }

    private static void refuse(@Nullable Failure failure) throws IOException {
        if (failure != null) {
            throw new IOException(failure.message);
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
