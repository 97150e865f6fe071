package dev.docs.domain;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Tells what content is by its first bytes, and how kinds of content are related.
 *
 * <p>Its answers depend on nothing but the arguments: the same today, tomorrow and on every thread, of which there may be
 * many at once. It does no I/O, keeps nothing that it is given, and never throws, whatever bytes and names it gets.
 */
public interface MediaTypeDetector {
    /** Looks at nothing, so that content is what its sender says. */
    MediaTypeDetector NONE = new MediaTypeDetector() {
        @Override
        public int headBytes() {
            return 0;
        }

        @Override
        public Optional<String> detect(ByteBuffer head, String name) {
            return Optional.empty();
        }

        @Override
        public boolean isKindOf(String type, String general) {
            return type.equals(general);
        }

        @Override
        public boolean recognizes(String type) {
            return false;
        }
    };

    /** How many of content's first bytes it wants to see; with 0 it is not asked. The same number at each call. */
    int headBytes();

    /**
     * What the bytes show.
     *
     * @param head content's first {@link #headBytes} bytes, or all of them if there are fewer; from its position to its
     *     limit, which both stay where they are
     * @param name the document's name. It is no evidence: all it can do is choose among the special kinds of what the bytes
     *     show, as between comma-separated values and other text
     * @return in the form that {@link MediaTypes#isValid} accepts; empty, and never {@code application/octet-stream}, if the
     *     bytes show nothing, as no bytes do
     */
    Optional<String> detect(ByteBuffer head, String name);

    /**
     * Whether whatever is of the one type is of the other too: the same type, perhaps by another name, or a special kind, as
     * {@code text/csv} is of {@code text/plain}. Both are of the form that {@link MediaTypes#isValid} accepts.
     */
    boolean isKindOf(String type, String general);

    /**
     * Whether content of this type shows what it is, so that {@link #detect} would answer with the type or one that it is
     * a kind of: what shows nothing is then of another.
     */
    boolean recognizes(String type);
}
