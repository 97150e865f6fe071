package dev.docs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.bench.Report.Target;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** One large document: up, down, in ranges, and as a zip file. */
final class LargeFiles {
    private static final long GIB = 1L << 30;
    private static final int RANGE = 64 << 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Place place;
    private final Report report;
    private final Nginx nginx;
    private final byte[] buffer = new byte[256 << 10];

    LargeFiles(Place place, Report report, Nginx nginx) {
        this.place = place;
        this.report = report;
        this.nginx = nginx;
        new Random(2).nextBytes(buffer);
    }

    void oneGib() throws Exception {
        long bytes = place.isSmoke() ? 4 << 20 : GIB;
        try (DocsProcess docs = DocsProcess.start(place, place.folder("docs-large"), List.of(), Map.of());
                DocsProcess trusting = DocsProcess.start(
                        place, place.folder("docs-trusting"), List.of(), Map.of("--verify-downloads", "false"))) {
            Map<String, String> last = new HashMap<>();
            Rounds up = new Rounds()
                    .side("Docs", () -> {
                        last.put("docs", upload(docs, bytes));
                        return measured;
                    })
                    .side("nginx PUT + SHA-256 + fsync", () -> putHashedAndSynced(bytes));
            upload(docs, bytes / 8);
            up.run(place.rounds());
            report.add(
                    "1 GiB upload",
                    "H2, files",
                    up,
                    "Docs",
                    "nginx PUT + SHA-256 + fsync",
                    Map.of("seconds", Target.ratioAtMost(1.2), "CPU s", Target.ratioAtMost(1.2)));
            String path = "GET /v1/documents/" + last.get("docs") + "/content";
            String other = "GET /v1/documents/" + upload(trusting, bytes) + "/content";
            byte[] theirs = Client.head("GET /large.bin", "");
            Rounds down = new Rounds()
                    .side("Docs", () -> download(docs, Client.head(path, docs.admin()), bytes))
                    .side("not verified", () -> download(trusting, Client.head(other, trusting.admin()), bytes))
                    .side("nginx", () -> download(nginx.port(), nginx.handle(), null, theirs, bytes));
            down.run(1);
            down.forget();
            down.run(place.rounds());
            Map<String, Target> targets = Map.of("seconds", Target.ratioAtMost(1.1), "CPU s", Target.ratioAtMost(1.5));
            report.add("1 GiB download", "verified against its digest (default)", down, "Docs", "nginx", targets);
            report.add("1 GiB download", "not verified", down, "not verified", "nginx", targets);
            ranges(docs, path, bytes);
        }
    }

    private void ranges(DocsProcess docs, String path, long bytes) throws Exception {
        Rounds rounds = new Rounds()
                .side(
                        "Docs",
                        () -> SmallFiles.timed(
                                rangeReaders(docs.port(), path, docs.admin(), bytes),
                                place.round(),
                                docs.handle(),
                                null))
                .side(
                        "nginx",
                        () -> SmallFiles.timed(
                                rangeReaders(nginx.port(), "GET /large.bin", "", bytes),
                                place.round(),
                                nginx.handle(),
                                null));
        rounds.run(place.isSmoke() ? 1 : 3);
        rounds.forget();
        rounds.run(place.rounds());
        report.add("range of 64 KiB", "16 clients", rounds, "Docs", "nginx", Map.of());
    }

