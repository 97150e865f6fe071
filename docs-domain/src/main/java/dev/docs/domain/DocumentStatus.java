package dev.docs.domain;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where a document is in its life. The wire form is the name in lower case. */
public enum DocumentStatus {
    /** Being uploaded; no content can be read yet. */
    PENDING,
    /** Available. */
    ACTIVE,
    /** Soft-deleted: kept, counted and readable by its id, absent from the default list. */
    ARCHIVED,
    /** Without usable content: its upload failed, or its stored bytes were found missing or damaged. */
    ERROR;

    /** The statuses that a document in this one may turn into. Purging is not a status: it ends a document. */
    public Set<DocumentStatus> next() {
        return switch (this) {
            case PENDING -> Set.of(ACTIVE, ERROR);
            case ACTIVE -> Set.of(ARCHIVED, ERROR);
            case ARCHIVED -> Set.of(ACTIVE, ERROR);
            case ERROR -> Set.of(PENDING, ACTIVE, ARCHIVED);
        };
    }

    public boolean canBecome(DocumentStatus target) {
        return next().contains(target);
    }

    /** The form used on the wire and in tables, for example {@code archived}. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status with this wire form, or empty if there is none. */
    public static Optional<DocumentStatus> ofWire(String wire) {
        return Arrays.stream(values())
                .filter(status -> status.wire().equals(wire))
                .findFirst();
    }
}
