package dev.docs.app.faults;

import dev.docs.domain.DocumentException.Kind;

import java.util.List;
import java.util.Locale;

/**
 * The n-th call of some kind fails.
 *
 * @param call what is called: a call to the disk as {@code file.write}, a method of the repository as
 *     {@code rows.reserve}, or a group of calls to the disk
 * @param nth counted from 1
 * @param span whether later calls of the kind work again
 */
record Fault(String call, int nth, Failure failure, Span span) {
    enum Span {
        ONCE,
        FOR_GOOD
    }

    /** How a call fails; those of the disk in the words that the JDK has for them. */
    enum Failure {
        IO("Input/output error", Kind.UNAVAILABLE),
        NO_SPACE("No space left on device", Kind.STORAGE_FULL),
        NO_QUOTA("Disk quota exceeded", Kind.STORAGE_FULL),
        NO_DESCRIPTOR("Too many open files", Kind.UNAVAILABLE),
        READ_ONLY("Read-only file system", Kind.UNAVAILABLE),
        /** Nothing is reported, but only a part was written or read. */
        SHORT("", Kind.UNAVAILABLE),
        /** A part is written. */
        PART_THEN_NO_SPACE("No space left on device", Kind.STORAGE_FULL),
        /** Everything is done, and then reported as failed. */
        DONE_THEN_IO("Input/output error", Kind.UNAVAILABLE),

        /** The repository can't be reached. */
        AWAY("", Kind.UNAVAILABLE),
        /** The change is made, its answer is lost. */
        ANSWER_LOST("", Kind.OUTCOME_UNKNOWN),
        /** The change is not made, and nobody says so. */
        REQUEST_LOST("", Kind.OUTCOME_UNKNOWN);

        final String message;
        final Kind kind;

        Failure(String message, Kind kind) {
            this.message = message;
            this.kind = kind;
        }
    }

    /** What can go wrong with a call. */
    static List<Failure> failuresOf(String call) {
        return switch (call) {
            case "file.create" ->
                List.of(
                        Failure.IO,
                        Failure.NO_SPACE,
                        Failure.NO_QUOTA,
                        Failure.NO_DESCRIPTOR,
                        Failure.READ_ONLY,
                        Failure.DONE_THEN_IO);
            case "file.write" ->
                List.of(
                        Failure.IO,
                        Failure.NO_SPACE,
                        Failure.NO_QUOTA,
                        Failure.SHORT,
                        Failure.PART_THEN_NO_SPACE,
                        Failure.DONE_THEN_IO);
            case "file.read" -> List.of(Failure.IO, Failure.SHORT);
            case "file.force", "file.close" -> List.of(Failure.IO, Failure.NO_SPACE, Failure.NO_QUOTA);
            case "file.link", "file.folder" ->
                List.of(Failure.IO, Failure.NO_SPACE, Failure.NO_QUOTA, Failure.READ_ONLY, Failure.DONE_THEN_IO);
            case "file.delete" -> List.of(Failure.IO, Failure.READ_ONLY, Failure.DONE_THEN_IO);
            case "file.open", "file.list" -> List.of(Failure.IO, Failure.NO_DESCRIPTOR);
            case FaultyDisk.SPACE -> List.of(Failure.NO_SPACE);
            case FaultyDisk.DESCRIPTORS -> List.of(Failure.NO_DESCRIPTOR);
            default ->
                call.startsWith("rows.")
                        ? FaultyRepository.failuresOf(call.substring("rows.".length()))
                        : List.of(Failure.IO);
        };
    }

    /** A single call of a group is a call of its own kind already. */
    static List<Span> spansOf(String call) {
        return FaultyDisk.GROUPS.contains(call) ? List.of(Span.FOR_GOOD) : List.of(Span.values());
    }

    boolean strikes(String called, int count) {
        return call.equals(called) && (span == Span.ONCE ? count == nth : count >= nth);
    }

    static Fault parse(String text) {
        String[] words = text.strip().split(" ");
        return new Fault(
                words[0],
                Integer.parseInt(words[1]),
                Failure.valueOf(words[2].toUpperCase(Locale.ROOT)),
                Span.valueOf(words[3].toUpperCase(Locale.ROOT)));
    }

    @Override
    public String toString() {
        return call + " " + nth + " " + failure + " " + span;
    }
}
