package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.http.ByteRanges.Answer;
import dev.docs.adapter.http.ByteRanges.Kind;
import dev.docs.domain.ByteRange;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

final class ByteRangesTest {
    private static final String ABSURD = "9".repeat(40);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "bytes=0-0; 0; 1",
                "bytes=0-99; 0; 100",
                "bytes=10-19; 10; 10",
                "bytes=99-99; 99; 1",
                "bytes=90-; 90; 10",
                "bytes=0-; 0; 100",
                "bytes=-1; 99; 1",
                "bytes=-100; 0; 100",
                "BYTES=10-19; 10; 10",
                "bytes= 10-19 ; 10; 10",
                "bytes=,,10-19,; 10; 10",
                "bytes=00010-000019; 10; 10",
            })
    void oneRangeIsSentAsAPart(String header, long offset, long length) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(part(offset, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-100", "bytes=10-4000000000", "bytes=10-9223372036854775807"})
    void aRangeThatBeginsInsideIsCutAtTheEnd(String header) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(part(10, 90));
    }

    @Test
    void numbersTooLargeForAnyMachineStillMeanWhatTheySay() {
        assertThat(ByteRanges.choose("bytes=10-" + ABSURD, 100)).isEqualTo(part(10, 90));
        assertThat(ByteRanges.choose("bytes=-" + ABSURD, 100)).isEqualTo(part(0, 100));
        assertThat(ByteRanges.choose("bytes=" + ABSURD + "-", 100)).isEqualTo(unsatisfiable());
        assertThat(ByteRanges.choose("bytes=" + ABSURD + "-" + ABSURD, 100)).isEqualTo(unsatisfiable());
        assertThat(ByteRanges.choose("bytes=0-", Long.MAX_VALUE)).isEqualTo(part(0, Long.MAX_VALUE));
        assertThat(ByteRanges.choose("bytes=0-" + ABSURD, Long.MAX_VALUE)).isEqualTo(part(0, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=5000-6000", "bytes=-0", "bytes=100-,200-,-0"})
    void rangesThatDoNotExistAreUnsatisfiable(String header) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(unsatisfiable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-,10-19", "bytes=10-19,300-400"})
    void aRangeThatDoesNotExistIsLeftOut(String header) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(part(10, 10));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "bytes=0-9,10-19; 0; 20",
                "bytes=10-19,0-9; 0; 20",
                "bytes=0-15,10-19; 0; 20",
                "bytes=0-19,5-6; 0; 20",
                "bytes=20-29, 0-9, 10-19; 0; 30",
                "bytes=90-,-20; 80; 20",
                "bytes=5-5,5-5,5-5; 5; 1",
            })
    void rangesThatTouchOrOverlapBecomeOne(String header, long offset, long length) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(part(offset, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-9,11-19", "bytes=50-,0-9", "bytes=0-0,-1"})
    void severalSeparateRangesBringEverything(String header) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(whole(100));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=abc",
                "bytes=a-b",
                "bytes=5",
                "bytes=9-5",
                "bytes=1-2-3",
                "bytes=--5",
                "bytes=+1-2",
                "bytes=0x1-2",
                "bytes=1.0-2",
                "bytes=\u0661-\u0662",
                "bytes=0-9,abc",
                "bytes=0-9;10-19",
                "bytes 0-9",
                "items=0-9",
                "none"
            })
    void whatIsMalformedOrOfAnotherUnitIsIgnored(String header) {
        assertThat(ByteRanges.choose(header, 100)).isEqualTo(whole(100));
    }

    @Test
    void aHundredRangesAreReadAndOneMoreIsTooMany() {
        assertThat(ByteRanges.choose(adjacent(100), 1000)).isEqualTo(part(0, 100));
        assertThat(ByteRanges.choose(adjacent(101), 1000)).isEqualTo(whole(1000));
    }

    @Test
    void nothingCanBeAskedOfEmptyContentButItsEnd() {
        assertThat(ByteRanges.choose("bytes=0-", 0)).isEqualTo(unsatisfiable());
        assertThat(ByteRanges.choose("bytes=0-0", 0)).isEqualTo(unsatisfiable());
        assertThat(ByteRanges.choose("bytes=-0", 0)).isEqualTo(unsatisfiable());
        // satisfiable by definition, but no Content-Range can express it
        assertThat(ByteRanges.choose("bytes=-5", 0)).isEqualTo(whole(0));
        assertThat(ByteRanges.choose("bytes=0-,-5", 0)).isEqualTo(whole(0));
    }

    @Property
    void whateverTheHeaderTheAnswerLiesWithinTheContent(
            @ForAll("headers") String header, @ForAll @LongRange(min = 0) long size) {
        Answer answer = ByteRanges.choose(header, size);
        assertThat(answer.range().end()).isLessThanOrEqualTo(size);
        switch (answer.kind()) {
            case WHOLE -> assertThat(answer.range()).isEqualTo(new ByteRange(0, size));
            case PART -> assertThat(answer.range().length()).isPositive();
            case UNSATISFIABLE -> assertThat(answer.range().length()).isZero();
        }
    }

    /** Against a model that marks every byte asked for. */
    @Property
    void aPartIsExactlyTheBytesAskedFor(
            @ForAll("wellFormed") List<long[]> specs, @ForAll @LongRange(max = 60) long size) {
        BitSet asked = new BitSet();
        for (long[] spec : specs) {
            asked.set((int) Math.min(size, spec[0]), (int) Math.min(size, spec[1] + 1));
        }
        Answer answer = ByteRanges.choose(
                specs.stream().map(s -> s[0] + "-" + s[1]).collect(Collectors.joining(",", "bytes=", "")), size);
        if (asked.isEmpty()) {
            assertThat(answer).isEqualTo(unsatisfiable());
        } else if (asked.cardinality() == asked.length() - asked.nextSetBit(0)) {
            assertThat(answer).isEqualTo(part(asked.nextSetBit(0), asked.cardinality()));
        } else {
            assertThat(answer).isEqualTo(whole(size));
        }
    }

    @Provide
    Arbitrary<String> headers() {
        Arbitrary<String> like =
                Arbitraries.strings().withChars("0123456789-,= \t*a").ofMaxLength(60);
        return Arbitraries.oneOf(like.map(text -> "bytes=" + text), like, Arbitraries.strings());
    }

    @Provide
    Arbitrary<List<long[]>> wellFormed() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 80), Arbitraries.longs().between(0, 20))
                .as((first, more) -> new long[] {first, first + more})
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    private static String adjacent(int count) {
        return IntStream.range(0, count).mapToObj(i -> i + "-" + i).collect(Collectors.joining(",", "bytes=", ""));
    }

    private static Answer part(long offset, long length) {
        return new Answer(Kind.PART, new ByteRange(offset, length));
    }

    private static Answer whole(long size) {
        return new Answer(Kind.WHOLE, new ByteRange(0, size));
    }

    private static Answer unsatisfiable() {
        return new Answer(Kind.UNSATISFIABLE, new ByteRange(0, 0));
    }
}
