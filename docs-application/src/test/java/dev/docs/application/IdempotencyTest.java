package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.LEASE;
import static dev.docs.application.House.LIMITS;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls that are made again with the key of a call before. */
final class IdempotencyTest {
    private static final String KEY = "the-key";
    private static final NewDocument DOCUMENT = NewDocument.named("a");

    private House house = new House();

    // The same again

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SMALL, SMALL + 1, LARGE})
    void a_document_is_created_once(int size) {
        Outcome first = create(size);
        house.clock.advance(Duration.ofHours(1));

        assertThat(first.replayed()).isFalse();
        assertThat(create(size)).isEqualTo(new Outcome(first.document(), true));
        assertThat(house.documents.create(ANN, DOCUMENT, TestContent.unknown(size), KEY))
                .isEqualTo(new Outcome(first.document(), true));
        assertThat(documents()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @Test
    void a_reservation_is_made_once() {
        NewDocument reserved = new NewDocument(null, "a", "text/plain", Metadata.EMPTY, 500L);

        Outcome first = house.documents.reserve(ANN, reserved, KEY);
        Outcome again = house.documents.reserve(ANN, reserved, KEY);

        assertThat(first.replayed()).isFalse();
        assertThat(again).isEqualTo(new Outcome(first.document(), true));
        assertThat(documents()).isEqualTo(1);
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void content_is_replaced_once_although_its_precondition_holds_no_more(int size) {
        DocumentData document = house.create("a", 3);
        Precondition unchanged = Precondition.revision(document.revision());

        Outcome first = replace(document, unchanged, size);
        Outcome again = replace(document, unchanged, size);

        assertThat(first.replayed()).isFalse();
        assertThat(again).isEqualTo(new Outcome(first.document(), true));
        assertThat(house.now(document).version()).isEqualTo(2);
        house.requireNothingLeft();
    }

    @Test
    void a_replay_is_the_first_answer_whatever_became_of_the_document() {
        DocumentData document = house.create("a", 3);
        Outcome first = replace(document, Precondition.NONE, LARGE);
        house.documents.archive(ANN, document.id(), Precondition.NONE);

        assertThat(replace(document, Precondition.NONE, LARGE)).isEqualTo(new Outcome(first.document(), true));

        house.documents.purge(ANN, document.id(), Precondition.NONE);
        assertThat(replace(document, Precondition.NONE, LARGE)).isEqualTo(new Outcome(first.document(), true));
        assertThat(documents()).isZero();
    }

    @Test
    void members_of_metadata_may_come_in_another_order() {
        Map<String, Object> one = new LinkedHashMap<>(Map.of("a", 1));
        one.put("b", List.of("x", Map.of("c", 2.50, "d", "y")));
        Map<String, Object> other = new LinkedHashMap<>();
        other.put("b", List.of("x", new java.util.TreeMap<>(Map.of("d", "y", "c", 2.5))));
        other.put("a", 1L);

        Outcome first = create(DOCUMENT.withMetadata(Metadata.of(one)), TestContent.known(3));

        assertThat(create(DOCUMENT.withMetadata(Metadata.of(other)), TestContent.known(3)))
                .isEqualTo(new Outcome(first.document(), true));
    }

    // Another request

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_key_is_bound_to_everything_that_was_asked_for(int size) {
        NewDocument document = new NewDocument(null, "a", "text/a", Metadata.of(Map.of("k", "1")), null);
        NewContent content = TestContent.known(size).withType("text/plain");
        DocumentData created = create(document, content).document();
        DocumentData other = house.create("other", 3);

        reused(() -> create(document, NewContent.of(TestContent.bytes(size, 1)).withType("text/plain")));
        reused(() -> create(document, TestContent.known(size + 1).withType("text/plain")));
        reused(() -> create(document, TestContent.known(size).withType("text/html")));
        reused(() -> create(document, TestContent.known(size)));
        reused(() -> create(
                new NewDocument(null, "b", "text/a", document.metadata(), null),
                TestContent.known(size).withType("text/plain")));
        reused(() -> create(
                new NewDocument(null, "a", "text/b", document.metadata(), null),
                TestContent.known(size).withType("text/plain")));
        reused(() -> create(
                document.withMetadata(Metadata.of(Map.of("k", 1))),
                TestContent.known(size).withType("text/plain")));
        reused(() -> house.documents.reserve(ANN, document, KEY));
        reused(() -> house.documents.replaceContent(
                ANN, created.id(), Precondition.NONE, TestContent.known(size).withType("text/plain"), KEY));
        reused(() -> replace(other, Precondition.NONE, size));

        assertThat(create(document, TestContent.known(size).withType("text/plain"))
                        .replayed())
                .isTrue();
        assertThat(documents()).isEqualTo(2);
        assertThat(house.now(other)).isEqualTo(other);
        house.requireNothingLeft();
    }

    @Test
    void a_replacement_is_bound_to_its_document() {
        DocumentData one = house.create("one", 3);
        DocumentData other = house.create("other", 3);
        replace(one, Precondition.NONE, LARGE);

        reused(() -> replace(other, Precondition.NONE, LARGE));

        assertThat(house.now(other)).isEqualTo(other);
    }

    @Test
    void a_reservation_is_bound_to_its_size() {
        house.documents.reserve(ANN, DOCUMENT, KEY);

        reused(() -> house.documents.reserve(ANN, new NewDocument(null, "a", null, Metadata.EMPTY, 0L), KEY));
        reused(() -> create(0));

        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void an_administrators_key_is_bound_to_the_owner() {
        house.documents.create(ROOT, DOCUMENT.ownedBy("ann"), TestContent.known(3), KEY);

        reused(() -> house.documents.create(ROOT, DOCUMENT.ownedBy("bob"), TestContent.known(3), KEY));
        reused(() -> house.documents.create(ROOT, DOCUMENT, TestContent.known(3), KEY));
    }

    @Test
    void another_callers_key_is_another_key() {
        Outcome ann = create(LARGE);
        Outcome bob = house.documents.create(BOB, DOCUMENT, TestContent.known(LARGE), KEY);
        Outcome root = house.documents.create(ROOT, DOCUMENT.ownedBy("ann"), TestContent.known(LARGE), KEY);

        assertThat(List.of(ann, bob, root)).noneMatch(Outcome::replayed);
        assertThat(create(LARGE).document()).isEqualTo(ann.document());
    }

    @Test
    void a_repetition_is_held_to_what_it_announces_and_to_the_limits() {
        house = new House(LIMITS.withDocumentBytes(LARGE));
        create(LARGE);
        String sha256 = TestContent.sha256(TestContent.bytes(LARGE, 0));

        assertThat(kind(() -> create(DOCUMENT, TestContent.announcing(LARGE, LARGE - 1L, null))))
                .isEqualTo(Kind.CONTENT_MISMATCH);
        assertThat(kind(() -> create(DOCUMENT, TestContent.announcing(LARGE, LARGE + 0L, "0".repeat(64)))))
                .isEqualTo(Kind.CONTENT_MISMATCH);
        assertThat(kind(() -> create(DOCUMENT, TestContent.unknown(LARGE + 1)))).isEqualTo(Kind.TOO_LARGE);
        assertThat(kind(() -> create(DOCUMENT, TestContent.announcing(LARGE, LARGE + 1L, null))))
                .isEqualTo(Kind.TOO_LARGE);
        assertThat(kind(() -> create(DOCUMENT, NewContent.of(TestContent.then(LARGE, () -> {
                    throw new IOException("cut");
                })))))
                .isEqualTo(Kind.CONTENT_MISMATCH);
        assertThat(create(DOCUMENT, TestContent.announcing(LARGE, LARGE + 0L, sha256))
                        .replayed())
                .isTrue();
    }

    // Errors are not kept

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_call_that_failed_leaves_its_key_free(int size) {
        NewContent broken = TestContent.announcing(size, (long) size, "0".repeat(64));
        assertThat(kind(() -> create(DOCUMENT, broken))).isEqualTo(Kind.CONTENT_MISMATCH);
        house.requireNothingLeft();

        assertThat(create(DOCUMENT, NewContent.of(TestContent.bytes(size, 1))).replayed())
                .isFalse();
        assertThat(documents()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_call_whose_precondition_failed_leaves_its_key_free(int size) {
        DocumentData document = house.create("a", 3);

        assertThat(kind(() -> replace(document, Precondition.revision(99), size)))
                .isEqualTo(Kind.CONFLICT);
        assertThat(replace(document, Precondition.revision(document.revision()), size)
                        .replayed())
                .isFalse();
        assertThat(house.now(document).version()).isEqualTo(2);
    }

    @Test
    void what_is_taken_back_never_happened() {
        DocumentData created = create(LARGE).document();

        house.documents.takeBack(ANN, created.id(), Precondition.revision(created.revision()), KEY);

        assertThat(documents()).isZero();
        assertThat(create(LARGE).replayed()).isFalse();
        assertThat(documents()).isEqualTo(1);
    }

    // Under way

    @Test
    void a_call_with_the_key_of_one_under_way_is_told_so_unread() {
        List<Kind> told = new ArrayList<>();
        NewContent slow = NewContent.of(TestContent.then(LARGE, () -> {
            if (told.isEmpty()) {
                told.add(kind(() -> create(DOCUMENT, TestContent.untouchable())));
                told.add(kind(() -> house.documents.reserve(ANN, DOCUMENT, KEY)));
            }
            return -1;
        }));

        Outcome outcome = create(DOCUMENT, slow);

        assertThat(told).containsExactly(Kind.REQUEST_RUNNING, Kind.REQUEST_RUNNING);
        assertThat(outcome.replayed()).isFalse();
        assertThat(create(LARGE)).isEqualTo(new Outcome(outcome.document(), true));
        assertThat(documents()).isEqualTo(1);
    }

    @Test
    void the_key_of_a_call_whose_process_died_is_free_once_its_upload_is_swept() {
        NewContent dying = NewContent.of(TestContent.then(LARGE, () -> {
            // no handler of ours runs for an error, as none does for a killed process
            throw new LinkageError("killed");
        }));
        assertThatThrownBy(() -> create(DOCUMENT, dying)).isInstanceOf(LinkageError.class);
        assertThat(kind(() -> create(LARGE))).isEqualTo(Kind.REQUEST_RUNNING);

        house.clock.advance(LEASE);
        house.housekeeping.sweep();

        assertThat(create(LARGE).replayed()).isFalse();
        assertThat(create(LARGE).replayed()).isTrue();
        assertThat(documents()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @Test
    void a_twin_that_was_quicker_is_replayed_and_no_conflict() {
        for (int size : new int[] {SMALL, LARGE}) {
            house = new House();
            DocumentData document = house.create("a", 3);
            Precondition unchanged = Precondition.revision(document.revision());
            List<Outcome> twin = new ArrayList<>();
            // the first has passed every check, and reads its first bytes while the second does all there is to do
            NewContent slow = NewContent.of(
                    new FirstRead(TestContent.known(size).bytes(), () -> twin.add(replace(document, unchanged, size))));

            Outcome outcome = house.documents.replaceContent(ANN, document.id(), unchanged, slow, KEY);

            assertThat(twin).hasSize(1);
            assertThat(twin.get(0).replayed()).isFalse();
            assertThat(outcome).isEqualTo(new Outcome(twin.get(0).document(), true));
            assertThat(house.now(document).version()).isEqualTo(2);
            house.requireNothingLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void sixteen_threads_with_one_key_make_one_document(int size) throws Exception {
        int threads = 16;
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Outcome>> calls = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                calls.add(pool.submit(() -> {
                    start.await();
                    return untilAnswered(size);
                }));
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> call : calls) {
                outcomes.add(call.get(60, TimeUnit.SECONDS));
            }

            assertThat(outcomes)
                    .extracting(Outcome::document)
                    .containsOnly(outcomes.get(0).document());
            assertThat(outcomes).filteredOn(outcome -> !outcome.replayed()).hasSize(1);
            assertThat(documents()).isEqualTo(1);
            house.requireNothingLeft();
        } finally {
            pool.shutdownNow();
        }
    }

    private Outcome untilAnswered(int size) {
        while (true) {
            try {
                return create(size);
            } catch (DocumentException e) {
                if (e.kind() != Kind.REQUEST_RUNNING) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    // Unknown outcomes

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void the_key_tells_what_an_unknown_outcome_was(int size) {
        house = new House(rows -> new LosingAnswers(rows) {
            @Override
            public Optional<DocumentVersion> version(UUID documentId, int number) {
                throw DocumentStorageException.unavailable("away", null);
            }
        });

        assertThat(kind(() -> create(size))).isEqualTo(Kind.OUTCOME_UNKNOWN);

        assertThat(create(size).replayed()).isTrue();
        assertThat(documents()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void an_outcome_that_is_read_back_is_the_keys_answer(int size) {
        house = new House(LosingAnswers::new);

        Outcome first = create(size);

        assertThat(first.replayed()).isFalse();
        assertThat(create(size)).isEqualTo(new Outcome(first.document(), true));
    }

    /** A connection that breaks just after content was published. */
    private static class LosingAnswers extends ForwardingRepository {
        LosingAnswers(DocumentRepository next) {
            super(next);
        }

        @Override
        public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
            super.activate(uploadId, document, fingerprint);
            throw DocumentStorageException.outcomeUnknown(null);
        }

        @Override
        public void publish(DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
            super.publish(document, bytes, defaults, use);
            throw DocumentStorageException.outcomeUnknown(null);
        }
    }

    // Access, and time

    @Test
    void one_who_lost_access_is_refused_the_replay() {
        Caller then = Caller.administrator("carol");
        Caller now = Caller.user("carol");
        DocumentData document = house.create("a", 3);
        house.documents.create(then, DOCUMENT.ownedBy("ann"), TestContent.known(3), KEY);
        house.documents.replaceContent(then, document.id(), Precondition.NONE, TestContent.known(LARGE), "other");

        assertThat(kind(() -> house.documents.create(now, DOCUMENT.ownedBy("ann"), TestContent.known(3), KEY)))
                .isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> house.documents.replaceContent(
                        now, document.id(), Precondition.NONE, TestContent.known(LARGE), "other")))
                .isEqualTo(Kind.NOT_FOUND);
        house.documents.purge(ANN, document.id(), Precondition.NONE);
        assertThat(kind(() -> house.documents.replaceContent(
                        now, document.id(), Precondition.NONE, TestContent.known(LARGE), "other")))
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void a_key_is_kept_for_a_day() {
        create(3);
        house.clock.advance(Duration.ofHours(24).minusMillis(1));
        house.housekeeping.sweep();
        assertThat(create(3).replayed()).isTrue();

        house.clock.advance(Duration.ofMillis(1));
        house.housekeeping.sweep();

        assertThat(create(3).replayed()).isFalse();
        assertThat(documents()).isEqualTo(2);
    }

    @Test
    void one_sweep_forgets_more_keys_than_one_batch_has() {
        for (int i = 0; i < 250; i++) {
            house.documents.create(ANN, DOCUMENT, TestContent.known(3), "key-" + i);
        }
        house.clock.advance(Duration.ofHours(24));
        house.housekeeping.sweep();

        assertThat(house.rows.forgetKeys(Duration.ZERO, 1000)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "\u00e4", "\u007f"})
    void a_key_has_visible_ascii_characters_only(String key) {
        DocumentException failure = failure(() -> house.documents.create(ANN, DOCUMENT, TestContent.known(3), key));

        assertThat(failure.kind()).isEqualTo(Kind.INVALID);
        assertThat(failure).hasMessageContaining("idempotency_key");
        assertThat(documents()).isZero();
    }

    @Test
    void a_key_has_at_most_255_characters() {
        assertThat(house.documents
                        .create(ANN, DOCUMENT, TestContent.known(3), "k".repeat(255))
                        .replayed())
                .isFalse();
        assertThat(kind(() -> house.documents.create(ANN, DOCUMENT, TestContent.known(3), "k".repeat(256))))
                .isEqualTo(Kind.INVALID);
    }

    // Steps

    private Outcome create(int size) {
        return create(DOCUMENT, TestContent.known(size));
    }

    private Outcome create(NewDocument document, NewContent content) {
        return house.documents.create(ANN, document, content, KEY);
    }

    private Outcome replace(DocumentData document, Precondition precondition, int size) {
        return house.documents.replaceContent(ANN, document.id(), precondition, TestContent.known(size), KEY);
    }

    private static void reused(Runnable call) {
        assertThat(kind(call::run)).isEqualTo(Kind.KEY_REUSED);
    }

    private long documents() {
        return house.rows.count(
                DocumentQuery.builder("ann")
                        .statuses(EnumSet.allOf(DocumentStatus.class))
                        .build(),
                1000);
    }
}
