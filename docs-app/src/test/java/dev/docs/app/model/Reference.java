package dev.docs.app.model;

import static dev.docs.app.model.Holdings.require;

import dev.docs.app.model.Holdings.Doc;
import dev.docs.app.model.Holdings.Refusal;
import dev.docs.app.model.Holdings.Stored;
import dev.docs.app.model.Holdings.Upload;
import dev.docs.app.model.Holdings.Version;
import dev.docs.app.model.Step.Ending;
import dev.docs.app.model.Step.Expected;
import dev.docs.app.model.Step.Who;
import dev.docs.application.BulkPreview;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What the product is meant to do, in the plainest terms: lists and loops, one thread, nothing that is counted along. Two
 * things it is told by the product: ids, and the time of a failure that the repository's own clock tells.
 */
final class Reference {
    private final String prefix;
    private final Doc[] slots = new Doc[Step.SLOTS];
    private final Holdings all;
    private int announced;

    Reference(String prefix, Instant now) {
        this.prefix = prefix;
        all = new Holdings(now);
    }

    void pass(Duration time) {
        all.now = all.now.plus(time);
    }

    @Nullable
    UUID id(int slot) {
        return slots[slot] == null ? null : slots[slot].id;
    }

    /** Live documents of an owner, oldest first. */
    List<Doc> docs(Step.Owner owner) {
        return all.docs(owner.id(prefix));
    }

    /** The answers, that of a step in between first. */
    void run(Step step, List<View> answers) {
        answers.add(result(() -> answer(step, answers)));
    }

    private interface Attempt {
        View make();
    }

    private static View result(Attempt attempt) {
        try {
            return attempt.make();
        } catch (Refusal e) {
            return e.view;
        }
    }

    private View answer(Step step, List<View> answers) {
        if (step instanceof Step.Create create) {
            return create(create, answers);
        } else if (step instanceof Step.CreateMany create) {
            return createMany(create);
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
        } else if (step instanceof Step.Bulk bulk) {
            return bulk(
                    bulk.who(),
                    bulk.action(),
                    bulk.patch(),
                    bulk.mode(),
                    bulk.slots().stream().map(slot -> slots[slot]).toList());
        } else if (step instanceof Step.BulkOfOwner bulk) {
            return bulkOfOwner(bulk);
        } else if (step instanceof Step.Read read) {
            return read(permitted(read.who(), slots[read.slot()]), read.version());
        } else if (step instanceof Step.Look look) {
            return look(look);
        } else if (step instanceof Step.SetQuota set) {
            Long bytes = set.kilobytes() < 0 ? null : Long.valueOf(set.kilobytes() * 1000L);
            return setLimits(set.who(), set.owner(), own -> own.withBytes(bytes));
        } else if (step instanceof Step.SetLimits set) {
            return setLimits(set.who(), set.owner(), set::of);
        } else if (step instanceof Step.DeleteUser delete) {
            return deleteUser(delete);
        } else if (step instanceof Step.Sweep sweep) {
            return sweep(Step.PAUSES.get(sweep.pause()));
        } else if (step instanceof Step.Retain) {
            return retain();
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
        all.admit(doc.owner, size, true, false);
        all.add(doc);
        all.uploads.add(new Upload(doc, false, size, all.now.plus(Step.EXPIRY)));
        keep(step.slot(), doc);
        return doc.view();
    }

    private Doc announced(Who who, Step.Owner owner, int name, int type, int metadata) {
        require(!Step.NAMES.get(name).isEmpty(), Kind.INVALID);
        require(who == Who.ROOT || who.name().equals(owner.name()), Kind.ACCESS_DENIED);
        return new Doc(
                announced++, owner.id(prefix), Step.NAMES.get(name), Step.type(type), Step.metadata(metadata), all.now);
    }

    private void keep(int slot, Doc doc) {
        if (all.docs.contains(doc)) {
            slots[slot] = doc;
        }
    }

    private View change(Step.Change step) {
        require(step.name() < 0 || !Step.NAMES.get(step.name()).isEmpty(), Kind.INVALID);
        require(step.status() != DocumentStatus.PENDING && step.status() != DocumentStatus.ERROR, Kind.INVALID);
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        String name = step.name() < 0 ? doc.name : Step.NAMES.get(step.name());
        Metadata metadata = step.metadata() < 0 ? doc.metadata : Step.metadata(step.metadata());
        becomes(doc, name, metadata, step.status() == null ? doc.status : step.status(), true);
        return doc.view();
    }

    /** Returns whether it was anything else before. */
    private boolean becomes(Doc doc, String name, Metadata metadata, DocumentStatus status, boolean isDone) {
        if (name.equals(doc.name) && metadata.equals(doc.metadata) && status == doc.status) {
            return false;
        }
        require(
                status == doc.status
                        || (status == DocumentStatus.ARCHIVED && doc.status != DocumentStatus.PENDING)
                        || (doc.status == DocumentStatus.ARCHIVED && !doc.versions.isEmpty()),
                Kind.STATUS);
        if (isDone) {
            doc.name = name;
            doc.metadata = metadata;
            doc.becomes(status, status == doc.status ? doc.reason : null, all.now);
        }
        return true;
    }

    private View replace(Step.Replace step, List<View> answers) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        Long expected = step.expected() == Expected.ANY ? null : Long.valueOf(doc.revision);
        View stored = store(
                doc,
                false,
                step.body(),
                step.during(),
                answers,
                revision -> require(expected == null || expected.equals(revision), Kind.CONFLICT));
        keepNewest(doc, step.keep());
        return stored;
    }

