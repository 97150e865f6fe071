package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.BulkStep;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentEvent.Kind;
import dev.docs.domain.DocumentListener;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What listeners are told, and what they are not. */
final class ListenerTest {
    private final House house = new House();
    private final List<DocumentEvent> told = new ArrayList<>();
    private final Docs docs = docs(house.rows, told::add);
    private final DocumentService documents = docs.documents();

    private Docs docs(DocumentRepository rows, DocumentListener... listeners) {
        Docs.Builder builder = Docs.builder()
                .repository(rows)
                .store("main", house.store)
                .limits(House.LIMITS)
                .uploadLease(House.LEASE)
                .uploadExpiry(House.EXPIRY)
                .purgeGrace(House.GRACE)
                .retention(new Retention(Duration.ofDays(30), 1))
                .clock(house.clock);
        List.of(listeners).forEach(builder::listener);
        return builder.build();
    }

    private DocumentData create(int size) {
        return documents.create(ANN, NewDocument.named("a"), TestContent.known(size));
    }

    private static DocumentEvent event(
            Kind kind, @Nullable Caller caller, @Nullable DocumentData before, @Nullable DocumentData after) {
        return new DocumentEvent(kind, caller, "ann", before, after, null);
    }

    // What is told

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void every_change_is_told_once_with_its_author_and_the_document_before_and_after(int size) {
        DocumentData created = create(size);
        DocumentData renamed = documents.change(ROOT, created.id(), Precondition.NONE, DocumentChanges.name("another"));
        DocumentData replaced =
                documents.replaceContent(ANN, created.id(), Precondition.NONE, TestContent.unknown(size - 1));
        DocumentData archived = documents.archive(ANN, created.id(), Precondition.NONE);
        DocumentData restored = documents.restore(ANN, created.id(), Precondition.NONE);
        documents.purge(ROOT, created.id(), Precondition.NONE);

        assertThat(told)
                .containsExactly(
                        event(Kind.CREATED, ANN, null, created),
                        event(Kind.CHANGED, ROOT, created, renamed),
                        event(Kind.CONTENT_REPLACED, ANN, renamed, replaced),
                        event(Kind.ARCHIVED, ANN, replaced, archived),
                        event(Kind.RESTORED, ANN, archived, restored),
                        event(Kind.PURGED, ROOT, restored, null));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_reserved_document_is_told_of_and_then_its_first_content(int size) {
        DocumentData reserved = documents.reserve(ANN, NewDocument.named("a"));
        DocumentData filled =
                documents.replaceContent(ANN, reserved.id(), Precondition.NONE, TestContent.unknown(size));

        assertThat(told)
                .containsExactly(
                        event(Kind.RESERVED, ANN, null, reserved), event(Kind.CONTENT_REPLACED, ANN, reserved, filled));
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void content_for_a_failed_document_is_one_change_from_the_failure_to_the_content(int size) {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        DocumentData whole = documents.replaceContent(ANN, failed.id(), Precondition.NONE, TestContent.unknown(size));

        assertThat(told).containsExactly(event(Kind.CONTENT_REPLACED, ANN, failed, whole));
    }

    @Test
    void the_document_before_is_the_one_that_was_replaced_although_others_changed_it_during_the_upload() {
        DocumentData document = house.create("a", LARGE);
        DocumentData[] renamed = new DocumentData[1];
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            renamed[0] = house.documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("renamed"));
            return -1;
        }));

        DocumentData replaced = documents.replaceContent(ANN, document.id(), Precondition.NONE, content);

        assertThat(told).containsExactly(event(Kind.CONTENT_REPLACED, ANN, renamed[0], replaced));
    }

    @Test
    void what_a_bulk_request_really_does_is_told_document_by_document() {
        DocumentData first = house.create("a", SMALL);
        DocumentData second = house.create("b", LARGE);
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        DocumentData pending = house.in(DocumentStatus.PENDING);
        List<UUID> ids = List.of(first.id(), archived.id(), pending.id(), second.id(), new UUID(7 << 12, 1L << 63));

        bulk(BulkRequest.of(BulkRequest.Action.ARCHIVE, ids));
        DocumentData firstArchived = house.now(first);
        DocumentData secondArchived = house.now(second);
        bulk(BulkRequest.of(BulkRequest.Action.ARCHIVE, ids));
        bulk(BulkRequest.update(List.of(second.id()), Map.of("year", 2026)));
        DocumentData updated = house.now(second);
        documents.preview(ROOT, BulkRequest.of(BulkRequest.Action.PURGE, ids));
        bulk(BulkRequest.of(BulkRequest.Action.PURGE, ids.subList(2, 5)));

        assertThat(told)
                .containsExactly(
                        event(Kind.ARCHIVED, ROOT, first, firstArchived),
                        event(Kind.ARCHIVED, ROOT, second, secondArchived),
                        event(Kind.CHANGED, ROOT, secondArchived, updated),
                        event(Kind.PURGED, ROOT, pending, null),
                        event(Kind.PURGED, ROOT, updated, null));
    }

    @Test
    void a_bulk_request_under_a_key_is_told_once_and_in_batches_as_they_are_made() {
        List<UUID> ids =
                IntStream.range(0, 501).mapToObj(i -> house.create("a", 1).id()).toList();
        List<Integer> toldBefore = new ArrayList<>();
        BulkRequest request = BulkRequest.of(BulkRequest.Action.PURGE, ids);

        documents.bulk(ANN, request, progress -> toldBefore.add(told.size()), "key");
        documents.bulk(ANN, request, BulkListener.NONE, "key");

        assertThat(toldBefore).containsExactly(500, 501);
        assertThat(told).hasSize(501).allMatch(event -> event.kind() == Kind.PURGED && event.after() == null);
    }

    @Test
    void what_others_change_during_a_bulk_request_is_told_from_where_they_left_it() {
        DocumentData quiet = house.create("a", SMALL);
        DocumentData busy = house.create("b", SMALL);
        int[] steps = {0};
        List<UUID> free = new ArrayList<>();
        ExecutorService others = Executors.newSingleThreadExecutor();
        DocumentService[] disturbed = new DocumentService[1];
        disturbed[0] = docs(
                        new ForwardingRepository(house.rows) {
                            @Override
                            public Set<UUID> updateAll(Collection<DocumentData> documents, @Nullable BulkStep step) {
                                if (++steps[0] < 5) {
                                    house.documents.change(
                                            ANN,
                                            busy.id(),
                                            Precondition.NONE,
                                            DocumentChanges.name("theirs " + steps[0]));
                                }
                                return super.updateAll(documents, step);
                            }
                        },
                        event -> {
                            if (event.kind() == Kind.ARCHIVED) {
                                told.add(event);
                                UUID id = Objects.requireNonNull(event.after()).id();
                                Future<DocumentData> other =
                                        others.submit(() -> disturbed[0].restore(ANN, id, Precondition.NONE));
                                assertThat(other).succeedsWithin(5, TimeUnit.SECONDS);
                                free.add(id);
                            }
                        })
                .documents();

        disturbed[0].bulk(
                ROOT, BulkRequest.of(BulkRequest.Action.ARCHIVE, List.of(quiet.id(), busy.id())), BulkListener.NONE);

        others.shutdown();
        assertThat(told).extracting(DocumentEvent::before).startsWith(quiet).hasSize(2);
        assertThat(Objects.requireNonNull(told.get(1).before()).name()).isEqualTo("theirs 4");
        assertThat(free).containsExactly(quiet.id(), busy.id());
    }

    private void bulk(BulkRequest request) {
        documents.bulk(ROOT, request, BulkListener.NONE);
    }

    @Test
    void a_deleted_user_is_told_of_and_none_of_the_documents() {
        create(LARGE);
        told.clear();

        documents.deleteUser(ROOT, "ann");

        assertThat(told).containsExactly(new DocumentEvent(Kind.USER_DELETED, ROOT, "ann", null, null, null));
    }

    @Test
    void what_retention_removes_nobody_asked_for() {
        DocumentData first = create(LARGE);
        DocumentVersion old = house.rows.version(first.id(), 1).orElseThrow();
        DocumentData second = documents.replaceContent(ANN, first.id(), Precondition.NONE, TestContent.unknown(LARGE));
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        house.clock.advance(Duration.ofDays(31));
        told.clear();

        docs.housekeeping().retain();

        assertThat(told)
                .containsExactlyInAnyOrder(
                        event(Kind.PURGED, null, archived, null),
                        new DocumentEvent(Kind.VERSION_DROPPED, null, "ann", second, second, old));
    }

    @Test
    void damage_and_recovery_that_a_scrub_finds_are_told() {
        DocumentData document = create(LARGE);
        house.store.flip(contentOf(document).url(), 5);
        docs.integrity().verify(document.id());
        DocumentData failed = house.now(document);
        house.store.flip(contentOf(document).url(), 5);
        docs.integrity().verify(document.id());

        assertThat(told.subList(1, told.size()))
                .containsExactly(
                        event(Kind.FAILED, null, document, failed),
                        event(Kind.HEALED, null, failed, house.now(document)));
    }

    @Test
    void damage_that_a_reader_finds_is_told() {
        DocumentData document = create(LARGE);
        house.store.delete(contentOf(document).url());
        failure(() -> TestContent.read(documents.content(ANN, document.id())));
        failure(() -> TestContent.read(documents.content(ANN, document.id(), 1)));

        assertThat(told.subList(1, told.size()))
                .containsExactly(event(Kind.FAILED, null, document, house.now(document)));
    }

    @Test
    void what_a_repair_marks_is_told() {
        DocumentData document = create(LARGE);
        house.store.delete(contentOf(document).url());
        docs.integrity().repair(false, finding -> {}, seen -> {});

        assertThat(told.subList(1, told.size()))
                .containsExactly(event(Kind.FAILED, null, document, house.now(document)));
    }

    @Test
    void a_reservation_that_expires_has_failed() {
        DocumentData reserved = documents.reserve(ANN, NewDocument.named("a"));
        house.clock.advance(House.EXPIRY.plusSeconds(1));
        docs.housekeeping().sweep();

        assertThat(told)
                .containsExactly(
                        event(Kind.RESERVED, ANN, null, reserved),
                        event(Kind.FAILED, null, reserved, house.now(reserved)));
    }

    @Test
    void an_upload_that_breaks_fails_the_document_that_waited_for_it() {
        DocumentData reserved = documents.reserve(ANN, NewDocument.named("a"));
        NewContent cut = NewContent.of(TestContent.then(LARGE, () -> {
            throw new IOException("the line is cut");
        }));

        failure(() -> documents.replaceContent(ANN, reserved.id(), Precondition.NONE, cut));

        assertThat(told)
                .containsExactly(
                        event(Kind.RESERVED, ANN, null, reserved),
                        event(Kind.FAILED, null, reserved, house.now(reserved)));
    }

    // What is not

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void a_repetition_of_a_request_is_not_told_again(int size) {
        NewDocument named = NewDocument.named("a");
        DocumentData document =
                documents.create(ANN, named, TestContent.known(size), "create").document();
        documents.reserve(ANN, named, "reserve");
        documents.replaceContent(ANN, document.id(), Precondition.NONE, TestContent.known(size), "replace");
        assertThat(told).hasSize(3);

        documents.create(ANN, named, TestContent.known(size), "create");
        documents.reserve(ANN, named, "reserve");
        documents.replaceContent(ANN, document.id(), Precondition.NONE, TestContent.known(size), "replace");

        assertThat(told).hasSize(3);
    }

    @Test
    void changes_that_make_no_difference_are_not_told() {
        DocumentData document = create(LARGE);
        documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("a"));
        documents.restore(ANN, document.id(), Precondition.NONE);
        documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.metadata(old -> old.merge(Map.of())));

        assertThat(told).hasSize(1);
    }

    @Test
    void what_was_refused_or_failed_is_not_told() {
        DocumentData document = create(LARGE);
        NewContent cut = NewContent.of(TestContent.then(LARGE, () -> {
            throw new IOException("the line is cut");
        }));

        failure(() -> documents.create(ANN, NewDocument.named("b"), cut));
        failure(() -> documents.purge(House.BOB, document.id(), Precondition.NONE));
        failure(() -> documents.deleteUser(ANN, "ann"));
        failure(() -> documents.archive(ANN, document.id(), Precondition.revision(17)));

        assertThat(told).hasSize(1);
    }

    @Test
    void a_publication_whose_outcome_is_unknown_is_not_told() {
        Docs unlucky = docs(
                new ForwardingRepository(house.rows) {
                    @Override
                    public void publish(
                            DocumentData next, ByteBuffer bytes, Quota defaultQuota, IdempotencyKey.@Nullable Use use) {
                        throw DocumentStorageException.outcomeUnknown(new IOException("the line is cut"));
                    }
                },
                told::add);

        failure(() -> unlucky.documents().create(ANN, NewDocument.named("a"), TestContent.known(SMALL)));

        assertThat(told).isEmpty();
    }

    // How

    @Test
    void whatever_a_listener_throws_the_change_is_made_and_the_next_listener_told() {
        DocumentService cursed = docs(
                        house.rows,
                        event -> {
                            throw new IllegalStateException("a listener's own trouble");
                        },
                        event -> {
                            throw new AssertionError("not even an exception");
                        },
                        told::add)
                .documents();

        DocumentData document = cursed.create(ANN, NewDocument.named("a"), TestContent.known(LARGE));

        assertThat(house.now(document)).isEqualTo(document);
        assertThat(told).containsExactly(event(Kind.CREATED, ANN, null, document));
    }

    @Test
    void the_change_is_durable_and_the_document_free_when_the_listener_is_called() {
        List<String> seen = new ArrayList<>();
        ExecutorService others = Executors.newSingleThreadExecutor();
        DocumentService[] watched = new DocumentService[1];
        watched[0] = docs(house.rows, event -> {
                    if (event.kind() == Kind.CHANGED) {
                        DocumentData after = Objects.requireNonNull(event.after());
                        assertThat(house.now(after)).isEqualTo(after);
                        seen.add(Thread.currentThread().getName());
                        Future<DocumentData> other =
                                others.submit(() -> watched[0].archive(ANN, after.id(), Precondition.NONE));
                        assertThat(other).succeedsWithin(5, TimeUnit.SECONDS);
                        seen.add("archived");
                    }
                })
                .documents();
        DocumentData document = house.create("a", LARGE);

        watched[0].change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("b"));
        others.shutdown();

        assertThat(seen).containsExactly(Thread.currentThread().getName(), "archived");
    }

    @Test
    void a_listener_may_call_back_and_hears_of_that_too() {
        DocumentService[] service = new DocumentService[1];
        service[0] = docs(house.rows, event -> {
                    told.add(event);
                    if (event.kind() == Kind.CREATED) {
                        service[0].archive(
                                ROOT, Objects.requireNonNull(event.after()).id(), Precondition.NONE);
                    }
                })
                .documents();

        DocumentData created = service[0].create(ANN, NewDocument.named("a"), TestContent.known(LARGE));

        assertThat(told).extracting(DocumentEvent::kind).containsExactly(Kind.CREATED, Kind.ARCHIVED);
        assertThat(house.now(created).status()).isEqualTo(DocumentStatus.ARCHIVED);
    }

    @Test
    void nothing_happens_to_no_document() {
        assertThatThrownBy(() -> DocumentEvent.of(ANN, null, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
