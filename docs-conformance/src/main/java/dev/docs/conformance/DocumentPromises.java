package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is written comes back as it was, revisions follow one another, and owners are kept apart. */
abstract class DocumentPromises extends RepositoryPromises {
    @Test
    final void manyAreFoundAtOnce() {
        DocumentData first = publishInline(newDocument("a", Metadata.of(Map.of("k", 1))), new byte[3]);
        DocumentData second = activate(newDocument(), 5);

        assertThat(repository.findAll(List.of(first.id(), newId(), second.id(), first.id())))
                .containsExactlyInAnyOrder(first, second);
        assertThat(repository.findAll(Set.of())).isEmpty();
    }

    @Test
    final void whatIsUnknownIsEmpty() {
        assertThat(repository.find(newId())).isEmpty();
        assertThat(repository.version(newId(), 1)).isEmpty();
        assertThat(repository.versions(newId(), Integer.MAX_VALUE, 10)).isEmpty();
        assertThat(repository.quota(owner)).isEqualTo(Quota.Own.NONE);
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
        assertThat(repository.recount(owner)).isEqualTo(Usage.NONE);
        assertThat(repository.count(DocumentQuery.of(owner), 10)).isZero();
        assertThat(repository.list(DocumentQuery.of(owner), null, 10).items()).isEmpty();
        assertThat(repository.list(DocumentQuery.of(owner), null, 10).next()).isNull();
    }

    @Test
    final void aNameOfAnyScriptComesBackCodePointByCodePoint() {
        List<String> names = List.of(
                "x",
                " leading, trailing and  double spaces ",
                "Übersicht",
                "U\u0308bersicht",
                "Straße \u1E9E",
                "\u0130stanbul \u0131",
                "報告書.pdf",
                "תקציר \u202Eabc",
                "\uD83D\uDCC4 \uD83D\uDC69\u200D\uD83D\uDCBB",
                "\uFEFF\u00A0\u2028\uFFFD\uFFFF",
                "../etc/passwd; DROP TABLE documents --'\"\\%_?:name{}",
                "\uD83D\uDCC4".repeat(255),
                "\uFDFA".repeat(255),
                "\u0390".repeat(255));
        for (String name : names) {
            DocumentData document = newDocument(name, Metadata.EMPTY);
            begin(document, 1);
            assertThat(repository.find(document.id())).contains(document);

            DocumentData renamed = update(document.describe(name, Metadata.of(Map.of("name", name)), tick()));
            assertThat(repository.find(document.id())).contains(renamed);
        }
    }

    @Test
    final void metadataOfEveryTypeComesBackEqualAndInItsOrder() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("z", "last letter first");
        values.put("a", null);
        values.put("", "an empty key");
        values.put("true", true);
        values.put("largest", Long.MAX_VALUE);
        values.put("smallest", Long.MIN_VALUE);
        values.put("beyond", BigInteger.TWO.pow(64));
        values.put("fraction", new BigDecimal("0.1"));
        values.put("precise", new BigDecimal("3." + "1".repeat(300)));
        values.put("huge", new BigDecimal("7e300"));
        values.put("tiny", new BigDecimal("-7e-300"));
        values.put("zero", 0);
        values.put("empty list", List.of());
        values.put("empty object", Map.of());
        values.put("list", Arrays.asList("b", null, 1, false, List.of(List.of("deep")), Map.of("k", "v")));
        values.put("dotted.key/with~marks\"\\", Map.of("in.ner", "ü\uD83D\uDCC4\u0001\u007F\u2028\n\t\r\f\b"));
        values.put("long", "\uD83D\uDCC4x".repeat(10_000));
        values.put("k".repeat(500), "a long key");
        Metadata metadata = Metadata.of(values);
        DocumentData document = newDocument("metadata", metadata);

        begin(document, 1);

