package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * An upload in parts, as far as it is on record.
 *
 * @param upload the intent; its reservation is what is set aside by now. Its URL is null once the upload is not open any
 *     more
 * @param isNew whether the document began with it, and so has nothing without it
 * @param expectedRevision the only revision that it may replace; null for any
 * @param declaredType the media type that its sender states, or null
 * @param note what whoever began it wants to be told again, at most {@value #MAX_NOTE} characters
 * @param length in bytes, or null while it is not known
 * @param offset how many bytes are there for good
 * @param expiresAt when it is given up unless more comes; by the repository's clock
 */
public record ResumableUpload(
        Upload upload,
        boolean isNew,
        @Nullable Long expectedRevision,
        @Nullable String declaredType,
        String note,
        @Nullable Long length,
        long offset,
        State state,
        Instant expiresAt) {
    public static final int MAX_NOTE = 16_000;

    public enum State {
        /** More may come, or everything has and is to be published. */
        OPEN,
        /** It has become a version of its document. */
        PUBLISHED,
        /** It was ended or has expired. */
        ENDED
    }

    public ResumableUpload {
        if (offset < 0 || (length != null && offset > length) || note.length() > MAX_NOTE) {
            throw new IllegalArgumentException("no upload has " + offset + " of " + length + " bytes and such a note");
        }
    }

    /** One that is about to begin. */
    public static ResumableUpload first(
            Upload upload,
            boolean isNew,
            @Nullable Long expectedRevision,
            @Nullable String declaredType,
            String note,
            @Nullable Long length) {
        return new ResumableUpload(
                upload, isNew, expectedRevision, declaredType, note, length, 0, State.OPEN, Instant.EPOCH);
    }

    /** The same after it has become a version of its document. */
    public ResumableUpload published() {
        Upload ended = new Upload(upload.id(), upload.documentId(), upload.userId(), null, 0);
        return new ResumableUpload(
                ended, isNew, expectedRevision, declaredType, note, length, offset, State.PUBLISHED, Instant.EPOCH);
    }

    /** Whether all bytes are there, and only the publication is missing. */
    public boolean isComplete() {
        return length != null && offset == length;
    }
}
