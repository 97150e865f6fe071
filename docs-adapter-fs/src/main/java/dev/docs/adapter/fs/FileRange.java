package dev.docs.adapter.fs;

import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.StorageUrl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** A part of a file. Reads straight into the caller's buffer; with a direct one no byte is copied on the way. */
final class FileRange implements ReadableByteChannel {
    private final StorageUrl url;
    private final FileChannel file;
    private long left;

    /** @param file stands at the first byte of the part; closed with this channel */
    FileRange(StorageUrl url, FileChannel file, long length) {
        this.url = url;
        this.file = file;
        this.left = length;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (left == 0) {
            if (!file.isOpen()) {
                throw new ClosedChannelException();
            }
            return -1;
        }
        int limit = target.limit();
        if (target.remaining() > left) {
            target.limit(target.position() + (int) left);
        }
        int count;
        try {
            count = file.read(target);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw DocumentStorageException.unavailable("the storage failed while content was being read", e);
        } finally {
            target.limit(limit);
        }
        if (count < 0) {
            throw DocumentStorageException.lost(url, null);
        }
        left -= count;
        return count;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // what was read was whole, and nothing was written
        }
    }
}
