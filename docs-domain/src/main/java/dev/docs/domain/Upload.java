package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/**
 * The intent to write content, on record before the first byte is: whatever a dead process leaves behind, some row
 * names it.
 *
 * @param documentId the document the content is for
 * @param userId the owner whose quota it is counted against; empty once that owner was deleted
 * @param url where the bytes go; null if quota is merely kept for an upload that has not begun
 * @param reservedBytes quota set aside for it, 0 or more
 */
public record Upload(
        UUID id, UUID documentId, String userId, @Nullable StorageUrl url, long reservedBytes) {
    public Upload {
        if (reservedBytes < 0) {
            throw new IllegalArgumentException("a negative reservation: " + reservedBytes);
        }
    }
}
