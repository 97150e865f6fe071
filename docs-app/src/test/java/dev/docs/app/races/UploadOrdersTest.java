package dev.docs.app.races;

import static dev.docs.app.races.Race.ANN;
import static dev.docs.app.races.Race.LARGE;
import static dev.docs.app.races.Race.ROOT;
import static dev.docs.app.races.Race.end;
import static dev.docs.app.races.Race.failure;
import static dev.docs.app.races.Race.replace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.app.races.Race.Server;
import dev.docs.app.races.Stops.Stop;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Future;

/** An upload on one server, and on another what ends it: a sweep, a purge, the end of its user. */
class UploadOrdersTest {
    @TempDir
    Path folder;

    /** A document that its uploader was never told of shows that it failed, and nothing else. */
    private static void requireNothingVisible(Race race) {
        assertThat(race.documents())
                .allSatisfy(document -> assertThat(document.status()).isEqualTo(DocumentStatus.ERROR))
                .allSatisfy(document -> assertThat(document.version()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_that_is_swept_between_its_bytes_and_its_publication_has_expired(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            publication.awaitThread();
            race.endLease(uploader);

            assertThat(race.server().sweep().uploadsEnded()).isEqualTo(1);
            publication.open();

            assertThat(failure(upload)).isEqualTo(Kind.UPLOAD_EXPIRED);
            requireNothingVisible(race);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_new_version_that_is_swept_before_its_publication_leaves_the_old_one(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            DocumentData document = Race.create(uploader, LARGE);
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> replace(uploader, document, Race.content(LARGE, 2)));
            publication.awaitThread();
            race.endLease(uploader);

            race.server().sweep();
            publication.open();

            assertThat(failure(upload)).isEqualTo(Kind.UPLOAD_EXPIRED);
            assertThat(race.rows.find(document.id())).contains(document);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_that_is_swept_while_its_bytes_are_written_leaves_none(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Stop lastByte = new Stop();
            Future<DocumentData> upload = race.begin(() -> uploader.documents()
                    .create(ANN, NewDocument.named("raced"), Race.stoppingAtItsEnd(LARGE, 0, lastByte)));
            lastByte.awaitThread();
            race.endLease(uploader);

            assertThat(race.server().sweep().uploadsEnded()).isEqualTo(1);
            lastByte.open();

            // the store finds its draft gone, before anybody asks whether the upload has expired
            assertThat(failure(upload)).isEqualTo(Kind.UNAVAILABLE);
            requireNothingVisible(race);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_that_is_swept_before_its_first_byte_leaves_none(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Stop store = uploader.stops().before("store");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            store.awaitThread();
            race.endLease(uploader);

            race.server().sweep();
            store.open();

            assertThat(failure(upload)).isEqualTo(Kind.UPLOAD_EXPIRED);
            requireNothingVisible(race);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_that_a_sweep_has_claimed_is_not_published_though_its_bytes_are_still_there(Ground ground)
            throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Server sweeper = race.server();
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            publication.awaitThread();
            race.endLease(uploader);
            Stop deletion = sweeper.stops().before("delete");
            Future<?> sweep = race.begin(sweeper::sweep);
            deletion.awaitThread();

            publication.open();

            assertThat(failure(upload)).isEqualTo(Kind.UPLOAD_EXPIRED);
            deletion.open();
            end(sweep);
            requireNothingVisible(race);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_whose_lease_is_over_but_that_is_published_before_a_sweep_claims_it_stays(Ground ground)
            throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Server sweeper = race.server();
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            publication.awaitThread();
            race.endLease(uploader);
            Stop claim = sweeper.stops().before("claimExpired");
            Future<?> sweep = race.begin(sweeper::sweep);
            claim.awaitThread();

            publication.open();
            DocumentData published = end(upload);
            claim.open();
            end(sweep);

            assertThat(race.rows.find(published.id())).contains(published);
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_a_publication_and_a_sweep_at_one_moment_one_wins_and_the_other_does_nothing(Ground ground)
            throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Server sweeper = race.server();
            for (int round = 0; round < 20; round++) {
                Stop publication = uploader.stops().before("activate");
                Stop claim = sweeper.stops().before("claimExpired");
                Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
                publication.awaitThread();
                race.endLease(uploader);
                Future<?> sweep = race.begin(sweeper::sweep);
                claim.awaitThread();

                publication.open();
                claim.open();
                end(sweep);

                if (Race.successes(List.of(upload)) == 1) {
                    assertThat(race.rows.find(end(upload).id())).contains(end(upload));
                } else {
                    assertThat(failure(upload)).isEqualTo(Kind.UPLOAD_EXPIRED);
                }
            }
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void two_sweeps_may_end_the_same_upload(Ground ground) throws Exception {
        for (String step : new String[] {"delete", "abort"}) {
            try (Race race = new Race(ground, folder.resolve(step))) {
                Server uploader = race.server();
                abandon(race, uploader);
                Server first = race.server();
                Stop stop = first.stops().before(step);
                Future<?> sweep = race.begin(first::sweep);
                stop.awaitThread();

                race.server().sweep();
                stop.open();
                end(sweep);

                assertThat(race.documents())
                        .hasSize(1)
                        .allSatisfy(document -> assertThat(document.revision()).isEqualTo(2));
                requireNothingVisible(race);
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_document_that_is_purged_while_a_sweep_ends_its_upload_is_gone(Ground ground) throws Exception {
        for (String step : new String[] {"delete", "abort"}) {
            try (Race race = new Race(ground, folder.resolve(step))) {
                Server uploader = race.server();
                abandon(race, uploader);
                Server sweeper = race.server();
                Stop stop = sweeper.stops().before(step);
                Future<?> sweep = race.begin(sweeper::sweep);
                stop.awaitThread();

                race.server().documents().purge(ANN, race.documents().get(0).id(), Precondition.NONE);
                stop.open();
                end(sweep);

                assertThat(race.documents()).isEmpty();
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_bytes_of_a_document_that_is_purged_before_its_upload_dies_go_with_the_sweep(Ground ground)
            throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            publication.awaitThread();
            race.server().documents().purge(ANN, race.documents().get(0).id(), Precondition.NONE);
            publication.kill();
            Race.requireKilled(upload);
            assertThat(race.store.list(null, 10)).hasSize(1);

            race.endLease(uploader);
            race.server().sweep();

            assertThat(race.store.list(null, 10)).isEmpty();
            race.requireOrder();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_whose_user_is_deleted_meanwhile_leaves_nothing(Ground ground) throws Exception {
        for (String step : new String[] {"store", "activate"}) {
            try (Race race = new Race(ground, folder.resolve(step))) {
                Server uploader = race.server();
                Stop stop = uploader.stops().before(step);
                Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
                stop.awaitThread();

                race.server().documents().deleteUser(ROOT, ANN.userId());
                stop.open();

                assertThat(failure(upload)).isIn(Kind.NOT_FOUND, Kind.UPLOAD_EXPIRED);
                assertThat(race.documents()).isEmpty();
                assertThat(race.rows.usage(ANN.userId())).isEqualTo(Usage.NONE);
                race.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_that_dies_after_its_user_was_deleted_is_swept(Ground ground) throws Exception {
        try (Race race = new Race(ground, folder)) {
            Server uploader = race.server();
            Stop publication = uploader.stops().before("activate");
            Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
            publication.awaitThread();
            race.server().documents().deleteUser(ROOT, ANN.userId());
            // the user is back, and owes nothing for what was before
            DocumentData later = Race.create(race.server(), LARGE);
            publication.kill();
            Race.requireKilled(upload);

            race.endLease(uploader);
            race.server().sweep();

            assertThat(race.documents()).containsExactly(later);
            race.requireOrder();
        }
    }

    /** Leaves an upload whose server died after it had stored the bytes, and whose lease is over. */
    private static void abandon(Race race, Server uploader) {
        Stop publication = uploader.stops().before("activate");
        Future<DocumentData> upload = race.begin(() -> Race.create(uploader, LARGE));
        publication.awaitThread();
        publication.kill();
        Race.requireKilled(upload);
        race.endLease(uploader);
    }
}
