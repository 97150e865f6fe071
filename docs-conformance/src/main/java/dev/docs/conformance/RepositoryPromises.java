package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** What the groups of promises share: an open repository, data to fill it, and a recount of usage after each test. */
abstract class RepositoryPromises {
    static final Duration HOUR = Duration.ofHours(1);
    static final Quota AMPLE = Quota.UNLIMITED.withBytes(1L << 40);

    /** More than any database has after a test run, so that housekeeping's pages hold the test's own entries. */
    static final int ALL = 1_000_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Random random = new Random();
    private final Set<String> owners = new HashSet<>();
    private Instant now = Instant.parse("2026-11-24T08:00:00.123Z");
    final String owner = newOwner();
    DocumentRepository repository = new InMemoryDocumentRepository();

    abstract DocumentRepository open() throws Exception;

    @BeforeEach
    final void openRepository() throws Exception {
        repository = open();
    }

    @AfterEach
    final void countersEqualARecountFromRows() {
        for (String each : owners) {
            Usage usage = repository.usage(each);
            assertThat(usage).isEqualTo(repository.recount(each));
            assertThat(usage.reservedBytes()).isNotNegative();
            assertThat(usage.documents().values()).allMatch(count -> count >= 0);
        }
    }

    // Data

    /** A limit of bytes, and of nothing else. */
    static Quota bytes(long limit) {
        return Quota.UNLIMITED.withBytes(limit);
    }

    final String newOwner() {
        String id = "owner-" + UUID.randomUUID();
        owners.add(id);
        return id;
    }

    /** A time after all times before it. */
    final Instant tick() {
        now = now.plusMillis(7);
        return now;
    }

    final UUID newId() {
        return Ids.uuidV7(tick(), random);
    }

    final StorageUrl newUrl() {
        return newUrl("main");
    }

    final StorageUrl newUrl(String store) {
        return StorageUrl.of(store, newId());
    }

    final Content content(long sizeBytes) {
        return content(newUrl(), sizeBytes);
    }

    static Content content(StorageUrl url, long sizeBytes) {
        return new Content(url, "text/plain", sizeBytes, "%064x".formatted(sizeBytes), "text/csv", "clean");
    }

    final DocumentData newDocument() {
        return newDocument("report.txt", Metadata.EMPTY);
    }

    final DocumentData newDocument(String name, Metadata metadata) {
        Instant created = tick();
        return DocumentData.pending(Ids.uuidV7(created, random), owner, name, null, metadata, created);
    }

    final Upload uploadFor(DocumentData document, long bytes) {
        return new Upload(newId(), document.id(), document.userId(), newUrl(), bytes);
    }

    /** An upload that has not begun. */
    final Upload reservationFor(DocumentData document, long bytes) {
        return new Upload(newId(), document.id(), document.userId(), null, bytes);
    }

    static StorageUrl urlOf(Upload upload) {
        StorageUrl url = upload.url();
        if (url == null) {
            throw new IllegalArgumentException("an upload that has not begun");
        }
        return url;
    }

    // Steps that are not the test's subject

    /** A stored document in {@code PENDING} with an upload of these bytes under way. */
    final Upload begin(DocumentData document, long bytes) {
        Upload upload = uploadFor(document, bytes);
        repository.reserve(upload, HOUR, document, AMPLE);
        return upload;
    }

    /** A stored document in {@code ACTIVE} whose only version has this size. */
    final DocumentData activate(DocumentData pending, long bytes) {
        return activate(pending, content(bytes));
    }

    final DocumentData activate(DocumentData pending, Content content) {
        return finish(pending, pending, content);
    }

    /** Gives a stored document another version. */
    final DocumentData replace(DocumentData stored, Content content) {
        return finish(stored, null, content);
    }

    private DocumentData finish(DocumentData before, @Nullable DocumentData toWrite, Content content) {
        Upload upload = new Upload(newId(), before.id(), before.userId(), content.url(), content.sizeBytes());
        repository.reserve(upload, HOUR, toWrite, AMPLE);
        DocumentData next = before.publish(content, "text/plain", tick());
        repository.activate(upload.id(), next);
        return next;
    }

    /** A stored document in {@code ACTIVE} whose bytes the repository keeps itself. */
    final DocumentData publishInline(DocumentData before, byte[] bytes) {
        DocumentData next = before.publish(content(newUrl("inline"), bytes.length), null, tick());
        repository.publish(next, ByteBuffer.wrap(bytes), AMPLE);
        return next;
    }

    final DocumentData update(DocumentData next) {
        repository.update(next);
        return next;
    }

    // Questions

    final long documentsIn(DocumentStatus status) {
        return repository.usage(owner).documents().getOrDefault(status, 0L);
    }

    final long bytesIn(DocumentStatus status) {
        return repository.usage(owner).bytes().getOrDefault(status, 0L);
    }

    final long reserved() {
        return repository.usage(owner).reservedBytes();
    }

    final List<Upload> claimedOf(Upload... uploads) {
        List<Upload> ours = List.of(uploads);
        return repository.claimExpired(Duration.ZERO, ALL).stream()
                .filter(claimed -> ours.stream().anyMatch(our -> our.id().equals(claimed.id())))
                .toList();
    }

    /** Which of these are doomed, however short ago, oldest first. */
    final List<StorageUrl> doomedOf(StorageUrl... urls) {
        List<StorageUrl> ours = List.of(urls);
        return repository.doomed(Duration.ZERO, ALL).stream()
                .filter(ours::contains)
                .toList();
    }

    /** The repository's clock may be coarse, so what should be over by now may take a moment. */
    static void eventually(String what, BooleanSupplier condition) {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            Thread.onSpinWait();
        }
    }

    // Failures

    record State(Optional<DocumentData> document, List<DocumentVersion> versions, Usage usage) {}

    final State state(UUID documentId) {
        return new State(
                repository.find(documentId),
                repository.versions(documentId, Integer.MAX_VALUE, 200),
                repository.usage(owner));
    }

    /** Runs a step that must fail, must be of one of these kinds, and must change nothing about the document or owner. */
    final void refuses(UUID documentId, ThrowingCallable step, Kind... kinds) {
        State before = state(documentId);
        DocumentException thrown = catchThrowableOfType(DocumentException.class, step);
        assertThat(thrown).as("a step that should be refused").isNotNull();
        assertThat(thrown.kind()).isIn((Object[]) kinds);
        assertThat(state(documentId)).isEqualTo(before);
    }

    /** Starts all at the same time; answers are in the order of the calls. */
    static <T> List<T> race(List<Callable<T>> calls) throws Exception {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<T>> answers = new ArrayList<>();
            for (Callable<T> call : calls) {
                answers.add(threads.submit(() -> {
                    start.await();
                    return call.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> answer : answers) {
                results.add(answer.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Whether a step was done; false if it was refused for this reason. Anything else comes out. */
    static boolean done(Kind refusal, Runnable step) {
        try {
            step.run();
            return true;
        } catch (DocumentException e) {
            if (e.kind() == refusal) {
                return false;
            }
            throw e;
        }
    }
}
