package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository.Publication;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Small content that the repository keeps itself. */
abstract class InlinePromises extends RepositoryPromises {
    private static final byte[] HELLO = "hello, \u0000 wörld".getBytes(StandardCharsets.UTF_8);

    @Test
    final void creatingAndPublishingIsOneStep() {
        DocumentData pending = newDocument();
        Content content = content(newUrl("inline"), HELLO.length);
        DocumentData active = pending.publish(content, "text/html", tick());

        repository.publish(active, ByteBuffer.wrap(HELLO), AMPLE);

        assertThat(repository.find(pending.id())).contains(active);
        assertThat(repository.version(pending.id(), 1))
                .contains(new DocumentVersion(pending.id(), 1, content, "text/html", active.updatedAt()));
        assertThat(read(content.url(), 0, HELLO.length)).isEqualTo(HELLO);
        assertThat(repository.inlineStore().size(content.url())).hasValue(HELLO.length);
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(1);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(HELLO.length);
    }

    @Test
    final void aStoredPendingDocumentIsPublished() {
        DocumentData pending = newDocument();
        begin(pending, 100);

        DocumentData active = publishInline(pending, HELLO);

        assertThat(repository.find(pending.id())).contains(active);
        assertThat(documentsIn(DocumentStatus.PENDING)).isZero();
        assertThat(reserved()).isEqualTo(100);
    }

    @Test
    final void publishingEndsTheDocumentsReservationAndUsesItsRoom() {
        DocumentData pending = newDocument();
        repository.reserve(reservationFor(pending, HELLO.length), HOUR, pending, bytes(HELLO.length));
        DocumentData active = pending.publish(content(newUrl("inline"), HELLO.length), null, tick());

        repository.publish(active, ByteBuffer.wrap(HELLO), bytes(HELLO.length));

        assertThat(reserved()).isZero();
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(HELLO.length);
    }

    @Test
    final void aReplacementKeepsTheBytesOfTheVersionBefore() {
        DocumentData first = publishInline(newDocument(), HELLO);
        byte[] other = new byte[20_000];
        Arrays.fill(other, (byte) 0xFF);

        DocumentData second = publishInline(first, other);

        assertThat(repository.find(first.id())).contains(second);
        assertThat(read(urlOf(first), 0, HELLO.length)).isEqualTo(HELLO);
        assertThat(read(urlOf(second), 0, other.length)).isEqualTo(other);
        assertThat(repository.usage(owner).olderVersionBytes()).isEqualTo(HELLO.length);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(other.length);
        assertThat(repository.versions(first.id(), Integer.MAX_VALUE, 9)).hasSize(2);
    }

    @Test
    final void aPartOfTheBytesCanBeRead() {
        StorageUrl url = urlOf(publishInline(newDocument(), HELLO));

        assertThat(read(url, 3, 4)).isEqualTo(Arrays.copyOfRange(HELLO, 3, 7));
        assertThat(read(url, HELLO.length, 0)).isEmpty();
    }

    @Test
    final void emptyContentIsContent() {
        DocumentData empty = publishInline(newDocument(), new byte[0]);

        assertThat(repository.inlineStore().size(urlOf(empty))).hasValue(0);
        assertThat(read(urlOf(empty), 0, 0)).isEmpty();
    }

    @Test
    final void theBytesAreThoseBetweenPositionAndLimitAtTheCall() {
        DocumentData pending = newDocument();
        DocumentData active = pending.publish(content(newUrl("inline"), 3), null, tick());
        byte[] array = {9, 9, 1, 2, 3, 9};
        ByteBuffer buffer = ByteBuffer.wrap(array, 1, 5).slice().position(1).limit(4);

        repository.publish(active, buffer, AMPLE);
        Arrays.fill(array, (byte) 0);

        assertThat(read(urlOf(active), 0, 3)).containsExactly(1, 2, 3);
    }

    @Test
    final void aDirectReadOnlyBufferIsTaken() {
        DocumentData active = newDocument().publish(content(newUrl("inline"), 3), null, tick());
        ByteBuffer direct =
                ByteBuffer.allocateDirect(3).put(new byte[] {1, 2, 3}).flip();

        repository.publish(active, direct.asReadOnlyBuffer(), AMPLE);

        assertThat(read(urlOf(active), 0, 3)).containsExactly(1, 2, 3);
    }

    @Test
    final void publishingBeyondTheLimitChangesNothing() {
        repository.setQuota(owner, own -> own.withBytes(10L));
        publishInline(newDocument(), new byte[4]);
        DocumentData stored = newDocument();
        begin(stored, 1);

        for (DocumentData pending : List.of(newDocument(), stored)) {
            DocumentData active = pending.publish(content(newUrl("inline"), 6), null, tick());
            refuses(pending.id(), () -> repository.publish(active, ByteBuffer.allocate(6), AMPLE), Kind.QUOTA_EXCEEDED);
            assertThat(repository.inlineStore().size(urlOf(active))).isEmpty();
        }
        publishInline(newDocument(), new byte[5]);
    }

