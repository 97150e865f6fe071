package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.jdbi.Database;

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

    private final String name;
    private final Path folder;
    private final Map<String, String> flags;
    private final long seed = Long.getLong("docs.crash.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Ledger ledger = new Ledger();
    private final List<ServerProcess> servers = new ArrayList<>();
    private final Client client;
    private final Invariants invariants;
    private int kills;

    /**
     * Starts the first server on nothing.
     *
     * @param folder empty
     * @param database flags that choose the database
     */
    Trial(String name, Path folder, Map<String, String> database) {
        this.name = name;
        this.folder = folder;
        flags = new HashMap<>(database);
        flags.put("--data", folder.resolve("data").toString());
        ServerProcess first = ServerProcess.start(folder, flags);
        servers.add(first);
        client = new Client(first.token());
        invariants = new Invariants(client, ledger, folder.resolve("data/files"));
        System.out.println(this);
    }

    Load load() {
        return Load.start(
                client, ledger, servers.stream().map(ServerProcess::address).toList(), random);
    }

    void startServer() {
        servers.add(ServerProcess.start(folder, flags));
    }

    /** Kills one of those that listen. */
    void killServer() {
        ServerProcess server = servers.remove(random.nextInt(servers.size()));
        server.address();
        server.kill();
        kills++;
    }

    void kill(PostgresProcess postgres) {
        postgres.kill();
        kills++;
    }

    /** A number of acknowledgements, after which something is to die. */
    int some() {
        return 1 + random.nextInt(200);
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** Checks everything that a running server shows. No request may be under way. */
    void check() throws InterruptedException {
        try {
            invariants.check(servers.get(0).address());
        } catch (AssertionError e) {
            throw new Violation("%s, after %d kills: %s".formatted(this, kills, e.getMessage()), e);
        }
    }

    /** Stops, and checks what is left. */
    void end(Supplier<Database> open) {
        servers.forEach(ServerProcess::stop);
        try (Database database = open.get()) {
            invariants.checkAtRest(database, OWNER);
        }
        assertThat(ledger.acknowledged()).isPositive();
        System.out.printf("%s: %d kills, %s, no bad state%n", this, kills, ledger);
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