    private void keepNewest(Doc doc, int keep) {
        if (keep > 0) {
            all.keepNewest(doc, keep);
        }
    }

    private View purge(Step.Purge step) {
        all.remove(admission(step.who(), slots[step.slot()], step.expected()));
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
        if (version.stored().lost) {
            if (current != null && version.stored() == current.stored() && doc.status != DocumentStatus.ERROR) {
                doc.becomes(DocumentStatus.ERROR, "the stored bytes are missing or damaged", all.now);
            }
            return new View.Refused(Kind.CONTENT_LOST);
        }
        return View.Bytes.of(version.stored().bytes);
    }

    private static View lose(@Nullable Doc doc) {
        Version current = doc == null ? null : doc.current();
        if (current != null) {
            current.stored().lost = current.stored().isFile;
        }
        return new View.Done();
    }

    // Many at once

    private View bulkOfOwner(Step.BulkOfOwner step) {
        requireFor(step.who(), step.owner());
        List<Doc> found = all.sorted(step.owner().id(prefix), Sort.CREATED, true).stream()
                .filter(doc -> doc.status == step.status())
                .toList();
        return bulk(step.who(), step.action(), step.patch(), step.mode(), found);
    }

    private View bulk(Who who, Step.Action action, int patch, Step.Mode mode, List<@Nullable Doc> docs) {
        Map<Object, View> outcomes = new HashMap<>();
        int count = 0;
        int unchanged = 0;
        long bytes = 0;
        List<View> sample = new ArrayList<>();
        List<View> refused = new ArrayList<>();
        for (Doc doc : new LinkedHashSet<>(docs)) {
            View before = doc == null ? new View.Done() : doc.view();
            long touched = doc == null ? 0 : action == Step.Action.PURGE ? doc.sizeOfAllVersions() : doc.size();
            View outcome = result(() -> actOn(permitted(who, doc), action, patch, mode == Step.Mode.DO));
            outcomes.put(Objects.requireNonNullElse(doc, "none"), outcome);
            if (outcome instanceof View.Refused) {
                refused.add(outcome);
            } else if (outcome instanceof View.Unchanged) {
                unchanged++;
            } else {
                count++;
                bytes += touched;
                if (sample.size() < BulkPreview.MOST_SAMPLED) {
                    sample.add(before);
                }
            }
        }
        if (mode == Step.Mode.PREVIEW) {
            return new View.Preview(count, unchanged, bytes, sample, refused);
        }
        List<View> each = new ArrayList<>();
        docs.forEach(doc -> each.add(outcomes.get(Objects.requireNonNullElse(doc, "none"))));
        return new View.Several(each);
    }

