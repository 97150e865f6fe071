package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;

/** Forms as clients write them, and content made to be mistaken for a boundary. */
final class MultipartFormsTest {
    private static final String TYPE = "multipart/form-data; boundary=XyZ";
    private static final String END = "\r\n--XyZ--\r\n";

    @Test
    void contentThatLooksMuchLikeTheBoundaryComesOutAsItWentIn() throws IOException {
        Random random = new Random(7);
        String alphabet = "\r\n--XyZ";
        for (int round = 0; round < 5000; round++) {
            StringBuilder made = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                made.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String content = made.toString();
            if (("\r\n" + content).contains("\r\n--XyZ")) {
                continue;
            }
            int piece = 1 + random.nextInt(30);
            assertThat(visible(only(pieces(file("f", content) + END, 0, piece))))
                    .as("read %s bytes at a time", piece)
                    .isEqualTo(visible(content));
        }
    }

    @Test
    void oneCutAnywhereChangesNothing() throws IOException {
        String content = "\r\n--Xy\r\n-\r\n\r--XyZ \r\r\n--XyYXyZ--\r\n";
        String body = "preamble\r\n" + file("f", content) + END;
        for (int cut = 1; cut < body.length(); cut++) {
            assertThat(visible(only(pieces(body, cut, body.length()))))
                    .as("cut at %s", cut)
                    .isEqualTo(visible(content));
        }
    }

    @Test
    void aBodyThatEndsTooSoonIsRefusedWhereverItEnds() {
        byte[] body = bytes(file("f", "content") + "\r\n--XyZ--");
        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            Problem.Raised refused =
                    catchThrowableOfType(Problem.Raised.class, () -> only(new ByteArrayInputStream(cut)));
            assertThat(refused).as("cut at %s", length).isNotNull();
            assertThat(refused.problem().status()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // browsers, and curl since 7.81
                "form-data; name=\"file\"; filename=\"a %22b%22.txt\" | a \"b\".txt",
                "form-data; name=\"file\"; filename=\"semi;colon, comma.txt\" | semi;colon, comma.txt",
                "form-data; name=\"file\"; filename=\"back\\slash.txt\" | back\\slash.txt",
                "form-data; name=\"file\"; filename=\"C:\\new\\temp.txt\" | C:\\new\\temp.txt",
                "form-data; name=\"file\"; filename=\"100%.txt\" | 100%.txt",
                "form-data; name=\"file\"; filename=\"\u00dcbersicht \u5831\u544a.pdf\" | \u00dcbersicht \u5831\u544a.pdf",
                // older curl, and what follows RFC 2183
                "form-data; name=\"file\"; filename=\"a \\\"b\\\".txt\" | a \"b\".txt",
                "form-data; name=\"file\"; filename=\"back\\\\slash.txt\" | back\\slash.txt",
                "form-data; name=file; filename=plain.txt | plain.txt",
                "FORM-DATA; NAME=\"file\"; FILENAME=\"A.txt\" | A.txt",
                "form-data;name=\"file\";filename=\"a.txt\" | a.txt",
                "form-data; filename=\"name=x; y\"; name=\"file\" | name=x; y",
                // HTTP libraries, for names that are not ASCII
                "form-data; name=\"file\"; filename*=UTF-8''na%C3%AFve%20%22x%22+%25.txt | na\u00efve \"x\"+%.txt",
                "form-data; name=\"file\"; filename=\"na_ve.txt\"; filename*=utf-8'en'na%C3%AFve.txt | na\u00efve.txt",
                "form-data; name=\"file\"; filename=\"kept.txt\"; filename*=UTF-8''%C3%28 | kept.txt",
                "form-data; name=\"file\"; filename=\"kept.txt\"; filename*=nonsense | kept.txt",
            })
    void aFileNameIsWhatItsSenderMeant(String disposition, String fileName) throws IOException {
        MultipartReader.Part part = next("--XyZ\r\nContent-Disposition: " + disposition + "\r\n\r\nx" + END);
        assertThat(part.name()).isEqualTo("file");
        assertThat(part.fileName()).isEqualTo(fileName);
        assertThat(part.text(1)).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: attachment; name=\"file\"",
                "Content-Disposition: form-database; name=\"file\"",
                "Content-Disposition: form-data; filename=\"f\"",
                "Content-Disposition: form-data; filename=\"; name=file\"",
                "X-Other: x"
            })
    void aPartNeedsANameInAFormsDisposition(String header) {
        assertRefused("--XyZ\r\n" + header + "\r\n\r\nx" + END);
    }

    @Test
    void partsAreLimitedInNumberAndTheirHeadersInSize() {
        assertRefused("\r\n--XyZ\r\nContent-Disposition: form-data; name=n\r\n\r\n".repeat(10_001) + END);
        assertRefused("--XyZ\r\n" + ("X-Padding: " + "x".repeat(1000) + "\r\n").repeat(9) + "\r\nx" + END);
    }

    @Test
    void longNamesMadeToExhaustAParserDoNot() throws IOException {
        for (String name :
                new String[] {"\\\\\"".repeat(2600), "x".repeat(8000), "\\".repeat(8000), ";=".repeat(4000)}) {
            MultipartReader.Part part =
                    next("--XyZ\r\nContent-Disposition: form-data; name=n; filename=\"" + name + "\"\r\n\r\nx" + END);
            assertThat(part.name()).isEqualTo("n");
        }
    }

    @Test
    void lineEndsOfLfAloneAreReadOrRefusedButNeverMisread() throws IOException {
        try {
            String body = (file("f", "one\r\ntwo") + END).replace("\r\n", "\n");
            assertThat(only(new ByteArrayInputStream(bytes(body)))).isEqualTo("one\ntwo");
        } catch (Problem.Raised refused) {
            assertThat(refused.problem().status()).isEqualTo(400);
        }
    }

    private static void assertRefused(String body) {
        Problem.Raised refused = catchThrowableOfType(Problem.Raised.class, () -> {
            MultipartReader reader = new MultipartReader(new ByteArrayInputStream(bytes(body)), TYPE);
            for (var part = reader.next(); part != null; part = reader.next()) {
                assertThat(part.name()).isNotEmpty();
            }
        });
        assertThat(refused).isNotNull();
        assertThat(refused.problem().status()).isEqualTo(400);
    }

    private static String file(String fileName, String content) {
        return "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + fileName
                + "\"\r\nContent-Type: a/b\r\n\r\n" + content;
    }

    /** The content of a form's only part, read in small pieces. */
    private static String only(InputStream body) throws IOException {
        MultipartReader reader = new MultipartReader(body, TYPE);
        MultipartReader.Part part = Objects.requireNonNull(reader.next());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(7);
        while (part.content().read(chunk) >= 0) {
            content.write(chunk.array(), 0, chunk.position());
            chunk.clear();
        }
        assertThat(reader.next()).isNull();
        return content.toString(StandardCharsets.UTF_8);
    }

    private static MultipartReader.Part next(String body) throws IOException {
        return Objects.requireNonNull(new MultipartReader(new ByteArrayInputStream(bytes(body)), TYPE).next());
    }

    private static String visible(String text) {
        return text.replace("\r", "<CR>").replace("\n", "<LF>");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Yields the body in pieces of one size, after a first of another. */
    private static InputStream pieces(String body, int first, int size) {
        byte[] bytes = bytes(body);
        InputStream rest = new ByteArrayInputStream(bytes, first, bytes.length - first) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(size, length));
            }
        };
        return new SequenceInputStream(new ByteArrayInputStream(bytes, 0, first), rest);
    }
}
