package dev.docs.application;

import dev.docs.domain.DocumentVersion;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * Something that {@link Integrity#check} found wrong.
 *
 * @param subject what it is about: a version as {@code ID/NUMBER}, a document's id, a storage URL, or a user's id
 * @param version if it is about a version's content
 * @param url if it is about content
 */
public record Finding(
        Problem problem,
        String subject,
        String detail,
        @Nullable DocumentVersion version,
        @Nullable StorageUrl url) {

    /** What is wrong, and what {@link Integrity#repair} does about it. */
    public enum Problem {
        /** A version has no content in its store. */
        MISSING_CONTENT("the document is in error, unless an older version is meant"),
        /** A version's content has another size than on record. */
        WRONG_SIZE("the document is in error, unless an older version is meant"),
        /** A store has content that no row knows. */
        UNKNOWN_CONTENT("put aside, if the store can do that"),
        /** Content is to be deleted although a version has it. */
        DOOMED_IN_USE("kept"),
        /** A user's counters are not what the rows add up to. */
        WRONG_USAGE("counted anew"),
        /** A document is pending, and no upload is on record for it. */
        STUCK_PENDING("the document is in error"),
        /** A document's current version is not on record as the document has it. */
        INCOHERENT("left to a person: a backup of the database knows more");

        private final String remedy;

        Problem(String remedy) {
            this.remedy = remedy;
        }

        public String remedy() {
            return remedy;
        }
    }

    static Finding ofContent(Problem problem, DocumentVersion version, String detail) {
        return new Finding(
                problem,
                version.id().toString(),
                detail,
                version,
                version.content().url());
    }

    static Finding ofUrl(Problem problem, StorageUrl url, String detail) {
        return new Finding(problem, url.toString(), detail, null, url);
    }

    static Finding of(Problem problem, String subject, String detail) {
        return new Finding(problem, subject, detail, null, null);
    }

    @Override
    public String toString() {
        return problem.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": " + subject + " (" + detail + ")";
    }
}
