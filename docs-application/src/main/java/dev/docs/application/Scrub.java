package dev.docs.application;

import dev.docs.application.Integrity.Scrubbed;
import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.VersionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads versions back, and settles what that says about their documents. Counts what it did. Not for several threads. */
final class Scrub {
    private static final Logger log = LoggerFactory.getLogger(Scrub.class);
    private static final int BUFFER_BYTES = 128 * 1024;

    private final DocumentRepository repository;
    private final Storages storages;
    private final Listeners listeners;
    private final Clock clock;
    private final Runnable alive;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long contents;
    private long bytes;
    private long damaged;
    private long healed;

    /** @param alive called after every piece of work, however small: its owner may renew a lease, or throw to stop */
    Scrub(DocumentRepository repository, Storages storages, Listeners listeners, Clock clock, Runnable alive) {
        this.repository = repository;
        this.storages = storages;
        this.listeners = listeners;
        this.clock = clock;
        this.alive = alive;
    }

    Scrubbed done(boolean passEnded) {
        return new Scrubbed(contents, bytes, damaged, healed, passEnded);
    }

    /**
     * Reads versions until the bytes read so far reach a limit.
     *
     * @return the last version read
     */
    VersionId verify(List<DocumentVersion> versions, long maxBytes) {
        Map<StorageUrl, Boolean> verdicts = new HashMap<>();
        VersionId last = VersionId.FIRST;
        try {
            for (DocumentVersion version : versions) {
                boolean whole = verdicts.computeIfAbsent(version.content().url(), url -> isWhole(version.content()));
                contents++;
                settle(version, whole);
                last = version.id();
                if (bytes >= maxBytes) {
                    break;
                }
            }
            return last;
        } finally {
            // also if a store fails in the middle: what was read was read
            verdicts.values().removeIf(whole -> !whole);
            repository.verified(verdicts.keySet(), clock.instant());
        }
    }

    boolean isWhole(Content content) {
        OptionalLong size = storages.size(content.url());
        if (size.isEmpty() || size.getAsLong() != content.sizeBytes()) {
            return false;
        }
        MessageDigest digest = Sha256.newDigest();
        try (ReadableByteChannel channel = storages.retrieve(content.url(), new ByteRange(0, content.sizeBytes()))) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
                bytes += buffer.limit();
                alive.run();
            }
        } catch (DocumentStorageException e) {
            if (e.kind() == DocumentException.Kind.CONTENT_LOST) {
                return false;
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Sha256.hex(digest).equals(content.sha256());
    }

    private void settle(DocumentVersion version, boolean whole) {
        if (whole) {
            heal(version);
        } else if (repository
                .version(version.documentId(), version.number())
                .filter(version::equals)
                .isPresent()) {
            damaged++;
            if (Integrity.isTooMuch(damaged, contents)) {
                throw new IllegalStateException(damaged + " of " + contents + " contents read are missing or damaged,"
                        + " which is more than chance explains: is a disk not mounted? No more is marked as damaged");
            }
            boolean marked = Integrity.markLost(repository, listeners, clock, version.documentId(), version.content());
            if (!marked) {
                log.error(
                        "the bytes of version {} are missing or damaged: {}",
                        version.id(),
                        version.content().url());
            }
        }
    }

    /** Whatever put the document in error: with its bytes whole it is whole. */
    private void heal(DocumentVersion version) {
        Optional<DocumentData> failed = repository
                .find(version.documentId())
                .filter(document -> document.status() == DocumentStatus.ERROR
                        && version.content().equals(document.content()));
        if (failed.isPresent()) {
            try {
                DocumentData whole = failed.get().verified(clock.instant());
                repository.update(whole);
                healed++;
                log.info("document {} is whole again", version.documentId());
                listeners.tell(null, failed.get(), whole);
            } catch (DocumentConflictException e) {
                log.debug("document {} was changed meanwhile", version.documentId());
            }
        }
    }
}
