package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;

/**
 * Reads multipart/form-data (RFC 7578) as it arrives, part by part, in constant memory. Jetty's parser pushes what it
 * finds; this turns that into something to pull from: it is fed only when everything it has found was taken.
 */
final class MultipartReader {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MAX_PART_HEADERS_BYTES = 8 << 10;
    private static final int MAX_PARTS = 10_000;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final MultiPart.Parser parser;
    private final Queue<Object> events = new ArrayDeque<>();
    private @Nullable Throwable failure;
    private boolean complete;
    private @Nullable Part current;

    /**
     * One part of the form.
     *
     * @param fileName as the sender wrote it, or null if the part is no file
     * @param contentType as the sender wrote it, or null
     */
    record Part(
            String name,
            @Nullable String fileName,
            @Nullable String contentType,
            ReadableByteChannel content) {
        /**
         * The whole content as text.
         *
         * @throws Problem.Raised if it is longer than the limit or not UTF-8
         */
        String text(int maxBytes) throws IOException {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            ByteBuffer chunk = ByteBuffer.allocate(4096);
            while (content.read(chunk) >= 0) {
                text.write(chunk.array(), 0, chunk.position());
                chunk.clear();
                if (text.size() > maxBytes) {
                    throw Problem.field("/" + name, "is longer than " + maxBytes + " bytes");
                }
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(text.toByteArray()))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new Problem.Raised(Problem.malformed("the part '" + name + "' is not UTF-8"), e);
            }
        }
    }

    private enum Mark {
        HEADERS_END,
        PART_END
    }

    private record Header(String name, String value) {}

    MultipartReader(InputStream in, String contentType) {
        this.in = in;
        Map<String, String> parameters = new HashMap<>();
        HttpField.getValueParameters(contentType, parameters);
        String boundary = parameters.get("boundary");
        if (boundary == null || boundary.isEmpty() || boundary.length() > 70) {
            throw Problem.header("Content-Type", "names no usable boundary");
        }
        parser = new MultiPart.Parser(boundary, new Collector());
        parser.setPartHeadersMaxLength(MAX_PART_HEADERS_BYTES);
        parser.setMaxParts(MAX_PARTS);
    }

    /** The next part, or null after the last one. What was not read of the part before is skipped. */
    @Nullable
    Part next() throws IOException {
        if (current != null) {
            ByteBuffer skipped = ByteBuffer.allocate(8 << 10);
            while (current.content().read(skipped) >= 0) {
                skipped.clear();
            }
        }
        Map<String, String> headers = new HashMap<>();
        Object event = poll();
        while (event instanceof Header header) {
            headers.put(header.name().toLowerCase(Locale.ROOT), header.value());
            event = poll();
        }
        current = event == null ? null : part(headers);
        return current;
    }

    private Part part(Map<String, String> headers) {
        Map<String, String> parameters = new HashMap<>();
        String disposition = headers.getOrDefault("content-disposition", "");
        HttpField.getValueParameters(disposition, parameters);
        String name = parameters.get("name");
        if (!disposition.toLowerCase(Locale.ROOT).startsWith("form-data") || name == null) {
            throw Problem.malformed("a part has no Content-Disposition: form-data with a name")
                    .raise();
        }
        String fileName = parameters.get("filename");
        return new Part(
                name,
                // what browsers (HTML, section 4.10.21.8) and curl do to these three characters
                fileName == null
                        ? null
                        : fileName.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"),
                headers.get("content-type"),
                new PartChannel());
    }

    private @Nullable Object poll() throws IOException {
        while (events.isEmpty() && !complete) {
            int read = in.read(buffer);
            boolean last = read < 0;
            parser.parse(Content.Chunk.from(ByteBuffer.wrap(buffer, 0, Math.max(0, read)), last));
            if (failure != null || (last && !complete)) {
                throw new Problem.Raised(Problem.malformed("the multipart body is malformed or was cut"), failure);
            }
        }
        return events.poll();
    }

    private final class Collector implements MultiPart.Parser.Listener {
        @Override
        public void onPartHeader(String name, String value) {
            events.add(new Header(name, value));
        }

        @Override
        public void onPartHeaders() {
            events.add(Mark.HEADERS_END);
        }

        @Override
        public void onPartContent(Content.Chunk chunk) {
            if (chunk.hasRemaining()) {
                events.add(chunk.getByteBuffer());
            }
        }

        @Override
        public void onPartEnd() {
            events.add(Mark.PART_END);
        }

        @Override
        public void onComplete() {
            complete = true;
        }

        @Override
        public void onFailure(Throwable cause) {
            failure = cause;
        }
    }

    private final class PartChannel implements ReadableByteChannel {
        private ByteBuffer chunk = ByteBuffer.allocate(0);
        private boolean ended;

        @Override
        public int read(ByteBuffer dst) throws IOException {
            while (!ended && !chunk.hasRemaining()) {
                Object event = poll();
                if (event instanceof ByteBuffer bytes) {
                    chunk = bytes;
                } else {
                    ended = true;
                }
            }
            if (ended) {
                return -1;
            }
            int length = Math.min(chunk.remaining(), dst.remaining());
            dst.put(chunk.slice(chunk.position(), length));
            chunk.position(chunk.position() + length);
            return length;
        }

        @Override
        public boolean isOpen() {
            return !ended;
        }

        @Override
        public void close() {
            // the request's stream goes on behind this part
        }
    }
}