    // Many at once

    @Test
    final void manyNewDocumentsArePublishedInOneStep() {
        List<Publication> all = List.of(publication(3, null), publication(0, null), publication(5, null));

        assertThat(repository.publishAll(all, AMPLE)).hasSize(3).allMatch(Optional::isEmpty);

        for (Publication each : all) {
            DocumentData next = each.next();
            assertThat(repository.find(next.id())).contains(next);
            assertThat(repository.versions(next.id(), Integer.MAX_VALUE, 9)).hasSize(1);
            assertThat(read(urlOf(next), 0, next.sizeBytes()))
                    .isEqualTo(each.bytes().array());
        }
        assertThat(documentsIn(DocumentStatus.ACTIVE)).isEqualTo(3);
        assertThat(bytesIn(DocumentStatus.ACTIVE)).isEqualTo(8);
        DocumentQuery tagged = DocumentQuery.builder(owner)
                .metadata(List.of(new DocumentQuery.MetadataCondition("size", "5")))
                .build();
        assertThat(repository.list(tagged, null, 9).items())
                .containsExactly(all.get(2).next());
        assertThat(repository.publishAll(List.of(), AMPLE)).isEmpty();
    }

    @Test
    final void ofManyThoseThatFitArePublishedOneAfterAnother() {
        repository.setQuota(owner, own -> own.withBytes(10L));
        List<Publication> all = Stream.of(4, 7, 6, 1, 0)
                .map(size -> publication(size, key(size).by("f")))
                .toList();

        List<Optional<DocumentException>> refusals = repository.publishAll(all, AMPLE);

        assertThat(refusals.stream().map(refusal -> refusal.map(DocumentException::kind)))
                .containsExactly(
                        Optional.empty(),
                        Optional.of(Kind.QUOTA_EXCEEDED),
                        Optional.empty(),
                        Optional.of(Kind.QUOTA_EXCEEDED),
                        Optional.empty());
        for (int i = 0; i < all.size(); i++) {
            DocumentData next = all.get(i).next();
            boolean published = refusals.get(i).isEmpty();
            assertThat(repository.find(next.id()).isPresent()).isEqualTo(published);
            assertThat(repository.version(next.id(), 1).isPresent()).isEqualTo(published);
            assertThat(repository.inlineStore().size(urlOf(next)).isPresent()).isEqualTo(published);
            assertThat(repository
                            .answered(key(all.get(i).bytes().array().length))
                            .isPresent())
                    .isEqualTo(published);
        }
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(10);
    }

    @Test
    final void eachOfManyOwnersHasALimitOfItsOwn() {
        String other = newOwner();
        repository.setQuota(other, own -> own.withBytes(4L));
        Publication mine = publication(5, null);
        DocumentData theirs = DocumentData.pending(newId(), other, "a", null, Metadata.EMPTY, tick())
                .publish(content(newUrl("inline"), 5), null, tick());

        List<Optional<DocumentException>> refusals =
                repository.publishAll(List.of(new Publication(theirs, ByteBuffer.allocate(5), null), mine), AMPLE);

        assertThat(refusals.get(0)).isPresent();
        assertThat(refusals.get(1)).isEmpty();
        assertThat(repository.usage(other).usedBytes()).isZero();
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(5);
    }

    @Test
    final void ofManyOneWhoseIdOrKeyIsTakenIsLeftOut() {
        DocumentData stored = publishInline(newDocument(), HELLO);
        DocumentData reserved = newDocument();
        begin(reserved, 1);
        Publication first = publication(1, key(1).by("f"));
        repository.publish(first.next(), first.bytes(), AMPLE, first.use());
        Publication twin = publication(2, key(2).by("f"));

        List<Optional<DocumentException>> refusals = repository.publishAll(
                List.of(
                        publicationOf(stored, 3, key(3).by("f")),
                        publicationOf(reserved, 4, null),
                        publication(5, key(1).by("f")),
                        twin,
                        publication(6, key(2).by("f")),
                        new Publication(twin.next(), ByteBuffer.allocate(2), null),
                        publication(7, null)),
                AMPLE);

        assertThat(refusals.stream()
                        .map(refusal -> refusal.map(DocumentException::kind).orElse(null)))
                .containsExactly(
                        Kind.CONFLICT, Kind.CONFLICT, Kind.KEY_REUSED, null, Kind.KEY_REUSED, Kind.CONFLICT, null);
        assertThat(repository.answered(key(3))).isEmpty();
        assertThat(repository.answered(key(2))).contains(new IdempotencyKey.Answer("f", twin.next()));
        assertThat(repository.find(reserved.id())).contains(reserved);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(HELLO.length + 1 + 2 + 7);
    }

