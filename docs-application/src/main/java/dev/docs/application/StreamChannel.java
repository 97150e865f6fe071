package dev.docs.application;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A stream as a channel, straight into the reader's buffer; the JDK's takes 8 KiB at a time and copies them once more. */
final class StreamChannel implements ReadableByteChannel {
    private final InputStream stream;

    StreamChannel(InputStream stream) {
        this.stream = stream;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (target.hasArray()) {
            int read = stream.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
            target.position(target.position() + Math.max(0, read));
            return read;
        }
        byte[] bytes = new byte[Math.min(target.remaining(), 64 << 10)];
        int read = stream.read(bytes);
        target.put(bytes, 0, Math.max(0, read));
        return read;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
