package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;

/**
 * The host's say on content before anybody can read it: a virus scanner, a check of its own.
 *
 * <p>It is asked for all content that an upload brings, once the bytes are complete and what their sender announced, and
 * before they become a version. Several gates are asked in the order in which they were added; the first refusal ends it.
 * Content that a document already has, such as an old version that is restored, is not asked about again.
 *
 * <p><b>Fail closed.</b> Content becomes a version only if every gate has accepted it. After a refusal nothing of it is
 * kept, the quota set aside for it is given back, and the caller gets a {@link DocumentUploadException} of kind
 * {@code CONTENT_REFUSED}; after any exception, or without an answer, the same with a {@link DocumentStorageException} of
 * kind {@code UNAVAILABLE}. What was said of accepted content stays with it: {@link Content#verdict}.
 *
 * <p><b>Time.</b> It is called on the uploader's thread, and may take as long as its host likes: the upload's lease is
 * renewed meanwhile, and nobody waits but the uploader. It is called by many threads at once.
 */
@FunctionalInterface
public interface ContentGate {
    /**
     * @param document as it will be if the content is let in: with its size, SHA-256 and types. Its name and metadata may
     *     yet be changed by others before it comes to that
     * @throws Exception if it can't tell: the content is not let in
     */
    Verdict inspect(DocumentData document, Bytes bytes) throws Exception;

    /** The content, for as long as the gate has not answered. */
    interface Bytes {
        /**
         * Opens all of it, from its first byte; as often as the gate likes. The channel need not be read to its end, and
         * is closed when the gate has answered, if it was not before.
         *
         * @throws DocumentStorageException if the store fails
         * @throws IllegalStateException if the gate has answered
         */
        ReadableByteChannel open();
    }

    /**
     * What a gate says.
     *
     * @param text the reason of a refusal, or what to remember of accepted content, if anything; the content's owner may
     *     read it. Control characters become spaces, and it is cut to {@value #MAX_TEXT} characters
     */
    record Verdict(boolean accepted, @Nullable String text) {
        static final int MAX_TEXT = 1000;

        public Verdict {
            text = text == null ? null : Text.cleaned(text, MAX_TEXT);
            if (!accepted && (text == null || text.isBlank())) {
                throw new IllegalArgumentException("a refusal has a reason");
            }
        }

        public static Verdict accept() {
            return new Verdict(true, null);
        }

        /** @param text to be kept with the content, such as the scanner's name and the version of what it knows */
        public static Verdict accept(String text) {
            return new Verdict(true, text);
        }

        public static Verdict refuse(String reason) {
            return new Verdict(false, reason);
        }
    }
}
