package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * What uploads in parts need of the record. Each is an upload as any other, with a lease that lasts from part to part:
 * {@link DocumentRepository#extend} reserves more for it, {@link DocumentRepository#activate} publishes it,
 * {@link DocumentRepository#claim} and {@link DocumentRepository#abort} end it. Part of {@link DocumentRepository}, whose
 * words on atomicity, durability, threads and failures hold here too.
 */
public interface ResumableRepository {
    /**
     * Puts an upload in parts on record, in the same step and under the same conditions as
     * {@link DocumentRepository#reserve}.
     *
     * @param first made by {@link ResumableUpload#first}
     * @param expiry how long it lives without another part
     */
    void reserve(ResumableUpload first, Duration expiry, @Nullable DocumentData document, Quota defaults);

    /** An upload in parts; also one that was published or has ended, until it is {@linkplain #forgetResumables forgotten}. */
    Optional<ResumableUpload> resumable(UUID uploadId);

    /**
     * Notes that bytes up to an offset are there for good, and lets the upload live on from now. Of callers who set out
     * from one offset, one gets on.
     *
     * @param from the offset on record
     * @param to the one to come; the same to note only the length
     * @param length to be noted if none is; the same as the one on record otherwise
     * @throws DocumentUploadException {@code OFFSET_MISMATCH} if another offset is on record, or another length;
     *     {@code UPLOAD_EXPIRED} if the upload has been claimed, or is not there
     */
    void advance(UUID uploadId, long from, long to, @Nullable Long length, Duration expiry);

    /** Forgets one that was published. */
    void forgetResumable(UUID uploadId);

    /**
     * Forgets uploads in parts that were published or ended longer ago than this, by the repository's own clock.
     *
     * @return how many; fewer than {@code max} if no more are left
     */
    int forgetResumables(Duration age, int max);
}
