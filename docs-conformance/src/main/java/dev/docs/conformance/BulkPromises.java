package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.BulkItem;
import dev.docs.domain.BulkStep;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Many documents in one step: each goes by itself, and what is done is counted and noted with it. */
abstract class BulkPromises extends RepositoryPromises {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final String PRINT = "a".repeat(64);

    private int keys;

    // Changing

    @Test
    final void allThatFitAreUpdatedAndCounted() {
        List<DocumentData> before = active(7);

        assertThat(repository.updateAll(archived(before), null)).isEmpty();

        assertThat(repository.findAll(ids(before))).hasSize(7).allMatch(each -> each.revision() == 3);
        assertThat(documentsIn(DocumentStatus.ARCHIVED)).isEqualTo(7);
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isZero();
        assertThat(bytesIn(DocumentStatus.ARCHIVED)).isEqualTo(70);
    }

    @Test
    final void theOneInTheMiddleThatWasChangedMeanwhileIsLeftOutAndToldOf() {
        List<DocumentData> before = active(5);
        DocumentData late = before.get(2);
        DocumentData renamed = update(late.describe("renamed", Metadata.EMPTY, tick()));

        assertThat(repository.updateAll(archived(before), null)).containsExactly(late.id());

        assertThat(repository.find(late.id())).contains(renamed);
        assertThat(documentsIn(DocumentStatus.ARCHIVED)).isEqualTo(4);
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isOne();
    }

    @Test
    final void theOneThatWasPurgedMeanwhileIsLeftOutAndStaysAway() {
        List<DocumentData> before = active(3);
        DocumentData gone = before.get(1);
        repository.purge(gone.id(), gone.revision());

        assertThat(repository.updateAll(archived(before), null)).containsExactly(gone.id());
        assertThat(repository.purgeAll(archived(before), null)).containsExactly(gone.id());

        assertThat(repository.findAll(ids(before))).isEmpty();
    }

    @Test
    final void whatIsAskedForMayBeNothing() {
        assertThat(repository.updateAll(List.of(), null)).isEmpty();
        assertThat(repository.purgeAll(List.of(), null)).isEmpty();
        assertThat(repository.findAll(List.of())).isEmpty();
        assertThat(repository.versionBytes(List.of())).isZero();
    }

    @Test
    final void metadataIsReplacedAndFoundByItsNewValues() {
        List<DocumentData> before = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            before.add(activate(
                    newDocument("n", Metadata.of(Map.of("kept", "k", "old", i, "list", List.of(1, 2)))), 1));
        }
        Metadata patched = Metadata.of(Map.of("kept", "k", "new", "n", "list", List.of(2, 3)));

        assertThat(repository.updateAll(
                        before.stream()
                                .map(each -> each.describe("n", patched, tick()))
                                .toList(),
                        null))
                .isEmpty();

