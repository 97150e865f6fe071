package dev.docs.app.faults;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.DocumentService;
import dev.docs.application.Housekeeping.Swept;
import dev.docs.application.Limits;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.StorageUrl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The whole application but for its HTTP side, on a disk and a repository that fail as planned. */
final class World {
    private static final Limits LIMITS = Limits.DEFAULT.withInlineBytes(1_000);

    /** Passes of a sweep until nothing is left that it can end, once everything is repaired and all time is over. */
    private static final int SWEEPS = 1;

    final Faults faults = new Faults();
    final FaultyDisk disk = new FaultyDisk(faults);
    /** As it really is, without faults. */
    final DocumentRepository rows;

    final Caller owner;
    final Path root;
    final Duration lease;
    private final Duration grace;
    private final Consumer<Duration> passing;
    private final Docs docs;
    private final FileSystemStorage store;

    private World(
            Path root,
            DocumentRepository rows,
            Caller owner,
            Duration lease,
            Duration grace,
            Clock clock,
            Consumer<Duration> passing) {
        this.root = root;
        this.rows = rows;
        this.owner = owner;
        this.lease = lease;
        this.grace = grace;
        this.passing = passing;
        store = openStore(root);
        docs = Docs.builder()
                .repository(FaultyRepository.of(rows, faults))
                .store("main", store)
                .limits(LIMITS)
                .uploadLease(lease)
                .uploadExpiry(lease)
                .purgeGrace(grace)
                .clock(clock)
                .build();
    }

    /** A new one, whose clock stands still. */
    static World onHeap(Path root) {
        StillClock clock = new StillClock();
        return new World(
                root,
                new InMemoryDocumentRepository(clock),
                Caller.administrator("ann"),
                Duration.ofMinutes(2),
                Duration.ofHours(24),
                clock,
                clock::advance);
    }

    /** One more on a database and a folder that others may have used, and left empty. Its clock is the database's. */
    static World on(Database database, Path root, Caller owner) {
        return new World(
                root, database.documents(), owner, Duration.ofMillis(1), Duration.ZERO, Clock.systemUTC(), World::spin);
    }

    DocumentService documents() {
        return docs.documents();
    }

    FileSystemStorage store() {
        return store;
    }

    FileSystemStorage openStore(Path at) {
        return FileSystemStorage.open(disk.path(at));
    }

    Swept sweep() {
        return docs.housekeeping().sweep();
    }

    /** Lets every lease run out, and sweeps; returns how many things could not be cleared. */
    int sweepUploads() {
        passing.accept(lease);
        return sweepAll();
    }

    /** Lets every grace period run out, and sweeps; returns how many things could not be cleared. */
    int sweepContents() {
        passing.accept(grace);
        return sweepAll();
    }

    void awaitLease() {
        passing.accept(lease);
    }

    void awaitGrace() {
        passing.accept(grace);
    }

    private int sweepAll() {
        int failed = 0;
        for (int i = 0; i < SWEEPS; i++) {
            failed = sweep().failed();
        }
        return failed;
    }

    StorageUrl newUrl() {
        UUID random = UUID.randomUUID();
        long millis = Instant.now().toEpochMilli();
        return StorageUrl.of("main", new UUID(millis << 16 | 0x7000L, random.getLeastSignificantBits()));
    }

    Path file(StorageUrl url) {
        return root.resolve(url.key());
    }

    /** Where a store that died left what it had written. */
    Path draft(StorageUrl url) {
        return root.resolve("tmp").resolve(url.key().replace('/', '_'));
    }

    /** Every file and its size, by its path below the root, but for those that say which store this is. */
    Map<String, Long> files() {
        Map<String, Long> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(path).toString();
                if (!name.equals("STORE-ID") && !name.matches("(tmp/)?_[0-9a-f-]{36}")) {
                    files.put(name, Files.size(path));
                }
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteTree(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            List<Path> all = paths.sorted((a, b) -> b.compareTo(a)).toList();
            for (Path path : all) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void spin(Duration duration) {
        long end = System.nanoTime() + duration.plusMillis(1).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static final class StillClock extends Clock {
        private Instant now = Instant.parse("2026-03-01T10:00:00Z");

        void advance(Duration by) {
            now = now.plus(Objects.requireNonNull(by));
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
