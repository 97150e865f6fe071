package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The promises of {@link MediaTypeDetector}, each as a test. An adapter's test class extends this. */
public abstract class MediaTypeDetectorContract {
    private static final int THREADS = 8;

    private static final List<String> NAMES = List.of(
            "plain",
            "report.pdf",
            "program.exe",
            "page.html",
            "letter.docx",
            "../../etc/passwd",
            "http://[nowhere:99999/%zz?#",
            "file:///etc/passwd",
            "%",
            " ",
            ".",
            "\uD83D",
            "\uD83D\uDCC4.csv",
            "a".repeat(255) + ".txt");

    private final Random random = new Random(20261124);
    private MediaTypeDetector detector = MediaTypeDetector.NONE;

    /** Called once before each test. */
    protected abstract MediaTypeDetector open();

    /** Contents by the types that they show under the name {@code plain}; at least one. */
    protected abstract Map<String, byte[]> samples();

    /** Contents that show nothing under any name. */
    protected List<byte[]> unknown() {
        return List.of(new byte[] {0}, new byte[] {0, 1, 2, 3, (byte) 0xfe, 5, 0, 7, 0, (byte) 0x91});
    }

    @BeforeEach
    final void begin() {
        detector = open();
    }

    @Test
    final void bytesShowWhatTheyAre() {
        assertThat(samples()).isNotEmpty();
        samples().forEach((type, bytes) -> assertThat(detect(bytes, "plain")).contains(type));
    }

    @Test
    final void aNameChoosesAmongTheKindsOfWhatTheBytesShow() {
        samples()
                .forEach((type, bytes) -> NAMES.forEach(name -> assertThat(detect(bytes, name))
                        .as("%s named %s", type, name)
                        .hasValueSatisfying(found ->
                                assertThat(detector.isKindOf(found, type)).isTrue())));
    }

    @Test
    final void aNameIsNoEvidence() {
        for (byte[] bytes : unknown()) {
            NAMES.forEach(name -> assertThat(detect(bytes, name)).as(name).isEmpty());
        }
    }

    @Test
    final void noBytesShowNothing() {
        NAMES.forEach(name -> assertThat(detect(new byte[0], name)).as(name).isEmpty());
    }

    @Test
    final void anyBytesAreAnsweredAndAlwaysWithTheForm() {
        List<byte[]> contents = new ArrayList<>(samples().values());
        for (byte[] sample : samples().values()) {
            for (int i = 0; i < 20; i++) {
                byte[] changed = Arrays.copyOf(sample, random.nextInt(sample.length + 1) + random.nextInt(20));
                for (int change = random.nextInt(4); change > 0 && changed.length > 0; change--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt();
                }
                contents.add(changed);
            }
        }
        for (int length : new int[] {1, 2, 3, 7, 100, 5_000, detector.headBytes()}) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            contents.add(noise);
        }
        for (byte[] bytes : contents) {
            Optional<String> found = detect(bytes, NAMES.get(random.nextInt(NAMES.size())));
            assertThat(found.filter(type -> !MediaTypes.isValid(type) || type.equals(MediaTypes.OCTET_STREAM)))
                    .isEmpty();
        }
    }

    @Test
    final void theBufferStaysAsItWas() {
        samples().forEach((type, bytes) -> {
            ByteBuffer within = ByteBuffer.allocateDirect(bytes.length + 10);
            within.position(3).limit(3 + bytes.length);
            within.duplicate().put(bytes);
            for (ByteBuffer head : List.of(
                    within,
                    within.asReadOnlyBuffer(),
                    within.slice(),
                    ByteBuffer.wrap(bytes).asReadOnlyBuffer())) {
                ByteBuffer before = head.duplicate();
                assertThat(detector.detect(head, "plain")).contains(type);
                assertThat(head.position()).isEqualTo(before.position());
                assertThat(head.limit()).isEqualTo(before.limit());
                byte[] after = new byte[head.remaining()];
                head.duplicate().get(after);
                assertThat(after).isEqualTo(bytes);
            }
        });
    }

    @Test
    final void manyThreadsGetTheSameAnswersAtOnce() throws Exception {
        Callable<List<Optional<String>>> all = () -> samples().values().stream()
                .flatMap(bytes -> NAMES.stream().map(name -> detect(bytes, name)))
                .toList();
        List<Optional<String>> alone = all.call();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (Future<List<Optional<String>>> together : threads.invokeAll(Collections.nCopies(THREADS, all))) {
                assertThat(together.get()).isEqualTo(alone);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    final void kindsHoldTogether() {
        TreeSet<String> types = new TreeSet<>(samples().keySet());
        samples()
                .values()
                .forEach(bytes -> NAMES.forEach(name -> detect(bytes, name).ifPresent(types::add)));
        Collections.addAll(types, "application/vnd.nobody.knows", "text/csv", "image/svg+xml", "a/b");
        for (String one : types) {
            assertThat(detector.isKindOf(one, one)).as(one).isTrue();
            for (String two : types) {
                for (String three : types) {
                    assertThat(detector.isKindOf(one, two)
                                    && detector.isKindOf(two, three)
                                    && !detector.isKindOf(one, three))
                            .as("%s is a %s is a %s", one, two, three)
                            .isFalse();
                }
            }
        }
    }

    @Test
    final void whatIsDetectedIsRecognizedAndWhatNobodyKnowsIsNot() {
        samples()
                .values()
                .forEach(bytes -> NAMES.forEach(name -> assertThat(detect(bytes, name))
                        .hasValueSatisfying(type ->
                                assertThat(detector.recognizes(type)).as(type).isTrue())));
        assertThat(detector.recognizes("application/vnd.nobody.knows")).isFalse();
        assertThat(detector.recognizes(MediaTypes.OCTET_STREAM)).isFalse();
    }

    private Optional<String> detect(byte[] bytes, String name) {
        return detector.detect(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, detector.headBytes())), name);
    }

    /** Text as the bytes that a sample needs: each character is one byte. */
    protected static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }
}