    private static List<Load.Worker> rangeReaders(int port, String line, String token, long bytes) throws IOException {
        List<Load.Worker> workers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Client client = new Client(port);
            workers.add(new Load.Worker() {
                @Override
                public void once() throws IOException {
                    long from = ThreadLocalRandom.current().nextLong(bytes - RANGE);
                    client.exchange(Client.head(line, token, "Range: bytes=" + from + "-" + (from + RANGE - 1)), 206);
                }

                @Override
                public void close() throws IOException {
                    client.close();
                }
            });
        }
        return workers;
    }

    /** Memory does not grow with what passes: 10 GiB up, down and zipped with a heap of 64 MiB. */
    void tenGib() throws Exception {
        long bytes = place.isSmoke() ? 4 << 20 : 10 * GIB;
        try (DocsProcess docs = DocsProcess.start(
                place, place.folder("docs-ten"), List.of("-Xmx64m"), Map.of("--max-document-bytes", "11GiB"))) {
            String[] id = new String[1];
            once(docs, "10 GiB upload", () -> {
                id[0] = upload(docs, bytes);
                return measured;
            });
            once(
                    docs,
                    "10 GiB download",
                    () -> download(docs, Client.head("GET /v1/documents/" + id[0] + "/content", docs.admin()), bytes));
            once(
                    docs,
                    "10 GiB zip",
                    () -> download(
                            docs,
                            DocsProcess.post("/v1/bulk/zip", docs.admin(), Map.of("ids", List.of(id[0]))),
                            bytes));
        }
    }

    private void once(DocsProcess docs, String what, Rounds.Side side) throws Exception {
        Proc.forgetPeak(docs.handle());
        Rounds rounds = new Rounds().side("Docs", () -> {
            Map<String, Double> figures = new LinkedHashMap<>(side.measure());
            figures.put("peak heap MiB", docs.peakHeapMiB());
            figures.put("peak RSS MiB", Proc.peakRssBytes(docs.handle()) / (double) (1 << 20));
            return figures;
        });
        report.add(what, "-Xmx64m", rounds.run(1), "Docs", null, Map.of("peak heap MiB", Target.atMost(64)));
    }

    private Map<String, Double> measured = Map.of();

    /** Puts one document on record and its content behind it; returns its id. */
    private String upload(DocsProcess docs, long bytes) throws IOException {
        try (Client client = new Client(docs.port())) {
            String id = JSON.readTree(client.ask(
                            DocsProcess.post("/v1/documents", docs.admin(), Map.of("name", "large.bin")), 201))
                    .get("id")
                    .asText();
            double cpu = Proc.cpuSeconds(docs.handle());
            long start = System.nanoTime();
            byte[] head = Client.head(
                    "PUT /v1/documents/" + id + "/content",
                    docs.admin(),
                    "Content-Type: application/octet-stream",
                    "Content-Length: " + bytes);
            client.send(head, head.length);
            client.send(buffer, bytes);
            client.receive(201, false);
            measured = figures(bytes, start, Proc.cpuSeconds(docs.handle()) - cpu);
            return id;
        }
    }

    /** What an upload has to do, each by itself and one after another. */
    private Map<String, Double> putHashedAndSynced(long bytes) throws Exception {
        Files.deleteIfExists(nginx.root().resolve("large.bin"));
        double cpu = Proc.cpuSeconds(nginx.handle());
        long start = System.nanoTime();
        try (Client client = new Client(nginx.port())) {
            byte[] head = Client.head("PUT /large.bin", "", "Content-Length: " + bytes);
            client.send(head, head.length);
            client.send(buffer, bytes);
            client.receive(201, false);
        }
        double used = Proc.cpuSeconds(nginx.handle()) - cpu;
        double own = Proc.ownCpuSeconds();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (long left = bytes; left > 0; left -= buffer.length) {
            digest.update(buffer, 0, (int) Math.min(buffer.length, left));
        }
        digest.digest();
        Path file = nginx.root().resolve("large.bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return figures(bytes, start, used + Proc.ownCpuSeconds() - own);
    }

    private static Map<String, Double> download(DocsProcess docs, byte[] request, long bytes) throws IOException {
        return download(docs.port(), docs.handle(), docs, request, bytes);
    }

    private static Map<String, Double> download(
            int port, ProcessHandle process, @Nullable DocsProcess docs, byte[] request, long bytes)
            throws IOException {
        double cpu = Proc.cpuSeconds(process);
        long start = System.nanoTime();
        try (Client client = new Client(port)) {
            if (client.exchange(request, 200) < bytes) {
                throw new IOException("less came than was stored");
            }
        }
        Map<String, Double> figures = figures(bytes, start, Proc.cpuSeconds(process) - cpu);
        if (docs != null) {
            figures.put("RSS MiB", docs.rssMiB());
        }
        return figures;
    }

    private static Map<String, Double> figures(long bytes, long start, double cpu) {
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("seconds", seconds);
        figures.put("CPU s", cpu);
        figures.put("MB/s", bytes / 1e6 / seconds);
        return figures;
    }
}
