package dev.docs.application;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Content for tests, by its size, and sources that misbehave. */
final class TestContent {
    private TestContent() {}

    /** Bytes that differ from those of any other seed or size. */
    static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed * 31 + size).nextBytes(bytes);
        return bytes;
    }

    /** Content of stated length. */
    static NewContent known(int size) {
        return NewContent.of(bytes(size, 0));
    }

    /** Content of unstated length. */
    static NewContent unknown(int size) {
        return NewContent.of(new ByteArrayInputStream(bytes(size, 0)));
    }

    static NewContent announcing(int size, @Nullable Long announced, @Nullable String sha256) {
        return new NewContent(unknown(size).bytes(), null, announced, sha256);
    }

    /** Content that has some bytes and then does what it is told, which may be to throw. */
    static ReadableByteChannel then(int size, Step after) {
        return Channels.newChannel(new InputStream() {
            private final ByteArrayInputStream first = new ByteArrayInputStream(bytes(size, 0));

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int read = first.read(target, offset, length);
                return read >= 0 || length == 0 ? read : after.run();
            }
        });
    }

    /** What a source does when its bytes have gone: -1 is the end. */
    @FunctionalInterface
    interface Step {
        int run() throws IOException;
    }

    static byte[] read(OpenContent content) {
        return read(content.read(content.whole()));
    }

    static byte[] read(ReadableByteChannel channel) {
        try (InputStream in = Channels.newInputStream(channel)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A source that must not be read. */
    static NewContent untouchable() {
        return NewContent.of(new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                throw new AssertionError("the content was read");
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        });
    }
}
