package dev.docs.application;

import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Yields what is left in a buffer. */
final class BufferChannel implements ReadableByteChannel {
    private final ByteBuffer buffer;

    BufferChannel(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    public int read(ByteBuffer dst) {
        if (!buffer.hasRemaining()) {
            return -1;
        }
        int length = Math.min(buffer.remaining(), dst.remaining());
        dst.put(buffer.slice(buffer.position(), length));
        buffer.position(buffer.position() + length);
        return length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
