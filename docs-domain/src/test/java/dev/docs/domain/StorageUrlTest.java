package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

class StorageUrlTest {
    @Property
    void readsWhatItWrites(@ForAll("stores") String store, @ForAll("keys") String key) {
        StorageUrl url = new StorageUrl(store, key);

        assertThat(url).hasToString("docs://" + store + "/" + key);
        assertThat(StorageUrl.parse(url.toString())).isEqualTo(url);
    }

    @Property
    void readsNoOtherText(@ForAll String text) {
        assertRefused(text);
        assertRefused("docs://" + text);
        assertRefused("docs://main/a/" + text.toUpperCase(Locale.ROOT) + ".");
    }

    @Property
    void putsTheDayAndTheLastByteOfItsIdInTheKey(
            @ForAll @LongRange(min = 0, max = 253_402_300_799_999L) long millis, @ForAll long low) {
        UUID id = new UUID(millis << 16 | 0x7abc, low);
        var day = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);

        assertThat(StorageUrl.of("main", id).key())
                .isEqualTo("%04d/%02d/%02d/%02x/%s"
                        .formatted(day.getYear(), day.getMonthValue(), day.getDayOfMonth(), low & 0xff, id));
    }

    @Example
    void hasAnExample() {
        UUID id = UUID.fromString("019ab3c0-1234-7abc-8def-0123456789a7");

        assertThat(StorageUrl.of("main", id))
                .hasToString("docs://main/2025/11/24/a7/019ab3c0-1234-7abc-8def-0123456789a7");
    }

    @Example
    void refusesWhatCouldLeaveAFolderOrAStore() {
        for (String key : List.of(
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "../a",
                "a/../b",
                "a/./b",
                "a.b",
                "A",
                "a_b",
                "a b",
                "a\0",
                "a\n",
                "a\\b",
                "ä",
                "a%2fb",
                "a?b",
                "a#b",
                "a:b",
                "a".repeat(201),
                "\uff0e\uff0e")) {
            assertThatIllegalArgumentException().as(key).isThrownBy(() -> new StorageUrl("main", key));
            assertRefused("docs://main/" + key);
        }
        for (String store : List.of("", "1a", "-a", "A", "a.b", "a_b", "a/b", "a@b", "a:80", "a\n", "a".repeat(64))) {
            assertThatIllegalArgumentException().as(store).isThrownBy(() -> new StorageUrl(store, "a"));
        }
        assertThat(new StorageUrl("a".repeat(63), "a".repeat(200))).isNotNull();
    }

    @Example
    void readsNoOtherScheme() {
        for (String url : List.of(
                "docs:/main/a",
                "docs:main/a",
                "DOCS://main/a",
                " docs://main/a",
                "docs://main/a ",
                "docs://main/a\n",
                "docs://main",
                "docs://main/",
                "file://main/a",
                "s3://main/a",
                "http://main/a",
                "docs:///a")) {
            assertRefused(url);
        }
    }

    private static void assertRefused(String url) {
        assertThatIllegalArgumentException().as(url).isThrownBy(() -> StorageUrl.parse(url));
    }

    @Provide
    Arbitrary<String> stores() {
        return Arbitraries.strings().withChars("abcz0189-").ofMaxLength(62).map(rest -> "s" + rest);
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.strings()
                .withChars("abcz0189-")
                .ofMinLength(1)
                .ofMaxLength(18)
                .list()
                .ofMinSize(1)
                .ofMaxSize(10)
                .map(segments -> String.join("/", segments));
    }
}
