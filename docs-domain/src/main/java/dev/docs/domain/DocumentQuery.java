package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which of an owner's documents, and in which order. All conditions hold together; a null or empty one is none.
 *
 * @param userId the owner; a query never crosses owners
 * @param statuses one or more
 * @param nameContains text in the name, compared by {@link DocumentNames#key}; reads every candidate
 * @param namePrefix start of the name, compared by {@link DocumentNames#key}
 * @param mimeType a media type, or all of one kind such as {@code image/*}
 * @param metadata conditions on metadata, all of which must hold
 * @param createdAfter exclusive, as are the other three times
 * @param minSize bytes, inclusive, as is {@code maxSize}
 * @param sha256 of the current version
 * @param descending from the newest, last or largest; documents with the same sort key go by their ids
 */
public record DocumentQuery(
        String userId,
        Set<DocumentStatus> statuses,
        @Nullable String nameContains,
        @Nullable String namePrefix,
        @Nullable String mimeType,
        List<MetadataCondition> metadata,
        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore,
        @Nullable Instant updatedAfter,
        @Nullable Instant updatedBefore,
        @Nullable Long minSize,
        @Nullable Long maxSize,
        @Nullable String sha256,
        Sort sort,
        boolean descending) {

    public DocumentQuery {
        UserIds.check(userId);
        if (statuses.isEmpty()) {
            throw new IllegalArgumentException("a query without a status finds nothing");
        }
        statuses = Set.copyOf(EnumSet.copyOf(statuses));
        metadata = List.copyOf(metadata);
    }

    /** The active documents of an owner, newest first. */
    public static DocumentQuery of(String userId) {
        return builder(userId).build();
    }

    public static Builder builder(String userId) {
        return new Builder(userId);
    }

    /**
     * A condition on metadata.
     *
     * @param path keys joined with dots, as in {@link Metadata.Pair}
     * @param value text of the value; null if any value will do
     */
    public record MetadataCondition(String path, @Nullable String value) {
        public boolean holds(Metadata metadata) {
            Metadata.Pair wanted = new Metadata.Pair(path, value == null ? "" : value);
            return metadata.pairs().stream()
                    .anyMatch(pair -> pair.path().equals(wanted.path())
                            && (value == null || pair.value().equals(wanted.value())));
        }
    }

    public enum Sort {
        /** By id, which is by time of creation: ids are UUIDv7. */
        CREATED,
        UPDATED,
        /** By {@link DocumentNames#key}, in the order of the store's binary comparison. */
        NAME,
        SIZE;

        /** A document's sort key in text form, for a {@link Position}. */
        public String key(DocumentData document) {
            return switch (this) {
                case CREATED -> "";
                case UPDATED -> Long.toString(document.updatedAt().toEpochMilli());
                case NAME -> DocumentNames.key(document.name());
                case SIZE -> Long.toString(document.sizeBytes());
            };
        }

        /** Whether a text can be a sort key; one that came from outside may be anything. */
        public boolean isKey(String key) {
            return switch (this) {
                case CREATED -> key.isEmpty();
                case NAME -> key.codePoints().noneMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF));
                case UPDATED, SIZE -> key.matches("[0-9]{1,15}");
            };
        }
    }

    /** Collects the conditions of a {@link DocumentQuery}. Not for use by several threads. */
    public static final class Builder {
        private final String userId;
        private Set<DocumentStatus> statuses = Set.of(DocumentStatus.ACTIVE);
        private @Nullable String nameContains;
        private @Nullable String namePrefix;
        private @Nullable String mimeType;
        private List<MetadataCondition> metadata = List.of();
        private @Nullable Instant createdAfter;
        private @Nullable Instant createdBefore;
        private @Nullable Instant updatedAfter;
        private @Nullable Instant updatedBefore;
        private @Nullable Long minSize;
        private @Nullable Long maxSize;
        private @Nullable String sha256;
        private Sort sort = Sort.CREATED;
        private boolean descending = true;

        private Builder(String userId) {
            this.userId = userId;
        }

        public Builder statuses(Set<DocumentStatus> value) {
            statuses = value;
            return this;
        }

        public Builder nameContains(@Nullable String value) {
            nameContains = value;
            return this;
        }

        public Builder namePrefix(@Nullable String value) {
            namePrefix = value;
            return this;
        }

        public Builder mimeType(@Nullable String value) {
            mimeType = value;
            return this;
        }

        public Builder metadata(List<MetadataCondition> value) {
            metadata = value;
            return this;
        }

        public Builder createdBetween(@Nullable Instant after, @Nullable Instant before) {
            createdAfter = after;
            createdBefore = before;
            return this;
        }

        public Builder updatedBetween(@Nullable Instant after, @Nullable Instant before) {
            updatedAfter = after;
            updatedBefore = before;
            return this;
        }

        public Builder sizeBetween(@Nullable Long min, @Nullable Long max) {
            minSize = min;
            maxSize = max;
            return this;
        }

        public Builder sha256(@Nullable String value) {
            sha256 = value;
            return this;
        }

        public Builder sort(Sort value, boolean descendingOrder) {
            sort = value;
            descending = descendingOrder;
            return this;
        }

        public DocumentQuery build() {
            return new DocumentQuery(
                    userId,
                    statuses,
                    nameContains,
                    namePrefix,
                    mimeType,
                    metadata,
                    createdAfter,
                    createdBefore,
                    updatedAfter,
                    updatedBefore,
                    minSize,
                    maxSize,
                    sha256,
                    sort,
                    descending);
        }
    }
}
