package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.LEASE;
import static dev.docs.application.House.LIMITS;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.failure;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/** The order in which bytes and rows are written, and what is left when it breaks. */
final class UploadsTest {
    private static final NewDocument DOCUMENT = NewDocument.named("a");
    private final DocumentStorageException away = DocumentStorageException.unavailable("away", null);

    private final InMemoryStorage store = new InMemoryStorage();

    // Order

    @Test
    void theIntentIsOnRecordBeforeTheFirstByteIsStoredAndTheRowIsActiveAfterTheLast() {
        List<String> steps = new ArrayList<>();
        List<StorageUrl> urls = new ArrayList<>();
        House house = house(
                rows -> new ForwardingRepository(rows) {
                    @Override
                    public void reserve(
                            Upload upload,
                            Duration lease,
                            @Nullable DocumentData document,
                            Quota quota,
                            IdempotencyKey.@Nullable Use use) {
                        super.reserve(upload, lease, document, quota, use);
                        urls.add(upload.url());
                        steps.add("recorded");
                    }

                    @Override
                    public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
                        steps.add("activating");
                        super.activate(uploadId, document, fingerprint);
                    }
                },
                next -> new ForwardingStorage(next) {
                    @Override
                    public Stored store(StorageUrl url, ReadableByteChannel bytes) {
                        steps.add("storing");
                        assertThat(urls).containsExactly(url);
                        Stored stored = super.store(url, bytes);
                        steps.add("stored");
                        return stored;
                    }
                });

        DocumentData created = house.create("a", LARGE);

