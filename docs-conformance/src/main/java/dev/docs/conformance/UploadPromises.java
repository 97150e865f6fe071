package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** Reserve, extend, activate, and the quota that admits them. */
abstract class UploadPromises extends RepositoryPromises {
    @Test
    final void anUploadIsOnRecordBeforeItsFirstByte() {
        DocumentData document = newDocument();

        begin(document, 100);

        assertThat(repository.find(document.id())).contains(document);
        assertThat(documentsIn(DocumentStatus.PENDING)).isEqualTo(1);
        assertThat(reserved()).isEqualTo(100);
        assertThat(repository.usage(owner).usedBytes()).isZero();
    }

    @Test
    final void activatingTurnsTheReservationIntoUse() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 100);
        Content content = content(urlOf(upload), 60);
        DocumentData next = document.publish(content, "text/html", tick());

        repository.activate(upload.id(), next);

        assertThat(repository.find(document.id())).contains(next);
        assertThat(repository.version(document.id(), 1))
                .contains(new DocumentVersion(document.id(), 1, content, "text/html", next.updatedAt()));
        assertThat(reserved()).isZero();
        assertThat(documentsIn(DocumentStatus.PENDING)).isZero();
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(1);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(60);
    }

    @Test
    final void aReplacementMakesTheFormerContentAnOlderVersion() {
        DocumentData first = activate(newDocument(), 60);
        Upload upload = uploadFor(first, 50);
        repository.reserve(upload, HOUR, null, AMPLE);
        assertThat(repository.find(first.id())).contains(first);
        DocumentData second = first.publish(content(urlOf(upload), 50), null, tick());

        repository.activate(upload.id(), second);

        assertThat(repository.find(first.id())).contains(second);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(50);
        assertThat(repository.usage(owner).olderVersionBytes()).isEqualTo(60);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(110);
    }

    @Test
    final void aFirstRevisionWhoseIdIsTakenIsAConflict() {
        DocumentData document = newDocument();
        begin(document, 10);

        refuses(document.id(), () -> repository.reserve(uploadFor(document, 20), HOUR, document, AMPLE), Kind.CONFLICT);
    }

    @Test
    final void aLaterRevisionReplacesTheOneBeforeItInTheSameStep() {
        DocumentData failed = update(activate(newDocument(), 10).fail("damaged", tick()));
        DocumentData retried = failed.retry(tick());

        repository.reserve(uploadFor(retried, 20), HOUR, retried, AMPLE);

        assertThat(repository.find(retried.id())).contains(retried);
        assertThat(documentsIn(DocumentStatus.ERROR)).isZero();
        assertThat(documentsIn(DocumentStatus.PENDING)).isEqualTo(1);
        assertThat(bytesIn(DocumentStatus.PENDING)).isEqualTo(10);
        assertThat(reserved()).isEqualTo(20);
    }

    @Test
    final void aLaterRevisionThatDoesNotFollowTheStoredOneIsAConflict() {
        DocumentData failed = update(activate(newDocument(), 10).fail("damaged", tick()));
        DocumentData retried = failed.retry(tick());
        update(failed.describe("renamed", failed.metadata(), tick()));

        refuses(failed.id(), () -> repository.reserve(uploadFor(retried, 20), HOUR, retried, AMPLE), Kind.CONFLICT);
    }

    @Test
    final void aLaterRevisionOfADocumentThatIsNotStoredIsAConflict() {
        DocumentData second = newDocument().describe("renamed", newDocument().metadata(), tick());

        refuses(second.id(), () -> repository.reserve(uploadFor(second, 20), HOUR, second, AMPLE), Kind.CONFLICT);
    }

    @Test
    final void aConflictKeepsTheReservationsWithoutBytes() {
        DocumentData document = newDocument();
        Upload reservation = reservationFor(document, 60);
        repository.reserve(reservation, HOUR, document, AMPLE);

        refuses(document.id(), () -> repository.reserve(uploadFor(document, 5), HOUR, document, AMPLE), Kind.CONFLICT);

        assertThat(repository.claim(reservation.id())).isTrue();
    }

    @Test
    final void reservationsWithoutBytesGiveTheirQuotaBackBeforeTheNextIsAdmitted() {
        repository.setQuota(owner, own -> own.withBytes(100L));
        DocumentData document = newDocument();
        Upload reservation = reservationFor(document, 60);
        repository.reserve(reservation, HOUR, document, AMPLE);

        repository.reserve(uploadFor(document, 100), HOUR, null, AMPLE);

        assertThat(reserved()).isEqualTo(100);
        assertThat(repository.claim(reservation.id())).isFalse();
    }

    @Test
    final void reservationsWithoutBytesStayIfTheNextIsNotAdmitted() {
        repository.setQuota(owner, own -> own.withBytes(100L));
        DocumentData document = newDocument();
        Upload reservation = reservationFor(document, 60);
        repository.reserve(reservation, HOUR, document, AMPLE);

        refuses(
                document.id(),
                () -> repository.reserve(uploadFor(document, 101), HOUR, null, AMPLE),
                Kind.QUOTA_EXCEEDED);

        assertThat(reserved()).isEqualTo(60);
        assertThat(repository.claim(reservation.id())).isTrue();
    }

    @Test
    final void reservationsOfOtherDocumentsStay() {
        DocumentData other = newDocument();
        repository.reserve(reservationFor(other, 60), HOUR, other, AMPLE);

        begin(newDocument(), 5);

        assertThat(reserved()).isEqualTo(65);
    }

    @Test
    final void anUploadThatHasBegunKeepsItsReservation() {
        DocumentData document = newDocument();
        Upload first = begin(document, 60);

        repository.reserve(uploadFor(document, 5), HOUR, null, AMPLE);

        assertThat(reserved()).isEqualTo(65);
        assertThat(repository.claim(first.id())).isTrue();
    }

    @Test
    final void quotaAdmitsUpToTheLimitAndNotAByteMore() {
        repository.setQuota(owner, own -> own.withBytes(100L));
        DocumentData active = activate(newDocument(), 30);
        replace(active, content(20));
        begin(newDocument(), 40);
        DocumentData document = newDocument();

        refuses(
                document.id(),
                () -> repository.reserve(uploadFor(document, 11), HOUR, document, AMPLE),
                Kind.QUOTA_EXCEEDED);
        begin(document, 10);
        assertThat(reserved()).isEqualTo(50);
    }

    @Test
    final void theDefaultIsTheLimitOfOwnersWithoutOneOfTheirOwn() {
        DocumentData document = newDocument();
        refuses(
                document.id(),
                () -> repository.reserve(uploadFor(document, 101), HOUR, document, bytes(100)),
                Kind.QUOTA_EXCEEDED);
        repository.reserve(uploadFor(document, 100), HOUR, document, bytes(100));

        repository.setQuota(owner, own -> own.withBytes(300L));
        repository.reserve(uploadFor(document, 200), HOUR, null, bytes(100));

        repository.setQuota(owner, own -> own.withBytes(null));
        refuses(
                document.id(),
                () -> repository.reserve(uploadFor(document, 1), HOUR, null, bytes(100)),
                Kind.QUOTA_EXCEEDED);
    }

    @Test
    final void theLargestLimitIsNoLimit() {
        DocumentData document = newDocument();
        repository.reserve(uploadFor(document, AMPLE.bytes()), HOUR, document, Quota.UNLIMITED);
        repository.reserve(uploadFor(document, AMPLE.bytes()), HOUR, null, Quota.UNLIMITED);

        refuses(
                document.id(),
                () -> repository.reserve(uploadFor(document, Long.MAX_VALUE), HOUR, null, Quota.UNLIMITED),
                Kind.QUOTA_EXCEEDED);
    }

    @Test
    final void whatOtherOwnersUseDoesNotCount() {
        String other = newOwner();
        repository.setQuota(other, own -> own.withBytes(1L));
        repository.setQuota(owner, own -> own.withBytes(100L));

        begin(newDocument(), 100);

        assertThat(repository.usage(other).reservedBytes()).isZero();
    }

    @Test
    final void extendingReservesMoreAndActivatingSettlesAllOfIt() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);

        repository.extend(upload.id(), 15, HOUR, AMPLE);
        repository.extend(upload.id(), 5, HOUR, AMPLE);
        assertThat(reserved()).isEqualTo(30);

        repository.activate(upload.id(), document.publish(content(urlOf(upload), 28), null, tick()));
        assertThat(reserved()).isZero();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(28);
    }

    @Test
    final void extendingBeyondTheLimitLeavesTheUploadAsItWas() {
        repository.setQuota(owner, own -> own.withBytes(100L));
        DocumentData document = newDocument();
        Upload upload = begin(document, 60);

        refuses(document.id(), () -> repository.extend(upload.id(), 41, HOUR, AMPLE), Kind.QUOTA_EXCEEDED);
        repository.extend(upload.id(), 40, HOUR, AMPLE);

        repository.activate(upload.id(), document.publish(content(urlOf(upload), 100), null, tick()));
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(100);
    }

    @Test
    final void extendingByNothingRenewsEvenIfTheLimitWasLowered() {
        Upload upload = begin(newDocument(), 60);
        repository.setQuota(owner, own -> own.withBytes(1L));

        repository.extend(upload.id(), 0, HOUR, AMPLE);

        assertThat(reserved()).isEqualTo(60);
    }

    @Test
    final void activatingOnAStaleRevisionIsAConflictAndTheUploadStaysOpen() {
        DocumentData stale = activate(newDocument(), 10);
        Upload upload = uploadFor(stale, 20);
        repository.reserve(upload, HOUR, null, AMPLE);
        DocumentData current = update(stale.describe("renamed", stale.metadata(), tick()));
        Content content = content(urlOf(upload), 20);

        refuses(
                stale.id(),
                () -> repository.activate(upload.id(), stale.publish(content, null, tick())),
                Kind.CONFLICT);

        DocumentData next = current.publish(content, null, tick());
        repository.activate(upload.id(), next);
        assertThat(repository.find(stale.id())).contains(next);
    }

    @Test
    final void anUploadIsActivatedOnce() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);
        DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());
        repository.activate(upload.id(), next);

        refuses(
                document.id(),
                () -> repository.activate(upload.id(), next.publish(content(10), null, tick())),
                Kind.UPLOAD_EXPIRED);
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.UPLOAD_EXPIRED, Kind.CONFLICT);
    }

    @Test
    final void ofUploadsThatRaceForOneDocumentOneIsActivated() throws Exception {
        DocumentData document = activate(newDocument(), 1);
        List<Callable<Boolean>> calls = IntStream.range(0, 8)
                .<Callable<Boolean>>mapToObj(i -> {
                    Upload upload = uploadFor(document, 10);
                    repository.reserve(upload, HOUR, null, AMPLE);
                    DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());
                    return () -> done(Kind.CONFLICT, () -> repository.activate(upload.id(), next));
                })
                .toList();

        assertThat(race(calls)).containsOnlyOnce(true);

        assertThat(reserved()).isEqualTo(70);
        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 9)).hasSize(2);
    }

    @Test
    final void sixteenThreadsThatRaceForTheLastBytesNeverExceedTheLimit() throws Exception {
        for (int round = 0; round < 20; round++) {
            String each = newOwner();
            repository.setQuota(each, own -> own.withBytes(1000L));
            Upload growing = begin(newDocumentOf(each), 10);
            List<Callable<Boolean>> calls = IntStream.range(0, 16)
                    .<Callable<Boolean>>mapToObj(i -> {
                        Runnable step = step(i, growing);
                        return () -> done(Kind.QUOTA_EXCEEDED, step);
                    })
                    .toList();

            assertThat(race(calls)).filteredOn(admitted -> admitted).hasSize(11);

            Usage usage = repository.usage(each);
            assertThat(usage.reservedBytes() + usage.usedBytes()).isEqualTo(1000);
        }
    }

    /** One of the three ways to take 90 bytes of an owner's quota. */
    private Runnable step(int i, Upload growing) {
        DocumentData document = newDocumentOf(growing.userId());
        Upload upload = uploadFor(document, 90);
        DocumentData inline = document.publish(content(newUrl("inline"), 90), null, tick());
        return switch (i % 4) {
            case 0 -> () -> repository.extend(growing.id(), 90, HOUR, AMPLE);
            case 1 -> () -> repository.publish(inline, ByteBuffer.allocate(90), AMPLE);
            default -> () -> repository.reserve(upload, HOUR, document, AMPLE);
        };
    }

    private DocumentData newDocumentOf(String userId) {
        return DocumentData.pending(newId(), userId, "raced", null, Metadata.EMPTY, tick());
    }
}
