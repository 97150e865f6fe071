package dev.docs.app.model;

import dev.docs.app.model.Step.Ending;
import dev.docs.app.model.Step.Expected;
import dev.docs.application.BulkListener;
import dev.docs.application.BulkPreview;
import dev.docs.application.BulkRequest;
import dev.docs.application.Created;
import dev.docs.application.Docs;
import dev.docs.application.DocumentChanges;
import dev.docs.application.DocumentService;
import dev.docs.application.Housekeeping;
import dev.docs.application.Limits;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.NewFile;
import dev.docs.application.OpenContent;
import dev.docs.application.Precondition;
import dev.docs.application.Retention;
import dev.docs.application.UserUsage;
import dev.docs.conformance.ForwardingStorage;
import dev.docs.domain.BulkItem;
import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.ContentGate;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntFunction;

/** The product, made to do the steps of a history. */
final class Product {
    private static final Caller ROOT = Caller.administrator("root");
    private static final UUID NOWHERE = new UUID(0x7000, 0x8000_0000_0000_0000L);
    private static final Limits LIMITS = Limits.DEFAULT
            .withInlineBytes(Step.INLINE_BYTES)
            .withDocumentBytes(Step.DOCUMENT_BYTES)
            .withQuota(Step.QUOTA);

    /** The end of a process, as far as one can be had without one: nothing catches it to tidy up. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    private final Setup setup;
    private final FailingStorage storage;
    private final DocumentService documents;
    private final Housekeeping housekeeping;

    Product(Setup setup) {
        this.setup = setup;
        storage = new FailingStorage(setup.storage());
        Docs docs = Docs.builder()
                .repository(setup.repository())
                .store("main", storage)
                .limits(LIMITS)
                .uploadLease(Step.LEASE)
                .uploadExpiry(Step.EXPIRY)
                .purgeGrace(Step.GRACE)
                .retention(new Retention(Step.ARCHIVED_KEPT, Step.VERSIONS_KEPT))
                .contentGate(Product::inspect)
                .clock(setup.clock())
                .build();
        documents = docs.documents();
        housekeeping = docs.housekeeping();
    }

    private static Verdict inspect(DocumentData document, ContentGate.Bytes bytes) throws IOException {
        String sha256;
        try (InputStream in = Channels.newInputStream(bytes.open())) {
            sha256 = View.Bytes.of(in.readAllBytes()).sha256();
        }
        if (Step.isTooMuchForTheGate(sha256)) {
            throw new IOException("too much");
        }
        String verdict = Step.verdict(sha256);
        return Step.isRefused(sha256)
                ? Verdict.refuse(Step.REFUSAL)
                : verdict == null ? Verdict.accept() : Verdict.accept(verdict);
    }

    /** Answers as {@link Reference#run} does. */
    void run(String prefix, Step step, IntFunction<@Nullable UUID> slots, List<View> answers) {
        View answer;
        try {
            answer = answer(prefix, step, slot -> id(slots.apply(slot)), during -> run(prefix, during, slots, answers));
        } catch (DocumentException e) {
            answer = new View.Refused(e.kind());
        } catch (Death e) {
            answer = new View.Died();
        }
        answers.add(answer);
    }

    private interface During {
        void run(Step step);
    }

