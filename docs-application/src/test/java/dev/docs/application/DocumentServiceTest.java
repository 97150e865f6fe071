package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

final class DocumentServiceTest {
    private static final UUID NOBODY = new UUID(1, 2);

    private final House house = new House();
    private final DocumentService documents = house.documents;

    // Reading

    @ParameterizedTest
    @EnumSource(DocumentStatus.class)
    void getsADocumentInEveryStatus(DocumentStatus status) {
        DocumentData document = house.in(status);

        assertThat(documents.get(ANN, document.id())).isEqualTo(document);
    }

    @Test
    void listsPageByPageToTheEnd() {
        List<DocumentData> created = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            created.add(0, house.create("n" + i, 1));
            house.clock.advance(Duration.ofMillis(1));
        }
        house.in(DocumentStatus.ARCHIVED);
        DocumentQuery query = DocumentQuery.of("ann");

        List<DocumentData> listed = new ArrayList<>();
        @Nullable Position after = null;
        do {
            Page<DocumentData> page = documents.list(ANN, query, after, 3);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(3);
            listed.addAll(page.items());
            after = page.next();
        } while (after != null);

        assertThat(listed).isEqualTo(created);
        assertThat(documents.count(ANN, query, 100)).isEqualTo(7);
        assertThat(documents.count(ANN, query, 5)).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 201})
    void refusesAPageSizeOutsideTheLimits(int max) {
        DocumentData document = house.create("a", 1);

        assertThat(kind(() -> documents.list(ANN, DocumentQuery.of("ann"), null, max)))
                .isEqualTo(Kind.INVALID);
        assertThatThrownBy(() -> documents.versions(ANN, document.id(), Integer.MAX_VALUE, max))
                .isInstanceOfSatisfying(
                        DocumentValidationException.class,
                        e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.field()).isEqualTo("limit");
                            assertThat(problem.limit()).isEqualTo(200);
                        }));
        assertThat(documents.list(ANN, DocumentQuery.of("ann"), null, 200).items())
                .hasSize(1);
    }

    @Test
    void saysThatADocumentIsNotThereWhateverIsAsked() {
        List<Runnable> calls = List.of(
                () -> documents.get(ANN, NOBODY),
                () -> documents.content(ANN, NOBODY),
                () -> documents.content(ANN, NOBODY, 1),
                () -> documents.version(ANN, NOBODY, 1),
                () -> documents.versions(ANN, NOBODY, 1, 1),
                () -> documents.change(ROOT, NOBODY, Precondition.NONE, DocumentChanges.name("x")),
                () -> documents.archive(ANN, NOBODY, Precondition.NONE),
                () -> documents.restore(ANN, NOBODY, Precondition.NONE),
                () -> documents.replaceContent(ROOT, NOBODY, Precondition.NONE, TestContent.untouchable()),
                () -> documents.purge(ROOT, NOBODY, Precondition.NONE));

        calls.forEach(call -> assertThatThrownBy(call::run).isExactlyInstanceOf(DocumentNotFoundException.class));
    }

    // Changing

    @ParameterizedTest
    @EnumSource(DocumentStatus.class)
    void changesNameAndMetadataInEveryStatus(DocumentStatus status) {
        DocumentData before = house.in(status);
        house.clock.advance(Duration.ofSeconds(1));

        DocumentData renamed = documents.change(ANN, before.id(), Precondition.NONE, DocumentChanges.name("other"));
        DocumentData described = documents.change(
                ANN, before.id(), Precondition.NONE, DocumentChanges.metadata(old -> old.merge(Map.of("a", 1))));

        assertThat(renamed.name()).isEqualTo("other");
        assertThat(renamed.revision()).isEqualTo(before.revision() + 1);
        assertThat(renamed.updatedAt()).isEqualTo(house.clock.instant());
        assertThat(renamed.createdAt()).isEqualTo(before.createdAt());
        assertThat(described.name()).isEqualTo("other");
        assertThat(described.metadata()).isEqualTo(Metadata.of(Map.of("a", 1)));
        assertThat(described.status()).isEqualTo(status);
        assertThat(described.statusReason()).isEqualTo(before.statusReason());
        assertThat(described.content()).isEqualTo(before.content());
        assertThat(house.now(before)).isEqualTo(described);
    }

    @Test
    void mergesMetadataIntoWhatIsThere() {
        DocumentData document = documents.create(
                ANN,
                NewDocument.named("a").withMetadata(Metadata.of(Map.of("keep", "x", "drop", "y"))),
                TestContent.known(1));
        Map<String, @Nullable Object> patch = new HashMap<>();
        patch.put("drop", null);
        patch.put("add", List.of(1, 2));

        DocumentData changed = documents.change(
                ANN, document.id(), Precondition.NONE, DocumentChanges.metadata(old -> old.merge(patch)));

        assertThat(changed.metadata()).isEqualTo(Metadata.of(Map.of("keep", "x", "add", List.of(1, 2))));
    }

    @Test
    void changesNameMetadataAndStatusInOneRevision() {
        DocumentData before = house.create("a", 10);

        DocumentData after = documents.change(
                ANN,
                before.id(),
                Precondition.NONE,
                new DocumentChanges("b", old -> Metadata.of(Map.of("k", 1)), DocumentStatus.ARCHIVED));

        assertThat(after.revision()).isEqualTo(before.revision() + 1);
        assertThat(after.name()).isEqualTo("b");
        assertThat(after.metadata()).isEqualTo(Metadata.of(Map.of("k", 1)));
        assertThat(after.status()).isEqualTo(DocumentStatus.ARCHIVED);
        assertThat(house.rows.usage("ann").bytes())
                .containsEntry(DocumentStatus.ARCHIVED, 10L)
                .containsEntry(DocumentStatus.ACTIVE, 0L);
    }

    @Test
    void changesNothingIfOneOfSeveralChangesIsNotAllowed() {
        DocumentData pending = house.reserve("a");

        assertThat(kind(() -> documents.change(
                        ANN, pending.id(), Precondition.NONE, new DocumentChanges("b", null, DocumentStatus.ARCHIVED))))
                .isEqualTo(Kind.STATUS);

        assertThat(house.now(pending)).isEqualTo(pending);
    }

    @Test
    void returnsTheSameRevisionIfNothingIsDifferent() {
        DocumentData before = house.create("a", 10);
        house.clock.advance(Duration.ofSeconds(1));

        for (DocumentChanges none : List.of(
                new DocumentChanges(null, null, null),
                new DocumentChanges("a", old -> Metadata.of(old.values()), DocumentStatus.ACTIVE))) {
            assertThat(documents.change(ANN, before.id(), Precondition.NONE, none))
                    .isEqualTo(before);
        }
        assertThat(house.now(before)).isEqualTo(before);
    }

    @Test
    void refusesNamesMetadataAndStatusesThatMayNotBeSet() {
        DocumentData before = house.create("a", 10);
        Metadata tooMany = Metadata.of(Map.of("list", new ArrayList<>(Collections.nCopies(257, 1))));

        for (DocumentChanges changes : List.of(
                DocumentChanges.name(""),
                DocumentChanges.name("x".repeat(256)),
                DocumentChanges.metadata(old -> tooMany),
                DocumentChanges.status(DocumentStatus.PENDING),
                DocumentChanges.status(DocumentStatus.ERROR))) {
            assertThat(kind(() -> documents.change(ANN, before.id(), Precondition.NONE, changes)))
                    .isEqualTo(Kind.INVALID);
        }
        assertThat(house.now(before)).isEqualTo(before);
    }

    // Statuses

    @Test
    void archivesAndRestoresAndMindsNoRepetition() {
        DocumentData active = house.create("a", 10);

        DocumentData archived = documents.archive(ANN, active.id(), Precondition.NONE);
        assertThat(archived.status()).isEqualTo(DocumentStatus.ARCHIVED);
        assertThat(documents.archive(ANN, active.id(), Precondition.NONE)).isEqualTo(archived);
        assertThat(documents.count(ANN, DocumentQuery.of("ann"), 9)).isZero();

        DocumentData restored = documents.restore(ANN, active.id(), Precondition.NONE);
        assertThat(restored.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(restored.revision()).isEqualTo(active.revision() + 2);
        assertThat(documents.restore(ANN, active.id(), Precondition.NONE)).isEqualTo(restored);
        assertThat(documents.count(ANN, DocumentQuery.of("ann"), 9)).isEqualTo(1);
    }

    @Test
    void archivesAFailedDocumentButNoPendingOne() {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        DocumentData pending = house.in(DocumentStatus.PENDING);

        DocumentData archived = documents.archive(ANN, failed.id(), Precondition.NONE);
        assertThat(archived.status()).isEqualTo(DocumentStatus.ARCHIVED);
        assertThat(archived.statusReason()).isNull();
        requireStatusFailure(
                () -> documents.archive(ANN, pending.id(), Precondition.NONE),
                DocumentStatus.PENDING,
                DocumentStatus.ARCHIVED);
    }

    @Test
    void restoresOnlyArchivedDocumentsThatHaveContent() {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        DocumentData pending = house.in(DocumentStatus.PENDING);
        DocumentData empty = house.reserve("empty");
        house.rows.update(empty.fail("never came", house.clock.instant()));
        documents.archive(ANN, empty.id(), Precondition.NONE);

        requireStatusFailure(
                () -> documents.restore(ANN, failed.id(), Precondition.NONE),
                DocumentStatus.ERROR,
                DocumentStatus.ACTIVE);
        requireStatusFailure(
                () -> documents.restore(ANN, pending.id(), Precondition.NONE),
                DocumentStatus.PENDING,
                DocumentStatus.ACTIVE);
        requireStatusFailure(
                () -> documents.restore(ANN, empty.id(), Precondition.NONE),
                DocumentStatus.ARCHIVED,
                DocumentStatus.ACTIVE);
    }

    @ParameterizedTest
    @EnumSource(DocumentStatus.class)
    void purgesFromEveryStatus(DocumentStatus status) {
        DocumentData document = house.in(status);

        documents.purge(ANN, document.id(), Precondition.NONE);

        assertThat(kind(() -> documents.get(ANN, document.id()))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> documents.purge(ANN, document.id(), Precondition.NONE)))
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(house.rows.usage("ann")).isEqualTo(Usage.NONE);
        assertThat(house.rows.recount("ann")).isEqualTo(Usage.NONE);
    }

    // Preconditions

    @Test
    void everyChangeIsMadeIfItsPreconditionHolds() {
        for (Change change : CHANGES) {
            DocumentData document = house.create("a", 10);
            change.make(documents, document, Precondition.revision(document.revision()));
            assertThat(house.rows.find(document.id())).isNotEqualTo(Optional.of(document));
        }
    }

    @Test
    void noChangeIsMadeIfItsPreconditionIsStale() {
        for (Change change : CHANGES) {
            DocumentData document = house.create("a", 10);
            Precondition stale = Precondition.revision(document.revision() - 1);

            assertThat(kind(() -> change.make(documents, document, stale))).isEqualTo(Kind.CONFLICT);
            assertThat(house.now(document)).isEqualTo(document);
        }
    }

    @Test
    void aPreconditionIsCheckedAgainIfSomebodyElseIsQuicker() {
        Rival rival = new Rival();
        House contended = new House(rows -> new Contended(rows, rival));
        for (Change change : CHANGES) {
            DocumentData document = contended.create("a", 10);
            renameOnce(rival, contended, document);

            assertThat(kind(() ->
                            change.make(contended.documents, document, Precondition.revision(document.revision()))))
                    .isEqualTo(Kind.CONFLICT);
            assertThat(contended.now(document).name()).isEqualTo("rival");
            assertThat(contended.now(document).revision()).isEqualTo(document.revision() + 1);
        }
        contended.requireNothingLeft();
    }

    @Test
    void aChangeWithoutPreconditionIsMadeOnTopOfARivals() {
        Rival rival = new Rival();
        House contended = new House(rows -> new Contended(rows, rival));
        for (Change change : CHANGES) {
            DocumentData document = contended.create("a", 10);
            renameOnce(rival, contended, document);

            change.make(contended.documents, document, Precondition.NONE);

            contended.rows.find(document.id()).ifPresent(now -> {
                assertThat(now.revision()).isEqualTo(document.revision() + 2);
                assertThat(now.name()).isEqualTo("rival");
            });
        }
    }

    @Test
    void saysWhichPartCannotBeUsed() {
        documents.check();
        House broken = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void check() {
                throw DocumentStorageException.unavailable("the database is away", null);
            }
        });

        assertThat(failure(broken.documents::check)).hasMessage("the database is away");
    }

    /** One way to change a document that leaves its name alone. */
    private interface Change {
        void make(DocumentService documents, DocumentData document, Precondition precondition);
    }

    private static final List<Change> CHANGES = List.of(
            (documents, document, precondition) -> documents.change(
                    ANN, document.id(), precondition, DocumentChanges.metadata(old -> old.merge(Map.of("a", 1)))),
            (documents, document, precondition) -> documents.archive(ANN, document.id(), precondition),
            (documents, document, precondition) -> documents.purge(ANN, document.id(), precondition),
            (documents, document, precondition) ->
                    documents.replaceContent(ANN, document.id(), precondition, TestContent.known(20)),
            (documents, document, precondition) ->
                    documents.replaceContent(ANN, document.id(), precondition, TestContent.unknown(LARGE)));

    /** Somebody who acts once, at the worst moment. */
    private static final class Rival {
        private Runnable next = () -> {};

        void act() {
            Runnable now = next;
            next = () -> {};
            now.run();
        }
    }

    /** Lets a rival act between a caller's reading and its change. */
    private static final class Contended extends ForwardingRepository {
        private final Rival rival;

        Contended(DocumentRepository next, Rival rival) {
            super(next);
            this.rival = rival;
        }

        @Override
        public void update(DocumentData document) {
            rival.act();
            super.update(document);
        }

        @Override
        public void purge(UUID id, long revision, @Nullable IdempotencyKey freed) {
            rival.act();
            super.purge(id, revision, freed);
        }

        @Override
        public void publish(DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
            rival.act();
            super.publish(document, bytes, defaults, use);
        }

        @Override
        public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
            rival.act();
            super.activate(uploadId, document, fingerprint);
        }
    }

    private static void renameOnce(Rival rival, House house, DocumentData document) {
        rival.next = () -> {
            DocumentData now = house.now(document);
            house.rows.update(now.describe("rival", now.metadata(), house.clock.instant()));
        };
    }

    private static void requireStatusFailure(Runnable call, DocumentStatus from, DocumentStatus to) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(DocumentStatusException.class, e -> {
            assertThat(e.from()).isEqualTo(from);
            assertThat(e.to()).isEqualTo(to);
        });
    }
}
