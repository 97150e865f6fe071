package dev.docs.application;

import dev.docs.domain.ContentGate;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** Asks the host's gates, one after the other, and takes everything but a clear yes for a no. */
final class Gates {
    private static final Logger log = LoggerFactory.getLogger(Gates.class);

    private final List<ContentGate> gates;

    Gates(List<ContentGate> gates) {
        this.gates = List.copyOf(gates);
    }

    boolean isEmpty() {
        return gates.isEmpty();
    }

    /**
     * What the gates say of content that they all accept; null if they say nothing.
     *
     * @param document as it will be
     * @param opener opens all of the bytes
     * @throws DocumentUploadException {@code CONTENT_REFUSED}
     * @throws DocumentStorageException {@code UNAVAILABLE} if a gate can't tell
     */
    @Nullable
    String ask(DocumentData document, Supplier<ReadableByteChannel> opener) {
        List<String> said = new ArrayList<>();
        for (ContentGate gate : gates) {
            Verdict verdict = ask(gate, document, opener);
            if (!verdict.accepted()) {
                log.info("content for document {} was refused: {}", document.id(), verdict.text());
                throw DocumentUploadException.refused(Objects.requireNonNull(verdict.text(), "a refusal has a reason"));
            }
            if (verdict.text() != null) {
                said.add(verdict.text());
            }
        }
        return said.isEmpty() ? null : Verdict.accept(String.join("; ", said)).text();
    }

    private static Verdict ask(ContentGate gate, DocumentData document, Supplier<ReadableByteChannel> opener) {
        try (Lent bytes = new Lent(opener)) {
            Verdict verdict = gate.inspect(document, bytes);
            if (verdict == null) {
                throw new IllegalStateException("a content gate gave no answer");
            }
            return verdict;
        } catch (Throwable e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            log.warn(
                    "a content gate failed, so content for document {} is not let in: {}", document.id(), e.toString());
            throw DocumentStorageException.unavailable("the content could not be inspected, and so was not let in", e);
        }
    }

    /** The bytes while a gate looks at them. It may use threads of its own, which may outlive its answer. */
    private static final class Lent implements ContentGate.Bytes, AutoCloseable {
        private final Supplier<ReadableByteChannel> opener;
        private final List<Looked> opened = new ArrayList<>();
        private boolean closed;

        Lent(Supplier<ReadableByteChannel> opener) {
            this.opener = opener;
        }

        @Override
        public synchronized ReadableByteChannel open() {
            if (closed) {
                throw new IllegalStateException("the gate has answered");
            }
            Looked channel = new Looked(opener.get());
            opened.add(channel);
            return channel;
        }

        @Override
        public synchronized void close() {
            closed = true;
            for (Looked channel : opened) {
                try {
                    channel.close();
                } catch (IOException | RuntimeException e) {
                    log.debug("a channel that was lent to a gate could not be closed", e);
                }
            }
        }
    }

    private static final class Looked implements ReadableByteChannel {
        private final ReadableByteChannel bytes;
        private volatile boolean open = true;

        Looked(ReadableByteChannel bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (!open) {
                throw new ClosedChannelException();
            }
            return bytes.read(target);
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            if (open) {
                open = false;
                bytes.close();
            }
        }
    }
}
