package dev.docs.application;

import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;

/**
 * What may enter. Checked when it does, so that a limit lowered later never makes a stored document unreadable.
 *
 * @param nameLength code points of a name, at most {@value DocumentNames#MAX_CODE_POINTS}
 * @param metadataBytes of the metadata as compact JSON
 * @param metadataDepth of nesting, at most {@value Metadata#MAX_DEPTH}
 * @param metadataEntries members and list elements at every depth
 * @param documentBytes of one document's content
 * @param quota of an owner who has no limits of their own
 * @param inlineBytes content up to this size is kept in the repository, in the same step as its row; 0 turns it off
 */
public record Limits(
        int nameLength,
        int metadataBytes,
        int metadataDepth,
        int metadataEntries,
        long documentBytes,
        Quota quota,
        int inlineBytes) {
    public static final Limits DEFAULT = new Limits(255, 64 << 10, 8, 256, 10L << 30, Quota.UNLIMITED, 16 << 10);

    /** Inline content is held in memory and read by the database in one piece. */
    public static final int MAX_INLINE_BYTES = 1 << 20;

    public Limits {
        require(nameLength >= 1 && nameLength <= DocumentNames.MAX_CODE_POINTS, "nameLength", nameLength);
        require(metadataBytes >= 2, "metadataBytes", metadataBytes);
        require(metadataDepth >= 1 && metadataDepth <= Metadata.MAX_DEPTH, "metadataDepth", metadataDepth);
        require(metadataEntries >= 0, "metadataEntries", metadataEntries);
        require(documentBytes >= 0, "documentBytes", documentBytes);
        require(inlineBytes >= 0 && inlineBytes <= MAX_INLINE_BYTES, "inlineBytes", inlineBytes);
    }

    public Limits withDocumentBytes(long bytes) {
        return new Limits(nameLength, metadataBytes, metadataDepth, metadataEntries, bytes, quota, inlineBytes);
    }

    public Limits withQuotaBytes(long bytes) {
        return withQuota(quota.withBytes(bytes));
    }

    public Limits withQuota(Quota defaults) {
        return new Limits(
                nameLength, metadataBytes, metadataDepth, metadataEntries, documentBytes, defaults, inlineBytes);
    }

    public Limits withInlineBytes(int bytes) {
        return new Limits(nameLength, metadataBytes, metadataDepth, metadataEntries, documentBytes, quota, bytes);
    }

    /** @throws DocumentUploadException {@code TOO_LARGE} if a document may not have as many; fine if the number is unknown */
    void requireDocumentBytes(@Nullable Long sizeBytes) {
        if (sizeBytes != null && sizeBytes > documentBytes) {
            throw DocumentUploadException.tooLarge(documentBytes);
        }
    }

    private static void require(boolean holds, String name, long value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " can't be " + value);
        }
    }
}
