package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.HousekeepingRepository.Verification;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/** What checks, repairs and retention are promised. */
abstract class HousekeepingPromises extends RepositoryPromises {
    private static final Instant FAR = Instant.parse("9999-01-01T00:00:00Z");

    // Jobs

    @Test
    final void aJobHasOneHolderAtATime() {
        String job = "job-" + UUID.randomUUID();
        UUID one = UUID.randomUUID();
        UUID other = UUID.randomUUID();

        assertThat(repository.takeJob(job, one, HOUR)).contains("");
        assertThat(repository.takeJob(job, other, HOUR)).isEmpty();
        assertThat(repository.takeJob(job, one, HOUR)).contains("");
        assertThat(repository.noteJob(job, other, HOUR, "mine")).isFalse();
        assertThat(repository.noteJob(job, one, HOUR, "half way")).isTrue();
        assertThat(repository.takeJob(job, one, HOUR)).contains("half way");
    }

    @Test
    final void aJobThatIsLeftGoesOnWhereItStopped() {
        String job = "job-" + UUID.randomUUID();
        UUID one = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        repository.takeJob(job, one, HOUR);

        assertThat(repository.noteJob(job, one, Duration.ZERO, "half way")).isTrue();

        eventually("taken", () -> repository.takeJob(job, other, HOUR).equals(Optional.of("half way")));
        assertThat(repository.noteJob(job, one, HOUR, "still here")).isFalse();
        assertThat(repository.takeJob(job, one, HOUR)).isEmpty();
    }

    @Test
    final void oneOfManyTakesAJob() throws Exception {
        String job = "job-" + UUID.randomUUID();
        List<Callable<Optional<String>>> attempts =
                Collections.nCopies(16, () -> repository.takeJob(job, UUID.randomUUID(), HOUR));

        assertThat(race(attempts).stream().filter(Optional::isPresent)).hasSize(1);
    }

    // Shared sweeps

    @Test
    final void aClaimedUploadIsNotHandedOutAgainWithinTheClaim() {
        Upload upload = begin(newDocument(), 10);
        repository.expire(upload.id());

        assertThat(repository.claimExpired(HOUR, ALL)).contains(upload);

        assertThat(repository.claimExpired(HOUR, ALL)).doesNotContain(upload);
        repository.abort(upload, null);
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
    }

    @Test
    final void claimedDoomedContentIsNotHandedOutAgainWithinTheClaim() {
        Content content = content(10);
        DocumentData document = activate(newDocument(), content);
        repository.purge(document.id(), document.revision());
        eventually("doomed", () -> !doomedOf(content.url()).isEmpty());

        assertThat(repository.claimDoomed(HOUR, HOUR, ALL)).doesNotContain(content.url());
        assertThat(repository.claimDoomed(Duration.ZERO, HOUR, ALL)).contains(content.url());

        assertThat(repository.claimDoomed(Duration.ZERO, HOUR, ALL)).doesNotContain(content.url());
        assertThat(doomedOf(content.url())).containsExactly(content.url());
        repository.discarded(List.of(content.url()));
        assertThat(doomedOf(content.url())).isEmpty();
    }

    @Test
    final void doomedContentThatWasTriedComesAfterWhatWasNot() {
        Content stuck = content(10);
        Content fresh = content(20);
        DocumentData first = activate(newDocument(), stuck);
        DocumentData second = activate(newDocument(), fresh);
        repository.purge(first.id(), first.revision());
        eventually("doomed", () -> !doomedOf(stuck.url()).isEmpty());
        assertThat(repository.claimDoomed(Duration.ZERO, Duration.ZERO, ALL)).contains(stuck.url());
        repository.purge(second.id(), second.revision());
        eventually("doomed", () -> !doomedOf(fresh.url()).isEmpty());

        List<StorageUrl> claimed = new ArrayList<>();
        eventually("claimed", () -> {
            claimed.clear();
            claimed.addAll(repository.claimDoomed(Duration.ZERO, Duration.ZERO, ALL));
            claimed.retainAll(List.of(stuck.url(), fresh.url()));
            return claimed.size() == 2;
        });
        assertThat(claimed.get(0)).isEqualTo(fresh.url());
    }

