package dev.docs.app.races;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.adapter.jdbi.Database;
import dev.docs.app.races.Stops.Killed;
import dev.docs.app.races.Stops.Stop;
import dev.docs.application.Docs;
import dev.docs.application.DocumentService;
import dev.docs.application.Housekeeping;
import dev.docs.application.Limits;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.domain.ByteRange;
import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.VersionId;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Servers on the same rows and bytes, threads that use them, and what must hold when all have come to rest. */
final class Race implements AutoCloseable {
    static final Caller ANN = Caller.user("ann");
    static final Caller ROOT = Caller.administrator("root");
    static final int SMALL = 1_000;
    static final int LARGE = 200_000;

    /** Nothing here takes that long unless it hangs. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** One server, whose threads stop where they are told to. */
    record Server(Docs docs, Stops stops) {
        DocumentService documents() {
            return docs.documents();
        }

        Housekeeping.Swept sweep() {
            return docs.housekeeping().sweep();
        }
    }

    final DocumentRepository rows;
    final StorageBackend store;

    /** Versions that a test has dropped. */
    final Set<VersionId> dropped = ConcurrentHashMap.newKeySet();

    private final Path files;
    private final Supplier<DocumentRepository> repositories;
    private final Supplier<StorageBackend> stores;
    private final List<Database> databases = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** @param folder empty */
    Race(Ground ground, Path folder) {
        files = folder.resolve("files");
        repositories = ground.rows(folder, databases::add);
        stores = ground.store(folder);
        rows = repositories.get();
        store = stores.get();
    }

    Server server() {
        return server(Duration.ZERO, Long.MAX_VALUE);
    }

    /** @param grace for the bytes of what is purged */
    Server server(Duration grace, long quotaBytes) {
        return server(grace, quotaBytes, Duration.ofMinutes(2));
    }

    /** Whatever it claims, others may claim the next moment. */
    Server withShortLeases() {
        return server(Duration.ZERO, Long.MAX_VALUE, Duration.ofMillis(1));
    }

    private Server server(Duration grace, long quotaBytes, Duration lease) {
        Stops stops = new Stops();
        Docs docs = Docs.builder()
                .repository(stops.on(DocumentRepository.class, repositories.get()))
                .store("main", stops.on(StorageBackend.class, stores.get()))
                .limits(Limits.DEFAULT.withInlineBytes(SMALL).withQuotaBytes(quotaBytes))
                .purgeGrace(grace)
                .uploadLease(lease)
                .build();
        return new Server(docs, stops);
    }

    /** What it would be if the server had not been heard of for too long. */
    void endLease(Server server) {
        rows.expire(server.stops().lastUpload().id());
    }

    /** Begins something in a thread of its own. */
    <T> Future<T> begin(Callable<T> step) {
        return threads.submit(step);
    }

