package dev.docs.app.model;

import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
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
import java.util.stream.Collectors;

/** All that there is while the {@link Reference} does its steps: lists that are gone through whenever something is asked. */
final class Holdings {
    static final class Doc {
        final int number;
        final String owner;
        final Instant created;
        String name;

        @Nullable
        String declared;

        Metadata metadata;
        DocumentStatus status = DocumentStatus.PENDING;

        @Nullable
        String reason;

        long revision = 1;
        final List<Version> versions = new ArrayList<>();

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

        void becomes(DocumentStatus next, @Nullable String why, @Nullable Instant now) {
            status = next;
            reason = why;
            revision++;
            updated = now;
        }

        @Nullable
        Version current() {
            return versions.isEmpty() ? null : versions.get(versions.size() - 1);
        }

        int number() {
            Version current = current();
            return current == null ? 0 : current.view.number();
        }

        long size() {
            Version current = current();
            return current == null ? 0 : current.stored.bytes.length;
        }

        long sizeOfAllVersions() {
            return versions.stream()
                    .mapToLong(version -> version.stored.bytes.length)
                    .sum();
        }

        Version version(int number) {
            for (Version version : versions) {
                if (version.view.number() == number) {
                    return version;
                }
            }
            throw new Refusal(new View.Refused(Kind.NOT_FOUND));
        }

        View.Document view() {
            Version last = current();
            View.Version current = last == null ? null : last.view;
            return new View.Document(
                    owner,
                    name,
                    declared,
                    current == null ? declared : current.mimeType(),
                    status,
                    reason,
                    metadata,
                    size(),
                    current == null ? "" : current.sha256(),
                    number(),
                    revision,
                    created,
                    updated);
        }
    }

    record Version(View.Version view, Stored stored) {}

    /** Bytes that one version has, or several. */
    static final class Stored {
        final byte[] bytes;
        final boolean isFile;
        boolean lost;

        Stored(byte[] bytes, boolean isFile) {
            this.bytes = bytes;
            this.isFile = isFile;
        }
    }

    static final class Upload {
        final Doc doc;
        final boolean hasBytes;
        long reserved;
        Instant end;

        @Nullable
        Integer file;

        boolean isOrphan;

        Upload(Doc doc, boolean hasBytes, long reserved, Instant end) {
            this.doc = doc;
            this.hasBytes = hasBytes;
            this.reserved = reserved;
            this.end = end;
        }
    }

    private record Doomed(int size, boolean lost, Instant since) {}

    /** How a step ends that does not do what it was to do. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        final transient View view;

        Refusal(View view) {
            super(null, null, false, false);
            this.view = view;
        }
    }

    /** In the order of creation, which is the order of ids. */
    final List<Doc> docs = new ArrayList<>();

    final List<Upload> uploads = new ArrayList<>();
    private final List<Doomed> doomed = new ArrayList<>();
    final Map<String, Quota.Own> quotas = new HashMap<>();
    final Set<String> onRecord = new HashSet<>();
    Instant now;

    Holdings(Instant now) {
        this.now = now;
    }

    static void require(boolean holds, Kind otherwise) {
        if (!holds) {
            throw new Refusal(new View.Refused(otherwise));
        }
    }

    // Looking

    /** Live documents, oldest first. */
    List<Doc> docs(String owner) {
        return docs.stream().filter(doc -> doc.owner.equals(owner)).toList();
    }

    View.Owner owner(String owner) {
        Usage usage = new Usage(Map.of(), Map.of(), 0, reserved(owner), underWay(owner));
        for (Doc doc : docs(owner)) {
            long older = doc.sizeOfAllVersions() - doc.size();
            usage = usage.plus(new Usage(Map.of(doc.status, 1L), Map.of(doc.status, doc.size()), older, 0, 0));
        }
        return new View.Owner(usage, limits(owner));
    }

    List<Doc> sorted(String owner, Sort sort, boolean descending) {
        List<Doc> sorted = new ArrayList<>(docs(owner));
        Comparator<Doc> order = switch (sort) {
            case CREATED -> Comparator.comparing(docs::indexOf);
            case UPDATED -> Comparator.comparing(doc -> Objects.requireNonNull(doc.updated, "the time was told"));
            case NAME -> Comparator.comparing(doc -> DocumentNames.key(doc.name));
            case SIZE -> Comparator.comparing(Doc::size);
        };
        order = order.thenComparing(docs::indexOf);
        sorted.sort(descending ? order.reversed() : order);
        return sorted;
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

    /** Each once, whichever versions share it; two are equal only if they are one. */
    private static Set<Stored> stored(Doc doc) {
        return doc.versions.stream().map(Version::stored).collect(Collectors.toSet());
    }

    // Limits

    private Quota limits(String owner) {
        return Step.QUOTA.with(quotas.getOrDefault(owner, Quota.Own.NONE));
    }

    long reserved(String owner) {
        return uploads.stream()
                .filter(upload -> upload.doc.owner.equals(owner))
                .mapToLong(upload -> upload.reserved)
                .sum();
    }

    private long underWay(String owner) {
        return uploads.stream()
                .filter(upload -> upload.hasBytes && !upload.isOrphan)
                .filter(upload -> upload.doc.owner.equals(owner))
                .count();
    }

    long room(String owner) {
        long used = docs(owner).stream().mapToLong(Doc::sizeOfAllVersions).sum();
        return limits(owner).bytes() - used - reserved(owner);
    }

    /** What a document or an upload more asks for. */
    void admit(String owner, long bytes, boolean document, boolean upload) {
        require(bytes <= room(owner), Kind.QUOTA_EXCEEDED);
        require(!document || docs(owner).size() < limits(owner).documents(), Kind.QUOTA_EXCEEDED);
        require(!upload || underWay(owner) < limits(owner).uploads(), Kind.TOO_MANY_UPLOADS);
    }

    long unused(Doc doc) {
        return uploads.stream()
                .filter(upload -> upload.doc == doc && !upload.hasBytes)
                .mapToLong(upload -> upload.reserved)
                .sum();
    }

    // Coming and going

    /** An id is made before the content comes, and others may be created until it has come. */
    void add(Doc doc) {
        docs.add(doc);
        docs.sort(Comparator.comparing(each -> each.number));
        onRecord.add(doc.owner);
    }

    void endUnused(Doc doc) {
        uploads.removeIf(upload -> upload.doc == doc && !upload.hasBytes);
    }

    void remove(Doc doc) {
        docs.remove(doc);
        endUnused(doc);
        stored(doc).forEach(this::doom);
    }

    void drop(Doc doc, Version version) {
        doc.versions.remove(version);
        if (doc.versions.stream().noneMatch(other -> other.stored == version.stored)) {
            doom(version.stored);
        }
    }

    /** Drops the oldest versions; returns how many. */
    int keepNewest(Doc doc, int keep) {
        List<Version> surplus = List.copyOf(doc.versions.subList(0, Math.max(0, doc.versions.size() - keep)));
        surplus.forEach(version -> drop(doc, version));
        return surplus.size();
    }

    private void doom(Stored stored) {
        if (stored.isFile) {
            doomed.add(new Doomed(stored.bytes.length, stored.lost, now));
        }
    }

    /** Returns how many contents are gone for good. */
    int forget(Duration grace) {
        int before = doomed.size();
        doomed.removeIf(content -> !content.since.plus(grace).isAfter(now));
        return before - doomed.size();
    }

    /** The rest of an upload that is off the list; no reason removes a document that nobody was told of. */
    void end(Upload upload, @Nullable String reason) {
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
}
