package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Quota.Limit;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Limits of documents and of uploads at the same time, and all limits under races. */
abstract class QuotaPromises extends RepositoryPromises {
    private static final int CLIENTS = 64;
    private static final long MEGABYTE = 1 << 20;

    /** More with {@code -Ddocs.quota.rounds=1000}. */
    private static final int ROUNDS = Integer.getInteger("docs.quota.rounds", 4);

    private static final Quota THREE_DOCUMENTS = Quota.UNLIMITED.withDocuments(3);
    private static final Quota TWO_UPLOADS = Quota.UNLIMITED.withUploads(2);

    // Documents

    @Test
    final void documents_count_in_every_status() {
        DocumentData active = activate(newDocument(), 1);
        update(activate(newDocument(), 1).archive(tick()));
        begin(newDocument(), 1);

        requireFull(Limit.DOCUMENTS, 3, THREE_DOCUMENTS);
        repository.purge(active.id(), active.revision());
        publishWith(THREE_DOCUMENTS);
        requireFull(Limit.DOCUMENTS, 3, THREE_DOCUMENTS);
    }

    @Test
    final void a_document_whose_content_is_still_to_come_counts() {
        for (int i = 0; i < 3; i++) {
            DocumentData pending = newDocument();
            repository.reserve(reservationFor(pending, 5), HOUR, pending, THREE_DOCUMENTS);
        }

        requireFull(Limit.DOCUMENTS, 3, THREE_DOCUMENTS);
    }

    @Test
    final void new_versions_and_changes_of_status_need_no_room_for_documents() {
        DocumentData large = activate(newDocument(), 1);
        DocumentData small = publishInline(newDocument(), new byte[] {1});
        DocumentData archived = update(activate(newDocument(), 1).archive(tick()));
        repository.setQuota(owner, own -> own.withDocuments(1L));

        repository.reserve(uploadFor(large, 7), HOUR, null, AMPLE);
        publishInline(small, new byte[] {1, 2});
        update(archived.restore(tick()));

        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(3);
    }

    @Test
    final void an_owners_limit_of_documents_comes_before_the_default() {
        repository.setQuota(owner, own -> own.withDocuments(1L));
        publishWith(THREE_DOCUMENTS);
        requireFull(Limit.DOCUMENTS, 1, THREE_DOCUMENTS);

        repository.setQuota(owner, own -> own.withDocuments(null));
        publishWith(THREE_DOCUMENTS);
        publishWith(THREE_DOCUMENTS);
        requireFull(Limit.DOCUMENTS, 3, THREE_DOCUMENTS);

        repository.setQuota(owner, own -> own.withDocuments(Quota.NO_LIMIT));
        publishWith(THREE_DOCUMENTS);
    }

    // Uploads

    @Test
    final void uploads_count_until_they_are_activated_or_aborted() {
        DocumentData first = newDocument();
        Upload activated = begin(first, 10);
        Upload aborted = begin(newDocument(), 10);
        requireFull(Limit.UPLOADS, 2, TWO_UPLOADS);

        repository.activate(activated.id(), first.publish(content(urlOf(activated), 10), null, tick()));
        DocumentData third = newDocument();
        repository.reserve(uploadFor(third, 1), HOUR, third, TWO_UPLOADS);
        requireFull(Limit.UPLOADS, 2, TWO_UPLOADS);

        repository.claim(aborted.id());
        requireFull(Limit.UPLOADS, 2, TWO_UPLOADS);
        repository.abort(aborted, "cut");
        assertThat(repository.usage(owner).uploads()).isEqualTo(1);
        DocumentData fourth = newDocument();
        repository.reserve(uploadFor(fourth, 1), HOUR, fourth, TWO_UPLOADS);
    }

    @Test
    final void what_has_no_bytes_under_way_is_no_upload() {
        DocumentData pending = newDocument();
        repository.reserve(reservationFor(pending, 5), HOUR, pending, TWO_UPLOADS.withUploads(0));
        publishWith(TWO_UPLOADS.withUploads(0));

        assertThat(repository.usage(owner).uploads()).isZero();
    }

