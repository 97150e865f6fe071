package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.IdempotencyKey.Answer;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend.Stored;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Requests under a key that has been used: they are answered with what the first did, if they are the same, and refused if
 * not. Their content tells, so it is read to its end and not kept.
 */
final class Repetitions {
    private static final int DIGEST_BYTES = 64 << 10;

    /** As what a request may be refused because another with its key has been carried out meanwhile. */
    private static final Set<Kind> REFUSED_TO_TWINS =
            EnumSet.of(Kind.KEY_REUSED, Kind.CONFLICT, Kind.STATUS, Kind.NOT_FOUND);

    private final DocumentRepository repository;
    private final Limits limits;

    Repetitions(DocumentRepository repository, Limits limits) {
        this.repository = repository;
        this.limits = limits;
    }

    /** Answers a request with what was done under its key, if that was this request: its content tells, so it is read. */
    Optional<Outcome> find(NewContent content, KeyedRequest request) {
        return repository.answered(request.key()).map(first -> {
            limits.requireDocumentBytes(content.sizeBytes());
            return of(first, content, ByteBuffer.allocate(0), request);
        });
    }

    /** The same of a request without content. */
    static Outcome of(Answer first, KeyedRequest request) {
        return same(first, request.fingerprint());
    }

    private Outcome of(Answer first, NewContent content, ByteBuffer head, KeyedRequest request) {
        Stored repeated = digest(content, head);
        return same(first, request.fingerprint(repeated.sizeBytes(), repeated.sha256()));
    }

    private static Outcome same(Answer first, String fingerprint) {
        if (!fingerprint.equals(first.fingerprint())) {
            throw DocumentKeyException.reused();
        }
        return new Outcome(first.document(), true);
    }

    /** A twin of this request may have been quicker, and what it changed may be why this one was refused. */
    Outcome insteadOf(DocumentException refusal, NewContent content, ByteBuffer head, @Nullable KeyedRequest request) {
        KeyedRequest known = mayHaveTwin(refusal, request);
        return of(first(known, refusal), content, head, known);
    }

    /** The same of a request without content. */
    Outcome insteadOf(DocumentException refusal, @Nullable KeyedRequest request) {
        KeyedRequest known = mayHaveTwin(refusal, request);
        return of(first(known, refusal), known);
    }

    private static KeyedRequest mayHaveTwin(DocumentException refusal, @Nullable KeyedRequest request) {
        if (request == null || !REFUSED_TO_TWINS.contains(refusal.kind())) {
            throw refusal;
        }
        return request;
    }

    private Answer first(KeyedRequest request, DocumentException refusal) {
        return repository.answered(request.key()).orElseThrow(() -> refusal);
    }

    /** Reads content to its end, under the same conditions as if it were stored. */
    private Stored digest(NewContent content, ByteBuffer head) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(head.duplicate());
        long count = head.remaining();
        ByteBuffer buffer = ByteBuffer.allocate(DIGEST_BYTES);
        try {
            while (content.bytes().read(buffer) >= 0) {
                count += buffer.position();
                limits.requireDocumentBytes(count);
                content.requireWithin(count);
                digest.update(buffer.flip());
                buffer.clear();
            }
        } catch (IOException e) {
            throw DocumentUploadException.cut(e);
        }
        String sha256 = Sha256.hex(digest);
        content.requireAsAnnounced(count, sha256);
        return new Stored(count, sha256);
    }
}
