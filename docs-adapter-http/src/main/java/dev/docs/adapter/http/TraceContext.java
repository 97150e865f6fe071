package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The caller's trace, in which this request is one more span (W3C Trace Context, Recommendation of 23 November 2021).
 * Nothing is exported: the ids are for the log, where they join our lines with the caller's.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 of them: this request's own
 */
record TraceContext(String traceId, String spanId) {
    /** Section 3.2. A later version may go on behind another hyphen; version 00 may not, and ff is none. */
    private static final Pattern TRACEPARENT = Pattern.compile(
            "(?!ff)(?<version>[0-9a-f]{2})-(?!0{32})(?<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?<more>-.*)?",
            Pattern.DOTALL);

    /** The trace that a request belongs to; null if its headers name none, several, or one that is not well-formed. */
    static @Nullable TraceContext of(List<String> traceparents) {
        if (traceparents.size() != 1) {
            return null;
        }
        Matcher matcher = TRACEPARENT.matcher(traceparents.get(0));
        if (!matcher.matches() || (matcher.group("version").equals("00") && matcher.group("more") != null)) {
            return null;
        }
        return new TraceContext(matcher.group("trace"), newSpanId());
    }

    private static String newSpanId() {
        long id;
        do {
            id = ThreadLocalRandom.current().nextLong();
        } while (id == 0);
        return HexFormat.of().toHexDigits(id);
    }
}
