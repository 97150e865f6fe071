package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.EXPIRY;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentEvent;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.ResumableUpload.State;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

class ResumableUploadsTest {
    private static final byte[] BYTES = TestContent.bytes(LARGE, 7);

    private final House house = new House();
    private final ResumableUploads uploads = house.documents.uploadsInParts();

    // Parts

    @Test
    void parts_become_a_document() {
        UUID id = begin((long) LARGE);

        assertThat(append(id, 0, 20_000).offset()).isEqualTo(20_000);
        assertThat(uploads.status(ANN, id).offset()).isEqualTo(20_000);
        assertThat(documentOf(id).status()).isEqualTo(DocumentStatus.PENDING);
        ResumableUpload last = append(id, 20_000, LARGE);

        assertThat(last.state()).isEqualTo(State.PUBLISHED);
        assertThat(documentOf(id).status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
        assertThat(uploads.status(ANN, id)).isEqualTo(last);
        house.requireNothingLeft();
    }

    @Test
    void the_length_may_come_later_and_quota_is_set_aside_as_it_is_known() {
        UUID id = begin(null);
        append(id, 0, 20_000);
        assertThat(house.rows.usage("ann").reservedBytes()).isGreaterThanOrEqualTo(20_000);

        assertThat(kind(() -> uploads.append(ANN, id, part(20_000, 20_000, 19_999L))))
                .isEqualTo(Kind.INVALID);
        uploads.append(ANN, id, part(20_000, 20_000, 3_000_000L));
        assertThat(house.rows.usage("ann").reservedBytes()).isEqualTo(3_000_000);
        assertThat(kind(() -> uploads.append(ANN, id, part(20_000, LARGE, (long) LARGE))))
                .isEqualTo(Kind.INVALID);
        uploads.terminate(ANN, id);

        UUID other = begin(null);
        append(other, 0, LARGE);
        assertThat(uploads.append(ANN, other, part(LARGE, LARGE, (long) LARGE)).state())
                .isEqualTo(State.PUBLISHED);
        assertThat(house.bytesOf(documentOf(other))).isEqualTo(BYTES);
        house.requireNothingLeft();
    }

    @Test
    void an_empty_one_is_complete_at_once() {
        ResumableUpload upload = house.documents.beginUpload(ANN, document(0L), "");

        assertThat(upload.state()).isEqualTo(State.PUBLISHED);
        assertThat(house.bytesOf(documentOf(upload.upload().id()))).isEmpty();
    }

    @Test
    void another_offset_changes_nothing() {
        UUID id = begin((long) LARGE);
        append(id, 0, 100);

        for (int offset : new int[] {0, 99, 101, LARGE}) {
            assertThat(kind(() -> append(id, offset, Math.min(LARGE, offset + 10))))
                    .isEqualTo(Kind.OFFSET_MISMATCH);
        }

        assertThat(uploads.status(ANN, id).offset()).isEqualTo(100);
        assertThat(append(id, 100, LARGE).state()).isEqualTo(State.PUBLISHED);
        assertThat(kind(() -> append(id, 0, 10))).isEqualTo(Kind.OFFSET_MISMATCH);
        assertThat(append(id, LARGE, LARGE).state()).isEqualTo(State.PUBLISHED);
    }

    @Test
    void what_came_before_a_cut_counts() {
        UUID id = begin((long) LARGE);

        assertThat(kind(() -> uploads.append(ANN, id, new NewPart(0, cut(30_000)))))
                .isEqualTo(Kind.CONTENT_MISMATCH);

        assertThat(uploads.status(ANN, id).offset()).isEqualTo(30_000);
        append(id, 30_000, LARGE);
        assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
    }

    @Test
    void more_than_announced_is_refused_read_or_unread() {
        UUID id = begin(1000L);

        assertThat(kind(() ->
                        uploads.append(ANN, id, new NewPart(0, Channels.newChannel(new ByteArrayInputStream(BYTES))))))
                .isEqualTo(Kind.TOO_LARGE);
        AtomicInteger reads = new AtomicInteger();
        ReadableByteChannel watched = TestContent.then(0, reads::incrementAndGet);
        assertThat(kind(() -> uploads.append(ANN, id, new NewPart(0, watched, 1001L, null, null))))
                .isEqualTo(Kind.TOO_LARGE);

        assertThat(reads).hasValue(0);
        assertThat(uploads.status(ANN, id).offset()).isZero();
    }

    @Test
    void a_part_counts_only_if_its_checksum_is_right() throws Exception {
        UUID id = begin((long) LARGE);
        append(id, 0, 1000);

        assertThat(kind(() -> uploads.append(ANN, id, sum(1000, 9000, "sha1", sha("SHA-1", 1000, 8999)))))
                .isEqualTo(Kind.CHECKSUM_MISMATCH);
        NewPart half =
                new NewPart(1000, cut(9000), null, null, new NewPart.Checksum("sha256", sha("SHA-256", 1000, 9000)));
        assertThat(kind(() -> uploads.append(ANN, id, half))).isEqualTo(Kind.CONTENT_MISMATCH);
        assertThat(uploads.status(ANN, id).offset()).isEqualTo(1000);

        uploads.append(ANN, id, sum(1000, 9000, "sha256", sha("SHA-256", 1000, 9000)));
        uploads.append(ANN, id, sum(9000, LARGE, "sha1", sha("SHA-1", 9000, LARGE)));
        assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
    }

    // New versions

    @Test
    void a_new_version_keeps_what_others_changed_meanwhile() {
        DocumentData document = house.create("report", LARGE);
        UUID id = house.documents
                .beginUpload(ANN, document.id(), null, "text/plain", (long) LARGE, "")
                .upload()
                .id();
        append(id, 0, 10);
        house.documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("renamed"));
        append(id, 10, LARGE);

        DocumentData now = house.now(document);
        assertThat(now.name()).isEqualTo("renamed");
        assertThat(now.version()).isEqualTo(2);
        assertThat(now.declaredType()).isEqualTo("text/plain");
        assertThat(house.bytesOf(now)).isEqualTo(BYTES);
    }

