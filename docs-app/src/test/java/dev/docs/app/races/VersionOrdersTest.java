package dev.docs.app.races;

import static dev.docs.app.races.Race.ANN;
import static dev.docs.app.races.Race.LARGE;
import static dev.docs.app.races.Race.ROOT;
import static dev.docs.app.races.Race.SMALL;
import static dev.docs.app.races.Race.end;
import static dev.docs.app.races.Race.failure;
import static dev.docs.app.races.Race.replace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.app.races.Race.Server;
import dev.docs.app.races.Stops.Stop;
import dev.docs.application.Precondition;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Versions that are restored by one server and dropped by another: none is ever left without its bytes, or counted wrong. */
class VersionOrdersTest {
    private static final Set<Kind> LOST_RACES = EnumSet.of(Kind.NOT_FOUND, Kind.CURRENT_VERSION);
    private static final int THREADS = 16;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void a_version_that_is_dropped_before_it_is_restored_is_not_found(Ground ground) throws Exception {
        for (int size : new int[] {SMALL, LARGE}) {
            try (Race race = new Race(ground, folder.resolve("" + size))) {
                Server restorer = race.server();
                DocumentData second = replace(restorer, Race.create(restorer, size), Race.content(LARGE, 2));
                Stop publication = restorer.stops().before("republish");
                Future<DocumentData> restoration = race.begin(() -> restore(restorer, second));
                publication.awaitThread();

                drop(race, race.server(), second, 1);
                race.server().sweep();
                publication.open();

                assertThat(failure(restoration)).isEqualTo(Kind.NOT_FOUND);
                assertThat(race.documents()).containsExactly(second);
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytes_that_are_restored_before_their_version_is_dropped_stay(Ground ground) throws Exception {
        for (int size : new int[] {SMALL, LARGE}) {
            try (Race race = new Race(ground, folder.resolve("" + size))) {
                Server dropper = race.server();
                DocumentData second = replace(dropper, Race.create(dropper, size), Race.content(LARGE, 2));
                Stop removal = dropper.stops().before("dropVersion");
                Future<?> drop = race.begin(() -> drop(race, dropper, second, 1));
                removal.awaitThread();

                DocumentData third = restore(race.server(), second);
                removal.open();
                end(drop);

                assertThat(race.documents()).containsExactly(third);
                assertThat(race.rows.usage(ANN.userId()).usedBytes()).isEqualTo(LARGE + size);
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_document_that_is_purged_before_its_version_is_restored_stays_gone(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server restorer = race.server();
            DocumentData second = replace(restorer, Race.create(restorer, SMALL), Race.content(LARGE, 2));
            Stop publication = restorer.stops().before("republish");
            Future<DocumentData> restoration = race.begin(() -> restore(restorer, second));
            publication.awaitThread();

            race.server().documents().purge(ANN, second.id(), Precondition.NONE);
            publication.open();

            assertThat(failure(restoration)).isEqualTo(Kind.NOT_FOUND);
            assertThat(race.rows.usage(ANN.userId())).isEqualTo(Usage.NONE);
            race.requireOrder();
        }
    }

    /** Every number is given to one version, whoever makes it and whatever is dropped meanwhile. */
    @ParameterizedTest
    @EnumSource
    void versions_made_restored_and_dropped_by_a_crowd_have_numbers_without_a_gap(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            List<Server> servers = List.of(race.server(), race.server());
            UUID id = Race.create(servers.get(0), SMALL).id();
            Queue<Integer> made = new ConcurrentLinkedQueue<>();
            AtomicInteger threads = new AtomicInteger();
            List<Future<?>> crowd = race.together(THREADS, () -> {
                int thread = threads.getAndIncrement();
                Random random = new Random(thread);
                for (int i = 0; i < 9; i++) {
                    changeVersions(race, servers.get(thread % 2), id, (thread + i) % 3, random, made);
                }
                return null;
            });
            for (Future<?> each : crowd) {
                end(each);
            }

            DocumentData last = race.rows.find(id).orElseThrow();
            assertThat(made.stream().sorted())
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(2, last.version()).boxed().toList());
            assertThat(race.dropped).isNotEmpty();
            assertThat(last.version()).isGreaterThan(1 + 3 * THREADS);
            race.requireOrder();
        }
    }

    private static void changeVersions(
            Race race, Server server, UUID id, int what, Random random, Queue<Integer> made) {
        DocumentData current = server.documents().get(ANN, id);
        int number = 1 + random.nextInt(current.version());
        try {
            if (what == 0) {
                int size = random.nextBoolean() ? SMALL : 2 * SMALL;
                made.add(replace(server, current, Race.content(size, random.nextLong()))
                        .version());
            } else if (what == 1) {
                made.add(server.documents()
                        .restoreVersion(ANN, id, number, Precondition.NONE)
                        .version());
            } else {
                drop(race, server, current, number);
            }
        } catch (DocumentException e) {
            assertThat(e.kind()).isIn(LOST_RACES);
        }
    }

    // Users

    /** Whoever comes after the deletion begins anew, and owes nothing for what was before. */
    @ParameterizedTest
    @EnumSource
    void a_user_may_be_deleted_at_any_moment_of_its_uploads(Ground ground) throws Exception {
        Set<Kind> expected = EnumSet.of(Kind.NOT_FOUND, Kind.UPLOAD_EXPIRED, Kind.QUOTA_EXCEEDED);
        try (Race race = new Race(ground, folder)) {
            Server server = race.server();
            Server deleter = race.server();
            AtomicInteger threads = new AtomicInteger();
            List<Future<?>> crowd = race.together(8, () -> {
                int thread = threads.getAndIncrement();
                List<Kind> failures = new ArrayList<>();
                for (int i = 0; i < 15; i++) {
                    try {
                        if (thread < 2) {
                            deleter.documents().deleteUser(ROOT, ANN.userId());
                        } else {
                            DocumentData document = Race.create(server, thread % 2 == 0 ? SMALL : LARGE);
                            replace(server, document, Race.content(SMALL, i));
                            server.documents().restoreVersion(ANN, document.id(), 1, Precondition.NONE);
                        }
                    } catch (DocumentException e) {
                        failures.add(e.kind());
                    }
                }
                assertThat(expected).containsAll(failures);
                return null;
            });
            for (Future<?> each : crowd) {
                end(each);
            }
            assertThat(race.rows.usage(ANN.userId())).isEqualTo(race.rows.recount(ANN.userId()));

            Race.create(server, SMALL);
            deleter.documents().deleteUser(ROOT, ANN.userId());

            assertThat(race.documents()).isEmpty();
            race.server().sweep();
            race.requireOrder();
            assertThat(race.rows.usage(ANN.userId())).isEqualTo(Usage.NONE);
        }
    }

    private static DocumentData restore(Server server, DocumentData document) {
        return server.documents().restoreVersion(ANN, document.id(), 1, Precondition.NONE);
    }

    private static Void drop(Race race, Server server, DocumentData document, int number) {
        server.documents().dropVersion(ANN, document.id(), number, Precondition.NONE);
        race.dropped.add(new VersionId(document.id(), number));
        return null;
    }
}
