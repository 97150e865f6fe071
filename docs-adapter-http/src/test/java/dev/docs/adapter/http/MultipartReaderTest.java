package dev.docs.adapter.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class MultipartReaderTest {
    private static final String TYPE = "multipart/form-data; boundary=\"bound\"";

    private record Read(
            String name,
            @Nullable String fileName,
            @Nullable String type,
            String content) {}

    @Test
    void parts_are_the_same_however_the_stream_is_cut() throws IOException {
        byte[] tricky = "x--bound\r\n\r\n--boun\r\n--bounx\r\n\r--bound--\r\n--".getBytes(StandardCharsets.ISO_8859_1);
        byte[] binary = new byte[300];
        new Random(1).nextBytes(binary);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        part(body, "form-data; name=\"name\"", null, "Übersicht".getBytes(StandardCharsets.UTF_8));
        part(body, "form-data; name=\"file\"; filename=\"Übersicht %22Q4%22 報告.pdf\"", "application/pdf", tricky);
        part(body, "form-data; name=file; filename=plain", "text/plain; charset=utf-8", new byte[0]);
        part(body, "form-data; filename=\"a\\\"b\"; name=\"file\"", null, binary);
        body.writeBytes("--bound--\r\nepilogue".getBytes(StandardCharsets.UTF_8));

        for (int step = 1; step < body.size(); step += 1 + step / 8) {
            List<Read> parts = read(pieces(body.toByteArray(), step));
            assertThat(parts).extracting(Read::name).containsExactly("name", "file", "file", "file");
            assertThat(parts)
                    .extracting(Read::fileName)
                    .containsExactly(null, "Übersicht \"Q4\" 報告.pdf", "plain", "a\"b");
            assertThat(parts.get(1).type()).isEqualTo("application/pdf");
            assertThat(parts.get(0).content()).isEqualTo(latin1("Übersicht".getBytes(StandardCharsets.UTF_8)));
            assertThat(parts.get(1).content()).isEqualTo(latin1(tricky));
            assertThat(parts.get(2).content()).isEmpty();
            assertThat(parts.get(3).content()).isEqualTo(latin1(binary));
        }
    }

    @Test
    void a_part_that_is_not_read_is_skipped() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        part(body, "form-data; name=one", null, new byte[200_000]);
        part(body, "form-data; name=two", null, "2".getBytes(StandardCharsets.UTF_8));
        body.writeBytes("--bound--\r\n".getBytes(StandardCharsets.UTF_8));
        MultipartReader reader = new MultipartReader(new ByteArrayInputStream(body.toByteArray()), TYPE);

        assertThat(reader.next()).isNotNull();
        MultipartReader.Part two = requireNonNull(reader.next());

        assertThat(two.text(10)).isEqualTo("2");
        assertThat(reader.next()).isNull();
    }

    @Test
    void a_body_without_its_end_is_malformed() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        part(body, "form-data; name=file; filename=x", null, new byte[100]);
        byte[] whole = body.toByteArray();
        for (int length : new int[] {0, 5, 40, whole.length - 30, whole.length}) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(new ByteArrayInputStream(cut)))
                    .as("%s bytes", length)
                    .isInstanceOfSatisfying(
                            Problem.Raised.class,
                            raised -> assertThat(raised.problem().status()).isEqualTo(400));
        }
    }

    @Test
    void a_form_that_is_none_is_refused() {
        String huge = "--bound\r\nContent-Disposition: form-data; name=a\r\nX: " + "x".repeat(10_000) + "\r\n\r\n";
        String nameless = "--bound\r\nContent-Disposition: form-data\r\n\r\nx\r\n--bound--\r\n";
        String bare = "--bound\r\n\r\nx\r\n--bound--\r\n";
        for (String body : List.of(huge, nameless, bare)) {
            assertThatThrownBy(() -> read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOf(Problem.Raised.class);
        }
        for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=" + "b".repeat(71))) {
            assertThatThrownBy(() -> new MultipartReader(InputStream.nullInputStream(), type))
                    .isInstanceOf(Problem.Raised.class);
        }
    }

    @Test
    void a_large_part_takes_no_more_memory_than_a_small_one() throws IOException {
        long size = 300L << 20;
        InputStream head =
                new ByteArrayInputStream("--bound\r\nContent-Disposition: form-data; name=file; filename=big\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8));
        InputStream tail = new ByteArrayInputStream("\r\n--bound--\r\n".getBytes(StandardCharsets.UTF_8));
        MultipartReader reader =
                new MultipartReader(new SequenceInputStream(head, new SequenceInputStream(zeros(size), tail)), TYPE);
        MultipartReader.Part part = requireNonNull(reader.next());
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        long count = 0;
        while (part.content().read(buffer) >= 0) {
            count += buffer.position();
            buffer.clear();
        }
        assertThat(count).isEqualTo(size);
        assertThat(reader.next()).isNull();
    }

    /** Any bytes as text, a character each. */
    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void part(ByteArrayOutputStream body, String disposition, @Nullable String type, byte[] content) {
        String head = "--bound\r\nContent-Disposition: " + disposition + "\r\n"
                + (type == null ? "" : "content-type: " + type + "\r\n") + "\r\n";
        body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(content);
        body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }

    private static List<Read> read(InputStream body) throws IOException {
        MultipartReader reader = new MultipartReader(body, TYPE);
        List<Read> parts = new ArrayList<>();
        for (MultipartReader.Part part = reader.next(); part != null; part = reader.next()) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(7);
            while (part.content().read(buffer) >= 0) {
                content.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            parts.add(new Read(part.name(), part.fileName(), part.contentType(), latin1(content.toByteArray())));
        }
        return parts;
    }

    /** Yields a few bytes at a time, as a network does. */
    private static InputStream pieces(byte[] bytes, int step) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(step, length));
            }
        };
    }

    private static InputStream zeros(long size) {
        return new InputStream() {
            private long left = size;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int count = (int) Math.min(length, left);
                left -= count;
                Arrays.fill(target, offset, offset + count, (byte) 0);
                return count;
            }
        };
    }
}
