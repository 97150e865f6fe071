package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.LEASE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.BulkListener.Progress;
import dev.docs.application.BulkRequest.Action;
import dev.docs.domain.BulkItem;
import dev.docs.domain.BulkItem.Result;
import dev.docs.domain.BulkStep;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Refusal;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** One action on many documents. */
final class BulkTest {
    private static final String KEY = "the-key";
    private static final UUID NOBODYS = new UUID(7 << 12, 1L << 63);

    private final List<Integer> sizes = new ArrayList<>();

    /** What somebody else does before each step of a bulk, of which this is the number. */
    private Consumer<Integer> before = step -> {};

    private House house = new House(Disturbed::new);

    // Each by itself

    @Test
    void each_document_has_an_outcome_of_its_own_in_the_order_of_the_request() {
        DocumentData active = house.in(DocumentStatus.ACTIVE);
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        DocumentData pending = house.in(DocumentStatus.PENDING);
        DocumentData failed = house.in(DocumentStatus.ERROR);
        DocumentData bobs = house.documents.create(BOB, NewDocument.named("b"), TestContent.known(1));
        List<UUID> ids = List.of(
                failed.id(), NOBODYS, active.id(), pending.id(), archived.id(), bobs.id(), active.id(), NOBODYS);

        BulkReport report = bulk(Action.ARCHIVE, ids);

        assertThat(report.items()).extracting(BulkItem::id).isEqualTo(ids);
        assertThat(report.items())
                .extracting(item ->
                        item.refusal() == null ? item.result() : item.refusal().kind())
                .containsExactly(
                        Result.DONE,
                        Kind.NOT_FOUND,
                        Result.DONE,
                        Kind.STATUS,
                        Result.UNCHANGED,
                        Kind.NOT_FOUND,
                        Result.DONE,
                        Kind.NOT_FOUND);
        assertThat(report)
                .extracting(BulkReport::done, BulkReport::failed, BulkReport::replayed)
                .containsExactly(4, 4, false);
        assertThat(house.now(active)).isEqualTo(active.archive(house.clock.instant()));
        assertThat(List.of(house.now(archived), house.now(pending), house.now(bobs)))
                .containsExactly(archived, pending, bobs);
        house.requireHonestUsage("ann");
    }

    @Test
    void an_administrator_acts_on_everybodys_documents() {
        DocumentData anns = house.create("a", LARGE);
        DocumentData bobs = house.documents.create(BOB, NewDocument.named("b"), TestContent.known(1));

        BulkReport report = house.documents.bulk(
                ROOT, BulkRequest.of(Action.PURGE, List.of(anns.id(), bobs.id())), BulkListener.NONE);

        assertThat(report.done()).isEqualTo(2);
        assertThat(house.rows.findAll(List.of(anns.id(), bobs.id()))).isEmpty();
        house.requireHonestUsage("bob");
    }

