package dev.docs.application;

import static dev.docs.application.House.GRACE;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Sixty-four threads do everything at once to documents that they share and to their own. */
final class ManyThreadsTest {
    private static final int THREADS = 64;
    private static final int STEPS = 60;
    private static final Caller OWNER = Caller.user("shared");

    /** What may come of racing with others; anything else is a fault. */
    private static final Set<Kind> LOST_RACES = EnumSet.of(Kind.CONFLICT, Kind.STATUS, Kind.QUOTA_EXCEEDED);

    private final House house = new House(House.LIMITS.withQuotaBytes(40L * LARGE));
    private final DocumentService documents = house.documents;
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger lostRaces = new AtomicInteger();

    @Test
    void loseNoUpdateAndKeepEveryCountRight() throws Exception {
        house.rows.setQuota(OWNER.userId(), own -> own.withBytes(Long.MAX_VALUE));
        List<UUID> shared = IntStream.range(0, 3)
                .mapToObj(i -> documents
                        .create(OWNER, NewDocument.named("shared " + i), TestContent.known(i * SMALL))
                        .id())
                .toList();
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Caller self = Caller.user("user " + i % 8);
                Random random = new Random(i);
                all.add(threads.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    List<UUID> own = new ArrayList<>();
                    for (int step = 0; step < STEPS; step++) {
                        increment(shared.get(step % shared.size()));
                        attempt(() -> disturb(shared.get(random.nextInt(shared.size())), random));
                        attempt(() -> live(self, own, random));
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        for (UUID id : shared) {
            DocumentData document = documents.get(OWNER, id);
            assertThat(document.metadata().values()).containsEntry("count", (long) THREADS * STEPS / shared.size());
            requireGaplessVersions(document);
        }
        assertThat(shared.stream()
                        .mapToInt(id -> documents.get(OWNER, id).version() - 1)
                        .sum())
                .isEqualTo(published.get())
                .isPositive();
        assertThat(lostRaces).hasPositiveValue();
        requireHonestBooks();
    }

    /** Adds one to a counter in the metadata, whatever others do to the document meanwhile. */
    private void increment(UUID id) {
        documents.change(OWNER, id, Precondition.NONE, DocumentChanges.metadata(old -> {
            long count = old.values().get("count") instanceof Long number ? number : 0;
            return old.merge(Map.of("count", count + 1));
        }));
    }

    private void disturb(UUID id, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> {
                documents.replaceContent(OWNER, id, Precondition.NONE, TestContent.unknown(random.nextInt(SMALL)));
                published.incrementAndGet();
            }
            case 1 -> {
                documents.replaceContent(
                        OWNER, id, Precondition.NONE, TestContent.known(SMALL + 1 + random.nextInt(9)));
                published.incrementAndGet();
            }
            case 2 -> documents.archive(OWNER, id, Precondition.NONE);
            case 3, 4 -> documents.restore(OWNER, id, Precondition.NONE);
            default -> {
                DocumentData seen = documents.get(OWNER, id);
                documents.change(
                        OWNER,
                        id,
                        Precondition.revision(seen.revision()),
                        DocumentChanges.name("n" + random.nextInt()));
            }
        }
    }

    private void live(Caller self, List<UUID> own, Random random) {
        int what = random.nextInt(own.isEmpty() ? 3 : 8);
        UUID id = own.isEmpty() ? new UUID(0, 0) : own.get(random.nextInt(own.size()));
        switch (what) {
            case 0 ->
                own.add(documents
                        .create(self, NewDocument.named("small"), TestContent.unknown(random.nextInt(SMALL)))
                        .id());
            case 1 ->
                own.add(documents
                        .create(self, NewDocument.named("large"), TestContent.unknown(LARGE))
                        .id());
            case 2 ->
                own.add(documents
                        .reserve(self, new NewDocument(null, "reserved", null, Metadata.EMPTY, 5_000L))
                        .id());
            case 3 -> documents.replaceContent(self, id, Precondition.NONE, TestContent.known(random.nextInt(3_000)));
            case 4 -> documents.archive(self, id, Precondition.NONE);
            case 5 -> {
                OpenContent content = documents.content(self, id);
                assertThat(TestContent.sha256(TestContent.read(content)))
                        .isEqualTo(content.content().sha256());
            }
            default -> {
                documents.purge(self, id, Precondition.NONE);
                own.remove(id);
            }
        }
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (DocumentException e) {
            if (!LOST_RACES.contains(e.kind())) {
                throw e;
            }
            lostRaces.incrementAndGet();
        }
    }

    private void requireGaplessVersions(DocumentData document) {
        List<Integer> expected = IntStream.iterate(document.version(), number -> number > 0, number -> number - 1)
                .boxed()
                .toList();
        assertThat(house.rows.versions(document.id(), Integer.MAX_VALUE, Integer.MAX_VALUE))
                .extracting(DocumentVersion::number)
                .isEqualTo(expected);
    }

    /** Usage is what a recount finds, every version has its bytes, and after a sweep nothing else is stored. */
    private void requireHonestBooks() {
        house.clock.advance(GRACE);
        assertThat(house.housekeeping.sweep().failed()).isZero();
        Set<StorageUrl> referenced = new HashSet<>();
        List<String> users = new ArrayList<>(List.of(OWNER.userId()));
        IntStream.range(0, 8).forEach(i -> users.add("user " + i));
        for (String user : users) {
            house.requireHonestUsage(user);
            assertThat(house.rows.usage(user).reservedBytes()).isZero();
            DocumentQuery all = DocumentQuery.builder(user)
                    .statuses(EnumSet.allOf(DocumentStatus.class))
                    .build();
            for (DocumentData document : house.rows.list(all, null, 100_000).items()) {
                for (DocumentVersion version :
                        house.rows.versions(document.id(), Integer.MAX_VALUE, Integer.MAX_VALUE)) {
                    Content content = version.content();
                    referenced.add(content.url());
                    byte[] bytes = TestContent.read(
                            documents.content(Caller.administrator("root"), document.id(), version.number()));
                    assertThat(TestContent.sha256(bytes)).isEqualTo(content.sha256());
                }
            }
        }
        assertThat(house.stored()).containsExactlyInAnyOrderElementsOf(referenced);
    }
}
