package dev.docs.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.application.BulkListener;
import dev.docs.application.BulkReport;
import dev.docs.application.BulkRequest;
import dev.docs.application.BulkRequest.Action;
import dev.docs.application.DocumentChanges;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.NewFile;
import dev.docs.application.OpenContent;
import dev.docs.application.Precondition;
import dev.docs.domain.BulkItem;
import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Operations that may fail, but only as documented; remembers what was acknowledged, and holds the world to it. */
final class Attempts {
    private static final Map<String, byte[]> BYTES = new ConcurrentHashMap<>();

    final World world;
    private final Set<Kind> allowed = EnumSet.noneOf(Kind.class);
    private final Map<UUID, DocumentData> acknowledged = new HashMap<>();
    private final Map<String, Set<String>> sent = new HashMap<>();
    private final Set<UUID> purged = new HashSet<>();
    /** Whose last change was perhaps made: documents by their name, which is theirs alone. */
    private final Set<String> unsure = new HashSet<>();
    /** Versions of the one document that has older ones. */
    private final Set<Integer> dropped = new HashSet<>();

    private final Set<Integer> mayBeDropped = new HashSet<>();
    /** Whose bytes were taken away from outside. */
    private final Set<StorageUrl> lost = new HashSet<>();

    Attempts(World world) {
        this.world = world;
    }

    /** From here on. */
    void begin(List<Fault> faults) {
        faults.forEach(fault -> allowed.add(fault.failure().kind));
        world.faults.begin(faults);
    }

    /** Bytes that differ from those of any other name or size; not to be changed. */
    static byte[] bytes(String name, int size) {
        return BYTES.computeIfAbsent(name + size, key -> {
            byte[] bytes = new byte[size];
            new Random(31L * name.hashCode() + size).nextBytes(bytes);
            return bytes;
        });
    }

    // Operations; null if they failed

    @Nullable
    DocumentData create(String name, byte[] bytes, boolean sized) {
        send(name, bytes);
        return acknowledge(
                name, () -> world.documents().create(world.owner, NewDocument.named(name), content(bytes, sized)));
    }

    @Nullable
    DocumentData reserve(String name, int size) {
        NewDocument document = new NewDocument(null, name, null, Metadata.EMPTY, (long) size);
        return acknowledge(name, () -> world.documents().reserve(world.owner, document));
    }

    @Nullable
    DocumentData replace(DocumentData document, byte[] bytes, boolean sized) {
        send(document.name(), bytes);
        return acknowledge(
                document.name(),
                () -> world.documents()
                        .replaceContent(world.owner, document.id(), Precondition.NONE, content(bytes, sized)));
    }

    /** An upload that can't succeed, since its content is not what it announces. */
    void lie(DocumentData document, byte[] bytes) {
        NewContent lying = new NewContent(content(bytes, false).bytes(), null, null, "0".repeat(64));
        try {
            world.documents().replaceContent(world.owner, document.id(), Precondition.NONE, lying);
            throw new AssertionError("content other than announced was accepted");
        } catch (DocumentException e) {
            if (e.kind() != Kind.CONTENT_MISMATCH) {
                requireAllowed(e);
            }
        }
    }

    @Nullable
    DocumentData archive(DocumentData document) {
        return change(document, DocumentStatus.ARCHIVED);
    }

    @Nullable
    DocumentData restore(DocumentData document) {
        return change(document, DocumentStatus.ACTIVE);
    }

    private @Nullable DocumentData change(DocumentData document, DocumentStatus status) {
        return acknowledge(
                document.name(),
                () -> world.documents()
                        .change(world.owner, document.id(), Precondition.NONE, DocumentChanges.status(status)));
    }

    void purge(DocumentData document) {
        attempt(document.name(), () -> {
            world.documents().purge(world.owner, document.id(), Precondition.NONE);
            purged.add(document.id());
            return document;
        });
    }

