package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.IdempotencyKey.Answer;
import dev.docs.domain.Metadata;
import dev.docs.domain.Upload;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keys of requests: of all the steps that are given one, one is taken. */
abstract class IdempotencyPromises extends RepositoryPromises {
    private static final int THREADS = 16;
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final String PRINT = "a".repeat(64);
    private static final String OTHER_PRINT = "b".repeat(64);

    private int keys;

    @Test
    final void aKeyThatNobodyUsedIsFree() {
        assertThat(repository.answered(newKey())).isEmpty();
    }

    // Small content, and reservations: one step

    @Test
    final void publishingUnderAKeyRecordsTheRevisionItMade() {
        IdempotencyKey key = newKey();
        DocumentData pending =
                newDocument("Straße \uD83D\uDE00.txt", Metadata.of(Map.of("b", List.of(1, 2.5), "a", "x")));

        DocumentData made = publishInline(pending, key, PRINT);

        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
    }

    @Test
    final void theAnswerStaysWhatItWasWhenTheDocumentChangesAndWhenItIsPurged() {
        IdempotencyKey key = newKey();
        DocumentData made = publishInline(newDocument(), key, PRINT);

        DocumentData renamed = update(made.describe("renamed", Metadata.EMPTY, tick()));
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));

        repository.purge(renamed.id(), renamed.revision());
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
    }

    @Test
    final void aReservationUnderAKeyIsAnsweredAtOnce() {
        IdempotencyKey key = newKey();
        DocumentData pending = newDocument();
        Upload reservation = reservationFor(pending, 10);

        repository.reserve(reservation, HOUR, pending, AMPLE, key.by(PRINT));

        assertThat(repository.answered(key)).contains(new Answer(PRINT, pending));
        repository.claim(reservation.id());
        repository.abort(reservation, "nothing came");
        assertThat(repository.answered(key)).contains(new Answer(PRINT, pending));
    }

    @Test
    final void aTakenKeyRefusesEveryStepAndChangesNothing() {
        IdempotencyKey key = newKey();
        DocumentData made = publishInline(newDocument(), key, PRINT);
        DocumentData next = made.publish(content(newUrl("inline"), HELLO.length), null, tick());
        DocumentData another = newDocument();

        refused(Kind.KEY_REUSED, made, () -> publish(next, key, PRINT));
        refused(Kind.KEY_REUSED, made, () -> publish(next, key, OTHER_PRINT));
        refused(Kind.KEY_REUSED, another, () -> publishInline(another, key, PRINT));
        refused(Kind.KEY_REUSED, another, () -> beginUnder(another, key, 10));
        refused(
                Kind.KEY_REUSED,
                another,
                () -> repository.reserve(reservationFor(another, 10), HOUR, another, AMPLE, key.by(PRINT)));

        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
    }

    @Test
    final void aTakenKeyIsTheFirstReasonToRefuse() {
        IdempotencyKey key = newKey();
        DocumentData made = publishInline(newDocument(), key, PRINT);

        // neither room for it nor the revision that it replaces
        refused(Kind.KEY_REUSED, made, () -> repository.publish(made, ByteBuffer.wrap(HELLO), bytes(0), key.by(PRINT)));
        refused(
                Kind.KEY_REUSED,
                made,
                () -> repository.reserve(uploadFor(made, 9), HOUR, made, bytes(0), key.running()));
    }

    @Test
    final void aStepThatFailsLeavesItsKeyFree() {
        IdempotencyKey key = newKey();
        DocumentData pending = newDocument();
        DocumentData active = pending.publish(content(newUrl("inline"), HELLO.length), null, tick());

        refused(
                Kind.QUOTA_EXCEEDED,
                pending,
                () -> repository.publish(active, ByteBuffer.wrap(HELLO), bytes(HELLO.length - 1), key.by(PRINT)));
        refused(
                Kind.QUOTA_EXCEEDED,
                pending,
                () -> repository.reserve(uploadFor(pending, 10), HOUR, pending, bytes(9), key.running()));
        assertThat(repository.answered(key)).isEmpty();

        DocumentData made = publishInline(pending, key, OTHER_PRINT);
        assertThat(repository.answered(key)).contains(new Answer(OTHER_PRINT, made));
    }

    @Test
    final void oneUsersKeyIsNothingToAnother() {
        IdempotencyKey key = newKey();
        IdempotencyKey same = new IdempotencyKey(newOwner(), key.key());

        DocumentData made = publishInline(newDocument(), key, PRINT);
        assertThat(repository.answered(same)).isEmpty();

        DocumentData other = publishInline(newDocument(), same, OTHER_PRINT);
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
        assertThat(repository.answered(same)).contains(new Answer(OTHER_PRINT, other));
    }

    @Test
    final void keysThatDifferInCaseAreDifferent() {
        IdempotencyKey lower = new IdempotencyKey(owner, "key-a");
        IdempotencyKey upper = new IdempotencyKey(owner, "key-A");

        DocumentData made = publishInline(newDocument(), lower, PRINT);

        assertThat(repository.answered(upper)).isEmpty();
        assertThat(repository.answered(lower)).contains(new Answer(PRINT, made));
    }

    @Test
    final void theLongestKeyIsKeptWhole() {
        IdempotencyKey longest = new IdempotencyKey(owner, "~".repeat(255));

        DocumentData made = publishInline(newDocument(), longest, PRINT);

        assertThat(repository.answered(longest)).contains(new Answer(PRINT, made));
        assertThat(repository.answered(new IdempotencyKey(owner, "~".repeat(254))))
                .isEmpty();
    }

    // Uploads: one step begins, another ends

    @Test
    final void aKeyIsTakenFromTheFirstByteAndAnsweredByThePublication() {
        IdempotencyKey key = newKey();
        DocumentData pending = newDocument();
        Upload upload = beginUnder(pending, key, 10);

        refused(Kind.REQUEST_RUNNING, pending, () -> repository.answered(key));
        refused(Kind.REQUEST_RUNNING, pending, () -> beginUnder(newDocument(), key, 10));
        refused(Kind.REQUEST_RUNNING, pending, () -> publishInline(newDocument(), key, PRINT));

        DocumentData made = pending.publish(content(urlOf(upload), 10), "text/plain", tick());
        repository.activate(upload.id(), made, PRINT);

        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
        refused(Kind.KEY_REUSED, made, () -> beginUnder(newDocument(), key, 10));
    }

    @Test
    final void aPublicationThatIsRefusedLeavesTheRequestRunning() {
        IdempotencyKey key = newKey();
        DocumentData pending = newDocument();
        Upload upload = beginUnder(pending, key, 10);
        Content content = content(urlOf(upload), 10);
        DocumentData stale = pending.publish(content, null, tick());
        DocumentData renamed = update(pending.describe("renamed", Metadata.EMPTY, tick()));

        refused(Kind.CONFLICT, renamed, () -> repository.activate(upload.id(), stale, PRINT));
        refused(Kind.REQUEST_RUNNING, renamed, () -> repository.answered(key));

        DocumentData made = renamed.publish(content, null, tick());
        repository.activate(upload.id(), made, PRINT);
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
    }

    @Test
    final void anUploadThatIsAbortedFreesItsKeyAndNoOther() {
        IdempotencyKey key = newKey();
        IdempotencyKey otherKey = newKey();
        Upload upload = beginUnder(newDocument(), key, 10);
        DocumentData other = publishInline(newDocument(), otherKey, PRINT);

        repository.claim(upload.id());
        refused(Kind.REQUEST_RUNNING, other, () -> repository.answered(key));
        repository.abort(upload, null);

        assertThat(repository.answered(key)).isEmpty();
        assertThat(repository.answered(otherKey)).contains(new Answer(PRINT, other));
        DocumentData made = publishInline(newDocument(), key, OTHER_PRINT);
        assertThat(repository.answered(key)).contains(new Answer(OTHER_PRINT, made));
    }

    @Test
    final void aNewDocumentGoesWithTheKeyOfItsRequestForItMayComeAgain() {
        DocumentData pending = newDocument();
        Upload upload = beginUnder(pending, newKey(), 10);

        repository.claim(upload.id());
        repository.abort(upload, "the upload was not completed");

        assertThat(repository.find(pending.id())).isEmpty();
        assertThat(documentsIn(DocumentStatus.ERROR)).isZero();
    }

    @Test
    final void aDocumentThatWasThereBeforeTheRequestFailsAsWithoutAKey() {
        DocumentData pending = newDocument();
        Upload first = begin(pending, 1);
        Upload upload = uploadFor(pending, 10);
        repository.reserve(upload, HOUR, null, AMPLE, newKey().running());
        repository.claim(first.id());
        repository.abort(first, null);

        repository.claim(upload.id());
        repository.abort(upload, "the upload was not completed");

        assertThat(repository.find(pending.id()))
                .get()
                .extracting(DocumentData::status)
                .isEqualTo(DocumentStatus.ERROR);
    }

    @Test
    final void abortingAnUploadThatIsLongOverLeavesTheKeysNextUseAlone() {
        IdempotencyKey key = newKey();
        Upload first = beginUnder(newDocument(), key, 10);
        repository.claim(first.id());
        repository.abort(first, null);
        DocumentData pending = newDocument();
        Upload second = beginUnder(pending, key, 10);

        repository.abort(first, null);

        refused(Kind.REQUEST_RUNNING, pending, () -> repository.answered(key));
        DocumentData made = pending.publish(content(urlOf(second), 10), null, tick());
        repository.activate(second.id(), made, PRINT);
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));
    }

    // Races

    @Test
    final void ofSixteenThreadsWithOneKeyOnePublishes() throws Exception {
        for (int round = 0; round < 10; round++) {
            IdempotencyKey key = newKey();
            long before = documents();
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                DocumentData pending = newDocument();
                calls.add(() -> done(Kind.KEY_REUSED, () -> publishInline(pending, key, PRINT)));
            }

            assertThat(race(calls)).containsOnlyOnce(true);
            assertThat(documents()).isEqualTo(before + 1);
            assertThat(repository.answered(key)).isPresent();
        }
    }

    @Test
    final void ofSixteenThreadsWithOneKeyOneUploads() throws Exception {
        for (int round = 0; round < 10; round++) {
            IdempotencyKey key = newKey();
            long before = documents();
            Queue<Boolean> uploaded = new ConcurrentLinkedQueue<>();
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                DocumentData pending = newDocument();
                Upload upload = uploadFor(pending, 10);
                DocumentData active = pending.publish(content(urlOf(upload), 10), null, tick());
                // those who come when it is over are told so, the others that it is under way
                calls.add(() -> done(
                        Kind.KEY_REUSED,
                        () -> uploaded.add(done(Kind.REQUEST_RUNNING, () -> {
                            repository.reserve(upload, HOUR, pending, AMPLE, key.running());
                            repository.activate(upload.id(), active, PRINT);
                        }))));
            }

            race(calls);
            assertThat(uploaded).containsOnlyOnce(true);
            assertThat(documents()).isEqualTo(before + 1);
            assertThat(documentsIn(DocumentStatus.PENDING)).isZero();
        }
    }

    @Test
    final void ofSixteenThreadsWithOneKeyOneAddsAVersion() throws Exception {
        for (int round = 0; round < 10; round++) {
            IdempotencyKey key = newKey();
            DocumentData stored = publishInline(newDocument(), HELLO);
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                DocumentData next = stored.publish(content(newUrl("inline"), HELLO.length), null, tick());
                calls.add(() -> done(Kind.KEY_REUSED, () -> publish(next, key, PRINT)));
            }

            assertThat(race(calls)).containsOnlyOnce(true);
            assertThat(repository.versions(stored.id(), Integer.MAX_VALUE, 200)).hasSize(2);
        }
    }

    // Forgetting

    @Test
    final void aKeyIsForgottenOnlyAfterItsTime() {
        IdempotencyKey key = newKey();
        DocumentData made = publishInline(newDocument(), key, PRINT);

        forget(HOUR);
        assertThat(repository.answered(key)).contains(new Answer(PRINT, made));

        eventually("the key is old", () -> {
            forget(Duration.ZERO);
            return repository.answered(key).isEmpty();
        });
        assertThat(repository.find(made.id())).contains(made);
    }

    @Test
    final void aRunningRequestKeepsItsKeyHoweverLongItTakes() {
        IdempotencyKey running = newKey();
        IdempotencyKey done = newKey();
        DocumentData pending = newDocument();
        Upload upload = beginUnder(pending, running, 10);
        publishInline(newDocument(), done, PRINT);

        eventually("the other key is old", () -> {
            forget(Duration.ZERO);
            return repository.answered(done).isEmpty();
        });

        refused(Kind.REQUEST_RUNNING, pending, () -> repository.answered(running));
        DocumentData made = pending.publish(content(urlOf(upload), 10), null, tick());
        repository.activate(upload.id(), made, PRINT);
        assertThat(repository.answered(running)).contains(new Answer(PRINT, made));
    }

    @Test
    final void keysAreForgottenSoManyAtATime() {
        eventually("all keys before are old", () -> repository.forgetKeys(Duration.ZERO, ALL) == 0);
        for (int i = 0; i < 5; i++) {
            publishInline(newDocument(), newKey(), PRINT);
        }
        eventually("the first two are old", () -> repository.forgetKeys(Duration.ZERO, 2) == 2);
        eventually("two more are old", () -> repository.forgetKeys(Duration.ZERO, 2) == 2);
        eventually("the last is old", () -> repository.forgetKeys(Duration.ZERO, 2) == 1);
        assertThat(repository.forgetKeys(Duration.ZERO, 2)).isZero();
    }

    @Test
    final void aPurgeMayTakeTheKeyWithIt() {
        IdempotencyKey key = newKey();
        IdempotencyKey otherKey = newKey();
        DocumentData made = publishInline(newDocument(), key, PRINT);
        publishInline(newDocument(), otherKey, PRINT);

        refused(Kind.CONFLICT, made, () -> repository.purge(made.id(), made.revision() + 1, key));
        assertThat(repository.answered(key)).isPresent();

        repository.purge(made.id(), made.revision(), key);

        assertThat(repository.find(made.id())).isEmpty();
        assertThat(repository.answered(key)).isEmpty();
        assertThat(repository.answered(otherKey)).isPresent();
    }

    @Test
    final void aUsersKeysAndTheAnswersThatTellOfTheUserGoWithTheUser() {
        String administrator = newOwner();
        IdempotencyKey own = newKey();
        IdempotencyKey forTheUser = new IdempotencyKey(administrator, "for-the-user");
        IdempotencyKey another = new IdempotencyKey(administrator, "for-another");
        publishInline(newDocument(), own, PRINT);
        publishInline(newDocument(), forTheUser, PRINT);
        DocumentData others = DocumentData.pending(newId(), administrator, "a", null, Metadata.EMPTY, tick());
        publishInline(others, another, PRINT);

        repository.deleteUser(owner);

        assertThat(repository.answered(own)).isEmpty();
        assertThat(repository.answered(forTheUser)).isEmpty();
        assertThat(repository.answered(another)).isPresent();
    }

    @Test
    final void aUserWhoOwnsNothingHasKeysToDeleteAllTheSame() {
        IdempotencyKey key = new IdempotencyKey(newOwner(), "of-one-who-owns-nothing");
        publishInline(newDocument(), key, PRINT);

        assertThat(repository.deleteUser(key.userId())).isFalse();

        assertThat(repository.answered(key)).isEmpty();
    }

    // Steps

    private IdempotencyKey newKey() {
        return new IdempotencyKey(owner, "key-" + keys++);
    }

    private DocumentData publishInline(DocumentData before, IdempotencyKey key, String fingerprint) {
        return publish(before.publish(content(newUrl("inline"), HELLO.length), null, tick()), key, fingerprint);
    }

    private DocumentData publish(DocumentData next, IdempotencyKey key, String fingerprint) {
        repository.publish(next, ByteBuffer.wrap(HELLO), AMPLE, key.by(fingerprint));
        return next;
    }

    private Upload beginUnder(DocumentData document, IdempotencyKey key, long bytes) {
        Upload upload = uploadFor(document, bytes);
        repository.reserve(upload, HOUR, document, AMPLE, key.running());
        return upload;
    }

    private void refused(Kind kind, DocumentData unchanged, ThrowingCallable step) {
        long before = documents();
        refuses(unchanged.id(), step, kind);
        assertThat(documents()).isEqualTo(before);
    }

    private long documents() {
        return repository.count(
                DocumentQuery.builder(owner)
                        .statuses(EnumSet.allOf(DocumentStatus.class))
                        .build(),
                ALL);
    }

    private void forget(Duration age) {
        while (repository.forgetKeys(age, 100) == 100) {
            Thread.onSpinWait();
        }
    }
}
