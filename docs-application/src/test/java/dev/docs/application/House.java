package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** The whole application on the heap, with a clock that stands still. {@value #SMALL} bytes are inline, more are not. */
final class House {
    static final int SMALL = 1_000;
    static final int LARGE = 50_000;
    static final Duration LEASE = Duration.ofMinutes(2);
    static final Duration EXPIRY = Duration.ofHours(24);
    static final Duration GRACE = Duration.ofHours(24);
    static final Limits LIMITS = Limits.DEFAULT.withInlineBytes(SMALL);

    static final Caller ANN = Caller.user("ann");
    static final Caller BOB = Caller.user("bob");
    static final Caller ROOT = Caller.administrator("root");

    final TestClock clock = new TestClock();
    final InMemoryDocumentRepository rows = new InMemoryDocumentRepository(clock);
    final InMemoryStorage store;
    final DocumentService documents;
    final Housekeeping housekeeping;
    final Integrity integrity;

    House() {
        this(LIMITS);
    }

    House(Limits limits) {
        this(limits, new InMemoryStorage(), rows -> rows, store -> store, LEASE);
    }

    House(UnaryOperator<DocumentRepository> rowsThrough) {
        this(LIMITS, new InMemoryStorage(), rowsThrough, store -> store, LEASE);
    }

    House(
            Limits limits,
            InMemoryStorage store,
            UnaryOperator<DocumentRepository> rowsThrough,
            UnaryOperator<StorageBackend> storeThrough,
            Duration lease) {
        this.store = store;
        Docs docs = Docs.builder()
                .repository(rowsThrough.apply(rows))
                .store("main", storeThrough.apply(store))
                .limits(limits)
                .uploadLease(lease)
                .uploadExpiry(EXPIRY)
                .purgeGrace(GRACE)
                .clock(clock)
                .build();
        documents = docs.documents();
        housekeeping = docs.housekeeping();
        integrity = docs.integrity();
    }

    /** Another server on the same rows and content. */
    Docs another() {
        return another(Retention.EVERYTHING);
    }

    Docs another(Retention retention) {
        return Docs.builder()
                .repository(rows)
                .store("main", store)
                .limits(LIMITS)
                .uploadLease(LEASE)
                .uploadExpiry(EXPIRY)
                .purgeGrace(GRACE)
                .retention(retention)
                .clock(clock)
                .build();
    }

    DocumentData create(String name, int size) {
        return documents.create(ANN, NewDocument.named(name), TestContent.known(size));
    }

    DocumentData reserve(String name) {
        return documents.reserve(ANN, NewDocument.named(name));
    }

    DocumentData replace(DocumentData document, NewContent content) {
        return documents.replaceContent(ANN, document.id(), Precondition.NONE, content);
    }

    DocumentData now(DocumentData document) {
        return rows.find(document.id()).orElseThrow();
    }

    /** A document in that status, with content of {@value #LARGE} bytes where the status may have any. */
    DocumentData in(DocumentStatus status) {
        if (status == DocumentStatus.PENDING) {
            return reserve("pending");
        }
        return in(create(status.wire(), LARGE), status);
    }

    /** The same document, active so far. */
    DocumentData in(DocumentData active, DocumentStatus status) {
        if (status == DocumentStatus.ARCHIVED) {
            return documents.archive(ANN, active.id(), Precondition.NONE);
        } else if (status == DocumentStatus.ERROR) {
            rows.update(active.fail("a disk broke", clock.instant()));
        }
        return now(active);
    }

    static Content contentOf(DocumentData document) {
        return Objects.requireNonNull(document.content(), "the document has content");
    }

    byte[] bytesOf(DocumentData document) {
        return TestContent.read(documents.content(ANN, document.id()));
    }

    /** Nothing is stored but what versions have, nothing is reserved, and the counters tell the truth. */
    void requireNothingLeft() {
        requireHonestUsage("ann");
        assertThat(rows.usage("ann").reservedBytes()).isZero();
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(referenced());
    }

    void requireHonestUsage(String userId) {
        assertThat(rows.usage(userId)).isEqualTo(rows.recount(userId));
    }

    List<StorageUrl> stored() {
        List<StorageUrl> urls = new ArrayList<>();
        store.list(null, 100_000).forEach(entry -> urls.add(new StorageUrl("main", entry.key())));
        rows.inlineStore().list(null, 100_000).forEach(entry -> urls.add(new StorageUrl("inline", entry.key())));
        return urls;
    }

    private List<StorageUrl> referenced() {
        List<StorageUrl> urls = new ArrayList<>();
        for (Caller owner : List.of(ANN, BOB)) {
            DocumentQuery query = DocumentQuery.builder(owner.userId())
                    .statuses(EnumSet.allOf(DocumentStatus.class))
                    .build();
            rows.list(query, null, 100_000)
                    .items()
                    .forEach(document -> rows.versions(document.id(), Integer.MAX_VALUE, 100_000)
                            .forEach(version -> urls.add(version.content().url())));
        }
        return urls;
    }

    static DocumentException failure(ThrowingCallable call) {
        DocumentException failure = catchThrowableOfType(DocumentException.class, call);
        assertThat(failure).as("a failure was expected").isNotNull();
        return failure;
    }

    static DocumentException.Kind kind(ThrowingCallable call) {
        return failure(call).kind();
    }
}
