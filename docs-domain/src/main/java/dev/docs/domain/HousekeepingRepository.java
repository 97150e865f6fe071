package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What checks, repairs and retention need of the record, beyond what documents' users do: it looks at every owner's rows,
 * page by page in an order of its own. Part of {@link DocumentRepository}, whose words on atomicity, durability, threads
 * and failures hold here too.
 */
public interface HousekeepingRepository {
    /** How much content there is, and how much of it was read back lately. Content that versions share counts for each. */
    record Verification(long bytes, long verifiedBytes) {
        /** The share of bytes verified, 0 to 1; 1 if there are none. */
        public double share() {
            return bytes == 0 ? 1 : (double) verifiedBytes / bytes;
        }
    }

    // Jobs: work of which several servers on one database do each piece once

    /**
     * Makes the caller the one who does a job, unless another holds it. The lease runs on the repository's own clock.
     *
     * @param holder who; the same holder may take it again
     * @return what the last holder noted, the empty text if there was none; or empty if another holds the job
     */
    Optional<String> takeJob(String job, UUID holder, Duration lease);

    /**
     * Renews the lease and notes how far the job has come, at most 1,000 characters.
     *
     * @param lease zero to leave the job to others
     * @return false if the job is no longer this holder's: then nothing was noted, and the caller stops
     */
    boolean noteJob(String job, UUID holder, Duration lease, String note);

    // Content

    /**
     * Versions of all documents, in the order of their ids.
     *
     * @param after the last of the page before, or {@link VersionId#FIRST}
     * @param verifiedBefore only those whose bytes were not read back since; what never was counts from its creation
     */
    List<DocumentVersion> versionsNotVerified(Instant verifiedBefore, VersionId after, int max);

    /** Notes that the content of every version at these URLs was read back and is whole. */
    void verified(Collection<StorageUrl> urls, Instant when);

    /** Counts all content: slow. */
    Verification verification(Instant since);

    /** Those of the URLs that a version, an upload in any state, or doomed content refers to. */
    Set<StorageUrl> known(Collection<StorageUrl> urls);

    /** Doomed content that a version refers to, which must never be. */
    List<StorageUrl> doomedInUse(int max);

    /** Takes content back from the doomed; that which no version refers to stays there. */
    void spare(Collection<StorageUrl> urls);

    /**
     * Removes one version that is not the current one; dooms its content if no other version has it.
     *
     * @return whether there was such a version
     * @throws DocumentConflictException if it is the document's current one
     */
    boolean dropVersion(UUID documentId, int number);

    /**
     * Versions that are older than the newest {@code keep} of their document, in the order of their ids.
     *
     * @param keep 1 or more
     * @param after the last of the page before, or {@link VersionId#FIRST}
     */
    List<DocumentVersion> surplusVersions(int keep, VersionId after, int max);

    // Documents and owners

    /**
     * Documents of all owners in one status that have not been changed since, in the order of their ids.
     *
     * @param after the last id of the page before, or null for the first page
     */
    List<DocumentData> unchangedSince(DocumentStatus status, Instant updatedBefore, @Nullable UUID after, int max);

    /**
     * Documents that other rows contradict: the current version is not on record as it is here, or the document is pending
     * and no upload is. In the order of their ids.
     */
    List<DocumentData> incoherent(@Nullable UUID after, int max);

    /** Ids of owners in the order of their UTF-16 code units, or of the database's own. */
    List<String> owners(@Nullable String after, int max);

    /** Sets an owner's counters to what {@link DocumentRepository#recount} finds, in one step with counting. */
    void correctUsage(String userId);
}