    private View actOn(Doc doc, Step.Action action, int patch, boolean isDone) {
        if (action == Step.Action.PURGE) {
            if (isDone) {
                all.remove(doc);
            }
            return new View.Done();
        }
        boolean isOther = switch (action) {
            case ARCHIVE -> becomes(doc, doc.name, doc.metadata, DocumentStatus.ARCHIVED, isDone);
            case RESTORE -> becomes(doc, doc.name, doc.metadata, DocumentStatus.ACTIVE, isDone);
            default -> becomes(doc, doc.name, doc.metadata.merge(Step.patch(patch)), doc.status, isDone);
        };
        return isOther ? new View.Done() : new View.Unchanged();
    }

    /** One after the other, but small ones wait until they have company; who dies takes those along that wait. */
    private View createMany(Step.CreateMany step) {
        List<View> results = new ArrayList<>();
        List<Attempt> waiting = new ArrayList<>();
        for (Step.File file : step.files()) {
            try {
                Doc doc = announced(step.who(), step.owner(), file.name(), file.type(), file.metadata());
                Attempt rest = begin(doc, true, file.body(), null, new ArrayList<>(), current -> {});
                Attempt kept = () -> {
                    try {
                        return rest.make();
                    } finally {
                        keep(file.slot(), doc);
                    }
                };
                waiting.add(kept);
                if (!isSmall(file.body())) {
                    results.addAll(finish(waiting));
                }
            } catch (Refusal e) {
                if (e.view instanceof View.Died) {
                    throw e;
                }
                waiting.add(() -> e.view);
            }
        }
        results.addAll(finish(waiting));
        return new View.Several(results);
    }

    private static List<View> finish(List<Attempt> waiting) {
        List<View> results = new ArrayList<>();
        for (Attempt each : waiting) {
            View result = result(each);
            if (result instanceof View.Died) {
                throw new Refusal(result);
            }
            results.add(result);
        }
        waiting.clear();
        return results;
    }

    // Versions

