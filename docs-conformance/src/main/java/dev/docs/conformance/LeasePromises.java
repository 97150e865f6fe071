package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/** Expired uploads: claimed by one, aborted after their bytes are gone, and never published as well. */
abstract class LeasePromises extends RepositoryPromises {
    @Test
    final void anUploadWhoseLeaseHasRunOutIsClaimed() {
        DocumentData document = newDocument();
        Upload upload = uploadFor(document, 10);
        repository.reserve(upload, Duration.ZERO, document, AMPLE);

        eventually("claimed", () -> claimedOf(upload).equals(List.of(upload)));
    }

    @Test
    final void anUploadWithinItsLeaseIsNotClaimed() {
        Upload upload = begin(newDocument(), 10);

        assertThat(claimedOf(upload)).isEmpty();

        repository.extend(upload.id(), 0, HOUR, AMPLE);
    }

    @Test
    final void anUploadExtendedByAShortLeaseRunsOut() {
        Upload upload = begin(newDocument(), 10);

        repository.extend(upload.id(), 0, Duration.ZERO, AMPLE);

        eventually("claimed", () -> !claimedOf(upload).isEmpty());
    }

    @Test
    final void expiringMakesTheNextClaimReturnIt() {
        Upload upload = begin(newDocument(), 10);
        Upload reservation = reservationFor(activate(newDocument(), 1), 10);
        repository.reserve(reservation, HOUR, null, AMPLE);

        repository.expire(upload.id());
        repository.expire(reservation.id());

        assertThat(claimedOf(upload, reservation)).containsExactlyInAnyOrder(upload, reservation);
    }

    @Test
    final void expiringWhatIsGoneDoesNothing() {
        repository.expire(newId());
    }

    @Test
    final void aLeaseThatRanOutUnclaimedCanBeRenewed() {
        Upload upload = begin(newDocument(), 10);
        repository.expire(upload.id());

        repository.extend(upload.id(), 5, HOUR, AMPLE);

        assertThat(claimedOf(upload)).isEmpty();
        assertThat(reserved()).isEqualTo(15);
    }

