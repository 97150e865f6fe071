package dev.docs.application;

import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One action on many documents, named by their ids or by what they have in common.
 *
 * @param ids at most {@value #MOST}; one that is given twice is acted on once. Null if there is a filter
 * @param filter what finds at most {@value #MOST} documents; more are refused before anything is done, since a part of
 *     what was meant is not what was meant. Null if there are ids
 * @param patch for {@code UPDATE}, and for nothing else: a JSON merge patch (RFC 7396) of each document's metadata
 */
public record BulkRequest(
        Action action,
        @Nullable List<UUID> ids,
        @Nullable DocumentQuery filter,
        @Nullable Metadata patch) {
    /** The most documents of one request. */
    public static final int MOST = 10_000;

    public enum Action {
        ARCHIVE,
        RESTORE,
        /** Removes documents with all their versions for good. */
        PURGE,
        /** Changes metadata. */
        UPDATE
    }

    public BulkRequest {
        if ((ids == null) == (filter == null)) {
            throw new IllegalArgumentException("a bulk request has either ids or a filter");
        }
        if ((action == Action.UPDATE) != (patch != null)) {
            throw new IllegalArgumentException("an update has a patch, and no other action has");
        }
        if (ids != null && ids.size() > MOST) {
            throw new DocumentValidationException(
                    "ids", "has " + ids.size() + " elements, at most " + MOST + " are allowed", (long) MOST);
        }
        ids = ids == null ? null : List.copyOf(ids);
    }

    /** To archive, restore or purge. */
    public static BulkRequest of(Action action, Collection<UUID> ids) {
        return new BulkRequest(action, List.copyOf(ids), null, null);
    }

    /** To archive, restore or purge. */
    public static BulkRequest of(Action action, DocumentQuery filter) {
        return new BulkRequest(action, null, filter, null);
    }

    public static BulkRequest update(Collection<UUID> ids, Map<String, ?> patch) {
        return new BulkRequest(Action.UPDATE, List.copyOf(ids), null, Metadata.of(patch));
    }

    public static BulkRequest update(DocumentQuery filter, Map<String, ?> patch) {
        return new BulkRequest(Action.UPDATE, null, filter, Metadata.of(patch));
    }
}
