package dev.docs.domain;

import java.text.Normalizer;
import java.util.Locale;

/** What a document may be called. A name is data, never a path: it is stored as given and never becomes a file's name. */
public final class DocumentNames {
    /** The most code points that any configuration may allow. */
    public static final int MAX_CODE_POINTS = 255;

    /** Folding may lengthen a name threefold; an index entry of PostgreSQL has room for this many code points. */
    private static final int MAX_KEY_CODE_POINTS = 400;

    private DocumentNames() {}

    /**
     * @throws DocumentValidationException unless the name has 1 to {@value #MAX_CODE_POINTS} code points, is
     *     well-formed Unicode and has no control characters
     */
    public static void check(String name) {
        Text.check("name", name, 1, MAX_CODE_POINTS);
    }

    /**
     * What names are searched and sorted by: NFC (UAX #15), case folded, so that {@code "ÜBERSICHT"} and a decomposed
     * {@code "übersicht"} meet. At most 400 code points: the few names that fold to more are searched by their start.
     */
    public static String key(String name) {
        // lower case first: only from there the capital sharp s (U+1E9E) gets to the "ss" that the small one becomes
        String folded = Normalizer.normalize(name, Normalizer.Form.NFC)
                .toLowerCase(Locale.ROOT)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        String key = Normalizer.normalize(folded, Normalizer.Form.NFC);
        return key.codePointCount(0, key.length()) <= MAX_KEY_CODE_POINTS
                ? key
                : key.substring(0, key.offsetByCodePoints(0, MAX_KEY_CODE_POINTS));
    }
}
