package dev.docs.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sides that are measured in turn, so that what disturbs the machine disturbs all of them. */
final class Rounds {
    private final Map<String, Side> sides = new LinkedHashMap<>();
    private final Map<String, List<Map<String, Double>>> samples = new LinkedHashMap<>();

    /** Measures once; figures by name, such as {@code "documents/s"}. */
    interface Side {
        Map<String, Double> measure() throws Exception;
    }

    Rounds side(String name, Side side) {
        sides.put(name, side);
        return this;
    }

    /** Every other round goes backwards, so that nobody is always the first. */
    Rounds run(int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            List<String> order = new ArrayList<>(sides.keySet());
            if (round % 2 == 1) {
                Collections.reverse(order);
            }
            for (String name : order) {
                samples.computeIfAbsent(name, any -> new ArrayList<>())
                        .add(Objects.requireNonNull(sides.get(name)).measure());
            }
        }
        return this;
    }

    /** What was measured so far was to get warm. */
    void forget() {
        samples.clear();
    }

    boolean has(String side, String figure) {
        return figures(side).contains(figure);
    }

    List<String> figures(String side) {
        return List.copyOf(of(side).get(0).keySet());
    }

    List<Double> values(String side, String figure) {
        return of(side).stream()
                .map(sample -> sample.getOrDefault(figure, Double.NaN))
                .toList();
    }

    private List<Map<String, Double>> of(String side) {
        return Objects.requireNonNull(samples.get(side), "no such side");
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
