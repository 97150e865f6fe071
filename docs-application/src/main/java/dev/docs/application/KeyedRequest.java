package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;

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
