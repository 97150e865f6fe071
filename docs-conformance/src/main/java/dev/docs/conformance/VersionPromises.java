package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.VersionId;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** Older content becomes current again without being copied, and no version is ever left without its bytes. */
abstract class VersionPromises extends RepositoryPromises {
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};
    private static final String PRINT = "0123456789abcdef".repeat(4);

    @Test
    final void anOlderVersionIsPublishedAnewWithItsContentAndTypes() {
        Content first = new Content(newUrl(), "text/html", 10, "%064x".formatted(10));
        DocumentData document = replace(activate(newDocument(), first), content(20));
        DocumentVersion older = version(document, 1);

        DocumentData next = republish(document, 1);

        assertThat(repository.find(document.id())).contains(next);
        assertThat(next.content()).isEqualTo(first);
        assertThat(repository.version(document.id(), 3))
                .contains(new DocumentVersion(document.id(), 3, first, older.declaredType(), next.updatedAt()));
        assertThat(repository.version(document.id(), 1)).contains(older);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(10);
        assertThat(repository.usage(owner).olderVersionBytes()).isEqualTo(30);
    }

    @Test
    final void aFailedDocumentIsActiveWithWhatIsPublishedAnew() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentData failed = update(document.fail("damaged", tick()));

        DocumentData next = republish(failed, 1);

        assertThat(repository.find(document.id())).contains(next);
        assertThat(documentsIn(DocumentStatus.ERROR)).isZero();
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(10);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(40);
    }

    @Test
    final void whatIsPublishedAnewCountsAgainAndHasToFit() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentData next = document.republish(version(document, 1), tick());

        refuses(document.id(), () -> repository.republish(next, 1, bytes(39)), Kind.QUOTA_EXCEEDED);
        repository.republish(next, 1, bytes(40));

        assertThat(repository.usage(owner).usedBytes()).isEqualTo(40);
        repository.setQuota(owner, own -> own.withBytes(49L));
        DocumentData more = next.republish(version(document, 1), tick());
        refuses(document.id(), () -> repository.republish(more, 1, AMPLE), Kind.QUOTA_EXCEEDED);
    }

    @Test
    final void aVersionThatIsNotOnRecordIsNotPublishedAnew() {
        DocumentData document = replace(replace(activate(newDocument(), 10), content(20)), content(30));
        DocumentData another = activate(newDocument(), 10);
        DocumentData next = document.republish(version(document, 1), tick());
        repository.dropVersion(document.id(), 1);

        refuses(document.id(), () -> repository.republish(next, 1, AMPLE), Kind.CONFLICT);
        // there is a version of that number, with other content
        refuses(document.id(), () -> repository.republish(next, 2, AMPLE), Kind.CONFLICT);
        assertThat(another.version()).isEqualTo(1);
        repository.purge(document.id(), document.revision());
        refuses(document.id(), () -> repository.republish(next, 2, AMPLE), Kind.CONFLICT);
    }

    @Test
    final void publishingAnewReplacesTheRevisionBefore() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentData next = document.republish(version(document, 1), tick());
        DocumentData renamed = update(document.describe("renamed", document.metadata(), tick()));

        refuses(document.id(), () -> repository.republish(next, 1, AMPLE), Kind.CONFLICT);

        assertThat(republish(renamed, 1).name()).isEqualTo("renamed");
    }

    @Test
    final void publishingAnewIsAnsweredUnderItsKey() {
        IdempotencyKey key = new IdempotencyKey(owner, "again");
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentData next = document.republish(version(document, 1), tick());

        refuses(document.id(), () -> repository.republish(next, 1, bytes(39), key.by(PRINT)), Kind.QUOTA_EXCEEDED);
        assertThat(repository.answered(key)).isEmpty();
        repository.republish(next, 1, AMPLE, key.by(PRINT));

        assertThat(repository.answered(key)).contains(new IdempotencyKey.Answer(PRINT, next));
        DocumentData more = next.republish(version(document, 1), tick());
        refuses(document.id(), () -> repository.republish(more, 1, bytes(0), key.by(PRINT)), Kind.KEY_REUSED);
    }

    @Test
    final void sharedBytesStayUntilTheLastVersionThatHasThem() {
        Content shared = content(10);
        DocumentData document = republish(replace(activate(newDocument(), shared), content(20)), 1);
        document = replace(document, content(30));

        assertThat(repository.dropVersion(document.id(), 1, document.revision()))
                .isTrue();
        assertThat(doomedOf(shared.url())).isEmpty();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(60);
        assertThat(repository.dropVersion(document.id(), 3, document.revision()))
                .isTrue();
        eventually("doomed", () -> doomedOf(shared.url()).size() == 1);

        assertThat(repository.usage(owner).usedBytes()).isEqualTo(50);
        assertThat(repository.find(document.id())).contains(document);
    }

    @Test
    final void sharedInlineBytesStayUntilTheLastVersionThatHasThem() {
        DocumentData document = publishInline(newDocument(), HELLO);
        StorageUrl url = version(document, 1).content().url();
        document = republish(replace(document, content(20)), 1);
        assertThat(read(url)).isEqualTo(HELLO);

        repository.dropVersion(document.id(), 1, document.revision());
        assertThat(read(url)).isEqualTo(HELLO);
        document = replace(document, content(30));
        repository.dropVersion(document.id(), 3, document.revision());

        assertThat(repository.inlineStore().size(url)).isEmpty();
        assertThat(doomedOf(url)).isEmpty();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(50);
    }

    @Test
    final void aDocumentIsPurgedWithWhatItsVersionsShare() {
        Content shared = content(10);
        DocumentData document = republish(replace(activate(newDocument(), shared), content(20)), 1);
        DocumentData inline = publishInline(newDocument(), HELLO);
        StorageUrl url = version(inline, 1).content().url();
        inline = republish(replace(inline, content(20)), 1);

        repository.purge(document.id(), document.revision());
        repository.purge(inline.id(), inline.revision());

        eventually("doomed", () -> doomedOf(shared.url()).size() == 1);
        assertThat(repository.inlineStore().size(url)).isEmpty();
        assertThat(repository.usage(owner).usedBytes()).isZero();
    }

    @Test
    final void aVersionIsDroppedAtTheRevisionThatWasDecidedOn() {
        DocumentData first = replace(activate(newDocument(), 10), content(20));
        DocumentData document = update(first.describe("renamed", first.metadata(), tick()));

        refuses(document.id(), () -> repository.dropVersion(first.id(), 1, first.revision()), Kind.CONFLICT);
        refuses(document.id(), () -> repository.dropVersion(first.id(), 2, document.revision()), Kind.CONFLICT);
        refuses(newId(), () -> repository.dropVersion(newId(), 1, 1), Kind.CONFLICT);
        assertThat(repository.dropVersion(document.id(), 3, document.revision()))
                .isFalse();
        assertThat(repository.dropVersion(document.id(), 1, document.revision()))
                .isTrue();
        assertThat(repository.dropVersion(document.id(), 1, document.revision()))
                .isFalse();

        assertThat(repository.usage(owner).usedBytes()).isEqualTo(20);
    }

    /** What is new is the version, not its bytes: they have not been read since. */
    @Test
    final void whatIsPublishedAnewIsNoMoreVerifiedThanBefore() {
        DocumentData document = replace(activate(newDocument(), 10), content(20));
        DocumentVersion older = version(document, 1);
        DocumentData next = republish(document, 1);
        VersionId anew = new VersionId(document.id(), next.version());

        assertThat(notVerified(older.createdAt().plusMillis(1))).contains(anew);
        assertThat(notVerified(older.createdAt())).doesNotContain(anew);
        Instant verified = tick();
        repository.verified(List.of(older.content().url()), verified);
        republish(next, 1);

        assertThat(notVerified(verified)).doesNotContain(anew, new VersionId(document.id(), 4));
        assertThat(notVerified(verified.plusMillis(1))).contains(anew, new VersionId(document.id(), 4));
    }

    /** The version that is dropped may be the one that is published anew. */
    @Test
    final void versionsDroppedAndPublishedAnewAtOnceKeepTheirBytesAndTheirNumbers() throws Exception {
        DocumentData first = replace(replace(activate(newDocument(), 10), content(20)), content(30));
        List<StorageUrl> urls = repository.versions(first.id(), Integer.MAX_VALUE, 10).stream()
                .map(version -> version.content().url())
                .toList();
        List<Callable<List<Integer>>> calls = IntStream.range(0, 8)
                .<Callable<List<Integer>>>mapToObj(thread -> () -> {
                    List<Integer> made = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        List<DocumentVersion> versions = repository.versions(first.id(), Integer.MAX_VALUE, 5);
                        DocumentVersion oldest = versions.get(versions.size() - 1);
                        DocumentData current = repository.find(first.id()).orElseThrow();
                        if (current.version() == oldest.number()) {
                            continue;
                        }
                        if ((thread + i) % 2 == 0) {
                            done(Kind.CONFLICT, () -> repository.dropVersion(first.id(), oldest.number()));
                        } else {
                            DocumentData next = current.republish(oldest, current.updatedAt());
                            if (done(Kind.CONFLICT, () -> repository.republish(next, oldest.number(), AMPLE))) {
                                made.add(next.version());
                            }
                        }
                    }
                    return made;
                })
                .toList();

        List<Integer> made = race(calls).stream().flatMap(List::stream).sorted().toList();

        DocumentData last = repository.find(first.id()).orElseThrow();
        assertThat(made)
                .isEqualTo(IntStream.rangeClosed(4, last.version()).boxed().toList());
        List<DocumentVersion> kept = repository.versions(first.id(), Integer.MAX_VALUE, 1_000);
        List<StorageUrl> inUse =
                kept.stream().map(version -> version.content().url()).distinct().toList();
        assertThat(kept.get(0).content()).isEqualTo(last.content());
        eventually(
                "the others are doomed",
                () -> doomedOf(urls.toArray(StorageUrl[]::new)).size() == urls.size() - inUse.size());
        assertThat(doomedOf(inUse.toArray(StorageUrl[]::new))).isEmpty();
    }

    // Steps and questions

    private DocumentData republish(DocumentData stored, int from) {
        DocumentData next = stored.republish(version(stored, from), tick());
        repository.republish(next, from, AMPLE);
        return next;
    }

    private DocumentVersion version(DocumentData document, int number) {
        return repository.version(document.id(), number).orElseThrow();
    }

    private List<VersionId> notVerified(Instant before) {
        return repository.versionsNotVerified(before, VersionId.FIRST, ALL).stream()
                .map(DocumentVersion::id)
                .toList();
    }

    private byte[] read(StorageUrl url) {
        try (InputStream in =
                Channels.newInputStream(repository.inlineStore().retrieve(url, new ByteRange(0, HELLO.length)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
