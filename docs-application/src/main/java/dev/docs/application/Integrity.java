package dev.docs.application;

import dev.docs.application.Finding.Problem;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.HousekeepingRepository.Verification;
import dev.docs.domain.VersionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Whether rows and bytes still say the same: {@link #scrub} reads bytes back, {@link #check} compares rows and files both
 * ways, {@link #repair} mends what {@link #check} finds. Any number of servers may call any of these at once; a scrub is
 * done by one of them at a time.
 */
public final class Integrity {
    /** Why a document is in error whose bytes are gone. */
    static final String LOST = "the stored bytes are missing or damaged";

    private static final Logger log = LoggerFactory.getLogger(Integrity.class);
    private static final String SCRUB = "scrub";
    private static final int BATCH = 100;
    private static final Duration PASS = Duration.ofDays(1);

    /** Later than everything was verified, and a time that every database knows. */
    static final Instant FOREVER = Instant.parse("9999-01-01T00:00:00Z");

    private static final Scrubbed NOT_DUE = new Scrubbed(0, 0, 0, 0, true);
    private static final Scrubbed ELSEWHERE = new Scrubbed(0, 0, 0, 0, false);

    /** How much of what was looked at may be wrong before something else must be: a mount, a restored database. */
    private static final long MOST_WRONG = 100;

    private static final double MOST_WRONG_SHARE = 0.01;

    private final DocumentRepository repository;
    private final Storages storages;
    private final Duration lease;
    private final Listeners listeners;
    private final Clock clock;
    private final UUID self = UUID.randomUUID();

    /** Until then no pass is due: so that a server that has nothing to do need not write that down. */
    private volatile Instant nextPass = Instant.EPOCH;

    Integrity(DocumentRepository repository, Storages storages, Duration lease, Listeners listeners, Clock clock) {
        this.repository = repository;
        this.storages = storages;
        this.lease = lease;
        this.listeners = listeners;
        this.clock = clock;
    }

    /**
     * What a scrub did.
     *
     * @param contents of versions, read to their end
     * @param bytes read
     * @param damaged versions whose bytes are missing or wrong
     * @param healed documents in error whose bytes turned out to be whole
     * @param passEnded whether every version has had its turn since the pass began
     */
    public record Scrubbed(long contents, long bytes, long damaged, long healed, boolean passEnded) {}

    /**
     * Reads stored content back and compares it with what is on record, from where the last scrub stopped until the budget
     * is used up or every version has had its turn. A document whose bytes are damaged turns to {@code ERROR}, one whose
     * bytes are whole again to {@code ACTIVE}. A pass begins at most once a day, and a version that was stored or verified
     * since is not read again.
     *
     * @param maxBytes after which it stops, at the next content's end
     * @param progress told now and then
     * @return what was done; nothing if another server is at it
     * @throws DocumentStorageException if a store or the database is away; the next scrub goes on there
     * @throws IllegalStateException if more than 100 and 1 % of what was read is damaged: no more is marked as such
     */
    public Scrubbed scrub(long maxBytes, Consumer<Scrubbed> progress) {
        if (clock.instant().isBefore(nextPass)) {
            return NOT_DUE;
        }
        Optional<String> taken = repository.takeJob(SCRUB, self, lease);
        if (taken.isEmpty()) {
            return ELSEWHERE;
        }
        Pass pass = Pass.parse(taken.get());
        if (pass.ended()) {
            nextPass = pass.began().plus(PASS);
            if (clock.instant().isBefore(nextPass)) {
                repository.noteJob(SCRUB, self, Duration.ZERO, taken.get());
                return NOT_DUE;
            }
            pass = new Pass(clock.instant(), false, VersionId.FIRST);
        }
        return scrub(pass, maxBytes, progress);
    }

    private Scrubbed scrub(Pass from, long maxBytes, Consumer<Scrubbed> progress) {
        Pass[] pass = {from};
        long[] renewed = {System.nanoTime()};
        Scrub scrub = new Scrub(repository, storages, listeners, clock, () -> {
            // a large content takes longer than a lease
            if (System.nanoTime() - renewed[0] > lease.toNanos() / 3) {
                renewed[0] = System.nanoTime();
                note(pass[0], lease);
            }
        });
        try {
            while (!pass[0].ended() && scrub.done(false).bytes() < maxBytes) {
                List<DocumentVersion> page = repository.versionsNotVerified(pass[0].began(), pass[0].last(), BATCH);
                if (page.isEmpty()) {
                    pass[0] = pass[0].end();
                } else {
                    pass[0] = pass[0].at(scrub.verify(page, maxBytes));
                    note(pass[0], lease);
                }
                progress.accept(scrub.done(false));
            }
        } finally {
            note(pass[0], Duration.ZERO);
        }
        return scrub.done(pass[0].ended());
    }

    private void note(Pass pass, Duration keep) {
        if (!repository.noteJob(SCRUB, self, keep, pass.toString())) {
            throw DocumentStorageException.unavailable("another server has taken over the scrub", null);
        }
    }

    /**
     * Reads back everything there is, however lately it was verified, and whatever other servers do.
     *
     * @param progress told now and then
     */
    public Scrubbed scrubAll(Consumer<Scrubbed> progress) {
        Scrub scrub = new Scrub(repository, storages, listeners, clock, () -> {});
        VersionId last = VersionId.FIRST;
        List<DocumentVersion> page = repository.versionsNotVerified(FOREVER, last, BATCH);
        while (!page.isEmpty()) {
            last = scrub.verify(page, Long.MAX_VALUE);
            progress.accept(scrub.done(false));
            page = repository.versionsNotVerified(FOREVER, last, BATCH);
        }
        return scrub.done(true);
    }

    /**
     * Reads back every version of a document, as a scrub does.
     *
     * @throws DocumentNotFoundException if there is no such document
     */
    public Scrubbed verify(UUID documentId) {
        if (repository.find(documentId).isEmpty()) {
            throw new DocumentNotFoundException();
        }
        Scrub scrub = new Scrub(repository, storages, listeners, clock, () -> {});
        List<DocumentVersion> page = repository.versions(documentId, Integer.MAX_VALUE, BATCH);
        while (!page.isEmpty()) {
            int before = scrub.verify(page, Long.MAX_VALUE).number();
            page = repository.versions(documentId, before, BATCH);
        }
        return scrub.done(true);
    }

    /** How much content was read back, or stored, in the last 30 days. Counts all rows. */
    public Verification verification() {
        return repository.verification(clock.instant().minus(Duration.ofDays(30)));
    }

    /**
     * Documents of all owners whose content is missing or damaged as far as is known, oldest first. Those in error for another
     * reason have none.
     */
    public List<DocumentData> damaged(int max) {
        List<DocumentData> found = new ArrayList<>();
        UUID last = null;
        List<DocumentData> page;
        do {
            page = repository.unchangedSince(DocumentStatus.ERROR, FOREVER, last, BATCH);
            for (DocumentData document : page) {
                if (document.content() != null) {
                    found.add(document);
                }
                last = document.id();
            }
        } while (page.size() == BATCH && found.size() < max);
        return found.subList(0, Math.min(max, found.size()));
    }

    /**
     * Compares rows and stores both ways, without reading the bytes. Changes nothing.
     *
     * @param findings told of everything that is wrong
     * @param progress told now and then how many rows and contents were looked at
     * @return how many rows and contents were looked at
     */
    public long check(Consumer<Finding> findings, Consumer<Long> progress) {
        return new Comparison(repository, storages, findings, progress).run();
    }

    /**
     * Mends what {@link #check} finds and can be mended without losing anything: a document whose bytes are gone turns to
     * {@code ERROR}, content that no row knows is put aside, counters are set right.
     *
     * @param many whether to go on even if unexpectedly much is wrong
     * @param mended told of each thing done
     * @return how many things were mended
     * @throws IllegalStateException if more than 100 and 1 % of what was looked at is wrong, and {@code many} is not set;
     *     nothing was changed
     */
    public long repair(boolean many, Consumer<Finding> mended, Consumer<Long> progress) {
        long[] wrong = {0};
        long all = check(
                finding -> {
                    if (finding.problem() != Problem.WRONG_USAGE) {
                        wrong[0]++;
                    }
                },
                progress);
        if (isTooMuch(wrong[0], all) && !many) {
            throw new IllegalStateException(
                    wrong[0] + " of " + all + " things are wrong, which is more than chance explains:"
                            + " is the database a copy of another day, or a disk not mounted? Nothing was changed");
        }
        long[] done = {0};
        check(
                finding -> {
                    if (mend(finding)) {
                        done[0]++;
                        mended.accept(finding);
                    }
                },
                progress);
        return done[0];
    }

    private boolean mend(Finding finding) {
        switch (finding.problem()) {
            case MISSING_CONTENT, WRONG_SIZE -> {
                DocumentVersion version = Objects.requireNonNull(finding.version());
                return markLost(repository, listeners, clock, version.documentId(), version.content());
            }
            case UNKNOWN_CONTENT -> {
                return storages.quarantine(Objects.requireNonNull(finding.url()));
            }
            case DOOMED_IN_USE -> repository.spare(List.of(Objects.requireNonNull(finding.url())));
            case WRONG_USAGE -> repository.correctUsage(finding.subject());
            case STUCK_PENDING -> {
                return fail(UUID.fromString(finding.subject()));
            }
            case INCOHERENT -> {
                return false;
            }
        }
        return true;
    }

    private boolean fail(UUID id) {
        Optional<DocumentData> stuck =
                repository.find(id).filter(document -> document.status() == DocumentStatus.PENDING);
        stuck.ifPresent(document -> {
            DocumentData failed = document.fail("the upload was not completed", clock.instant());
            repository.update(failed);
            listeners.tell(null, document, failed);
        });
        return stuck.isPresent();
    }

    static boolean isTooMuch(long wrong, long all) {
        return wrong > Math.max(MOST_WRONG, all * MOST_WRONG_SHARE);
    }

    /**
     * A document whose current bytes are gone must not look healthy; the operator hears of it once, here.
     *
     * @return whether it has turned to {@code ERROR} now
     */
    static boolean markLost(DocumentRepository repository, Listeners listeners, Clock clock, UUID id, Content content) {
        while (true) {
            Optional<DocumentData> current = repository
                    .find(id)
                    .filter(document -> content.equals(document.content())
                            && document.status().canBecome(DocumentStatus.ERROR));
            if (current.isEmpty()) {
                return false;
            }
            try {
                DocumentData failed = current.get().fail(LOST, clock.instant());
                repository.update(failed);
                log.error("document {} is in error: the bytes at {} are missing or damaged", id, content.url());
                listeners.tell(null, current.get(), failed);
                return true;
            } catch (DocumentConflictException e) {
                log.debug("document {} was changed meanwhile", id);
            }
        }
    }

    /**
     * How far the reading of everything has come: what the next holder of the job has to know.
     *
     * @param last the version that was read last
     */
    private record Pass(Instant began, boolean ended, VersionId last) {
        static Pass parse(String note) {
            String[] words = note.split(" ", -1);
            return words.length == 3
                    ? new Pass(Instant.parse(words[0]), words[1].equals("ended"), VersionId.parse(words[2]))
                    : new Pass(Instant.EPOCH, true, VersionId.FIRST);
        }

        Pass at(VersionId version) {
            return new Pass(began, ended, version);
        }

        Pass end() {
            return new Pass(began, true, VersionId.FIRST);
        }

        @Override
        public String toString() {
            return began + (ended ? " ended " : " at ") + last;
        }
    }
}
