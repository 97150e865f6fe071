package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/**
 * Something that has happened, for a {@link DocumentListener}.
 *
 * @param caller who did it; null for what nobody asked for: what housekeeping does, an upload that fails, damage that is
 *     found while reading
 * @param userId the owner of what it happened to
 * @param before the document as it was; null if there was none
 * @param after the document as it is; null if there is none any more
 * @param dropped the version that is gone, for {@link Kind#VERSION_DROPPED} alone
 */
public record DocumentEvent(
        Kind kind,
        @Nullable Caller caller,
        String userId,
        @Nullable DocumentData before,
        @Nullable DocumentData after,
        @Nullable DocumentVersion dropped) {

    /** What it comes to. A change of several things at once is the first of these that fits: look at both documents. */
    public enum Kind {
        /** A document came into being together with its content. */
        CREATED,
        /** A document came into being whose content is yet to come. */
        RESERVED,
        /** A document is gone for good, with all its versions. */
        PURGED,
        /** A document has another version, which may be its first, or an old one's content again. */
        CONTENT_REPLACED,
        ARCHIVED,
        /** An archived document is available again. */
        RESTORED,
        /** A document turned to {@link DocumentStatus#ERROR}; its {@link DocumentData#statusReason} says why. */
        FAILED,
        /** A document in error is available again, since its bytes were found to be whole. */
        HEALED,
        /** Another name or other metadata. */
        CHANGED,
        /** A version that was not the current one is gone; the document is what it was. */
        VERSION_DROPPED,
        /** A user is gone, with every document, none of which is told of by itself. */
        USER_DELETED
    }

    /**
     * A change of one document.
     *
     * @param before null for a new document
     * @param after null for a purged one
     */
    public static DocumentEvent of(
            @Nullable Caller caller, @Nullable DocumentData before, @Nullable DocumentData after) {
        DocumentData either = after != null ? after : before;
        if (either == null) {
            throw new IllegalArgumentException("nothing happens to no document");
        }
        return new DocumentEvent(kind(before, after), caller, either.userId(), before, after, null);
    }

    public static DocumentEvent versionDropped(
            @Nullable Caller caller, DocumentData document, DocumentVersion dropped) {
        return new DocumentEvent(Kind.VERSION_DROPPED, caller, document.userId(), document, document, dropped);
    }

    public static DocumentEvent userDeleted(@Nullable Caller caller, String userId) {
        return new DocumentEvent(Kind.USER_DELETED, caller, userId, null, null, null);
    }

    private static Kind kind(@Nullable DocumentData before, @Nullable DocumentData after) {
        if (after == null) {
            return Kind.PURGED;
        } else if (before == null) {
            return after.content() == null ? Kind.RESERVED : Kind.CREATED;
        } else if (after.version() > before.version()) {
            return Kind.CONTENT_REPLACED;
        } else if (after.status() == before.status()) {
            return Kind.CHANGED;
        }
        return switch (after.status()) {
            case ARCHIVED -> Kind.ARCHIVED;
            case ERROR -> Kind.FAILED;
            case ACTIVE -> before.status() == DocumentStatus.ARCHIVED ? Kind.RESTORED : Kind.HEALED;
            case PENDING -> Kind.CHANGED;
        };
    }
}
