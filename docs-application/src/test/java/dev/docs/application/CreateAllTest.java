package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.conformance.SimpleMediaTypeDetector;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

final class CreateAllTest {
    /** How many documents each step published. */
    private final List<Integer> steps = new ArrayList<>();

    private final List<DocumentEvent> events = new ArrayList<>();

    private @Nullable DocumentStorageException failure;
    private boolean fails;
    private final House house = new House(Watched::new);

    @Test
    void small_files_are_published_together_and_larger_ones_between_them_in_order() {
        List<Integer> sizes = List.of(1, SMALL, 0, LARGE, 5, SMALL + 1, 7, 8);

        List<Created> all =
                create(sizes.stream().map(size -> file("f" + size, size)).toList());

        assertThat(steps).containsExactly(3, 1, 2);
        assertThat(all).extracting(Created::index).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        for (int i = 0; i < sizes.size(); i++) {
            DocumentData document = document(all.get(i));
            assertThat(document.name()).isEqualTo("f" + sizes.get(i));
            assertThat(house.now(document)).isEqualTo(document);
            assertThat(house.bytesOf(document)).isEqualTo(TestContent.bytes(sizes.get(i), 0));
        }
        assertThat(names()).containsExactly("f1", "f1000", "f0", "f50000", "f5", "f1001", "f7", "f8");
        house.requireNothingLeft();
    }

    @Test
    void no_more_than_64_wait_for_each_other() {
        create(IntStream.range(0, 150).mapToObj(i -> file("f" + i, 3)).toList());

        assertThat(steps).containsExactly(64, 64, 22);
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(450);
    }

    @Test
    void no_more_than_a_mebibyte_waits() {
        Metadata large = Metadata.of(Map.of("k", "x".repeat(60_000)));
        create(IntStream.range(0, 40)
                .mapToObj(i -> NewFile.of(NewDocument.named("f" + i).withMetadata(large), TestContent.known(SMALL)))
                .toList());

        assertThat(steps).containsExactly(18, 18, 4);
    }

    @Test
    void what_the_reader_of_results_throws_ends_the_call_and_is_no_files_refusal() {
        List<Created> told = new ArrayList<>();
        DocumentException thrown = new DocumentNotFoundException();

        assertThatThrownBy(() -> house.documents.createAll(
                        ANN,
                        List.of(file("a", 1), file("b", LARGE), file("c", 1)).iterator(),
                        created -> {
                            told.add(created);
                            throw thrown;
                        }))
                .isSameAs(thrown);
        assertThat(told).hasSize(1);
        assertThat(names()).containsExactly("a");
    }

    @Test
    void a_refused_file_keeps_no_other_out() {
        house.rows.setQuota("ann", own -> own.withBytes(100L));

        List<Created> all = create(List.of(
                file("first", 60),
                file("", 1),
                file("too much", 41),
                new NewFile(NewDocument.named("lies"), TestContent.announcing(5, 6L, null), null),
                file("too large", LARGE),
                NewFile.of(NewDocument.named("typed"), TestContent.known(1).withType("nonsense")),
                NewFile.of(NewDocument.named("not mine").ownedBy("bob"), TestContent.known(1)),
                new NewFile(NewDocument.named("bad key"), TestContent.known(1), "a b"),
                file("last", 40)));

        assertThat(all)
                .extracting(CreateAllTest::kind)
                .containsExactly(
                        null,
                        Kind.INVALID,
                        Kind.QUOTA_EXCEEDED,
                        Kind.CONTENT_MISMATCH,
                        Kind.QUOTA_EXCEEDED,
                        Kind.INVALID,
                        Kind.ACCESS_DENIED,
                        Kind.INVALID,
                        null);
        assertThat(all).extracting(Created::index).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(names()).containsExactly("first", "last");
        house.requireNothingLeft();
    }

