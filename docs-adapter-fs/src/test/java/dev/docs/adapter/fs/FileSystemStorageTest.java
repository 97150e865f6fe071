package dev.docs.adapter.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.conformance.StorageBackendContract;
import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageBackend.Entry;
import dev.docs.domain.StorageUrl;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

final class FileSystemStorageTest extends StorageBackendContract {
    private static final StorageUrl URL = new StorageUrl("main", "2026/11/24/a7/one");

    @TempDir
    private Path folder;

    @Override
    protected StorageBackend open() {
        return FileSystemStorage.open(root());
    }

    @Override
    protected StorageBackend reopen(StorageBackend opened) {
        return open();
    }

    @Override
    protected Damage damage() {
        return (url, size) -> {
            try (FileChannel file = FileChannel.open(root().resolve(url.key()), StandardOpenOption.WRITE)) {
                file.truncate(size);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void namesFilesByTheirKeysAndLeavesNothingElse(Durability durability) throws IOException {
        StorageBackend storage = FileSystemStorage.open(root(), durability);

        storage.store(URL, bytes("hello"));

        assertThat(root().resolve("2026/11/24/a7/one")).hasContent("hello");
        assertThat(files()).containsExactly(root().resolve(URL.key()));
        storage.delete(URL);
        assertThat(files()).isEmpty();
    }

    @Test
    void leavesNoFileWhenAStoreFails() throws IOException {
        StorageBackend storage = open();
        List<Path> during = new ArrayList<>();

        assertThatThrownBy(() -> storage.store(URL, onRead(() -> {
                    during.addAll(files());
                    throw new IllegalStateException("broke");
                })))
                .hasMessage("broke");

        assertThat(during).containsExactly(root().resolve("tmp/2026_11_24_a7_one"));
        assertThat(files()).isEmpty();
    }

    @Test
    void leavesNoFileWhenItsThreadIsInterrupted() throws IOException {
        StorageBackend storage = open();

        assertFails(
                Kind.UNAVAILABLE,
                () -> storage.store(URL, onRead(() -> Thread.currentThread().interrupt())));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(files()).isEmpty();
    }

    @Test
    void removesTheDraftOfADeadProcess() throws IOException {
        StorageBackend storage = open();
        Files.writeString(root().resolve("tmp/2026_11_24_a7_one"), "hel");

        assertThat(storage.size(URL)).isEmpty();
        assertThat(storage.list(null, 9)).isEmpty();
        storage.delete(URL);

        assertThat(files()).isEmpty();
    }

    @Test
    void removesBothNamesOfAProcessThatDiedBetweenLinkAndUnlink() throws IOException {
        StorageBackend storage = open();
        storage.store(URL, bytes("hello"));
        Files.createLink(root().resolve("tmp/2026_11_24_a7_one"), root().resolve(URL.key()));

        storage.delete(URL);

        assertThat(files()).isEmpty();
    }

    @Test
    void failsAStoreWhoseDraftIsDeletedAndKeepsNothing() throws IOException {
        StorageBackend storage = open();

        assertFails(Kind.UNAVAILABLE, () -> storage.store(URL, onRead(() -> storage.delete(URL))));

        assertThat(storage.size(URL)).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void keepsApartTheDraftsOfKeysWithTheSameLastSegment() throws IOException {
        StorageBackend storage = open();
        StorageUrl other = new StorageUrl("main", "2026/11/24/a8/one");

        storage.store(URL, onRead(() -> {
            storage.store(other, bytes("other"));
            storage.delete(new StorageUrl("main", "one"));
        }));

        assertThat(files()).containsExactlyInAnyOrder(root().resolve(URL.key()), root().resolve(other.key()));
    }

    @Test
    void leavesAFileOfTheSameNameAlone() throws IOException {
        StorageBackend storage = open();
        Path target = root().resolve(URL.key());

        assertFails(
                Kind.UNAVAILABLE,
                () -> storage.store(URL, onRead(() -> {
                    Files.createDirectories(target.getParent());
                    Files.writeString(target, "there first");
                })));

        assertThat(target).hasContent("there first");
        assertThat(files()).containsExactly(target);
    }

    @Test
    void followsNoSymbolicLinkToAFile() throws IOException {
        StorageBackend storage = open();
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.createDirectories(root().resolve("2026/11/24/a7"));
        Files.createSymbolicLink(root().resolve(URL.key()), secret);

        assertRefused(storage);
        assertThat(secret).hasContent("secret");
    }

    @Test
    void followsNoSymbolicLinkToAFolder() throws IOException {
        StorageBackend storage = open();
        Path outside = Files.createDirectories(folder.resolve("outside/11/24/a7"));
        Files.writeString(outside.resolve("one"), "secret");
        Files.createSymbolicLink(root().resolve("2026"), folder.resolve("outside"));

        assertRefused(storage);
        assertThat(outside.resolve("one")).hasContent("secret");
        assertFails(Kind.UNAVAILABLE, () -> storage.store(new StorageUrl("main", "2026/11/24/a7/two"), bytes("two")));
        assertThat(outside.resolve("two")).doesNotExist();
    }

    @Test
    void writesNoDraftThroughASymbolicLink() throws IOException {
        StorageBackend storage = open();
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.delete(root().resolve("tmp"));
        Files.createSymbolicLink(root().resolve("tmp"), outside);

        assertFails(Kind.UNAVAILABLE, () -> storage.store(URL, bytes("hello")));
        assertFails(Kind.UNAVAILABLE, storage::check);
        assertThatIllegalArgumentException().isThrownBy(this::open);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void mayHaveASymbolicLinkAsItsRoot() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);

        FileSystemStorage.open(link).store(URL, bytes("hello"));

        assertThat(real.resolve(URL.key())).hasContent("hello");
    }

    @Test
    void knowsHowMuchItsDiskHasRoomFor() throws IOException {
        long all = Files.getFileStore(folder).getTotalSpace();

        assertThat(open().usableBytes().orElseThrow()).isBetween(1L, all);
    }

    @Test
    void callsNothingLostWhileItsDiskIsAway() throws IOException {
        StorageBackend storage = open();
        storage.store(URL, bytes("hello"));
        Path away = Files.move(root(), folder.resolve("away"));

        for (boolean empty : new boolean[] {false, true}) {
            if (empty) {
                Files.createDirectory(root());
            }
            assertFails(Kind.UNAVAILABLE, () -> storage.retrieve(URL, new ByteRange(0, 5)));
            assertFails(Kind.UNAVAILABLE, () -> storage.size(URL));
            assertFails(Kind.UNAVAILABLE, () -> storage.delete(URL));
            assertFails(Kind.UNAVAILABLE, () -> storage.list(null, 9));
            assertFails(Kind.UNAVAILABLE, () -> storage.store(new StorageUrl("main", "two"), bytes("two")));
            assertFails(Kind.UNAVAILABLE, storage::check);
        }

        assertThat(root()).isEmptyDirectory();
        Files.delete(root());
        Files.move(away, root());
        storage.check();
        assertThat(storage.size(URL)).hasValue(5);
    }

    @Test
    void takesAFolderForNoContent() throws IOException {
        StorageBackend storage = open();
        storage.store(URL, bytes("hello"));
        StorageUrl above = new StorageUrl("main", "2026/11/24/a7");
        StorageUrl below = new StorageUrl("main", URL.key() + "/more");

        for (StorageUrl url : List.of(above, below)) {
            assertThat(storage.size(url)).isEmpty();
            assertFails(Kind.CONTENT_LOST, () -> storage.retrieve(url, new ByteRange(0, 1)));
            assertFails(Kind.UNAVAILABLE, () -> storage.store(url, bytes("no")));
            storage.delete(url);
        }
        Files.delete(root().resolve(URL.key()));
        storage.delete(above);

        assertThat(root().resolve("2026/11/24/a7")).isEmptyDirectory();
        assertThat(files()).isEmpty();
    }

    @Test
    void refusesKeysInsideItsTemporaryFolder() {
        StorageBackend storage = open();

        for (String key : List.of("tmp", "tmp/one", "tmp/one/two")) {
            StorageUrl url = new StorageUrl("main", key);
            assertThatIllegalArgumentException().isThrownBy(() -> storage.store(url, bytes("no")));
            assertThatIllegalArgumentException().isThrownBy(() -> storage.retrieve(url, new ByteRange(0, 1)));
            assertThatIllegalArgumentException().isThrownBy(() -> storage.delete(url));
        }
        storage.store(new StorageUrl("main", "tmp-one"), bytes("yes"));
        assertThat(storage.list(null, 9)).containsExactly(new Entry("tmp-one", 3));
    }

    @Test
    void listsNoDraftAlsoOfAKeyWithoutFolders() {
        StorageBackend storage = open();
        List<Entry> during = new ArrayList<>();

        storage.store(new StorageUrl("main", "one"), onRead(() -> during.addAll(storage.list(null, 9))));

        assertThat(during).isEmpty();
        assertThat(storage.list(null, 9)).containsExactly(new Entry("one", 1));
    }

    @Test
    void listsNoFileThatHasNoKey() throws IOException {
        StorageBackend storage = open();
        storage.store(URL, bytes("hello"));
        Files.writeString(root().resolve("STORE-ID"), "7");
        Files.writeString(root().resolve("2026/.hidden"), "7");
        Files.createSymbolicLink(root().resolve("2026/link"), folder);

        assertThat(storage.list(null, 9)).containsExactly(new Entry(URL.key(), 5));
    }

    @Test
    void clearsAwayWhatAnOpenerLeftThatDied() throws IOException {
        open();
        Path dead = Files.writeString(root().resolve("_5f0c7c0e-4a0e-4be7-9d3a-b7e7f0f0a001"), "7");
        Path deadDraft = Files.writeString(root().resolve("tmp/_5f0c7c0e-4a0e-4be7-9d3a-b7e7f0f0a001"), "7");
        Path alive = Files.writeString(root().resolve("tmp/_5f0c7c0e-4a0e-4be7-9d3a-b7e7f0f0a002"), "7");
        Path foreign = Files.writeString(root().resolve("_notes"), "7");
        for (Path path : List.of(dead, deadDraft, foreign)) {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        }

        open();

        assertThat(List.of(dead, deadDraft)).allSatisfy(path -> assertThat(path).doesNotExist());
        assertThat(List.of(alive, foreign)).allSatisfy(path -> assertThat(path).exists());
    }

    @Test
    void makesItsFolderAndThoseAboveIt() {
        Path deep = folder.resolve("a/b/../c/d");

        FileSystemStorage.open(deep).check();

        assertThat(folder.resolve("a/c/d/tmp")).isDirectory();
        assertThat(folder.resolve("a/b")).doesNotExist();
    }

    @Test
    void refusesARootThatIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));

        for (Path root : List.of(file, file.resolve("below"), dangling)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FileSystemStorage.open(root))
                    .withMessageContaining(root.toString());
        }
    }

    @Test
    void isClosedLikeAnyChannel() throws IOException {
        StorageBackend storage = open();
        storage.store(URL, bytes("hello"));

        for (int length : new int[] {0, 5}) {
            ReadableByteChannel content = storage.retrieve(URL, new ByteRange(0, length));
            assertThat(content.isOpen()).isTrue();
            content.close();
            content.close();
            assertThat(content.isOpen()).isFalse();
            assertThatThrownBy(() -> content.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        }
    }

    /** What was forced to the disk can be told from what was merely written only by a power cut, or by the JVM's records. */
    @Test
    void syncsAFileThenTheFolderThatNamesIt() throws IOException {
        StorageBackend storage = open();
        StorageUrl neighbour = new StorageUrl("main", "2026/11/24/a7/two");

        assertThat(synced(() -> storage.store(URL, bytes("hello"))))
                .as("the new folders too, each by the one above it")
                .containsExactly("tmp/2026_11_24_a7_one", "", "2026", "2026/11", "2026/11/24", "2026/11/24/a7");
        assertThat(synced(() -> storage.store(neighbour, bytes("hello"))))
                .containsExactly("tmp/2026_11_24_a7_two", "2026/11/24/a7");
        assertThat(synced(() -> storage.delete(URL))).containsExactly("2026/11/24/a7");
        assertThat(synced(() -> open().store(URL, bytes("hello"))))
                .as("a folder that another process may have made a moment ago")
                .containsSubsequence("tmp/2026_11_24_a7_one", "", "2026", "2026/11", "2026/11/24", "2026/11/24/a7");
    }

    @Test
    void syncsNothingWhereOnlyTheProcessMayDie() throws IOException {
        StorageBackend storage = FileSystemStorage.open(root(), Durability.PROCESS);

        assertThat(synced(() -> storage.store(URL, bytes("hello")))).isEmpty();
    }

    /** Paths below the root in the order in which they were forced. */
    private List<String> synced(Runnable work) throws IOException {
        Path records = Files.createTempFile(folder, "forced", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold();
            recording.start();
            work.run();
            recording.stop();
            recording.dump(records);
        }
        return RecordingFile.readAllEvents(records).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .map(event -> Path.of(event.getString("path")))
                .filter(path -> path.startsWith(root()))
                .map(path -> root().relativize(path).toString())
                .toList();
    }

    private static void assertRefused(StorageBackend storage) {
        assertFails(Kind.UNAVAILABLE, () -> storage.retrieve(URL, new ByteRange(0, 1)));
        assertFails(Kind.UNAVAILABLE, () -> storage.size(URL));
        assertFails(Kind.UNAVAILABLE, () -> storage.store(URL, bytes("hello")));
        assertFails(Kind.UNAVAILABLE, () -> storage.delete(URL));
        assertThat(storage.list(null, 9)).isEmpty();
    }

    private static void assertFails(Kind kind, Runnable call) {
        DocumentStorageException thrown = catchThrowableOfType(DocumentStorageException.class, call::run);
        assertThat(thrown).isNotNull();
        assertThat(thrown.kind()).isEqualTo(kind);
        assertThat(thrown.getMessage()).doesNotContain("/");
    }

    private Path root() {
        return folder.resolve("root");
    }

    /** Everything in the store that is not a folder. */
    @Test
    void hasAnIdOfItsOwnThatACopyKeepsAndAnEmptyFolderDoesNot() throws IOException {
        StorageBackend original = open();
        Path copy = root().resolveSibling("copy");
        Files.createDirectory(copy);
        Files.copy(root().resolve("STORE-ID"), copy.resolve("STORE-ID"));

        assertThat(FileSystemStorage.open(copy).id()).isEqualTo(original.id());
        assertThat(FileSystemStorage.open(root().resolveSibling("empty")).id()).isNotEqualTo(original.id());
    }

    /** All but the one that every store has. */
    private List<Path> files() throws IOException {
        try (Stream<Path> paths = Files.walk(root())) {
            return paths.filter(path -> !Files.isDirectory(path))
                    .filter(path -> !path.equals(root().resolve("STORE-ID")))
                    .toList();
        }
    }

    private static ReadableByteChannel bytes(String text) {
        return Channels.newChannel(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private interface Interruption {
        void run() throws IOException;
    }

    /** An upload of one byte during which something happens. */
    private static ReadableByteChannel onRead(Interruption interruption) {
        return new ReadableByteChannel() {
            private boolean begun;

            @Override
            public int read(ByteBuffer target) {
                if (begun) {
                    return -1;
                }
                begun = true;
                try {
                    interruption.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                target.put((byte) '+');
                return 1;
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
