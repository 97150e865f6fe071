package dev.docs.adapter.jdbi;

import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;

/**
 * H2's file as a disk has to see it: what the header names is on the disk before the header is.
 *
 * <p>H2 writes chunks, and now and then a header that names one of them, without a word on their order. A power cut that
 * finds the header on the disk and the chunk not makes the next start fall back to whatever older chunk it comes upon,
 * perhaps one from before changes that were acknowledged. So the file is synced before each write of the header.
 */
public final class H2Path extends FilePathWrapper {
    private static final String SCHEME = "docs";

    /** Two copies, a block each. */
    private static final int HEADER_BYTES = 2 * 4096;

    static {
        FilePath.register(new H2Path());
    }

    /** What takes the place of {@code file:} in a URL. */
    static String scheme() {
        return SCHEME + ":";
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Ordered(super.open(mode));
    }

    /** Reads and writes at a position need no lock: the file's own channel keeps them apart. */
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    private static final class Ordered extends FileBaseDefault {
        private final FileChannel file;

        Ordered(FileChannel file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            return on(() -> {
                if (position < HEADER_BYTES) {
                    file.force(true);
                }
                return file.write(bytes, position);
            });
        }

        @Override
        public int read(ByteBuffer bytes, long position) throws IOException {
            return on(() -> file.read(bytes, position));
        }

        @Override
        public long size() throws IOException {
            return on(file::size);
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            on(() -> file.truncate(size));
        }

        @Override
        public void force(boolean metadata) throws IOException {
            on(() -> {
                file.force(metadata);
                return metadata;
            });
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return on(() -> file.tryLock(position, size, shared));
        }

        /** An interrupt closes the file; then this is closed, too, or H2 would go on with it. */
        private <T> T on(Access<T> access) throws IOException {
            try {
                return access.get();
            } catch (ClosedChannelException e) {
                close();
                throw e;
            }
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }

    private interface Access<T> {
        T get() throws IOException;
    }
}
