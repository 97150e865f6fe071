package dev.docs.application;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A source that does something before its first byte. */
final class FirstRead implements ReadableByteChannel {
    private final ReadableByteChannel next;
    private Runnable before;

    FirstRead(ReadableByteChannel next, Runnable before) {
        this.next = next;
        this.before = before;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        Runnable now = before;
        before = () -> {};
        now.run();
        return next.read(target);
    }

    @Override
    public boolean isOpen() {
        return next.isOpen();
    }

    @Override
    public void close() throws IOException {
        next.close();
    }
}
