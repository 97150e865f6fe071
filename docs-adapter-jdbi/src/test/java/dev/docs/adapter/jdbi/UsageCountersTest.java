package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Durability;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Usage counted in several rows. That all promises hold then is {@link ShardedDocumentRepositoryTest}. */
final class UsageCountersTest {
    private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");

    @TempDir
    private Path folder;

    private Database database;

    @BeforeEach
    void open() {
        database = TestDatabases.POSTGRESQL.open(folder, Durability.POWER_LOSS);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void a_writer_of_one_row_does_not_wait_for_a_writer_of_another() {
        DocumentRepository sharded = database.documents(2);
        publish(sharded, shardOf(0), 10, Quota.UNLIMITED);

        database.write(handle -> {
            handle.execute("UPDATE owner_usage SET older_bytes = older_bytes WHERE shard = 0");
            return CompletableFuture.supplyAsync(() -> publish(sharded, shardOf(1), 10, Quota.UNLIMITED))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        });

        assertThat(sharded.usage("ann").usedBytes()).isEqualTo(20);
    }

    @Test
    void the_number_of_rows_may_change_and_differ_between_servers() throws Exception {
        List<DocumentRepository> servers = List.of(database.documents(1), database.documents(7), database.documents(3));
        Quota limits = new Quota(200, 40, 9);
        List<DocumentData> stored = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            stored.add(publish(servers.get(i % 3), UUID.randomUUID(), 5, limits));
        }
        for (DocumentRepository server : servers) {
            assertThatThrownBy(() -> publish(server, UUID.randomUUID(), 0, limits))
                    .isInstanceOfSatisfying(
                            DocumentQuotaException.class,
                            e -> assertThat(e.used()).isEqualTo(40));
        }

        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> purges = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                DocumentRepository server = servers.get((i + 1) % 3);
                DocumentData document = stored.get(i);
                purges.add(threads.submit(() -> server.purge(document.id(), document.revision())));
            }
            for (Future<?> purge : purges) {
                purge.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(servers.get(0).usage("ann")).isEqualTo(Usage.NONE);
    }

    @Test
    void what_is_given_back_in_one_row_is_no_room_while_another_has_too_much() {
        DocumentRepository sharded = database.documents(2);
        DocumentData first = publish(sharded, shardOf(0), 100, Quota.UNLIMITED);
        publish(sharded, shardOf(1), 100, Quota.UNLIMITED);
        Quota lowered = Quota.UNLIMITED.withBytes(120);
        assertThatThrownBy(() -> publish(sharded, shardOf(0), 1, lowered)).isInstanceOf(DocumentQuotaException.class);

        sharded.purge(first.id(), first.revision());

        publish(sharded, shardOf(0), 20, lowered);
        assertThatThrownBy(() -> publish(sharded, shardOf(0), 1, lowered)).isInstanceOf(DocumentQuotaException.class);
        assertThat(sharded.usage("ann").usedBytes()).isEqualTo(120);
    }

    @Test
    void corrected_counters_are_those_of_all_rows() {
        DocumentRepository sharded = database.documents(4);
        for (int i = 0; i < 9; i++) {
            publish(sharded, UUID.randomUUID(), 10, Quota.UNLIMITED);
        }
        database.write(handle -> handle.execute("UPDATE owner_usage SET active_bytes = 7, open_uploads = shard"));

        sharded.correctUsage("ann");

        assertThat(sharded.usage("ann")).isEqualTo(sharded.recount("ann"));
        Quota full = Quota.UNLIMITED.withBytes(95);
        assertThatThrownBy(() -> publish(sharded, UUID.randomUUID(), 6, full))
                .isInstanceOf(DocumentQuotaException.class);
        publish(sharded, UUID.randomUUID(), 5, full);
    }

    @Test
    void rows_are_one_to_sixty_four() {
        for (int shards : new int[] {0, -1, 65}) {
            assertThatIllegalArgumentException().isThrownBy(() -> database.documents(shards));
        }
        assertThat(database.documents(64).usage("ann")).isEqualTo(Usage.NONE);
    }

    private static UUID shardOf(int wanted) {
        UUID id = UUID.randomUUID();
        while (Math.floorMod(id.hashCode(), 2) != wanted) {
            id = UUID.randomUUID();
        }
        return id;
    }

    private static DocumentData publish(DocumentRepository repository, UUID id, int bytes, Quota limits) {
        Content content = new Content(
                new StorageUrl("inline", UUID.randomUUID().toString()), "text/plain", bytes, "0".repeat(64));
        DocumentData next =
                DocumentData.pending(id, "ann", "a", null, Metadata.EMPTY, NOW).publish(content, null, NOW);
        repository.publish(next, ByteBuffer.allocate(bytes), limits);
        return next;
    }
}
