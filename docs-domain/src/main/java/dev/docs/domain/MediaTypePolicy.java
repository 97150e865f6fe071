package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Which media types may be stored. A pattern is a type ({@code image/png}), all of a family ({@code image/*}), or
 * {@code *}{@code /*}. What is denied is refused also where it is allowed.
 *
 * @param allowed if there are any, everything else is refused
 */
public record MediaTypePolicy(List<String> allowed, List<String> denied) {
    public static final MediaTypePolicy ANY = new MediaTypePolicy(List.of(), List.of());

    /**
     * @throws IllegalArgumentException naming what is no pattern
     */
    public MediaTypePolicy {
        allowed = List.copyOf(allowed);
        denied = List.copyOf(denied);
        allowed.forEach(MediaTypePolicy::checkPattern);
        denied.forEach(MediaTypePolicy::checkPattern);
    }

    public static MediaTypePolicy allowing(String... patterns) {
        return new MediaTypePolicy(List.of(patterns), List.of());
    }

    public static MediaTypePolicy denying(String... patterns) {
        return new MediaTypePolicy(List.of(), List.of(patterns));
    }

    /** In lower case, and with a star only in the place of a name. */
    public static boolean isPattern(String text) {
        return text.equals("*/*")
                || MediaTypes.isValid(text.endsWith("/*") ? text.substring(0, text.length() - 1) + "x" : text);
    }

    /**
     * Lets content in, or refuses it. Both types must pass what is denied. What is allowed is asked of the effective one
     * only, since bytes never contradict that one.
     *
     * @param effective what it would be served as, see {@link MediaTypes#effective}
     * @param detected what its bytes show; null if nothing, or nobody has looked
     * @throws DocumentTypeException if it is refused
     */
    public void check(String effective, @Nullable String detected, MediaTypeDetector detector) {
        boolean refused = matches(denied, effective, detector)
                || (detected != null && matches(denied, detected, detector))
                || !(allowed.isEmpty() || matches(allowed, effective, detector));
        if (refused) {
            throw new DocumentTypeException(effective, detected, this);
        }
    }

    private static boolean matches(List<String> patterns, String type, MediaTypeDetector detector) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, type, detector));
    }

    private static boolean matches(String pattern, String type, MediaTypeDetector detector) {
        if (pattern.endsWith("/*")) {
            return pattern.equals("*/*") || type.startsWith(pattern.substring(0, pattern.length() - 1));
        }
        // one type may have several names
        return pattern.equals(type) || (detector.isKindOf(type, pattern) && detector.isKindOf(pattern, type));
    }

    private static void checkPattern(String pattern) {
        if (!isPattern(pattern)) {
            throw new IllegalArgumentException("not a media type and not a family such as image/*: " + pattern);
        }
    }
}
