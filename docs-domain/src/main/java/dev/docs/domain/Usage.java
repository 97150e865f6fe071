package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;

/**
 * What an owner's documents take up. Used bytes are those of every version that still exists, plus what open uploads have
 * reserved; versions that share stored bytes count each.
 *
 * @param documents how many there are in each status; all four statuses are present
 * @param bytes of current versions, by the status of their document; all four statuses are present
 * @param olderVersionBytes of all versions but the current ones
 * @param reservedBytes of uploads under way, and of documents whose content is still to come
 * @param uploads under way: on record, and neither published nor cleared away
 */
public record Usage(
        Map<DocumentStatus, Long> documents,
        Map<DocumentStatus, Long> bytes,
        long olderVersionBytes,
        long reservedBytes,
        long uploads) {

    public static final Usage NONE = new Usage(Map.of(), Map.of(), 0, 0, 0);

    public Usage {
        documents = complete(documents);
        bytes = complete(bytes);
    }

    /** What changes when a document goes from one revision to the next; null stands for "does not exist". */
    public static Usage change(@Nullable DocumentData before, @Nullable DocumentData after) {
        long older = 0;
        if (before != null && after != null && after.version() > before.version()) {
            older = before.sizeBytes();
        }
        return of(after, 1, older).plus(of(before, -1, 0));
    }

    private static Usage of(@Nullable DocumentData document, int sign, long older) {
        if (document == null) {
            return NONE;
        }
        return new Usage(
                Map.of(document.status(), (long) sign),
                Map.of(document.status(), sign * document.sizeBytes()),
                older,
                0,
                0);
    }

    public Usage plus(Usage other) {
        return new Usage(
                sum(documents, other.documents),
                sum(bytes, other.bytes),
                olderVersionBytes + other.olderVersionBytes,
                reservedBytes + other.reservedBytes,
                uploads + other.uploads);
    }

    public Usage minus(Usage other) {
        return plus(new Usage(
                negated(other.documents),
                negated(other.bytes),
                -other.olderVersionBytes,
                -other.reservedBytes,
                -other.uploads));
    }

    /** This usage with bytes of open uploads added, or given back if negative. */
    public Usage plusReserved(long more) {
        return new Usage(documents, bytes, olderVersionBytes, reservedBytes + more, uploads);
    }

    /** This usage with bytes of older versions added, or given back if negative. */
    public Usage plusOlder(long more) {
        return new Usage(documents, bytes, olderVersionBytes + more, reservedBytes, uploads);
    }

    /** This usage with an upload under way, which reserves what it reserves. */
    public Usage plusUpload(Upload upload) {
        return new Usage(
                documents,
                bytes,
                olderVersionBytes,
                reservedBytes + upload.reservedBytes(),
                uploads + (upload.url() == null ? 0 : 1));
    }

    /** This usage without an upload that was under way. */
    public Usage minusUpload(Upload upload) {
        return minus(NONE.plusUpload(upload));
    }

    /** How many documents there are, in any status. */
    public long documentCount() {
        return documents.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Bytes of all versions, current and older; without reservations. */
    public long usedBytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum() + olderVersionBytes;
    }

    private static Map<DocumentStatus, Long> complete(Map<DocumentStatus, Long> partial) {
        Map<DocumentStatus, Long> complete = new EnumMap<>(DocumentStatus.class);
        for (DocumentStatus status : DocumentStatus.values()) {
            complete.put(status, partial.getOrDefault(status, 0L));
        }
        return Map.copyOf(complete);
    }

    private static Map<DocumentStatus, Long> negated(Map<DocumentStatus, Long> values) {
        Map<DocumentStatus, Long> negated = new EnumMap<>(DocumentStatus.class);
        values.forEach((status, value) -> negated.put(status, -value));
        return negated;
    }

    private static Map<DocumentStatus, Long> sum(Map<DocumentStatus, Long> a, Map<DocumentStatus, Long> b) {
        Map<DocumentStatus, Long> sum = new EnumMap<>(a);
        b.forEach((status, value) -> sum.merge(status, value, Long::sum));
        return sum;
    }
}