    @Test
    void what_the_source_throws_ends_the_call_and_what_was_not_told_is_not_there() {
        IllegalStateException broken = new IllegalStateException("broken");
        List<Created> told = new ArrayList<>();
        Iterator<NewFile> files = new Iterator<>() {
            private final Iterator<NewFile> first =
                    List.of(file("a", 1), file("b", LARGE), file("c", 1)).iterator();

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public NewFile next() {
                if (!first.hasNext()) {
                    throw broken;
                }
                return first.next();
            }
        };

        assertThatThrownBy(() -> house.documents.createAll(ANN, files, told::add))
                .isSameAs(broken);
        assertThat(told).hasSize(2);
        assertThat(names()).containsExactly("a", "b");
        house.requireNothingLeft();
    }

    @Test
    void each_is_carried_out_once_under_its_key() {
        List<NewFile> files = List.of(keyed("a", 3), keyed("b", LARGE), keyed("c", 5), keyed("d", 0));
        List<Created> first = create(files.subList(0, 3));

        List<Created> again = create(List.of(keyed("a", 3), keyed("b", LARGE), keyed("c", 6), keyed("d", 0)));

        assertThat(again.get(0).outcome()).isEqualTo(new Outcome(document(first.get(0)), true));
        assertThat(again.get(1).outcome()).isEqualTo(new Outcome(document(first.get(1)), true));
        assertThat(kind(again.get(2))).isEqualTo(Kind.KEY_REUSED);
        assertThat(Objects.requireNonNull(again.get(3).outcome()).replayed()).isFalse();
        assertThat(names()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void of_two_with_one_key_the_second_gets_what_the_first_made() {
        List<Created> all = create(List.of(keyed("a", 3), file("b", 3), keyed("a", 3)));

        assertThat(all.get(2).outcome()).isEqualTo(new Outcome(document(all.get(0)), true));
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void a_step_that_failed_is_the_failure_of_all_in_it() {
        fails = true;
        failure = DocumentStorageException.unavailable("away", null);

        List<Created> all = create(List.of(file("a", 1), file("b", 1), file("c", LARGE), file("d", 1), file("e", 1)));

        assertThat(all)
                .extracting(CreateAllTest::kind)
                .containsExactly(Kind.UNAVAILABLE, Kind.UNAVAILABLE, null, null, null);
        assertThat(names()).containsExactly("c", "d", "e");
    }

    @Test
    void a_step_whose_answer_is_lost_is_settled_by_reading() {
        failure = DocumentStorageException.outcomeUnknown(null);
        List<Created> made = create(List.of(file("a", 1), file("b", 1)));
        assertThat(made).extracting(CreateAllTest::kind).containsOnlyNulls();

        fails = true;
        failure = DocumentStorageException.outcomeUnknown(null);
        assertThat(create(List.of(file("c", 1), file("d", 1))))
                .extracting(CreateAllTest::kind)
                .containsOnly(Kind.OUTCOME_UNKNOWN);
        assertThat(names()).containsExactly("a", "b");
    }

    // What holds for a document that is created alone

    @Test
    void gates_are_asked_about_each_before_its_step_and_what_they_keep_out_keeps_no_other_out() {
        List<String> asked = new ArrayList<>();
        DocumentService documents = with(builder -> builder.contentGate((document, bytes) -> {
            asked.add(document.name());
            assertThat(house.rows.version(document.id(), 1)).isEmpty();
            assertThat(document.status()).isEqualTo(DocumentStatus.ACTIVE);
            assertThat(TestContent.read(bytes.open())).hasSize(Math.toIntExact(document.sizeBytes()));
            if (document.name().equals("broken")) {
                throw new IllegalStateException("the scanner is away");
            }
            return document.name().startsWith("virus") ? Verdict.refuse("a virus") : Verdict.accept("clean");
        }));
        List<NewFile> files = List.of(
                file("a", 3),
                file("virus", 3),
                file("b", SMALL),
                file("broken", 3),
                file("virus of size", LARGE),
                file("c", 0),
                file("d", LARGE));

        List<Created> all = create(documents, files);

        assertThat(all)
                .extracting(CreateAllTest::kind)
                .containsExactly(null, Kind.CONTENT_REFUSED, null, Kind.UNAVAILABLE, Kind.CONTENT_REFUSED, null, null);
        assertThat(asked).containsExactly("a", "virus", "b", "broken", "virus of size", "c", "d");
        assertThat(steps).containsExactly(2, 1);
        assertThat(names()).containsExactly("a", "b", "c", "d");
        for (int i : List.of(0, 2, 5, 6)) {
            assertThat(contentOf(document(all.get(i))).verdict()).isEqualTo("clean");
            assertThat(house.now(document(all.get(i)))).isEqualTo(document(all.get(i)));
        }
        assertThat(events).extracting(DocumentEvent::kind).containsOnly(DocumentEvent.Kind.CREATED);
        assertThat(events)
                .extracting(DocumentEvent::after)
                .containsExactlyElementsOf(
                        Stream.of(0, 2, 5, 6).map(i -> document(all.get(i))).toList());
        house.requireNothingLeft();
    }

    @Test
    void what_is_repeated_under_its_key_is_neither_asked_about_nor_told_again() {
        List<NewFile> files = List.of(keyed("a", 3), keyed("b", LARGE), keyed("c", 5));
        List<Created> first = create(with(builder -> builder), files);
        DocumentService strict = with(builder -> builder.mediaTypePolicy(MediaTypePolicy.allowing("image/*"))
                .contentGate((document, bytes) -> Verdict.refuse("a virus")));
        events.clear();

        List<Created> again = create(strict, List.of(keyed("a", 3), keyed("b", LARGE), keyed("c", 5)));

        assertThat(again)
                .extracting(Created::outcome)
                .containsExactlyElementsOf(first.stream()
                        .map(each -> new Outcome(document(each), true))
                        .toList());
        assertThat(events).isEmpty();
    }

    @Test
    void types_are_detected_in_each_and_what_is_not_allowed_keeps_no_other_out() {
        DocumentService documents = with(builder -> builder.mediaTypeDetector(new SimpleMediaTypeDetector())
                .mediaTypePolicy(MediaTypePolicy.allowing("application/pdf", "text/*")));
        byte[] pdf = "%PDF-1.7 and so on".getBytes(StandardCharsets.UTF_8);
        byte[] program = "MZ and so on".getBytes(StandardCharsets.UTF_8);
        MediaTypePolicy onlyText = MediaTypePolicy.allowing("text/*");

        List<Created> all = create(
                documents,
                List.of(
                        NewFile.of(NewDocument.named("a"), NewContent.of(pdf)),
                        NewFile.of(
                                NewDocument.named("b"), NewContent.of(program).withType("text/plain")),
                        NewFile.of(NewDocument.named("c"), NewContent.of(pdf).admittedBy(onlyText)),
                        NewFile.of(
                                NewDocument.named("d"),
                                NewContent.of(new byte[0]).withType("text/plain"))));

        assertThat(all)
                .extracting(CreateAllTest::kind)
                .containsExactly(null, Kind.TYPE_NOT_ALLOWED, Kind.TYPE_NOT_ALLOWED, null);
        assertThat(contentOf(document(all.get(0))).detectedType()).isEqualTo("application/pdf");
        assertThat(document(all.get(0)).mimeType()).isEqualTo("application/pdf");
        assertThat(document(all.get(3)).mimeType()).isEqualTo("text/plain");
        assertThat(names()).containsExactly("a", "d");
        house.requireNothingLeft();
    }

    @Test
    void without_a_detector_what_is_not_allowed_is_not_even_read() {
        DocumentService documents =
                with(builder -> builder.mediaTypePolicy(MediaTypePolicy.allowing("application/pdf")));

        List<Created> all = create(
                documents,
                List.of(
                        NewFile.of(
                                NewDocument.named("a"),
                                TestContent.untouchable().withType("text/plain")),
                        NewFile.of(NewDocument.named("b"), TestContent.known(3).withType("application/pdf"))));

        assertThat(all).extracting(CreateAllTest::kind).containsExactly(Kind.TYPE_NOT_ALLOWED, null);
    }

    @Test
    void the_access_policy_decides_about_each_document_as_it_would_be() {
        DocumentService documents = with(builder -> builder.accessPolicy((caller, action, userId, document) ->
                document == null || !document.name().equals("secret")));

        List<Created> all = create(documents, List.of(file("a", 3), file("secret", 3), file("b", 3)));

        assertThat(all).extracting(CreateAllTest::kind).containsExactly(null, Kind.ACCESS_DENIED, null);
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void listeners_are_told_of_a_whole_step_even_if_nobody_hears_its_results() {
        IllegalStateException gone = new IllegalStateException("gone");
        DocumentService documents = with(builder -> builder.listener(event -> {
            DocumentData after = Objects.requireNonNull(event.after(), "nothing was purged");
            assertThat(house.now(after)).isEqualTo(after);
            throw gone;
        }));

        assertThatThrownBy(() -> documents.createAll(
                        ANN, List.of(file("a", 3), file("b", 3)).iterator(), created -> {
                            throw gone;
                        }))
                .isSameAs(gone);

        assertThat(events).extracting(DocumentEvent::caller).containsExactly(ANN, ANN);
        assertThat(events)
                .extracting(event -> Objects.requireNonNull(event.after()).name())
                .containsExactly("a", "b");
    }

    private DocumentService with(UnaryOperator<Docs.Builder> settings) {
        Docs.Builder builder = Docs.builder()
                .repository(new Watched(house.rows))
                .store("main", house.store)
                .limits(House.LIMITS)
                .uploadLease(House.LEASE)
                .clock(house.clock)
                .listener(events::add);
        return settings.apply(builder).build().documents();
    }

    private List<Created> create(List<NewFile> files) {
        return create(house.documents, files);
    }

    private static List<Created> create(DocumentService documents, List<NewFile> files) {
        List<Created> all = new ArrayList<>();
        documents.createAll(ANN, files.iterator(), all::add);
        return all;
    }

    private static NewFile file(String name, int size) {
        return NewFile.of(NewDocument.named(name), TestContent.unknown(size));
    }

    private static NewFile keyed(String name, int size) {
        return new NewFile(NewDocument.named(name), TestContent.unknown(size), "key-" + name);
    }

    private static DocumentData document(Created created) {
        return Objects.requireNonNull(created.outcome(), "it was created").document();
    }

    private static @Nullable Kind kind(Created created) {
        return created.failure() == null ? null : created.failure().kind();
    }

    private List<String> names() {
        DocumentQuery oldestFirst = DocumentQuery.builder("ann")
                .sort(DocumentQuery.Sort.CREATED, false)
                .build();
        return house.rows.list(oldestFirst, null, 1000).items().stream()
                .map(DocumentData::name)
                .toList();
    }

    /** Counts what is published, and fails once as planned: before the step is made, or after. */
    private final class Watched extends ForwardingRepository {
        Watched(DocumentRepository next) {
            super(next);
        }

        @Override
        public void publish(
                DocumentData document,
                ByteBuffer bytes,
                Quota defaults,
                dev.docs.domain.IdempotencyKey.@Nullable Use use) {
            super.publish(document, bytes, defaults, use);
            steps.add(1);
        }

        @Override
        public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
            DocumentStorageException planned = failure;
            failure = null;
            if (planned != null && fails) {
                throw planned;
            }
            List<Optional<DocumentException>> refusals = super.publishAll(publications, defaults);
            steps.add(publications.size());
            if (planned != null) {
                throw planned;
            }
            return refusals;
        }
    }
}