    /** Does the same in several threads that begin at one moment. */
    List<Future<?>> together(int times, Callable<?> step) {
        CyclicBarrier start = new CyclicBarrier(times);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            all.add(begin(() -> {
                start.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                return step.call();
            }));
        }
        return all;
    }

    static Set<Kind> failures(List<Future<?>> ended) {
        return ended.stream()
                .filter(each -> catchThrowable(() -> end(each)) != null)
                .map(Race::failure)
                .collect(Collectors.toSet());
    }

    static long successes(List<Future<?>> ended) {
        return ended.stream()
                .filter(each -> catchThrowable(() -> end(each)) == null)
                .count();
    }

    /** Waits for what has begun, but not for ever. */
    static <T> T end(Future<T> begun) throws Exception {
        return begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static NewContent content(int size, long seed) {
        return NewContent.of(bytes(size, seed));
    }

    /** Content of unknown length that stops before it says that it has ended. */
    static NewContent stoppingAtItsEnd(int size, long seed, Stop stop) {
        InputStream stopping = new SequenceInputStream(new ByteArrayInputStream(bytes(size, seed)), new InputStream() {
            @Override
            public int read() {
                stop.pass();
                return -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                return read();
            }
        });
        return NewContent.of(stopping);
    }

    static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static DocumentData create(Server server, int size) {
        return server.documents().create(ANN, NewDocument.named("raced"), content(size, 0));
    }

    static DocumentData replace(Server server, DocumentData document, NewContent content) {
        return server.documents().replaceContent(ANN, document.id(), Precondition.NONE, content);
    }

    static Kind failure(Future<?> begun) {
        ExecutionException failed = catchThrowableOfType(ExecutionException.class, () -> end(begun));
        assertThat(failed).as("a failure was expected").isNotNull();
        if (failed.getCause() instanceof DocumentException known) {
            return known.kind();
        }
        throw new AssertionError("another failure was expected", failed);
    }

    static void requireKilled(Future<?> begun) {
        assertThatThrownBy(() -> end(begun)).hasCauseInstanceOf(Killed.class);
    }

    static byte[] read(ReadableByteChannel channel) {
        try (InputStream in = Channels.newInputStream(channel)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Every version that was not dropped is there and has its bytes; nothing else is stored but what is doomed, and nothing at
     * all once that is swept; drafts and reservations are gone; usage is what a recount finds.
     */
    void requireOrder() {
        Set<StorageUrl> live = live();
        List<StorageUrl> kept = new ArrayList<>(live);
        kept.addAll(doomed());
        assertThat(stored()).as("stored before the last sweep").containsExactlyInAnyOrderElementsOf(kept);
        server().sweep();
        assertThat(stored()).as("stored after the last sweep").containsExactlyInAnyOrderElementsOf(live);
        assertThat(drafts()).as("drafts").isEmpty();
        assertThat(rows.usage(ANN.userId())).isEqualTo(rows.recount(ANN.userId()));
        assertThat(rows.usage(ANN.userId()).reservedBytes()).isZero();
    }

    List<DocumentData> documents() {
        DocumentQuery all = DocumentQuery.builder(ANN.userId())
                .statuses(EnumSet.allOf(DocumentStatus.class))
                .build();
        return rows.list(all, null, 10_000).items();
    }

    /** Content that nothing references any more, waiting for a sweep. */
    List<StorageUrl> doomed() {
        return rows.doomed(Duration.ZERO, 10_000);
    }

    /** Each once, whichever versions share it. */
    private Set<StorageUrl> live() {
        Set<StorageUrl> live = new LinkedHashSet<>();
        for (DocumentData document : documents()) {
            List<DocumentVersion> versions = rows.versions(document.id(), Integer.MAX_VALUE, 10_000);
            assertThat(versions.stream().map(DocumentVersion::number))
                    .containsExactlyElementsOf(IntStream.iterate(document.version(), n -> n > 0, n -> n - 1)
                            .boxed()
                            .filter(number -> !dropped.contains(new VersionId(document.id(), number)))
                            .toList());
            for (DocumentVersion version : versions) {
                Content content = version.content();
                StorageBackend from = content.url().store().equals("main") ? store : rows.inlineStore();
                byte[] bytes = read(from.retrieve(content.url(), new ByteRange(0, content.sizeBytes())));
                assertThat(Sha256.hex(ByteBuffer.wrap(bytes))).isEqualTo(content.sha256());
                live.add(content.url());
            }
        }
        return live;
    }

    private List<StorageUrl> stored() {
        List<StorageUrl> stored = new ArrayList<>();
        store.list(null, 10_000).forEach(entry -> stored.add(new StorageUrl("main", entry.key())));
        rows.inlineStore().list(null, 10_000).forEach(entry -> stored.add(new StorageUrl("inline", entry.key())));
        return stored;
    }

    private List<Path> drafts() {
        Path folder = files.resolve("tmp");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> drafts = Files.list(folder)) {
            return drafts.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        databases.forEach(Database::close);
    }
}
