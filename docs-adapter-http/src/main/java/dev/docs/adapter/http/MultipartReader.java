package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads multipart/form-data (RFC 7578) as it arrives, part by part, in constant memory.
 *
 * <p>The body is one buffer that slides over the stream. What stands before the first delimiter is read like content of a
 * part that nobody sees; a line break put in front of the body lets the first delimiter look like all others.
 */
final class MultipartReader {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MAX_PART_HEADERS_BYTES = 8 << 10;
    private static final int MAX_PARTS = 10_000;
    private static final int MAX_BOUNDARY = 70;

    private final InputStream in;
    private final byte[] delimiter;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;
    private int parts;
    private boolean complete;
    private PartChannel current = new PartChannel();

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

    MultipartReader(InputStream in, String contentType) {
        this.in = in;
        String boundary = HeaderParameters.parse(contentType).get("boundary");
        if (boundary == null
                || boundary.isEmpty()
                || boundary.length() > MAX_BOUNDARY
                || boundary.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw Problem.header("Content-Type", "names no usable boundary");
        }
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
        buffer[to++] = '\r';
        buffer[to++] = '\n';
    }

    /** The next part, or null after the last one. What was not read of the part before is skipped. */
    @Nullable
    Part next() throws IOException {
        if (complete) {
            return null;
        }
        ByteBuffer skipped = ByteBuffer.allocate(8 << 10);
        while (current.read(skipped) >= 0) {
            skipped.clear();
        }
        if (endsHere()) {
            complete = true;
            return null;
        }
        if (++parts > MAX_PARTS) {
            throw malformed("has more than " + MAX_PARTS + " parts");
        }
        Map<String, String> headers = headers();
        current = new PartChannel();
        return part(headers, current);
    }

    private static Part part(Map<String, String> headers, PartChannel content) {
        String disposition = headers.getOrDefault("content-disposition", "");
        Map<String, String> parameters = HeaderParameters.parse(disposition);
        String name = parameters.get("name");
        if (!HeaderParameters.value(disposition).equals("form-data") || name == null) {
            throw malformed("has a part without Content-Disposition: form-data and a name");
        }
        String fileName = parameters.get("filename");
        String extended = HeaderParameters.extended(parameters.get("filename*"));
        if (fileName != null) {
            // what browsers (HTML, section 4.10.21.8) and curl do to these three characters
            fileName = fileName.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
        }
        return new Part(name, extended != null ? extended : fileName, headers.get("content-type"), content);
    }

    /** Reads what follows a delimiter, up to its line's end. Returns whether that was the last one. */
    private boolean endsHere() throws IOException {
        require(2);
        if (buffer[from] == '-' && buffer[from + 1] == '-') {
            return true;
        }
        while (buffer[from] == ' ' || buffer[from] == '\t') {
            from++;
            require(2);
        }
        if (buffer[from] != '\r' || buffer[from + 1] != '\n') {
            throw malformed("has a line that begins like a boundary and is none");
        }
        return false;
    }

    /**
     * From the line break before the first header to the empty line. The break that ends the empty line stays: where a
     * part has no content, it begins the next delimiter.
     */
    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        int left = MAX_PART_HEADERS_BYTES;
        for (String line = line(left); !line.isEmpty(); line = line(left)) {
            left -= line.length() + 2;
            int colon = line.indexOf(':');
            if (colon < 1 || line.charAt(0) <= ' ') {
                throw malformed("has a part whose header is none");
            }
            headers.putIfAbsent(
                    line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (fill(delimiter.length) && startsWithDelimiter(from)) {
            return headers;
        }
        from += 2;
        return headers;
    }

    /** Drops a line break and reads the line that begins behind it. */
    private String line(int maxBytes) throws IOException {
        require(2);
        from += 2;
        int length = 0;
        while (true) {
            require(length + 2);
            if (buffer[from + length] == '\r' && buffer[from + length + 1] == '\n') {
                break;
            }
            if ((buffer[from + length] >= 0 && buffer[from + length] < ' ' && buffer[from + length] != '\t')
                    || ++length > maxBytes) {
                throw malformed("has a part with too long or broken headers");
            }
        }
        try {
            String line = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer, from, length))
                    .toString();
            from += length;
            return line;
        } catch (CharacterCodingException e) {
            throw new Problem.Raised(Problem.malformed("the multipart body has part headers that are not UTF-8"), e);
        }
    }

    private void require(int bytes) throws IOException {
        if (!fill(bytes)) {
            throw malformed("was cut");
        }
    }

    /** Gets that many bytes into the buffer. Returns false if the stream ends before. */
    private boolean fill(int bytes) throws IOException {
        while (to - from < bytes) {
            if (from + bytes > buffer.length || to == buffer.length) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                to -= from;
                from = 0;
            }
            int read = in.read(buffer, to, buffer.length - to);
            if (read < 0) {
                return false;
            }
            to += read;
        }
        return true;
    }

    private boolean startsWithDelimiter(int at) {
        return Arrays.equals(buffer, at, at + delimiter.length, delimiter, 0, delimiter.length);
    }

    /** How many bytes from here on are content for sure; 0 if a delimiter is next. */
    private int contentLength() throws IOException {
        require(delimiter.length);
        int end = to - delimiter.length + 1;
        for (int at = from; at < end; at++) {
            if (buffer[at] == '\r' && startsWithDelimiter(at)) {
                return at - from;
            }
        }
        return end - from;
    }

    private static Problem.Raised malformed(String what) {
        return Problem.malformed("the multipart body " + what).raise();
    }

    private final class PartChannel implements ReadableByteChannel {
        private int known;
        private boolean ended;

        @Override
        public int read(ByteBuffer dst) throws IOException {
            if (!ended && known == 0) {
                known = contentLength();
                if (known == 0) {
                    from += delimiter.length;
                    ended = true;
                }
            }
            if (ended) {
                return -1;
            }
            int length = Math.min(known, dst.remaining());
            dst.put(buffer, from, length);
            from += length;
            known -= length;
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
