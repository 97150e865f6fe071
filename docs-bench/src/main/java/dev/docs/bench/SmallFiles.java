package dev.docs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.bench.Report.Target;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Documents of 10 KiB, up beside a bare insert of the same rows, and down beside nginx. Each client is a user of its own, if not said otherwise. */
final class SmallFiles {
    private static final int BYTES = 10 << 10;
    private static final int DOWNLOADED = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Place place;
    private final Report report;
    private final @Nullable Nginx nginx;
    private final byte[] content = new byte[BYTES];
    private final int[] clients;

    SmallFiles(Place place, Report report, @Nullable Nginx nginx) {
        this.place = place;
        this.report = report;
        this.nginx = nginx;
        this.clients = place.isSmoke() ? new int[] {2} : new int[] {1, 16, 64};
        new Random(1).nextBytes(content);
    }

    void onPostgres(Postgres postgres, boolean up, boolean down) throws Exception {
        BareJdbc bare = BareJdbc.postgresql(postgres.create("bare"));
        Map<String, String> flags = Postgres.flags(postgres.create("docs"));
        run("PostgreSQL", place.folder("docs-postgres"), flags, bare, postgres.handle(), up, down);
    }

    void onH2(boolean up, boolean down) throws Exception {
        BareJdbc bare = BareJdbc.h2(place.folder("bare-h2").resolve("docs"));
        run("H2", place.folder("docs-h2"), Map.of(), bare, null, up, down);
    }

    private void run(
            String database,
            Path folder,
            Map<String, String> flags,
            BareJdbc bare,
            @Nullable ProcessHandle databaseProcess,
            boolean up,
            boolean down)
            throws Exception {
        try (DocsProcess docs = DocsProcess.start(place, folder, List.of(), flags)) {
            List<String> tokens = new ArrayList<>();
            for (int i = 0; i < clients[clients.length - 1]; i++) {
                tokens.add(docs.token("user-" + i));
                bare.owner("user-" + i);
            }
            for (int count : up ? clients : new int[0]) {
                upload(database, docs, bare, databaseProcess, tokens.subList(0, count), false);
                if (count == 16) {
                    upload(database, docs, bare, databaseProcess, Collections.nCopies(count, tokens.get(0)), true);
                }
            }
            if (down) {
                download(database, docs, databaseProcess, tokens.get(0));
            }
        }
    }

