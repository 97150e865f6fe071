package dev.docs.app.crash;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A file system of its own, in a file, whose power can be cut: what was not synced is then gone. */
final class Disk implements AutoCloseable {
    private static final long BYTES = 600L << 20;

    private final Path image;
    private final Path folder;
    private boolean mounted;

    private Disk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
    }

    /** Whether this process may make and mount one. */
    static boolean isPossible() {
        return System.getProperty("os.name").equals("Linux")
                && System.getProperty("user.name").equals("root")
                && Stream.of("mkfs.ext4", "mkfs.xfs", "xfs_io", "mount", "umount")
                        .allMatch(tool -> Stream.of("/sbin", "/usr/sbin", "/bin", "/usr/bin")
                                .anyMatch(path -> Files.isExecutable(Path.of(path, tool))));
    }

    /** @param fileSystem {@code ext4} or {@code xfs} */
    static Disk make(Path below, String fileSystem) throws IOException {
        Path image = below.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(BYTES);
        }
        run("mkfs." + fileSystem, "-q", image.toString());
        Disk disk = new Disk(image, Files.createDirectory(below.resolve("disk")));
        disk.mount();
        return disk;
    }

    Path folder() {
        return folder;
    }

    /** Nothing reaches the disk any more, not even what the journal already knows; everything on it fails. */
    void cut() {
        run("xfs_io", "-x", "-c", "shutdown", folder.toString());
    }

    /** Forgets what memory holds of it, and reads what there is. No process may use it. */
    void replug() {
        unmount();
        mount();
    }

    private void mount() {
        run("mount", "-o", "loop", image.toString(), folder.toString());
        mounted = true;
    }

    private void unmount() {
        // the loop device goes with it
        run("umount", folder.toString());
        mounted = false;
    }

    @Override
    public void close() {
        if (mounted) {
            unmount();
        }
    }

    private static void run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(List.of(command) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
