package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** H2 without a queue of writers loses committed updates of one row when others roll back; so this is seen to hold. */
final class HotRowTest {
    private static final int THREADS = 8;
    /** 100,000 with every new version of H2. */
    private static final int UPDATES = Integer.getInteger("docs.hot-row.updates", 20_000) / THREADS;

    @TempDir
    private Path folder;

    /** Thrown to roll back. */
    private static final class Regret extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @ParameterizedTest
    @EnumSource
    void many_updates_of_one_row_a_third_of_them_rolled_back_do_not_drift(TestDatabases kind) throws Exception {
        try (Database database = kind.open(folder, Durability.PROCESS)) {
            database.documents().setQuota("hot", own -> own.withBytes(1L));
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            List<Future<Integer>> kept = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                kept.add(threads.submit(() -> update(database, first)));
            }
            long expected = 0;
            for (Future<Integer> count : kept) {
                expected += count.get();
            }
            threads.shutdown();

            assertThat(database.documents().usage("hot").reservedBytes()).isEqualTo(expected);
        }
    }

    /** Returns how many updates were committed. */
    private static int update(Database database, int first) {
        int kept = 0;
        for (int i = 0; i < UPDATES; i++) {
            boolean regrets = (first + i) % 3 == 0;
            try {
                database.write(handle -> {
                    int rows = handle.execute(
                            "UPDATE owner_usage SET reserved_bytes = reserved_bytes + 1 WHERE owner_id = 'hot'");
                    if (regrets) {
                        throw new Regret();
                    }
                    return rows;
                });
                kept++;
            } catch (Regret e) {
                assertThat(regrets).isTrue();
            } catch (DocumentStorageException e) {
                throw new AssertionError("update " + i, e);
            }
        }
        return kept;
    }
}
