package dev.docs.app.model;

import dev.docs.app.model.Step.Ending;
import dev.docs.app.model.Step.Expected;
import dev.docs.app.model.Step.Who;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the product is meant to do, in the plainest terms: lists and loops, one thread, nothing that is counted along. Two
 * things it is told by the product: ids, and the time of a failure that the repository's own clock tells.
 */
final class Reference {
    static final class Doc {
        private final int number;
        private final String owner;
        private final Instant created;
        private String name;
        private @Nullable String declared;
        private Metadata metadata;
        private DocumentStatus status = DocumentStatus.PENDING;
        private @Nullable String reason;
        private long revision = 1;
        private final List<Version> versions = new ArrayList<>();

        /** Told by the product; the time is null when it has to be told. */
        @Nullable
        UUID id;

        @Nullable
        Instant updated;

        Doc(int number, String owner, String name, @Nullable String declared, Metadata metadata, Instant now) {
            this.number = number;
            this.owner = owner;
            this.name = name;
            this.declared = declared;
            this.metadata = metadata;
            this.created = now;
            this.updated = now;
        }

        private void becomes(DocumentStatus next, @Nullable String why, @Nullable Instant now) {
            status = next;
            reason = why;
            revision++;
            updated = now;
        }

        private @Nullable Version current() {
            return versions.isEmpty() ? null : versions.get(versions.size() - 1);
        }

        private int number() {
            Version current = current();
            return current == null ? 0 : current.view.number();
        }

        private long size() {
            Version current = current();
            return current == null ? 0 : current.stored.bytes.length;
        }

        private Version version(int number) {
            for (Version version : versions) {
                if (version.view.number() == number) {
                    return version;
                }
            }
            throw new Refusal(new View.Refused(Kind.NOT_FOUND));
        }
    }

    private record Version(View.Version view, Stored stored) {}

    /** Bytes that one version has, or several. */
    private static final class Stored {
        private final byte[] bytes;
        private final boolean isFile;
        private boolean lost;

        Stored(byte[] bytes, boolean isFile) {
            this.bytes = bytes;
            this.isFile = isFile;
        }
    }

    private static final class Upload {
        private final Doc doc;
        private final boolean hasBytes;
        private long reserved;
        private Instant end;
        private @Nullable Integer file;
        private boolean isOrphan;

        Upload(Doc doc, boolean hasBytes, long reserved, Instant end) {
            this.doc = doc;
            this.hasBytes = hasBytes;
            this.reserved = reserved;
            this.end = end;
        }
    }

    private record Doomed(int size, boolean lost, Instant since) {}

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient View view;

