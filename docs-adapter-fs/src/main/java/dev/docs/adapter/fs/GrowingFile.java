package dev.docs.adapter.fs;

import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.ResumableStorage;
import dev.docs.domain.StorageUrl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** An unfinished file that is locked for this process, and within it for one caller. */
final class GrowingFile implements ResumableStorage.Growing {
    private final FileSystemStorage storage;
    private final StorageUrl url;
    private final FileChannel file;
    private boolean named;

    GrowingFile(FileSystemStorage storage, StorageUrl url, FileChannel file) {
        this.storage = storage;
        this.url = url;
        this.file = file;
    }

    @Override
    public long append(long offset, ReadableByteChannel bytes) {
        try {
            if (file.size() < offset) {
                throw DocumentStorageException.lost(url, null);
            }
            file.truncate(offset).position(offset);
            copy(bytes);
            storage.sync(file);
            if (!named) {
                // whoever made it may have died before its name was synced
                storage.syncDrafts();
                named = true;
            }
            return file.position();
        } catch (IOException e) {
            throw storage.notStored(e);
        }
    }

    private void copy(ReadableByteChannel bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(FileSystemStorage.BUFFER_BYTES);
        boolean more = true;
        while (more) {
            more = FileSystemStorage.fill(buffer, bytes);
            buffer.flip();
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            buffer.clear();
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // what counts was synced, and the lock is gone with the descriptor
        } finally {
            storage.closed(url);
        }
    }
}
