package dev.docs.adapter.http;

import dev.docs.application.Precondition;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** The conditional headers of one request, weighed in the order of RFC 9110, section 13.2.2. */
record Conditions(
        @Nullable ETags ifMatch,
        @Nullable Instant ifUnmodifiedSince,
        @Nullable ETags ifNoneMatch,
        @Nullable Instant ifModifiedSince) {

    /** What becomes of a GET or HEAD. */
    enum Outcome {
        PROCEED,
        /** 304. */
        NOT_MODIFIED,
        /** 412. */
        FAILED
    }

    /**
     * A date that is none is ignored, as the RFC asks.
     *
     * @throws Problem.Raised if a header with tags is malformed: who asks to protect a change must not lose it in silence
     */
    static Conditions of(HttpServletRequest request) {
        Instant now = Instant.now();
        return new Conditions(
                ETags.parse("If-Match", joined(request, "If-Match")),
                HttpDates.parse(joined(request, "If-Unmodified-Since"), now),
                ETags.parse("If-None-Match", joined(request, "If-None-Match")),
                HttpDates.parse(joined(request, "If-Modified-Since"), now));
    }

    /** A header that came in several lines is one list (RFC 9110, section 5.3). */
    static @Nullable String joined(HttpServletRequest request, String name) {
        List<String> lines = Collections.list(request.getHeaders(name));
        return lines.isEmpty() ? null : String.join(", ", lines);
    }

    /** @param modified when the representation changed last */
    Outcome onReading(String tag, Instant modified) {
        boolean expected = ifMatch == null ? isUnmodified(modified) : ifMatch.matchStrongly(tag);
        if (!expected) {
            return Outcome.FAILED;
        }
        boolean known = ifNoneMatch == null
                ? ifModifiedSince != null && !second(modified).isAfter(ifModifiedSince)
                : ifNoneMatch.matchWeakly(tag);
        return known ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
    }

    /**
     * What a change of a document demands. It may name the tag of the document or that of its content: clients hold either.
     */
    Precondition ofDocument() {
        return current -> holds(current, true);
    }

    /** The same for a change of its content, which need not be there yet: so {@code *} speaks of that. */
    Precondition ofContent() {
        return current -> holds(current, current.content() != null);
    }

    private boolean holds(DocumentData current, boolean exists) {
        boolean expected = ifMatch == null
                ? isUnmodified(current.updatedAt())
                : ifMatch.any() ? exists : eitherTag(current, ifMatch::matchStrongly);
        boolean refused =
                ifNoneMatch != null && (ifNoneMatch.any() ? exists : eitherTag(current, ifNoneMatch::matchWeakly));
        return expected && !refused;
    }

    private boolean isUnmodified(Instant modified) {
        return ifUnmodifiedSince == null || !second(modified).isAfter(ifUnmodifiedSince);
    }

    /** As Last-Modified tells it. */
    private static Instant second(Instant modified) {
        return modified.truncatedTo(ChronoUnit.SECONDS);
    }

    private static boolean eitherTag(DocumentData document, Predicate<String> matches) {
        Content content = document.content();
        return matches.test(ETags.of(document)) || (content != null && matches.test(ETags.of(content)));
    }
}
