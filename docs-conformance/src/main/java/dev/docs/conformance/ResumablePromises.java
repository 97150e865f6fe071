package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Uploads in parts: on the record of every upload, and how far each is. */
abstract class ResumablePromises extends RepositoryPromises {
    @Test
    final void isOnRecordWithItsDocumentAndItsReservation() {
        DocumentData document = newDocument();
        Upload upload = uploadFor(document, 100);

        repository.reserve(
                ResumableUpload.first(upload, true, 7L, "text/csv", "name ZsO8", 100L), HOUR, document, AMPLE);

        ResumableUpload stored = stored(upload.id());
        assertThat(stored)
                .isEqualTo(new ResumableUpload(
                        upload,
                        true,
                        7L,
                        "text/csv",
                        "name ZsO8",
                        100L,
                        0,
                        ResumableUpload.State.OPEN,
                        stored.expiresAt()));
        assertThat(stored.expiresAt())
                .isBetween(Instant.now().plusSeconds(3000), Instant.now().plusSeconds(4200));
        assertThat(repository.find(document.id())).contains(document);
        assertThat(repository.usage(owner))
                .isEqualTo(Usage.change(null, document).plusUpload(upload));
        assertThat(claimedOf(upload)).isEmpty();
    }

    @Test
    final void whatMayBeUnknownIsUnknown() {
        DocumentData document = activate(newDocument(), 5);
        Upload upload = uploadFor(document, 0);

        repository.reserve(ResumableUpload.first(upload, false, null, null, "", null), HOUR, null, AMPLE);

        assertThat(stored(upload.id()).length()).isNull();
        assertThat(stored(upload.id()).expectedRevision()).isNull();
        assertThat(stored(upload.id()).declaredType()).isNull();
        assertThat(stored(upload.id()).isNew()).isFalse();
    }

    @Test
    final void whatIsNotAdmittedLeavesNothing() {
        repository.setQuota(owner, own -> own.withBytes(99L));
        DocumentData document = newDocument();
        Upload upload = uploadFor(document, 100);

        refuses(
                document.id(),
                () -> repository.reserve(
                        ResumableUpload.first(upload, true, null, null, "", 100L), HOUR, document, AMPLE),
                Kind.QUOTA_EXCEEDED);

        assertThat(repository.resumable(upload.id())).isEmpty();
        assertThat(repository.claim(upload.id())).isFalse();
    }

    @Test
    final void nothingElseIsAnUploadInParts() {
        assertThat(repository.resumable(newId())).isEmpty();
        assertThat(repository.resumable(begin(newDocument(), 5).id())).isEmpty();
        Upload other = begin(newDocument(), 5);
        refusesAdvance(Kind.UPLOAD_EXPIRED, other.id(), 0, 1, null);
        refusesAdvance(Kind.UPLOAD_EXPIRED, newId(), 0, 1, null);
    }

    @Test
    final void advancesFromTheOffsetOnRecordAndFromNoOther() {
        Upload upload = inParts(100L);

        repository.advance(upload.id(), 0, 40, null, HOUR);
        refusesAdvance(Kind.OFFSET_MISMATCH, upload.id(), 0, 50, null);
        refusesAdvance(Kind.OFFSET_MISMATCH, upload.id(), 41, 50, null);
        repository.advance(upload.id(), 40, 100, 100L, HOUR);

        assertThat(stored(upload.id()).offset()).isEqualTo(100);
        assertThat(stored(upload.id()).isComplete()).isTrue();
        assertThat(stored(upload.id()).state()).isEqualTo(ResumableUpload.State.OPEN);
    }

    @Test
    final void theLengthIsSetOnce() {
        Upload upload = inParts(null);
        repository.advance(upload.id(), 0, 10, null, HOUR);
        assertThat(stored(upload.id()).length()).isNull();

        repository.advance(upload.id(), 10, 10, 30L, HOUR);
        assertThat(stored(upload.id()).length()).isEqualTo(30);
        refusesAdvance(Kind.OFFSET_MISMATCH, upload.id(), 10, 10, 31L);
        repository.advance(upload.id(), 10, 20, 30L, HOUR);
        repository.advance(upload.id(), 20, 30, null, HOUR);

        assertThat(stored(upload.id()).isComplete()).isTrue();
    }

    @Test
    final void ofCallersWhoSetOutFromOneOffsetOneGetsOn() throws Exception {
        Upload upload = inParts(100L);
        List<Callable<Boolean>> calls = Stream.iterate(1L, to -> to + 1)
                .limit(8)
                .<Callable<Boolean>>map(to ->
                        () -> done(Kind.OFFSET_MISMATCH, () -> repository.advance(upload.id(), 0, to, null, HOUR)))
                .toList();

        assertThat(race(calls)).containsOnlyOnce(true);
    }

    @Test
    final void reservesMoreAsAnyUpload() {
        Upload upload = inParts(null);

        repository.extend(upload.id(), 50, HOUR, AMPLE);

        assertThat(stored(upload.id()).upload().reservedBytes()).isEqualTo(50);
        assertThat(reserved()).isEqualTo(50);
    }

    @Test
    final void livesOnFromPartToPart() {
        Upload upload = inParts(100L, Duration.ZERO);

        repository.advance(upload.id(), 0, 10, null, HOUR);

        assertThat(claimedOf(upload)).isEmpty();
        repository.advance(upload.id(), 10, 20, null, Duration.ZERO);
        eventually("expired", () -> !claimedOf(upload).isEmpty());
    }

