package dev.docs.adapter.http;

import dev.docs.application.OpenContent;
import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.eclipse.jetty.ee10.servlet.HttpOutput;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.VirtualThreads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;

/** Sends a document's bytes: whole or in part, conditionally, and so that no browser runs what a stranger uploaded. */
final class ContentResponse {
    private static final int BUFFER_BYTES = 64 << 10;

    /** Types that browsers only show. Never HTML, SVG, XML or script: those run in the server's origin. */
    private static final Set<String> PASSIVE = Set.of(
            "application/pdf",
            "text/plain",
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "image/avif",
            "image/bmp",
            "audio/mpeg",
            "audio/ogg",
            "audio/wav",
            "audio/aac",
            "audio/flac",
            "audio/mp4",
            "audio/webm",
            "video/mp4",
            "video/webm",
            "video/ogg");

    private final ByteBufferPool buffers = new ArrayByteBufferPool();

    void send(OpenContent open, boolean inline, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Content content = open.content();
        DocumentData document = open.document();
        String tag = ETags.of(content);
        Instant modified = document.updatedAt();
        Conditions.Outcome outcome = Conditions.of(request).onReading(tag, modified);
        if (outcome == Conditions.Outcome.FAILED) {
            throw Problem.preconditionFailed().raise();
        }
        response.setHeader("ETag", tag);
        response.setHeader("Last-Modified", HttpDates.format(modified));
        response.setHeader("Cache-Control", DocsServer.REVALIDATED);
        if (outcome == Conditions.Outcome.NOT_MODIFIED) {
            response.setStatus(304);
            return;
        }
        ByteRanges.Answer answer = choose(request, content.sizeBytes(), tag, modified);
        if (answer.kind() == ByteRanges.Kind.UNSATISFIABLE) {
            throw Problem.ofStatus(416)
                    .with("Content-Range", "bytes */" + content.sizeBytes())
                    .raise();
        }
        describe(content, document, inline, request, response);
        ByteRange range = answer.range();
        if (request.getMethod().equals("HEAD")) {
            response.setContentLengthLong(range.length());
            return;
        }
        // opened before anything is sent: missing bytes still get their own status
        try (ReadableByteChannel bytes = open.read(range)) {
            if (answer.kind() == ByteRanges.Kind.PART) {
                response.setStatus(206);
                // to hash a part would be to read it twice
                response.setHeader("Content-Digest", null);
                response.setHeader(
                        "Content-Range",
                        "bytes " + range.offset() + "-" + (range.end() - 1) + "/" + content.sizeBytes());
            }
            response.setContentLengthLong(range.length());
            copy(bytes, range.length(), (HttpOutput) response.getOutputStream());
        }
    }

    private static void describe(
            Content content,
            DocumentData document,
            boolean inline,
            HttpServletRequest request,
            HttpServletResponse response) {
        String digest = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(content.sha256()));
        boolean shown = inline && PASSIVE.contains(content.mimeType());
        response.setContentType(content.mimeType());
        response.setHeader("Accept-Ranges", "bytes");
        response.setHeader(
                "Content-Disposition", ContentDisposition.of(shown ? "inline" : "attachment", document.name()));
        response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'");
        if (!response.containsHeader("Cross-Origin-Resource-Policy")) {
            response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        }
        response.setHeader("Repr-Digest", "sha-256=:" + digest + ":");
        if (Digests.wantsSha256(Conditions.joined(request, "Want-Digest"))) {
            response.setHeader("Digest", "SHA-256=" + digest);
        }
        if (Digests.wantsSha256(Conditions.joined(request, "Want-Content-Digest"))) {
            response.setHeader("Content-Digest", "sha-256=:" + digest + ":");
        }
    }

    private static ByteRanges.Answer choose(HttpServletRequest request, long size, String tag, Instant modified) {
        String range = request.getHeader("Range");
        String ifRange = request.getHeader("If-Range");
        boolean whole = range == null
                || request.getMethod().equals("HEAD")
                || (ifRange != null && !ifRange.strip().equals(tag) && !isStrongDate(ifRange, modified));
        return whole
                ? new ByteRanges.Answer(ByteRanges.Kind.WHOLE, new ByteRange(0, size))
                : ByteRanges.choose(range, size);
    }

    /** A date of one second's precision only vouches for bytes that have been the same for a while (RFC 9110, 8.8.2.2). */
    private static boolean isStrongDate(String ifRange, Instant modified) {
        Instant now = Instant.now();
        return modified.truncatedTo(ChronoUnit.SECONDS).equals(HttpDates.parse(ifRange, now))
                && Duration.between(modified, now).toSeconds() >= 2;
    }

    /** One direct buffer carries everything from the file to the socket. */
    @SuppressWarnings("ThreadPriorityCheck")
    private void copy(ReadableByteChannel from, long length, HttpOutput to) throws IOException {
        if (length == 0) {
            return;
        }
        RetainableByteBuffer pooled = buffers.acquire((int) Math.min(BUFFER_BYTES, length), true);
        try {
            ByteBuffer buffer = pooled.getByteBuffer();
            long left = length;
            while (left > 0) {
                buffer.clear();
                buffer.limit((int) Math.min(buffer.capacity(), left));
                int read = from.read(buffer);
                if (read < 0) {
                    // the promised length can't be kept, and so the connection breaks
                    throw new UncheckedIOException(new IOException("the stored bytes ended early"));
                }
                left -= read;
                to.write(buffer.flip());
                if (VirtualThreads.areSupported()) {
                    // nobody takes the turn of one that has work: a thousand downloads that begin at once would keep
                    // everybody else waiting until all their sockets are full
                    Thread.yield();
                }
            }
        } finally {
            pooled.release();
        }
    }
}