    @Test
    final void ofThreadsThatPublishManyIntoTheLastBytesNoneGoesBeyondTheLimit() throws Exception {
        repository.setQuota(owner, own -> own.withBytes(100L));
        List<Callable<Long>> calls = IntStream.range(0, 4)
                .<Callable<Long>>mapToObj(i -> {
                    List<Publication> all = IntStream.range(0, 10)
                            .mapToObj(j -> publication(3, null))
                            .toList();
                    return () -> repository.publishAll(all, AMPLE).stream()
                            .filter(Optional::isEmpty)
                            .count();
                })
                .toList();

        assertThat(race(calls).stream().mapToLong(Long::longValue).sum()).isEqualTo(33);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(99);
    }

    private Publication publication(int size, IdempotencyKey.@Nullable Use use) {
        return publicationOf(newDocument("n" + size, Metadata.of(Map.of("size", size))), size, use);
    }

    private Publication publicationOf(DocumentData before, int size, IdempotencyKey.@Nullable Use use) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) size);
        return new Publication(
                before.publish(content(newUrl("inline"), size), null, tick()), ByteBuffer.wrap(bytes), use);
    }

    private IdempotencyKey key(int number) {
        return new IdempotencyKey(owner, "key-" + number);
    }

    @Test
    final void publishingOnAStaleRevisionIsAConflict() {
        DocumentData first = publishInline(newDocument(), HELLO);
        DocumentData stale = first.publish(content(newUrl("inline"), 6), null, tick());
        update(first.describe("renamed", first.metadata(), tick()));

        refuses(first.id(), () -> repository.publish(stale, ByteBuffer.allocate(6), AMPLE), Kind.CONFLICT);
        assertThat(repository.inlineStore().size(urlOf(stale))).isEmpty();
    }

    @Test
    final void publishingANewDocumentWhoseIdIsTakenIsAConflict() {
        DocumentData pending = newDocument();
        publishInline(pending, HELLO);
        DocumentData again = pending.publish(content(newUrl("inline"), 6), null, tick());

        refuses(pending.id(), () -> repository.publish(again, ByteBuffer.allocate(6), AMPLE), Kind.CONFLICT);
    }

    @Test
    final void publishingALaterRevisionOfADocumentThatIsGoneIsAConflict() {
        DocumentData first = publishInline(newDocument(), HELLO);
        repository.purge(first.id(), first.revision());
        DocumentData second = first.publish(content(newUrl("inline"), 6), null, tick());

        refuses(first.id(), () -> repository.publish(second, ByteBuffer.allocate(6), AMPLE), Kind.CONFLICT);
    }

    @Test
    final void ofThreadsThatPublishOneRevisionOneWins() throws Exception {
        DocumentData pending = newDocument();
        List<Callable<Boolean>> calls = IntStream.range(0, 8)
                .<Callable<Boolean>>mapToObj(i -> {
                    DocumentData active = pending.publish(content(newUrl("inline"), 5), null, tick());
                    return () -> done(Kind.CONFLICT, () -> repository.publish(active, ByteBuffer.allocate(5), AMPLE));
                })
                .toList();

        assertThat(race(calls)).containsOnlyOnce(true);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(5);
    }

    @Test
    final void purgingDeletesTheBytesOfEveryVersionAtOnce() {
        DocumentData first = publishInline(newDocument(), HELLO);
        DocumentData second = publishInline(first, new byte[6]);
        DocumentData other = publishInline(newDocument(), HELLO);

        repository.purge(second.id(), second.revision());

        assertThat(repository.inlineStore().size(urlOf(first))).isEmpty();
        assertThat(repository.inlineStore().size(urlOf(second))).isEmpty();
        assertThat(read(urlOf(other), 0, HELLO.length)).isEqualTo(HELLO);
        assertThat(doomedOf(urlOf(first), urlOf(second))).isEmpty();
    }

    @Test
    final void bytesThatAnotherVersionSharesStayUntilTheLastIsPurged() {
        DocumentData original = publishInline(newDocument(), HELLO);
        DocumentData copy = activate(newDocument(), content(urlOf(original), HELLO.length));

        repository.purge(original.id(), original.revision());
        assertThat(read(urlOf(original), 0, HELLO.length)).isEqualTo(HELLO);

        repository.purge(copy.id(), copy.revision());
        assertThat(repository.inlineStore().size(urlOf(original))).isEmpty();
    }

    @Test
    final void deletingTheOwnerDeletesTheBytes() {
        DocumentData document = publishInline(newDocument(), HELLO);

        repository.deleteUser(owner);

        assertThat(repository.inlineStore().size(urlOf(document))).isEmpty();
        assertThat(doomedOf(urlOf(document))).isEmpty();
    }

    private static StorageUrl urlOf(DocumentData document) {
        Content content = document.content();
        if (content == null) {
            throw new IllegalArgumentException("no content yet");
        }
        return content.url();
    }

    private byte[] read(StorageUrl url, long offset, long length) {
        try (InputStream in =
                Channels.newInputStream(repository.inlineStore().retrieve(url, new ByteRange(offset, length)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
