package dev.docs.app.crash;

import java.util.Optional;

/**
 * What a bulk request does to each of its documents.
 *
 * @param mark what an update sets; tells the others apart
 */
record BulkAction(String name, long mark) {
    boolean isPurge() {
        return name.equals("purge");
    }

    boolean isUpdate() {
        return name.equals("update");
    }

    /** What it makes of a document; empty if nothing. */
    Optional<State> next(State before) {
        boolean archived = before.status().equals(State.ARCHIVED);
        return switch (name) {
            case "archive" ->
                archived || before.status().equals(State.PENDING)
                        ? Optional.empty()
                        : Optional.of(before.in(State.ARCHIVED));
            case "restore" ->
                archived && before.content() != null ? Optional.of(before.in(State.ACTIVE)) : Optional.empty();
            case "update" -> Optional.of(before.marked(mark));
            default -> Optional.empty();
        };
    }
}