    @Test
    void what_is_archived_is_restored() {
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        DocumentData active = house.in(DocumentStatus.ACTIVE);
        DocumentData failed = house.in(DocumentStatus.ERROR);

        assertThat(outcomes(bulk(Action.RESTORE, ids(List.of(archived, active, failed)))))
                .containsExactly(Result.DONE, Result.UNCHANGED, Kind.STATUS);

        assertThat(house.now(archived).status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    @ParameterizedTest
    @EnumSource
    void a_document_in_any_status_is_purged_with_all_it_has(DocumentStatus status) {
        DocumentData document = house.in(status);
        DocumentData small = house.replace(house.create("small", SMALL), TestContent.known(SMALL));

        assertThat(bulk(Action.PURGE, ids(List.of(document, small))).done()).isEqualTo(2);

        assertThat(outcomes(bulk(Action.PURGE, ids(List.of(document, small))))).containsOnly(Kind.NOT_FOUND);
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    @Test
    void a_patch_is_merged_into_each_documents_metadata_and_checked_there() {
        house = new House(new Limits(255, 64 << 10, 8, 3, 1 << 20, Quota.UNLIMITED, SMALL));
        DocumentData empty = described(Map.of());
        DocumentData full = described(Map.of("a", 1, "b", Map.of("x", 1)));
        DocumentData same = described(Map.of("a", 2));
        BulkRequest request = BulkRequest.update(ids(List.of(empty, full, same)), Map.of("a", 2));

        BulkReport report = house.documents.bulk(ANN, request, BulkListener.NONE);
        BulkReport next = house.documents.bulk(
                ANN, BulkRequest.update(ids(List.of(full, empty)), Map.of("c", 3)), BulkListener.NONE);

        assertThat(outcomes(report)).containsExactly(Result.DONE, Result.DONE, Result.UNCHANGED);
        assertThat(house.now(full).metadata()).isEqualTo(Metadata.of(Map.of("a", 2, "b", Map.of("x", 1))));
        assertThat(outcomes(next)).containsExactly(Kind.INVALID, Result.DONE);
        Refusal refusal = next.items().get(0).refusal();
        assertThat(refusal == null ? List.of() : refusal.problems())
                .containsExactly(new DocumentValidationException.Problem(
                        "metadata", "has 4 entries, at most 3 are allowed", 3L));
        assertThat(house.now(empty).metadata()).isEqualTo(Metadata.of(Map.of("a", 2, "c", 3)));
    }

    @Test
    void no_ids_are_nothing_to_do() {
        assertThat(bulk(Action.PURGE, List.of()).items()).isEmpty();
        assertThat(house.documents
                        .bulk(ANN, request(Action.PURGE, List.of()), BulkListener.NONE, KEY)
                        .items())
                .isEmpty();
        assertThat(house.documents
                        .bulk(ANN, request(Action.PURGE, List.of()), BulkListener.NONE, KEY)
                        .replayed())
                .isTrue();
    }

    @Test
    void more_ids_than_ten_thousand_are_refused() {
        List<UUID> most = IntStream.range(0, BulkRequest.MOST)
                .mapToObj(i -> new UUID(7 << 12, i))
                .toList();
        List<UUID> more = new ArrayList<>(most);
        more.add(NOBODYS);

        assertThat(bulk(Action.PURGE, most).failed()).isEqualTo(BulkRequest.MOST);
        assertThat(failure(() -> bulk(Action.PURGE, more))).hasMessageContaining("10000");
    }

    // By a filter

    @Test
    void a_filter_acts_on_what_it_finds_in_its_order() {
        List<DocumentData> large =
                List.of(house.create("b", LARGE), house.create("a", LARGE), house.create("c", LARGE));
        DocumentData small = house.create("0", SMALL);
        DocumentQuery filter = DocumentQuery.builder("ann")
                .sizeBetween((long) LARGE, null)
                .sort(DocumentQuery.Sort.NAME, false)
                .build();

        BulkReport report = house.documents.bulk(ANN, BulkRequest.of(Action.ARCHIVE, filter), BulkListener.NONE);

        assertThat(report.items())
                .containsExactly(
                        BulkItem.done(large.get(1).id()),
                        BulkItem.done(large.get(0).id()),
                        BulkItem.done(large.get(2).id()));
        assertThat(house.now(small)).isEqualTo(small);
    }

    @Test
    void a_change_that_moves_documents_about_in_the_filters_order_meets_each_once() {
        create(430);
        DocumentQuery byUpdate = DocumentQuery.builder("ann")
                .sort(DocumentQuery.Sort.UPDATED, false)
                .build();
        house.clock.advance(LEASE);

        BulkReport report =
                house.documents.bulk(ANN, BulkRequest.update(byUpdate, Map.of("seen", true)), BulkListener.NONE);

        assertThat(report.items()).hasSize(430).extracting(BulkItem::result).containsOnly(Result.DONE);
        assertThat(house.rows.list(byUpdate, null, 500).items()).allMatch(each -> each.revision() == 3);
    }

    @Test
    void a_filter_that_finds_more_than_ten_thousand_is_refused_before_anything_is_done() {
        for (int i = 0; i <= BulkRequest.MOST; i++) {
            DocumentData document =
                    DocumentData.pending(new UUID(7 << 12, i), "ann", "n", null, Metadata.EMPTY, house.clock.instant());
            house.rows.publish(
                    document.publish(
                            new Content(StorageUrl.of("inline", document.id()), "a/b", 0, "0".repeat(64)),
                            null,
                            house.clock.instant()),
                    ByteBuffer.allocate(0),
                    Quota.UNLIMITED);
        }
        BulkRequest all = BulkRequest.of(Action.PURGE, DocumentQuery.of("ann"));

        for (Runnable call : List.<Runnable>of(
                () -> house.documents.bulk(ANN, all, BulkListener.NONE), () -> house.documents.preview(ANN, all))) {
            DocumentValidationException refused = (DocumentValidationException) failure(call::run);
            assertThat(refused.problems().get(0).field()).isEqualTo("filter");
            assertThat(refused.problems().get(0).limit()).isEqualTo(10_000);
        }
        assertThat(house.rows.count(DocumentQuery.of("ann"), 20_000)).isEqualTo(10_001);

        house.documents.purge(ANN, new UUID(7 << 12, 5), Precondition.NONE);
        assertThat(house.documents.preview(ANN, all).count()).isEqualTo(10_000);
    }

    // Others

    @Test
    void what_another_changes_meanwhile_is_kept_and_the_action_comes_on_top() {
        List<DocumentData> three = create(3);
        DocumentData busy = three.get(1);
        before = step -> {
            if (step == 1) {
                rename(busy, "theirs");
            }
        };

        assertThat(bulk(Action.ARCHIVE, ids(three)).done()).isEqualTo(3);

        assertThat(house.now(busy).name()).isEqualTo("theirs");
        assertThat(house.rows.findAll(ids(three))).allMatch(each -> each.status() == DocumentStatus.ARCHIVED);
        assertThat(sizes).containsExactly(3, 1);
    }

    @Test
    void what_another_purges_or_archives_meanwhile_has_the_outcome_that_this_leaves_it() {
        List<DocumentData> three = create(3);
        before = step -> {
            if (step == 1) {
                house.rows.purge(three.get(0).id(), three.get(0).revision());
                house.rows.update(three.get(1).archive(house.clock.instant()));
            }
        };

        assertThat(outcomes(bulk(Action.ARCHIVE, ids(three))))
                .containsExactly(Kind.NOT_FOUND, Result.UNCHANGED, Result.DONE);
    }

    @Test
    void a_document_that_others_change_all_the_time_ends_a_bulk_all_the_same() {
        List<DocumentData> two = create(2);
        DocumentData busy = two.get(1);
        before = step -> {
            if (step <= 5) {
                rename(busy, "theirs " + step);
            }
        };

        assertThat(bulk(Action.ARCHIVE, ids(two)).done()).isEqualTo(2);

        assertThat(sizes).containsExactly(2, 1, 1, 1, 1, 1);
        assertThat(house.now(busy).name()).isEqualTo("theirs 5");
    }

    @Test
    void a_busy_document_that_is_purged_in_the_end_is_noted_as_missing() {
        List<DocumentData> two = create(2);
        DocumentData busy = two.get(1);
        before = step -> {
            if (step < 4) {
                rename(busy, "theirs " + step);
            } else if (step == 4) {
                house.rows.purge(busy.id(), house.now(busy).revision());
            }
        };

        BulkReport report = house.documents.bulk(ANN, request(Action.ARCHIVE, ids(two)), BulkListener.NONE, KEY);

        assertThat(outcomes(report)).containsExactly(Result.DONE, Kind.NOT_FOUND);
        assertThat(house.documents.bulk(ANN, request(Action.ARCHIVE, ids(two)), BulkListener.NONE, KEY))
                .isEqualTo(new BulkReport(report.items(), true));
    }

    @Test
    void bulks_over_the_same_documents_and_single_writers_keep_every_count_right() throws Exception {
        List<UUID> all = ids(create(700));
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Action action : List.of(Action.ARCHIVE, Action.RESTORE, Action.ARCHIVE, Action.UPDATE)) {
                for (int i = 0; i < 3; i++) {
                    int value = i;
                    running.add(threads.submit(() -> house.documents.bulk(
                            ANN,
                            action == Action.UPDATE
                                    ? BulkRequest.update(all, Map.of("k", value))
                                    : request(action, all),
                            BulkListener.NONE)));
                }
            }
            running.add(threads.submit(() -> {
                Random random = new Random(1);
                for (int i = 0; i < 200; i++) {
                    // not one of those that are purged
                    UUID id = all.get(300 + random.nextInt(400));
                    house.documents.change(ANN, id, Precondition.NONE, DocumentChanges.name("n" + i));
                }
            }));
            running.add(threads.submit(() -> bulk(Action.PURGE, all.subList(100, 300))));
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(house.rows.findAll(all)).hasSize(500);
        house.requireNothingLeft();
    }

    // Progress

    @Test
    void a_listener_is_told_after_each_batch_that_is_safe() {
        List<UUID> ids = new ArrayList<>(ids(create(1_100)));
        ids.set(3, NOBODYS);
        List<Progress> told = new ArrayList<>();
        List<Long> archived = new ArrayList<>();

        house.documents.bulk(ANN, request(Action.ARCHIVE, ids), progress -> {
            told.add(progress);
            archived.add(house.rows.usage("ann").documents().get(DocumentStatus.ARCHIVED));
        });

        assertThat(told)
                .containsExactly(
                        new Progress(499, 1, 1_100), new Progress(999, 1, 1_100), new Progress(1_099, 1, 1_100));
        assertThat(archived).containsExactly(499L, 999L, 1_099L);
    }

    @Test
    void a_listener_that_fails_changes_nothing() {
        List<UUID> ids = ids(create(501));

        BulkReport report = house.documents.bulk(ANN, request(Action.PURGE, ids), progress -> {
            throw new IllegalStateException("planned");
        });

        assertThat(report.done()).isEqualTo(501);
        house.requireNothingLeft();
    }

    // Once

    @Test
    void a_request_with_a_key_is_carried_out_once() {
        List<DocumentData> two = create(2);
        BulkRequest request = request(
                Action.PURGE, List.of(two.get(0).id(), NOBODYS, two.get(1).id()));

        BulkReport first = house.documents.bulk(ANN, request, BulkListener.NONE, KEY);
        BulkReport again = house.documents.bulk(ANN, request, BulkListener.NONE, KEY);

        assertThat(outcomes(first)).containsExactly(Result.DONE, Kind.NOT_FOUND, Result.DONE);
        assertThat(again).isEqualTo(new BulkReport(first.items(), true));
        assertThat(house.documents.bulk(BOB, request, BulkListener.NONE, KEY).failed())
                .as("another's key is another key")
                .isEqualTo(3);
    }

    @Test
    void another_request_under_the_key_is_refused() {
        List<UUID> two = ids(create(2));
        house.documents.bulk(ANN, request(Action.ARCHIVE, two), BulkListener.NONE, KEY);

        for (BulkRequest other : List.of(
                request(Action.RESTORE, two),
                request(Action.ARCHIVE, two.subList(0, 1)),
                request(Action.ARCHIVE, List.of(two.get(1), two.get(0))),
                BulkRequest.update(two, Map.of()),
                BulkRequest.of(Action.ARCHIVE, DocumentQuery.of("ann")))) {
            assertThat(kind(() -> house.documents.bulk(ANN, other, BulkListener.NONE, KEY)))
                    .isEqualTo(Kind.KEY_REUSED);
        }
        assertThat(kind(() -> house.documents.create(ANN, NewDocument.named("a"), TestContent.known(1), KEY)))
                .isEqualTo(Kind.KEY_REUSED);
        assertThat(house.rows.findAll(two)).allMatch(each -> each.status() == DocumentStatus.ARCHIVED);
    }

    @ParameterizedTest
    @EnumSource(names = {"ARCHIVE", "PURGE"})
    void a_bulk_that_died_goes_on_where_it_stopped(Action action) {
        List<UUID> ids = ids(create(1_200));
        before = step -> {
            if (step == 3) {
                throw DocumentStorageException.unavailable("planned", null);
            }
        };
        List<Progress> told = new ArrayList<>();
        BulkRequest request = request(action, ids);
        assertThat(kind(() -> house.documents.bulk(ANN, request, BulkListener.NONE, KEY)))
                .isEqualTo(Kind.UNAVAILABLE);

        BulkReport report = house.documents.bulk(ANN, request, told::add, KEY);

        assertThat(report.replayed()).isFalse();
        assertThat(report.items()).extracting(BulkItem::id).isEqualTo(ids);
        assertThat(outcomes(report)).containsOnly(Result.DONE);
        assertThat(told).containsExactly(new Progress(1_200, 0, 1_200));
        assertThat(sizes).containsExactly(500, 500, 200, 200);
        house.requireHonestUsage("ann");
    }

    @Test
    void a_filter_that_is_asked_again_adds_what_it_finds_now() {
        List<UUID> ids = ids(create(600));
        before = step -> {
            if (step == 2) {
                throw DocumentStorageException.outcomeUnknown(null);
            }
        };
        BulkRequest request = BulkRequest.of(Action.ARCHIVE, DocumentQuery.of("ann"));
        assertThat(kind(() -> house.documents.bulk(ANN, request, BulkListener.NONE, KEY)))
                .isEqualTo(Kind.OUTCOME_UNKNOWN);
        UUID late = house.create("late", SMALL).id();

        BulkReport report = house.documents.bulk(ANN, request, BulkListener.NONE, KEY);

        assertThat(report.items()).hasSize(601).contains(BulkItem.done(late));
        assertThat(report.items()).extracting(BulkItem::id).containsAll(ids);
        assertThat(outcomes(report)).containsOnly(Result.DONE);
    }

    @Test
    void while_it_runs_a_repetition_is_told_so() {
        List<UUID> ids = ids(create(501));
        BulkRequest request = request(Action.PURGE, ids);
        List<Kind> met = new ArrayList<>();

        BulkReport report = house.documents.bulk(
                ANN,
                request,
                progress -> {
                    if (progress.done() < progress.total()) {
                        met.add(kind(() -> house.documents.bulk(ANN, request, BulkListener.NONE, KEY)));
                    }
                },
                KEY);

        assertThat(met).containsExactly(Kind.REQUEST_RUNNING);
        assertThat(outcomes(report)).containsOnly(Result.DONE);
    }

    @Test
    void one_that_has_slept_through_its_lease_leaves_the_rest_to_who_took_over() {
        List<UUID> ids = ids(create(501));
        BulkRequest request = request(Action.PURGE, ids);
        List<BulkReport> taken = new ArrayList<>();

        Kind slept = kind(() -> house.documents.bulk(
                ANN,
                request,
                progress -> {
                    house.clock.advance(LEASE);
                    taken.add(house.documents.bulk(ANN, request, BulkListener.NONE, KEY));
                },
                KEY));

        assertThat(slept).isEqualTo(Kind.REQUEST_RUNNING);
        assertThat(outcomes(taken.get(0))).hasSize(501).containsOnly(Result.DONE);
        assertThat(house.documents.bulk(ANN, request, BulkListener.NONE, KEY))
                .isEqualTo(new BulkReport(taken.get(0).items(), true));
    }

    @Test
    void every_part_of_a_filter_makes_it_another_request() {
        Instant time = Instant.parse("2026-01-01T00:00:00Z");
        List<Consumer<DocumentQuery.Builder>> parts = List.of(
                builder -> {},
                builder -> builder.statuses(EnumSet.of(DocumentStatus.ERROR)),
                builder -> builder.nameContains("x"),
                builder -> builder.namePrefix("x"),
                builder -> builder.mimeType("x/x"),
                builder -> builder.metadata(List.of(new DocumentQuery.MetadataCondition("x", null))),
                builder -> builder.createdBetween(time, null),
                builder -> builder.createdBetween(null, time),
                builder -> builder.updatedBetween(time, null),
                builder -> builder.updatedBetween(null, time),
                builder -> builder.sizeBetween(1L, null),
                builder -> builder.sizeBetween(null, 1L),
                builder -> builder.sha256("x"),
                builder -> builder.sort(DocumentQuery.Sort.NAME, true),
                builder -> builder.sort(DocumentQuery.Sort.CREATED, false));

        Set<String> fingerprints = new HashSet<>();
        for (Consumer<DocumentQuery.Builder> part : parts) {
            DocumentQuery.Builder builder = DocumentQuery.builder("ann");
            part.accept(builder);
            fingerprints.add(fingerprint(builder.build()));
        }
        fingerprints.add(fingerprint(DocumentQuery.of("bob")));

        // the first and the last stand for the owner
        assertThat(fingerprints).hasSize(DocumentQuery.class.getRecordComponents().length + 1);
    }

    // Before

    @Test
    void a_preview_tells_what_would_be_touched_and_touches_nothing() {
        List<DocumentData> many = create(12);
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        DocumentData pending = house.in(DocumentStatus.PENDING);
        DocumentData replaced = house.replace(house.create("two versions", SMALL), TestContent.known(LARGE));
        List<UUID> ids = new ArrayList<>(ids(many));
        ids.addAll(List.of(NOBODYS, archived.id(), pending.id(), replaced.id()));

        BulkPreview archive = house.documents.preview(ANN, request(Action.ARCHIVE, ids));
        BulkPreview purge = house.documents.preview(ANN, request(Action.PURGE, ids));

        assertThat(archive.count()).isEqualTo(13);
        assertThat(archive.unchanged()).isEqualTo(1);
        assertThat(archive.bytes()).isEqualTo(12L * SMALL + LARGE);
        assertThat(archive.sample()).isEqualTo(many.subList(0, 10));
        assertThat(archive.refused()).extracting(BulkItem::id).containsExactly(NOBODYS, pending.id());
        assertThat(purge.count()).isEqualTo(15);
        assertThat(purge.bytes()).isEqualTo(13L * SMALL + 2L * LARGE);
        assertThat(house.rows.findAll(ids)).containsAll(many).contains(archived, pending, replaced);
    }

    // Steps

    /** A repository that somebody else writes to before each step of a bulk. */
    private final class Disturbed extends ForwardingRepository {
        Disturbed(DocumentRepository next) {
            super(next);
        }

        @Override
        public Set<UUID> updateAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
            sizes.add(documents.size());
            before.accept(sizes.size());
            return super.updateAll(documents, step);
        }

        @Override
        public Set<UUID> purgeAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
            sizes.add(documents.size());
            before.accept(sizes.size());
            return super.purgeAll(documents, step);
        }
    }