    private View answer(String prefix, Step step, IntFunction<UUID> slots, During during) {
        if (step instanceof Step.Create create) {
            NewDocument document = new NewDocument(
                    create.owner().id(prefix),
                    Step.NAMES.get(create.name()),
                    Step.type(create.type()),
                    Step.metadata(create.metadata()),
                    create.body().announcedSize());
            return view(documents.create(
                    create.who().caller(prefix), document, content(create.body(), create.during(), during)));
        } else if (step instanceof Step.CreateMany create) {
            List<View> results = new ArrayList<>();
            Iterator<NewFile> files = create.files().stream()
                    .map(file -> new NewFile(
                            new NewDocument(
                                    create.owner().id(prefix),
                                    Step.NAMES.get(file.name()),
                                    Step.type(file.type()),
                                    Step.metadata(file.metadata()),
                                    file.body().announcedSize()),
                            content(file.body(), null, during),
                            null))
                    .iterator();
            documents.createAll(create.who().caller(prefix), files, each -> results.add(view(each)));
            return new View.Several(results);
        } else if (step instanceof Step.Bulk bulk) {
            List<UUID> ids = bulk.slots().stream().map(slots::apply).toList();
            Metadata patch = bulk.action() == Step.Action.UPDATE ? Metadata.of(Step.patch(bulk.patch())) : null;
            return bulk(
                    bulk.who().caller(prefix),
                    new BulkRequest(BulkRequest.Action.valueOf(bulk.action().name()), ids, null, patch),
                    bulk.mode());
        } else if (step instanceof Step.BulkOfOwner bulk) {
            DocumentQuery filter = DocumentQuery.builder(bulk.owner().id(prefix))
                    .statuses(EnumSet.of(bulk.status()))
                    .build();
            Metadata patch = bulk.action() == Step.Action.UPDATE ? Metadata.of(Step.patch(bulk.patch())) : null;
            return bulk(
                    bulk.who().caller(prefix),
                    new BulkRequest(BulkRequest.Action.valueOf(bulk.action().name()), null, filter, patch),
                    bulk.mode());
        } else if (step instanceof Step.Reserve reserve) {
            NewDocument document = new NewDocument(
                    reserve.owner().id(prefix),
                    Step.NAMES.get(reserve.name()),
                    Step.type(reserve.type()),
                    Metadata.EMPTY,
                    reserve.size() < 0 ? null : Long.valueOf(Step.SIZES.get(reserve.size())));
            return view(documents.reserve(reserve.who().caller(prefix), document));
        } else if (step instanceof Step.Change change) {
            UUID id = slots.apply(change.slot());
            DocumentChanges changes = new DocumentChanges(
                    change.name() < 0 ? null : Step.NAMES.get(change.name()),
                    change.metadata() < 0 ? null : current -> Step.metadata(change.metadata()),
                    change.status());
            return view(documents.change(change.who().caller(prefix), id, condition(id, change.expected()), changes));
        } else if (step instanceof Step.Replace replace) {
            UUID id = slots.apply(replace.slot());
            return view(documents
                    .replaceContent(
                            replace.who().caller(prefix),
                            id,
                            condition(id, replace.expected()),
                            content(replace.body(), replace.during(), during),
                            null,
                            kept(replace.keep()))
                    .document());
        } else if (step instanceof Step.RestoreVersion restore) {
            UUID id = slots.apply(restore.slot());
            return view(documents
                    .restoreVersion(
                            restore.who().caller(prefix),
                            id,
                            restore.version(),
                            condition(id, restore.expected()),
                            null,
                            kept(restore.keep()))
                    .document());
        } else if (step instanceof Step.DropVersion drop) {
            UUID id = slots.apply(drop.slot());
            documents.dropVersion(drop.who().caller(prefix), id, drop.version(), condition(id, drop.expected()));
            return new View.Done();
        } else if (step instanceof Step.Purge purge) {
            UUID id = slots.apply(purge.slot());
            documents.purge(purge.who().caller(prefix), id, condition(id, purge.expected()));
            return new View.Done();
        } else if (step instanceof Step.Read read) {
            return read(read.who().caller(prefix), slots.apply(read.slot()), read.version());
        } else if (step instanceof Step.Look look) {
            Caller caller = look.who().caller(prefix);
            List<View> views = new ArrayList<>();
            views.add(owner(caller, look.owner().id(prefix)));
            documents
                    .list(caller, DocumentQuery.of(look.owner().id(prefix)), null, look.page())
                    .items()
                    .forEach(document -> views.add(view(document)));
            return new View.Several(views);
        } else if (step instanceof Step.SetQuota set) {
            Long bytes = set.kilobytes() < 0 ? null : Long.valueOf(set.kilobytes() * 1000L);
            documents.setQuota(set.who().caller(prefix), set.owner().id(prefix), own -> own.withBytes(bytes));
            return new View.Done();
        } else if (step instanceof Step.SetLimits set) {
            documents.setQuota(set.who().caller(prefix), set.owner().id(prefix), set::of);
            return new View.Done();
        } else if (step instanceof Step.DeleteUser delete) {
            documents.deleteUser(delete.who().caller(prefix), delete.owner().id(prefix));
            return new View.Done();
        } else if (step instanceof Step.Sweep sweep) {
            setup.pass(Step.PAUSES.get(sweep.pause()));
            Housekeeping.Swept swept = housekeeping.sweep();
            return new View.Swept(swept.contentsDeleted(), swept.failed());
        } else if (step instanceof Step.Retain) {
            Housekeeping.Retained retained = housekeeping.retain();
            return new View.Retained(retained.documentsPurged(), retained.versionsDropped());
        } else if (step instanceof Step.Lose lose) {
            lose(slots.apply(lose.slot()));
            return new View.Done();
        }
        throw new IllegalArgumentException(step.toString());
    }

    private static int kept(int keep) {
        return keep == 0 ? Retention.ALL_VERSIONS : keep;
    }

    private View bulk(Caller caller, BulkRequest request, Step.Mode mode) {
        if (mode == Step.Mode.PREVIEW) {
            BulkPreview preview = documents.preview(caller, request);
            return new View.Preview(
                    preview.count(),
                    preview.unchanged(),
                    preview.bytes(),
                    List.copyOf(preview.sample().stream().map(Product::view).toList()),
                    preview.refused().stream().map(Product::view).toList());
        }
        return new View.Several(documents.bulk(caller, request, BulkListener.NONE).items().stream()
                .map(Product::view)
                .toList());
    }

    private static View view(BulkItem item) {
        if (item.refusal() != null) {
            return new View.Refused(item.refusal().kind());
        }
        return item.result() == BulkItem.Result.DONE ? new View.Done() : new View.Unchanged();
    }

    private static View view(Created created) {
        return created.outcome() != null
                ? view(created.outcome().document())
                : new View.Refused(Objects.requireNonNull(created.failure()).kind());
    }

