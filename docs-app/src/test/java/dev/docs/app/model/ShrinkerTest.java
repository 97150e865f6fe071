package dev.docs.app.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.StorageBackend;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

final class ShrinkerTest {
    @Test
    void what_needs_two_far_apart_and_a_third_between_them_keeps_those_three() {
        List<Integer> numbers = IntStream.range(0, 200).boxed().toList();

        List<Integer> shortest = new Shrinker<Integer>(
                        list -> list.indexOf(17) >= 0
                                && list.indexOf(17) < list.indexOf(90)
                                && list.indexOf(90) < list.lastIndexOf(181),
                        number -> List.of())
                .shrink(numbers);

        assertThat(shortest).containsExactly(17, 90, 181);
    }

    @Test
    void what_is_left_is_made_as_simple_as_it_can_be() {
        List<Integer> shortest = new Shrinker<Integer>(
                        list -> list.stream().anyMatch(number -> number >= 5),
                        number -> number == 0 ? List.of() : List.of(0, number - 1))
                .shrink(List.of(3, 40, 1, 7));

        assertThat(shortest).containsExactly(5);
    }

    @Test
    void a_quota_that_is_not_kept_once_something_was_archived_takes_three_or_four_steps() {
        Set<String> archivers = new HashSet<>();

        assertThat(shortest((rows, method, arguments) -> {
                    if (method.equals("update")
                            && arguments[0] instanceof DocumentData next
                            && next.status() == DocumentStatus.ARCHIVED) {
                        archivers.add(next.userId());
                    }
                    return method.equals("setQuota") && archivers.contains(arguments[0]);
                }))
                .hasSizeBetween(3, 4)
                .anyMatch(Step.Change.class::isInstance)
                .last()
                // by itself, or while another step is under way
                .satisfies(last -> assertThat(Step.java(last)).containsPattern("new Set(Quota|Limits)\\("));
    }

    @Test
    void a_second_purge_that_is_lost_takes_four_steps() {
        Set<String> purgers = new HashSet<>();

        assertThat(shortest((rows, method, arguments) -> method.equals("purge")
                        && !purgers.add(
                                rows.find((UUID) arguments[0]).orElseThrow().userId())))
                .hasSize(4)
                .last()
                .isInstanceOf(Step.Purge.class);
    }

    @Test
    void a_step_is_written_as_it_would_be_in_a_test() {
        assertThat(Step.java(new Step.SetQuota(Step.Who.ANN, Step.Owner.BOB, 3)))
                .isEqualTo("new SetQuota(Who.ANN, Owner.BOB, 3)");
        assertThat(Step.java(new Step.Change(Step.Who.ROOT, 1, Step.Expected.STALE, -1, 0, null)))
                .isEqualTo("new Change(Who.ROOT, 1, Expected.STALE, -1, 0, null)");
    }

    @Test
    void a_history_that_fails_is_shown_with_its_seed() {
        try (Histories histories = new Histories(() -> setup((rows, method, arguments) -> method.equals("setQuota")))) {
            assertThatThrownBy(() -> histories.play(1, 200))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("seed 1", "1 of 200 steps", "(Who.ROOT, Owner.ANN, ");
        }
    }

    /** Which calls of a repository do nothing. */
    private interface Fault {
        boolean takes(DocumentRepository rows, String method, Object[] arguments);
    }

    /** The shortest history that tells a repository with a planted fault from a good one. */
    private static List<Step> shortest(Fault fault) {
        try (Histories histories = new Histories(() -> setup(fault))) {
            List<Step> history = Histories.history(1, 200);
            assertThat(histories.difference(history)).isNotNull();
            return new Shrinker<Step>(less -> histories.difference(less) != null, Step::simpler).shrink(history);
        }
    }

    private static Setup setup(Fault fault) {
        Setup good = Setup.inMemory();
        DocumentRepository rows = good.repository();
        DocumentRepository faulty = (DocumentRepository) Proxy.newProxyInstance(
                ShrinkerTest.class.getClassLoader(),
                new Class<?>[] {DocumentRepository.class},
                (proxy, method, arguments) -> {
                    if (arguments != null && fault.takes(rows, method.getName(), arguments)) {
                        return null;
                    }
                    try {
                        return method.invoke(rows, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Setup() {
            @Override
            DocumentRepository repository() {
                return faulty;
            }

            @Override
            StorageBackend storage() {
                return good.storage();
            }

            @Override
            void pass(Duration time) {
                super.pass(time);
                good.pass(time);
            }
        };
    }
}
