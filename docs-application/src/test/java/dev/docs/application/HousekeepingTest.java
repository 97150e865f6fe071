package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.EXPIRY;
import static dev.docs.application.House.GRACE;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.LEASE;
import static dev.docs.application.House.LIMITS;
import static dev.docs.application.House.contentOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.Housekeeping.Swept;
import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

final class HousekeepingTest {
    private static final Swept NOTHING = new Swept(0, 0, 0);

    private final Set<StorageUrl> stuck = new HashSet<>();
    private final InMemoryStorage store = new InMemoryStorage();
    private final House house = new House(
            LIMITS,
            store,
            rows -> rows,
            next -> new ForwardingStorage(next) {
                @Override
                public void delete(StorageUrl url) {
                    if (stuck.contains(url)) {
                        throw DocumentStorageException.unavailable("stuck", null);
                    }
                    super.delete(url);
                }
            },
            LEASE);

    @Test
    void aNewDocumentWhoseUploaderDiedFailsForAReasonAndCanBeSentAgain() {
        DocumentData pending = died(null);
        assertThat(house.stored()).hasSize(1);
        house.clock.advance(LEASE.minusMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
        assertThat(house.now(pending).status()).isEqualTo(DocumentStatus.PENDING);

        house.clock.advance(Duration.ofMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(1, 0, 0));

        DocumentData failed = house.now(pending);
        assertThat(failed.status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(failed.statusReason()).isEqualTo("the upload was not completed");
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();

        DocumentData active = house.replace(failed, TestContent.known(LARGE));
        assertThat(active.status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(active.version()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @Test
    void aDocumentWhoseReplacementDiedStaysAsItWas() {
        DocumentData active = house.create("a", LARGE);
        died(active);
        house.clock.advance(LEASE);

        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(1, 0, 0));

        assertThat(house.now(active)).isEqualTo(active);
        assertThat(house.bytesOf(active)).hasSize(LARGE);
        house.requireNothingLeft();
    }

    @Test
    void anExpiredReservationGivesItsQuotaBackAndFailsItsDocument() {
        DocumentData reserved = house.documents.reserve(ANN, new NewDocument(null, "r", null, Metadata.EMPTY, 500L));
        house.clock.advance(EXPIRY.minusMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(500);

        house.clock.advance(Duration.ofMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(1, 0, 0));

        assertThat(house.now(reserved).status()).isEqualTo(DocumentStatus.ERROR);
        house.requireNothingLeft();
    }

    @Test
    void aDocumentWithAnotherUploadUnderWayDoesNotFail() {
        DocumentData pending = died(null);
        house.clock.advance(LEASE);
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            house.housekeeping.sweep();
            assertThat(house.now(pending).status()).isEqualTo(DocumentStatus.PENDING);
            return -1;
        }));

        assertThat(house.replace(pending, content).status()).isEqualTo(DocumentStatus.ACTIVE);

        house.requireNothingLeft();
    }

    @Test
    void doomedContentIsDeletedAfterTheGracePeriodOnly() {
        DocumentData document = house.create("a", LARGE);
        DocumentData replaced = house.replace(document, TestContent.known(LARGE + 1));
        DocumentData other = house.create("b", LARGE);
        house.documents.purge(ANN, document.id(), Precondition.NONE);

        house.clock.advance(GRACE.minusMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
        assertThat(house.stored()).hasSize(3);

        house.clock.advance(Duration.ofMillis(1));
        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(0, 2, 0));
        assertThat(house.stored())
                .containsExactly(contentOf(other).url())
                .doesNotContain(contentOf(replaced).url());
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
        assertThat(house.bytesOf(other)).hasSize(LARGE);
    }

    @Test
    void whatCannotBeDeletedStopsNothingElseAndIsTriedAgain() {
        List<StorageUrl> contents = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            DocumentData document = house.create("a", LARGE + i);
            contents.add(contentOf(document).url());
            house.documents.purge(ANN, document.id(), Precondition.NONE);
        }
        died(null);
        DocumentData stuckUpload = died(null);
        StorageUrl stuckBytes = house.stored().stream()
                .filter(url -> url.key().endsWith(stuckUpload.id().toString()))
                .findFirst()
                .orElseThrow();
        died(null);
        stuck.add(contents.get(1));
        stuck.add(stuckBytes);
        house.clock.advance(GRACE);

        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(2, 4, 2));
        assertThat(house.stored()).containsExactlyInAnyOrder(contents.get(1), stuckBytes);
        assertThat(house.now(stuckUpload).status()).isEqualTo(DocumentStatus.PENDING);
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
        house.clock.advance(LEASE);
        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(0, 0, 2));