    private void upload(
            String database,
            DocsProcess docs,
            BareJdbc bare,
            @Nullable ProcessHandle databaseProcess,
            List<String> tokens,
            boolean ofOneUser)
            throws Exception {
        Rounds.Side product = () -> {
            List<Load.Worker> workers = new ArrayList<>();
            for (String token : tokens) {
                workers.add(
                        new Uploader(new Client(docs.port()), DocsProcess.upload(token, "report.bin", content), 201));
            }
            return timed(workers, place.round(), docs.handle(), databaseProcess);
        };
        Rounds.Side yardstick = () -> {
            List<Load.Worker> workers = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                workers.add(bare.writer(ofOneUser ? "user-0" : "user-" + i, content));
            }
            return timed(workers, place.round(), ProcessHandle.current(), databaseProcess);
        };
        Rounds rounds = new Rounds().side("Docs", product).side("bare JDBC", yardstick);
        warm(product);
        boolean isJudged = tokens.size() == 16;
        boolean isPostgres = databaseProcess != null;
        report.add(
                "small upload",
                tokens.size() + (ofOneUser ? " clients of one user, " : " clients, ") + database,
                rounds.run(place.rounds()),
                "Docs",
                "bare JDBC",
                !isJudged
                        ? Map.of()
                        : isPostgres
                                ? Map.of(
                                        "documents/s", Target.ratioAtLeast(0.8),
                                        "CPU ms each", Target.atMost(0.6))
                                : Map.of("documents/s", Target.ratioAtLeast(0.7)));
    }

    /** Lets the server work until its compiler has seen enough, or 20 seconds are over. */
    private void warm(Rounds.Side product) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        double answered = 0;
        while (answered < place.warmUp() && System.nanoTime() < end) {
            answered += product.measure().getOrDefault("documents/s", 0.0)
                    * place.round().toMillis()
                    / 1000;
        }
    }

    private void download(String database, DocsProcess docs, @Nullable ProcessHandle databaseProcess, String token)
            throws Exception {
        List<byte[]> ours = new ArrayList<>();
        List<byte[]> theirs = new ArrayList<>();
        int count = place.isSmoke() ? 5 : DOWNLOADED;
        try (Client client = new Client(docs.port())) {
            for (int i = 0; i < count; i++) {
                content[0] = (byte) i;
                JsonNode made = JSON.readTree(client.ask(DocsProcess.upload(token, i + ".bin", content), 201));
                ours.add(Client.head("GET /v1/documents/" + made.get("id").asText() + "/content", token));
                if (nginx != null) {
                    Files.write(nginx.root().resolve(i + ".bin"), content);
                    theirs.add(Client.head("GET /" + i + ".bin", ""));
                }
            }
        }
        for (int many : clients) {
            Rounds.Side product =
                    () -> timed(readers(docs.port(), ours, many), place.round(), docs.handle(), databaseProcess);
            Rounds rounds = new Rounds().side("Docs", product);
            if (nginx == null) {
                report.add(
                        "small download",
                        many + " clients, " + database,
                        rounds.run(place.rounds()),
                        "Docs",
                        null,
                        Map.of());
                continue;
            }
            Nginx other = nginx;
            Rounds.Side yardstick =
                    () -> timed(readers(other.port(), theirs, many), place.round(), other.handle(), null);
            warm(product);
            report.add(
                    "small download",
                    many + " clients, " + database,
                    rounds.side("nginx", yardstick).run(place.rounds()),
                    "Docs",
                    "nginx",
                    many == 16 ? Map.of("CPU ms each", Target.ratioAtMost(4)) : Map.of());
        }
    }

    private static List<Load.Worker> readers(int port, List<byte[]> requests, int many) throws Exception {
        List<Load.Worker> workers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            workers.add(new Reader(new Client(port), requests, i * 31));
        }
        return workers;
    }

    /** Runs workers and asks how much of the CPU a process, the database's and this one had meanwhile. */
    static Map<String, Double> timed(
            List<? extends Load.Worker> workers,
            Duration time,
            ProcessHandle process,
            @Nullable ProcessHandle databaseProcess)
            throws Exception {
        boolean own = process.equals(ProcessHandle.current());
        double before = own ? Proc.ownCpuSeconds() : Proc.cpuSeconds(process);
        double databaseBefore = databaseProcess == null ? 0 : Proc.cpuSeconds(databaseProcess);
        double ownBefore = Proc.ownCpuSeconds();
        Load.Done done = Load.run(workers, time);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("documents/s", done.perSecond());
        figures.put(
                "CPU ms each",
                1000 * ((own ? Proc.ownCpuSeconds() : Proc.cpuSeconds(process)) - before) / done.count());
        if (databaseProcess != null) {
            figures.put(
                    "database CPU ms each", 1000 * (Proc.cpuSeconds(databaseProcess) - databaseBefore) / done.count());
        }
        figures.put("p50 ms", done.millis(50));
        figures.put("p99 ms", done.millis(99));
        if (!own) {
            figures.put("load's CPU ms each", 1000 * (Proc.ownCpuSeconds() - ownBefore) / done.count());
        }
        return figures;
    }

    /** The same request again and again, with another content each time. */
    private static final class Uploader implements Load.Worker {
        private static final int BEHIND_CONTENT = "\r\n--b--\r\n".length();

        private final Client client;
        private final byte[] request;
        private final int expected;
        private long count = System.nanoTime();

        Uploader(Client client, byte[] request, int expected) {
            this.client = client;
            this.request = request;
            this.expected = expected;
        }

        @Override
        public void once() throws Exception {
            count++;
            for (int i = 0; i < Long.BYTES; i++) {
                request[request.length - BEHIND_CONTENT - 1 - i] = (byte) (count >> (8 * i));
            }
            client.exchange(request, expected);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private static final class Reader implements Load.Worker {
        private final Client client;
        private final List<byte[]> requests;
        private int next;

        Reader(Client client, List<byte[]> requests, int next) {
            this.client = client;
            this.requests = requests;
            this.next = next;
        }

        @Override
        public void once() throws Exception {
            client.exchange(requests.get(next++ % requests.size()), 200);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
