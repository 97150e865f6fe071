package dev.docs.domain;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** The counters, held against counting everything again. */
class UsageTest {
    private static final Instant NOW = Instant.parse("2026-11-24T11:00:00Z");

    /** Documents with the sizes of all their versions, the current one last. */
    private final Map<UUID, List<Long>> sizes = new HashMap<>();

    private final Map<UUID, DocumentData> documents = new HashMap<>();
    private Usage counted = Usage.NONE;

    @Property(tries = 300)
    void theSumOfAllChangesIsTheRecount(@ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int steps) {
        Random random = new Random(seed);
        for (int n = 0; n < steps; n++) {
            step(random);
            assertThat(counted).isEqualTo(recount());
        }
        assertThat(counted.usedBytes())
                .isEqualTo(sizes.values().stream()
                        .flatMap(List::stream)
                        .mapToLong(Long::longValue)
                        .sum());
        new ArrayList<>(documents.values()).forEach(this::purge);
        assertThat(counted).isEqualTo(Usage.NONE);
    }

    @Property
    void reservationsAndOlderVersionsCountApart(@ForAll @Size(max = 20) List<Integer> amounts) {
        Usage usage = Usage.NONE;
        long sum = 0;
        for (int amount : amounts) {
            usage = usage.plusReserved(amount).plusOlder(-(long) amount);
            sum += amount;
        }
        assertThat(usage.reservedBytes()).isEqualTo(sum);
        assertThat(usage.olderVersionBytes()).isEqualTo(-sum);
        assertThat(usage.usedBytes()).isEqualTo(-sum);
        assertThat(usage.plus(usage).reservedBytes()).isEqualTo(2 * sum);
    }

    @Example
    void namesEveryStatus() {
        assertThat(Usage.NONE.documents()).containsOnlyKeys(DocumentStatus.values());
        assertThat(Usage.NONE.bytes()).containsOnlyKeys(DocumentStatus.values());
        assertThat(Usage.change(null, null)).isEqualTo(Usage.NONE);
    }

    private void step(Random random) {
        List<DocumentData> all = new ArrayList<>(documents.values());
        if (all.isEmpty() || random.nextInt(5) == 0) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            sizes.put(id, new ArrayList<>());
            become(null, DocumentData.pending(id, "alice", "name", null, Metadata.EMPTY, NOW));
            return;
        }
        DocumentData document = all.get(random.nextInt(all.size()));
        try {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> publish(document, random.nextInt(4) == 0 ? 0 : random.nextLong(1L << 40));
                case 3 -> become(document, document.archive(NOW));
                case 4 -> become(document, document.restore(NOW));
                case 5 -> become(document, document.fail("damaged", NOW));
                case 6 -> become(document, document.retry(NOW));
                case 7 -> become(document, document.verified(NOW));
                default -> purge(document);
            }
        } catch (DocumentStatusException e) {
            // refused, so nothing changes
        }
    }

    private void publish(DocumentData document, long size) {
        Content content = new Content(new StorageUrl("main", "one"), "text/plain", size, "0".repeat(64));
        DocumentData next = document.publish(content, null, NOW);
        sizesOf(document).add(size);
        become(document, next);
    }

    private void purge(DocumentData document) {
        List<Long> gone = sizesOf(document);
        long older = gone.stream().mapToLong(Long::longValue).sum() - document.sizeBytes();
        counted = counted.plus(Usage.change(document, null)).plusOlder(-older);
        documents.remove(document.id());
        sizes.remove(document.id());
    }

    private void become(@Nullable DocumentData before, DocumentData after) {
        counted = counted.plus(Usage.change(before, after));
        documents.put(after.id(), after);
    }

    private List<Long> sizesOf(DocumentData document) {
        return sizes.getOrDefault(document.id(), List.of());
    }

    private Usage recount() {
        Map<DocumentStatus, Long> count = new EnumMap<>(DocumentStatus.class);
        Map<DocumentStatus, Long> bytes = new EnumMap<>(DocumentStatus.class);
        long older = 0;
        for (DocumentData document : documents.values()) {
            count.merge(document.status(), 1L, Long::sum);
            List<Long> all = sizesOf(document);
            if (!all.isEmpty()) {
                bytes.merge(document.status(), all.get(all.size() - 1), Long::sum);
                older += all.subList(0, all.size() - 1).stream()
                        .mapToLong(Long::longValue)
                        .sum();
            }
        }
        return new Usage(count, bytes, older, 0, 0);
    }
}
