package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;

/** Owners: what they use, what they may use, and their end. */
final class QuotaTest {
    private final House house = new House();
    private final DocumentService documents = house.documents;

    @Test
    void countsWhatEachStatusAndOlderVersionsTakeUp() {
        DocumentData active = house.create("a", 10);
        house.replace(active, TestContent.known(LARGE));
        house.in(DocumentStatus.ARCHIVED);
        house.in(DocumentStatus.PENDING);
        documents.reserve(ANN, new NewDocument(null, "r", null, Metadata.EMPTY, 77L));

        UserUsage usage = documents.usage(ANN, "ann");

        assertThat(usage.userId()).isEqualTo("ann");
        assertThat(usage.limits()).isEqualTo(Quota.UNLIMITED);
        assertThat(usage.usage().bytes())
                .containsEntry(DocumentStatus.ACTIVE, (long) LARGE)
                .containsEntry(DocumentStatus.ARCHIVED, (long) LARGE);
        assertThat(usage.usage().documents())
                .containsEntry(DocumentStatus.PENDING, 2L)
                .containsEntry(DocumentStatus.ERROR, 0L);
        assertThat(usage.usage().olderVersionBytes()).isEqualTo(10);
        assertThat(usage.usage().reservedBytes()).isEqualTo(77);
        house.requireHonestUsage("ann");
        assertThat(documents.usage(ROOT, "nobody").usage()).isEqualTo(Usage.NONE);
    }

    @Test
    void anOwnersLimitComesBeforeTheDefault() {
        House limited = new House(House.LIMITS.withQuotaBytes(100));
        assertThat(limited.documents.usage(ANN, "ann").limits().bytes()).isEqualTo(100);

        limited.documents.setQuota(ROOT, "ann", own -> own.withBytes(200L));
        assertThat(limited.documents.usage(ANN, "ann").limits().bytes()).isEqualTo(200);
        assertThat(limited.create("a", 150).sizeBytes()).isEqualTo(150);

        limited.documents.setQuota(ROOT, "ann", own -> own.withBytes(150L));
        assertThat(limited.create("empty", 0).sizeBytes()).isZero();
        limited.documents.setQuota(ROOT, "ann", own -> own.withBytes(0L));
        assertThat(kind(() -> limited.create("b", 1))).isEqualTo(Kind.QUOTA_EXCEEDED);
        assertThat(limited.documents.count(ANN, DocumentQuery.of("ann"), 9)).isEqualTo(2);

        limited.documents.setQuota(ROOT, "ann", own -> own.withBytes(null));
        assertThat(limited.documents.usage(ANN, "ann").limits().bytes()).isEqualTo(100);
        assertThat(kind(() -> limited.documents.setQuota(ROOT, "ann", own -> own.withBytes(-1L))))
                .isEqualTo(Kind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void grantsTheLastByteAndNoMore(int size) {
        for (boolean known : new boolean[] {true, false}) {
            House limited = new House(House.LIMITS.withQuotaBytes(size));
            NewContent more = known ? TestContent.known(size + 1) : TestContent.unknown(size + 1);
            NewContent exact = known ? TestContent.known(size) : TestContent.unknown(size);

            assertThatThrownBy(() -> limited.documents.create(ANN, NewDocument.named("a"), more))
                    .isInstanceOfSatisfying(
                            DocumentQuotaException.class,
                            e -> assertThat(e.limit()).isEqualTo(size));
            assertThat(limited.rows.usage("ann")).isEqualTo(Usage.NONE);
            limited.requireNothingLeft();

            DocumentData created = limited.documents.create(ANN, NewDocument.named("a"), exact);
            assertThat(kind(() -> limited.replace(created, TestContent.known(1))))
                    .isEqualTo(Kind.QUOTA_EXCEEDED);
            assertThat(limited.replace(created, TestContent.known(0)).version()).isEqualTo(2);
            limited.requireNothingLeft();
        }
    }

    @Test
    void contentOfUnknownLengthMayFillALimitThatHasNoRoomForAWholeStep() {
        for (int limit : new int[] {(1 << 20) + 5, (4 << 20) + 5, (3 << 20)}) {
            House limited = new House(House.LIMITS.withQuotaBytes(limit));

            DocumentData created = limited.documents.create(ANN, NewDocument.named("a"), TestContent.unknown(limit));

            assertThat(created.sizeBytes()).isEqualTo(limit);
            assertThat(limited.rows.usage("ann").usedBytes()).isEqualTo(limit);
            limited.requireNothingLeft();
        }
    }

    @Test
    void givesBackWhatAFailedUploadHadReserved() {
        House limited = new House(House.LIMITS.withQuotaBytes(LARGE));
        for (int i = 0; i < 3; i++) {
            NewContent cut = NewContent.of(TestContent.then(LARGE, () -> {
                assertThat(limited.rows.usage("ann").reservedBytes()).isEqualTo(LARGE);
                throw new IOException("connection reset");
            }));
            assertThat(kind(() -> limited.documents.create(ANN, NewDocument.named("a"), cut)))
                    .isEqualTo(Kind.CONTENT_MISMATCH);
        }
        assertThat(limited.create("a", LARGE).sizeBytes()).isEqualTo(LARGE);
    }

    @Test
    void aReservationIsHeldAgainstOthersAndTurnedIntoUse() {
        House limited = new House(House.LIMITS.withQuotaBytes(LARGE));
        DocumentData reserved =
                limited.documents.reserve(ANN, new NewDocument(null, "r", null, Metadata.EMPTY, (long) LARGE));

        assertThat(kind(() -> limited.create("a", 1))).isEqualTo(Kind.QUOTA_EXCEEDED);
        assertThat(kind(() -> limited.documents.reserve(ANN, new NewDocument(null, "r", null, Metadata.EMPTY, 1L))))
                .isEqualTo(Kind.QUOTA_EXCEEDED);
        assertThat(limited.replace(reserved, TestContent.known(LARGE)).sizeBytes())
                .isEqualTo(LARGE);
        limited.requireNothingLeft();
    }

    @Test
    void oneUploadTooManyIsRefusedAndTheNextOneComesWhenAnotherHasEnded() {
        House limited = new House(House.LIMITS.withQuota(Quota.UNLIMITED.withUploads(1)));
        NewContent slow = NewContent.of(TestContent.then(LARGE, () -> {
            assertThat(limited.documents.usage(ANN, "ann").usage().uploads()).isEqualTo(1);
            assertThatThrownBy(() -> limited.create("second", LARGE))
                    .isInstanceOfSatisfying(DocumentQuotaException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.TOO_MANY_UPLOADS);
                        assertThat(e.which()).isEqualTo(Quota.Limit.UPLOADS);
                        assertThat(e.used()).isEqualTo(1);
                    });
            limited.create("small", 10);
            return -1;
        }));

        limited.documents.create(ANN, NewDocument.named("first"), slow);

        limited.create("third", LARGE);
        assertThat(limited.documents.usage(ANN, "ann").usage().uploads()).isZero();
        limited.requireNothingLeft();
    }