    // Verification

    @Test
    final void versionsOfAllDocumentsComeInOrderPageByPage() {
        DocumentData one = replace(replace(activate(newDocument(), 1), content(2)), content(3));
        DocumentData other = activate(newDocument(), 4);

        List<VersionId> seen = new ArrayList<>();
        VersionId last = VersionId.FIRST;
        List<DocumentVersion> page = repository.versionsNotVerified(FAR, last, 2);
        while (!page.isEmpty()) {
            assertThat(page.size()).isLessThanOrEqualTo(2);
            page.forEach(version -> seen.add(version.id()));
            last = seen.get(seen.size() - 1);
            page = repository.versionsNotVerified(FAR, last, 2);
        }

        assertThat(seen).isSorted().doesNotHaveDuplicates();
        assertThat(seen)
                .containsSubsequence(
                        new VersionId(one.id(), 1), new VersionId(one.id(), 2), new VersionId(one.id(), 3));
        assertThat(seen).contains(new VersionId(other.id(), 1));
    }

    @Test
    final void whatWasVerifiedIsNotListedForThatTime() {
        Content shared = content(10);
        DocumentData one = replace(activate(newDocument(), shared), content(20));
        DocumentData other = activate(newDocument(), shared);
        Instant verified = tick().plusSeconds(60);
        Instant before = verified.plusMillis(1);

        repository.verified(List.of(shared.url()), verified);
        repository.verified(List.of(), verified);

        assertThat(notVerified(before)).contains(new VersionId(one.id(), 1), new VersionId(other.id(), 1));
        assertThat(notVerified(verified))
                .contains(new VersionId(one.id(), 2))
                .doesNotContain(new VersionId(one.id(), 1), new VersionId(other.id(), 1));
    }

    @Test
    final void bytesCountAsVerifiedSinceTheyWereStoredOrReadBack() {
        Content old = content(1000);
        activate(newDocument(), old);
        Instant since = tick();
        Verification before = repository.verification(since);

        activate(newDocument(), 70);
        Verification stored = repository.verification(since);
        repository.verified(List.of(old.url()), tick());
        Verification readBack = repository.verification(since);

        assertThat(stored.bytes() - before.bytes()).isEqualTo(70);
        assertThat(stored.verifiedBytes() - before.verifiedBytes()).isEqualTo(70);
        assertThat(readBack.bytes()).isEqualTo(stored.bytes());
        assertThat(readBack.verifiedBytes() - stored.verifiedBytes()).isEqualTo(1000);
    }

    // What refers to content

    @Test
    final void everyRowThatNamesContentKnowsIt() {
        Content current = content(10);
        Content older = content(20);
        Content purged = content(30);
        replace(activate(newDocument(), older), current);
        DocumentData gone = activate(newDocument(), purged);
        repository.purge(gone.id(), gone.revision());
        Upload upload = begin(newDocument(), 5);
        Upload aborted = begin(newDocument(), 5);
        repository.expire(aborted.id());
        assertThat(claimedOf(aborted)).hasSize(1);

        assertThat(repository.known(
                        List.of(current.url(), older.url(), purged.url(), urlOf(upload), urlOf(aborted), newUrl())))
                .containsExactlyInAnyOrder(current.url(), older.url(), purged.url(), urlOf(upload), urlOf(aborted));
        assertThat(repository.known(List.of())).isEmpty();
    }

    @Test
    final void sparingTakesNothingThatIsRightlyDoomed() {
        Content purged = content(30);
        DocumentData gone = activate(newDocument(), purged);
        repository.purge(gone.id(), gone.revision());
        eventually("doomed", () -> !doomedOf(purged.url()).isEmpty());

        assertThat(repository.doomedInUse(ALL)).doesNotContain(purged.url());
        repository.spare(List.of(purged.url(), newUrl()));

        assertThat(doomedOf(purged.url())).containsExactly(purged.url());
    }

    // Retention

