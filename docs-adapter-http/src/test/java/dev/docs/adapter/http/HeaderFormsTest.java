package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.adapter.http.ByteRanges.Kind;
import dev.docs.domain.ByteRange;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Headers that come from strangers, and the one that carries their words back. */
class HeaderFormsTest {
    @Example
    void one_range_is_a_part() {
        part("bytes=0-99", 0, 100);
        part("bytes=100-199", 100, 100);
        part("bytes=999-999", 999, 1);
        part("bytes=900-", 900, 100);
        part("bytes=900-5000", 900, 100);
        part("bytes=-100", 900, 100);
        part("bytes=-5000", 0, 1000);
        part("BYTES= 0 - 9 ", 0, 10);
    }

    @Example
    void ranges_that_touch_or_overlap_are_one() {
        part("bytes=0-9,10-19", 0, 20);
        part("bytes=10-19,0-9", 0, 20);
        part("bytes=0-9,5-14,,12-20", 0, 21);
        part("bytes=0-9,5000-6000", 0, 10);
    }

    @Example
    void several_ranges_and_nonsense_mean_everything() {
        for (String header : new String[] {
            "bytes=0-9,20-29",
            "bytes=abc",
            "bytes=",
            "bytes=-",
            "bytes=9-0",
            "bytes=0-9,x",
            "items=0-9",
            "bytes 0-9",
            "bytes=0--9",
            "bytes=" + "0-0,".repeat(101)
        }) {
            assertThat(ByteRanges.choose(header, 1000))
                    .as(header)
                    .isEqualTo(new ByteRanges.Answer(Kind.WHOLE, new ByteRange(0, 1000)));
        }
    }

    @Example
    void a_range_past_the_end_does_not_exist() {
        assertThat(ByteRanges.choose("bytes=1000-", 1000).kind()).isEqualTo(Kind.UNSATISFIABLE);
        assertThat(ByteRanges.choose("bytes=99999999999999999999-", 1000).kind())
                .isEqualTo(Kind.UNSATISFIABLE);
        assertThat(ByteRanges.choose("bytes=-0", 1000).kind()).isEqualTo(Kind.UNSATISFIABLE);
        assertThat(ByteRanges.choose("bytes=0-0", 0).kind()).isEqualTo(Kind.UNSATISFIABLE);
    }

    @Property
    void whatever_the_header_the_answer_stays_within_the_content(
            @ForAll @StringLength(max = 20) String rest, @ForAll @LongRange(min = 0, max = 1L << 50) long size) {
        ByteRanges.Answer answer = ByteRanges.choose("bytes=" + rest, size);
        assertThat(answer.range().end()).isLessThanOrEqualTo(size);
    }

    @Example
    void tags_are_compared_strongly_for_changes_and_weakly_for_reading() {
        ETags tags = tags("\"r1\", W/\"r2\" ,\"sha256-ab\"");
        assertThat(tags.matchStrongly("\"r1\"")).isTrue();
        assertThat(tags.matchStrongly("\"r2\"")).isFalse();
        assertThat(tags.matchWeakly("\"r2\"")).isTrue();
        assertThat(tags.matchStrongly("\"r3\"")).isFalse();
        assertThat(tags("*").matchStrongly("\"r9\"")).isTrue();
        assertThat(ETags.parse("If-Match", null)).isNull();
    }

    @Example
    void a_malformed_tag_is_refused_with_the_headers_name() {
        for (String value : new String[] {"", "r1", "\"r1", "\"r1\" \"r2\"", "\"r1\",x", "w/\"r1\"", "\"a\nb\""}) {
            assertThatThrownBy(() -> ETags.parse("If-Match", value))
                    .as(value)
                    .isInstanceOfSatisfying(Problem.Raised.class, raised -> {
                        assertThat(raised.problem().status()).isEqualTo(400);
                        assertThat(raised.problem().errors().get(0).header()).isEqualTo("If-Match");
                    });
        }
    }

    @Property
    void any_name_is_carried_whole_in_printable_ascii(@ForAll @StringLength(min = 1, max = 60) String raw) {
        String name = new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        String header = ContentDisposition.of("attachment", name);
        assertThat(header)
                .matches(
                        "attachment; filename=\"[\\x20-\\x7e&&[^\"\\\\]]*\"(; filename\\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+)?");
        int extended = header.indexOf("''");
        String carried = extended < 0
                ? header.substring("attachment; filename=\"".length(), header.length() - 1)
                : URLDecoder.decode(header.substring(extended + 2).replace("+", "%2B"), StandardCharsets.UTF_8);
        assertThat(carried).isEqualTo(name);
    }

    @Example
    void quotes_breaks_and_direction_marks_can_do_no_harm() {
        assertThat(ContentDisposition.of("attachment", "Übersicht \"Q4\" 報告.pdf"))
                .isEqualTo("attachment; filename=\"_bersicht _Q4_ __.pdf\";"
                        + " filename*=UTF-8''%C3%9Cbersicht%20%22Q4%22%20%E5%A0%B1%E5%91%8A.pdf");
        assertThat(ContentDisposition.of("inline", "a\u202Egpj.exe")).doesNotContain("\u202E");
        assertThat(ContentDisposition.of("inline", "a\"; x=\"b")).startsWith("inline; filename=\"a__ x=_b\";");
    }

    private static void part(String header, long offset, long length) {
        assertThat(ByteRanges.choose(header, 1000))
                .as(header)
                .isEqualTo(new ByteRanges.Answer(Kind.PART, new ByteRange(offset, length)));
    }

    private static ETags tags(String value) {
        ETags tags = ETags.parse("If-Match", value);
        assertThat(tags).isNotNull();
        return java.util.Objects.requireNonNull(tags);
    }
}
