package dev.docs.application;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStorageException;

import java.nio.channels.ReadableByteChannel;
import java.time.Clock;
import java.util.UUID;

/** How stored bytes reach a reader. Whatever turns out to be missing or damaged turns its document to {@code ERROR}. */
final class Downloads {
    private final DocumentRepository repository;
    private final Storages storages;
    private final Listeners listeners;
    private final boolean verify;
    private final Clock clock;

    /** @param verify whether content that is read whole is compared with its digest */
    Downloads(DocumentRepository repository, Storages storages, Listeners listeners, boolean verify, Clock clock) {
        this.repository = repository;
        this.storages = storages;
        this.listeners = listeners;
        this.verify = verify;
        this.clock = clock;
    }

    OpenContent open(DocumentData document, Content content) {
        return new OpenContent(document, content, range -> read(document.id(), content, range));
    }

    ReadableByteChannel read(OpenZip.Entry entry) {
        Content content = entry.content();
        return read(entry.documentId(), content, new ByteRange(0, content.sizeBytes()));
    }

    private ReadableByteChannel read(UUID id, Content content, ByteRange range) {
        try {
            boolean whole = range.length() == content.sizeBytes();
            return new Reading(
                    storages.retrieve(content.url(), range),
                    content,
                    verify && whole,
                    lost -> markLost(id, content, lost));
        } catch (DocumentStorageException e) {
            if (e.kind() == DocumentException.Kind.CONTENT_LOST) {
                markLost(id, content, e);
            }
            throw e;
        }
    }

    private void markLost(UUID id, Content content, DocumentStorageException lost) {
        try {
            boolean marked = Integrity.markLost(repository, listeners, clock, id, content);
            if (!marked && repository.find(id).isEmpty()) {
                // purged meanwhile, and so not lost
                throw new DocumentNotFoundException();
            }
        } catch (DocumentStorageException e) {
            lost.addSuppressed(e);
        }
    }
}
