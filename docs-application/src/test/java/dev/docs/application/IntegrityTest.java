package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.GRACE;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.contentOf;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.docs.application.Finding.Problem;
import dev.docs.application.Integrity.Scrubbed;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

final class IntegrityTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final House house = new House();
    private final Integrity integrity = house.integrity;

    private Scrubbed scrub() {
        return integrity.scrub(Long.MAX_VALUE, done -> {});
    }

    private List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        integrity.check(findings::add, seen -> {});
        return findings;
    }

    private void putBack(DocumentData document, byte[] bytes) {
        StorageUrl url = contentOf(document).url();
        house.store.delete(url);
        house.store.store(url, Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    // Scrubbing

    @Test
    void wholeContentIsReadOnceADay() {
        DocumentData large = house.create("a", LARGE);
        house.create("b", SMALL);
        house.clock.advance(DAY);

        assertThat(scrub()).isEqualTo(new Scrubbed(2, LARGE + SMALL, 0, 0, true));
        assertThat(scrub()).isEqualTo(new Scrubbed(0, 0, 0, 0, true));
        assertThat(house.now(large)).isEqualTo(large);

        house.clock.advance(DAY);
        assertThat(scrub().contents()).isEqualTo(2);
    }

    @Test
    void damagedContentPutsItsDocumentInErrorAndWholeContentHealsIt() {
        DocumentData document = house.create("a", LARGE);
        byte[] bytes = house.bytesOf(document);
        house.store.flip(contentOf(document).url(), LARGE / 2);
        house.clock.advance(DAY);

        assertThat(scrub()).isEqualTo(new Scrubbed(1, LARGE, 1, 0, true));

        DocumentData failed = house.now(document);
        assertThat(failed.status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(failed.statusReason()).isEqualTo("the stored bytes are missing or damaged");
        assertThat(kind(() -> house.bytesOf(document))).isEqualTo(Kind.STATUS);
        assertThat(integrity.damaged(9)).containsExactly(failed);
        assertThat(integrity.damaged(0)).isEmpty();
        house.requireHonestUsage("ann");

        putBack(document, bytes);
        assertThat(integrity.verify(document.id())).isEqualTo(new Scrubbed(1, LARGE, 0, 1, true));
        assertThat(house.now(document).status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(integrity.damaged(9)).isEmpty();
        assertThat(house.bytesOf(document)).isEqualTo(bytes);
        house.requireHonestUsage("ann");
    }

    @Test
    void damageInAnOldVersionIsCountedAndLeavesTheDocumentAlone() {
        DocumentData first = house.create("a", LARGE);
        DocumentData second = house.replace(first, TestContent.known(LARGE + 1));
        house.store.delete(contentOf(first).url());

        assertThat(integrity.scrubAll(done -> {})).isEqualTo(new Scrubbed(2, LARGE + 1, 1, 0, true));

        assertThat(house.now(second)).isEqualTo(second);
        assertThat(kind(() -> TestContent.read(house.documents.content(ANN, first.id(), 1))))
                .isEqualTo(Kind.CONTENT_LOST);
    }

    @Test
    void aScrubStopsAtItsBudgetAndGoesOnThere() {
        for (int i = 0; i < 5; i++) {
            house.create("a", LARGE);
        }
        house.clock.advance(DAY);

        assertThat(integrity.scrub(2 * LARGE, done -> {})).isEqualTo(new Scrubbed(2, 2 * LARGE, 0, 0, false));
        assertThat(integrity.scrub(1, done -> {})).isEqualTo(new Scrubbed(1, LARGE, 0, 0, false));
        assertThat(scrub()).isEqualTo(new Scrubbed(2, 2 * LARGE, 0, 0, true));
    }

    @Test
    void anotherServerGoesOnWhereTheLastOneStoppedAndNeverAtTheSameTime() {
        for (int i = 0; i < 3; i++) {
            house.create("a", LARGE);
        }
        house.clock.advance(DAY);
        Integrity other = house.another().integrity();

        Scrubbed meanwhile = new Scrubbed(0, 0, 0, 0, false);
        Scrubbed[] second = {meanwhile};
        assertThat(integrity.scrub(LARGE, done -> second[0] = other.scrub(Long.MAX_VALUE, more -> {})))
                .isEqualTo(new Scrubbed(1, LARGE, 0, 0, false));
        assertThat(second[0]).isEqualTo(meanwhile);

        assertThat(other.scrub(Long.MAX_VALUE, done -> {})).isEqualTo(new Scrubbed(2, 2 * LARGE, 0, 0, true));
    }

    @Test
    void theShareOfVerifiedBytesIsThatOfTheLastThirtyDays() {
        house.create("old", 3 * LARGE);
        house.clock.advance(Duration.ofDays(31));
        house.create("new", LARGE);
        assertThat(integrity.verification().share()).isEqualTo(0.25);

        integrity.scrubAll(done -> {});

        assertThat(integrity.verification().share()).isEqualTo(1);
    }

    @Test
    void aScrubThatFindsTooMuchDamagedMarksNoMore() {
        List<DocumentData> documents = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            documents.add(house.create("a", LARGE));
        }
        documents.forEach(document -> house.store.delete(contentOf(document).url()));

        assertThatThrownBy(() -> integrity.scrubAll(done -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mounted");

        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 100L);
    }

    // Reading

    @Test
    void aFullReadOfDamagedContentNeverYieldsItsLastByte() {
        for (int damaged : List.of(0, LARGE / 2, LARGE - 1)) {
            DocumentData document = house.create("a", LARGE);
            house.store.flip(contentOf(document).url(), damaged);

            assertThat(kind(() -> house.bytesOf(document))).isEqualTo(Kind.CONTENT_LOST);

            assertThat(house.now(document).status()).isEqualTo(DocumentStatus.ERROR);
        }
    }

    // Comparing and repairing

    @Test
    void nothingIsWrongAfterAnythingThatTheServiceDoes() {
        DocumentData document = house.create("a", LARGE);
        house.replace(document, TestContent.known(SMALL));
        house.documents.purge(ANN, house.create("b", LARGE).id(), Precondition.NONE);
        house.reserve("c");
        for (DocumentStatus status : DocumentStatus.values()) {
            house.in(status);
        }

        assertThat(check()).isEmpty();
    }

    @Test
    void missingAndShortContentIsFoundAndPutsTheDocumentInError() {
        DocumentData missing = house.create("a", LARGE);
        DocumentData cut = house.create("b", LARGE);
        house.store.delete(contentOf(missing).url());
        house.store.cut(contentOf(cut).url(), LARGE - 1);

        assertThat(check())
                .extracting(Finding::problem, Finding::subject)
                .containsExactly(
                        tuple(Problem.MISSING_CONTENT, missing.id() + "/1"),
                        tuple(Problem.WRONG_SIZE, cut.id() + "/1"));
        assertThat(house.now(missing)).isEqualTo(missing);

        assertThat(integrity.repair(false, mended -> {}, seen -> {})).isEqualTo(2);
        assertThat(house.now(missing).status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(house.now(cut).status()).isEqualTo(DocumentStatus.ERROR);
    }

    @Test
    void contentThatNoRowKnowsIsPutAsideAndNothingElseIs() {
        DocumentData document = house.create("a", LARGE);
        DocumentData purged = house.create("b", LARGE);
        house.documents.purge(ANN, purged.id(), Precondition.NONE);
        StorageUrl stray = StorageUrl.of("main", new UUID(7, 7));
        house.store.store(stray, TestContent.known(LARGE).bytes());
        house.clock.advance(GRACE.multipliedBy(10));
        house.housekeeping.sweep();
        assertThat(house.store.size(stray)).isPresent();

        assertThat(check())
                .extracting(Finding::problem, Finding::url)
                .containsExactly(tuple(Problem.UNKNOWN_CONTENT, stray));
        assertThat(integrity.repair(false, mended -> {}, seen -> {})).isEqualTo(1);

        assertThat(house.store.size(stray)).isEmpty();
        assertThat(house.bytesOf(document)).hasSize(LARGE);
        assertThat(check()).isEmpty();
    }

    @Test
    void aRepairThatWouldTouchTooMuchChangesNothing() {
        List<DocumentData> documents = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            documents.add(house.create("a", LARGE));
        }
        documents.forEach(document -> house.store.delete(contentOf(document).url()));

        assertThatThrownBy(() -> integrity.repair(false, mended -> {}, seen -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("101 of ");
        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 0L);

        assertThat(integrity.repair(true, mended -> {}, seen -> {})).isEqualTo(101);
        assertThat(house.rows.usage("ann").documents()).containsEntry(DocumentStatus.ERROR, 101L);
    }
}
