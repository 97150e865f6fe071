package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Metadata;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Map;

final class CreateTest {
    private static final NewDocument REPORT = NewDocument.named("report.pdf");

    private final House house = new House();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SMALL - 1, SMALL, SMALL + 1, LARGE, 3 << 20})
    void keepsContentOfAnySizeWhetherItsLengthIsKnownOrNot(int size) {
        byte[] bytes = TestContent.bytes(size, 0);
        for (NewContent content : new NewContent[] {
            TestContent.known(size),
            TestContent.unknown(size),
            TestContent.announcing(size, (long) size, TestContent.sha256(bytes))
        }) {
            DocumentData created = house.documents.create(ANN, REPORT, content);

            assertThat(created.status()).isEqualTo(DocumentStatus.ACTIVE);
            assertThat(created.version()).isEqualTo(1);
            assertThat(created.revision()).isEqualTo(2);
            assertThat(created.sizeBytes()).isEqualTo(size);
            assertThat(House.contentOf(created).sha256()).isEqualTo(TestContent.sha256(bytes));
            assertThat(House.contentOf(created).url().store()).isEqualTo(size <= SMALL ? "inline" : "main");
            assertThat(house.now(created)).isEqualTo(created);
            assertThat(house.bytesOf(created)).isEqualTo(bytes);
        }
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(3L * size);
        house.requireNothingLeft();
    }

    @Test
    void putsEverythingIntoTheStoreIfInliningIsOff() {
        House strict = new House(House.LIMITS.withInlineBytes(0));

        DocumentData created = strict.documents.create(ANN, REPORT, TestContent.unknown(0));

        assertThat(House.contentOf(created).url().store()).isEqualTo("main");
        assertThat(strict.bytesOf(created)).isEmpty();
        strict.requireNothingLeft();
    }

    @Test
    void keepsNameMetadataOwnerAndTime() {
        Metadata metadata = Metadata.of(Map.of("year", 2026));
        NewDocument document = REPORT.withMetadata(metadata).ownedBy("bob");

        DocumentData created = house.documents.create(House.ROOT, document, TestContent.known(LARGE));

        assertThat(created.name()).isEqualTo("report.pdf");
        assertThat(created.metadata()).isEqualTo(metadata);
        assertThat(created.userId()).isEqualTo("bob");
        assertThat(created.createdAt())
                .isEqualTo(house.clock.instant())
                .isEqualTo(created.updatedAt())
                .isEqualTo(Ids.time(created.id()));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void takesTheTypeOfTheContentThenTheDocumentsThenNone(int size) {
        NewDocument typed = new NewDocument(null, "a", "Text/HTML; charset=utf-8", Metadata.EMPTY, null);

        DocumentData both =
                house.documents.create(ANN, typed, TestContent.known(size).withType("image/PNG"));
        DocumentData documents = house.documents.create(ANN, typed, TestContent.known(size));
        DocumentData none = house.documents.create(ANN, REPORT, TestContent.known(size));

        assertThat(both.mimeType()).isEqualTo("image/png").isEqualTo(both.declaredType());
        assertThat(documents.mimeType()).isEqualTo("text/html").isEqualTo(documents.declaredType());
        assertThat(none.mimeType()).isEqualTo("application/octet-stream");
        assertThat(none.declaredType()).isNull();
    }

    @Test
    void refusesWhatIsNoMediaTypeWithoutReading() {
        NewDocument typed = new NewDocument(null, "a", "pdf", Metadata.EMPTY, null);

        assertThat(kind(() -> house.documents.create(ANN, typed, TestContent.untouchable())))
                .isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.create(
                        ANN, REPORT, TestContent.untouchable().withType("a/b/c"))))
                .isEqualTo(Kind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void refusesALengthThatIsALie(int size) {
        requireRefused(Kind.CONTENT_MISMATCH, TestContent.announcing(size, size + 1L, null));
        requireRefused(Kind.CONTENT_MISMATCH, TestContent.announcing(size, size - 1L, null));
        requireRefused(Kind.CONTENT_MISMATCH, TestContent.announcing(size, 0L, null));
    }

    @Test
    void stopsReadingWhenMoreThanTheAnnouncedBytesCome() {
        NewContent endless = new NewContent(
                TestContent.then(SMALL + 2, () -> {
                    throw new AssertionError("read on");
                }),
                null,
                SMALL + 1L,
                null);

        requireRefused(Kind.CONTENT_MISMATCH, endless);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, LARGE})
    void refusesAnotherDigestThanTheAnnouncedOne(int size) {
        requireRefused(Kind.CONTENT_MISMATCH, TestContent.announcing(size, null, "0".repeat(64)));
    }

    @Test
    void refusesWhatIsTooLargeBeforeReadingIfItIsAnnounced() {
        House strict = new House(House.LIMITS.withDocumentBytes(LARGE));
        NewContent content = new NewContent(TestContent.untouchable().bytes(), null, LARGE + 1L, null);

        assertThat(kind(() -> strict.documents.create(ANN, REPORT, content))).isEqualTo(Kind.TOO_LARGE);
        assertThat(strict.documents
                        .create(ANN, REPORT, TestContent.known(LARGE))
                        .sizeBytes())
                .isEqualTo(LARGE);
        strict.requireNothingLeft();
    }

    @Test
    void refusesWhatTurnsOutToBeTooLargeWhileItStreams() {
        for (int limit : new int[] {0, 5, SMALL, LARGE}) {
            House strict = new House(House.LIMITS.withDocumentBytes(limit));

            assertThat(strict.documents
                            .create(ANN, REPORT, TestContent.unknown(limit))
                            .sizeBytes())
                    .isEqualTo(limit);
            assertThat(kind(() -> strict.documents.create(ANN, REPORT, TestContent.unknown(limit + 1))))
                    .isEqualTo(Kind.TOO_LARGE);
            strict.requireNothingLeft();
            assertThat(strict.rows.usage("ann").documents().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, SMALL + 1, LARGE})
    void leavesNothingBehindIfTheSourceBreaks(int size) {
        IOException broken = new IOException("connection reset");
        NewContent content = NewContent.of(TestContent.then(size, () -> {
            throw broken;
        }));

        DocumentException failure = requireRefused(Kind.CONTENT_MISMATCH, content);

        assertThat(failure).isInstanceOf(DocumentUploadException.class).hasCause(broken);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, SMALL + 1, LARGE})
    void leavesNothingBehindIfTheSourceThrowsWhateverItLikes(int size) {
        RuntimeException theirs = new IllegalStateException("a bug of the host");
        NewContent content = NewContent.of(TestContent.then(size, () -> {
            throw theirs;
        }));

        assertThatThrownBy(() -> house.documents.create(ANN, REPORT, content)).isSameAs(theirs);

        requireNothing();
    }

    @Test
    void closesNoChannelOfTheCaller() {
        for (int size : new int[] {10, LARGE}) {
            NewContent content = TestContent.unknown(size);
            house.documents.create(ANN, REPORT, content);
            assertThat(content.bytes().isOpen()).isTrue();
        }
    }

    @Test
    void nothingIsKeptOfANameThatIsRefused() {
        assertThat(kind(() -> house.documents.create(ANN, NewDocument.named(""), TestContent.untouchable())))
                .isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.reserve(ANN, NewDocument.named("a\nb"))))
                .isEqualTo(Kind.INVALID);
        assertThat(kind(() -> house.documents.create(ANN, REPORT.ownedBy(""), TestContent.untouchable())))
                .isEqualTo(Kind.INVALID);
        requireNothing();
    }

    @Test
    void reservesADocumentWithItsQuotaAndTakesItsContentLater() {
        for (int size : new int[] {10, LARGE}) {
            DocumentData reserved = house.documents.reserve(
                    ANN, new NewDocument(null, "later", "text/plain", Metadata.EMPTY, (long) size));

            assertThat(reserved.status()).isEqualTo(DocumentStatus.PENDING);
            assertThat(reserved.revision()).isEqualTo(1);
            assertThat(reserved.content()).isNull();
            assertThat(reserved.mimeType()).isEqualTo("text/plain");
            assertThat(house.now(reserved)).isEqualTo(reserved);
            assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(size);
            house.requireHonestUsage("ann");

            DocumentData active = house.replace(reserved, TestContent.known(size));

            assertThat(active.status()).isEqualTo(DocumentStatus.ACTIVE);
            assertThat(active.version()).isEqualTo(1);
            assertThat(active.mimeType()).isEqualTo("text/plain");
            house.requireNothingLeft();
        }
    }

    @Test
    void reservesWithoutASizeAndRefusesOneThatIsTooLarge() {
        House strict = new House(House.LIMITS.withDocumentBytes(LARGE));

        strict.reserve("unknown");

        assertThat(strict.rows.usage("ann").reservedBytes()).isZero();
        assertThat(kind(() ->
                        strict.documents.reserve(ANN, new NewDocument(null, "big", null, Metadata.EMPTY, LARGE + 1L))))
                .isEqualTo(Kind.TOO_LARGE);
        assertThat(strict.rows.usage("ann").documents()).containsEntry(DocumentStatus.PENDING, 1L);
    }

    private DocumentException requireRefused(Kind kind, NewContent content) {
        DocumentException failure = House.failure(() -> house.documents.create(ANN, REPORT, content));
        assertThat(failure.kind()).isEqualTo(kind);
        requireNothing();
        return failure;
    }

    private void requireNothing() {
        assertThat(house.rows.usage("ann")).isEqualTo(Usage.NONE);
        house.requireNothingLeft();
        assertThat(house.stored()).isEmpty();
    }
}
