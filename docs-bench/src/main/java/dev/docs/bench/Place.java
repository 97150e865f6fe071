package dev.docs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where and how much is measured.
 *
 * @param work a folder for everything, on the disk that is to be measured
 * @param java the Java runtime of the servers
 * @param server what runs the server: {@code -jar docs.jar}, or a class path and the main class
 * @param rounds of each side
 * @param round how long each is where the load goes by time
 * @param warmUp how many requests the server answers before the first round, so that the compiler has seen them
 */
record Place(Path work, Path java, List<String> server, Extent extent, int rounds, Duration round, int warmUp) {
    enum Extent {
        /** Whether it runs at all. */
        SMOKE,
        QUICK,
        FULL
    }

    static Place of(Extent extent, Path work, Path java, List<String> server) {
        return switch (extent) {
            case SMOKE -> new Place(work, java, server, extent, 1, Duration.ofMillis(200), 5);
            case QUICK -> new Place(work, java, server, extent, 5, Duration.ofSeconds(2), 5000);
            case FULL -> new Place(work, java, server, extent, 7, Duration.ofSeconds(5), 30_000);
        };
    }

    boolean isFull() {
        return extent == Extent.FULL;
    }

    boolean isQuick() {
        return extent == Extent.QUICK;
    }

    boolean isSmoke() {
        return extent == Extent.SMOKE;
    }

    /** An empty folder. */
    Path folder(String name) {
        try {
            Path folder = work.resolve(name);
            remove(folder);
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
