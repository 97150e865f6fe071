package dev.docs.app.faults;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A scenario, and what goes wrong in it. Its text is its name, by which it can be run alone. */
record Case(Scenario scenario, List<Fault> faults) {
    static Case parse(String text) {
        String[] parts = text.split(":");
        return new Case(
                Scenario.parse(parts[0]),
                Arrays.stream(parts[1].split("\\+")).map(Fault::parse).toList());
    }

    /**
     * Runs it and checks everything.
     *
     * @return whether each fault has struck
     */
    boolean run(World world) {
        Attempts attempts = new Attempts(world);
        Runnable operation = scenario.prepare(attempts);
        attempts.begin(faults);
        operation.run();
        boolean struck = world.faults.haveStruck(faults);
        attempts.check();
        return struck;
    }

    @Override
    public String toString() {
        return scenario + ": " + faults.stream().map(Fault::toString).collect(Collectors.joining(" + "));
    }
}
