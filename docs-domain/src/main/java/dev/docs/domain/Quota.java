package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * How much one owner may have. Each figure is 0 or more; {@link #NO_LIMIT} is none.
 *
 * @param bytes of all versions, and of what open uploads have reserved
 * @param documents in every status: an archived one is kept, and a pending or failed one takes a row
 * @param uploads under way at the same time
 */
public record Quota(long bytes, long documents, long uploads) {
    public static final long NO_LIMIT = Long.MAX_VALUE;
    public static final Quota UNLIMITED = new Quota(NO_LIMIT, NO_LIMIT, NO_LIMIT);

    public Quota {
        if (bytes < 0 || documents < 0 || uploads < 0) {
            throw new IllegalArgumentException("a negative limit: " + bytes + ", " + documents + ", " + uploads);
        }
    }

    public Quota withBytes(long limit) {
        return new Quota(limit, documents, uploads);
    }

    public Quota withDocuments(long limit) {
        return new Quota(bytes, limit, uploads);
    }

    public Quota withUploads(long limit) {
        return new Quota(bytes, documents, limit);
    }

    /** This quota where the owner has no limit of their own. */
    public Quota with(Own own) {
        return new Quota(
                own.bytes == null ? bytes : own.bytes,
                own.documents == null ? documents : own.documents,
                own.uploads == null ? uploads : own.uploads);
    }

    /** The limits set for one owner; null where the default applies. */
    public record Own(
            @Nullable Long bytes,
            @Nullable Long documents,
            @Nullable Long uploads) {
        public static final Own NONE = new Own(null, null, null);

        /** @throws DocumentValidationException if one of them is negative */
        public Own {
            check("bytes", bytes);
            check("documents", documents);
            check("uploads", uploads);
        }

        public Own withBytes(@Nullable Long limit) {
            return new Own(limit, documents, uploads);
        }

        public Own withDocuments(@Nullable Long limit) {
            return new Own(bytes, limit, uploads);
        }

        public Own withUploads(@Nullable Long limit) {
            return new Own(bytes, documents, limit);
        }

        private static void check(String field, @Nullable Long limit) {
            if (limit != null && limit < 0) {
                throw new DocumentValidationException(field, "must not be negative", 0L);
            }
        }
    }
}