    @Test
    final void anOldVersionIsDroppedWithItsBytesAndItsUse() {
        Content first = content(10);
        Content second = content(20);
        DocumentData document = replace(activate(newDocument(), first), second);

        assertThat(repository.dropVersion(document.id(), 1)).isTrue();

        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 10))
                .extracting(DocumentVersion::number)
                .containsExactly(2);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(20);
        assertThat(repository.find(document.id())).contains(document);
        eventually("doomed", () -> doomedOf(first.url(), second.url()).equals(List.of(first.url())));
        assertThat(repository.dropVersion(document.id(), 1)).isFalse();
        assertThat(repository.dropVersion(newId(), 1)).isFalse();
    }

    @Test
    final void droppingTheCurrentVersionIsAConflict() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));

        refuses(document.id(), () -> repository.dropVersion(document.id(), 2), Kind.CONFLICT);

        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 10)).hasSize(2);
    }

    @Test
    final void bytesThatAnotherVersionSharesSurviveADrop() {
        Content shared = content(10);
        DocumentData document = replace(replace(activate(newDocument(), shared), content(20)), shared);

        repository.dropVersion(document.id(), 1);

        assertThat(doomedOf(shared.url())).isEmpty();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(30);
    }

    @Test
    final void versionsBeyondTheNewestAreSurplus() {
        DocumentData document = replace(replace(activate(newDocument(), 1), content(2)), content(3));
        DocumentData other = activate(newDocument(), 4);

        assertThat(surplus(1)).contains(new VersionId(document.id(), 1), new VersionId(document.id(), 2));
        assertThat(surplus(1)).doesNotContain(new VersionId(document.id(), 3), new VersionId(other.id(), 1));
        assertThat(surplus(2))
                .contains(new VersionId(document.id(), 1))
                .doesNotContain(new VersionId(document.id(), 2));
        repository.dropVersion(document.id(), 2);
        assertThat(surplus(2)).doesNotContain(new VersionId(document.id(), 1));
    }

    @Test
    final void documentsThatWereNotTouchedSinceAreFoundByStatus() {
        DocumentData archived = update(activate(newDocument(), 1).archive(tick()));
        DocumentData active = activate(newDocument(), 1);
        Instant then = tick();
        DocumentData later = update(activate(newDocument(), 1).archive(tick()));

        List<DocumentData> found = repository.unchangedSince(DocumentStatus.ARCHIVED, then, null, ALL);

        assertThat(found).contains(archived).doesNotContain(active, later);
        assertThat(repository.unchangedSince(DocumentStatus.ARCHIVED, then, archived.id(), ALL))
                .doesNotContain(archived);
    }

    // Checks

    @Test
    final void ownersAreListedOnceInOrder() {
        activate(newDocument(), 1);

        List<String> owners = repository.owners(null, ALL);

        assertThat(owners).contains(owner).doesNotHaveDuplicates();
        assertThat(repository.owners(owner, ALL)).doesNotContain(owner);
        int index = owners.indexOf(owner);
        assertThat(repository.owners(index == 0 ? null : owners.get(index - 1), 1))
                .containsExactly(owner);
    }

    @Test
    final void correctingRightCountersChangesNothing() {
        replace(activate(newDocument(), 10), content(20));
        begin(newDocument(), 60);
        Usage usage = repository.usage(owner);

        repository.correctUsage(owner);
        repository.correctUsage("nobody-" + UUID.randomUUID());

        assertThat(repository.usage(owner)).isEqualTo(usage);
    }

    @Test
    final void whatThisRepositoryWroteIsCoherent() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentData pending = newDocument();
        begin(pending, 60);

        assertThat(repository.incoherent(null, ALL)).doesNotContain(document, pending);
    }

    private List<VersionId> notVerified(Instant before) {
        return repository.versionsNotVerified(before, VersionId.FIRST, ALL).stream()
                .map(DocumentVersion::id)
                .toList();
    }

    private List<VersionId> surplus(int keep) {
        return repository.surplusVersions(keep, VersionId.FIRST, ALL).stream()
                .map(DocumentVersion::id)
                .toList();
    }
}
