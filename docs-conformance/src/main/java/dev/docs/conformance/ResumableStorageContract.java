package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.ResumableStorage;
import dev.docs.domain.ResumableStorage.Growing;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageBackend.Stored;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;

/**
 * The promises of {@link ResumableStorage}, each as a test. A store that has the ability is tested by a class that extends
 * this, beside the one that extends {@link StorageBackendContract}.
 */
public abstract class ResumableStorageContract {
    /** More than any buffer that an adapter is likely to copy through, and no multiple of one. */
    private static final int LARGE = 700_007;

    private final Random random = new Random(20261127);
    private StorageBackend backend = new InMemoryStorage();
    private ResumableStorage storage = new InMemoryStorage();
    private StorageUrl url = freshUrl();

    /** Opens the adapter on an empty store; called once before each test. */
    protected abstract StorageBackend open() throws Exception;

    /**
     * Opens the same store again, as a process that was started later would. Overridden by adapters that can.
     *
     * @param opened what {@link #open()} returned
     */
    protected StorageBackend reopen(StorageBackend opened) throws Exception {
        return opened;
    }

    @BeforeEach
    final void openStorage() throws Exception {
        use(open());
    }

    private void use(StorageBackend opened) {
        backend = opened;
        assertThat(backend).isInstanceOf(ResumableStorage.class);
        storage = (ResumableStorage) backend;
    }

    @Test
    final void whatWasAddedInPartsBecomesOneContent() {
        byte[] bytes = randomBytes(LARGE);

        try (Growing growing = storage.open(url)) {
            assertThat(growing.append(0, part(bytes, 0, 1))).isEqualTo(1);
            assertThat(growing.append(1, part(bytes, 1, 262_145))).isEqualTo(262_145);
        }
        try (Growing growing = storage.open(url)) {
            assertThat(growing.append(262_145, part(bytes, 262_145, LARGE))).isEqualTo(LARGE);
        }

        assertThat(storage.finish(url, LARGE)).isEqualTo(new Stored(LARGE, sha256(bytes)));
        assertThat(backend.size(url)).hasValue(LARGE);
        assertThat(read(LARGE)).isEqualTo(bytes);
    }

    @Test
    final void goesOnWhereItWasWhenOpenedAgain() throws Exception {
        byte[] bytes = randomBytes(LARGE);
        append(0, part(bytes, 0, 500_000));

        use(reopen(backend));
        append(500_000, part(bytes, 500_000, LARGE));
        use(reopen(backend));

        assertThat(storage.finish(url, LARGE)).isEqualTo(new Stored(LARGE, sha256(bytes)));
    }

    @Test
    final void isNotThereUntilItIsFinished() {
        append(0, part(randomBytes(100), 0, 100));

        assertThat(backend.size(url)).isEmpty();
        assertThat(backend.list(null, 9)).isEmpty();
        refuses(Kind.CONTENT_LOST, () -> backend.retrieve(url, new ByteRange(0, 1)));
    }

    @Test
    final void dropsWhatLiesBehindTheOffset() {
        byte[] bytes = randomBytes(300_000);
        append(0, part(randomBytes(LARGE), 0, LARGE));
        append(0, part(bytes, 0, 200_000));
        append(150_000, part(bytes, 150_000, 300_000));

        assertThat(storage.finish(url, 300_000)).isEqualTo(new Stored(300_000, sha256(bytes)));
    }

    @Test
    final void addingNothingDropsWhatLiesBehindTheOffset() {
        byte[] bytes = randomBytes(1000);
        append(0, part(bytes, 0, 1000));

        assertThat(append(400, part(bytes, 0, 0))).isEqualTo(400);

        assertThat(storage.finish(url, 400)).isEqualTo(new Stored(400, sha256(Arrays.copyOf(bytes, 400))));
    }

    @Test
    final void aChannelThatFailsLeavesTheBytesBeforeTheOffset() {
        byte[] bytes = randomBytes(LARGE);
        append(0, part(bytes, 0, 300_000));

        assertThatThrownBy(() -> append(300_000, failing(200_000)))
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("cut");
        append(300_000, part(bytes, 300_000, LARGE));

        assertThat(storage.finish(url, LARGE)).isEqualTo(new Stored(LARGE, sha256(bytes)));
    }

    @Test
    final void anOffsetBeyondWhatIsThereIsALoss() {
        append(0, part(randomBytes(10), 0, 10));

        refuses(Kind.CONTENT_LOST, () -> append(11, part(randomBytes(1), 0, 1)));
    }

    @Test
    final void isOneCallersUntilItIsClosed() throws Exception {
        Growing first = storage.open(url);
        refuses(Kind.UPLOAD_BUSY, () -> storage.open(url));
        StorageBackend other = reopen(backend);
        refuses(Kind.UPLOAD_BUSY, () -> ((ResumableStorage) other).open(url));
        storage.open(freshUrl()).close();
        first.append(0, part(new byte[3], 0, 3));
        first.close();

        assertThat(append(3, part(new byte[4], 0, 4))).isEqualTo(7);
    }

