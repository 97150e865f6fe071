package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/** Content and versions of documents that are on record. */
final class ReplaceContentTest {
    private final House house = new House();
    private final DocumentService documents = house.documents;

    @ParameterizedTest
    @ValueSource(ints = {0, 10, LARGE})
    void makesTheNextVersionAndKeepsTheOnesBefore(int size) {
        DocumentData first = house.create("a", LARGE);
        house.clock.advance(Duration.ofSeconds(1));

        DocumentData second = house.replace(first, TestContent.unknown(size).withType("text/plain"));

        assertThat(second.version()).isEqualTo(2);
        assertThat(second.revision()).isEqualTo(first.revision() + 1);
        assertThat(second.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(second.mimeType()).isEqualTo("text/plain");
        assertThat(second.updatedAt()).isEqualTo(house.clock.instant());
        assertThat(house.bytesOf(first)).isEqualTo(TestContent.bytes(size, 0));
        assertThat(TestContent.read(documents.content(ANN, first.id(), 1))).isEqualTo(TestContent.bytes(LARGE, 0));
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(LARGE + size);
        assertThat(house.rows.usage("ann").olderVersionBytes()).isEqualTo(LARGE);
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void hasTheTypeOfTheVersionItReplacesAlsoIfThatCameMeanwhile(int size) {
        DocumentData first = house.create("a", LARGE);

        DocumentData third = house.replace(first, NewContent.of(TestContent.then(size, () -> {
            house.replace(first, TestContent.known(10).withType("text/plain"));
            return -1;
        })));

        assertThat(third.version()).isEqualTo(3);
        assertThat(third.declaredType()).isEqualTo("text/plain");
        assertThat(third.mimeType()).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void givesAPendingDocumentItsFirstVersion(int size) {
        DocumentData pending = house.in(DocumentStatus.PENDING);

        DocumentData active = house.replace(pending, TestContent.known(size));

        assertThat(active.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(active.version()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void makesAFailedDocumentWholeAgain(int size) {
        DocumentData failed = house.in(DocumentStatus.ERROR);

        DocumentData active = documents.replaceContent(
                ANN, failed.id(), Precondition.revision(failed.revision()), TestContent.known(size));

        assertThat(active.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(active.statusReason()).isNull();
        assertThat(active.version()).isEqualTo(2);
        assertThat(house.bytesOf(active)).isEqualTo(TestContent.bytes(size, 0));
        house.requireNothingLeft();
    }

    @Test
    void showsAFailedDocumentAsPendingWhileItIsSentAgainAndHoldsItsPreconditionAgainstOthers() {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            DocumentData meanwhile = house.now(failed);
            assertThat(meanwhile.status()).isEqualTo(DocumentStatus.PENDING);
            if (meanwhile.name().equals("error")) {
                documents.change(ANN, failed.id(), Precondition.NONE, DocumentChanges.name("renamed"));
            }
            return -1;
        }));

        assertThat(kind(() ->
                        documents.replaceContent(ANN, failed.id(), Precondition.revision(failed.revision()), content)))
                .isEqualTo(Kind.CONFLICT);

        assertThat(house.now(failed).status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(house.now(failed).name()).isEqualTo("renamed");
        house.requireNothingLeft();
    }

    @Test
    void aFailedDocumentMayBeRenamedWhileTheFirstBytesAreOnTheirWay() {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        NewContent content = NewContent.of(new FirstRead(
                TestContent.unknown(LARGE).bytes(),
                () -> documents.change(ANN, failed.id(), Precondition.NONE, DocumentChanges.name("renamed"))));

        DocumentData active = house.replace(failed, content);

        assertThat(active.name()).isEqualTo("renamed");
        assertThat(active.status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    @Test
    void refusesAnArchivedDocumentWithoutReading() {
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);

        assertThatThrownBy(() -> house.replace(archived, TestContent.untouchable()))
                .isInstanceOf(DocumentStatusException.class);

        assertThat(house.now(archived)).isEqualTo(archived);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void refusesADocumentThatIsArchivedWhileItsContentComes(int size) {
        DocumentData document = house.create("a", 5);
        NewContent content = NewContent.of(TestContent.then(size, () -> {
            documents.archive(ANN, document.id(), Precondition.NONE);
            return -1;
        }));

        assertThat(kind(() -> house.replace(document, content))).isEqualTo(Kind.STATUS);

        assertThat(house.now(document).status()).isEqualTo(DocumentStatus.ARCHIVED);
        assertThat(house.now(document).version()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @Test
    void readsNothingIfThePreconditionIsStale() {
        DocumentData document = house.create("a", 5);

        assertThat(kind(() -> documents.replaceContent(
                        ANN, document.id(), Precondition.revision(9), TestContent.untouchable())))
                .isEqualTo(Kind.CONFLICT);
    }

    @ParameterizedTest
    @EnumSource(DocumentStatus.class)
    void aRefusedReplacementLeavesTheDocumentsContentAsItWas(DocumentStatus status) {
        DocumentData before = house.in(status);
        Kind expected = status == DocumentStatus.ARCHIVED ? Kind.STATUS : Kind.CONTENT_MISMATCH;

        for (NewContent bad : Arrays.asList(
                TestContent.announcing(10, 11L, null),
                TestContent.announcing(LARGE, null, "0".repeat(64)),
                NewContent.of(TestContent.then(LARGE, () -> {
                    throw new IOException("connection reset");
                })))) {
            assertThat(kind(() -> house.replace(before, bad))).isEqualTo(expected);
        }

        DocumentData after = house.now(before);
        assertThat(after.content()).isEqualTo(before.content());
        assertThat(after.version()).isEqualTo(before.version());
        assertThat(after.status()).isEqualTo(status == DocumentStatus.PENDING ? DocumentStatus.ERROR : status);
        house.requireNothingLeft();
    }

    @ParameterizedTest
    @EnumSource(DocumentStatus.class)
    void readsContentOfActiveAndArchivedDocumentsOnly(DocumentStatus status) {
        DocumentData document = house.in(status);

        if (status == DocumentStatus.ACTIVE || status == DocumentStatus.ARCHIVED) {
            OpenContent content = documents.content(ANN, document.id());
            assertThat(content.document()).isEqualTo(document);
            assertThat(content.content()).isEqualTo(document.content());
            assertThat(TestContent.read(content)).isEqualTo(TestContent.bytes(LARGE, 0));
        } else {
            assertThat(kind(() -> documents.content(ANN, document.id()))).isEqualTo(Kind.STATUS);
        }
        if (status != DocumentStatus.PENDING) {
            assertThat(TestContent.read(documents.content(ANN, document.id(), 1)))
                    .isEqualTo(TestContent.bytes(LARGE, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, LARGE})
    void readsParts(int size) {
        byte[] bytes = TestContent.bytes(size, 0);
        OpenContent content = documents.content(ANN, house.create("a", size).id());

        assertThat(TestContent.read(content.read(new ByteRange(7, 20)))).isEqualTo(Arrays.copyOfRange(bytes, 7, 27));
        assertThat(TestContent.read(content.read(new ByteRange(size, 0)))).isEmpty();
        assertThat(content.whole()).isEqualTo(new ByteRange(0, size));
        assertThatIllegalArgumentException().isThrownBy(() -> content.read(new ByteRange(1, size)));
    }

    @Test
    void aDocumentWhoseBytesAreLostIsSaidToHaveFailed() {
        DocumentData document = house.create("a", LARGE);
        house.store.cut(contentOf(document).url(), LARGE - 1);
        OpenContent content = documents.content(ANN, document.id());

        assertThat(kind(() -> content.read(content.whole()))).isEqualTo(Kind.CONTENT_LOST);

        DocumentData failed = house.now(document);
        assertThat(failed.status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(failed.statusReason()).isEqualTo("the stored bytes are missing or damaged");
        assertThat(kind(() -> content.read(content.whole()))).isEqualTo(Kind.CONTENT_LOST);
        assertThat(house.now(document)).isEqualTo(failed);
        house.requireHonestUsage("ann");
    }

    @Test
    void aLostOlderVersionSaysNothingOfTheCurrentOne() {
        DocumentData first = house.create("a", LARGE);
        DocumentData second = house.replace(first, TestContent.known(LARGE + 1));
        house.store.delete(contentOf(first).url());
        OpenContent old = documents.content(ANN, first.id(), 1);

        assertThat(kind(() -> old.read(old.whole()))).isEqualTo(Kind.CONTENT_LOST);

        assertThat(house.now(first)).isEqualTo(second);
        assertThat(house.bytesOf(first)).hasSize(LARGE + 1);
    }

    @Test
    void contentOpenedBeforeAPurgeIsReadableForTheGracePeriodIfItIsInAStore() {
        DocumentData large = house.create("large", LARGE);
        DocumentData small = house.create("small", 10);
        OpenContent openLarge = documents.content(ANN, large.id());
        OpenContent openSmall = documents.content(ANN, small.id());
        documents.purge(ANN, large.id(), Precondition.NONE);
        documents.purge(ANN, small.id(), Precondition.NONE);

        assertThat(TestContent.read(openLarge)).hasSize(LARGE);
        assertThat(kind(() -> openSmall.read(openSmall.whole()))).isEqualTo(Kind.NOT_FOUND);

        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        assertThat(kind(() -> openLarge.read(openLarge.whole()))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void pagesThroughVersionsFromTheNewest() {
        DocumentData document = house.create("a", 0);
        for (int size = 1; size < 5; size++) {
            house.replace(document, TestContent.known(size % 2 == 0 ? size : LARGE + size));
        }

        assertThat(documents.versions(ANN, document.id(), Integer.MAX_VALUE, 2))
                .extracting(DocumentVersion::number)
                .containsExactly(5, 4);
        assertThat(documents.versions(ANN, document.id(), 4, 2))
                .extracting(DocumentVersion::number)
                .containsExactly(3, 2);
        assertThat(documents.versions(ANN, document.id(), 2, 2))
                .extracting(version -> version.content().sizeBytes())
                .containsExactly(0L);
        assertThat(documents.versions(ANN, document.id(), 1, 2)).isEmpty();
        assertThat(documents.version(ANN, document.id(), 4).content().sizeBytes())
                .isEqualTo(LARGE + 3);
        assertThat(kind(() -> documents.version(ANN, document.id(), 6))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> documents.content(ANN, document.id(), 0))).isEqualTo(Kind.NOT_FOUND);
    }
}