    private View restoreVersion(Step.RestoreVersion step) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        Version older = doc.version(step.version());
        require(doc.status != DocumentStatus.PENDING, Kind.STATUS);
        require(!older.equals(doc.current()), Kind.CURRENT_VERSION);
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        require(!older.stored().lost, Kind.CONTENT_LOST);
        all.admit(doc.owner, older.stored().bytes.length, false, false);
        View made = publish(
                doc,
                older.view().mimeType(),
                older.view().declaredType(),
                older.view().verdict(),
                older.stored());
        keepNewest(doc, step.keep());
        return made;
    }

    private View dropVersion(Step.DropVersion step) {
        Doc doc = admission(step.who(), slots[step.slot()], step.expected());
        Version version = doc.version(step.version());
        require(!version.equals(doc.current()), Kind.CURRENT_VERSION);
        all.drop(doc, version);
        return new View.Done();
    }

    // Content

    private View store(
            Doc doc, boolean isNew, Step.Body body, @Nullable Step during, List<View> answers, Consumer<Long> admit) {
        return begin(doc, isNew, body, during, answers, admit).make();
    }

    private static boolean isSmall(Step.Body body) {
        Long announced = body.announcedSize();
        return (announced == null || announced <= Step.INLINE_BYTES) && body.length() <= Step.INLINE_BYTES;
    }

    /** Reads the first bytes, and lets small content in; what is left is to publish it, or to receive the others. */
    private Attempt begin(
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
        if (isSmall(body)) {
            requireEnd(body);
            require(body.isAsAnnounced(), Kind.CONTENT_MISMATCH);
            String verdict = gate(bytes);
            return () -> keepInline(doc, isNew, body, bytes, verdict, admit);
        }
        return () -> storeFile(doc, isNew, body, head, isEarly ? null : during, answers, admit);
    }

    private View storeFile(
            Doc doc,
            boolean isNew,
            Step.Body body,
            int head,
            @Nullable Step during,
            List<View> answers,
            Consumer<Long> admit) {
        Long announced = body.announcedSize();
        long reserved = announced != null ? announced : head;
        Consumer<Long> admitLater = admit;
        require(isNew || all.docs.contains(doc), Kind.NOT_FOUND);
        admit.accept(doc.revision);
        all.admit(doc.owner, reserved - all.unused(doc), isNew, true);
        all.endUnused(doc);
        if (isNew) {
            all.add(doc);
        } else if (doc.status == DocumentStatus.ERROR) {
            long failed = doc.revision;
            doc.becomes(DocumentStatus.PENDING, null, all.now);
            long retried = doc.revision;
            admitLater = revision -> admit.accept(revision == retried ? failed : revision);
        }
        Upload upload = new Upload(doc, true, reserved, all.now.plus(Step.LEASE));
        all.uploads.add(upload);
        try {
            require(body.ending() != Ending.STORE_IS_FULL, Kind.STORAGE_FULL);
            receive(upload, body, head, during, answers);
            String verdict = gate(body.bytes());
            require(!upload.isOrphan && all.docs.contains(doc), Kind.NOT_FOUND);
            admitLater.accept(doc.revision);
            require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
            all.uploads.remove(upload);
            return publish(doc, body, body.bytes(), verdict, true);
        } catch (Refusal e) {
            String reason = e.view.equals(new View.Refused(Kind.CONTENT_REFUSED))
                    ? "the content was refused: " + Step.REFUSAL
                    : "the upload failed";
            if (!(e.view instanceof View.Died) && all.uploads.remove(upload)) {
                all.end(upload, isNew ? null : reason);
            }
            throw e;
        }
    }

    private View keepInline(
            Doc doc, boolean isNew, Step.Body body, byte[] bytes, @Nullable String verdict, Consumer<Long> admit) {
        require(isNew || all.docs.contains(doc), Kind.NOT_FOUND);
        admit.accept(doc.revision);
        require(doc.status != DocumentStatus.ARCHIVED, Kind.STATUS);
        all.admit(doc.owner, bytes.length - all.unused(doc), isNew, false);
        all.endUnused(doc);
        if (isNew) {
            all.add(doc);
        }
        return publish(doc, body, bytes, verdict, false);
    }

    /** What the gate says of content that it lets in. */
    private static @Nullable String gate(byte[] bytes) {
        String sha256 = View.Bytes.of(bytes).sha256();
        require(!Step.isRefused(sha256), Kind.CONTENT_REFUSED);
        require(!Step.isTooMuchForTheGate(sha256), Kind.UNAVAILABLE);
        return Step.verdict(sha256);
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
                require(all.uploads.contains(upload) && !upload.isOrphan, Kind.UPLOAD_EXPIRED);
                long needed = count - paid;
                long step = Math.max(needed, 1 << 20);
                long more = step <= all.room(upload.doc.owner) ? step : needed;
                require(more <= all.room(upload.doc.owner), Kind.QUOTA_EXCEEDED);
                upload.reserved += more;
                paid += more;
                upload.end = all.now.plus(Step.LEASE);
            }
            if (count == pause && during != null) {
                run(during, answers);
                during = null;
            }
        }
        requireEnd(body);
        require(all.uploads.contains(upload), Kind.UNAVAILABLE);
        upload.file = body.length();
        if (body.ending() == Ending.DEATH_AFTER_STORE) {
            throw new Refusal(new View.Died());
        }
        require(body.isAsAnnounced(), Kind.CONTENT_MISMATCH);
    }

    private static void requireEnd(Step.Body body) {
        require(body.ending() != Ending.CUT, Kind.CONTENT_MISMATCH);
        if (body.ending() == Ending.DEATH) {
            throw new Refusal(new View.Died());
        }
    }

    private View publish(Doc doc, Step.Body body, byte[] bytes, @Nullable String verdict, boolean isFile) {
        String declared = body.type() == 0 ? doc.declared : Step.type(body.type());
        String mimeType = declared == null ? "application/octet-stream" : declared;
        return publish(doc, mimeType, declared, verdict, new Stored(bytes, isFile));
    }

    private View publish(Doc doc, String mimeType, @Nullable String declared, @Nullable String verdict, Stored stored) {
        View.Bytes content = View.Bytes.of(stored.bytes);
        doc.declared = declared;
        View.Version view = new View.Version(
                doc.number() + 1, mimeType, declared, content.length(), content.sha256(), verdict, all.now);
        doc.versions.add(new Version(view, stored));
        doc.becomes(DocumentStatus.ACTIVE, null, all.now);
        return doc.view();
    }

    // Owners and time

    private View look(Step.Look step) {
        requireFor(step.who(), step.owner());
        List<View> views = new ArrayList<>();
        views.add(owner(step.owner()));
        List<View.Document> newestFirst = list(step.owner(), Sort.CREATED, true).stream()
                .filter(doc -> doc.status() == DocumentStatus.ACTIVE)
                .toList();
        views.addAll(newestFirst.subList(0, Math.min(newestFirst.size(), step.page())));
        return new View.Several(views);
    }

    private View setLimits(Who who, Step.Owner owner, UnaryOperator<Quota.Own> change) {
        require(who == Who.ROOT, Kind.ACCESS_DENIED);
        String id = owner.id(prefix);
        Quota.Own limits = change.apply(all.quotas.getOrDefault(id, Quota.Own.NONE));
        if (limits.equals(Quota.Own.NONE)) {
            all.quotas.remove(id);
        } else {
            all.onRecord.add(id);
            all.quotas.put(id, limits);
        }
        return new View.Done();
    }

    private View deleteUser(Step.DeleteUser step) {
        require(step.who() == Who.ROOT, Kind.ACCESS_DENIED);
        String owner = step.owner().id(prefix);
        View notThere = new View.Refused(Kind.NOT_FOUND);
        require(all.onRecord.remove(owner), Kind.NOT_FOUND);
        boolean hasAny = all.quotas.containsKey(owner) || !docs(step.owner()).isEmpty() || all.reserved(owner) > 0;
        all.quotas.remove(owner);
        docs(step.owner()).forEach(all::remove);
        all.uploads.removeIf(upload -> upload.doc.owner.equals(owner) && !upload.hasBytes);
        for (Upload upload : all.uploads) {
            if (upload.doc.owner.equals(owner)) {
                upload.isOrphan = true;
                upload.reserved = 0;
            }
        }
        return hasAny ? new View.Done() : new View.AnyOf(Set.of(new View.Done(), notThere));
    }

    private View sweep(Duration pause) {
        pass(pause);
        for (Upload upload : List.copyOf(all.uploads)) {
            if (!upload.end.isAfter(all.now)) {
                all.uploads.remove(upload);
                all.end(upload, "the upload was not completed");
            }
        }
        return new View.Swept(all.forget(Step.GRACE), 0);
    }

    private View retain() {
        int purged = 0;
        int dropped = 0;
        for (Doc doc : List.copyOf(all.docs)) {
            if (doc.status == DocumentStatus.ARCHIVED
                    && Objects.requireNonNull(doc.updated, "the time was told")
                            .isBefore(all.now.minus(Step.ARCHIVED_KEPT))) {
                all.remove(doc);
                purged++;
            } else {
                dropped += all.keepNewest(doc, Step.VERSIONS_KEPT);
            }
        }
        return new View.Retained(purged, dropped);
    }

    // The whole state

    View.Owner owner(Step.Owner owner) {
        return all.owner(owner.id(prefix));
    }

    List<View.Document> list(Step.Owner owner, Sort sort, boolean descending) {
        return all.sorted(owner.id(prefix), sort, descending).stream()
                .map(Doc::view)
                .toList();
    }

    static List<View.Version> versions(Doc doc) {
        return doc.versions.stream().map(Version::view).toList();
    }

    @Nullable
    List<Integer> files() {
        return all.files();
    }

    // Permission

    private void requireFor(Who who, Step.Owner owner) {
        require(who == Who.ROOT || who.name().equals(owner.name()), Kind.ACCESS_DENIED);
    }

    private Doc permitted(Who who, @Nullable Doc doc) {
        if (doc == null || !all.docs.contains(doc) || (who != Who.ROOT && !doc.owner.equals(prefix + who.name()))) {
            throw new Refusal(new View.Refused(Kind.NOT_FOUND));
        }
        return doc;
    }

    private Doc admission(Who who, @Nullable Doc slot, Expected expected) {
        Doc doc = permitted(who, slot);
        require(expected != Expected.STALE, Kind.CONFLICT);
        return doc;
    }
}
