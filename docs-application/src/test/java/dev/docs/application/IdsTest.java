package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

final class IdsTest {
    private final TestClock clock = new TestClock();
    private final Ids ids = new Ids(clock);

    @Test
    void areUuidsOfVersionSevenWithTheClocksTime() {
        UUID id = ids.next();

        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(Ids.time(id)).isEqualTo(clock.instant());
        clock.advance(Duration.ofDays(3).plusMillis(7));
        assertThat(Ids.time(ids.next())).isEqualTo(clock.instant());
    }

    @Test
    void increaseWithinAMillisecondAndBeyond() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            made.add(ids.next().toString());
            if (i % 1_000 == 0) {
                clock.advance(Duration.ofMillis(1));
            }
        }
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void ofTwoProcessesDiffer() {
        Ids other = new Ids(clock);

        assertThat(ids.next()).isNotEqualTo(other.next());
    }
}