        Refusal(View view) {
            super(null, null, false, false);
            this.view = view;
        }
    }

    private final String prefix;
    private final Doc[] slots = new Doc[Step.SLOTS];
    /** In the order of creation, which is the order of ids. */
    private final List<Doc> docs = new ArrayList<>();

    private final List<Upload> uploads = new ArrayList<>();
    private final List<Doomed> doomed = new ArrayList<>();
    private final Map<String, Long> quotas = new HashMap<>();
    private final Set<String> onRecord = new HashSet<>();
    private int announced;
    private Instant now;

    Reference(String prefix, Instant now) {
        this.prefix = prefix;
        this.now = now;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Nullable
    UUID id(int slot) {
        return slots[slot] == null ? null : slots[slot].id;
    }

    /** Live documents of an owner, oldest first. */
    List<Doc> docs(Step.Owner owner) {
        return docs.stream().filter(doc -> doc.owner.equals(owner.id(prefix))).toList();
    }

    /** The answers, that of a step in between first. */
    void run(Step step, List<View> answers) {
        View answer;
        try {
            answer = answer(step, answers);
        } catch (Refusal e) {
            answer = e.view;
        }
        answers.add(answer);
    }

    private View answer(Step step, List<View> answers) {
        if (step instanceof Step.Create create) {
            return create(create, answers);
        } else if (step instanceof Step.Reserve reserve) {
            return reserve(reserve);
        } else if (step instanceof Step.Change change) {
            return change(change);
        } else if (step instanceof Step.Replace replace) {
            return replace(replace, answers);
        } else if (step instanceof Step.RestoreVersion restore) {
            return restoreVersion(restore);
        } else if (step instanceof Step.DropVersion drop) {
            return dropVersion(drop);
        } else if (step instanceof Step.Purge purge) {
            return purge(purge);
        } else if (step instanceof Step.Read read) {
            return read(permitted(read.who(), slots[read.slot()]), read.version());
        } else if (step instanceof Step.Look look) {
            return look(look);
        } else if (step instanceof Step.SetQuota set) {
            return setQuota(set);
        } else if (step instanceof Step.DeleteUser delete) {
            return deleteUser(delete);
        } else if (step instanceof Step.Sweep sweep) {
            return sweep(Step.PAUSES.get(sweep.pause()));
        } else if (step instanceof Step.Lose lose) {
            return lose(slots[lose.slot()]);
        }
        throw new IllegalArgumentException(step.toString());
    }

    // Documents

    private View create(Step.Create step, List<View> answers) {
        Doc doc = announced(step.who(), step.owner(), step.name(), step.type(), step.metadata());
        try {
            return store(doc, true, step.body(), step.during(), answers, current -> {});
        } finally {
            keep(step.slot(), doc);
        }
    }

    private View reserve(Step.Reserve step) {
        Doc doc = announced(step.who(), step.owner(), step.name(), step.type(), 0);
        long size = step.size() < 0 ? 0 : Step.SIZES.get(step.size());
        require(size <= Step.DOCUMENT_BYTES, Kind.TOO_LARGE);
        require(size <= room(doc.owner), Kind.QUOTA_EXCEEDED);
        add(doc);
        onRecord.add(doc.owner);
        uploads.add(new Upload(doc, false, size, now.plus(Step.EXPIRY)));
        keep(step.slot(), doc);
        return view(doc);
    }

    private Doc announced(Who who, Step.Owner owner, int name, int type, int metadata) {
        require(!Step.NAMES.get(name).isEmpty(), Kind.INVALID);
        require(who == Who.ROOT || who.name().equals(owner.name()), Kind.ACCESS_DENIED);
        return new Doc(
                announced++, owner.id(prefix), Step.NAMES.get(name), Step.type(type), Step.metadata(metadata), now);
    }

    private void keep(int slot, Doc doc) {
        if (docs.contains(doc)) {
            slots[slot] = doc;
        }
    }

    private View change(Step.Change step) {
        require(step.name() < 0 || !Step.NAMES.get(step.name()).isEmpty(), Kind.INVALID);
        require(step.status() != DocumentStatus.PENDING && step.status() != DocumentStatus.ERROR, Kind.INVALID);
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        String name = step.name() < 0 ? doc.name : Step.NAMES.get(step.name());
        Metadata metadata = step.metadata() < 0 ? doc.metadata : Step.metadata(step.metadata());
        DocumentStatus status = step.status() == null ? doc.status : step.status();
        if (name.equals(doc.name) && metadata.equals(doc.metadata) && status == doc.status) {
            return view(doc);
        }
        require(
                status == doc.status
                        || (status == DocumentStatus.ARCHIVED && doc.status != DocumentStatus.PENDING)
                        || (doc.status == DocumentStatus.ARCHIVED && !doc.versions.isEmpty()),
                Kind.STATUS);
        doc.name = name;
        doc.metadata = metadata;
        doc.becomes(status, status == doc.status ? doc.reason : null, now);
        return view(doc);
    }

    private View replace(Step.Replace step, List<View> answers) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        Long expected = step.expected() == Expected.ANY ? null : Long.valueOf(doc.revision);
        return store(
                doc,
                false,
                step.body(),
                step.during(),
                answers,
                revision -> require(expected == null || expected.equals(revision), Kind.CONFLICT));
    }

    private View purge(Step.Purge step) {
        remove(admission(step.who(), slots[step.slot()], step.expected()));
        return new View.Done();
    }

    View read(Doc doc, int number) {
        require(
                number > 0
                        || (!doc.versions.isEmpty()
                                && (doc.status == DocumentStatus.ACTIVE || doc.status == DocumentStatus.ARCHIVED)),
                Kind.STATUS);
        Version current = doc.current();
        Version version = number == 0 && current != null ? current : doc.version(number);
        if (version.stored.lost) {
            if (current != null && version.stored == current.stored && doc.status != DocumentStatus.ERROR) {
                doc.becomes(DocumentStatus.ERROR, "the stored bytes are missing or damaged", now);
            }
            return new View.Refused(Kind.CONTENT_LOST);
        }
        return View.Bytes.of(version.stored.bytes);
    }

    private static View lose(@Nullable Doc doc) {
        Version current = doc == null ? null : doc.current();
        if (current != null) {
            current.stored.lost = current.stored.isFile;
        }
        return new View.Done();
    }

    // Versions

    private View restoreVersion(Step.RestoreVersion step) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        Version older = doc.version(step.version());
        require(doc.status != DocumentStatus.PENDING, Kind.STATUS);
        require(!older.equals(doc.current()), Kind.CURRENT_VERSION);
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        require(!older.stored.lost, Kind.CONTENT_LOST);
        require(older.stored.bytes.length <= room(doc.owner), Kind.QUOTA_EXCEEDED);
        return publish(doc, older.view.mimeType(), older.view.declaredType(), older.stored);
    }

    private View dropVersion(Step.DropVersion step) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        Version version = doc.version(step.version());
        require(!version.equals(doc.current()), Kind.CURRENT_VERSION);
        doc.versions.remove(version);
        if (doc.versions.stream().noneMatch(other -> other.stored == version.stored)) {
            doom(version.stored);
        }
        return new View.Done();
    }

    // Content

    private View store(
            Doc doc, boolean isNew, Step.Body body, @Nullable Step during, List<View> answers, Consumer<Long> admit) {
        Long announced = body.announcedSize();
        byte[] bytes = body.bytes();
        int pause = bytes.length / 2;
        require(announced == null || announced <= Step.DOCUMENT_BYTES, Kind.TOO_LARGE);
        boolean isAnnouncedLarge = announced != null && announced > Step.INLINE_BYTES;
        int head = isAnnouncedLarge ? 0 : Math.min(bytes.length, Step.INLINE_BYTES + 1);
        boolean isEarly = !isAnnouncedLarge && pause <= Step.INLINE_BYTES;
        if (isEarly && during != null) {
            run(during, answers);
        }
        if (!isAnnouncedLarge && bytes.length <= Step.INLINE_BYTES) {
            return keepInline(doc, isNew, body, bytes, admit);
        }

        // the intent
        long reserved = announced != null ? announced : head;
        Consumer<Long> admitLater = admit;
        require(isNew || docs.contains(doc), Kind.NOT_FOUND);
        admit.accept(doc.revision);
        require(reserved <= room(doc.owner) + unused(doc), Kind.QUOTA_EXCEEDED);
        endUnused(doc);
        if (isNew) {
            add(doc);
            onRecord.add(doc.owner);
        } else if (doc.status == DocumentStatus.ERROR) {
            long failed = doc.revision;
            doc.becomes(DocumentStatus.PENDING, null, now);
            long retried = doc.revision;
            admitLater = revision -> admit.accept(revision == retried ? failed : revision);
        }
        Upload upload = new Upload(doc, true, reserved, now.plus(Step.LEASE));
        uploads.add(upload);
        try {
            require(body.ending() != Ending.STORE_IS_FULL, Kind.STORAGE_FULL);
            receive(upload, body, head, isEarly ? null : during, answers);
            require(docs.contains(doc), Kind.NOT_FOUND);
            admitLater.accept(doc.revision);
            require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
            uploads.remove(upload);
            return publish(doc, body, bytes, true);
        } catch (Refusal e) {
            if (!(e.view instanceof View.Died) && uploads.remove(upload)) {
                end(upload, isNew ? null : "the upload failed");
            }
            throw e;
        }
    }

    private View keepInline(Doc doc, boolean isNew, Step.Body body, byte[] bytes, Consumer<Long> admit) {
        requireEnd(body);
        require(body.isAsAnnounced(), Kind.CONTENT_MISMATCH);
        require(isNew || docs.contains(doc), Kind.NOT_FOUND);
        admit.accept(doc.revision);
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        require(bytes.length <= room(doc.owner) + unused(doc), Kind.QUOTA_EXCEEDED);
        endUnused(doc);
        if (isNew) {
            add(doc);
            onRecord.add(doc.owner);
        }
        return publish(doc, body, bytes, false);
    }

    /** The bytes on their way: counted and paid for as they come, and something else may happen half way. */
    private void receive(Upload upload, Step.Body body, int head, @Nullable Step during, List<View> answers) {
        Long announced = body.announcedSize();
        int pause = Math.max(head, body.length() / 2);
        long paid = upload.reserved;
        for (int count : new int[] {head, pause, body.length()}) {
            require(count <= Step.DOCUMENT_BYTES, Kind.TOO_LARGE);
            require(announced == null || count <= announced, Kind.CONTENT_MISMATCH);
            if (count > paid) {
                require(uploads.contains(upload) && !upload.isOrphan, Kind.UPLOAD_EXPIRED);
                long needed = count - paid;
                long step = Math.max(needed, 1 << 20);
                long more = step <= room(upload.doc.owner) ? step : needed;
                require(more <= room(upload.doc.owner), Kind.QUOTA_EXCEEDED);
                upload.reserved += more;
                paid += more;
                upload.end = now.plus(Step.LEASE);
            }
            if (count == pause && during != null) {
                run(during, answers);
                during = null;
            }
        }
        requireEnd(body);
        require(uploads.contains(upload), Kind.UNAVAILABLE);
        upload.file = body.length();
        if (body.ending() == Ending.DEATH_AFTER_STORE) {
            throw new Refusal(new View.Died());
        }
        require(body.isAsAnnounced(), Kind.CONTENT_MISMATCH);
        require(!upload.isOrphan, Kind.NOT_FOUND);
    }

    private static void requireEnd(Step.Body body) {
        require(body.ending() != Ending.CUT, Kind.CONTENT_MISMATCH);
        if (body.ending() == Ending.DEATH) {
            throw new Refusal(new View.Died());
        }
    }

    private View publish(Doc doc, Step.Body body, byte[] bytes, boolean isFile) {
        String declared = body.type() == 0 ? doc.declared : Step.type(body.type());
        String mimeType = declared == null ? "application/octet-stream" : declared;
        return publish(doc, mimeType, declared, new Stored(bytes, isFile));
    }

    private View publish(Doc doc, String mimeType, @Nullable String declared, Stored stored) {
        View.Bytes content = View.Bytes.of(stored.bytes);
        doc.declared = declared;
        doc.versions.add(new Version(
                new View.Version(doc.number() + 1, mimeType, declared, content.length(), content.sha256(), now),
                stored));
        doc.becomes(DocumentStatus.ACTIVE, null, now);
        return view(doc);
    }

    // Owners and time

    private View look(Step.Look step) {
        require(step.who() == Who.ROOT || step.who().name().equals(step.owner().name()), Kind.ACCESS_DENIED);
        List<View> views = new ArrayList<>();
        views.add(owner(step.owner()));
        List<View.Document> newestFirst = list(step.owner(), Sort.CREATED, true).stream()
                .filter(doc -> doc.status() == DocumentStatus.ACTIVE)
                .toList();
        views.addAll(newestFirst.subList(0, Math.min(newestFirst.size(), step.page())));
        return new View.Several(views);
    }

    private View setQuota(Step.SetQuota step) {
        require(step.who() == Who.ROOT, Kind.ACCESS_DENIED);
        String owner = step.owner().id(prefix);
        if (step.kilobytes() < 0) {
            quotas.remove(owner);
        } else {
            onRecord.add(owner);
            quotas.put(owner, step.kilobytes() * 1000L);
        }
        return new View.Done();
    }

    private View deleteUser(Step.DeleteUser step) {
        require(step.who() == Who.ROOT, Kind.ACCESS_DENIED);
        String owner = step.owner().id(prefix);
        View notThere = new View.Refused(Kind.NOT_FOUND);
        require(onRecord.remove(owner), Kind.NOT_FOUND);
        boolean hasAny = quotas.containsKey(owner) || !docs(step.owner()).isEmpty() || reserved(owner) > 0;
        quotas.remove(owner);
        docs(step.owner()).forEach(this::remove);
        uploads.removeIf(upload -> upload.doc.owner.equals(owner) && !upload.hasBytes);
        for (Upload upload : uploads) {
            if (upload.doc.owner.equals(owner)) {
                upload.isOrphan = true;
                upload.reserved = 0;
            }
        }
        return hasAny ? new View.Done() : new View.AnyOf(Set.of(new View.Done(), notThere));
    }

    private View sweep(Duration pause) {
        pass(pause);
        for (Upload upload : List.copyOf(uploads)) {
            if (!upload.end.isAfter(now)) {
                uploads.remove(upload);
                end(upload, "the upload was not completed");
            }
        }
        int before = doomed.size();
        doomed.removeIf(content -> !content.since.plus(Step.GRACE).isAfter(now));
        return new View.Swept(before - doomed.size(), 0);
    }

    // The whole state

    View.Owner owner(Step.Owner owner) {
        long underWay = uploads.stream()
                .filter(upload -> upload.hasBytes && !upload.isOrphan)
                .filter(upload -> upload.doc.owner.equals(owner.id(prefix)))
                .count();
        Usage usage = new Usage(Map.of(), Map.of(), 0, reserved(owner.id(prefix)), underWay);
        for (Doc doc : docs(owner)) {
            long older = doc.versions.stream()
                            .mapToLong(version -> version.stored.bytes.length)
                            .sum()
                    - doc.size();
            usage = usage.plus(new Usage(Map.of(doc.status, 1L), Map.of(doc.status, doc.size()), older, 0, 0));
        }
        return new View.Owner(usage, limit(owner.id(prefix)));
    }

    List<View.Document> list(Step.Owner owner, Sort sort, boolean descending) {
        List<Doc> sorted = new ArrayList<>(docs(owner));
        Comparator<Doc> order = switch (sort) {
            case CREATED -> Comparator.comparing(docs::indexOf);
            case UPDATED -> Comparator.comparing(doc -> Objects.requireNonNull(doc.updated, "the time was told"));
            case NAME -> Comparator.comparing(doc -> DocumentNames.key(doc.name));
            case SIZE -> Comparator.comparing(Doc::size);
        };
        order = order.thenComparing(docs::indexOf);
        sorted.sort(descending ? order.reversed() : order);
        return sorted.stream().map(Reference::view).toList();
    }

    static List<View.Version> versions(Doc doc) {
        return doc.versions.stream().map(version -> version.view).toList();
    }

    /** Sizes of all files there are, in order; null if there may be some more, which the next sweep is to find. */
    @Nullable
    List<Integer> files() {
        List<Integer> files = new ArrayList<>();
        for (Doc doc : docs) {
            stored(doc).stream()
                    .filter(stored -> stored.isFile && !stored.lost)
                    .forEach(stored -> files.add(stored.bytes.length));
        }
        doomed.stream().filter(content -> !content.lost).forEach(content -> files.add(content.size));
        for (Upload upload : uploads) {
            Integer file = upload.file;
            if (file != null && upload.isOrphan) {
                return null;
            } else if (file != null) {
                files.add(file);
            }
        }
        return files.stream().sorted().toList();
    }

    // Parts

    /** An id is made before the content comes, and others may be created until it has come. */
    private void add(Doc doc) {
        docs.add(doc);
        docs.sort(Comparator.comparing(each -> each.number));
    }

    private void remove(Doc doc) {
        docs.remove(doc);
        endUnused(doc);
        stored(doc).forEach(this::doom);
    }

    /** Each once, whichever versions share it; two are equal only if they are one. */
    private static Set<Stored> stored(Doc doc) {
        return doc.versions.stream().map(Version::stored).collect(Collectors.toSet());
    }

    private void doom(Stored stored) {
        if (stored.isFile) {
            doomed.add(new Doomed(stored.bytes.length, stored.lost, now));
        }
    }

    /** The rest of an upload that is off the list; no reason removes a document that nobody was told of. */
    private void end(Upload upload, @Nullable String reason) {
        Doc doc = upload.doc;
        boolean isLast = uploads.stream().noneMatch(other -> other.doc == doc);
        if (!docs.contains(doc) || doc.status != DocumentStatus.PENDING || !isLast) {
            return;
        }
        if (reason != null) {
            doc.becomes(DocumentStatus.ERROR, reason, null);
        } else if (doc.versions.isEmpty()) {
            remove(doc);
        }
    }

    private long unused(Doc doc) {
        return uploads.stream()
                .filter(upload -> upload.doc == doc && !upload.hasBytes)
                .mapToLong(upload -> upload.reserved)
                .sum();
    }

    private void endUnused(Doc doc) {
        uploads.removeIf(upload -> upload.doc == doc && !upload.hasBytes);
    }

    private long reserved(String owner) {
        return uploads.stream()
                .filter(upload -> upload.doc.owner.equals(owner))
                .mapToLong(upload -> upload.reserved)
                .sum();
    }

    private long limit(String owner) {
        return quotas.getOrDefault(owner, Step.QUOTA_BYTES);
    }

    private long room(String owner) {
        long used = docs.stream()
                .filter(doc -> doc.owner.equals(owner))
                .flatMap(doc -> doc.versions.stream())
                .mapToLong(version -> version.stored.bytes.length)
                .sum();
        return limit(owner) - used - reserved(owner);
    }

    private Doc permitted(Who who, @Nullable Doc doc) {
        if (doc == null || !docs.contains(doc) || (who != Who.ROOT && !doc.owner.equals(prefix + who.name()))) {
            throw new Refusal(new View.Refused(Kind.NOT_FOUND));
        }
        return doc;
    }

    private Doc admission(Who who, @Nullable Doc slot, Expected expected) {
        Doc doc = permitted(who, slot);
        require(expected != Expected.STALE, Kind.CONFLICT);
        return doc;
    }

    private static void require(boolean holds, Kind otherwise) {
        if (!holds) {
            throw new Refusal(new View.Refused(otherwise));
        }
    }

    private static View.Document view(Doc doc) {
        Version last = doc.current();
        View.Version current = last == null ? null : last.view;
        return new View.Document(
                doc.owner,
                doc.name,
                doc.declared,
                current == null ? doc.declared : current.mimeType(),
                doc.status,
                doc.reason,
                doc.metadata,
                doc.size(),
                current == null ? "" : current.sha256(),
                doc.number(),
                doc.revision,
                doc.created,
                doc.updated);
    }
}
