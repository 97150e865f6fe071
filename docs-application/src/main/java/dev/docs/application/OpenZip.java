package dev.docs.application;

import dev.docs.domain.Content;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.Deflater;

/**
 * Documents that a caller may read, to be written as one zip file. It holds what they were when it was opened: versions and
 * names that come later are not in it.
 */
public final class OpenZip {
    /** Larger ones might grow beyond what a short header can say. */
    static final long ZIP64_FROM_BYTES = (4L << 30) - (4 << 20);

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int READABLE_BY_ALL = 0100644;

    /** What becomes much smaller; most other types are compressed already. */
    private static final Pattern TEXT = Pattern.compile(
            "text/.*|.*[+/](json|xml|yaml|toml|javascript|ecmascript|x-ndjson|sql|rtf|postscript)|image/bmp");

    private final List<Entry> entries;
    private final Function<Entry, ReadableByteChannel> reader;

    /** @param name that of the file, safe and unlike all others */
    record Entry(UUID documentId, String name, Content content, Instant modified) {}

    OpenZip(List<Entry> entries, Function<Entry, ReadableByteChannel> reader) {
        this.entries = List.copyOf(entries);
        this.reader = reader;
    }

    public int documents() {
        return entries.size();
    }

    /** Of all contents together; the zip file may be smaller, and is little larger. */
    public long sizeBytes() {
        return entries.stream().mapToLong(entry -> entry.content().sizeBytes()).sum();
    }

    /**
     * Writes the zip file, front to back and in constant memory. The stream stays open. What an exception leaves in it is no
     * zip file: whoever gets it must see that it broke off.
     *
     * @throws IOException from the stream
     * @throws dev.docs.domain.DocumentStorageException {@code CONTENT_LOST} if a document's bytes are missing or damaged,
     *     {@code UNAVAILABLE} if they can't be read now
     */
    public void writeTo(OutputStream out) throws IOException {
        // not closed on failure: closing would write the list of contents, and with it the part would look whole
        @SuppressWarnings("resource")
        ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out);
        byte[] buffer = new byte[BUFFER_BYTES];
        for (Entry entry : entries) {
            zip.setLevel(
                    TEXT.matcher(entry.content().mimeType()).matches() ? Deflater.BEST_SPEED : Deflater.NO_COMPRESSION);
            long sizeBytes = entry.content().sizeBytes();
            zip.setUseZip64(sizeBytes >= ZIP64_FROM_BYTES ? Zip64Mode.AlwaysWithCompatibility : Zip64Mode.AsNeeded);
            zip.putArchiveEntry(header(entry));
            try (ReadableByteChannel bytes = reader.apply(entry)) {
                copy(bytes, zip, buffer);
            }
            zip.closeArchiveEntry();
        }
        zip.finish();
    }

    private static ZipArchiveEntry header(Entry entry) {
        ZipArchiveEntry header = new ZipArchiveEntry(entry.name());
        header.setSize(entry.content().sizeBytes());
        header.setLastModifiedTime(FileTime.from(entry.modified()));
        header.setUnixMode(READABLE_BY_ALL);
        return header;
    }

    private static void copy(ReadableByteChannel from, OutputStream to, byte[] buffer) throws IOException {
        ByteBuffer window = ByteBuffer.wrap(buffer);
        while (from.read(window) >= 0) {
            to.write(buffer, 0, window.position());
            window.clear();
        }
    }
}