        stuck.clear();
        house.clock.advance(LEASE);
        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(1, 1, 0));
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    @Test
    void aSweepGoesOnUntilNothingIsLeft() {
        for (int i = 0; i < 250; i++) {
            DocumentData document = house.create("a", LARGE);
            house.documents.purge(ANN, document.id(), Precondition.NONE);
            died(null);
        }
        house.clock.advance(GRACE);

        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(250, 250, 0));

        assertThat(house.stored()).isEmpty();
    }

    @Test
    void aSweepEndsThoughMoreThanABatchIsStuck() {
        for (int i = 0; i < 150; i++) {
            DocumentData document = house.create("a", LARGE);
            stuck.add(contentOf(document).url());
            house.documents.purge(ANN, document.id(), Precondition.NONE);
        }
        house.clock.advance(GRACE);

        assertThat(house.housekeeping.sweep()).isEqualTo(new Swept(0, 0, 100));
    }

    @Test
    void manySweepsAtOnceShareTheWorkAndNoneIsDoneTwice() throws Exception {
        DocumentData kept = house.create("kept", LARGE);
        for (int i = 0; i < 60; i++) {
            DocumentData document = house.create("a", LARGE);
            house.documents.purge(ANN, document.id(), Precondition.NONE);
            died(i % 2 == 0 ? kept : null);
        }
        house.clock.advance(GRACE);
        int sweepers = 4;
        CyclicBarrier start = new CyclicBarrier(sweepers);
        ExecutorService threads = Executors.newFixedThreadPool(sweepers);
        try {
            List<Future<Swept>> sweeps = new ArrayList<>();
            for (int i = 0; i < sweepers; i++) {
                sweeps.add(threads.submit(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    return house.housekeeping.sweep();
                }));
            }
            Swept total = NOTHING;
            for (Future<Swept> sweep : sweeps) {
                total = total.plus(sweep.get(20, TimeUnit.SECONDS));
            }
            assertThat(total).isEqualTo(new Swept(60, 60, 0));
        } finally {
            threads.shutdownNow();
        }
        assertThat(house.stored()).containsExactly(contentOf(kept).url());
        assertThat(house.now(kept)).isEqualTo(kept);
        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 30L);
        house.requireNothingLeft();
        assertThat(house.housekeeping.sweep()).isEqualTo(NOTHING);
    }

    @Test
    void aSweepThatOvertakesAnotherWhoseClaimRanOutIsHarmless() {
        CountDownLatch once = new CountDownLatch(1);
        House[] self = new House[1];
        House overtaken = new House(
                LIMITS,
                new InMemoryStorage(),
                rows -> rows,
                next -> new ForwardingStorage(next) {
                    @Override
                    public void delete(StorageUrl url) {
                        if (once.getCount() > 0) {
                            once.countDown();
                            self[0].clock.advance(LEASE);
                            assertThat(self[0].housekeeping.sweep()).isEqualTo(new Swept(1, 0, 0));
                        }
                        super.delete(url);
                    }
                },
                LEASE);
        self[0] = overtaken;
        DocumentData pending = died(overtaken, null);
        overtaken.clock.advance(LEASE);

        assertThat(overtaken.housekeeping.sweep().failed()).isZero();

        assertThat(overtaken.now(pending).status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(overtaken.now(pending).revision()).isEqualTo(2);
        overtaken.requireNothingLeft();
    }

    private DocumentData died(@Nullable DocumentData replaced) {
        return died(house, replaced);
    }

    /** What is there after a process died between storing bytes and publishing them; the upload has the document's id. */
    private static DocumentData died(House house, @Nullable DocumentData replaced) {
        UUID id = new Ids(house.clock).next();
        DocumentData document = replaced != null
                ? replaced
                : DocumentData.pending(id, "ann", "died", null, Metadata.EMPTY, house.clock.instant());
        StorageUrl url = StorageUrl.of("main", id);
        DocumentRepository rows = house.rows;
        rows.reserve(
                new Upload(id, document.id(), "ann", url, LARGE),
                LEASE,
                replaced == null ? document : null,
                Quota.UNLIMITED);
        house.store.store(url, TestContent.known(LARGE).bytes());
        return document;
    }
}
