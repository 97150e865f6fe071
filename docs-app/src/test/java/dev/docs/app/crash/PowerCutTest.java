package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.docs.adapter.jdbi.Database;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.Map;

/** The disk loses everything that was not synced, in the middle of work: nothing acknowledged is among it. */
@Tag("crash")
class PowerCutTest {
    private static final int CUTS = Integer.getInteger("docs.power-cuts", 0);

    /** So many take something from a server that does not sync. */
    private static final int MANY = 5;

    @TempDir
    Path folder;

    @BeforeEach
    void requireDisks() {
        assumeTrue(CUTS > 0, "power cuts only with -Ddocs.power-cuts=N");
        assumeTrue(Disk.isPossible(), "power cuts need Linux, root, e2fsprogs and xfsprogs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs"})
    void h2_and_files_survive_power_cuts(String fileSystem) throws Exception {
        try (Disk disk = Disk.make(folder, fileSystem);
                Trial trial = trial("Power cuts on " + fileSystem, disk, "power-loss")) {
            cutAgainAndAgain(trial, disk, CUTS);
            trial.end(() -> Database.h2(disk.folder().resolve("data/docs"), Durability.POWER_LOSS));
        }
    }

    /** Otherwise the test above would prove nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs"})
    void a_server_that_does_not_sync_loses_what_it_acknowledged(String fileSystem) throws Exception {
        try (Disk disk = Disk.make(folder, fileSystem);
                Trial trial = trial("Power cuts unsynced on " + fileSystem, disk, "process")) {
            assertThatThrownBy(() -> {
                        cutAgainAndAgain(trial, disk, MANY);
                        trial.end(() -> Database.h2(disk.folder().resolve("data/docs"), Durability.PROCESS));
                    })
                    .isInstanceOf(Violation.class);
        }
    }

    private Trial trial(String name, Disk disk, String durability) throws InterruptedException {
        return new Trial(name, folder, disk.folder().resolve("data"), "h2", Map.of("--durability", durability));
    }

    private static void cutAgainAndAgain(Trial trial, Disk disk, int cuts) throws InterruptedException {
        for (int cut = 0; cut < cuts; cut++) {
            trial.startServers(1);
            trial.check();
            Load load = trial.load();
            load.awaitAcknowledged(trial.some());
            load.distrust();
            disk.cut();
            trial.killServer();
            load.end();
            disk.replug();
        }
    }
}
