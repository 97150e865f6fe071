package dev.docs.app.races;

import static dev.docs.app.races.Race.ANN;
import static dev.docs.app.races.Race.SMALL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.app.races.Race.Server;
import dev.docs.application.DocumentChanges;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.domain.DocumentData;
import dev.docs.domain.Metadata;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A crowd at one document: everybody gets a turn. {@code -Ddocs.races.changes=50} makes it a longer one. */
class ContentionTest {
    private static final int THREADS = 32;

    /** Of each thread. */
    private static final int CHANGES = Integer.getInteger("docs.races.changes", 10);

    @TempDir
    Path folder;

    private interface Share {
        void of(int thread) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void every_one_of_many_writers_of_a_document_gets_its_turn(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server server = race.server();
            UUID id = Race.create(server, SMALL).id();
            crowd(race, thread -> {
                for (int i = 0; i < CHANGES; i++) {
                    count(server, id);
                }
            });

            DocumentData document = race.rows.find(id).orElseThrow();
            assertThat(document.metadata().values()).containsEntry("count", (long) THREADS * CHANGES);
            assertThat(document.revision()).isEqualTo(2 + THREADS * CHANGES);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_slow_writer_gets_its_turn_among_quick_ones(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server server = race.server();
            UUID id = Race.create(server, SMALL).id();
            AtomicBoolean done = new AtomicBoolean();
            Semaphore quickChanges = new Semaphore(0);
            List<Future<?>> quick = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                quick.add(race.begin(() -> {
                    while (!done.get()) {
                        count(server, id);
                        quickChanges.release();
                    }
                    return null;
                }));
            }
            Future<DocumentData> slow = race.begin(() -> server.documents()
                    .change(ANN, id, Precondition.NONE, DocumentChanges.metadata(old -> {
                        // slower than others who come in between, if they can
                        awaitOthers(quickChanges);
                        return old.merge(Map.of("slow", true));
                    })));
            try {
                assertThat(slow.get(30, TimeUnit.SECONDS).metadata().values()).containsEntry("slow", true);
            } finally {
                done.set(true);
            }
            for (Future<?> each : quick) {
                Race.end(each);
            }
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void writers_on_two_servers_all_get_their_turns(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            List<Server> servers = List.of(race.server(), race.server());
            UUID id = Race.create(servers.get(0), SMALL).id();
            crowd(race, thread -> {
                for (int i = 0; i < CHANGES; i++) {
                    count(servers.get(thread % 2), id);
                }
            });

            DocumentData document = race.rows.find(id).orElseThrow();
            assertThat(document.metadata().values()).containsEntry("count", (long) THREADS * CHANGES);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void new_versions_new_documents_and_purges_of_one_owner_all_get_their_turns(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server server = race.server();
            UUID id = Race.create(server, SMALL).id();
            crowd(race, thread -> {
                for (int i = 0; i < 5; i++) {
                    int size = i % 2 == 0 ? SMALL : 2 * SMALL;
                    server.documents()
                            .replaceContent(ANN, id, Precondition.NONE, Race.content(size, thread * 100L + i));
                    UUID own = server.documents()
                            .create(ANN, NewDocument.named("own"), Race.content(size, thread))
                            .id();
                    count(server, own);
                    server.documents().purge(ANN, own, Precondition.NONE);
                }
            });

            assertThat(race.rows.find(id).orElseThrow().version()).isEqualTo(1 + THREADS * 5);
            race.requireOrder();
        }
    }

    private static void crowd(Race race, Share share) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            all.add(race.begin(() -> {
                start.await(Race.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                share.of(thread);
                return null;
            }));
        }
        for (Future<?> each : all) {
            Race.end(each);
        }
    }

    private static void count(Server server, UUID id) {
        server.documents().change(ANN, id, Precondition.NONE, DocumentChanges.metadata(ContentionTest::counted));
    }

    private static Metadata counted(Metadata old) {
        long count = old.values().get("count") instanceof Long number ? number : 0;
        return old.merge(Map.of("count", count + 1));
    }

    /** Returns when some others have come in between, or after a while in which they could not. */
    private static void awaitOthers(Semaphore changes) {
        try {
            changes.drainPermits();
            // either is fine: what counts is that they had the time
            if (!changes.tryAcquire(3, 200, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
