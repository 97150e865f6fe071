package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A request that is to be carried out once.
 *
 * @param description one text for all that makes it this request and no other, but for its content; a precondition is
 *     no part of it, since it held when the request was carried out
 */
record KeyedRequest(IdempotencyKey key, String description) {
    static KeyedRequest creation(IdempotencyKey key, DocumentData pending, NewContent content) {
        return of(
                key,
                "create",
                pending.userId(),
                pending.name(),
                pending.declaredType(),
                pending.metadata().values(),
                content.declaredType());
    }

    static KeyedRequest reservation(IdempotencyKey key, DocumentData pending, @Nullable Long sizeBytes) {
        return of(
                key,
                "reserve",
                pending.userId(),
                pending.name(),
                pending.declaredType(),
                pending.metadata().values(),
                sizeBytes);
    }

    static KeyedRequest replacement(IdempotencyKey key, UUID documentId, NewContent content, int keepVersions) {
        return keepVersions == Retention.ALL_VERSIONS
                ? of(key, "replace", documentId.toString(), content.declaredType())
                : of(key, "replace", documentId.toString(), content.declaredType(), keepVersions);
    }

    static KeyedRequest restoration(IdempotencyKey key, UUID documentId, int number, int keepVersions) {
        return of(key, "restore version", documentId.toString(), number, keepVersions);
    }

    static KeyedRequest bulk(IdempotencyKey key, BulkRequest request) {
        Metadata patch = request.patch();
        return of(
                key,
                "bulk",
                request.action().name(),
                request.ids() == null
                        ? null
                        : request.ids().stream().map(UUID::toString).toList(),
                request.filter() == null ? null : parts(request.filter()),
                patch == null ? null : patch.values());
    }

    /** Everything that decides which documents a query finds, and in which order. */
    private static List<@Nullable Object> parts(DocumentQuery query) {
        List<@Nullable Object> parts = new ArrayList<>();
        parts.add(query.userId());
        parts.add(query.statuses().stream().map(DocumentStatus::wire).sorted().toList());
        parts.add(query.nameContains());
        parts.add(query.namePrefix());
        parts.add(query.mimeType());
        for (DocumentQuery.MetadataCondition condition : query.metadata()) {
            parts.add(Arrays.asList(condition.path(), condition.value()));
        }
        parts.add(query.createdAfter());
        parts.add(query.createdBefore());
        parts.add(query.updatedAfter());
        parts.add(query.updatedBefore());
        parts.add(query.minSize());
        parts.add(query.maxSize());
        parts.add(query.sha256());
        parts.add(query.sort());
        parts.add(query.descending());
        return parts;
    }

    private static KeyedRequest of(IdempotencyKey key, @Nullable Object... parts) {
        StringBuilder text = new StringBuilder();
        write(text, Arrays.asList(parts));
        return new KeyedRequest(key, text.toString());
    }

    /** Of a request without content. */
    String fingerprint() {
        return Sha256.hex(description);
    }

    String fingerprint(long sizeBytes, String sha256) {
        return Sha256.hex(description + sizeBytes + ':' + sha256);
    }

    /** Every text with its length in front, so that two values never make one text; members in the order of their names. */
    private static void write(StringBuilder text, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            text.append('{');
            new TreeMap<>(map).forEach((name, member) -> {
                write(text, name);
                write(text, member);
            });
            text.append('}');
        } else if (value instanceof List<?> list) {
            text.append('[');
            list.forEach(element -> write(text, element));
            text.append(']');
        } else if (value instanceof String string) {
            text.append('"').append(string.length()).append(':').append(string);
        } else {
            // numbers have one form each in metadata
            text.append(value).append(';');
        }
    }
}
