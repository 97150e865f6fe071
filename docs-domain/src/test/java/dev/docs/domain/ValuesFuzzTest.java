package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Values that are read from text. Each build replays what lies in the resources; {@code fuzz/run} looks for more. */
final class ValuesFuzzTest {
    private static final String NAME_SIGNS = "!#$&^_.+-";

    /** What is read is the text itself, and can't leave a folder. */
    @FuzzTest(maxDuration = "1m")
    void storageUrl(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        StorageUrl url;
        try {
            url = StorageUrl.parse(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(url).hasToString(text);
        assertThat(url.store()).hasSizeBetween(1, 63).matches("[a-z0-9-]+");
        assertThat(url.key()).hasSizeBetween(1, 200).matches("[a-z0-9/-]+");
        assertThat(List.of(url.key().split("/", -1))).noneMatch(String::isEmpty);
    }

    /** By a loop that goes through the grammar letter by letter. */
    @FuzzTest(maxDuration = "1m")
    void mediaType(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);

        assertThat(MediaTypes.parse(text)).isEqualTo(slowly(text));
    }

    private static Optional<String> slowly(String text) {
        String type = text.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String[] names = type.split("/", -1);
        return names.length == 2 && isName(names[0]) && isName(names[1]) ? Optional.of(type) : Optional.empty();
    }

    private static boolean isName(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!plain && (at == 0 || NAME_SIGNS.indexOf(c) < 0)) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= 127;
    }
}
