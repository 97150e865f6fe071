package dev.docs.domain;

import java.util.Comparator;
import java.util.UUID;

/**
 * Which version of which document; in the order of the documents' ids, then of the numbers.
 *
 * @param number counts from 1; 0 stands before all versions of the document
 */
public record VersionId(UUID documentId, int number) implements Comparable<VersionId> {
    /** Stands before every version. */
    public static final VersionId FIRST = new VersionId(new UUID(0, 0), 0);

    // UUID's own order takes its halves for signed numbers; the text's is that of the bytes, as databases compare them
    private static final Comparator<VersionId> ORDER =
            Comparator.comparing((VersionId id) -> id.documentId().toString()).thenComparing(VersionId::number);

    public VersionId {
        if (number < 0) {
            throw new IllegalArgumentException("versions count from 1, not " + number);
        }
    }

    /** Reads the form that {@link #toString()} writes. */
    public static VersionId parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("not a version: " + text);
        }
        return new VersionId(UUID.fromString(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    @Override
    public int compareTo(VersionId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return documentId + "/" + number;
    }
}
