package dev.docs.app.crash;

import dev.docs.adapter.jdbi.Database;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whatever is killed, and whenever: nothing acknowledged is lost, nothing is half, nothing is left over. */
@Tag("crash")
class CrashTest {
    /** For each database; each kills once or more. */
    private static final int ROUNDS = Integer.getInteger("docs.crash.rounds", 30);

    private static final int FEW = Math.max(1, ROUNDS / 5);

    @TempDir
    Path folder;

    @Test
    void h2_survives_kills() throws Exception {
        h2(Durability.POWER_LOSS, "power-loss", all(point -> point.exists(true, true)), ROUNDS - FEW);
    }

    @Test
    void h2_that_is_to_survive_no_more_than_kills_does() throws Exception {
        h2(Durability.PROCESS, "process", List.of(), FEW);
    }

    private void h2(Durability durability, String setting, List<KillPoint> points, int rounds) throws Exception {
        Path data = folder.resolve("data");
        try (Trial trial = new Trial("H2 for " + setting, folder, data, "h2", Map.of("--durability", setting))) {
            killAgainAndAgain(trial, points, rounds);
            trial.end(() -> Database.h2(data.resolve("docs"), durability));
        }
    }

    @Test
    void postgresql_survives_kills() throws Exception {
        try (PostgresProcess postgres = PostgresProcess.start(folder);
                Trial trial = onPostgresql("PostgreSQL", postgres)) {
            killAgainAndAgain(trial, all(point -> point.exists(false, true)), ROUNDS - FEW);
            trial.end(postgres::open);
        }
    }

    private Trial onPostgresql(String name, PostgresProcess postgres) throws InterruptedException {
        return new Trial(name, folder, folder.resolve("server"), "postgresql", postgres.flags());
    }

    private static void killAgainAndAgain(Trial trial, List<KillPoint> points, int rounds) throws InterruptedException {
        for (Optional<KillPoint> point : plan(trial, points, rounds)) {
            ServerProcess server = trial.startServer(point.orElse(null));
            if (point.isPresent() && point.get().isPassedWhileStarting()) {
                trial.killedAtPoint(server);
                trial.startServers(1);
            }
            if (point.isEmpty() && trial.oneIn(4)) {
                // while it recovers
                trial.killServer();
                trial.startServers(1);
            }
            trial.check();
            Load load = trial.load();
            if (server.isAlive() && point.isPresent()) {
                trial.killAtPoint(server, load);
            } else {
                load.awaitAcknowledged(trial.some());
                trial.killServer();
            }
            load.end();
        }
    }

    /** Half of the rounds go through the points, or as many of them as there are such rounds; the others kill at random. */
    private static List<Optional<KillPoint>> plan(Trial trial, List<KillPoint> points, int rounds) {
        List<Optional<KillPoint>> plan = new ArrayList<>();
        List<KillPoint> shuffled = new ArrayList<>(points);
        Collections.shuffle(shuffled, trial.random());
        while (!points.isEmpty() && plan.size() < (rounds + 1) / 2) {
            plan.add(Optional.of(shuffled.get(plan.size() % points.size())));
        }
        while (plan.size() < rounds) {
            plan.add(Optional.empty());
        }
        Collections.shuffle(plan, trial.random());
        return plan;
    }

    private static List<KillPoint> all(Predicate<KillPoint> which) {
        return Stream.of(KillPoint.values()).filter(which).toList();
    }

    @Test
    void two_servers_survive_kills_of_their_postgresql_and_of_each_other() throws Exception {
        List<KillPoint> points = all(point -> point.exists(false, true) && !point.isPassedWhileStarting());
        try (PostgresProcess postgres = PostgresProcess.start(folder);
                Trial trial = onPostgresql("PostgreSQL and two servers", postgres)) {
            for (int round = 0; round < FEW; round++) {
                ServerProcess server =
                        trial.startServer(points.get(trial.random().nextInt(points.size())));
                trial.startServers(2);
                trial.check();
                Load load = trial.load();
                trial.killAtPoint(server, load);
                load.awaitAcknowledged(trial.some());
                if (trial.oneIn(2)) {
                    trial.kill(postgres);
                    postgres.restart();
                    load.awaitAcknowledged(trial.some());
                }
                if (trial.oneIn(2)) {
                    trial.killServer();
                }
                load.end();
            }
            trial.end(postgres::open);
        }
    }
}