    /** One form with a file for each name. */
    void createAll(List<String> names, List<Integer> sizes) {
        List<NewFile> files = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            byte[] bytes = bytes(names.get(i), sizes.get(i));
            send(names.get(i), bytes);
            files.add(new NewFile(NewDocument.named(names.get(i)), content(bytes, true), null));
        }
        List<String> told = new ArrayList<>();
        world.documents().createAll(world.owner, files.iterator(), created -> {
            String name = names.get(created.index());
            told.add(name);
            if (created.outcome() != null) {
                DocumentData document = created.outcome().document();
                assertThat(document.name()).isEqualTo(name);
                acknowledged.put(document.id(), document);
            } else {
                refused(name, Objects.requireNonNull(created.failure()));
            }
        });
        assertThat(told).as("a result for each, in order").isEqualTo(names);
    }

    /** Archives or purges many, which nobody else does, so that each of them is there; twice under a key if there is one. */
    void bulk(Action action, List<DocumentData> documents, @Nullable String key) {
        bulkOnce(action, documents, key);
        if (key != null) {
            bulkOnce(action, documents, key);
        }
    }

    private void bulkOnce(Action action, List<DocumentData> documents, @Nullable String key) {
        BulkRequest request =
                BulkRequest.of(action, documents.stream().map(DocumentData::id).toList());
        BulkReport report;
        try {
            report = world.documents().bulk(world.owner, request, BulkListener.NONE, key);
        } catch (DocumentException e) {
            if (key == null || e.kind() != Kind.REQUEST_RUNNING) {
                documents.forEach(document -> refused(document.name(), e));
            }
            return;
        }
        for (int i = 0; i < documents.size(); i++) {
            DocumentData document = documents.get(i);
            BulkItem item = report.items().get(i);
            assertThat(item.id()).isEqualTo(document.id());
            if (item.refusal() != null) {
                assertThat(allowed)
                        .as("a reason to refuse one")
                        .contains(item.refusal().kind());
            } else if (action == Action.PURGE) {
                purged.add(document.id());
            } else {
                acknowledged.computeIfPresent(document.id(), (id, known) -> archived(known));
                unsure.remove(document.name());
            }
        }
    }

    private static DocumentData archived(DocumentData document) {
        return document.status() == DocumentStatus.ARCHIVED ? document : document.archive(document.updatedAt());
    }

    @Nullable
    DocumentData restoreVersion(DocumentData document, int number) {
        return acknowledge(
                document.name(),
                () -> world.documents().restoreVersion(world.owner, document.id(), number, Precondition.NONE));
    }

    void dropVersion(DocumentData document, int number) {
        mayBeDropped.add(number);
        attempt(document.name(), () -> {
            world.documents().dropVersion(world.owner, document.id(), number, Precondition.NONE);
            dropped.add(number);
            return document;
        });
    }

    void read(DocumentData document, @Nullable ByteRange part) {
        byte[] read = attempt(document.name(), () -> {
            OpenContent content = world.documents().content(world.owner, document.id());
            return readAll(content.read(part == null ? content.whole() : part));
        });
        if (read != null) {
            byte[] all = bytes(document.name(), (int) document.sizeBytes());
            ByteRange range = part == null ? new ByteRange(0, all.length) : part;
            assertThat(Arrays.equals(read, Arrays.copyOfRange(all, (int) range.offset(), (int) range.end())))
                    .as("what was read is what was asked for")
                    .isTrue();
        }
    }

    void readLost(DocumentData document) {
        allowed.add(Kind.CONTENT_LOST);
        attempt(document.name(), () -> {
            OpenContent content = world.documents().content(world.owner, document.id());
            try (ReadableByteChannel channel = content.read(content.whole())) {
                throw new AssertionError("read what is not there: " + channel);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        allowed.remove(Kind.CONTENT_LOST);
    }

    void sweep() {
        attempt("", () -> world.sweep());
    }

    /** Asks the store for everything it has. */
    void walk() {
        Map<String, Long> listed = attempt("", () -> list(world.store()));
        if (listed != null) {
            assertThat(listed).isEqualTo(world.files());
        }
        for (String key : world.files().keySet()) {
            Long size = attempt(
                    "", () -> world.store().size(new StorageUrl("main", key)).orElseThrow(AssertionError::new));
            if (size != null) {
                assertThat(size).isEqualTo(world.files().get(key));
            }
        }
    }

    /** Opens the store again, as a server does that starts. */
    void reopen() {
        String id = world.store().id();
        try {
            FileSystemStorage again = world.openStore(world.root);
            assertThat(again.id()).isEqualTo(id);
        } catch (IllegalArgumentException e) {
            assertThat(allowed).as("a reason to fail").isNotEmpty();
        }
    }

    /** Opens a store that is not there yet. */
    void openNew() {
        // never one of an attempt before, whose syncs this disk knows nothing of
        Path folder = world.root.resolveSibling("new-" + UUID.randomUUID());
        String id = null;
        try {
            id = world.openStore(folder).id();
        } catch (IllegalArgumentException e) {
            assertThat(allowed).as("a reason to fail").isNotEmpty();
        }
        world.faults.end();
        String found = world.openStore(folder).id();
        assertThat(found).as("an id as long as a UUID").hasSize(36);
        assertThat(id).isIn(null, found);
        assertThat(world.disk.memory().takes(folder, folder.resolve("STORE-ID")))
                .as("an id lost by a power cut")
                .isFalse();
    }

    // What others leave

    /** An intent on record, and no more. */
    StorageUrl intent() {
        StorageUrl url = world.newUrl();
        DocumentData pending = DocumentData.pending(
                UUID.randomUUID(), world.owner.userId(), "dead " + url.key(), null, Metadata.EMPTY, Instant.EPOCH);
        Upload upload = new Upload(UUID.randomUUID(), pending.id(), pending.userId(), url, 5_000);
        world.rows.reserve(upload, world.lease, pending, Quota.UNLIMITED);
        return url;
    }

    /** A server that died while it was writing. */
    void diedWriting() {
        StorageUrl url = intent();
        try {
            Files.write(world.draft(url), bytes("dead", 3_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that died when it had stored the bytes, but not the row that names them. */
    void diedBeforePublishing() {
        world.store().store(intent(), Channels.newChannel(new ByteArrayInputStream(bytes("dead", 5_000))));
    }

    /** Somebody deletes a file. */
    void lose(DocumentData document) {
        StorageUrl url = Objects.requireNonNull(document.content()).url();
        try {
            Files.delete(world.file(url));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lost.add(url);
    }

    // Checks

    /** Repairs everything, and checks every invariant that one process can. */
    void check() {
        world.faults.end();
        assertThat(world.disk.open()).as("files still open").isZero();
        checkDurability();
        checkDocuments(false);

        assertThat(world.sweepUploads())
                .as("failures of a sweep on a whole disk")
                .isZero();
        checkDocuments(true);
        Map<String, Long> live = checkVersions();
        Map<String, Long> kept = new TreeMap<>(live);
        for (StorageUrl url : world.rows.doomed(Duration.ZERO, 1_000)) {
            assertThat(live).as("live and doomed").doesNotContainKey(url.key());
            kept.put(url.key(), world.files().getOrDefault(url.key(), -1L));
        }
        assertThat(world.files()).as("files are those live and doomed").isEqualTo(kept);
        checkUsage();
        assertThat(world.disk.memory().bringsBack())
                .as("files that no row names any more, after a power cut")
                .isEmpty();

        assertThat(world.sweepContents())
                .as("failures of a sweep on a whole disk")
                .isZero();
        assertThat(world.files()).as("files are those live").isEqualTo(live);
        assertThat(world.rows.doomed(Duration.ZERO, 1_000)).isEmpty();

        checkWork();
        world.documents().deleteUser(world.owner, world.owner.userId());
        assertThat(world.sweepContents()).isZero();
        assertThat(world.files()).as("files of nobody").isEmpty();
        assertThat(list(world.rows.inlineStore()))
                .as("inline content of nobody")
                .isEmpty();
        assertThat(world.rows.usage(world.owner.userId())).isEqualTo(Usage.NONE);
    }

    private void checkDurability() {
        for (DocumentData promised : acknowledged.values()) {
            boolean perhapsPurged = unsure.contains(promised.name())
                    && world.rows.find(promised.id()).isEmpty();
            boolean stays = !purged.contains(promised.id()) && !perhapsPurged && !isLost(promised);
            if (promised.content() != null && stays) {
                StorageUrl url = promised.content().url();
                assertThat(url.store().equals("main") && world.disk.memory().takes(world.root, world.file(url)))
                        .as("acknowledged, and lost by a power cut")
                        .isFalse();
            }
        }
    }

    /** @param settled whether every upload has been ended */
    private void checkDocuments(boolean settled) {
        Map<UUID, DocumentData> stored = new HashMap<>();
        documents().forEach(document -> stored.put(document.id(), document));
        acknowledged.forEach((id, promised) -> {
            DocumentData document = stored.get(id);
            boolean perhapsNot = unsure.contains(promised.name());
            if (document == null) {
                assertThat(purged.contains(id) || perhapsNot)
                        .as("is there, or was purged")
                        .isTrue();
                return;
            }
            assertThat(purged).as("purged").doesNotContain(id);
            if (!perhapsNot && !isLost(promised)) {
                assertThat(document.content()).isEqualTo(promised.content());
                if (promised.content() != null) {
                    assertThat(document.status()).isEqualTo(promised.status());
                }
            }
            assertThat(document.version()).isBetween(promised.version(), promised.version() + (perhapsNot ? 1 : 0));
        });
        for (DocumentData document : stored.values()) {
            if (settled) {
                assertThat(document.status()).as("of " + document.name()).isNotEqualTo(DocumentStatus.PENDING);
            }
            if (!acknowledged.containsKey(document.id()) && document.content() != null) {
                assertThat(unsure).as("half visible").contains(document.name());
            }
            if (document.status() == DocumentStatus.ERROR) {
                assertThat(document.content() == null || isLost(document))
                        .as("failed though its content is whole: " + document.statusReason())
                        .isTrue();
            }
        }
        if (settled) {
            purged.forEach(id ->
                    assertThat(world.rows.versions(id, Integer.MAX_VALUE, 9)).isEmpty());
        }
    }

    /** Every version is whole; returns the files that they have, and their sizes. */
    private Map<String, Long> checkVersions() {
        Map<String, Long> live = new TreeMap<>();
        Map<String, Long> inline = new TreeMap<>();
        for (DocumentData document : documents()) {
            List<DocumentVersion> versions = world.rows.versions(document.id(), Integer.MAX_VALUE, 100);
            Set<Integer> missing =
                    IntStream.rangeClosed(1, document.version()).boxed().collect(Collectors.toCollection(HashSet::new));
            versions.forEach(
                    version -> assertThat(missing.remove(version.number())).isTrue());
            assertThat(mayBeDropped).as("numbers without gaps").containsAll(missing);
            assertThat(missing).containsAll(dropped);
            for (DocumentVersion version : versions) {
                StorageUrl url = version.content().url();
                if (lost.contains(url)) {
                    continue;
                }
                OpenContent content = world.documents().content(world.owner, document.id(), version.number());
                byte[] bytes = readAll(content.read(content.whole()));
                assertThat(Sha256.hex(ByteBuffer.wrap(bytes)))
                        .isEqualTo(version.content().sha256());
                assertThat(sent.getOrDefault(document.name(), Set.of()))
                        .contains(version.content().sha256());
                (url.store().equals("main") ? live : inline)
                        .put(url.key(), version.content().sizeBytes());
            }
        }
        assertThat(list(world.rows.inlineStore())).as("inline content").isEqualTo(inline);
        return live;
    }

    private void checkUsage() {
        Usage usage = world.rows.usage(world.owner.userId());
        assertThat(usage).isEqualTo(world.rows.recount(world.owner.userId()));
        assertThat(usage.reservedBytes()).as("reserved").isZero();
    }

    /** What failed must not stand in the way of what comes next. */
    private void checkWork() {
        allowed.clear();
        for (int size : new int[] {500, 3_000}) {
            String name = "next " + size;
            DocumentData document = Objects.requireNonNull(create(name, bytes(name, size), true));
            read(document, null);
        }
        checkUsage();
    }

    private boolean isLost(DocumentData document) {
        return document.content() != null && lost.contains(document.content().url());
    }

    private List<DocumentData> documents() {
        DocumentQuery all = DocumentQuery.builder(world.owner.userId())
                .statuses(EnumSet.allOf(DocumentStatus.class))
                .build();
        return world.rows.list(all, null, 100).items();
    }

    private static Map<String, Long> list(StorageBackend store) {
        Map<String, Long> listed = new TreeMap<>();
        store.list(null, 1_000).forEach(entry -> listed.put(entry.key(), entry.sizeBytes()));
        return listed;
    }

    private void send(String name, byte[] bytes) {
        sent.computeIfAbsent(name, key -> new HashSet<>()).add(Sha256.hex(ByteBuffer.wrap(bytes)));
    }

    private static NewContent content(byte[] bytes, boolean sized) {
        return sized ? NewContent.of(bytes) : NewContent.of(new ByteArrayInputStream(bytes));
    }

    private @Nullable DocumentData acknowledge(String name, Supplier<DocumentData> operation) {
        DocumentData document = attempt(name, operation);
        if (document != null) {
            acknowledged.put(document.id(), document);
        }
        return document;
    }

    private <T> @Nullable T attempt(String name, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (DocumentException e) {
            refused(name, e);
            return null;
        }
    }

    private void refused(String name, DocumentException e) {
        requireAllowed(e);
        if (e.kind() == Kind.OUTCOME_UNKNOWN) {
            unsure.add(name);
        }
    }

    private void requireAllowed(DocumentException e) {
        if (!allowed.contains(e.kind())) {
            throw new AssertionError(e.kind() + " instead of one of " + allowed, e);
        }
    }

    private static byte[] readAll(ReadableByteChannel channel) {
        try (InputStream in = Channels.newInputStream(channel)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
