package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * How much one owner may have. Each figure is 0 or more; {@link #NO_LIMIT} is none.
 *
 * @param bytes of all versions, and of what open uploads have reserved
 * @param documents in every status: an archived one is kept, and a pending or failed one takes a row
 * @param uploads under way at the same time
 */
public record Quota(long bytes, long documents, long uploads) {
    /** One of the figures. */
    public enum Limit {
        BYTES,
        DOCUMENTS,
        UPLOADS;

        /** The limit's name in JSON and in messages. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** What counts towards this limit. */
        public long used(Usage usage) {
            return switch (this) {
                case BYTES -> usage.usedBytes() + usage.reservedBytes();
                case DOCUMENTS -> usage.documentCount();
                case UPLOADS -> usage.uploads();
            };
        }
    }

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

    public long of(Limit limit) {
        return switch (limit) {
            case BYTES -> bytes;
            case DOCUMENTS -> documents;
            case UPLOADS -> uploads;
        };
    }

    /**
     * Decides whether a step that asks for room may be made. Bytes are asked for by every such step, even if it gives back
     * as many; documents and uploads only by one that adds some.
     *
     * @param used before the step
     * @param change what the step adds, or takes away
     * @throws DocumentQuotaException naming the first limit that does not have the room
     */
    public void admit(Usage used, Usage change) {
        for (Limit limit : Limit.values()) {
            long more = limit.used(change);
            boolean asks = limit == Limit.BYTES || more > 0;
            if (asks && more > of(limit) - limit.used(used)) {
                throw new DocumentQuotaException(limit, of(limit), limit.used(used), more);
            }
        }
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