    @Test
    final void canBeEmpty() {
        append(0, part(new byte[0], 0, 0));

        assertThat(storage.finish(url, 0).sizeBytes()).isZero();
        assertThat(backend.size(url)).hasValue(0);
    }

    @Test
    final void finishingAgainChangesNothing() throws Exception {
        byte[] bytes = randomBytes(1000);
        append(0, part(bytes, 0, 1000));
        Stored stored = storage.finish(url, 1000);

        assertThat(storage.finish(url, 1000)).isEqualTo(stored);
        use(reopen(backend));
        assertThat(storage.finish(url, 1000)).isEqualTo(stored);
        assertThat(read(1000)).isEqualTo(bytes);
        assertThat(backend.list(null, 9)).hasSize(1);
    }

    @Test
    final void anotherNumberOfBytesIsALossAndNothingIsFinished() {
        append(0, part(randomBytes(1000), 0, 1000));

        refuses(Kind.CONTENT_LOST, () -> storage.finish(url, 999));
        refuses(Kind.CONTENT_LOST, () -> storage.finish(url, 1001));
        refuses(Kind.CONTENT_LOST, () -> storage.finish(freshUrl(), 0));

        assertThat(backend.size(url)).isEmpty();
        assertThat(storage.finish(url, 1000).sizeBytes()).isEqualTo(1000);
    }

    @Test
    final void whatIsFinishedCanNotBeAddedTo() {
        append(0, part(new byte[10], 0, 10));
        storage.finish(url, 10);

        refuses(Kind.UNAVAILABLE, () -> storage.open(url));

        assertThat(read(10)).isEqualTo(new byte[10]);
    }

    @Test
    final void anAddressIsForContentInPartsOrInOnePiece() {
        append(0, part(new byte[10], 0, 10));
        refuses(Kind.UNAVAILABLE, () -> backend.store(url, part(new byte[5], 0, 5)));
        assertThat(storage.finish(url, 10).sizeBytes()).isEqualTo(10);

        StorageUrl whole = freshUrl();
        backend.store(whole, part(new byte[5], 0, 5));
        refuses(Kind.UNAVAILABLE, () -> storage.open(whole));
    }

    @Test
    final void deletingRemovesWhatIsUnfinished() {
        append(0, part(new byte[10], 0, 10));

        backend.delete(url);

        refuses(Kind.CONTENT_LOST, () -> storage.finish(url, 10));
    }

    @Test
    final void whatIsDeletedWhileSomebodyAddsToItNeverComesBack() {
        try (Growing growing = storage.open(url)) {
            growing.append(0, part(new byte[10], 0, 10));
            backend.delete(url);
            try {
                growing.append(10, part(new byte[10], 0, 10));
            } catch (DocumentException e) {
                assertThat(e.kind()).isEqualTo(Kind.CONTENT_LOST);
            }
        }

        refuses(Kind.CONTENT_LOST, () -> storage.finish(url, 20));
        assertThat(backend.size(url)).isEmpty();
        assertThat(backend.list(null, 9)).isEmpty();
    }

    private long append(long offset, ReadableByteChannel bytes) {
        try (Growing growing = storage.open(url)) {
            return growing.append(offset, bytes);
        }
    }

    private static void refuses(Kind kind, Runnable step) {
        DocumentException thrown = catchThrowableOfType(DocumentException.class, step::run);
        assertThat(thrown).as("what should be refused").isNotNull();
        assertThat(thrown.kind()).isEqualTo(kind);
    }

    private byte[] read(int length) {
        try (InputStream content = Channels.newInputStream(backend.retrieve(url, new ByteRange(0, length)))) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StorageUrl freshUrl() {
        long millis = Instant.parse("2026-11-27T12:00:00Z").toEpochMilli() + random.nextInt(3_600_000);
        long high = millis << 16 | 0x7000 | random.nextInt(0x1000);
        return StorageUrl.of("main", new UUID(high, random.nextLong() >>> 2 | Long.MIN_VALUE));
    }

    private byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        return Sha256.hex(ByteBuffer.wrap(bytes));
    }

    private static ReadableByteChannel part(byte[] bytes, int from, int to) {
        return Channels.newChannel(new ByteArrayInputStream(bytes, from, to - from));
    }

    /** Yields so many bytes, then breaks. */
    private static ReadableByteChannel failing(int after) {
        return new ReadableByteChannel() {
            private int left = after;

            @Override
            public int read(ByteBuffer target) throws IOException {
                if (left == 0) {
                    throw new IOException("cut");
                }
                int count = Math.min(left, target.remaining());
                target.put(new byte[count]);
                left -= count;
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {
                throw new AssertionError("the store must leave the source open");
            }
        };
    }
}
