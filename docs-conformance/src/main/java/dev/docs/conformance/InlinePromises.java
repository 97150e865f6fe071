package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

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
