package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentTypeException;
import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.MediaTypes;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/** What content is, and whether it may be stored: what its sender says, what its bytes show, and what is allowed. */
final class ContentTypes {
    private final MediaTypeDetector detector;
    private final MediaTypePolicy policy;

    ContentTypes(MediaTypeDetector detector, MediaTypePolicy policy) {
        this.detector = detector;
        this.policy = policy;
    }

    /**
     * What the bytes show.
     *
     * @param detected null if nothing
     * @param by who can say how that fits to what is declared; nobody if there was nothing to look at
     */
    record Shown(@Nullable String detected, MediaTypeDetector by) {}

    int headBytes() {
        return detector.headBytes();
    }

    Shown look(ByteBuffer head, String name) {
        if (detector.headBytes() == 0 || !head.hasRemaining()) {
            return new Shown(null, MediaTypeDetector.NONE);
        }
        ByteBuffer seen = head.slice(head.position(), Math.min(head.remaining(), detector.headBytes()));
        return new Shown(detector.detect(seen.asReadOnlyBuffer(), name).orElse(null), detector);
    }

    static String effective(DocumentData document, NewContent content, Shown shown) {
        return MediaTypes.effective(declared(document, content), shown.detected(), shown.by());
    }

    /** The sender's word on this content, or else on what the document was to have. */
    static @Nullable String declared(DocumentData document, NewContent content) {
        return content.declaredType() != null ? content.declaredType() : document.declaredType();
    }

    /**
     * Refuses content before a byte of it is read, where no byte could change the answer.
     *
     * @throws DocumentTypeException if it is not allowed
     */
    void checkUnseen(DocumentData document, NewContent content) {
        if (detector.headBytes() == 0) {
            check(document, content, new Shown(null, MediaTypeDetector.NONE));
        }
    }

    /**
     * @throws DocumentTypeException if it is not allowed
     */
    void check(DocumentData document, NewContent content, Shown shown) {
        String effective = effective(document, content, shown);
        policy.check(effective, shown.detected(), detector);
        content.types().check(effective, shown.detected(), detector);
    }

    /**
     * Refuses a promise of content that is not allowed. One that says nothing of the type is fine: the content will tell.
     *
     * @throws DocumentTypeException if it is not allowed
     */
    void checkPromised(DocumentData pending) {
        String declared = pending.declaredType();
        if (declared != null && !declared.equals(MediaTypes.OCTET_STREAM)) {
            policy.check(declared, null, detector);
        }
    }
}