    @Test
    final void anUploadWhoseLeaseRanOutUnclaimedCanBeActivated() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);
        repository.expire(upload.id());

        repository.activate(upload.id(), document.publish(content(urlOf(upload), 10), null, tick()));

        assertThat(claimedOf(upload)).isEmpty();
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(1);
    }

    @Test
    final void aClaimedUploadCanNeitherBeExtendedNorActivated() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);
        repository.expire(upload.id());
        assertThat(claimedOf(upload)).containsExactly(upload);

        refuses(document.id(), () -> repository.extend(upload.id(), 0, HOUR, AMPLE), Kind.UPLOAD_EXPIRED);
        refuses(document.id(), () -> repository.extend(upload.id(), 5, HOUR, AMPLE), Kind.UPLOAD_EXPIRED);
        DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.UPLOAD_EXPIRED);
    }

    @Test
    final void anUploadThatItsUploaderGaveUpIsFencedTheSameWay() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);

        assertThat(repository.claim(upload.id())).isTrue();

        refuses(document.id(), () -> repository.extend(upload.id(), 0, HOUR, AMPLE), Kind.UPLOAD_EXPIRED);
        DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.UPLOAD_EXPIRED);
        assertThat(claimedOf(upload)).containsExactly(upload);
    }

    @Test
    final void anAbortedUploadCanNeitherBeExtendedNorActivated() {
        DocumentData document = activate(newDocument(), 1);
        Upload upload = uploadFor(document, 10);
        repository.reserve(upload, HOUR, null, AMPLE);
        abort(upload, "given up");

        refuses(document.id(), () -> repository.extend(upload.id(), 5, HOUR, AMPLE), Kind.UPLOAD_EXPIRED);
        DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.UPLOAD_EXPIRED);
    }

    @Test
    final void claimingTellsWhetherTheUploadWasOpen() {
        DocumentData document = newDocument();
        Upload activated = begin(document, 10);
        repository.activate(activated.id(), document.publish(content(urlOf(activated), 10), null, tick()));
        Upload aborted = begin(newDocument(), 10);
        abort(aborted, null);

        assertThat(repository.claim(begin(newDocument(), 10).id())).isTrue();
        assertThat(repository.claim(activated.id())).isFalse();
        assertThat(repository.claim(aborted.id())).isFalse();
        assertThat(repository.claim(newId())).isFalse();
    }

    @Test
    final void whatWasClaimedIsReturnedAgainUntilItIsAborted() {
        Upload upload = begin(newDocument(), 10);
        repository.expire(upload.id());

        assertThat(claimedOf(upload)).containsExactly(upload);
        assertThat(claimedOf(upload)).containsExactly(upload);
        repository.abort(upload, null);

        assertThat(claimedOf(upload)).isEmpty();
    }

    @Test
    final void claimsNoMoreThanAsked() {
        for (int i = 0; i < 3; i++) {
            repository.expire(begin(newDocument(), 10).id());
        }

        assertThat(repository.claimExpired(Duration.ZERO, 2)).hasSize(2);
        assertThat(repository.claimExpired(Duration.ZERO, 1)).hasSize(1);
    }

    @Test
    final void abortingGivesEverythingReservedBackOnce() {
        begin(newDocument(), 7);
        Upload upload = begin(newDocument(), 10);
        repository.extend(upload.id(), 5, HOUR, AMPLE);

        abort(upload, "given up");
        assertThat(reserved()).isEqualTo(7);

        repository.abort(upload, "given up");
        assertThat(reserved()).isEqualTo(7);
    }

    @Test
    final void abortingForAReasonFailsAPendingDocument() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);

        abort(upload, "the connection broke");

        DocumentData failed = repository.find(document.id()).orElseThrow();
        assertThat(failed).isEqualTo(document.fail("the connection broke", failed.updatedAt()));
        assertThat(documentsIn(DocumentStatus.PENDING)).isZero();
        assertThat(documentsIn(DocumentStatus.ERROR)).isEqualTo(1);
    }

    @Test
    final void abortingForAReasonFailsADocumentThatWasBeingUploadedAgain() {
        DocumentData retried =
                update(activate(newDocument(), 10).fail("damaged", tick())).retry(tick());
        Upload upload = begin(retried, 20);

        abort(upload, "given up");

        assertThat(repository.find(retried.id()))
                .hasValueSatisfying(
                        failed -> assertThat(failed).isEqualTo(retried.fail("given up", failed.updatedAt())));
        assertThat(bytesIn(DocumentStatus.ERROR)).isEqualTo(10);
    }

    @Test
    final void abortingWithoutAReasonRemovesADocumentThatNeverHadContent() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);

        abort(upload, null);

        assertThat(repository.find(document.id())).isEmpty();
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
    }

    @Test
    final void abortingWithoutAReasonKeepsADocumentThatHasContent() {
        DocumentData retried =
                update(activate(newDocument(), 10).fail("damaged", tick())).retry(tick());
        Upload upload = begin(retried, 20);

        abort(upload, null);

        assertThat(repository.find(retried.id())).contains(retried);
        assertThat(repository.version(retried.id(), 1)).isPresent();
        assertThat(reserved()).isZero();
    }

    @Test
    final void abortingLeavesADocumentPendingThatHasAnotherUpload() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 10);
        Upload other = uploadFor(document, 20);
        repository.reserve(other, HOUR, null, AMPLE);

        abort(upload, "given up");
        assertThat(repository.find(document.id())).contains(document);
        assertThat(reserved()).isEqualTo(20);

        abort(other, null);
        assertThat(repository.find(document.id())).isEmpty();
    }

    @Test
    final void abortingNeverTouchesADocumentThatIsNotPending() {
        DocumentData active = activate(newDocument(), 10);
        DocumentData archived = update(activate(newDocument(), 10).archive(tick()));
        DocumentData failed = update(activate(newDocument(), 10).fail("damaged", tick()));
        for (DocumentData document : List.of(active, archived, failed)) {
            for (String reason : new String[] {null, "given up"}) {
                Upload upload = uploadFor(document, 10);
                repository.reserve(upload, HOUR, null, AMPLE);

                abort(upload, reason);

                assertThat(repository.find(document.id())).contains(document);
            }
        }
        assertThat(reserved()).isZero();
    }

    @Test
    final void abortingWhatHasEndedDoesNothing() {
        DocumentData document = newDocument();
        Upload reservation = reservationFor(document, 10);
        repository.reserve(reservation, HOUR, document, AMPLE);
        Upload upload = uploadFor(document, 20);
        repository.reserve(upload, HOUR, null, AMPLE);

        repository.abort(reservation, "given up");

        assertThat(repository.find(document.id())).contains(document);
        assertThat(reserved()).isEqualTo(20);
    }

    @Test
    final void abortingAgainDoesNothing() {
        DocumentData retried =
                update(activate(newDocument(), 10).fail("damaged", tick())).retry(tick());
        Upload upload = begin(retried, 20);
        abort(upload, null);
        assertThat(repository.find(retried.id())).contains(retried);

        repository.abort(upload, "given up");

        assertThat(repository.find(retried.id())).contains(retried);
        assertThat(reserved()).isZero();
    }

    @Test
    final void anUploadIsActivatedOrClaimedAndNeverBoth() throws Exception {
        for (int round = 0; round < 25; round++) {
            DocumentData document = newDocument();
            Upload upload = begin(document, 10);
            DocumentData next = document.publish(content(urlOf(upload), 10), null, tick());

            List<Boolean> won = race(List.of(
                    () -> repository.claim(upload.id()),
                    () -> done(Kind.UPLOAD_EXPIRED, () -> repository.activate(upload.id(), next))));

            assertThat(won).containsExactlyInAnyOrder(true, false);
            assertThat(repository.find(document.id())).contains(won.get(1) ? next : document);
        }
    }

    private void abort(Upload upload, @Nullable String reason) {
        assertThat(repository.claim(upload.id())).isTrue();
        repository.abort(upload, reason);
    }
}
