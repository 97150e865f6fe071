package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Purging documents and deleting owners: nothing can be found any more, and no bytes are doomed that are still in use. */
abstract class RemovalPromises extends RepositoryPromises {
    @Test
    final void aPurgedDocumentIsGoneWithItsVersions() {
        DocumentData document = activate(newDocument("name", Metadata.of(Map.of("k", "v"))), 10);
        document = replace(document, content(20));

        repository.purge(document.id(), document.revision());

        assertThat(repository.find(document.id())).isEmpty();
        assertThat(repository.version(document.id(), 1)).isEmpty();
        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 10)).isEmpty();
        assertThat(repository.list(DocumentQuery.of(owner), null, 10).items()).isEmpty();
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
    }

    @Test
    final void aDocumentInAnyStatusIsPurged() {
        DocumentData pending = newDocument();
        begin(pending, 1);
        DocumentData archived = update(activate(newDocument(), 1).archive(tick()));
        DocumentData failed = update(activate(newDocument(), 1).fail("damaged", tick()));

        for (DocumentData document : List.of(pending, archived, failed)) {
            repository.purge(document.id(), document.revision());
            assertThat(repository.find(document.id())).isEmpty();
        }
    }

    @Test
    final void purgingAnyButTheStoredRevisionIsAConflict() {
        DocumentData first = activate(newDocument(), 10);
        DocumentData second = update(first.archive(tick()));

        refuses(first.id(), () -> repository.purge(first.id(), first.revision()), Kind.CONFLICT);
        refuses(first.id(), () -> repository.purge(first.id(), second.revision() + 1), Kind.CONFLICT);
        repository.purge(first.id(), second.revision());
        refuses(first.id(), () -> repository.purge(first.id(), second.revision()), Kind.CONFLICT);
    }

    @Test
    final void purgingDoomsTheContentOfEveryVersion() {
        Content first = content(10);
        Content second = content(20);
        Content others = content(30);
        activate(newDocument(), others);
        DocumentData document = replace(activate(newDocument(), first), second);
        assertThat(doomedOf(first.url(), second.url())).isEmpty();

        repository.purge(document.id(), document.revision());

        eventually("doomed", () -> doomedOf(first.url(), second.url()).size() == 2);
        assertThat(doomedOf(others.url())).isEmpty();
    }

    @Test
    final void contentIsDoomedOnlyAfterTheGracePeriod() {
        Content content = content(10);
        DocumentData document = activate(newDocument(), content);
        repository.purge(document.id(), document.revision());

        assertThat(repository.doomed(HOUR, ALL)).doesNotContain(content.url());
    }

    @Test
    final void contentThatWasDoomedFirstIsListedFirst() {
        Content first = content(10);
        Content second = content(20);
        DocumentData later = activate(newDocument(), second);
        DocumentData earlier = activate(newDocument(), first);

        repository.purge(earlier.id(), earlier.revision());
        Instant purged = Instant.now();
        eventually("some time later", () -> Instant.now().isAfter(purged.plusMillis(5)));
        repository.purge(later.id(), later.revision());

        eventually("doomed", () -> doomedOf(first.url(), second.url()).size() == 2);
        assertThat(doomedOf(first.url(), second.url())).containsExactly(first.url(), second.url());
        assertThat(repository.doomed(Duration.ZERO, 1)).hasSize(1);
    }

    @Test
    final void discardedContentIsForgotten() {
        Content first = content(10);
        Content second = content(20);
        DocumentData document = replace(activate(newDocument(), first), second);
        repository.purge(document.id(), document.revision());
        eventually("doomed", () -> doomedOf(first.url(), second.url()).size() == 2);

        repository.discarded(List.of(first.url(), newUrl()));
        repository.discarded(List.of());

        assertThat(doomedOf(first.url(), second.url())).containsExactly(second.url());
    }

    @Test
    final void contentThatVersionsOfOneDocumentShareIsDoomedOnce() {
        Content shared = content(10);
        DocumentData document = replace(replace(activate(newDocument(), shared), content(20)), shared);
        assertThat(repository.usage(owner).usedBytes()).isEqualTo(40);

        repository.purge(document.id(), document.revision());

        eventually("doomed", () -> !doomedOf(shared.url()).isEmpty());
        assertThat(doomedOf(shared.url())).hasSize(1);
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
    }

    @Test
    final void contentThatAnotherDocumentSharesIsNotDoomedWhileItDoes() {
        Content shared = content(10);
        Content own = content(20);
        DocumentData one = replace(activate(newDocument(), shared), own);
        DocumentData other = replace(activate(newDocument(), shared), content(30));

        repository.purge(one.id(), one.revision());
        eventually("doomed", () -> !doomedOf(own.url()).isEmpty());
        assertThat(doomedOf(shared.url())).isEmpty();

        repository.purge(other.id(), other.revision());
        eventually("doomed", () -> !doomedOf(shared.url()).isEmpty());
    }

    @Test
    final void purgingGivesReservationsWithoutBytesBackAtOnce() {
        DocumentData document = newDocument();
        Upload reservation = reservationFor(document, 60);
        repository.reserve(reservation, HOUR, document, AMPLE);

        repository.purge(document.id(), document.revision());

        assertThat(reserved()).isZero();
        assertThat(repository.claim(reservation.id())).isFalse();
    }

    @Test
    final void anUploadOfAPurgedDocumentCanOnlyBeAborted() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 60);

        repository.purge(document.id(), document.revision());

        DocumentData next = document.publish(content(urlOf(upload), 60), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.CONFLICT, Kind.UPLOAD_EXPIRED);
        assertThat(reserved()).isEqualTo(60);
        repository.expire(upload.id());
        assertThat(claimedOf(upload)).containsExactly(upload);
        repository.abort(upload, "given up");
        assertThat(repository.find(document.id())).isEmpty();
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
    }

    @Test
    final void aDeletedOwnerIsGoneWithEverything() {
        Content first = content(10);
        Content second = content(20);
        DocumentData document = replace(activate(newDocument(), first), second);
        DocumentData pending = newDocument();
        begin(pending, 60);
        repository.reserve(reservationFor(document, 5), HOUR, null, AMPLE);
        repository.setQuota(owner, own -> own.withBytes(1000L));

        assertThat(repository.deleteUser(owner)).isTrue();

        assertThat(repository.find(document.id())).isEmpty();
        assertThat(repository.find(pending.id())).isEmpty();
        assertThat(repository.versions(document.id(), Integer.MAX_VALUE, 10)).isEmpty();
        assertThat(repository.list(DocumentQuery.of(owner), null, 10).items()).isEmpty();
        assertThat(repository.quota(owner)).isEqualTo(Quota.Own.NONE);
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
        eventually("doomed", () -> doomedOf(first.url(), second.url()).size() == 2);
        assertThat(repository.deleteUser(owner)).isFalse();
    }

    @Test
    final void deletingAnUnknownOwnerTellsSo() {
        assertThat(repository.deleteUser(owner)).isFalse();
    }

    @Test
    final void otherOwnersKeepWhatTheyHaveAndShare() {
        Content shared = content(10);
        activate(newDocument(), shared);
        String other = newOwner();
        repository.setQuota(other, own -> own.withBytes(500L));
        DocumentData kept =
                activate(DocumentData.pending(newId(), other, "kept", null, Metadata.EMPTY, tick()), shared);
        Usage before = repository.usage(other);

        repository.deleteUser(owner);

        assertThat(repository.find(kept.id())).contains(kept);
        assertThat(repository.usage(other)).isEqualTo(before);
        assertThat(repository.quota(other).bytes()).isEqualTo(500L);
        assertThat(doomedOf(shared.url())).isEmpty();
    }

    @Test
    final void anUploadOfADeletedOwnerCanOnlyBeAborted() {
        DocumentData document = newDocument();
        Upload upload = begin(document, 60);

        repository.deleteUser(owner);

        DocumentData next = document.publish(content(urlOf(upload), 60), null, tick());
        refuses(document.id(), () -> repository.activate(upload.id(), next), Kind.CONFLICT, Kind.UPLOAD_EXPIRED);
        for (long more : new long[] {0, 10}) {
            refuses(document.id(), () -> repository.extend(upload.id(), more, HOUR, AMPLE), Kind.UPLOAD_EXPIRED);
        }
        assertThat(claimedOf(upload)).extracting(Upload::url).containsExactly(upload.url());
        repository.abort(upload, null);
        assertThat(repository.usage(owner)).isEqualTo(Usage.NONE);
        assertThat(claimedOf(upload)).isEmpty();
    }

    @Test
    final void anUploadOfADeletedOwnerTakesNothingFromOneWithTheSameId() {
        Upload upload = begin(newDocument(), 60);
        repository.deleteUser(owner);
        Upload later = begin(newDocument(), 25);
        assertThat(reserved()).isEqualTo(25);

        assertThat(repository.claim(upload.id())).isTrue();
        repository.abort(upload, "given up");

        assertThat(reserved()).isEqualTo(25);
        assertThat(repository.claim(later.id())).isTrue();
        repository.abort(later, null);
        assertThat(reserved()).isZero();
    }
}
