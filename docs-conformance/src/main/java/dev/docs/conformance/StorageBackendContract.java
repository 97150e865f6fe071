package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageBackend.Entry;
import dev.docs.domain.StorageBackend.Stored;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The promises of {@link StorageBackend}, each as a test. An adapter's test class extends this and opens the adapter;
 * what it adds are the promises that only that adapter makes. The tests are hidden from it on purpose: none can be
 * weakened by overriding.
 */
public abstract class StorageBackendContract {
    /** More than any buffer that an adapter is likely to copy through, and no multiple of one. */
    private static final int LARGE = 700_007;

    private final Random random = new Random(20261124);
    private StorageBackend storage = new InMemoryStorage();

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

    /** A way to damage stored content behind the adapter's back, or null if there is none. */
    protected @Nullable Damage damage() {
        return null;
    }

    /** Cuts stored content off. */
    @FunctionalInterface
    protected interface Damage {
        /** Leaves only the first bytes of the content under the URL. */
        void cut(StorageUrl url, int sizeBytes) throws Exception;
    }

    @BeforeEach
    final void openStorage() throws Exception {
        storage = open();
    }

    @Test
    final void returnsWhatWasStoredWithItsSizeAndDigest() {
        byte[] bytes = randomBytes(LARGE);
        StorageUrl url = freshUrl();

        Stored stored = storage.store(url, channel(bytes));

        assertThat(stored).isEqualTo(new Stored(LARGE, sha256(bytes)));
        assertThat(storage.size(url)).hasValue(LARGE);
        assertThat(read(url, 0, LARGE)).isEqualTo(bytes);
    }

