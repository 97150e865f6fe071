package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.Metadata.Pair;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

class MetadataTest {
    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void sizeIsThatOfItsJson(@ForAll("objects") Map<String, Object> object) {
        Metadata metadata = Metadata.of(object);

        assertThat(metadata.sizeBytes()).isEqualTo(json(metadata.values()).getBytes(StandardCharsets.UTF_8).length);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void copyingACopyChangesNothing(@ForAll("objects") Map<String, Object> object) {
        Metadata metadata = Metadata.of(object);

        assertThat(Metadata.of(metadata.values())).isEqualTo(metadata).hasSameHashCodeAs(metadata);
        assertThat(json(Metadata.of(metadata.values()).values())).isEqualTo(json(metadata.values()));
        assertThat(metadata.merge(Map.of())).isEqualTo(metadata);
        assertThat(Metadata.EMPTY.merge(withoutNulls(metadata.values())))
                .isEqualTo(Metadata.of(withoutNulls(metadata.values())));
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void countsEntriesAndDepth(@ForAll("objects") Map<String, Object> object) {
        Metadata metadata = Metadata.of(object);
        String structure = json(metadata.values()).replaceAll("\"(\\\\.|[^\"\\\\])*\"", "0");
        int depth = 0;
        int deepest = 0;
        int empty = 0;
        for (int n = 0; n < structure.length(); n++) {
            char c = structure.charAt(n);
            if (c == '{' || c == '[') {
                deepest = Math.max(deepest, ++depth);
                empty += "}]".indexOf(structure.charAt(n + 1)) >= 0 ? 1 : 0;
            } else if (c == '}' || c == ']') {
                depth--;
            }
        }
        long containers = structure.chars().filter(c -> c == '{' || c == '[').count();
        long commas = structure.chars().filter(c -> c == ',').count();

        assertThat(metadata.depth()).isEqualTo(deepest);
        assertThat(metadata.entries()).isEqualTo((int) (commas + containers - empty));
    }

    @Property
    void numbersOfOneValueAreEqualHoweverWritten(@ForAll BigDecimal number, @ForAll @IntRange(max = 30) int zeros) {
        Metadata one = Metadata.of(Map.of("n", number));
        Metadata other = Metadata.of(Map.of("n", number.setScale(number.scale() + zeros)));

        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(other.pairs()).isEqualTo(one.pairs());
    }

    @Example
    void numbersHaveOneForm() {
        for (Number one : List.of(
                1,
                1L,
                (short) 1,
                (byte) 1,
                1.0,
                1f,
                BigInteger.ONE,
                new BigDecimal("1e0"),
                new BigDecimal("1.000"),
                new AtomicInteger(1))) {
            assertThat(Metadata.of(Map.of("n", one)).values()).containsEntry("n", 1L);
        }
        assertThat(number(0.1)).isEqualTo(new BigDecimal("0.1"));
        assertThat(number(0.1f)).isEqualTo(new BigDecimal("0.1"));
        assertThat(number(-0.0)).isEqualTo(0L);
        assertThat(number(1e18)).isEqualTo(1_000_000_000_000_000_000L);
        assertThat(number(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(number(new BigDecimal(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        BigInteger tooLong = BigInteger.valueOf(Long.MAX_VALUE).add(BigInteger.ONE);
        assertThat(number(tooLong)).isEqualTo(new BigDecimal(tooLong));
        assertThat(number(new BigDecimal("1e400"))).isEqualTo(new BigDecimal("1e400"));
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void mergesAsRfc7396Says(
            @ForAll("objects") Map<String, Object> target, @ForAll("objects") Map<String, Object> patch) {
        Metadata merged = Metadata.of(target).merge(patch);

        assertThat(merged).isEqualTo(Metadata.of(mergePatch(Metadata.of(target).values(), patch)));
    }

    @Example
    void mergesTheExamplesOfRfc7396() {
        assertMerged(object("a", "b"), object("a", "c"), object("a", "c"));
        assertMerged(object("a", "b"), object("b", "c"), object("a", "b", "b", "c"));
        assertMerged(object("a", "b"), object("a", null), object());
        assertMerged(object("a", "b", "b", "c"), object("a", null), object("b", "c"));
        assertMerged(object("a", List.of("b")), object("a", "c"), object("a", "c"));
        assertMerged(object("a", "c"), object("a", List.of("b")), object("a", List.of("b")));
        assertMerged(
                object("a", object("b", "c")), object("a", object("b", "d", "c", null)), object("a", object("b", "d")));
        assertMerged(object("a", List.of(object("b", "c"))), object("a", List.of(1)), object("a", List.of(1)));
        assertMerged(object("e", null), object("a", 1), object("e", null, "a", 1));
        assertMerged(object(), object("a", object("bb", object("ccc", null))), object("a", object("bb", object())));
    }

    @Example
    void keepsTheOrderOfItsMembers() {
        Metadata metadata = Metadata.of(object("z", 1, "a", 2, "m", 3));

        assertThat(metadata.values().keySet()).containsExactly("z", "a", "m");
        assertThat(metadata.merge(object("a", 9, "b", 1)).values().keySet()).containsExactly("z", "a", "m", "b");
    }

    @Example
    void isImmutableAtEveryDepth() {
        List<Object> list = new ArrayList<>(List.of("x"));
        Map<String, @Nullable Object> inner = object("list", list);
        Map<String, @Nullable Object> outer = object("inner", inner, "text", CharBuffer.wrap("abc"));
        Metadata metadata = Metadata.of(outer);
        String before = json(metadata.values());

        list.add("y");
        inner.put("more", 1);
        outer.clear();

        assertThat(json(metadata.values()))
                .isEqualTo(before)
                .isEqualTo("{\"inner\":{\"list\":[\"x\"]},\"text\":\"abc\"}");
        assertUnmodifiable(metadata.values());
        assertThatThrownBy(() -> Metadata.EMPTY.values().put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Example
    void refusesWhatNoDatabaseKeepsAndNamesTheField() {
        assertRefused(object("a", "x\0"), "metadata/a", "U+0000");
        assertRefused(object("a", "\ud800"), "metadata/a", "surrogate");
        assertRefused(object("a", List.of("", "x\udfff")), "metadata/a/1", "surrogate");
        assertRefused(object("a", object("b", "\udc00\ud800")), "metadata/a/b", "surrogate");
        assertRefused(object("a", object("b\0", 1)), "metadata/a", "U+0000");
        assertRefused(object("\ud800", 1), "metadata", "surrogate");
        assertThat(Metadata.of(object("a", "\ud83d\ude00\n\t\u0001")).entries()).isEqualTo(1);
    }

    @Example
    void refusesWhatIsNotJsonAndNamesTheField() {
        assertRefused(object("a", Double.NaN), "metadata/a", "finite");
        assertRefused(object("a", List.of(1, Double.POSITIVE_INFINITY)), "metadata/a/1", "finite");
        assertRefused(object("a", Float.NEGATIVE_INFINITY), "metadata/a", "finite");
        assertRefused(object("a", new Object()), "metadata/a", "not a JSON value");
        assertRefused(object("a", 'c'), "metadata/a", "not a JSON value");
        assertRefused(object("a", new int[] {1}), "metadata/a", "not a JSON value");
        assertRefused(object("a/b~c", object("d", new Object())), "metadata/a~1b~0c/d", "not a JSON value");
        assertRefused(object("a", Map.of(1, "b")), "metadata/a", "not text");
    }

    @Example
    void refusesNumbersThatTakeLongToWrite() {
        for (Number number : List.of(
                new BigDecimal("1e1000000000"),
                new BigDecimal("1e-1000000000"),
                new BigDecimal("1e401"),
                new BigDecimal("1e-401"),
                BigInteger.TEN.pow(400),
                new BigDecimal("1." + "1".repeat(400)))) {
            DocumentValidationException refused = assertRefused(object("a", number), "metadata/a", "400 digits");
            assertThat(refused.problems().get(0).limit()).isEqualTo(400);
        }
    }

    @Example
    void refusesNestingBeyondItsLimit() {
        assertThat(Metadata.of(nested(Metadata.MAX_DEPTH)).depth()).isEqualTo(Metadata.MAX_DEPTH);
        assertRefused(nested(Metadata.MAX_DEPTH + 1), "metadata/a".concat("/0".repeat(31)), "deeper than 32");
        assertRefused(nested(2000), "metadata/a".concat("/0".repeat(31)), "deeper than 32");
        assertThat(Metadata.EMPTY.depth()).isEqualTo(1);
        assertThat(Metadata.of(object("a", 1)).depth()).isEqualTo(1);
        assertThat(Metadata.of(object("a", List.of())).depth()).isEqualTo(2);
    }

    @Example
    void pairsNameEveryValueByItsPath() {
        Metadata metadata = Metadata.of(object(
                "tags",
                List.of("a", "b", "a"),
                "deep",
                object("n", 1.50, "none", null),
                "yes",
                true,
                "empty",
                List.of(),
                "big",
                new BigDecimal("1e20")));

        assertThat(metadata.pairs())
                .containsExactly(
                        new Pair("tags", "a"),
                        new Pair("tags", "b"),
                        new Pair("deep.n", "1.5"),
                        new Pair("deep.none", "null"),
                        new Pair("yes", "true"),
                        new Pair("big", "100000000000000000000"));
    }

    @Example
    void longPairsAreShortenedAndStillTellValuesApart() {
        String long1 = "x".repeat(1000) + "1";
        String long2 = "x".repeat(1000) + "2";
        Pair pair = new Pair(long1, long1);

        assertThat(pair).isEqualTo(new Pair(long1, long1));
        assertThat(pair.value())
                .startsWith("x".repeat(100) + "#")
                .hasSize(165)
                .isNotEqualTo(new Pair("a", long2).value());
        assertThat(pair.path()).isEqualTo(pair.value());
        // what stands for a long text is itself a text that somebody may have
        assertThat(new Pair("a", pair.value()).value()).hasSize(165).isNotEqualTo(pair.value());
        assertThat(new Pair("a", "y".repeat(200)).value()).isEqualTo("y".repeat(200));
        assertThat(new Pair("a", "y".repeat(201)).value()).hasSize(165);
        assertThat(Metadata.of(object("k", long1)).pairs()).containsExactly(new Pair("k", long1));
        String emoji = "x".repeat(99) + "\ud83d\ude00".repeat(100);
        assertThat(new Pair("a", emoji).value())
                .startsWith("x".repeat(99) + "#")
                .hasSize(164);
    }

    @Example
    void doesNotShowItsValuesInText() {
        assertThat(Metadata.of(object("secret", "value"))).hasToString("Metadata(1 entries)");
        assertThat(Metadata.EMPTY.isEmpty()).isTrue();
        assertThat(Metadata.of(Map.of())).isSameAs(Metadata.EMPTY);
    }

    private static @Nullable Object number(Number number) {
        return Metadata.of(Map.of("n", number)).values().get("n");
    }

    private static void assertMerged(Map<String, ?> target, Map<String, ?> patch, Map<String, ?> result) {
        assertThat(Metadata.of(target).merge(patch)).isEqualTo(Metadata.of(result));
    }

    private static DocumentValidationException assertRefused(Map<String, ?> object, String field, String detail) {
        DocumentValidationException refused =
                catchThrowableOfType(DocumentValidationException.class, () -> Metadata.of(object));
        assertThat(refused).as("refusal of %s", field).isNotNull();
        assertThat(refused.problems()).hasSize(1);
        assertThat(refused.problems().get(0).field()).isEqualTo(field);
        assertThat(refused.problems().get(0).detail()).contains(detail);
        return refused;
    }

    private static void assertUnmodifiable(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
            map.values().forEach(MetadataTest::assertUnmodifiable);
        } else if (value instanceof List<?> list) {
            assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
            list.forEach(MetadataTest::assertUnmodifiable);
        } else {
            assertThat(value).isInstanceOf(String.class);
        }
    }

    /** So many levels, the object itself among them. */
    private static Map<String, @Nullable Object> nested(int depth) {
        Object value = 1;
        for (int n = 1; n < depth; n++) {
            value = List.of(value);
        }
        return object("a", value);
    }

    private static Map<String, @Nullable Object> object(@Nullable Object... keysAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int n = 0; n < keysAndValues.length; n += 2) {
            object.put(String.valueOf(keysAndValues[n]), keysAndValues[n + 1]);
        }
        return object;
    }

    /** The pseudocode of RFC 7396, section 2. */
    private static Map<String, @Nullable Object> mergePatch(@Nullable Object target, Map<?, ?> patch) {
        Map<String, @Nullable Object> result = new HashMap<>();
        if (target instanceof Map<?, ?> members) {
            members.forEach((name, value) -> result.put((String) name, value));
        }
        for (Map.Entry<?, ?> member : patch.entrySet()) {
            if (member.getValue() == null) {
                result.remove((String) member.getKey());
            } else if (member.getValue() instanceof Map<?, ?> inner) {
                result.put((String) member.getKey(), mergePatch(result.get((String) member.getKey()), inner));
            } else {
                result.put((String) member.getKey(), member.getValue());
            }
        }
        return result;
    }

    /** Without null members of objects at any depth, which a merge patch can't set. */
    private static Map<String, @Nullable Object> withoutNulls(Map<?, ?> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (value != null) {
                result.put((String) key, value instanceof Map<?, ?> inner ? withoutNulls(inner) : value);
            }
        });
        return result;
    }

    private static String json(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        String separator = "";
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            for (Map.Entry<?, ?> member : map.entrySet()) {
                out.append(separator);
                write(member.getKey(), out);
                out.append(':');
                write(member.getValue(), out);
                separator = ",";
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (Object element : list) {
                out.append(separator);
                write(element, out);
                separator = ",";
            }
            out.append(']');
        } else if (value instanceof String text) {
            writeText(text, out);
        } else {
            out.append(value);
        }
    }

    private static void writeText(String text, StringBuilder out) {
        out.append('"');
        for (int n = 0; n < text.length(); n++) {
            char c = text.charAt(n);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    @Provide
    Arbitrary<Map<String, Object>> objects() {
        Arbitrary<String> texts = Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.strings().ascii().ofMaxLength(6)),
                        Tuple.of(2, Arbitraries.strings().all().ofMaxLength(6)),
                        Tuple.of(1, Arbitraries.of("\ud83d\ude00", "\u00e9\u20ac", "\"\\\n\r\t\b\f\u0001\u001f\u007f")))
                .filter(MetadataTest::isKept);
        Arbitrary<Object> scalars = Arbitraries.oneOf(
                texts.asGeneric(),
                Arbitraries.longs().asGeneric(),
                Arbitraries.bigDecimals().ofScale(9).asGeneric(),
                Arbitraries.doubles().ofScale(3).asGeneric(),
                Arbitraries.of(true, false).asGeneric(),
                Arbitraries.of(new BigDecimal("1e300"), new BigDecimal("-2.5e-200"))
                        .asGeneric());
        Arbitrary<String> keys = Arbitraries.oneOf(Arbitraries.of("a", "b", "c"), texts);
        Arbitrary<Object> values = scalars.injectNull(0.1);
        for (int depth = 0; depth < 3; depth++) {
            Arbitrary<Object> inner = values;
            values = Arbitraries.oneOf(
                    scalars.injectNull(0.1),
                    inner.list().ofMaxSize(4).asGeneric(),
                    Arbitraries.maps(keys, inner).ofMaxSize(4).asGeneric());
        }
        return Arbitraries.maps(keys, values).ofMaxSize(5);
    }

    private static boolean isKept(String text) {
        return text.indexOf('\0') < 0
                && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
