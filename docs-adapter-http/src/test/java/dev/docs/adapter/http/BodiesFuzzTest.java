package dev.docs.adapter.http;

import static dev.docs.adapter.http.HeadersFuzzTest.orRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Bodies that come from strangers: forms, and metadata in JSON. */
final class BodiesFuzzTest {
    private static final ObjectMapper TREES = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** However its bytes come, a form reads as it does in one piece, cut at its delimiters. */
    @FuzzTest(maxDuration = "1m")
    void multipart(byte[] data) {
        if (data.length < 2) {
            return;
        }
        int atOnce = (data[0] & 0xff) + 1;
        String form = new String(data, 2, data.length - 2, StandardCharsets.ISO_8859_1);
        List<String> parts = slowly("\r\n" + form);
        // so much before it that the buffer ends within the form
        String before = data[1] < 0 ? "x".repeat((64 << 10) + data[1]) + "\r\n" : "";
        byte[] whole = (before + form).getBytes(StandardCharsets.ISO_8859_1);

        assertThat(orRefused(() -> read(new ByteArrayInputStream(whole)))).isEqualTo(parts);
        assertThat(orRefused(() -> read(new Slow(whole, before.length(), atOnce))))
                .isEqualTo(parts);
    }

    private static List<String> read(InputStream in) {
        List<String> parts = new ArrayList<>();
        try {
            MultipartReader form = new MultipartReader(in, "multipart/form-data; boundary=b");
            for (MultipartReader.Part part = form.next(); part != null; part = form.next()) {
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                ByteBuffer chunk = ByteBuffer.allocate(100);
                while (part.content().read(chunk) >= 0) {
                    content.write(chunk.array(), 0, chunk.position());
                    chunk.clear();
                }
                parts.add(part.name() + "|" + part.fileName() + "|" + part.contentType() + "|"
                        + content.toString(StandardCharsets.ISO_8859_1));
            }
            return parts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable List<String> slowly(String form) {
        String delimiter = "\r\n--b";
        List<String> parts = new ArrayList<>();
        int at = form.indexOf(delimiter);
        while (at >= 0) {
            String rest = form.substring(at + delimiter.length());
            if (rest.startsWith("--")) {
                return parts;
            }
            rest = rest.replaceFirst("^[ \t]*", "");
            Map<String, String> headers = new HashMap<>();
            while (rest.startsWith("\r\n") && rest.indexOf("\r\n", 2) > 2) {
                String line = rest.substring(2, rest.indexOf("\r\n", 2));
                rest = rest.substring(2 + line.length());
                String text = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
                boolean isText = Arrays.equals(
                        text.getBytes(StandardCharsets.UTF_8), line.getBytes(StandardCharsets.ISO_8859_1));
                int colon = text.indexOf(':');
                if (!isText
                        || colon < 1
                        || text.charAt(0) <= ' '
                        || line.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                    return null;
                }
                headers.putIfAbsent(
                        text.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        text.substring(colon + 1).strip());
            }
            if (!rest.startsWith("\r\n\r\n")) {
                return null;
            }
            // the line break that ends the empty line may begin the next delimiter
            rest = rest.substring(rest.startsWith(delimiter, 2) ? 2 : 4);
            String disposition = headers.getOrDefault("content-disposition", "");
            Map<String, String> words = HeaderParameters.parse(disposition);
            String file = words.get("filename");
            if (!HeaderParameters.value(disposition).equals("form-data") || words.get("name") == null) {
                return null;
            }
            String extended = HeaderParameters.extended(words.get("filename*"));
            file = file == null
                    ? null
                    : file.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
            at = rest.indexOf(delimiter);
            if (at >= 0) {
                parts.add(words.get("name") + "|" + (extended == null ? file : extended) + "|"
                        + headers.get("content-type") + "|" + rest.substring(0, at));
                form = rest;
            }
        }
        return null;
    }

    /** A network that has so many bytes at once, from some place on. */
    private static final class Slow extends ByteArrayInputStream {
        private final int quick;
        private final int atOnce;

        Slow(byte[] bytes, int quick, int atOnce) {
            super(bytes);
            this.quick = quick;
            this.atOnce = atOnce;
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, Math.max(quick - pos, atOnce)));
        }
    }

