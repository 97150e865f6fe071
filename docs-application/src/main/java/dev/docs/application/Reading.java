package dev.docs.application;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.util.function.Consumer;

/**
 * Stored content on its way to a reader. When it is read whole, its last bytes are handed out only if all of them have the
 * right digest, so that nobody takes damaged content for complete.
 */
final class Reading implements ReadableByteChannel {
    private final ReadableByteChannel stored;
    private final Content content;
    private final Consumer<DocumentStorageException> lost;
    private final @Nullable MessageDigest digest;
    private long left;

    /**
     * @param stored closed with this channel
     * @param whole whether it yields the whole content, which is then verified
     * @param lost told if the content turns out to be missing or damaged, before the reader is
     */
    Reading(ReadableByteChannel stored, Content content, boolean whole, Consumer<DocumentStorageException> lost) {
        this.stored = stored;
        this.content = content;
        this.lost = lost;
        this.digest = whole ? Sha256.newDigest() : null;
        this.left = content.sizeBytes();
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        int start = dst.position();
        try {
            int count = stored.read(dst);
            if (count > 0 && digest != null) {
                verify(digest, dst.duplicate().flip().position(start));
            }
            return count;
        } catch (DocumentStorageException e) {
            dst.position(start);
            if (e.kind() == DocumentException.Kind.CONTENT_LOST) {
                lost.accept(e);
            }
            throw e;
        }
    }

    private void verify(MessageDigest sum, ByteBuffer part) {
        left -= part.remaining();
        sum.update(part);
        if (left == 0 && !Sha256.hex(sum).equals(content.sha256())) {
            throw DocumentStorageException.lost(content.url(), null);
        }
    }

    @Override
    public boolean isOpen() {
        return stored.isOpen();
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }
}
