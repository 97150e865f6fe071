package dev.docs.app.crash;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * One revision of a document, as far as the load changes it.
 *
 * @param mark a number in the metadata; another one with every change of name or metadata
 * @param bulk another one, which bulk requests alone change; 0 if none has
 * @param content null while there is none
 */
record State(
        String name,
        long mark,
        long bulk,
        String status,
        int version,
        @Nullable Blob content) {
    static final String PENDING = "pending";
    static final String ACTIVE = "active";
    static final String ARCHIVED = "archived";
    static final String ERROR = "error";

    /** Bytes, by what can be told of them afterwards. */
    record Blob(String sha256, long size) {
        static @Nullable Blob of(JsonNode json) {
            return json.get("sha256").isNull()
                    ? null
                    : new Blob(
                            json.get("sha256").asText(), json.get("size_bytes").asLong());
        }
    }

    static State pending(String name, long mark) {
        return new State(name, mark, 0, PENDING, 0, null);
    }

    static State of(JsonNode json) {
        return new State(
                json.get("name").asText(),
                json.at("/metadata/mark").asLong(),
                json.at("/metadata/bulk").asLong(),
                json.get("status").asText(),
                json.get("version").asInt(),
                Blob.of(json));
    }

    State described(String newName, long newMark) {
        return new State(newName, newMark, bulk, status, version, content);
    }

    State marked(long newBulk) {
        return new State(name, mark, newBulk, status, version, content);
    }

    State in(String newStatus) {
        return new State(name, mark, bulk, newStatus, version, content);
    }

    State with(Blob next) {
        return new State(name, mark, bulk, ACTIVE, version + 1, next);
    }
}
