package dev.docs.adapter.http;

import static dev.docs.adapter.http.HeadersFuzzTest.orRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.Position;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32;

/** What strangers ask for in a query. */
final class QueriesFuzzTest {
    private static final Caller ANN = Caller.user("ann");

    /** Decoded letter by letter. */
    @FuzzTest(maxDuration = "1m")
    void query(byte[] data) {
        String query = new String(data, StandardCharsets.ISO_8859_1);
        Map<String, List<String>> slowly = slowly(query);

        ListRequest.Parameters read = orRefused(() -> ListRequest.Parameters.of(query));

        assertThat(read == null ? null : read.all()).isEqualTo(slowly);
        if (read != null) {
            ListRequest request = orRefused(() -> ListRequest.parse(ANN, read.all()));
            if (request != null) {
                assertThat(ListRequest.FILTERS)
                        .containsAll(withoutPaging(read.all()).keySet());
            }
        }
    }

    private static Map<String, List<String>> withoutPaging(Map<String, List<String>> all) {
        Map<String, List<String>> filters = new LinkedHashMap<>(all);
        filters.keySet().removeAll(ListRequest.PAGING);
        return filters;
    }

    private static @Nullable Map<String, List<String>> slowly(String query) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            String[] sides = pair.split("=", 2);
            String name = decoded(sides[0]);
            String value = sides.length == 1 ? "" : decoded(sides[1]);
            if (name == null || value == null) {
                return null;
            }
            if (!pair.isEmpty()) {
                all.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
            }
        }
        return all;
    }

    private static @Nullable String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '%') {
                String digits = text.substring(at + 1, Math.min(at + 3, text.length()));
                if (!digits.matches("[0-9A-Fa-f]{2}")) {
                    return null;
                }
                bytes.write(Integer.parseInt(digits, 16));
                at += 2;
            } else if (c >= 0x80) {
                return null;
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        String decoded = bytes.toString(StandardCharsets.UTF_8);
        return Arrays.equals(decoded.getBytes(StandardCharsets.UTF_8), bytes.toByteArray()) ? decoded : null;
    }

    /** A cursor is taken for the position that it was made of, or for none. */
    @FuzzTest(maxDuration = "1m")
    void cursor(byte[] data) {
        if (data.length < 17) {
            return;
        }
        String sort = List.of("created_at", "-updated_at", "name", "size_bytes").get(data[0] & 3);
        Map<String, List<String>> list = Map.of("sort", List.of(sort));
        // the fuzzer would not find the checksum by itself
        byte[] raw = ByteBuffer.allocate(data.length - 1 + 12)
                .putLong(ListRequest.parse(ANN, list).fingerprint())
                .put(data, 1, 16)
                .putInt(0)
                .put(data, 17, data.length - 17)
                .array();
        CRC32 checksum = new CRC32();
        checksum.update(raw);
        ByteBuffer.wrap(raw).putInt(24, (int) checksum.getValue());
        String cursor = Base64.getUrlEncoder().withoutPadding().encodeToString(raw);

        Position position = positionOf(sort, cursor);
        if (position != null) {
            ByteBuffer in = ByteBuffer.wrap(data, 1, 16);
            assertThat(position.id()).isEqualTo(new UUID(in.getLong(), in.getLong()));
            assertThat(position.key().getBytes(StandardCharsets.UTF_8))
                    .isEqualTo(Arrays.copyOfRange(data, 17, data.length));
        }
        for (int at = 0; at < raw.length; at += 5) {
            raw[at] ^= 4;
            assertThat(positionOf(sort, Base64.getUrlEncoder().encodeToString(raw)))
                    .isNull();
            raw[at] ^= 4;
        }
        assertThat(positionOf(sort, new String(data, StandardCharsets.UTF_8))).isNull();
    }

    private static @Nullable Position positionOf(String sort, String cursor) {
        ListRequest request =
                orRefused(() -> ListRequest.parse(ANN, Map.of("sort", List.of(sort), "cursor", List.of(cursor))));
        return request == null ? null : Objects.requireNonNull(request.after());
    }

    /** Any key and any value can be asked for, written as the description says; anything else means what it says or nothing. */
    @FuzzTest(maxDuration = "1m")
    void metadataCondition(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        MetadataCondition read = condition(text);
        if (read != null) {
            assertThat(text).endsWith(read.value() == null ? ":*" : read.value());
            assertThat(read.path()).isNotEmpty();
        }
        int middle = text.length() / 2;
        String key = text.substring(0, middle);
        String value = text.substring(middle);
        boolean sendable = !key.isEmpty() && text.indexOf('\0') < 0 && isWhole(key) && isWhole(value);
        if (sendable) {
            String escaped = key.replace("\\", "\\\\").replace(":", "\\:");
            assertThat(condition(escaped + ":" + (value.matches("\\\\*\\*") ? "\\" + value : value)))
                    .isEqualTo(new MetadataCondition(key, value));
            assertThat(condition(escaped + ":*")).isEqualTo(new MetadataCondition(key, null));
        }
    }

    private static boolean isWhole(String text) {
        return text.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000);
    }

    private static @Nullable MetadataCondition condition(String text) {
        ListRequest request = orRefused(() -> ListRequest.parse(ANN, Map.of("metadata", List.of(text))));
        return request == null ? null : request.query().metadata().get(0);
    }

    /** The same conditions, given in JSON and in a query, are the same. */
    @FuzzTest(maxDuration = "1m")
    void filter(byte[] data) {
        Map<String, @Nullable Object> members =
                orRefused(() -> Wire.readObject(new String(data, StandardCharsets.UTF_8), "the filter"));
        if (members == null) {
            return;
        }
        DocumentQuery filter = orRefused(() -> ListRequest.filter(ANN, members, "/filter"));
        if (filter != null) {
            Map<String, List<String>> parameters = new LinkedHashMap<>();
            members.forEach((name, value) -> parameters.put(
                    name,
                    value instanceof List<?> list
                            ? list.stream().map(String::valueOf).toList()
                            : List.of(String.valueOf(value))));
            assertThat(ListRequest.parse(ANN, parameters).query()).isEqualTo(filter);
        }
    }
}
