package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An owner's free dictionary: a JSON object (RFC 8259), deeply immutable, its members in the order given.
 *
 * <p>Values are {@code String}, {@code Boolean}, {@code Long}, {@code BigDecimal}, null, {@code List} and {@code Map}
 * of these. Numbers are brought to one form: a {@code Long} where the value is a whole number in its range, else a
 * {@code BigDecimal} without trailing zeros; so {@code 1}, {@code 1.0} and {@code 1e0} are equal.
 */
public final class Metadata {
    public static final Metadata EMPTY = new Metadata(Map.of());

    /** The deepest nesting that any configuration may allow; the object itself counts as 1. */
    public static final int MAX_DEPTH = 32;

    private static final int MAX_NUMBER_DIGITS = 400;
    private static final int MAX_INDEXED_CHARS = 200;

    private final Map<String, @Nullable Object> values;

    private Metadata(Map<String, @Nullable Object> values) {
        this.values = values;
    }

    /**
     * Copies a dictionary. Any {@link Number}, {@link CharSequence}, {@link Iterable} and map with text keys is taken.
     *
     * @throws DocumentValidationException naming the member that is not JSON, is nested deeper than {@value #MAX_DEPTH},
     *     or has a text that no database keeps (U+0000, an unpaired surrogate)
     */
    public static Metadata of(Map<String, ?> values) {
        return values.isEmpty() ? EMPTY : new Metadata(copyMap("metadata", values, 1));
    }