    @Test
    final void whatHasBeenClaimedNeverAdvances() {
        Upload upload = inParts(100L);
        repository.advance(upload.id(), 0, 10, null, HOUR);
        repository.expire(upload.id());
        assertThat(claimedOf(upload)).hasSize(1);

        refusesAdvance(Kind.UPLOAD_EXPIRED, upload.id(), 10, 20, null);

        assertThat(stored(upload.id()).state()).isEqualTo(ResumableUpload.State.ENDED);
        assertThat(stored(upload.id()).offset()).isEqualTo(10);
        repository.abort(upload, "expired");
        refusesAdvance(Kind.UPLOAD_EXPIRED, upload.id(), 10, 20, null);
        assertThat(stored(upload.id()).state()).isEqualTo(ResumableUpload.State.ENDED);
        assertThat(stored(upload.id()).upload().url()).isNull();
        assertThat(reserved()).isZero();
    }

    /** Never both: whoever is told that bytes are there has an upload. */
    @Test
    final void ofASweepAndAnAdvanceOneIsFirst() throws Exception {
        List<Upload> uploads = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            Upload upload = inParts(100L);
            repository.expire(upload.id());
            List<Boolean> done = race(List.of(
                    () -> done(Kind.UPLOAD_EXPIRED, () -> repository.advance(upload.id(), 0, 10, null, HOUR)),
                    () -> !claimedOf(upload).isEmpty()));

            assertThat(done).containsExactlyInAnyOrder(true, false);
            boolean advanced = done.get(0);
            assertThat(stored(upload.id()).state())
                    .isEqualTo(advanced ? ResumableUpload.State.OPEN : ResumableUpload.State.ENDED);
            assertThat(stored(upload.id()).offset()).isEqualTo(advanced ? 10 : 0);
            uploads.add(upload);
        }
        uploads.forEach(upload -> repository.claim(upload.id()));
        uploads.forEach(upload -> repository.abort(upload, null));
    }

    @Test
    final void publishingTellsWhatBecameOfIt() {
        DocumentData document = newDocument();
        Upload upload = inParts(document, 60L, HOUR);
        repository.advance(upload.id(), 0, 60, null, HOUR);

        repository.activate(upload.id(), document.publish(content(urlOf(upload), 60), null, tick()));

        ResumableUpload published = stored(upload.id());
        assertThat(published.state()).isEqualTo(ResumableUpload.State.PUBLISHED);
        assertThat(published.offset()).isEqualTo(60);
        assertThat(published.upload().documentId()).isEqualTo(document.id());
        assertThat(published.upload().url()).isNull();
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(1);
        refusesAdvance(Kind.UPLOAD_EXPIRED, upload.id(), 60, 60, null);
        assertThat(repository.claim(upload.id())).isFalse();
    }

    @Test
    final void onlyWhatWasPublishedIsForgottenByItsName() {
        DocumentData document = newDocument();
        Upload published = inParts(document, 60L, HOUR);
        repository.activate(published.id(), document.publish(content(urlOf(published), 60), null, tick()));
        Upload open = inParts(5L);

        repository.forgetResumable(published.id());
        repository.forgetResumable(open.id());

        assertThat(repository.resumable(published.id())).isEmpty();
        assertThat(stored(open.id()).state()).isEqualTo(ResumableUpload.State.OPEN);
    }

    @Test
    final void isForgottenAWhileAfterItsEnd() {
        DocumentData document = newDocument();
        Upload published = inParts(document, 60L, HOUR);
        repository.activate(published.id(), document.publish(content(urlOf(published), 60), null, tick()));
        Upload ended = inParts(5L);
        repository.claim(ended.id());
        repository.abort(ended, null);
        Upload open = inParts(5L);

        repository.forgetResumables(HOUR, ALL);
        assertThat(repository.resumable(published.id())).isPresent();
        assertThat(repository.resumable(ended.id())).isPresent();

        eventually("forgotten", () -> {
            repository.forgetResumables(Duration.ZERO, ALL);
            return repository.resumable(published.id()).isEmpty()
                    && repository.resumable(ended.id()).isEmpty();
        });
        assertThat(repository.resumable(open.id())).isPresent();
    }

    @Test
    final void goesWithItsOwner() {
        Upload upload = inParts(5L);

        repository.deleteUser(owner);

        assertThat(repository.resumable(upload.id())).isEmpty();
        assertThat(claimedOf(upload)).hasSize(1);
    }

    private Upload inParts(@Nullable Long length) {
        return inParts(length, HOUR);
    }

    private Upload inParts(@Nullable Long length, Duration expiry) {
        return inParts(newDocument(), length, expiry);
    }

    private Upload inParts(DocumentData document, @Nullable Long length, Duration expiry) {
        Upload upload = uploadFor(document, length == null ? 0 : length);
        repository.reserve(ResumableUpload.first(upload, true, null, null, "", length), expiry, document, AMPLE);
        return upload;
    }

    private ResumableUpload stored(UUID uploadId) {
        return repository.resumable(uploadId).orElseThrow();
    }

    private void refusesAdvance(Kind kind, UUID uploadId, long from, long to, @Nullable Long length) {
        List<ResumableUpload> before = repository.resumable(uploadId).stream().toList();
        DocumentException thrown = catchThrowableOfType(
                DocumentException.class, () -> repository.advance(uploadId, from, to, length, HOUR));
        assertThat(thrown).isNotNull();
        assertThat(thrown.kind()).isEqualTo(kind);
        assertThat(repository.resumable(uploadId).stream().toList()).isEqualTo(before);
    }
}
