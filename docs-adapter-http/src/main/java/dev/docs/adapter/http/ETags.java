package dev.docs.adapter.http;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Entity tags and the lists of them in conditional headers (RFC 9110, sections 8.8.3 and 13.1). All of ours are strong. */
final class ETags {
    private static final Pattern ITEM =
            Pattern.compile("\\s*+(?:(W/)?(\"[\\x21\\x23-\\x7e\\x80-\\xff]*+\")\\s*+)?(?:,|\\z)");

    private final boolean any;
    private final Set<String> strong = new LinkedHashSet<>();
    private final Set<String> weak = new LinkedHashSet<>();

    private ETags(String header, String value) {
        any = value.strip().equals("*");
        if (any) {
            return;
        }
        Matcher matcher = ITEM.matcher(value);
        int at = 0;
        while (at < value.length() && matcher.region(at, value.length()).lookingAt()) {
            if (matcher.group(2) != null) {
                (matcher.group(1) == null ? strong : weak).add(matcher.group(2));
            }
            at = matcher.end();
        }
        if (at < value.length() || (strong.isEmpty() && weak.isEmpty())) {
            throw Problem.header(header, "must be * or a list of quoted entity tags");
        }
    }

    /** The header's tags; null if the request has no such header. */
    static @Nullable ETags parse(String header, @Nullable String value) {
        return value == null ? null : new ETags(header, value);
    }

    /** Tag of a document's state. */
    static String of(DocumentData document) {
        return "\"r" + document.revision() + "\"";
    }

    /** Tag of a content's bytes. */
    static String of(Content content) {
        return "\"sha256-" + content.sha256() + "\"";
    }

    /** Whether the header is {@code *}: anything, as long as there is something. */
    boolean any() {
        return any;
    }

    /** Weak comparison, as If-None-Match wants it. */
    boolean matchWeakly(String tag) {
        return any || strong.contains(tag) || weak.contains(tag);
    }

    /** Strong comparison, as If-Match wants it. */
    boolean matchStrongly(String tag) {
        return any || strong.contains(tag);
    }
}
