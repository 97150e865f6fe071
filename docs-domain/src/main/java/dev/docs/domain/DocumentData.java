package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * One revision of a document. Its transitions are its methods, and each returns the next revision.
 *
 * @param id a UUIDv7 (RFC 9562); its time is {@code createdAt}
 * @param userId the owner, see {@link UserIds}
 * @param name any text, see {@link DocumentNames}
 * @param declaredType the media type that the uploader stated, or null if it stated none
 * @param content the current version's content; absent until the first upload has succeeded
 * @param metadata the owner's own dictionary
 * @param version the number of the current version, counting from 1; 0 while there is no content
 * @param revision the row's revision, counting from 1, for optimistic locking
 * @param createdAt in whole milliseconds, as {@code updatedAt}
 * @param statusReason why the document is in {@link DocumentStatus#ERROR}; null in every other status
 */
public record DocumentData(
        UUID id,
        String userId,
        String name,
        @Nullable String declaredType,
        @Nullable Content content,
        DocumentStatus status,
        Metadata metadata,
        int version,
        long revision,
        Instant createdAt,
        Instant updatedAt,
        @Nullable String statusReason) {

    public DocumentData {
        UserIds.check(userId);
        DocumentNames.check(name);
        if (declaredType != null && !MediaTypes.isValid(declaredType)) {
            throw new IllegalArgumentException("not a media type: " + declaredType);
        }
        if (revision < 1) {
            throw new IllegalArgumentException("revisions count from 1, not " + revision);
        }
        if (version < 0 || (content == null) != (version == 0)) {
            throw new IllegalArgumentException("version " + version + " does not fit the content " + content);
        }
        if (status == DocumentStatus.ACTIVE && content == null) {
            throw new IllegalArgumentException("an active document has content");
        }
        if ((status == DocumentStatus.ERROR) != (statusReason != null)) {
            throw new IllegalArgumentException("a reason belongs to the status error, and to no other");
        }
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        updatedAt = updatedAt.truncatedTo(ChronoUnit.MILLIS);
    }

    /** A new document whose content is yet to come; revision 1. */
    public static DocumentData pending(
            UUID id, String userId, String name, @Nullable String declaredType, Metadata metadata, Instant now) {
        return new DocumentData(
                id, userId, name, declaredType, null, DocumentStatus.PENDING, metadata, 0, 1, now, now, null);
    }

    /**
     * Publishes content as the next version. The document becomes {@code ACTIVE}, or stays so.
     *
     * @throws DocumentStatusException if it is {@code ARCHIVED}
     */
    public DocumentData publish(Content next, @Nullable String declared, Instant now) {
        if (status == DocumentStatus.ARCHIVED) {
            throw new DocumentStatusException(id, status, status);
        }
        return new DocumentData(
                id,
                userId,
                name,
                declared,
                next,
                DocumentStatus.ACTIVE,
                metadata,
                version + 1,
                revision + 1,
                createdAt,
                now,
                null);
    }

    /**
     * Publishes what an older version has as the next version, with its types: history is never rewritten. The document
     * becomes {@code ACTIVE}, or stays so; whether the older bytes are whole is for the caller to know.
     *
     * @throws DocumentStatusException if it is {@code ARCHIVED}, or {@code PENDING}: other content is on its way then
     * @throws DocumentVersionException if that is the current version
     */
    public DocumentData republish(DocumentVersion older, Instant now) {
        if (status == DocumentStatus.PENDING) {
            throw new DocumentStatusException(id, status, status);
        }
        requireOlder(older.number());
        return publish(older.content(), older.declaredType(), now);
    }

    /** @throws DocumentVersionException if that is the number of the current version */
    public void requireOlder(int number) {
        if (content != null && number == version) {
            throw new DocumentVersionException(id, number);
        }
    }

    /** Soft-deletes: {@code ACTIVE} or {@code ERROR} to {@code ARCHIVED}. */
    public DocumentData archive(Instant now) {
        return to(DocumentStatus.ARCHIVED, null, now);
    }

    /**
     * {@code ARCHIVED} to {@code ACTIVE}.
     *
     * @throws DocumentStatusException in any other status, or if the document has no content to make available
     */
    public DocumentData restore(Instant now) {
        requireStatus(DocumentStatus.ARCHIVED, DocumentStatus.ACTIVE);
        return to(DocumentStatus.ACTIVE, null, now);
    }

    /** Any other status to {@code ERROR}, for a reason that its owner may read. */
    public DocumentData fail(String reason, Instant now) {
        return to(DocumentStatus.ERROR, reason, now);
    }

    /** {@code ERROR} to {@code PENDING}: another upload begins. */
    public DocumentData retry(Instant now) {
        return to(DocumentStatus.PENDING, null, now);
    }

    /** {@code ERROR} to {@code ACTIVE}: the stored bytes were read again and found whole. */
    public DocumentData verified(Instant now) {
        requireStatus(DocumentStatus.ERROR, DocumentStatus.ACTIVE);
        return to(DocumentStatus.ACTIVE, null, now);
    }

    /** Another name and other metadata; allowed in every status. */
    public DocumentData describe(String newName, Metadata newMetadata, Instant now) {
        return amend(newName, newMetadata, status, now);
    }

    /**
     * What an owner may set, all in one revision: name, metadata, and a status that is {@code ARCHIVED}, {@code ACTIVE}
     * or the present one.
     *
     * @throws DocumentStatusException as {@link #archive} and {@link #restore}
     */
    public DocumentData amend(String newName, Metadata newMetadata, DocumentStatus newStatus, Instant now) {
        DocumentData moved = this;
        if (newStatus != status) {
            moved = newStatus == DocumentStatus.ARCHIVED ? archive(now) : restore(now);
        }
        return new DocumentData(
                id,
                userId,
                newName,
                declaredType,
                content,
                moved.status,
                newMetadata,
                version,
                revision + 1,
                createdAt,
                now,
                moved.statusReason);
    }

    /**
     * The content that may be read now.
     *
     * @throws DocumentStatusException unless the document is active, or archived with content
     */
    public Content readableContent() {
        if (content == null || (status != DocumentStatus.ACTIVE && status != DocumentStatus.ARCHIVED)) {
            throw new DocumentStatusException(id, status, DocumentStatus.ACTIVE);
        }
        return content;
    }

    /** Number of bytes of the current version; 0 while there is no content. */
    public long sizeBytes() {
        return content == null ? 0 : content.sizeBytes();
    }

    /** The type it is served as; while there is no content, the one its uploader stated. */
    public @Nullable String mimeType() {
        return content == null ? declaredType : content.mimeType();
    }

    private DocumentData to(DocumentStatus target, @Nullable String reason, Instant now) {
        if (!status.canBecome(target) || (target == DocumentStatus.ACTIVE && content == null)) {
            throw new DocumentStatusException(id, status, target);
        }
        return new DocumentData(
                id,
                userId,
                name,
                declaredType,
                content,
                target,
                metadata,
                version,
                revision + 1,
                createdAt,
                now,
                reason);
    }

    private void requireStatus(DocumentStatus required, DocumentStatus target) {
        if (status != required) {
            throw new DocumentStatusException(id, status, target);
        }
    }
}