        Metadata found = repository.find(document.id()).orElseThrow().metadata();
        assertThat(found).isEqualTo(metadata);
        assertThat(found.values()).hasToString(metadata.values().toString());
    }

    @Test
    final void metadataAsDeepAsAllowedComesBack() {
        Map<String, Object> values = Map.of("leaf", 1);
        for (int depth = 1; depth < Metadata.MAX_DEPTH; depth++) {
            values = Map.of("down", values);
        }
        DocumentData document = newDocument("deep", Metadata.of(values));

        begin(document, 1);

        assertThat(repository.find(document.id())).contains(document);
    }

    @Test
    final void timesComeBackToTheMillisecond() {
        for (String time : List.of(
                "1970-01-01T00:00:00.001Z",
                "2024-02-29T23:59:59.999Z",
                "2026-03-29T02:30:00.500Z",
                "2026-10-25T02:30:00.010Z",
                "9999-12-31T23:59:59.999Z")) {
            Instant instant = Instant.parse(time);
            DocumentData document =
                    DocumentData.pending(Ids.uuidV7(instant, new Random()), owner, time, null, Metadata.EMPTY, instant);
            begin(document, 1);
            DocumentData active = activateStored(document, instant);

            assertThat(repository.find(document.id())).contains(active);
            assertThat(repository.version(document.id(), 1).orElseThrow().createdAt())
                    .isEqualTo(instant);
        }
    }

    private DocumentData activateStored(DocumentData document, Instant when) {
        Upload upload = uploadFor(document, 1);
        repository.reserve(upload, HOUR, null, AMPLE);
        DocumentData next = document.publish(content(urlOf(upload), 1), null, when);
        repository.activate(upload.id(), next);
        return next;
    }

    @Test
    final void theReasonOfAnErrorComesBackAndGoesWithIt() {
        DocumentData document = activate(newDocument(), 10);
        DocumentData failed = update(document.fail("fehlt: \uD83D\uDCC4 \u0001 " + "ü".repeat(1000), tick()));
        assertThat(repository.find(document.id())).contains(failed);

        DocumentData verified = update(failed.verified(tick()));
        assertThat(repository.find(document.id())).contains(verified);
    }

    @Test
    final void everyFieldOfContentComesBack() {
        String type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        DocumentData pending = DocumentData.pending(newId(), owner, "typed", type, Metadata.EMPTY, tick());
        begin(pending, 1);
        assertThat(repository.find(pending.id())).contains(pending);
        Content content = new Content(
                newUrl("a-store"),
                type,
                1L << 45,
                "0123456789abcdef".repeat(4),
                "application/zip",
                "\uD83D\uDCC4 clean".repeat(140));
        Upload upload = new Upload(newId(), pending.id(), owner, content.url(), 0);
        repository.reserve(upload, HOUR, null, Quota.UNLIMITED);
        DocumentData active = pending.publish(content, "image/svg+xml", tick());

        repository.activate(upload.id(), active);

        assertThat(repository.find(pending.id())).contains(active);
        assertThat(repository.version(pending.id(), 1))
                .contains(new DocumentVersion(pending.id(), 1, content, "image/svg+xml", active.updatedAt()));
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(1L << 45);

        DocumentData archived = update(active.archive(tick()));
        assertThat(repository.find(pending.id())).contains(archived);
    }

    @Test
    final void whatWasDetectedGoesWithTheContentThatReplacesIt() {
        DocumentData first = replace(
                activate(newDocument(), 10),
                new Content(newUrl(), "text/plain", 3, "0".repeat(64), "application/zip", "clean"));
        assertThat(repository.find(first.id())).contains(first);

        DocumentData second = replace(first, new Content(newUrl(), "text/plain", 4, "1".repeat(64)));

        assertThat(repository.find(first.id())).contains(second);
        assertThat(repository.versions(first.id(), Integer.MAX_VALUE, 10))
                .extracting(DocumentVersion::content)
                .startsWith(second.content(), first.content());
    }

    @Test
    final void ownersAreComparedExactly() {
        DocumentData document = activate(newDocument(), 10);
        String similar = owner.replace('o', 'O');
        for (String other : List.of(similar, owner + " ", " " + owner, owner + "\u0301", owner.substring(1))) {
            assertThat(repository.list(DocumentQuery.of(other), null, 10).items())
                    .as("documents of '%s'", other)
                    .isEmpty();
            assertThat(repository.usage(other)).isEqualTo(Usage.NONE);
        }
        assertThat(repository.list(DocumentQuery.of(owner), null, 10).items()).containsExactly(document);
    }

    @Test
    final void anOwnersIdMayBeAnyText() {
        String strange = newOwner() + "\uD83D\uDCC4 ü'%_\\" + "報".repeat(100);
        DocumentData document = DocumentData.pending(newId(), strange, "name", null, Metadata.EMPTY, tick());

        activate(document, 10);

        assertThat(repository.list(DocumentQuery.of(strange), null, 10).items()).hasSize(1);
        assertThat(repository.usage(strange).usedBytes()).isEqualTo(10);
        assertThat(repository.recount(strange)).isEqualTo(repository.usage(strange));
    }

    @Test
    final void usageFollowsADocumentFromStatusToStatus() {
        DocumentData active = activate(newDocument(), 10);
        DocumentData replaced = replace(active, content(30));

        DocumentData archived = update(replaced.archive(tick()));
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isZero();
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isZero();
        assertThat(documentsIn(DocumentStatus.ARCHIVED)).isEqualTo(1);
        assertThat(bytesIn(DocumentStatus.ARCHIVED)).isEqualTo(30);

        update(archived.fail("damaged", tick()));
        assertThat(documentsIn(DocumentStatus.ARCHIVED)).isZero();
        assertThat(bytesIn(DocumentStatus.ERROR)).isEqualTo(30);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(40);
    }

    @Test
    final void anUpdateOfAnyButTheRevisionBeforeIsAConflict() {
        DocumentData first = activate(newDocument(), 10);
        DocumentData second = update(first.describe("second", first.metadata(), tick()));

        refuses(first.id(), () -> repository.update(first.archive(tick())), Kind.CONFLICT);
        refuses(first.id(), () -> repository.update(second), Kind.CONFLICT);
        DocumentData tooFar = second.archive(tick()).restore(tick());
        refuses(first.id(), () -> repository.update(tooFar), Kind.CONFLICT);
        DocumentData missing = newDocument().describe("missing", Metadata.EMPTY, tick());
        refuses(missing.id(), () -> repository.update(missing), Kind.CONFLICT);
    }

    @Test
    final void ofThreadsThatUpdateOneDocumentOneWinsEachRevision() throws Exception {
        DocumentData document = activate(newDocument(), 10);
        List<Callable<List<Long>>> calls = IntStream.range(0, 8)
                .<Callable<List<Long>>>mapToObj(thread -> () -> {
                    List<Long> won = new ArrayList<>();
                    for (int i = 0; i < 100; i++) {
                        DocumentData next = repository
                                .find(document.id())
                                .orElseThrow()
                                .describe("by " + thread, document.metadata(), document.updatedAt());
                        if (done(Kind.CONFLICT, () -> repository.update(next))) {
                            won.add(next.revision());
                        }
                    }
                    return won;
                })
                .toList();

        List<Long> won = race(calls).stream().flatMap(List::stream).sorted().toList();

        long last = repository.find(document.id()).orElseThrow().revision();
        assertThat(won).isNotEmpty();
        assertThat(won)
                .isEqualTo(Stream.iterate(document.revision() + 1, revision -> revision + 1)
                        .limit(last - document.revision())
                        .toList());
    }

    @Test
    final void versionsAreListedNewestFirstAndPageByNumber() {
        DocumentData document = activate(newDocument(), 1);
        List<DocumentVersion> expected = new ArrayList<>(repository.versions(document.id(), 2, 1));
        for (int size = 2; size <= 7; size++) {
            Content content = content(size);
            document = replace(document, content);
            expected.add(new DocumentVersion(document.id(), size, content, "text/plain", document.updatedAt()));
        }
        Collections.reverse(expected);
        DocumentVersion fourth = expected.get(3);
        replace(activate(newDocument(), 1), content(2));

        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 100)).isEqualTo(expected);
        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 3)).isEqualTo(expected.subList(0, 3));
        assertThat(repository.versions(document.id(), 5, 3)).isEqualTo(expected.subList(3, 6));
        assertThat(repository.versions(document.id(), 2, 3)).isEqualTo(expected.subList(6, 7));
        assertThat(repository.versions(document.id(), 1, 3)).isEmpty();
        assertThat(repository.version(document.id(), 4)).contains(fourth);
        assertThat(repository.version(document.id(), 8)).isEmpty();
        assertThat(repository.version(document.id(), 0)).isEmpty();
    }

    @Test
    final void aLimitIsSetReplacedAndTakenAway() {
        repository.setQuota(owner, own -> own.withBytes(100L));
        assertThat(repository.quota(owner).bytes()).isEqualTo(100L);
        repository.setQuota(owner, own -> own.withBytes(0L));
        assertThat(repository.quota(owner).bytes()).isEqualTo(0L);
        repository.setQuota(owner, own -> own.withBytes(Long.MAX_VALUE));
        assertThat(repository.quota(owner).bytes()).isEqualTo(Long.MAX_VALUE);
        repository.setQuota(owner, own -> own.withDocuments(7L).withUploads(0L));
        assertThat(repository.quota(owner)).isEqualTo(new Quota.Own(Long.MAX_VALUE, 7L, 0L));
        repository.setQuota(owner, own -> own.withBytes(null));
        assertThat(repository.quota(owner)).isEqualTo(new Quota.Own(null, 7L, 0L));
        repository.setQuota(owner, own -> Quota.Own.NONE);
        assertThat(repository.quota(owner)).isEqualTo(Quota.Own.NONE);
        repository.setQuota(owner, own -> own.withBytes(null));
        assertThat(repository.quota(newOwner())).isEqualTo(Quota.Own.NONE);
    }

    @Test
    final void aLimitBelowWhatIsUsedDeletesNothing() {
        DocumentData document = activate(newDocument(), 10);

        repository.setQuota(owner, own -> own.withBytes(1L));

        assertThat(repository.find(document.id())).contains(document);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(10);
        update(document.describe("still changeable", document.metadata(), tick()));
    }

    @Test
    final void storesAreInUseUntilNothingRefersToThem() {
        StorageUrl current = newUrl(store());
        StorageUrl older = newUrl(store());
        StorageUrl uploading = newUrl(store());
        DocumentData document = activate(newDocument(), content(older, 1));
        document = replace(document, content(current, 1));
        repository.reserve(new Upload(newId(), document.id(), owner, uploading, 1), HOUR, null, AMPLE);

        assertThat(repository.storesInUse()).contains(older.store(), current.store(), uploading.store());

        repository.purge(document.id(), document.revision());
        assertThat(repository.storesInUse()).contains(older.store(), current.store(), uploading.store());
        repository.discarded(List.of(older, current));
        assertThat(repository.storesInUse())
                .contains(uploading.store())
                .doesNotContainAnyElementsOf(Set.of(older.store(), current.store()));
    }

    private String store() {
        return "s" + newId();
    }

    @Test
    final void aStoresNameStandsForTheFirstOneForGood() {
        String name = store();

        assertThat(repository.bindStore(name, "first")).isEqualTo("first");
        assertThat(repository.bindStore(name, "second")).isEqualTo("first");
        assertThat(repository.bindStore(name, "first")).isEqualTo("first");
        assertThat(repository.bindStore(store(), "second")).isEqualTo("second");
    }

    @Test
    final void checkingAnOpenRepositoryIsQuiet() {
        repository.check();
    }
}
