package dev.docs.app.faults;

import dev.docs.app.faults.Fault.Failure;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts the calls that an operation makes, and says which of them fail. Between operations all is well. */
final class Faults {
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Set<Fault> struck = new HashSet<>();
    private final List<Call> afterwards = new ArrayList<>();
    private List<Fault> planned = List.of();
    private boolean counting;

    /** The n-th of its kind. */
    record Call(String kind, int nth) {}

    void begin(List<Fault> faults) {
        counts.clear();
        struck.clear();
        afterwards.clear();
        planned = faults;
        counting = true;
    }

    /** Everything is repaired; returns how often each kind of call was made. */
    Map<String, Integer> end() {
        counting = false;
        planned = List.of();
        return Map.copyOf(counts);
    }

    /** Whether each of these has been struck since the beginning. */
    boolean haveStruck(List<Fault> faults) {
        return struck.containsAll(faults);
    }

    /** The calls that were made after the first that failed. */
    List<Call> afterwards() {
        return List.copyOf(afterwards);
    }

    /**
     * How this call fails; null if it does not.
     *
     * @param kind its own, before those of the groups that it belongs to
     */
    @Nullable
    Failure on(String kind, String... groups) {
        if (!counting) {
            return null;
        }
        boolean isAfterwards = !struck.isEmpty();
        Failure failure = strike(kind);
        if (isAfterwards) {
            afterwards.add(new Call(kind, counts.getOrDefault(kind, 0)));
        }
        for (String group : groups) {
            Failure another = strike(group);
            failure = failure == null ? another : failure;
        }
        return failure;
    }

    private @Nullable Failure strike(String kind) {
        int count = counts.merge(kind, 1, Integer::sum);
        Failure failure = null;
        for (Fault fault : planned) {
            if (fault.strikes(kind, count)) {
                struck.add(fault);
                failure = failure == null ? fault.failure() : failure;
            }
        }
        return failure;
    }
}
