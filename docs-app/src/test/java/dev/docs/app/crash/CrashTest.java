package dev.docs.app.crash;

import dev.docs.adapter.jdbi.Database;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

/** Whatever is killed, and whenever: nothing acknowledged is lost, nothing is half, nothing is left over. */
@Tag("crash")
class CrashTest {
    /** Each kills once or more. */
    private static final int ROUNDS = Integer.getInteger("docs.crash.rounds", 6);

    private static final int FEW = Math.max(1, ROUNDS / 4);

    @TempDir
    Path folder;

    @Test
    void h2_survives_kills() throws Exception {
        h2(Durability.POWER_LOSS, "power-loss", ROUNDS);
    }

    @Test
    void h2_that_is_to_survive_no_more_than_kills_does() throws Exception {
        h2(Durability.PROCESS, "process", 1 + FEW);
    }

    private void h2(Durability durability, String setting, int rounds) throws Exception {
        try (Trial trial = new Trial("H2 for " + setting, folder, Map.of("--durability", setting))) {
            killAgainAndAgain(trial, rounds);
            trial.end(() -> Database.h2(folder.resolve("data/docs"), durability));
        }
    }

    @Test
    void postgresql_survives_kills() throws Exception {
        try (PostgresProcess postgres = PostgresProcess.start(folder);
                Trial trial = new Trial("PostgreSQL", folder, postgres.flags())) {
            killAgainAndAgain(trial, ROUNDS);
            trial.end(postgres::open);
        }
    }

    private static void killAgainAndAgain(Trial trial, int rounds) throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            Load load = trial.load();
            load.awaitAcknowledged(trial.some());
            trial.killServer();
            load.end();
            trial.startServer();
            if (trial.oneIn(4)) {
                // while it recovers
                trial.killServer();
                trial.startServer();
            }
            trial.check();
        }
    }

    @Test
    void two_servers_survive_kills_of_their_postgresql_and_of_each_other() throws Exception {
        try (PostgresProcess postgres = PostgresProcess.start(folder);
                Trial trial = new Trial("PostgreSQL and two servers", folder, postgres.flags())) {
            trial.startServer();
            for (int round = 0; round < FEW; round++) {
                Load load = trial.load();
                load.awaitAcknowledged(trial.some());
                trial.kill(postgres);
                postgres.restart();
                load.awaitAcknowledged(trial.some());
                trial.killServer();
                load.awaitAcknowledged(trial.some());
                trial.killServer();
                load.end();
                trial.startServer();
                trial.startServer();
                trial.check();
            }
            trial.end(postgres::open);
        }
    }
}
