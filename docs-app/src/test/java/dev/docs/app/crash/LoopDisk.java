package dev.docs.app.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A small disk of its own: a file system in a file. Tests that can't have one are skipped. */
final class LoopDisk implements AutoCloseable {
    private static final int MOST_LEFT = 64 << 10;

    private final Path folder;

    private LoopDisk(Path folder) {
        this.folder = folder;
    }

    /**
     * @param place for the file and the mount point
     * @param options of mkfs.ext4
     */
    static LoopDisk mount(Path place, long bytes, String... options) {
        try {
            Path image = place.resolve("disk.img");
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(bytes);
            }
            LoopDisk disk = new LoopDisk(Files.createDirectory(place.resolve("disk")));
            List<String> format = new ArrayList<>(List.of("mkfs.ext4", "-q", "-m", "0"));
            format.addAll(List.of(options));
            format.add(image.toString());
            boolean mounted = System.getProperty("user.name").equals("root")
                    && run(format)
                    && run(List.of("mount", "-o", "loop", image.toString(), disk.folder.toString()));
            assumeTrue(mounted, "needs root, mkfs.ext4 and a loop device");
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    long usable() {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes all that is left, as a log that nobody rotates would. */
    void fill() throws IOException {
        byte[] block = new byte[4096];
        try (FileChannel out =
                FileChannel.open(folder.resolve("others"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (out.write(ByteBuffer.wrap(block)) > 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            if (usable() > MOST_LEFT) {
                throw e;
            }
        }
    }

    void giveBack() throws IOException {
        Files.delete(folder.resolve("others"));
    }

    void remount(String mode) {
        if (!run(List.of("mount", "-o", "remount," + mode, folder.toString()))) {
            throw new IllegalStateException("can't remount " + folder);
        }
    }

    @Override
    public void close() {
        if (!run(List.of("umount", folder.toString()))) {
            throw new IllegalStateException("can't unmount " + folder);
        }
    }

    private static boolean run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean done = process.waitFor() == 0;
            if (!done) {
                System.out.println(command + ": " + output);
            }
            return done;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
