package dev.docs.adapter.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.conformance.ResumableStorageContract;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.ResumableStorage.Growing;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

final class GrowingFileTest extends ResumableStorageContract {
    private static final StorageUrl URL = new StorageUrl("main", "2026/11/27/a7/one");
    private static final String DRAFT = "tmp/2026_11_27_a7_one";

    @TempDir
    private Path folder;

    @Override
    protected StorageBackend open() {
        return storage();
    }

    @Override
    protected StorageBackend reopen(StorageBackend opened) {
        return storage();
    }

    @Test
    void bytesAndTheirNameAreOnTheDiskWhenTheyAreAcknowledged() throws IOException {
        FileSystemStorage storage = storage();

        List<String> synced = synced(() -> append(storage, 0, 1_000_000));

        assertThat(synced).containsExactly(DRAFT, "tmp");
    }

    /** Its maker may have died before it synced the name. */
    @Test
    void theNameOfAFileThatWasThereIsSyncedToo() throws IOException {
        FileSystemStorage storage = storage();
        Files.createFile(folder.resolve(DRAFT));

        assertThat(synced(() -> append(storage, 0, 10))).contains(DRAFT, "tmp");
    }

    @Test
    void theFinalNameIsSynced() throws IOException {
        FileSystemStorage storage = storage();
        append(storage, 0, 10);

        assertThat(synced(() -> storage.finish(URL, 10))).endsWith("2026/11/27/a7");
    }

    @Test
    void aProcessThatDiedBetweenTheTwoNamesIsGoneOnFor() throws IOException {
        FileSystemStorage storage = storage();
        append(storage, 0, 10);
        Path file = folder.resolve(URL.key());
        Files.createDirectories(file.getParent());
        Files.createLink(file, folder.resolve(DRAFT));

        assertThat(storage.finish(URL, 10).sizeBytes()).isEqualTo(10);

        assertThat(folder.resolve(DRAFT)).doesNotExist();
        assertThat(file).hasSize(10);
    }

    @Test
    void finishingLeavesTheFileAndNothingElse() throws IOException {
        FileSystemStorage storage = storage();
        append(storage, 0, 10);
        storage.finish(URL, 10);

        try (Stream<Path> paths = Files.walk(folder)) {
            assertThat(paths.filter(Files::isRegularFile)
                            .filter(path -> !path.endsWith("STORE-ID"))
                            .toList())
                    .containsExactly(folder.resolve(URL.key()));
        }
    }

    @Test
    void anotherProcessIsRefusedWhileThisOneAdds() throws Exception {
        FileSystemStorage storage = storage();
        try (Growing growing = storage.open(URL)) {
            growing.append(0, bytes(10));

            assertThat(inAnotherProcess()).isEqualTo("UPLOAD_BUSY");
            // a second caller in this process must not end the lock of the first
            DocumentException refusal = catchThrowableOfType(DocumentException.class, () -> storage.open(URL));
            assertThat(refusal.kind()).isEqualTo(Kind.UPLOAD_BUSY);
            assertThat(inAnotherProcess()).isEqualTo("UPLOAD_BUSY");
        }
        assertThat(inAnotherProcess()).isEqualTo("opened");
    }

    private String inAnotherProcess() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }

    static final class Other {
        private Other() {}

        public static void main(String[] arguments) {
            try {
                FileSystemStorage.open(Path.of(arguments[0])).open(URL).close();
                System.out.println("opened");
            } catch (DocumentException e) {
                System.out.println(e.kind());
            }
        }
    }

    private FileSystemStorage storage() {
        return FileSystemStorage.open(folder);
    }

    private static void append(FileSystemStorage storage, long offset, int count) {
        try (Growing growing = storage.open(URL)) {
            growing.append(offset, bytes(count));
        }
    }

    private static ReadableByteChannel bytes(int count) {
        return Channels.newChannel(new ByteArrayInputStream(new byte[count]));
    }

    /** Paths below the folder in the order in which they were forced. */
    private List<String> synced(Runnable work) throws IOException {
        Path records = Files.createTempFile("forced", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold();
            recording.start();
            work.run();
            recording.stop();
            recording.dump(records);
            return RecordingFile.readAllEvents(records).stream()
                    .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                    .map(event -> Path.of(event.getString("path")))
                    .filter(path -> path.startsWith(folder))
                    .map(path -> folder.relativize(path).toString())
                    .toList();
        } finally {
            Files.delete(records);
        }
    }
}