    void pass(Duration time) {
        setup.pass(time);
    }

    private static UUID id(@Nullable UUID slot) {
        return slot == null ? NOWHERE : slot;
    }

    private Precondition condition(UUID id, Expected expected) {
        if (expected == Expected.ANY) {
            return Precondition.NONE;
        }
        long revision;
        try {
            revision = documents.get(ROOT, id).revision();
        } catch (DocumentException e) {
            revision = 1;
        }
        return Precondition.revision(expected == Expected.STALE ? revision - 1 : revision);
    }

    private NewContent content(Step.Body body, @Nullable Step step, During during) {
        storage.ending = body.ending();
        return new NewContent(
                new Source(body, () -> {
                    if (step != null) {
                        during.run(step);
                    }
                    storage.ending = body.ending();
                }),
                Step.type(body.type()),
                body.announcedSize(),
                body.announcedDigest());
    }

    View read(Caller caller, UUID id, int version) {
        try {
            OpenContent content = version == 0 ? documents.content(caller, id) : documents.content(caller, id, version);
            try (InputStream in = Channels.newInputStream(content.read(content.whole()))) {
                return View.Bytes.of(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } catch (DocumentException e) {
            return new View.Refused(e.kind());
        }
    }

    private void lose(UUID id) {
        try {
            Content content = documents.get(ROOT, id).content();
            if (content != null && content.url().store().equals("main")) {
                storage.delete(content.url());
            }
        } catch (DocumentException e) {
            // nothing to lose
        }
    }

    // The whole state

    List<DocumentData> documents(String owner, Sort sort, boolean descending) {
        DocumentQuery query = DocumentQuery.builder(owner)
                .statuses(EnumSet.allOf(DocumentStatus.class))
                .sort(sort, descending)
                .build();
        List<DocumentData> all = new ArrayList<>();
        Position position = null;
        do {
            Page<DocumentData> page = documents.list(ROOT, query, position, 4);
            all.addAll(page.items());
            position = page.next();
        } while (position != null && all.size() < 1_000);
        return all;
    }

    View.Owner owner(String owner) {
        return owner(ROOT, owner);
    }

    private View.Owner owner(Caller caller, String owner) {
        UserUsage usage = documents.usage(caller, owner);
        return new View.Owner(usage.usage(), usage.limits());
    }

    Usage recount(String owner) {
        return setup.repository().recount(owner);
    }

    /** From the first one on. */
    List<View.Version> versions(UUID id) {
        List<View.Version> versions = new ArrayList<>();
        documents
                .versions(ROOT, id, Integer.MAX_VALUE, DocumentService.MAX_PAGE)
                .forEach(version -> versions.add(
                        0,
                        new View.Version(
                                version.number(),
                                version.content().mimeType(),
                                version.declaredType(),
                                version.content().sizeBytes(),
                                version.content().sha256(),
                                version.content().verdict(),
                                version.createdAt())));
        return versions;
    }

    List<Integer> files() {
        return storage.list(null, 100_000).stream()
                .map(entry -> Math.toIntExact(entry.sizeBytes()))
                .sorted()
                .toList();
    }

    static View.Document view(DocumentData document) {
        Content content = document.content();
        return new View.Document(
                document.userId(),
                document.name(),
                document.declaredType(),
                document.mimeType(),
                document.status(),
                document.statusReason(),
                document.metadata(),
                document.sizeBytes(),
                content == null ? "" : content.sha256(),
                document.version(),
                document.revision(),
                document.createdAt(),
                document.updatedAt());
    }

    /** Bytes, with something else happening half way, and an end of its own kind. */
    private static final class Source implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final int pause;
        private final Ending ending;
        private final Runnable during;
        private boolean isPaused;

        Source(Step.Body body, Runnable during) {
            bytes = ByteBuffer.wrap(body.bytes());
            pause = body.length() / 2;
            ending = body.ending();
            this.during = during;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (bytes.position() == pause && !isPaused) {
                isPaused = true;
                during.run();
            }
            if (!bytes.hasRemaining()) {
                if (ending == Ending.CUT) {
                    throw new IOException("cut");
                } else if (ending == Ending.DEATH) {
                    throw new Death();
                }
                return -1;
            }
            int until = isPaused ? bytes.capacity() : pause;
            int count = Math.min(until - bytes.position(), target.remaining());
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            throw new AssertionError("the caller's channel is the caller's to close");
        }
    }

    /** A store that is full, or the last thing its process saw, when it is told so. */
    private static final class FailingStorage extends ForwardingStorage {
        private Ending ending = Ending.END;

        FailingStorage(StorageBackend store) {
            super(store);
        }

        @Override
        public Stored store(StorageUrl url, ReadableByteChannel bytes) {
            if (ending == Ending.STORE_IS_FULL) {
                throw DocumentStorageException.full(null);
            }
            Stored stored = super.store(url, bytes);
            if (ending == Ending.DEATH_AFTER_STORE) {
                throw new Death();
            }
            return stored;
        }
    }
}