        assertThat(steps).containsExactly("recorded", "storing", "stored", "activating");
        assertThat(House.contentOf(created).url()).isEqualTo(urls.get(0));
    }

    @Test
    void aNewDocumentIsPendingWhileItsBytesCome() {
        House house = new House();
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            Usage usage = house.rows.usage("ann");
            assertThat(usage.documents()).containsEntry(DocumentStatus.PENDING, 1L);
            assertThat(usage.reservedBytes()).isGreaterThanOrEqualTo(LARGE);
            assertThat(house.stored()).isEmpty();
            return -1;
        }));

        house.documents.create(ANN, DOCUMENT, content);

        house.requireNothingLeft();
    }

    @Test
    void smallContentIsOneStep() {
        House house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void reserve(
                    Upload upload,
                    Duration lease,
                    @Nullable DocumentData document,
                    Quota quota,
                    IdempotencyKey.@Nullable Use use) {
                throw away;
            }
        });

        assertThat(house.create("a", SMALL).status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(kind(() -> house.create("a", SMALL + 1))).isEqualTo(Kind.UNAVAILABLE);
        house.requireNothingLeft();
    }

    // Leases

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anUploaderThatIsPausedBeyondItsLeaseLosesTheUpload(boolean replacement) throws Exception {
        // so short that every read renews; the repository's clock alone decides when it runs out
        House house = new House(LIMITS, store, rows -> rows, next -> next, Duration.ofNanos(3));
        @Nullable DocumentData before = replacement ? house.create("before", LARGE) : null;
        CountDownLatch paused = new CountDownLatch(1);
        CountDownLatch resume = new CountDownLatch(1);
        AtomicBoolean more = new AtomicBoolean(true);
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            paused.countDown();
            await(resume);
            return more.getAndSet(false) ? 1 : -1;
        }));
        ExecutorService uploader = Executors.newSingleThreadExecutor();
        try {
            Future<DocumentException> failed = uploader.submit(() -> failure(() -> {
                if (before == null) {
                    house.documents.create(ANN, DOCUMENT, content);
                } else {
                    house.replace(before, content);
                }
            }));
            await(paused);
            house.clock.advance(Duration.ofNanos(3));
            assertThat(house.housekeeping.sweep().uploadsEnded()).isEqualTo(1);
            resume.countDown();

            assertThat(failed.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.UPLOAD_EXPIRED);
        } finally {
            resume.countDown();
            uploader.shutdownNow();
        }
        house.requireNothingLeft();
        if (before != null) {
            assertThat(house.now(before)).isEqualTo(before);
        } else {
            assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 1L);
        }
    }

    @Test
    void bytesStoredAfterASweepHasEndedTheUploadAreDeletedByTheUploader() {
        House[] self = new House[1];
        House house = house(rows -> rows, next -> new ForwardingStorage(next) {
            @Override
            public Stored store(StorageUrl url, ReadableByteChannel bytes) {
                self[0].clock.advance(LEASE);
                assertThat(self[0].housekeeping.sweep().uploadsEnded()).isEqualTo(1);
                return super.store(url, bytes);
            }
        });
        self[0] = house;

        assertThat(kind(() -> house.create("a", LARGE))).isEqualTo(Kind.UPLOAD_EXPIRED);

        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    @Test
    void aSlowSourceKeepsItsLease() {
        List<Long> renewals = new ArrayList<>();
        House slow = new House(
                LIMITS,
                store,
                rows -> new ForwardingRepository(rows) {
                    @Override
                    public void extend(UUID uploadId, long moreBytes, Duration lease, Quota quota) {
                        super.extend(uploadId, moreBytes, lease, quota);
                        renewals.add(moreBytes);
                    }
                },
                next -> next,
                Duration.ofNanos(3));
        int[] reads = {0};
        NewContent content = new NewContent(
                TestContent.then(LARGE, () -> {
                    slow.clock.advance(Duration.ofNanos(2));
                    assertThat(slow.housekeeping.sweep().uploadsEnded()).isZero();
                    return ++reads[0] <= 5 ? 1 : -1;
                }),
                null,
                LARGE + 5L,
                null);

        DocumentData created = slow.documents.create(ANN, DOCUMENT, content);

        assertThat(created.sizeBytes()).isEqualTo(LARGE + 5L);
        assertThat(renewals).hasSizeGreaterThan(5).containsOnly(0L);
    }

    // Failures

    @Test
    void nothingIsLeftIfTheRepositoryIsAwayAtActivation() {
        House house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
                throw away;
            }
        });

        assertThat(kind(() -> house.create("a", LARGE))).isEqualTo(Kind.UNAVAILABLE);

        assertThat(house.rows.usage("ann")).isEqualTo(Usage.NONE);
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    @Test
    void nothingIsLeftIfTheStoreIsFull() {
        House house = new House(LIMITS, new InMemoryStorage(LARGE), rows -> rows, next -> next, LEASE);
        DocumentData first = house.create("a", LARGE);

        assertThat(kind(() -> house.create("b", LARGE))).isEqualTo(Kind.STORAGE_FULL);
        assertThat(kind(() -> house.replace(first, TestContent.unknown(LARGE)))).isEqualTo(Kind.STORAGE_FULL);

        assertThat(house.now(first)).isEqualTo(first);
        assertThat(house.create("small", SMALL).sizeBytes()).isEqualTo(SMALL);
        house.requireNothingLeft();
    }

    @Test
    void whatAFailedUploadCannotDeleteTheSweepDeletes() {
        AtomicBoolean broken = new AtomicBoolean(true);
        House house = house(rows -> rows, next -> new ForwardingStorage(next) {
            @Override
            public void delete(StorageUrl url) {
                if (broken.get()) {
                    throw away;
                }
                super.delete(url);
            }
        });
        NewContent lying = TestContent.announcing(LARGE, null, "0".repeat(64));

        DocumentException failure = failure(() -> house.documents.create(ANN, DOCUMENT, lying));

        assertThat(failure.kind()).isEqualTo(Kind.CONTENT_MISMATCH);
        assertThat(failure.getSuppressed()).containsExactly(away);
        assertThat(house.stored()).hasSize(1);
        assertThat(house.housekeeping.sweep()).isEqualTo(new Housekeeping.Swept(0, 0, 1));
        broken.set(false);
        house.clock.advance(House.LEASE);
        assertThat(house.housekeeping.sweep()).isEqualTo(new Housekeeping.Swept(1, 0, 0));
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    // Outcome unknown

    @ParameterizedTest
    @ValueSource(ints = {SMALL, LARGE})
    void aStepThatWasMadeThoughItsAnswerWasLostIsASuccess(int size) {
        House house = new House(rows -> new LosingAnswers(rows, true));

        DocumentData created = house.create("a", size);
        DocumentData replaced = house.replace(created, TestContent.unknown(size));

        assertThat(house.now(created)).isEqualTo(replaced);
        assertThat(replaced.version()).isEqualTo(2);
        assertThat(house.bytesOf(replaced)).isEqualTo(TestContent.bytes(size, 0));
        house.requireNothingLeft();
    }

    @Test
    void aStepThatWasMadeIsASuccessAlsoIfItWasOvertakenAtOnce() {
        House[] self = new House[1];
        House house = new House(rows -> new LosingAnswers(rows, true) {
            @Override
            public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
                try {
                    super.activate(uploadId, document, fingerprint);
                } finally {
                    House plain = self[0];
                    plain.rows.publish(
                            document.publish(
                                    new Content(
                                            Storages.allocateInline(new UUID(0x0190000000007000L, 7)),
                                            "text/plain",
                                            3,
                                            TestContent.sha256(new byte[3])),
                                    null,
                                    plain.clock.instant()),
                            ByteBuffer.allocate(3),
                            Quota.UNLIMITED);
                }
            }
        });
        self[0] = house;

        DocumentData created = house.create("a", LARGE);

        assertThat(created.version()).isEqualTo(1);
        assertThat(house.now(created).version()).isEqualTo(2);
        house.requireNothingLeft();
    }

    @Test
    void aStepThatWasNotMadeKeepsItsBytesUntilTheSweep() {
        House house = new House(rows -> new LosingAnswers(rows, false));

        assertThat(kind(() -> house.create("a", SMALL))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        house.requireNothingLeft();

        assertThat(kind(() -> house.create("a", LARGE))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(house.stored()).hasSize(1);
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(LARGE);

        house.clock.advance(LEASE);
        assertThat(house.housekeeping.sweep().uploadsEnded()).isEqualTo(1);
        assertThat(house.stored()).isEmpty();
        house.requireNothingLeft();
    }

    @Test
    void anUnknownOutcomeThatCannotBeReadBackStaysUnknown() {
        House house = new House(rows -> new LosingAnswers(rows, true) {
            @Override
            public Optional<DocumentVersion> version(UUID documentId, int number) {
                throw away;
            }
        });

        DocumentException failure = failure(() -> house.create("a", LARGE));

        assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(failure.getSuppressed()).containsExactly(away);
        house.clock.advance(LEASE);
        house.housekeeping.sweep();
        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ACTIVE, 1L);
        house.requireNothingLeft();
    }

    @Test
    void anIntentThatWasRecordedThoughItsAnswerWasLostIsClearedByTheSweep() {
        House house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void reserve(
                    Upload upload,
                    Duration lease,
                    @Nullable DocumentData document,
                    Quota quota,
                    IdempotencyKey.@Nullable Use use) {
                super.reserve(upload, lease, document, quota, use);
                throw DocumentStorageException.outcomeUnknown(null);
            }
        });

        assertThat(kind(() -> house.create("a", LARGE))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(house.stored()).isEmpty();

        house.clock.advance(LEASE);
        assertThat(house.housekeeping.sweep().uploadsEnded()).isEqualTo(1);
        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 1L);
        house.requireNothingLeft();
    }

    /** What can be read is not yet on the disk, so reading it back proves nothing. */
    @Test
    void contentThatIsPublishedButNotSyncedIsNotAcknowledged() {
        House house = new House(rows -> new ForwardingRepository(rows) {
            @Override
            public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
                super.activate(uploadId, document, fingerprint);
                throw DocumentStorageException.notSynced(null);
            }

            @Override
            public void publish(
                    DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use key) {
                super.publish(document, bytes, defaults, key);
                throw DocumentStorageException.notSynced(null);
            }
        });

        assertThat(kind(() -> house.create("a", SMALL))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(kind(() -> house.create("a", LARGE))).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(house.stored()).hasSize(2);
        house.requireNothingLeft();
    }

    /** A connection that breaks whenever content is published, just after or just before. */
    private static class LosingAnswers extends ForwardingRepository {
        private final boolean made;

        LosingAnswers(DocumentRepository next, boolean made) {
            super(next);
            this.made = made;
        }

        @Override
        public void activate(UUID uploadId, DocumentData document, @Nullable String fingerprint) {
            if (made) {
                super.activate(uploadId, document, fingerprint);
            }
            throw DocumentStorageException.outcomeUnknown(null);
        }

        @Override
        public void publish(DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
            if (made) {
                super.publish(document, bytes, defaults, use);
            }
            throw DocumentStorageException.outcomeUnknown(null);
        }
    }

    // Others meanwhile

    @Test
    void aPurgeEndsTheUploadsUnderWay() {
        House house = new House();
        DocumentData document = house.create("a", LARGE);
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            house.documents.purge(ANN, document.id(), Precondition.NONE);
            return -1;
        }));

        assertThat(kind(() -> house.replace(document, content))).isEqualTo(Kind.NOT_FOUND);

        assertThat(house.rows.usage("ann")).isEqualTo(Usage.NONE);
        assertThat(house.stored()).containsExactly(House.contentOf(document).url());
        house.clock.advance(House.GRACE);
        house.housekeeping.sweep();
        assertThat(house.stored()).isEmpty();
    }

    @Test
    void twoReplacementsAtOnceBothBecomeVersions() throws Exception {
        House house = new House();
        DocumentData document = house.create("a", LARGE);
        CountDownLatch bothUnderWay = new CountDownLatch(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<DocumentData>> replaced = new ArrayList<>();
            for (int i = 1; i <= 2; i++) {
                int size = LARGE + i;
                replaced.add(threads.submit(() -> house.replace(document, NewContent.of(TestContent.then(size, () -> {
                    bothUnderWay.countDown();
                    await(bothUnderWay);
                    return -1;
                })))));
            }
            List<Integer> versions = new ArrayList<>();
            for (Future<DocumentData> each : replaced) {
                DocumentData own = each.get(10, TimeUnit.SECONDS);
                versions.add(own.version());
                assertThat(house.documents.version(ANN, own.id(), own.version()).content())
                        .isEqualTo(own.content());
            }
            assertThat(versions).containsExactlyInAnyOrder(2, 3);
        } finally {
            threads.shutdownNow();
        }
        assertThat(house.now(document).version()).isEqualTo(3);
        assertThat(house.documents.versions(ANN, document.id(), Integer.MAX_VALUE, 9))
                .hasSize(3);
        house.requireNothingLeft();
    }

    @Test
    void aRenameDuringAnUploadSurvivesIt() {
        House house = new House();
        DocumentData document = house.create("a", LARGE);
        AtomicBoolean renamed = new AtomicBoolean();
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            if (renamed.compareAndSet(false, true)) {
                house.documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("renamed"));
            }
            return -1;
        }));

        DocumentData replaced = house.replace(document, content);

        assertThat(replaced.name()).isEqualTo("renamed");
        assertThat(replaced.version()).isEqualTo(2);
        assertThat(replaced.revision()).isEqualTo(document.revision() + 2);
    }

    private House house(UnaryOperator<DocumentRepository> rows, UnaryOperator<StorageBackend> stores) {
        return new House(LIMITS, store, rows, stores, LEASE);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
