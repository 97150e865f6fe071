package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.jdbi.Database;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** One set of data, the servers on it, and what they have promised. */
final class Trial implements AutoCloseable {
    /** Whom the first token stands for. */
    private static final String OWNER = "admin";

    /** Rounds between two checks that leave nothing out. */
    private static final int THOROUGH = 8;

    private final String name;
    private final Path folder;
    private final String archive;
    private final Map<String, String> flags;
    private final long seed = Long.getLong("docs.crash.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Ledger ledger = new Ledger();
    private final List<ServerProcess> servers = new ArrayList<>();
    private final Client client;
    private final Invariants invariants;
    private int rounds;
    private int kills;
    private String last = "none";

    /**
     * Starts a first server on nothing, and stops it again.
     *
     * @param folder for logs
     * @param data empty or not there
     * @param archive name for the classes that servers of this kind load
     * @param database flags that choose the database
     */
    Trial(String name, Path folder, Path data, String archive, Map<String, String> database)
            throws InterruptedException {
        this.name = name;
        this.folder = folder;
        this.archive = archive;
        flags = new HashMap<>(database);
        flags.put("--data", data.toString());
        System.out.println(this);
        ServerProcess first = startServer(null);
        client = new Client(first.token());
        invariants = new Invariants(client, ledger, data.resolve("files"));
        if (!ServerImage.hasArchive(archive)) {
            Load load = load();
            load.awaitAcknowledged(40);
            load.end();
        }
        servers.remove(first);
        first.stop();
    }

    Random random() {
        return random;
    }

    Load load() {
        return Load.start(
                client, ledger, servers.stream().map(ServerProcess::address).toList(), random);
    }

    /** Starts as many as are missing. */
    void startServers(int number) {
        while (servers.size() < number) {
            startServer(null);
        }
    }

    /** Starts one that is to die at a point, once it is armed. */
    ServerProcess startServer(@Nullable KillPoint point) {
        int passage = point == null ? 1 : 1 + random.nextInt(point.passages());
        ServerProcess server = ServerProcess.start(folder, archive, flags, point, passage);
        servers.add(server);
        return server;
    }

    /** The load lets this one pass its point until it dies there. */
    void killAtPoint(ServerProcess server, Load load) throws InterruptedException {
        server.arm();
        try {
            load.await(() -> !server.isAlive());
        } catch (ConditionTimeoutException e) {
            throw new Violation("%s: nobody came by %s".formatted(this, server), e);
        }
        killedAtPoint(server);
    }

    /** It dies at its point without any load. */
    void killedAtPoint(ServerProcess server) {
        server.requireHit();
        servers.remove(server);
        killed("at " + server);
    }

    /** Kills one of those that listen. */
    void killServer() {
        ServerProcess server = servers.remove(random.nextInt(servers.size()));
        server.address();
        server.kill();
        killed("at random");
    }

    void kill(PostgresProcess postgres) {
        postgres.kill();
        killed("PostgreSQL");
    }

    private void killed(String how) {
        kills++;
        last = how;
    }

    /** A number of acknowledgements, after which something is to die. */
    int some() {
        return 1 + random.nextInt(40);
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** Checks what a running server shows, now and then everything. No request may be under way. */
    void check() throws InterruptedException {
        check(rounds++ % THOROUGH == 0);
    }

    private void check(boolean everything) throws InterruptedException {
        URI server = servers.get(0).address();
        try {
            if (everything) {
                invariants.check(server);
            } else {
                invariants.checkChanged(server);
            }
        } catch (AssertionError e) {
            throw new Violation("%s, after %d kills, the last %s: %s".formatted(this, kills, last, e.getMessage()), e);
        }
    }

    /** Checks everything, waits for the answers that are missing, stops, and checks what is left. */
    void end(Supplier<Database> open) throws InterruptedException {
        startServers(1);
        check(true);
        Load load = load();
        load.await(ledger::isAllAnswered);
        load.end();
        check(true);
        servers.forEach(ServerProcess::stop);
        try (Database database = open.get()) {
            invariants.checkAtRest(database, OWNER);
        }
        assertThat(ledger.acknowledged()).isPositive();
        System.out.printf("%s: %d rounds, %d kills, %s, 0 bad states%n", this, rounds, kills, ledger);
    }

    @Override
    public void close() {
        servers.forEach(ServerProcess::close);
    }

    @Override
    public String toString() {
        return name + ", seed " + seed;
    }
}