    /** The members, unmodifiable at every depth. */
    public Map<String, @Nullable Object> values() {
        return values;
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /**
     * The result of a JSON merge patch (RFC 7396): null removes a member, an object is merged, anything else replaces.
     */
    public Metadata merge(Map<String, ?> patch) {
        return of(merged(values, of(patch).values));
    }

    /** How deep objects and lists are nested; 1 for a flat dictionary. */
    public int depth() {
        return depth(values);
    }

    /** How many members of objects and elements of lists there are, at every depth. */
    public int entries() {
        return entries(values);
    }

    /** Size in bytes of the shortest JSON text in UTF-8. */
    public long sizeBytes() {
        return sizeBytes(values);
    }

    /**
     * A pair that a search for metadata can find.
     *
     * @param path the keys that lead to the value, joined with dots; so a key that has dots itself is the same path as
     *     keys inside each other
     * @param value text of the string, of the number in its shortest form ({@code 1} for {@code 1.0}, no exponent), or of
     *     the boolean; {@code null} for null. A text and a number that read the same are found by the same search
     */
    public record Pair(String path, String value) {
        /**
         * Paths and values of more than 200 characters are kept as their first 100 and a digest of the whole, since no
         * database indexes texts of any length. So are shorter ones that look like that. A query goes through here too,
         * so all of them match exactly.
         */
        public Pair {
            path = indexed(path);
            value = indexed(value);
        }

        private static final Pattern DIGESTED = Pattern.compile(".{99,100}#[0-9a-f]{64}", Pattern.DOTALL);

        private static String indexed(String text) {
            if (text.length() <= MAX_INDEXED_CHARS && !DIGESTED.matcher(text).matches()) {
                return text;
            }
            int cut = Character.isHighSurrogate(text.charAt(99)) ? 99 : 100;
            return text.substring(0, cut) + '#' + Sha256.hex(text);
        }
    }

    /** Every value in it with its path; the elements of a list share the path of the list. */
    public Set<Pair> pairs() {
        Set<Pair> pairs = new LinkedHashSet<>();
        values.forEach((key, value) -> collect(key, value, pairs));
        return pairs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Metadata metadata && values.equals(metadata.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "Metadata(" + entries() + " entries)";
    }

    private static void collect(String path, @Nullable Object value, Set<Pair> pairs) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, member) -> collect(path + "." + key, member, pairs));
        } else if (value instanceof List<?> list) {
            list.forEach(element -> collect(path, element, pairs));
        } else {
            pairs.add(new Pair(
                    path, value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value)));
        }
    }

    private static Map<String, @Nullable Object> copyMap(String path, Map<?, ?> map, int depth) {
        checkDepth(path, depth);
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (!(key instanceof String text)) {
                throw invalid(path, "has a key that is not text");
            }
            checkText(path, text);
            copy.put(text, copy(path + "/" + escaped(text), value, depth));
        });
        return Collections.unmodifiableMap(copy);
    }

    private static @Nullable Object copy(String path, @Nullable Object value, int depth) {
        if (value == null || value instanceof Boolean) {
            return value;
        } else if (value instanceof CharSequence chars) {
            String text = chars.toString();
            checkText(path, text);
            return text;
        } else if (value instanceof Number number) {
            return number(path, number);
        } else if (value instanceof Map<?, ?> map) {
            return copyMap(path, map, depth + 1);
        } else if (value instanceof Iterable<?> elements) {
            checkDepth(path, depth + 1);
            List<@Nullable Object> copy = new ArrayList<>();
            elements.forEach(element -> copy.add(copy(path + "/" + copy.size(), element, depth + 1)));
            return Collections.unmodifiableList(copy);
        }
        throw invalid(path, "is not a JSON value");
    }

    private static Number number(String path, Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.longValue();
        }
        BigDecimal decimal;
        if (number instanceof BigDecimal given) {
            decimal = given;
        } else if (number instanceof BigInteger whole) {
            decimal = new BigDecimal(whole);
        } else {
            try {
                decimal = new BigDecimal(number.toString());
            } catch (NumberFormatException e) {
                throw invalid(path, "is not a finite decimal number");
            }
        }
        if (decimal.precision() > MAX_NUMBER_DIGITS || Math.abs((long) decimal.scale()) > MAX_NUMBER_DIGITS) {
            throw new DocumentValidationException(
                    path, "is a number of more than " + MAX_NUMBER_DIGITS + " digits", (long) MAX_NUMBER_DIGITS);
        }
        BigDecimal plain = decimal.stripTrailingZeros();
        boolean fitsLong = plain.scale() <= 0 && plain.toBigInteger().bitLength() < Long.SIZE;
        return fitsLong ? (Number) plain.longValueExact() : plain;
    }

    private static Map<String, @Nullable Object> merged(Map<?, ?> target, Map<?, ?> patch) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        target.forEach((key, value) -> result.put(String.valueOf(key), value));
        patch.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (value == null) {
                result.remove(name);
            } else if (value instanceof Map<?, ?> members) {
                Object old = result.get(name);
                result.put(name, merged(old instanceof Map<?, ?> map ? map : Map.of(), members));
            } else {
                result.put(name, value);
            }
        });
        return result;
    }

    private static int depth(@Nullable Object value) {
        int deepest = 0;
        for (Object member : members(value)) {
            deepest = Math.max(deepest, depth(member));
        }
        return value instanceof Map || value instanceof List ? deepest + 1 : 0;
    }

    private static int entries(@Nullable Object value) {
        int count = 0;
        for (Object member : members(value)) {
            count += 1 + entries(member);
        }
        return count;
    }

    private static long sizeBytes(@Nullable Object value) {
        if (value instanceof String text) {
            return 2 + text.chars().mapToLong(Metadata::escapedBytes).sum();
        } else if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .mapToLong(e -> sizeBytes(e.getKey()) + 1 + sizeBytes(e.getValue()))
                    .reduce(2 + Math.max(0, map.size() - 1), Long::sum);
        } else if (value instanceof List<?> list) {
            return list.stream().mapToLong(Metadata::sizeBytes).reduce(2 + Math.max(0, list.size() - 1), Long::sum);
        }
        return String.valueOf(value).length();
    }

    private static long escapedBytes(int c) {
        if (c < 0x20) {
            return "\b\t\n\f\r".indexOf(c) >= 0 ? 2 : 6;
        } else if (c < 0x80) {
            return c == '"' || c == '\\' ? 2 : 1;
        }
        // each half of a surrogate pair is half of four bytes
        return c < 0x800 || Character.isSurrogate((char) c) ? 2 : 3;
    }

    private static Iterable<?> members(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.values();
        }
        return value instanceof List<?> list ? list : List.of();
    }

    private static void checkDepth(String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new DocumentValidationException(
                    path, "is nested deeper than " + MAX_DEPTH + " levels", (long) MAX_DEPTH);
        }
    }

    /** A key as a part of a JSON pointer (RFC 6901). */
    private static String escaped(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    private static void checkText(String path, String text) {
        if (text.indexOf('\0') >= 0) {
            throw invalid(path, "must not contain the character U+0000");
        }
        Text.checkWellFormed(path, text);
    }

    private static DocumentValidationException invalid(String path, String problem) {
        return new DocumentValidationException(path, problem, null);
    }
}