    @Test
    final void an_upload_under_way_goes_on_when_the_limit_is_lowered() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);
        repository.setQuota(owner, own -> own.withUploads(0L).withDocuments(0L));

        repository.extend(upload.id(), 10, HOUR, AMPLE);
        repository.activate(upload.id(), document.publish(content(urlOf(upload), 20), null, tick()));

        assertThat(repository.usage(owner).uploads()).isZero();
    }

    @Test
    final void uploads_of_a_deleted_owner_count_against_nobody() {
        Upload orphan = begin(newDocument(), 10);
        repository.deleteUser(owner);
        DocumentData document = newDocument();
        Upload own = uploadFor(document, 3);
        repository.reserve(own, HOUR, document, TWO_UPLOADS);
        assertThat(repository.usage(owner).uploads()).isEqualTo(1);

        repository.claim(orphan.id());
        repository.abort(orphan, "its owner is gone");

        assertThat(repository.usage(owner).uploads()).isEqualTo(1);
        assertThat(reserved()).isEqualTo(3);
    }

    // Races

    @Test
    final void many_clients_fill_the_last_megabyte_to_the_last_piece_that_fits() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String each = newOwner();
            // all of them fit exactly, or 51 do
            long piece = round % 4 == 0 ? MEGABYTE / CLIENTS : 20_480;
            long admissible = MEGABYTE / piece;
            Upload growing = uploadOf(each, 1000);
            repository.setQuota(each, own -> own.withBytes(1000 + MEGABYTE));
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                Runnable step = taking(client, piece, growing);
                calls.add(() -> admitted(Kind.QUOTA_EXCEEDED, step));
            }

            assertThat(race(calls)).filteredOn(admitted -> admitted).hasSize((int) admissible);

            assertThat(Limit.BYTES.used(repository.usage(each))).isEqualTo(1000 + admissible * piece);
        }
    }

    @Test
    final void many_clients_store_the_last_documents_and_no_more() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String each = newOwner();
            Quota limits = Quota.UNLIMITED.withDocuments(50);
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                DocumentData document = documentOf(each);
                DocumentData small = document.publish(content(newUrl("inline"), 3), null, tick());
                Upload upload = client % 4 == 0 ? uploadFor(document, 3) : reservationFor(document, 3);
                Runnable step = client % 2 == 0
                        ? () -> repository.reserve(upload, HOUR, document, limits)
                        : () -> repository.publish(small, ByteBuffer.allocate(3), limits);
                calls.add(() -> admitted(Kind.QUOTA_EXCEEDED, step));
            }

            assertThat(race(calls)).filteredOn(admitted -> admitted).hasSize(50);

            assertThat(repository.usage(each).documentCount()).isEqualTo(50);
        }
    }

    @Test
    final void many_clients_begin_as_many_uploads_as_may_be_under_way() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String each = newOwner();
            Quota limits = Quota.UNLIMITED.withUploads(10);
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                DocumentData document = documentOf(each);
                Upload upload = uploadFor(document, 3);
                DocumentData next = document.publish(content(urlOf(upload), 3), null, tick());
                boolean ends = client % 4 == 0;
                calls.add(() -> {
                    boolean begun =
                            admitted(Kind.TOO_MANY_UPLOADS, () -> repository.reserve(upload, HOUR, document, limits));
                    return begun && (!ends || admitted(Kind.CONFLICT, () -> repository.activate(upload.id(), next)));
                });
            }

            long admitted = race(calls).stream().filter(done -> done).count();

            Usage usage = repository.usage(each);
            assertThat(usage.uploads()).isBetween(1L, 10L);
            assertThat(usage.documentCount()).isEqualTo(admitted);
            assertThat(usage.uploads() + usage.documents().getOrDefault(DocumentStatus.ACTIVE, 0L))
                    .isEqualTo(admitted);
        }
    }

    /** As {@link #done}, by a client who comes again when the repository has no time for so many. */
    private static boolean admitted(Kind refusal, Runnable step) {
        for (int attempt = 1; ; attempt++) {
            try {
                return done(refusal, step);
            } catch (DocumentException e) {
                if (e.kind() != Kind.UNAVAILABLE || attempt == 20) {
                    throw e;
                }
            }
        }
    }

    /** One of the ways to take bytes. */
    private Runnable taking(int client, long bytes, Upload growing) {
        DocumentData document = documentOf(growing.userId());
        Upload upload = uploadFor(document, bytes);
        DocumentData small = document.publish(content(newUrl("inline"), bytes), null, tick());
        return switch (client % 4) {
            case 0 -> () -> repository.extend(growing.id(), bytes, HOUR, AMPLE);
            case 1 -> () -> repository.publish(small, ByteBuffer.allocate((int) bytes), AMPLE);
            default -> () -> repository.reserve(upload, HOUR, document, AMPLE);
        };
    }

    private Upload uploadOf(String userId, long bytes) {
        DocumentData document = documentOf(userId);
        Upload upload = uploadFor(document, bytes);
        repository.reserve(upload, HOUR, document, AMPLE);
        return upload;
    }

    private DocumentData documentOf(String userId) {
        return DocumentData.pending(newId(), userId, "raced", null, Metadata.EMPTY, tick());
    }

    private void publishWith(Quota limits) {
        DocumentData next = newDocument().publish(content(newUrl("inline"), 1), null, tick());
        repository.publish(next, ByteBuffer.allocate(1), limits);
    }

    /** Every way of asking for one more is refused, with the reason, and changes nothing. */
    private void requireFull(Limit which, long limit, Quota limits) {
        DocumentData document = newDocument();
        refusedBy(which, limit, () -> repository.reserve(uploadFor(document, 1), HOUR, document, limits));
        if (which == Limit.DOCUMENTS) {
            DocumentData next = document.publish(content(newUrl("inline"), 1), null, tick());
            refusedBy(which, limit, () -> repository.reserve(reservationFor(document, 0), HOUR, document, limits));
            refusedBy(which, limit, () -> repository.publish(next, ByteBuffer.allocate(1), limits));
        }
        assertThat(repository.find(document.id())).isEmpty();
    }

    private void refusedBy(Limit which, long limit, ThrowingCallable step) {
        Usage before = repository.usage(owner);
        DocumentQuotaException refusal = catchThrowableOfType(DocumentQuotaException.class, step);
        assertThat(refusal).isNotNull();
        assertThat(refusal.which()).isEqualTo(which);
        assertThat(refusal.limit()).isEqualTo(limit);
        assertThat(refusal.used()).isEqualTo(which.used(before));
        assertThat(refusal.kind()).isEqualTo(which == Limit.UPLOADS ? Kind.TOO_MANY_UPLOADS : Kind.QUOTA_EXCEEDED);
        assertThat(repository.usage(owner)).isEqualTo(before);
    }
}
