package dev.docs.application;

import dev.docs.application.Finding.Problem;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.StorageBackend.Entry;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One comparison of all rows with all stores, page by page. Others may work meanwhile: what looks wrong is looked at again
 * in an order in which nobody's work can make it look so twice.
 */
final class Comparison {
    private static final int PAGE = 500;

    /** To find an owner who changes nothing for a moment. */
    private static final int MOST_ATTEMPTS = 20;

    private final DocumentRepository repository;
    private final Storages storages;
    private final Consumer<Finding> findings;
    private final Consumer<Long> progress;
    private long seen;

    Comparison(DocumentRepository repository, Storages storages, Consumer<Finding> findings, Consumer<Long> progress) {
        this.repository = repository;
        this.storages = storages;
        this.findings = findings;
        this.progress = progress;
    }

    /** Returns how many rows and contents were looked at. */
    long run() {
        compareVersions();
        storages.names().forEach(this::compareStore);
        repository
                .doomedInUse(PAGE)
                .forEach(url -> findings.accept(Finding.ofUrl(Problem.DOOMED_IN_USE, url, "a version has it")));
        compareDocuments();
        compareUsage();
        return seen;
    }

    private void compareVersions() {
        VersionId last = VersionId.FIRST;
        List<DocumentVersion> page;
        do {
            page = repository.versionsNotVerified(Integrity.FOREVER, last, PAGE);
            for (DocumentVersion version : page) {
                compare(version);
                last = version.id();
            }
            seen(page.size());
        } while (page.size() == PAGE);
    }

    private void compare(DocumentVersion version) {
        OptionalLong size = storages.size(version.content().url());
        long expected = version.content().sizeBytes();
        if (size.isPresent() && size.getAsLong() == expected) {
            return;
        }
        boolean stillThere = repository
                .version(version.documentId(), version.number())
                .filter(version::equals)
                .isPresent();
        if (stillThere) {
            findings.accept(
                    size.isEmpty()
                            ? Finding.ofContent(Problem.MISSING_CONTENT, version, "of " + expected + " bytes")
                            : Finding.ofContent(
                                    Problem.WRONG_SIZE, version, size.getAsLong() + " bytes instead of " + expected));
        }
    }

    private void compareStore(String store) {
        String last = null;
        List<Entry> page;
        do {
            page = storages.list(store, last, PAGE);
            List<StorageUrl> urls = new ArrayList<>();
            for (Entry entry : page) {
                urls.add(new StorageUrl(store, entry.key()));
                last = entry.key();
            }
            Set<StorageUrl> known = repository.known(urls);
            for (StorageUrl url : urls) {
                // rows outlive content: what was deleted properly meanwhile is gone from the store, too
                if (!known.contains(url) && storages.size(url).isPresent()) {
                    findings.accept(Finding.ofUrl(Problem.UNKNOWN_CONTENT, url, "no row knows it"));
                }
            }
            seen(page.size());
        } while (page.size() == PAGE);
    }

    private void compareDocuments() {
        UUID last = null;
        List<DocumentData> page;
        do {
            page = repository.incoherent(last, PAGE);
            for (DocumentData document : page) {
                boolean stuck = document.status() == DocumentStatus.PENDING;
                findings.accept(
                        stuck
                                ? Finding.of(
                                        Problem.STUCK_PENDING, document.id().toString(), "no upload is under way")
                                : Finding.of(
                                        Problem.INCOHERENT,
                                        document.id().toString(),
                                        "its version " + document.version() + " is not on record like that"));
                last = document.id();
            }
        } while (page.size() == PAGE);
    }

    private void compareUsage() {
        String last = null;
        List<String> page;
        do {
            page = repository.owners(last, PAGE);
            for (String owner : page) {
                compareUsage(owner);
                last = owner;
            }
            seen(page.size());
        } while (page.size() == PAGE);
    }

    /** A count from rows is of one moment, and so is the counter; only between two equal counters are they the same one. */
    private void compareUsage(String owner) {
        Usage before;
        Usage counted;
        Usage after = repository.usage(owner);
        int attempts = 0;
        do {
            before = after;
            counted = repository.recount(owner);
            after = repository.usage(owner);
            attempts++;
        } while (!before.equals(after) && attempts < MOST_ATTEMPTS);
        if (before.equals(after) && !counted.equals(after)) {
            findings.accept(Finding.of(
                    Problem.WRONG_USAGE,
                    owner,
                    "the counters say " + after.usedBytes() + " bytes used and " + after.reservedBytes()
                            + " reserved, the rows " + counted.usedBytes() + " and " + counted.reservedBytes()));
        }
    }

    private void seen(int more) {
        seen += more;
        progress.accept(seen);
    }
}
