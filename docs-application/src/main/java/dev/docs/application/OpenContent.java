package dev.docs.application;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;

import java.nio.channels.ReadableByteChannel;
import java.util.function.Function;

/** Content that a caller may read: what is known of it first, then the bytes, whole or in part. */
public final class OpenContent {
    private final DocumentData document;
    private final Content content;
    private final Function<ByteRange, ReadableByteChannel> reader;

    OpenContent(DocumentData document, Content content, Function<ByteRange, ReadableByteChannel> reader) {
        this.document = document;
        this.content = content;
        this.reader = reader;
    }

    public DocumentData document() {
        return document;
    }

    /** The version's content; not necessarily the current one's. */
    public Content content() {
        return content;
    }

    public ByteRange whole() {
        return new ByteRange(0, content.sizeBytes());
    }

    /**
     * Opens a part of the bytes. The channel yields exactly that part or fails, and the caller closes it.
     *
     * @throws IllegalArgumentException if the range goes beyond the content
     * @throws dev.docs.domain.DocumentStorageException {@code CONTENT_LOST} if the bytes are not there; the document is
     *     then in status {@code ERROR}
     */
    public ReadableByteChannel read(ByteRange range) {
        if (range.end() > content.sizeBytes()) {
            throw new IllegalArgumentException(range + " goes beyond " + content.sizeBytes() + " bytes");
        }
        return reader.apply(range);
    }
}