        assertThat(repository.findAll(ids(before)))
                .allMatch(each -> each.metadata().equals(patched));
        assertThat(List.of(found("kept", "k"), found("new", "n"), found("list", "2"), found("list", "3")))
                .containsOnly(4L);
        assertThat(List.of(found("old", null), found("list", "1"))).containsOnly(0L);
    }

    @Test
    final void severalOwnersAreEachCountedForTheirOwn() {
        String other = newOwner();
        List<DocumentData> before = active(3);
        DocumentData others = DocumentData.pending(newId(), other, "a", null, Metadata.EMPTY, tick());
        before.add(publishInline(others, HELLO));

        repository.updateAll(archived(before), null);
        assertThat(repository.usage(other).bytes()).containsEntry(DocumentStatus.ARCHIVED, (long) HELLO.length);

        repository.purgeAll(repository.findAll(ids(before)), null);
        assertThat(List.of(repository.usage(owner), repository.usage(other))).containsOnly(Usage.NONE);
    }

    // Purging

    @Test
    final void purgingGivesBackEverythingTheDocumentsHad() {
        Content older = content(10);
        Content current = content(20);
        DocumentData large = replace(activate(newDocument("n", Metadata.of(Map.of("k", "v"))), older), current);
        DocumentData small = publishInline(newDocument(), HELLO);
        StorageUrl inline = small.content() == null ? newUrl() : small.content().url();
        DocumentData awaited = newDocument();
        repository.reserve(reservationFor(awaited, 77), HOUR, awaited, AMPLE);
        Content others = content(30);
        activate(newDocument(), others);
        assertThat(repository.versionBytes(List.of(large.id(), small.id(), awaited.id())))
                .isEqualTo(30 + HELLO.length);

        assertThat(repository.purgeAll(List.of(awaited, small, large), null)).isEmpty();

        assertThat(repository.findAll(List.of(large.id(), small.id(), awaited.id())))
                .isEmpty();
        assertThat(repository.versions(large.id(), Integer.MAX_VALUE, 10)).isEmpty();
        assertThat(repository.inlineStore().size(inline)).isEmpty();
        assertThat(reserved()).isZero();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(30);
        eventually(
                "doomed",
                () -> doomedOf(older.url(), current.url(), others.url(), inline).size() == 2);
    }

    @Test
    final void contentThatADocumentOutsideStillHasIsKept() {
        Content shared = content(10);
        Content ofBoth = content(20);
        DocumentData one = replace(activate(newDocument(), shared), ofBoth);
        DocumentData two = activate(newDocument(), ofBoth);
        activate(newDocument(), shared);

        repository.purgeAll(List.of(one, two), null);

        eventually("doomed", () -> doomedOf(ofBoth.url()).size() == 1);
        assertThat(doomedOf(shared.url())).isEmpty();
    }

    @Test
    final void anUploadUnderWayForOneOfThemCanNoLongerBeActivated() {
        DocumentData document = activate(newDocument(), 1);
        Upload upload = uploadFor(document, 9);
        repository.reserve(upload, HOUR, null, AMPLE);

        repository.purgeAll(List.of(document), null);

        DocumentData late = document.publish(content(urlOf(upload), 9), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), late), Kind.CONFLICT);
    }

    // Races

    @Test
    final void ofSeveralBulksOverTheSameDocumentsEachChangeIsMadeByOne() throws Exception {
        List<DocumentData> before = active(60);
        List<Callable<Set<UUID>>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            List<DocumentData> shuffled = new ArrayList<>(archived(before));
            Collections.shuffle(shuffled, new Random(i));
            calls.add(() -> repository.updateAll(shuffled.subList(0, 40), null));
        }

        List<Set<UUID>> left = race(calls);

        long made = left.stream().mapToLong(each -> 40 - each.size()).sum();
        assertThat(documentsIn(DocumentStatus.ARCHIVED)).isEqualTo(made);
        assertThat(repository.findAll(ids(before))).allMatch(each -> each.revision() <= 3);
    }

    @Test
    final void bulksAndSingleWritersOverTheSameDocumentsNeverLoseAStep() throws Exception {
        List<DocumentData> before = active(40);
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(i);
            boolean purges = i == 7;
            boolean alone = i % 2 == 0;
            calls.add(() -> {
                int changes = 0;
                for (int round = 0; round < 12; round++) {
                    List<UUID> some = new ArrayList<>(ids(before));
                    Collections.shuffle(some, random);
                    List<DocumentData> current = repository.findAll(some.subList(0, purges ? 1 : 20));
                    if (purges) {
                        repository.purgeAll(current, null);
                    } else if (alone) {
                        for (DocumentData each : current) {
                            changes += done(Kind.CONFLICT, () -> repository.update(turned(each))) ? 1 : 0;
                        }
                    } else {
                        changes += current.size()
                                - repository
                                        .updateAll(
                                                current.stream()
                                                        .map(BulkPromises::turned)
                                                        .toList(),
                                                null)
                                        .size();
                    }
                }
                return changes;
            });
        }

        int made = race(calls).stream().mapToInt(Integer::intValue).sum();

        // those purged have taken theirs along
        List<DocumentData> after = repository.findAll(ids(before));
        assertThat(after.stream().mapToLong(each -> each.revision() - 2).sum()).isBetween(1L, (long) made);
        assertThat(documentsIn(DocumentStatus.ACTIVE) + documentsIn(DocumentStatus.ARCHIVED))
                .isEqualTo(after.size());
    }

    // Requests with a key

    @Test
    final void whatTheStepsHaveNotedIsWhatARepetitionGoesOnFrom() {
        IdempotencyKey key = newKey();
        UUID holder = newId();
        List<DocumentData> documents = active(4);
        assertThat(repository.beginBulk(key, PRINT, holder, HOUR)).isEqualTo(progress(false));

        BulkItem refused = BulkItem.refused(newId(), new DocumentNotFoundException());
        BulkItem wrong =
                BulkItem.refused(newId(), new DocumentValidationException("metadata", "has ü \uD83D\uDE00", 7L));
        BulkItem unchanged = BulkItem.unchanged(newId());
        BulkItem first = BulkItem.done(documents.get(0).id());
        repository.updateAll(
                archived(documents.subList(0, 1)), step(key, holder, false, refused, first, unchanged, wrong));
        refuses(first.id(), () -> repository.beginBulk(key, PRINT, newId(), HOUR), Kind.REQUEST_RUNNING);
        repository.leaveBulk(key, holder);

        UUID next = newId();
        assertThat(repository.beginBulk(key, PRINT, next, HOUR))
                .isEqualTo(progress(false, refused, first, unchanged, wrong));
        BulkItem last = BulkItem.done(documents.get(1).id());
        repository.purgeAll(documents.subList(1, 2), step(key, next, true, last));

        for (int i = 0; i < 2; i++) {
            assertThat(repository.beginBulk(key, PRINT, newId(), HOUR))
                    .isEqualTo(progress(true, refused, first, unchanged, wrong, last));
        }
    }

    @Test
    final void oneThatIsLeftOutIsNotNotedAndKeepsTheRequestOpen() {
        IdempotencyKey key = newKey();
        UUID holder = newId();
        DocumentData stored = activate(newDocument(), 1);
        DocumentData late = activate(newDocument(), 1);
        update(late.describe("renamed", Metadata.EMPTY, tick()));
        repository.beginBulk(key, PRINT, holder, HOUR);

        BulkItem done = BulkItem.done(stored.id());
        Set<UUID> left = repository.updateAll(
                archived(List.of(stored, late)), step(key, holder, true, done, BulkItem.done(late.id())));

        assertThat(left).containsExactly(late.id());
        refuses(stored.id(), () -> repository.beginBulk(key, PRINT, newId(), HOUR), Kind.REQUEST_RUNNING);
        repository.leaveBulk(key, holder);
        assertThat(repository.beginBulk(key, PRINT, holder, HOUR)).isEqualTo(progress(false, done));
    }

    @Test
    final void whoeverHasLostTheRequestDoesNothingAnyMore() {
        IdempotencyKey key = newKey();
        UUID slow = newId();
        DocumentData stored = activate(newDocument(), 1);
        repository.beginBulk(key, PRINT, slow, Duration.ZERO);
        UUID quick = newId();
        eventually(
                "the lease is over",
                () -> done(Kind.REQUEST_RUNNING, () -> repository.beginBulk(key, PRINT, quick, HOUR)));

        BulkItem done = BulkItem.done(stored.id());
        for (boolean last : List.of(false, true)) {
            refuses(
                    stored.id(),
                    () -> repository.updateAll(archived(List.of(stored)), step(key, slow, last, done)),
                    Kind.REQUEST_RUNNING);
            refuses(
                    stored.id(),
                    () -> repository.purgeAll(List.of(stored), step(key, slow, last, done)),
                    Kind.REQUEST_RUNNING);
        }
        repository.leaveBulk(key, slow);
        refuses(stored.id(), () -> repository.beginBulk(key, PRINT, slow, HOUR), Kind.REQUEST_RUNNING);
        repository.updateAll(archived(List.of(stored)), step(key, quick, true, done));
        assertThat(repository.beginBulk(key, PRINT, slow, HOUR)).isEqualTo(progress(true, done));
    }

    @Test
    final void aKeyIsOneRequestsWhateverKindItIs() {
        IdempotencyKey bulk = newKey();
        IdempotencyKey creation = newKey();
        IdempotencyKey upload = newKey();
        DocumentData made = publish(creation);
        DocumentData pending = newDocument();
        repository.reserve(uploadFor(pending, 1), HOUR, pending, AMPLE, upload.running());
        repository.beginBulk(bulk, PRINT, newId(), HOUR);

        String other = "b".repeat(64);
        refuses(made.id(), () -> repository.beginBulk(bulk, other, newId(), HOUR), Kind.KEY_REUSED);
        refuses(made.id(), () -> repository.beginBulk(creation, PRINT, newId(), HOUR), Kind.KEY_REUSED);
        refuses(made.id(), () -> repository.beginBulk(upload, PRINT, newId(), HOUR), Kind.KEY_REUSED);
        refuses(made.id(), () -> repository.answered(bulk), Kind.KEY_REUSED);
        refuses(made.id(), () -> publish(bulk), Kind.KEY_REUSED);
        repository.beginBulk(new IdempotencyKey(newOwner(), bulk.key()), other, newId(), HOUR);
    }

    @Test
    final void ofManyThreadsWithOneKeyOneBegins() throws Exception {
        IdempotencyKey key = newKey();
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            UUID holder = newId();
            calls.add(() -> done(Kind.REQUEST_RUNNING, () -> repository.beginBulk(key, PRINT, holder, HOUR)));
        }

        assertThat(race(calls)).containsOnlyOnce(true);
    }

    @Test
    final void aBulkRequestIsForgottenWithItsKeyButNotWhileItRuns() {
        IdempotencyKey running = newKey();
        IdempotencyKey done = newKey();
        UUID holder = newId();
        BulkItem item = BulkItem.unchanged(newId());
        repository.beginBulk(running, PRINT, holder, HOUR);
        repository.updateAll(List.of(), step(running, holder, false, item));
        repository.beginBulk(done, PRINT, holder, HOUR);
        repository.updateAll(List.of(), step(done, holder, true, item));

        eventually("the key is old", () -> {
            forgetAll();
            return repository.answered(done).isEmpty();
        });
        refuses(item.id(), () -> repository.beginBulk(running, PRINT, newId(), HOUR), Kind.REQUEST_RUNNING);

        repository.leaveBulk(running, holder);
        eventually("nobody carries it out", () -> {
            forgetAll();
            return repository
                    .beginBulk(running, PRINT, holder, Duration.ZERO)
                    .items()
                    .isEmpty();
        });
    }

    @Test
    final void aBulkRequestGoesWithItsUser() {
        IdempotencyKey key = newKey();
        UUID holder = newId();
        DocumentData stored = activate(newDocument(), 1);
        repository.beginBulk(key, PRINT, holder, HOUR);
        repository.updateAll(List.of(), step(key, holder, false, BulkItem.unchanged(newId())));

        assertThat(repository.deleteUser(owner)).isTrue();

        assertThat(repository.answered(key)).isEmpty();
        refuses(
                stored.id(),
                () -> repository.updateAll(List.of(), step(key, holder, true, BulkItem.unchanged(stored.id()))),
                Kind.REQUEST_RUNNING);
        assertThat(repository.beginBulk(key, PRINT, newId(), HOUR)).isEqualTo(progress(false));
    }

    // Steps

    private List<DocumentData> active(int count) {
        List<DocumentData> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            documents.add(activate(newDocument(), 10));
        }
        return documents;
    }

    private List<DocumentData> archived(Collection<DocumentData> documents) {
        return documents.stream().map(each -> each.archive(tick())).toList();
    }

    private static DocumentData turned(DocumentData document) {
        return document.status() == DocumentStatus.ACTIVE
                ? document.archive(document.updatedAt())
                : document.restore(document.updatedAt());
    }

    private static List<UUID> ids(Collection<DocumentData> documents) {
        return documents.stream().map(DocumentData::id).toList();
    }

    private long found(String path, @Nullable String value) {
        return repository.count(
                DocumentQuery.builder(owner)
                        .statuses(EnumSet.allOf(DocumentStatus.class))
                        .metadata(List.of(new MetadataCondition(path, value)))
                        .build(),
                ALL);
    }

    private IdempotencyKey newKey() {
        return new IdempotencyKey(owner, "bulk-" + keys++);
    }

    private DocumentData publish(IdempotencyKey key) {
        DocumentData next = newDocument().publish(content(newUrl("inline"), HELLO.length), null, tick());
        repository.publish(next, ByteBuffer.wrap(HELLO), AMPLE, key.by(PRINT));
        return next;
    }

    private static BulkStep step(IdempotencyKey key, UUID holder, boolean last, BulkItem... items) {
        return new BulkStep(key, holder, HOUR, List.of(items), last);
    }

    private static BulkStep.Progress progress(boolean finished, BulkItem... items) {
        return new BulkStep.Progress(List.of(items), finished);
    }

    private void forgetAll() {
        while (repository.forgetKeys(Duration.ZERO, 100) == 100) {
            Thread.onSpinWait();
        }
    }
}
