package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/** Names, user ids, media types and ranges: what is let in and in which form. */
class TextRulesTest {
    private static final String EMOJI = "\ud83d\ude00";

    @Example
    void namesHaveOneTo255CodePoints() {
        for (String name :
                List.of("a", "a".repeat(255), EMOJI.repeat(255), " ", "../../etc/passwd", "a\u202eb", "\u2028")) {
            assertThatCode(() -> DocumentNames.check(name)).doesNotThrowAnyException();
            assertThatCode(() -> UserIds.check(name)).doesNotThrowAnyException();
        }
        assertThat(refusal("").limit()).isEqualTo(1);
        assertThat(refusal("a".repeat(256)).limit()).isEqualTo(255);
        assertThat(refusal(EMOJI.repeat(256)).detail())
                .contains("256 characters")
                .contains("255");
    }

    @Example
    void namesHaveNoControlCharacters() {
        for (int c = 0; c < 0x100; c++) {
            String name = "a" + (char) c;
            if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
                assertThat(refusal(name).detail()).contains("control");
            } else {
                assertThatCode(() -> DocumentNames.check(name)).doesNotThrowAnyException();
            }
        }
    }

    @Example
    void namesAreWellFormed() {
        for (String name : List.of("\ud800", "\udc00", "a\ud83d", "\ude00\ud83d", EMOJI + "\ud83d")) {
            assertThat(refusal(name).detail()).contains("surrogate");
        }
    }

    @Property
    void keysOfOneNameAreTheSameInAnyFormAndCase(@ForAll String name) {
        String key = DocumentNames.key(name);

        assertThat(DocumentNames.key(Normalizer.normalize(name, Normalizer.Form.NFC)))
                .isEqualTo(key);
        assertThat(DocumentNames.key(Normalizer.normalize(name, Normalizer.Form.NFD)))
                .isEqualTo(key);
        assertThat(Normalizer.isNormalized(key, Normalizer.Form.NFC)).isTrue();
    }

    @Example
    void keysOfEveryLetterAreTheSameInAnyCase() {
        for (int c = 'A'; c <= Character.MAX_CODE_POINT; c++) {
            if (Character.isLetter(c)) {
                String letter = "x" + Character.toString(c) + "x";
                String key = DocumentNames.key(letter);
                assertThat(DocumentNames.key(letter.toUpperCase(Locale.ROOT)))
                        .as("U+%04X", c)
                        .isEqualTo(key);
                assertThat(DocumentNames.key(letter.toLowerCase(Locale.ROOT)))
                        .as("U+%04X", c)
                        .isEqualTo(key);
                assertThat(DocumentNames.key(key)).as("U+%04X", c).isEqualTo(key);
            }
        }
    }

    @Example
    void keysFoldWhatReadersTakeForTheSame() {
        assertThat(DocumentNames.key("U\u0308BERSICHT")).isEqualTo("\u00fcbersicht");
        assertThat(DocumentNames.key("STRASSE")).isEqualTo(DocumentNames.key("Stra\u00dfe"));
        assertThat(DocumentNames.key("STRA\u1e9eE")).isEqualTo(DocumentNames.key("stra\u00dfe"));
        assertThat(DocumentNames.key("\u039f\u0394\u039f\u03a3"))
                .isEqualTo(DocumentNames.key("\u03bf\u03b4\u03bf\u03c2"));
        assertThat(DocumentNames.key("Bill.PDF")).isEqualTo("bill.pdf");
        assertThat(DocumentNames.key("\u00c5")).isEqualTo(DocumentNames.key("\u212b"));
    }

    @Example
    void keysEndAt400CodePoints() {
        String threefold = "\ufb03".repeat(255);

        String key = DocumentNames.key(threefold);

        assertThat(key).isEqualTo("ffi".repeat(134).substring(0, 400));
        assertThat(DocumentNames.key(EMOJI.repeat(500))).isEqualTo(EMOJI.repeat(400));
    }

    @Example
    void mediaTypesHaveTwoNamesInLowerCase() {
        for (String type : List.of(
                "text/plain",
                "image/svg+xml",
                "application/vnd.ms-excel",
                "x/y",
                "1/2",
                "a".repeat(127) + "/" + "b".repeat(127))) {
            assertThat(MediaTypes.isValid(type)).as(type).isTrue();
            assertThat(MediaTypes.parse(type)).hasValue(type);
        }
        for (String type : List.of(
                "",
                "/",
                "text",
                "text/",
                "/plain",
                "text/plain/x",
                "Text/plain",
                "text/plain;a=b",
                "text /plain",
                "text/plain\n",
                "text/pl\u00e4in",
                "*/*",
                "image/*",
                "-a/b",
                "a/.b",
                "a".repeat(128) + "/b",
                "b/" + "a".repeat(128))) {
            assertThat(MediaTypes.isValid(type)).as(type).isFalse();
        }
    }

    @Example
    void mediaTypesAreReadFromAHeader() {
        assertThat(MediaTypes.parse(" Text/HTML ; charset=UTF-8; x=\"a;b\"")).hasValue("text/html");
        assertThat(MediaTypes.parse("IMAGE/PNG;")).hasValue("image/png");
        for (String none : List.of("", ";", "text", "text;text/plain", "text/plain, text/html")) {
            assertThat(MediaTypes.parse(none)).isEmpty();
        }
    }

    @Property
    void mediaTypesReadFromAnyTextAreValid(@ForAll String text) {
        MediaTypes.parse(text)
                .ifPresent(type -> assertThat(MediaTypes.isValid(type)).isTrue());
        assertThat(MediaTypes.parse("text/plain;" + text)).hasValue("text/plain");
    }

    @Property
    void rangesAreNeverNegativeNorBeyondALong(@ForAll long offset, @ForAll long length) {
        boolean valid = offset >= 0 && length >= 0 && offset <= Long.MAX_VALUE - length;

        if (valid) {
            assertThat(new ByteRange(offset, length).end()).isEqualTo(Math.addExact(offset, length));
        } else {
            assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(offset, length));
        }
    }

    @Example
    void rangesReachToTheLargestOffset() {
        assertThat(new ByteRange(Long.MAX_VALUE, 0).end()).isEqualTo(Long.MAX_VALUE);
        assertThat(new ByteRange(1, Long.MAX_VALUE - 1).end()).isEqualTo(Long.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(1, Long.MAX_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private static DocumentValidationException.Problem refusal(String name) {
        DocumentValidationException refused =
                catchThrowableOfType(DocumentValidationException.class, () -> DocumentNames.check(name));
        assertThat(refused).as(name).isNotNull();
        assertThat(refused.problems()).hasSize(1);
        assertThat(refused.problems().get(0).field()).isEqualTo("name");
        DocumentValidationException asUser =
                catchThrowableOfType(DocumentValidationException.class, () -> UserIds.check(name));
        assertThat(asUser.problems().get(0).field()).isEqualTo("user_id");
        return refused.problems().get(0);
    }
}
