package dev.docs.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.docs.adapter.jdbi.Database;
import dev.docs.app.faults.Fault.Failure;
import dev.docs.app.faults.Fault.Span;
import dev.docs.domain.Caller;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** Whatever call fails, and however: nothing acknowledged is lost, nothing is half, nothing is left over. */
class FaultTest {
    private static final int ENOUGH = 5_000;
    private static final int MAX_VIOLATIONS = 20;
    private static final int ON_A_DATABASE = 40;
    private static final String ONLY = System.getProperty("docs.faults.only", "");

    private final long seed = Long.getLong("docs.faults.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Logger log = (Logger) LoggerFactory.getLogger("dev.docs");

    @TempDir
    Path temporary;

    private Path folder = temporary;
    private final List<AssertionError> violations = new ArrayList<>();
    private int worlds;

    /** In memory if there is such a place: what is asked of the disk is the same, and no fsync takes time. */
    @BeforeEach
    void makeFolder() throws IOException {
        Path memory = Path.of("/dev/shm");
        folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, "docs-faults") : temporary;
        // thousands of failures that are planned
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void removeFolder() {
        log.setLevel(null);
        if (!folder.equals(temporary)) {
            World.deleteTree(folder);
        }
    }

    @Test
    void every_call_may_fail_in_every_way_alone_and_together_with_another() {
        int alone = 0;
        int together = 0;
        for (Case each : chosen()) {
            List<Faults.Call> afterwards = new ArrayList<>();
            alone += onHeap(each, afterwards) ? 1 : 0;
            Optional<Case> worse = worse(each, afterwards);
            together += worse.isPresent() && onHeap(worse.get(), new ArrayList<>()) ? 1 : 0;
        }
        System.out.printf("Faults, seed %d: %d cases of one, %d of two%n", seed, alone, together);
        requireNoViolation();
        if (ONLY.isEmpty()) {
            assertThat(alone + together).as("cases").isGreaterThanOrEqualTo(ENOUGH);
        }
    }

    private boolean onHeap(Case each, List<Faults.Call> afterwards) {
        Path root = folder.resolve("world" + worlds++);
        World world = World.onHeap(root);
        boolean struck = run(each, world);
        afterwards.addAll(world.faults.afterwards());
        World.deleteTree(root);
        return struck;
    }

    @Test
    void the_same_holds_on_a_database() {
        List<Case> cases = chosen();
        Collections.shuffle(cases, random);
        int struck = 0;
        try (Database database = Database.h2(folder.resolve("docs"), Durability.POWER_LOSS)) {
            for (Case each : cases) {
                if (struck < ON_A_DATABASE) {
                    Caller owner = Caller.administrator("owner" + worlds++);
                    struck += run(each, World.on(database, folder.resolve("files"), owner)) ? 1 : 0;
                }
            }
        }
        System.out.printf("Faults on H2, seed %d: %d cases%n", seed, struck);
        requireNoViolation();
        if (ONLY.isEmpty()) {
            assertThat(struck).isEqualTo(ON_A_DATABASE);
        }
    }

    private List<Case> chosen() {
        return ONLY.isEmpty() ? singles() : new ArrayList<>(List.of(Case.parse(ONLY)));
    }

    /** Returns whether all faults struck. */
    private boolean run(Case each, World world) {
        try {
            return each.run(world);
        } catch (RuntimeException | AssertionError e) {
            AssertionError violation = new AssertionError(each + ": " + e.getMessage(), e);
            violations.add(violation);
            if (violations.size() == MAX_VIOLATIONS) {
                requireNoViolation();
            }
            return false;
        }
    }

    private void requireNoViolation() {
        violations.forEach(violation -> System.out.println(violation.getMessage()));
        if (!violations.isEmpty()) {
            throw violations.get(0);
        }
    }

    private List<Case> singles() {
        List<Case> singles = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            for (Fault fault : faults(scenario)) {
                singles.add(new Case(scenario, List.of(fault)));
            }
        }
        return singles;
    }

    /** The same with one more fault, in what is done after the first; empty if nothing is. */
    private Optional<Case> worse(Case single, List<Faults.Call> afterwards) {
        if (afterwards.isEmpty()) {
            return Optional.empty();
        }
        Faults.Call call = oneOf(afterwards);
        Fault second =
                new Fault(call.kind(), call.nth(), oneOf(Fault.failuresOf(call.kind())), oneOf(List.of(Span.values())));
        return Optional.of(new Case(single.scenario(), List.of(single.faults().get(0), second)));
    }

    private <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Every single fault that an operation can meet. */
    private List<Fault> faults(Scenario scenario) {
        List<Fault> faults = new ArrayList<>();
        new TreeMap<>(calls(scenario)).forEach((call, count) -> {
            for (int nth = 1; nth <= count; nth++) {
                for (Failure failure : Fault.failuresOf(call)) {
                    for (Span span : Fault.spansOf(call)) {
                        faults.add(new Fault(call, nth, failure, span));
                    }
                }
            }
        });
        return faults;
    }

    /** What an operation calls, and how often, when all is well. */
    private Map<String, Integer> calls(Scenario scenario) {
        Path root = folder.resolve("world" + worlds++);
        World world = World.onHeap(root);
        Attempts attempts = new Attempts(world);
        Runnable operation = scenario.prepare(attempts);
        attempts.begin(List.of());
        operation.run();
        Map<String, Integer> calls = world.faults.end();
        attempts.check();
        World.deleteTree(root);
        return calls;
    }
}