    @Test
    void with_a_precondition_it_replaces_the_revision_of_its_beginning_or_none() {
        DocumentData document = house.create("report", LARGE);
        assertThat(kind(() -> house.documents.beginUpload(
                        ANN, document.id(), Precondition.revision(1), null, (long) LARGE, "")))
                .isEqualTo(Kind.CONFLICT);
        UUID id = house.documents
                .beginUpload(ANN, document.id(), Precondition.revision(document.revision()), null, (long) LARGE, "")
                .upload()
                .id();
        append(id, 0, 10);
        house.documents.change(ANN, document.id(), Precondition.NONE, DocumentChanges.name("renamed"));

        assertThat(kind(() -> append(id, 10, LARGE))).isEqualTo(Kind.CONFLICT);

        assertThat(kind(() -> uploads.status(ANN, id))).isEqualTo(Kind.UPLOAD_GONE);
        assertThat(house.now(document).version()).isEqualTo(1);
        house.requireNothingLeft();
    }

    @Test
    void a_failed_document_becomes_whole_by_it_or_fails_again() {
        DocumentData failed = house.in(DocumentStatus.ERROR);
        UUID id = house.documents
                .beginUpload(ANN, failed.id(), Precondition.revision(failed.revision()), null, (long) LARGE, "")
                .upload()
                .id();
        assertThat(house.now(failed).status()).isEqualTo(DocumentStatus.PENDING);
        uploads.terminate(ANN, id);
        assertThat(house.now(failed).status()).isEqualTo(DocumentStatus.ERROR);

        UUID again = house.documents
                .beginUpload(ANN, failed.id(), Precondition.NONE, null, (long) LARGE, "")
                .upload()
                .id();
        append(again, 0, LARGE);
        assertThat(house.now(failed).status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(kind(() -> house.documents.beginUpload(
                        ANN, house.in(DocumentStatus.ARCHIVED).id(), null, null, 1L, "")))
                .isEqualTo(Kind.STATUS);
    }

    // Who may, and how much

    @Test
    void to_others_it_is_not_there() {
        UUID id = begin((long) LARGE);

        assertThat(kind(() -> uploads.status(BOB, id))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> uploads.append(BOB, id, part(0, 10, null)))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> uploads.terminate(BOB, id))).isEqualTo(Kind.NOT_FOUND);
        assertThat(kind(() -> uploads.status(ANN, UUID.randomUUID()))).isEqualTo(Kind.NOT_FOUND);
        assertThat(uploads.status(ROOT, id).offset()).isZero();
        assertThat(kind(() -> house.documents.beginUpload(
                        BOB, house.create("ann's", 10).id(), null, null, 1L, "")))
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void limits_hold_from_the_beginning() {
        House small = new House(House.LIMITS
                .withDocumentBytes(LARGE)
                .withQuota(Quota.UNLIMITED.withBytes(LARGE + 10).withUploads(2)));
        assertThat(kind(() -> small.documents.beginUpload(ANN, document(LARGE + 1L), "")))
                .isEqualTo(Kind.TOO_LARGE);
        UUID first = small.documents
                .beginUpload(ANN, document((long) LARGE), "")
                .upload()
                .id();
        assertThat(kind(() -> small.documents.beginUpload(ANN, document(11L), "")))
                .isEqualTo(Kind.QUOTA_EXCEEDED);
        UUID second =
                small.documents.beginUpload(ANN, document(null), "").upload().id();
        assertThat(kind(() -> small.documents.beginUpload(ANN, document(null), "")))
                .isEqualTo(Kind.TOO_MANY_UPLOADS);

        ResumableUploads parts = small.documents.uploadsInParts();
        parts.append(ANN, second, part(0, 10, null));
        assertThat(kind(() -> parts.append(ANN, second, part(10, 11, null)))).isEqualTo(Kind.QUOTA_EXCEEDED);
        assertThat(parts.status(ANN, second).offset()).isEqualTo(10);
        parts.terminate(ANN, first);
        assertThat(kind(() -> parts.append(ANN, second, part(10, LARGE, (long) LARGE + 1))))
                .isEqualTo(Kind.TOO_LARGE);
        assertThat(parts.append(ANN, second, part(10, LARGE, (long) LARGE)).state())
                .isEqualTo(State.PUBLISHED);
    }