    @Test
    void archivedDocumentsCountAndComeBackWhateverTheLimitIs() {
        House limited = new House(House.LIMITS.withQuota(Quota.UNLIMITED.withDocuments(2)));
        DocumentData archived = limited.create("a", 10);
        limited.documents.archive(ANN, archived.id(), Precondition.NONE);
        limited.create("b", LARGE);

        for (int size : new int[] {10, LARGE}) {
            assertThatThrownBy(() -> limited.create("c", size))
                    .isInstanceOfSatisfying(DocumentQuotaException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.QUOTA_EXCEEDED);
                        assertThat(e.which()).isEqualTo(Quota.Limit.DOCUMENTS);
                        assertThat(e.limit()).isEqualTo(2);
                        assertThat(e.used()).isEqualTo(2);
                    });
        }
        limited.documents.setQuota(ROOT, "ann", own -> own.withDocuments(0L));
        limited.documents.restore(ANN, archived.id(), Precondition.NONE);
        assertThat(limited.replace(archived, TestContent.known(LARGE)).version())
                .isEqualTo(2);
        limited.requireNothingLeft();
    }

    @Test
    void aPurgeGivesRoomAtOnce() {
        House limited = new House(House.LIMITS.withQuotaBytes(LARGE));
        DocumentData first = limited.create("a", LARGE);

        limited.documents.purge(ANN, first.id(), Precondition.NONE);

        assertThat(limited.create("b", LARGE).sizeBytes()).isEqualTo(LARGE);
    }

    @Test
    void deletesAUserWithDocumentsQuotaAndTokensAndNobodyElse() {
        TokenService tokens = new TokenService(new InMemoryTokenRepository(house.rows), house.clock);
        String secret = tokens.create("ann", false, null).secret();
        house.documents.setQuota(ROOT, "ann", own -> own.withBytes(1_000_000L));
        DocumentData small = house.create("small", 10);
        DocumentData large = house.create("large", LARGE);
        DocumentData reserved = house.reserve("reserved");
        DocumentData other = documents.create(BOB, NewDocument.named("bob's"), TestContent.known(LARGE));

        documents.deleteUser(ROOT, "ann");

        for (DocumentData gone : new DocumentData[] {small, large, reserved}) {
            assertThat(kind(() -> documents.get(ROOT, gone.id()))).isEqualTo(Kind.NOT_FOUND);
        }
        assertThat(documents.usage(ROOT, "ann"))
                .isEqualTo(new UserUsage("ann", Usage.NONE, Quota.UNLIMITED, Quota.Own.NONE));
        assertThat(documents.count(ROOT, DocumentQuery.of("ann"), 10)).isZero();
        assertThat(tokens.authenticate(secret)).isEmpty();
        assertThat(documents.get(BOB, other.id())).isEqualTo(other);
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        assertThat(house.stored()).containsExactly(House.contentOf(other).url());
        assertThat(kind(() -> documents.deleteUser(ROOT, "ann"))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void aUserDeletedDuringAnUploadGetsNothingBack() {
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            documents.deleteUser(ROOT, "ann");
            return -1;
        }));

        assertThat(kind(() -> documents.create(ANN, NewDocument.named("a"), content)))
                .isEqualTo(Kind.NOT_FOUND);

        assertThat(house.rows.usage("ann")).isEqualTo(Usage.NONE);
        house.requireNothingLeft();
    }
}
