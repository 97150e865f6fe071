package dev.docs.app.races;

import static dev.docs.app.races.Race.ANN;
import static dev.docs.app.races.Race.LARGE;
import static dev.docs.app.races.Race.SMALL;
import static dev.docs.app.races.Race.end;
import static dev.docs.app.races.Race.failure;
import static dev.docs.app.races.Race.replace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.app.races.Race.Server;
import dev.docs.app.races.Stops.Stop;
import dev.docs.application.DocumentChanges;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.OpenContent;
import dev.docs.application.Precondition;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Two servers that change, purge or read one document, each between another's reading and writing. */
class DocumentOrdersTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void a_version_whose_document_is_purged_while_its_bytes_come_in_leaves_none(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            DocumentData document = Race.create(uploader, LARGE);
            Stop lastByte = new Stop();
            Future<DocumentData> upload =
                    race.begin(() -> replace(uploader, document, Race.stoppingAtItsEnd(LARGE, 2, lastByte)));
            lastByte.awaitThread();

            race.server().documents().purge(ANN, document.id(), Precondition.NONE);
            lastByte.open();

            assertThat(failure(upload)).isEqualTo(Kind.NOT_FOUND);
            assertThat(race.documents()).isEmpty();
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_purge_takes_a_version_that_came_between_its_reading_and_its_writing(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server purger = race.server();
            DocumentData document = Race.create(purger, LARGE);
            Stop removal = purger.stops().before("purge");
            Future<?> purge = race.begin(() -> purge(purger, document, Precondition.NONE));
            removal.awaitThread();

            replace(race.server(), document, Race.content(LARGE, 2));
            removal.open();
            end(purge);

            assertThat(race.documents()).isEmpty();
            assertThat(race.doomed()).hasSize(2);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_purge_of_one_revision_leaves_a_version_that_came_after_it(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server purger = race.server();
            DocumentData document = Race.create(purger, LARGE);
            Stop removal = purger.stops().before("purge");
            Future<?> purge = race.begin(() -> purge(purger, document, Precondition.revision(document.revision())));
            removal.awaitThread();

            DocumentData next = replace(race.server(), document, Race.content(LARGE, 2));
            removal.open();

            assertThat(failure(purge)).isEqualTo(Kind.CONFLICT);
            assertThat(race.documents()).containsExactly(next);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_document_that_is_purged_before_it_is_restored_stays_gone(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server restorer = race.server();
            DocumentData document = Race.create(restorer, LARGE);
            restorer.documents().archive(ANN, document.id(), Precondition.NONE);
            Stop change = restorer.stops().before("update");
            Future<?> restoration =
                    race.begin(() -> restorer.documents().restore(ANN, document.id(), Precondition.NONE));
            change.awaitThread();

            race.server().documents().purge(ANN, document.id(), Precondition.NONE);
            change.open();

            assertThat(failure(restoration)).isEqualTo(Kind.NOT_FOUND);
            assertThat(race.documents()).isEmpty();
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_purge_of_an_archived_revision_does_not_take_the_restored_one(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server purger = race.server();
            DocumentData document = Race.create(purger, LARGE);
            DocumentData archived = purger.documents().archive(ANN, document.id(), Precondition.NONE);
            Stop removal = purger.stops().before("purge");
            Future<?> purge = race.begin(() -> purge(purger, document, Precondition.revision(archived.revision())));
            removal.awaitThread();

            DocumentData restored = race.server().documents().restore(ANN, document.id(), Precondition.NONE);
            removal.open();

            assertThat(failure(purge)).isEqualTo(Kind.CONFLICT);
            assertThat(race.documents()).containsExactly(restored);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_document_that_is_archived_while_a_version_comes_in_refuses_it(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            DocumentData document = Race.create(uploader, LARGE);
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> replace(uploader, document, Race.content(LARGE, 2)));
            publication.awaitThread();

            DocumentData archived = race.server().documents().archive(ANN, document.id(), Precondition.NONE);
            publication.open();

            assertThat(failure(upload)).isEqualTo(Kind.STATUS);
            assertThat(race.documents()).containsExactly(archived);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_archiving_keeps_a_version_that_came_between_its_reading_and_its_writing(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server archiver = race.server();
            DocumentData document = Race.create(archiver, LARGE);
            Stop change = archiver.stops().before("update");
            Future<DocumentData> archiving =
                    race.begin(() -> archiver.documents().archive(ANN, document.id(), Precondition.NONE));
            change.awaitThread();

            replace(race.server(), document, Race.content(LARGE, 2));
            change.open();

            assertThat(end(archiving).status()).isEqualTo(DocumentStatus.ARCHIVED);
            assertThat(end(archiving).version()).isEqualTo(2);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_two_versions_at_once_the_one_published_first_is_the_second_and_the_other_the_third(Ground ground)
            throws Exception {
        for (int size : new int[] {SMALL, LARGE}) {
            try (Race race = new Race(ground, folder.resolve("of " + size))) {
                Server slow = race.server();
                DocumentData document = Race.create(slow, size);
                Stop publication = slow.stops().before(size == SMALL ? "publish" : "activate");
                Future<DocumentData> third = race.begin(() -> replace(slow, document, Race.content(size, 3)));
                publication.awaitThread();

                Server quick = race.server();
                assertThat(replace(quick, document, Race.content(size, 2)).version())
                        .isEqualTo(2);
                publication.open();

                assertThat(end(third).version()).isEqualTo(3);
                for (int version = 2; version <= 3; version++) {
                    OpenContent content = quick.documents().content(ANN, document.id(), version);
                    assertThat(Race.read(content.read(content.whole()))).isEqualTo(Race.bytes(size, version));
                }
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_download_reads_to_the_end_though_its_document_is_purged_and_swept(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server reader = race.server();
            DocumentData document = Race.create(reader, LARGE);
            OpenContent content = reader.documents().content(ANN, document.id());
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            try (ReadableByteChannel channel = content.read(content.whole())) {
                ByteBuffer first = ByteBuffer.allocate(100);
                assertThat(channel.read(first)).isPositive();
                read.write(first.array(), 0, first.position());

                Server other = race.server();
                other.documents().purge(ANN, document.id(), Precondition.NONE);
                assertThat(race.doomed()).containsExactly(content.content().url());
                other.sweep();

                assertThat(race.store.list(null, 10)).isEmpty();
                read.writeBytes(Race.read(channel));
            }
            assertThat(read.toByteArray()).isEqualTo(Race.bytes(LARGE, 0));
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_download_whose_document_is_purged_before_it_opens_the_bytes_finds_them_within_the_grace_period(Ground ground)
            throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server reader = race.server();
            DocumentData document = Race.create(reader, LARGE);
            Stop opening = reader.stops().before("retrieve");
            Future<byte[]> download = race.begin(() -> {
                OpenContent content = reader.documents().content(ANN, document.id());
                return Race.read(content.read(content.whole()));
            });
            opening.awaitThread();

            Server other = race.server(Duration.ofHours(1), Long.MAX_VALUE);
            other.documents().purge(ANN, document.id(), Precondition.NONE);
            other.sweep();
            opening.open();

            assertThat(end(download)).isEqualTo(Race.bytes(LARGE, 0));
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void two_sweeps_may_delete_the_same_content_and_one_of_them_may_die(Ground ground) throws Exception {
        for (String step : new String[] {"delete", "discarded"}) {
            for (boolean dies : new boolean[] {false, true}) {
                try (Race race = new Race(ground, folder.resolve(step + dies))) {
                    Server second = race.server();
                    DocumentData document = Race.create(second, LARGE);
                    second.documents().purge(ANN, document.id(), Precondition.NONE);
                    Server first = race.withShortLeases();
                    Stop stop = first.stops().before(step);
                    Future<?> sweep = race.begin(first::sweep);
                    stop.awaitThread();
                    if (dies) {
                        stop.kill();
                        Race.requireKilled(sweep);
                    }
                    // as soon as the first one's claim has run out
                    Awaitility.await().until(() -> {
                        second.sweep();
                        return race.doomed().isEmpty();
                    });
                    if (!dies) {
                        stop.open();
                        end(sweep);
                    }
                    assertThat(race.store.list(null, 10)).isEmpty();
                    race.requireOrder();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_many_who_change_one_revision_on_two_servers_exactly_one_does(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            List<Server> servers = List.of(race.server(), race.server());
            DocumentData document = Race.create(servers.get(0), SMALL);
            AtomicInteger turn = new AtomicInteger();
            for (int round = 0; round < 20; round++) {
                long revision = document.revision() + round;
                List<Future<?>> ended = race.together(8, () -> {
                    int mine = turn.incrementAndGet();
                    return servers.get(mine % 2)
                            .documents()
                            .change(
                                    ANN,
                                    document.id(),
                                    Precondition.revision(revision),
                                    DocumentChanges.name("name " + mine));
                });

                assertThat(Race.successes(ended)).isEqualTo(1);
                assertThat(Race.failures(ended)).containsOnly(Kind.CONFLICT);
                assertThat(race.rows.find(document.id()).orElseThrow().revision())
                        .isEqualTo(revision + 1);
            }
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_uploads_that_fit_alone_but_not_together_exactly_one_gets_in(Ground ground) throws Exception {
        for (int size : new int[] {SMALL, LARGE}) {
            try (Race race = new Race(ground, folder.resolve("of " + size))) {
                long quota = size * 3L / 2;
                List<Server> servers = List.of(race.server(Duration.ZERO, quota), race.server(Duration.ZERO, quota));
                AtomicInteger turn = new AtomicInteger();
                for (int round = 0; round < 10; round++) {
                    List<Future<?>> ended =
                            race.together(4, () -> Race.create(servers.get(turn.incrementAndGet() % 2), size));

                    assertThat(Race.successes(ended)).isEqualTo(1);
                    assertThat(Race.failures(ended)).containsOnly(Kind.QUOTA_EXCEEDED);
                    assertThat(race.rows.usage(ANN.userId()).usedBytes()).isEqualTo(size);
                    servers.get(0)
                            .documents()
                            .purge(ANN, race.documents().get(0).id(), Precondition.NONE);
                }
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_an_upload_has_set_aside_keeps_others_out_until_it_fails(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server first = race.server(Duration.ZERO, LARGE * 3L / 2);
            Server second = race.server(Duration.ZERO, LARGE * 3L / 2);
            Stop store = first.stops().before("store");
            Future<DocumentData> upload =
                    race.begin(() -> first.documents().create(ANN, NewDocument.named("raced"), unlikeAnnounced()));
            store.awaitThread();
            assertThat(failure(race.begin(() -> Race.create(second, LARGE)))).isEqualTo(Kind.QUOTA_EXCEEDED);

            store.open();
            assertThat(failure(upload)).isEqualTo(Kind.CONTENT_MISMATCH);

            DocumentData document = Race.create(second, LARGE);
            assertThat(race.documents()).containsExactly(document);
            race.requireOrder();
        }
    }

    private static boolean purge(Server server, DocumentData document, Precondition precondition) {
        server.documents().purge(ANN, document.id(), precondition);
        return true;
    }

    private static NewContent unlikeAnnounced() {
        return new NewContent(Race.content(LARGE, 0).bytes(), null, (long) LARGE, "0".repeat(64));
    }
}