    @Test
    void a_store_that_can_not_is_refused_at_the_beginning() {
        House other = new House(
                House.LIMITS, new InMemoryStorage(), rows -> rows, next -> new ForwardingStorage(next) {}, House.LEASE);

        assertThat(kind(() -> other.documents.beginUpload(ANN, document(5L), "")))
                .isEqualTo(Kind.NOT_SUPPORTED);
        assertThat(other.rows.usage("ann")).isEqualTo(Usage.NONE);
    }

    @Test
    void a_type_that_is_not_allowed_ends_it() {
        Docs docs = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .mediaTypePolicy(new MediaTypePolicy(List.of("text/plain"), List.of()))
                .build();
        assertThat(kind(() -> docs.documents()
                        .beginUpload(ANN, new NewDocument(null, "a", "image/png", Metadata.EMPTY, 5L), "")))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);
        UUID id = docs.documents()
                .beginUpload(ANN, document((long) LARGE), "")
                .upload()
                .id();

        assertThat(kind(() -> docs.documents().uploadsInParts().append(ANN, id, part(0, LARGE, null))))
                .isEqualTo(Kind.TYPE_NOT_ALLOWED);

        assertThat(kind(() -> docs.documents().uploadsInParts().status(ANN, id)))
                .isEqualTo(Kind.NOT_FOUND);
        house.requireNothingLeft();
    }

    @Test
    void gates_are_asked_about_the_whole_and_one_that_fails_is_asked_again() {
        AtomicInteger asked = new AtomicInteger();
        List<DocumentEvent> told = new ArrayList<>();
        Docs docs = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .listener(told::add)
                .contentGate((document, bytes) -> {
                    assertThat(Channels.newInputStream(bytes.open()).readAllBytes())
                            .isEqualTo(BYTES);
                    switch (asked.incrementAndGet()) {
                        case 1 -> throw new IOException("away");
                        case 2 -> {
                            return Verdict.accept("clean");
                        }
                        default -> {
                            return Verdict.refuse("bad");
                        }
                    }
                })
                .build();
        ResumableUploads parts = docs.documents().uploadsInParts();
        UUID id = docs.documents()
                .beginUpload(ANN, document((long) LARGE), "")
                .upload()
                .id();
        assertThat(kind(() -> parts.append(ANN, id, part(0, LARGE, null)))).isEqualTo(Kind.UNAVAILABLE);
        assertThat(documentOf(id).status()).isEqualTo(DocumentStatus.PENDING);

        assertThat(parts.status(ANN, id).state()).isEqualTo(State.PUBLISHED);

        assertThat(House.contentOf(documentOf(id)).verdict()).isEqualTo("clean");
        UUID refused = docs.documents()
                .beginUpload(ANN, document((long) LARGE), "")
                .upload()
                .id();
        UUID documentId = documentOf(refused).id();
        assertThat(kind(() -> parts.append(ANN, refused, part(0, LARGE, null)))).isEqualTo(Kind.CONTENT_REFUSED);
        assertThat(house.rows.find(documentId)).isEmpty();
        house.requireNothingLeft();
        assertThat(told.stream().map(event -> event.kind().name()).toList()).hasSize(4);
    }

    // Ends

    @Test
    void ending_leaves_nothing_and_a_published_one_is_forgotten() {
        UUID id = begin((long) LARGE);
        append(id, 0, 100);
        UUID documentId = documentOf(id).id();

        uploads.terminate(ANN, id);

        assertThat(house.rows.find(documentId)).isEmpty();
        assertThat(kind(() -> uploads.status(ANN, id))).isEqualTo(Kind.NOT_FOUND);
        house.requireNothingLeft();

        UUID published = begin((long) LARGE);
        append(published, 0, LARGE);
        DocumentData document = documentOf(published);
        uploads.terminate(ANN, published);
        assertThat(kind(() -> uploads.status(ANN, published))).isEqualTo(Kind.NOT_FOUND);
        assertThat(house.bytesOf(document)).isEqualTo(BYTES);
    }

    @Test
    void what_nobody_goes_on_with_expires_and_is_cleared() {
        UUID id = begin((long) LARGE);
        house.clock.advance(EXPIRY.minusMinutes(1));
        append(id, 0, 100);
        house.clock.advance(EXPIRY.minusMinutes(1));
        house.housekeeping.sweep();
        append(id, 100, 200);

        house.clock.advance(EXPIRY);
        house.housekeeping.sweep();

        assertThat(kind(() -> append(id, 200, 300))).isEqualTo(Kind.UPLOAD_GONE);
        assertThat(kind(() -> uploads.terminate(ANN, id))).isEqualTo(Kind.UPLOAD_GONE);
        assertThat(documentOf(id).status()).isEqualTo(DocumentStatus.ERROR);
        house.requireNothingLeft();
        house.clock.advance(Duration.ofHours(25));
        house.housekeeping.sweep();
        assertThat(kind(() -> uploads.status(ANN, id))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void what_was_swept_while_it_came_in_is_never_acknowledged() {
        UUID id = begin((long) LARGE);
        UUID documentId = documentOf(id).id();
        AtomicBoolean swept = new AtomicBoolean();
        ReadableByteChannel slow = TestContent.then(100, () -> {
            if (!swept.getAndSet(true)) {
                house.clock.advance(EXPIRY);
                house.housekeeping.sweep();
            }
            return -1;
        });

        assertThat(kind(() -> uploads.append(ANN, id, new NewPart(0, slow)))).isIn(Kind.UPLOAD_GONE, Kind.CONTENT_LOST);

        assertThat(house.rows.find(documentId).orElseThrow().status()).isEqualTo(DocumentStatus.ERROR);
        house.requireNothingLeft();
    }

    @Test
    void purging_the_document_ends_it() {
        UUID id = begin((long) LARGE);
        append(id, 0, 100);
        house.documents.purge(ANN, documentOf(id).id(), Precondition.NONE);

        assertThat(kind(() -> append(id, 100, LARGE))).isEqualTo(Kind.NOT_FOUND);
        house.clock.advance(EXPIRY);
        house.housekeeping.sweep();
        house.requireNothingLeft();
    }

    @Test
    void a_server_that_died_before_the_publication_is_made_up_for() {
        AtomicBoolean dies = new AtomicBoolean(true);
        Docs first = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .contentGate((document, bytes) -> {
                    if (dies.get()) {
                        throw new StackOverflowError("as if it had died");
                    }
                    return Verdict.accept();
                })
                .build();
        UUID id = first.documents()
                .beginUpload(ANN, document((long) LARGE), "")
                .upload()
                .id();
        assertThat(kind(() -> first.documents().uploadsInParts().append(ANN, id, part(0, LARGE, null))))
                .isEqualTo(Kind.UNAVAILABLE);
        dies.set(false);

        assertThat(house.another().documents().uploadsInParts().status(ANN, id).state())
                .isEqualTo(State.PUBLISHED);
        assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
    }

    // Several at once

    @Test
    void whoever_comes_later_goes_ahead_and_what_had_come_counts() throws Exception {
        UUID id = begin((long) LARGE);
        Hanging hanging = new Hanging(10_000);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Kind> older = threads.submit(() -> kind(() -> uploads.append(ANN, id, new NewPart(0, hanging))));
            assertThat(hanging.waits.await(10, TimeUnit.SECONDS)).isTrue();

            assertThat(uploads.status(ANN, id).offset()).isEqualTo(10_000);

            assertThat(older.get(10, TimeUnit.SECONDS)).isEqualTo(Kind.CONTENT_MISMATCH);
            assertThat(append(id, 10_000, LARGE).state()).isEqualTo(State.PUBLISHED);
            assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void another_server_is_refused_while_this_one_is_at_it() throws Exception {
        UUID id = begin((long) LARGE);
        Hanging hanging = new Hanging(10_000);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Kind> older = threads.submit(() -> kind(() -> uploads.append(ANN, id, new NewPart(0, hanging))));
            assertThat(hanging.waits.await(10, TimeUnit.SECONDS)).isTrue();
            ResumableUploads others = house.another().documents().uploadsInParts();

            assertThat(kind(() -> others.append(ANN, id, part(0, LARGE, null)))).isEqualTo(Kind.UPLOAD_BUSY);

            hanging.close();
            assertThat(older.get(10, TimeUnit.SECONDS)).isEqualTo(Kind.CONTENT_MISMATCH);
            assertThat(others.append(ANN, id, part(10_000, LARGE, null)).state())
                    .isEqualTo(State.PUBLISHED);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void ending_does_not_wait_for_whoever_is_at_it() throws Exception {
        UUID id = begin((long) LARGE);
        Hanging hanging = new Hanging(10_000);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Kind> older = threads.submit(() -> kind(() -> uploads.append(ANN, id, new NewPart(0, hanging))));
            assertThat(hanging.waits.await(10, TimeUnit.SECONDS)).isTrue();

            uploads.terminate(ANN, id);

            assertThat(older.get(10, TimeUnit.SECONDS)).isIn(Kind.UPLOAD_GONE, Kind.CONTENT_LOST, Kind.NOT_FOUND);
            house.requireNothingLeft();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void many_who_add_at_once_make_one_document_of_the_right_bytes() throws Exception {
        UUID id = begin((long) LARGE);
        Callable<Integer> client = () -> {
            int refused = 0;
            while (true) {
                try {
                    ResumableUpload now = uploads.status(ANN, id);
                    if (now.state() == State.PUBLISHED) {
                        return refused;
                    }
                    int offset = (int) now.offset();
                    append(id, offset, Math.min(LARGE, offset + 2_500));
                } catch (DocumentException e) {
                    assertThat(e.kind()).isIn(Kind.OFFSET_MISMATCH, Kind.UPLOAD_BUSY);
                    refused++;
                }
            }
        };
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            for (Future<Integer> done : threads.invokeAll(Collections.nCopies(16, client))) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(house.bytesOf(documentOf(id))).isEqualTo(BYTES);
        assertThat(documentOf(id).version()).isEqualTo(1);
        house.requireNothingLeft();
    }

    /** Yields so many bytes, and then hangs until somebody closes it. */
    private static final class Hanging implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final CountDownLatch waits = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        Hanging(int count) {
            bytes = ByteBuffer.wrap(BYTES, 0, count);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (bytes.hasRemaining()) {
                return new BufferChannel(bytes).read(target);
            }
            waits.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new AsynchronousCloseException();
        }

        @Override
        public boolean isOpen() {
            return closed.getCount() > 0;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    private UUID begin(@Nullable Long length) {
        return house.documents.beginUpload(ANN, document(length), "").upload().id();
    }

    private static NewDocument document(@Nullable Long length) {
        return new NewDocument(null, "report", null, Metadata.EMPTY, length);
    }

    private DocumentData documentOf(UUID uploadId) {
        UUID id = house.rows.resumable(uploadId).orElseThrow().upload().documentId();
        return house.rows.find(id).orElseThrow();
    }

    private ResumableUpload append(UUID id, int from, int to) {
        return append(ANN, id, from, to);
    }

    private ResumableUpload append(Caller caller, UUID id, int from, int to) {
        return uploads.append(caller, id, part(from, to, null));
    }

    private static NewPart part(int from, int to, @Nullable Long uploadBytes) {
        return new NewPart(from, channel(from, to), (long) to - from, uploadBytes, null);
    }

    private static NewPart sum(int from, int to, String algorithm, String digest) {
        return new NewPart(from, channel(from, to), null, null, new NewPart.Checksum(algorithm, digest));
    }

    private static ReadableByteChannel channel(int from, int to) {
        return Channels.newChannel(new ByteArrayInputStream(BYTES, from, to - from));
    }

    private static ReadableByteChannel cut(int to) {
        return new ReadableByteChannel() {
            private final ByteBuffer bytes = ByteBuffer.wrap(BYTES, 0, to);

            @Override
            public int read(ByteBuffer target) throws IOException {
                if (!bytes.hasRemaining()) {
                    throw new IOException("cut");
                }
                return new BufferChannel(bytes).read(target);
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    private static String sha(String algorithm, int from, int to) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance(algorithm).digest(Arrays.copyOfRange(BYTES, from, to)));
    }
}