    /** The first line is what there was, the rest is the patch; against the RFC's own words on trees of Jackson. */
    @FuzzTest(maxDuration = "1m")
    void mergePatch(byte[] data) throws JsonProcessingException {
        String[] texts = new String(data, StandardCharsets.UTF_8).split("\n", 2);
        if (texts.length < 2) {
            return;
        }
        Metadata before = metadata(texts[0]);
        Map<String, @Nullable Object> patch = orRefused(() -> Wire.readObject(texts[1], "the patch"));
        Metadata checked = metadata(texts[1]);
        if (before == null || patch == null || checked == null) {
            return;
        }
        Metadata merged;
        try {
            merged = before.merge(patch);
        } catch (DocumentValidationException e) {
            // may be nested too deep by now
            return;
        }
        JsonNode expected = merged(TREES.readTree(texts[0]), TREES.readTree(texts[1]));
        assertThat(merged).isEqualTo(metadata(TREES.writeValueAsString(expected)));
        assertThat(merged.merge(patch)).isEqualTo(merged);
    }

    /** RFC 7396, section 2. */
    private static JsonNode merged(@Nullable JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result = target != null && target.isObject() ? target.deepCopy() : TREES.createObjectNode();
        patch.properties().forEach(member -> {
            if (member.getValue().isNull()) {
                result.remove(member.getKey());
            } else {
                result.set(member.getKey(), merged(result.get(member.getKey()), member.getValue()));
            }
        });
        return result;
    }

    /** What is kept is what was sent, is counted right, and each of its values can be searched for. */
    @FuzzTest(maxDuration = "1m")
    void metadata(byte[] data) throws JsonProcessingException {
        String text = new String(data, StandardCharsets.UTF_8);
        Metadata metadata = metadata(text);
        if (metadata == null) {
            return;
        }
        String written = new String(Wire.write(metadata.values()), StandardCharsets.UTF_8);
        assertThat(metadata(written)).isEqualTo(metadata);
        assertThat(metadata.sizeBytes()).isEqualTo(written.getBytes(StandardCharsets.UTF_8).length);
        JsonNode tree = TREES.readTree(text);
        assertThat(metadata.entries()).isEqualTo(entries(tree));
        assertThat(metadata.depth()).isEqualTo(depth(tree)).isLessThanOrEqualTo(Metadata.MAX_DEPTH);
        for (Metadata.Pair pair : metadata.pairs()) {
            // long ones are kept as a digest of what is asked for
            if (pair.path().isEmpty() || (pair.path() + pair.value()).matches("(?s).*#[0-9a-f]{64}.*")) {
                continue;
            }
            String value = pair.value().matches("\\\\*\\*") ? "\\" + pair.value() : pair.value();
            String condition = pair.path().replace("\\", "\\\\").replace(":", "\\:") + ":" + value;
            assertThat(ListRequest.parse(Caller.user("ann"), Map.of("metadata", List.of(condition)))
                            .query()
                            .metadata()
                            .get(0)
                            .holds(metadata))
                    .isTrue();
        }
    }

    private static int entries(JsonNode tree) {
        int count = 0;
        for (JsonNode member : tree) {
            count += 1 + entries(member);
        }
        return count;
    }

    private static int depth(JsonNode tree) {
        int deepest = 0;
        for (JsonNode member : tree) {
            deepest = Math.max(deepest, depth(member));
        }
        return tree.isContainerNode() ? deepest + 1 : 0;
    }

    private static @Nullable Metadata metadata(String json) {
        Map<String, @Nullable Object> members = orRefused(() -> Wire.readObject(json, "the metadata"));
        try {
            return members == null ? null : Metadata.of(members);
        } catch (DocumentValidationException e) {
            assertThat(e.problems()).isNotEmpty();
            return null;
        }
    }
}