    @Test
    final void keepsEmptyContent() {
        StorageUrl url = freshUrl();

        Stored stored = storage.store(url, channel(new byte[0]));

        assertThat(stored).isEqualTo(new Stored(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        assertThat(storage.size(url)).hasValue(0);
        assertThat(read(url, 0, 0)).isEmpty();
    }

    @Test
    final void keepsContentOfEverySizeAroundTheUsualBuffers() {
        for (int size : new int[] {1, 8191, 8192, 8193, 65_535, 65_536, 65_537, 131_072, 262_144, 262_145}) {
            byte[] bytes = randomBytes(size);
            StorageUrl url = freshUrl();

            assertThat(storage.store(url, channel(bytes))).isEqualTo(new Stored(size, sha256(bytes)));
            assertThat(read(url, 0, size)).isEqualTo(bytes);
        }
    }

    @Test
    final void keepsContentWhenOpenedAgain() throws Exception {
        byte[] bytes = randomBytes(LARGE);
        StorageUrl url = stored(bytes);

        storage = reopen(storage);

        assertThat(storage.size(url)).hasValue(LARGE);
        assertThat(read(url, 0, LARGE)).isEqualTo(bytes);
        assertThat(storage.list(null, 10)).containsExactly(new Entry(url.key(), LARGE));
    }

    @Test
    final void yieldsExactlyTheRangeAskedFor() {
        byte[] bytes = randomBytes(LARGE);
        StorageUrl url = stored(bytes);
        int[][] ranges = {{0, 1}, {LARGE - 1, 1}, {LARGE / 2, 70_000}, {1, LARGE - 1}, {0, LARGE - 1}, {65_535, 2}};
        for (int[] range : ranges) {
            assertThat(read(url, range[0], range[1]))
                    .as("%d bytes from %d", range[1], range[0])
                    .isEqualTo(Arrays.copyOfRange(bytes, range[0], range[0] + range[1]));
        }
    }

    @Test
    final void yieldsNothingForARangeOfNoBytes() {
        StorageUrl url = stored(randomBytes(100));

        assertThat(read(url, 0, 0)).isEmpty();
        assertThat(read(url, 50, 0)).isEmpty();
        assertThat(read(url, 100, 0)).isEmpty();
    }

    @Test
    final void refusesARangeBeyondTheEndAsLost() {
        StorageUrl url = stored(randomBytes(100));

        for (ByteRange range : List.of(
                new ByteRange(0, 101),
                new ByteRange(99, 2),
                new ByteRange(100, 1),
                new ByteRange(101, 0),
                new ByteRange(1L << 40, 1),
                new ByteRange(0, Long.MAX_VALUE))) {
            assertLost(url, range);
        }
    }

    @Test
    final void readsIntoBuffersOfAnyKind() throws IOException {
        byte[] bytes = randomBytes(1000);
        StorageUrl url = stored(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(2000);
        ByteBuffer slice = ByteBuffer.allocate(2000).position(500).limit(600);

        try (ReadableByteChannel content = storage.retrieve(url, new ByteRange(0, 700))) {
            assertThat(content.read(ByteBuffer.allocate(0))).isZero();
            int first = content.read(slice);
            assertThat(first).isBetween(1, 100);
            assertThat(slice.position()).isEqualTo(500 + first);
            assertThat(slice.limit()).isEqualTo(600);
            while (content.read(direct) >= 0) {
                // until the end
            }
            assertThat(direct.limit()).isEqualTo(2000);
            byte[] read = new byte[700];
            slice.flip().position(500).get(read, 0, first);
            direct.flip().get(read, first, 700 - first);
            assertThat(read).isEqualTo(Arrays.copyOf(bytes, 700));
            assertThat(content.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        }
    }

    @Test
    final void knowsNothingOfAnUnusedUrl() {
        StorageUrl url = freshUrl();

        assertThat(storage.size(url)).isEmpty();
        assertThat(storage.list(null, 10)).isEmpty();
        assertLost(url, new ByteRange(0, 1));
        assertLost(url, new ByteRange(0, 0));
    }

    @Test
    final void showsNothingUntilStoreReturns() {
        StorageUrl url = freshUrl();
        List<Throwable> seen = new ArrayList<>();
        Source source = new Source(randomBytes(LARGE), 100_000, () -> {
            try {
                assertAbsent(url);
            } catch (AssertionError e) {
                seen.add(e);
            }
        });

        storage.store(url, source);

        assertThat(source.reads).isGreaterThan(6);
        assertThat(seen).isEmpty();
        assertThat(storage.size(url)).hasValue(LARGE);
    }

    @Test
    final void keepsItsIdForGood() throws Exception {
        String id = storage.id();
        assertThat(id).matches("[a-z0-9-]{1,64}");

        storage = reopen(storage);

        assertThat(storage.id()).isEqualTo(id);
    }

    @Test
    final void leavesTheSourceOpen() {
        ReadableByteChannel source = channel(randomBytes(10));

        storage.store(freshUrl(), source);

        assertThat(source.isOpen()).isTrue();
    }

    @Test
    final void takesWhatTheSourceGivesHoweverLittle() {
        byte[] bytes = randomBytes(20_000);
        StorageUrl url = freshUrl();

        Stored stored = storage.store(url, new Source(bytes, 7, () -> {}));

        assertThat(stored).isEqualTo(new Stored(20_000, sha256(bytes)));
        assertThat(read(url, 0, 20_000)).isEqualTo(bytes);
    }

    @Test
    final void goesOnWhenTheSourceHasNothingYet() {
        byte[] bytes = randomBytes(300_000);
        StorageUrl url = freshUrl();
        Source source = new Source(bytes, 50_000, () -> {});
        source.everySecondReadIsEmpty = true;

        Stored stored = storage.store(url, source);

        assertThat(stored).isEqualTo(new Stored(300_000, sha256(bytes)));
        assertThat(read(url, 0, 300_000)).isEqualTo(bytes);
    }

    @Test
    final void passesOnWhatTheSourceThrowsAndKeepsNothing() {
        for (RuntimeException thrown : List.of(
                DocumentUploadException.tooLarge(5),
                DocumentUploadException.cut(new IOException("connection reset")),
                DocumentStorageException.full(null),
                new IllegalStateException("the source broke"))) {
            for (int after : new int[] {0, 1, LARGE}) {
                StorageUrl url = freshUrl();
                assertThatThrownBy(() -> storage.store(url, failing(after, thrown)))
                        .isSameAs(thrown);
                assertAbsent(url);
            }
        }
    }

    @Test
    final void passesOnAnErrorOfTheSourceAndKeepsNothing() {
        StorageUrl url = freshUrl();
        Error thrown = new StackOverflowError();

        assertThatThrownBy(() -> storage.store(url, failing(LARGE, thrown))).isSameAs(thrown);
        assertAbsent(url);
    }

    @Test
    final void tellsAnInputErrorOfTheSourceFromOneOfTheStore() {
        StorageUrl url = freshUrl();
        IOException thrown = new IOException("No space left on device");

        assertThatThrownBy(() -> storage.store(url, failing(LARGE, thrown)))
                .isExactlyInstanceOf(UncheckedIOException.class)
                .hasCause(thrown);
        assertAbsent(url);
    }

    @Test
    final void refusesAUrlThatIsTakenAndKeepsTheOldContent() {
        byte[] old = randomBytes(50_000);
        StorageUrl url = stored(old);

        for (int size : new int[] {0, 10, LARGE}) {
            assertUnavailable(() -> storage.store(url, channel(randomBytes(size))));
        }
        assertThat(storage.size(url)).hasValue(old.length);
        assertThat(read(url, 0, old.length)).isEqualTo(old);
    }

    @Test
    final void keepsOneWholeContentWhenTwoStoresMeet() {
        StorageUrl url = freshUrl();
        byte[] outer = randomBytes(LARGE);
        byte[] inner = randomBytes(70_000);
        List<byte[]> kept = new ArrayList<>();
        Source source = new Source(outer, LARGE, () -> {
            if (kept.isEmpty() && storeUnlessTaken(url, channel(inner))) {
                kept.add(inner);
            }
        });

        if (storeUnlessTaken(url, source)) {
            kept.add(outer);
        }

        assertThat(kept).hasSize(1);
        assertThat(read(url, 0, Math.toIntExact(storage.size(url).orElseThrow())))
                .isEqualTo(kept.get(0));
    }

    @Test
    final void deletesAndDeletesAgain() {
        StorageUrl url = stored(randomBytes(1000));
        StorageUrl other = stored(randomBytes(10));

        storage.delete(url);
        assertAbsent(url);
        storage.delete(url);
        assertAbsent(url);
        storage.delete(freshUrl());

        assertThat(storage.list(null, 10)).containsExactly(new Entry(other.key(), 10));
    }

    @Test
    final void deletesWhatAFailedStoreLeft() {
        StorageUrl url = freshUrl();
        assertThatThrownBy(() -> storage.store(url, failing(LARGE, new IllegalStateException("broke"))))
                .isInstanceOf(IllegalStateException.class);

        storage.delete(url);

        assertAbsent(url);
    }

    @Test
    final void leavesWholeContentOrNoneWhenDeletedDuringAStore() {
        StorageUrl url = freshUrl();
        byte[] bytes = randomBytes(LARGE);

        if (storeUnlessTaken(url, new Source(bytes, 200_000, () -> storage.delete(url)))) {
            assertThat(read(url, 0, LARGE)).isEqualTo(bytes);
        } else {
            assertAbsent(url);
        }
        storage.delete(url);
        assertAbsent(url);
    }

    @Test
    final void letsAnOpenReadGoOnWhenItsContentIsDeleted() throws IOException {
        byte[] bytes = randomBytes(LARGE);
        StorageUrl url = stored(bytes);
        ByteArrayOutputStream read = new ByteArrayOutputStream();

        try (ReadableByteChannel content = storage.retrieve(url, new ByteRange(0, LARGE))) {
            ByteBuffer start = ByteBuffer.allocate(1000);
            while (start.hasRemaining()) {
                content.read(start);
            }
            read.write(start.array());
            storage.delete(url);
            assertAbsent(url);
            Channels.newInputStream(content).transferTo(read);
        }

        assertThat(read.toByteArray()).isEqualTo(bytes);
    }

    @Test
    final void readsTheSameContentInManyChannelsAtOnce() throws IOException {
        byte[] bytes = randomBytes(1000);
        StorageUrl url = stored(bytes);
        ByteBuffer first = ByteBuffer.allocate(1000);
        ByteBuffer second = ByteBuffer.allocate(500);

        try (ReadableByteChannel a = storage.retrieve(url, new ByteRange(0, 1000));
                ReadableByteChannel b = storage.retrieve(url, new ByteRange(500, 500))) {
            for (int n = 0; n < 100; n++) {
                a.read(first.limit(Math.min(1000, first.position() + 10)));
                b.read(second.limit(Math.min(500, second.position() + 5)));
            }
        }

        assertThat(first.array()).isEqualTo(bytes);
        assertThat(second.array()).isEqualTo(Arrays.copyOfRange(bytes, 500, 1000));
    }

    @Test
    final void listsPagesInTheOrderOfTheKeys() {
        // '-' sorts before '/', and '/' before digits and letters: folders and files of a tree come in another order
        List<String> keys = List.of(
                "a-", "a-/z", "a-b", "a-b/c", "a/0", "a/b-c", "a/b/c", "a/b/c-", "a0", "a0-/x", "ab/c", "b/z/z", "b0");
        List<String> shuffled = new ArrayList<>(keys);
        shuffled.removeIf(key -> keys.stream().anyMatch(other -> other.startsWith(key + "/")));
        List<String> expected = shuffled.stream().sorted().toList();
        Collections.shuffle(shuffled, random);
        shuffled.forEach(key -> storage.store(new StorageUrl("main", key), channel(new byte[key.length()])));

        for (int max = 1; max <= expected.size() + 1; max++) {
            List<Entry> all = new ArrayList<>();
            List<Entry> page = storage.list(null, max);
            while (page.size() == max) {
                all.addAll(page);
                assertThat(all)
                        .extracting(Entry::key)
                        .isEqualTo(expected.subList(0, Math.min(all.size(), expected.size())));
                page = storage.list(page.get(max - 1).key(), max);
            }
            all.addAll(page);
            assertThat(page).hasSizeLessThan(max);
            assertThat(all).extracting(Entry::key).isEqualTo(expected);
            assertThat(all).allMatch(entry -> entry.sizeBytes() == entry.key().length());
        }
    }

    @Test
    final void listsWhatComesAfterAnyKeyAlsoOneThatIsNotThere() {
        List<String> keys = List.of("2026/01/a", "2026/01/b", "2026/02/a", "2027/01/a");
        keys.forEach(key -> storage.store(new StorageUrl("main", key), channel(new byte[1])));

        for (String after : List.of(
                "2",
                "2026",
                "2026/01",
                "2026/01-",
                "2026/01/a",
                "2026/01/aa",
                "2026/01/zz",
                "2026/010",
                "2026/02/a",
                "2026/1",
                "2027/01/Z",
                "2027/01/a",
                "3")) {
            assertThat(storage.list(after, 10))
                    .as("after %s", after)
                    .extracting(Entry::key)
                    .isEqualTo(keys.stream()
                            .filter(key -> key.compareTo(after) > 0)
                            .toList());
        }
    }

    @Test
    final void takesManyStoresAtOnce() throws Exception {
        int threads = 16;
        int each = 8;
        Map<StorageUrl, byte[]> contents = new HashMap<>();
        List<Future<?>> running = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int n = 0; n < threads; n++) {
                Map<StorageUrl, byte[]> mine = new HashMap<>();
                for (int i = 0; i < each; i++) {
                    mine.put(freshUrl(), randomBytes(random.nextInt(200_000)));
                }
                contents.putAll(mine);
                running.add(pool.submit(() -> {
                    go.await();
                    mine.forEach((url, bytes) -> assertThat(storage.store(url, channel(bytes)))
                            .isEqualTo(new Stored(bytes.length, sha256(bytes))));
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> done : running) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }

        contents.forEach((url, bytes) -> assertThat(read(url, 0, bytes.length)).isEqualTo(bytes));
        assertThat(storage.list(null, threads * each + 1))
                .containsExactlyInAnyOrderElementsOf(contents.entrySet().stream()
                        .map(content -> new Entry(content.getKey().key(), content.getValue().length))
                        .toList());
    }

    @Test
    final void passesItsOwnCheck() {
        assertThatCode(storage::check).doesNotThrowAnyException();
    }

    /** Empty for an adapter whose content can't be damaged from outside. */
    @TestFactory
    final Stream<DynamicTest> neverPassesOffDamagedContentAsWhole() {
        Damage damage = damage();
        if (damage == null) {
            return Stream.empty();
        }
        return Stream.of(
                DynamicTest.dynamicTest("cut before the read", () -> {
                    StorageUrl url = stored(randomBytes(1000));
                    damage.cut(url, 900);
                    assertLost(url, new ByteRange(0, 1000));
                    assertLost(url, new ByteRange(900, 1));
                    assertThat(read(url, 0, 900)).hasSize(900);
                    assertThat(storage.size(url)).hasValue(900);
                }),
                DynamicTest.dynamicTest("cut during the read", () -> {
                    byte[] bytes = randomBytes(LARGE);
                    StorageUrl url = stored(bytes);
                    ByteArrayOutputStream read = new ByteArrayOutputStream();
                    try (ReadableByteChannel content = storage.retrieve(url, new ByteRange(0, LARGE))) {
                        content.read(ByteBuffer.allocate(1));
                        damage.cut(url, LARGE / 2);
                        read.write(bytes[0]);
                        Channels.newInputStream(content).transferTo(read);
                    } catch (DocumentStorageException e) {
                        assertThat(e.kind()).isEqualTo(Kind.CONTENT_LOST);
                        return;
                    }
                    assertThat(read.toByteArray()).isEqualTo(bytes);
                }));
    }

    private boolean storeUnlessTaken(StorageUrl url, ReadableByteChannel source) {
        try {
            storage.store(url, source);
            return true;
        } catch (DocumentStorageException e) {
            assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
            return false;
        }
    }

    private void assertAbsent(StorageUrl url) {
        assertThat(storage.size(url)).isEmpty();
        assertThat(storage.list(null, 1000)).extracting(Entry::key).doesNotContain(url.key());
        assertLost(url, new ByteRange(0, 0));
    }

    private void assertLost(StorageUrl url, ByteRange range) {
        DocumentStorageException thrown = catchThrowableOfType(
                DocumentStorageException.class,
                () -> storage.retrieve(url, range).close());
        assertThat(thrown).as("reading %s", range).isNotNull();
        assertThat(thrown.kind()).isEqualTo(Kind.CONTENT_LOST);
    }

    private static void assertUnavailable(Runnable call) {
        DocumentStorageException thrown = catchThrowableOfType(DocumentStorageException.class, call::run);
        assertThat(thrown).isNotNull();
        assertThat(thrown.kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    private StorageUrl stored(byte[] bytes) {
        StorageUrl url = freshUrl();
        storage.store(url, channel(bytes));
        return url;
    }

    private byte[] read(StorageUrl url, int offset, int length) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (ReadableByteChannel content = storage.retrieve(url, new ByteRange(offset, length))) {
            Channels.newInputStream(content).transferTo(read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read.toByteArray();
    }

    private StorageUrl freshUrl() {
        long millis = Instant.parse("2026-11-24T12:00:00Z").toEpochMilli() + random.nextInt(86_400_000);
        long high = millis << 16 | 0x7000 | random.nextInt(0x1000);
        return StorageUrl.of("main", new UUID(high, random.nextLong() >>> 2 | Long.MIN_VALUE));
    }

    private byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    @Test
    final void hasRoomForAsMuchAsItSays() {
        OptionalLong usable = storage.usableBytes();

        assertThat(usable.orElse(0)).isNotNegative();
        if (usable.orElse(Long.MAX_VALUE) >= 100_000) {
            storage.store(freshUrl(), channel(randomBytes(100_000)));
        }
    }

    /** Yields so many bytes, then throws: an {@code IOException}, an unchecked exception or an error. */
    private static ReadableByteChannel failing(int after, Throwable thrown) {
        Source source = new Source(new byte[after], 100_000, () -> {});
        source.atEnd = thrown;
        return source;
    }

    /** An upload that a test looks into. */
    private static final class Source implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final int most;
        private final Runnable beforeEach;
        private boolean everySecondReadIsEmpty;
        private @Nullable Throwable atEnd;
        private int reads;

        Source(byte[] bytes, int most, Runnable beforeEach) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.most = most;
            this.beforeEach = beforeEach;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            beforeEach.run();
            reads++;
            if (everySecondReadIsEmpty && reads % 2 == 1) {
                return 0;
            }
            if (!bytes.hasRemaining()) {
                throwAtEnd();
                return -1;
            }
            int count = Math.min(most, Math.min(bytes.remaining(), target.remaining()));
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        private void throwAtEnd() throws IOException {
            if (atEnd instanceof IOException e) {
                throw e;
            } else if (atEnd instanceof RuntimeException e) {
                throw e;
            } else if (atEnd instanceof Error e) {
                throw e;
            }
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            throw new AssertionError("the store must leave the source open");
        }
    }
}
