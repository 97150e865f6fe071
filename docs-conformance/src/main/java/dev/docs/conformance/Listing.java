package dev.docs.conformance;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.Position;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Comparator;

/** What a query means, in the plainest terms: which documents it includes, and in which order. */
record Listing(DocumentQuery query) {

    boolean includes(DocumentData document) {
        return document.userId().equals(query.userId())
                && query.statuses().contains(document.status())
                && includesName(DocumentNames.key(document.name()))
                && includesType(document.mimeType())
                && query.metadata().stream().allMatch(condition -> condition.holds(document.metadata()))
                && isBetween(query.createdAfter(), document.createdAt(), query.createdBefore())
                && isBetween(query.updatedAfter(), document.updatedAt(), query.updatedBefore())
                && (query.minSize() == null || document.sizeBytes() >= query.minSize())
                && (query.maxSize() == null || document.sizeBytes() <= query.maxSize())
                && (query.sha256() == null
                        || (document.content() != null
                                && document.content().sha256().equals(query.sha256())));
    }

    Position position(DocumentData document) {
        return new Position(query.sort().key(document), document.id());
    }

    boolean isBehind(Position position, DocumentData document) {
        return positions().compare(position, position(document)) < 0;
    }

    Comparator<DocumentData> order() {
        return Comparator.comparing(this::position, positions());
    }

    private Comparator<Position> positions() {
        Comparator<Position> byKey = query.sort() == Sort.UPDATED || query.sort() == Sort.SIZE
                ? Comparator.comparingLong(position -> Long.parseLong(position.key()))
                : Comparator.comparing(Position::key);
        // by text, since UUID's own order takes its halves for signed numbers
        Comparator<Position> ascending =
                byKey.thenComparing(position -> position.id().toString());
        return query.descending() ? ascending.reversed() : ascending;
    }

    private boolean includesName(String key) {
        String contains = query.nameContains();
        String prefix = query.namePrefix();
        return (contains == null || key.contains(DocumentNames.key(contains)))
                && (prefix == null || key.startsWith(DocumentNames.key(prefix)));
    }

    private boolean includesType(@Nullable String type) {
        String wanted = query.mimeType();
        if (wanted == null) {
            return true;
        }
        if (type == null) {
            return false;
        }
        return wanted.endsWith("/*") ? type.startsWith(wanted.substring(0, wanted.length() - 1)) : type.equals(wanted);
    }

    private static boolean isBetween(@Nullable Instant after, Instant time, @Nullable Instant before) {
        return (after == null || time.isAfter(after)) && (before == null || time.isBefore(before));
    }
}
