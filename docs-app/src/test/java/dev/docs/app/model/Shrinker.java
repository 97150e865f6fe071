package dev.docs.app.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds a short, simple list that still fails: takes away ever smaller pieces, then makes what is left simpler, until
 * nothing can be taken away or made simpler by itself.
 */
final class Shrinker<T> {
    private final Predicate<List<T>> fails;
    private final Function<T, List<T>> simpler;

    Shrinker(Predicate<List<T>> fails, Function<T, List<T>> simpler) {
        this.fails = fails;
        this.simpler = simpler;
    }

    List<T> shrink(List<T> failing) {
        List<T> best = failing;
        List<T> before;
        do {
            before = best;
            best = simplify(shorten(best));
        } while (!best.equals(before));
        return best;
    }

    private List<T> shorten(List<T> failing) {
        List<T> best = failing;
        for (int piece = Math.max(1, best.size() / 2); piece >= 1; piece /= 2) {
            int from = best.size() - 1;
            while (from >= 0) {
                // from the end: what comes later depends on what comes before
                int begin = Math.max(0, from - piece + 1);
                List<T> less = new ArrayList<>(best.subList(0, begin));
                less.addAll(best.subList(from + 1, best.size()));
                if (fails.test(less)) {
                    best = less;
                }
                from = begin - 1;
            }
        }
        return best;
    }

    private List<T> simplify(List<T> failing) {
        List<T> best = failing;
        for (int i = 0; i < best.size(); i++) {
            boolean isSimpler = true;
            while (isSimpler) {
                isSimpler = false;
                for (T candidate : simpler.apply(best.get(i))) {
                    List<T> attempt = new ArrayList<>(best);
                    attempt.set(i, candidate);
                    if (fails.test(attempt)) {
                        best = attempt;
                        isSimpler = true;
                        break;
                    }
                }
            }
        }
        return best;
    }
}