    private static String fingerprint(DocumentQuery query) {
        return KeyedRequest.bulk(new IdempotencyKey("ann", KEY), BulkRequest.of(Action.PURGE, query))
                .fingerprint();
    }

    private void rename(DocumentData document, String name) {
        DocumentData current = house.now(document);
        house.rows.update(current.describe(name, current.metadata(), house.clock.instant()));
    }

    private List<DocumentData> create(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> house.create("document " + i, SMALL))
                .toList();
    }

    private DocumentData described(Map<String, ?> metadata) {
        return house.documents.create(
                ANN, NewDocument.named("d").withMetadata(Metadata.of(metadata)), TestContent.known(1));
    }

    private BulkReport bulk(Action action, List<UUID> ids) {
        return house.documents.bulk(ANN, request(action, ids), BulkListener.NONE);
    }

    private static BulkRequest request(Action action, List<UUID> ids) {
        return BulkRequest.of(action, ids);
    }

    private static List<Enum<?>> outcomes(BulkReport report) {
        return report.items().stream()
                .<Enum<?>>map(item ->
                        item.refusal() == null ? item.result() : item.refusal().kind())
                .toList();
    }

    private static List<UUID> ids(List<DocumentData> documents) {
        return documents.stream().map(DocumentData::id).toList();
    }
}
