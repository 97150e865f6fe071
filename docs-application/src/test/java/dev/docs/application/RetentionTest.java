package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.Housekeeping.Retained;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

final class RetentionTest {
    private static final Duration MONTH = Duration.ofDays(30);

    private final House house = new House();
    private final Housekeeping housekeeping =
            house.another(new Retention(MONTH, 2)).housekeeping();

    @Test
    void anArchivedDocumentThatNobodyTouchesIsPurgedAfterItsTime() {
        DocumentData active = house.create("active", LARGE);
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        DocumentData touched = house.in(DocumentStatus.ARCHIVED);
        house.clock.advance(MONTH.minusDays(1));
        house.documents.change(ANN, touched.id(), Precondition.NONE, DocumentChanges.name("touched"));
        assertThat(housekeeping.retain()).isEqualTo(new Retained(0, 0));

        house.clock.advance(Duration.ofDays(1).plusMillis(1));
        assertThat(housekeeping.retain()).isEqualTo(new Retained(1, 0));

        assertThat(house.rows.find(archived.id())).isEmpty();
        assertThat(house.rows.find(touched.id())).isPresent();
        assertThat(house.rows.find(active.id())).contains(active);
        house.requireHonestUsage("ann");
    }

    @Test
    void theNewestVersionsOfEachDocumentStay() {
        DocumentData document = house.create("a", LARGE);
        for (int i = 1; i < 5; i++) {
            document = house.replace(document, TestContent.known(LARGE + i));
        }
        DocumentData single = house.create("b", LARGE);

        assertThat(housekeeping.retain()).isEqualTo(new Retained(0, 3));

        assertThat(house.rows.versions(document.id(), Integer.MAX_VALUE, 10))
                .extracting(DocumentVersion::number)
                .containsExactly(5, 4);
        assertThat(house.now(document)).isEqualTo(document);
        assertThat(house.bytesOf(single)).hasSize(LARGE);
        assertThat(house.rows.usage("ann").usedBytes()).isEqualTo(3 * LARGE + 7);
        house.requireHonestUsage("ann");
        assertThat(housekeeping.retain()).isEqualTo(new Retained(0, 0));
        assertThat(house.replace(document, TestContent.known(LARGE)).version()).isEqualTo(6);
    }

    @Test
    void moreThanABatchIsRemoved() {
        List<DocumentData> archived = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            archived.add(house.in(DocumentStatus.ARCHIVED));
        }
        house.clock.advance(MONTH.plusMillis(1));

        assertThat(housekeeping.retain()).isEqualTo(new Retained(250, 0));

        assertThat(archived)
                .noneMatch(document -> house.rows.find(document.id()).isPresent());
    }

    @Test
    void withoutLimitsEverythingStays() {
        DocumentData archived = house.in(DocumentStatus.ARCHIVED);
        house.clock.advance(Duration.ofDays(10_000));

        assertThat(house.housekeeping.retain()).isEqualTo(new Retained(0, 0));

        assertThat(house.rows.find(archived.id())).isPresent();
    }
}
