package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class ContentDispositionTest {
    /** The grammar of RFC 6266 and RFC 8187, as narrow as this server writes it. */
    private static final Pattern FORM =
            Pattern.compile("(attachment|inline); filename=\"([\\x20-\\x7e&&[^\"\\\\%;]]*)\""
                    + "(?:; filename\\*=UTF-8''((?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+))?");

    @Property
    void anyNameArrivesAsItIsThroughPrintableAscii(@ForAll("names") String name) {
        String header = ContentDisposition.of("attachment", name);
        assertThat(header).matches("[\\x20-\\x7e]+");
        assertThat(header.chars().filter(c -> c == '"').count()).isEqualTo(2);
        assertThat(received(header)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00dcbersicht \"Q4\" \u5831\u544a.pdf",
                "invoice\u202efdp.exe",
                "\u2066isolated\u2069.txt",
                "C:\\temp\\x.txt",
                "100%.txt",
                "%41.txt",
                "a;b;filename=evil.exe",
                "a\r\nSet-Cookie: x=y",
                "tab\tnul\u0000bell\u0007",
                "\ud83d\udcc4 notes \ud83e\uddd1\u200d\ud83d\ude80.md",
                "'quoted'",
                " ",
                "\u007f\u0080",
                "UTF-8''x"
            })
    void namesMadeToBreakHeadersDoNot(String name) {
        assertThat(received(ContentDisposition.of("attachment", name))).isEqualTo(name);
    }

    @Test
    void aPlainNameNeedsOneParameter() {
        assertThat(ContentDisposition.of("inline", "report (final), v2.pdf"))
                .isEqualTo("inline; filename=\"report (final), v2.pdf\"");
    }

    @Test
    void anOldClientGetsANameWithTheSameLength() {
        assertThat(ContentDisposition.of("attachment", "\u00dcbersicht \"Q4\" \u5831\u544a.pdf"))
                .isEqualTo("attachment; filename=\"_bersicht _Q4_ __.pdf\";"
                        + " filename*=UTF-8''%C3%9Cbersicht%20%22Q4%22%20%E5%A0%B1%E5%91%8A.pdf");
        assertThat(ContentDisposition.of("attachment", "\ud83d\udcc4.md"))
                .startsWith("attachment; filename=\"_.md\"; ");
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<Integer> anything = Arbitraries.integers()
                .between(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
        Arbitrary<Integer> mischief = Arbitraries.of(
                        '"', '\\', '%', ';', '\r', '\n', '\'', '*', '=', ',', '/', ' ', '\u202e', '\u200f', '\u0000')
                .map(c -> (int) c);
        return Arbitraries.oneOf(anything, mischief, Arbitraries.integers().between(0, 0x7f))
                .list()
                .ofMaxSize(40)
                .map(points -> points.stream()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
    }

    /** What a client that follows RFC 6266 makes of the header. */
    private static String received(String header) {
        Matcher matcher = FORM.matcher(header);
        assertThat(header).matches(FORM);
        assertThat(matcher.matches()).isTrue();
        String extended = matcher.group(3);
        return extended == null
                ? matcher.group(2)
                : URLDecoder.decode(extended.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
