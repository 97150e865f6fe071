package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentValidationException;
import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Collects what goes into a zip file, and checks all of it before there is a first byte. Documents are read page by page, and
 * of each no more is kept than the file needs: their metadata together may be larger than memory.
 */
final class Zips {
    private static final int PAGE = 100;
    private static final int MAX_NAMED = 20;

    private final DocumentRepository repository;
    private final Predicate<DocumentData> readable;
    private final ZipNames names = new ZipNames();
    private final List<OpenZip.Entry> entries = new ArrayList<>();
    private final List<UUID> missing = new ArrayList<>();
    private @Nullable DocumentStatusException withoutContent;

    /** @param readable whether the caller may see a document */
    Zips(DocumentRepository repository, Predicate<DocumentData> readable) {
        this.repository = repository;
        this.readable = readable;
    }

    OpenZip of(List<UUID> ids, Function<OpenZip.Entry, ReadableByteChannel> reader) {
        if (ids.isEmpty() || ids.size() > DocumentService.MAX_ZIP) {
            throw new DocumentValidationException(
                    "ids", "must name 1 to " + DocumentService.MAX_ZIP + " documents", (long) DocumentService.MAX_ZIP);
        }
        Set<UUID> seen = new HashSet<>();
        for (UUID id : ids) {
            if (!seen.add(id)) {
                throw new DocumentValidationException("ids", "names document " + id + " more than once", null);
            }
        }
        for (int from = 0; from < ids.size(); from += PAGE) {
            List<UUID> page = ids.subList(from, Math.min(ids.size(), from + PAGE));
            Map<UUID, DocumentData> found =
                    repository.findAll(page).stream().collect(Collectors.toMap(DocumentData::id, Function.identity()));
            page.forEach(id -> add(id, found.get(id)));
        }
        return open(reader);
    }

    OpenZip of(DocumentQuery query, Function<OpenZip.Entry, ReadableByteChannel> reader) {
        new Matches(repository, query).forEach(DocumentService.MAX_ZIP, document -> add(document.id(), document));
        if (entries.isEmpty() && missing.isEmpty() && withoutContent == null) {
            throw new DocumentNotFoundException("document: the filter finds none");
        }
        return open(reader);
    }

    private void add(UUID id, @Nullable DocumentData document) {
        if (document == null || !readable.test(document)) {
            missing.add(id);
            return;
        }
        try {
            entries.add(new OpenZip.Entry(
                    id, names.add(document.name()), document.readableContent(), document.updatedAt()));
        } catch (DocumentStatusException e) {
            withoutContent = withoutContent == null ? e : withoutContent;
        }
    }

    private OpenZip open(Function<OpenZip.Entry, ReadableByteChannel> reader) {
        if (!missing.isEmpty()) {
            String named = missing.stream().limit(MAX_NAMED).map(UUID::toString).collect(Collectors.joining(", "));
            int more = missing.size() - MAX_NAMED;
            throw new DocumentNotFoundException("document: " + named + (more > 0 ? " and " + more + " more" : ""));
        }
        if (withoutContent != null) {
            throw withoutContent;
        }
        return new OpenZip(entries, reader);
    }
}
