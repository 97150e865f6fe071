package dev.docs.bench;

import dev.docs.bench.Report.Target;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** From the launcher's start to the first answer on a database that is there, and what the server then keeps of the memory. */
final class Starts {
    private final Place place;
    private final Report report;
    private final Path launcher;

    Starts(Place place, Report report, Path launcher) {
        this.place = place;
        this.report = report;
        this.launcher = launcher;
    }

    void run() throws Exception {
        Path folder = place.folder("docs-start");
        // the first start makes the database, the second may still make what later ones start from
        start(folder);
        start(folder);
        Rounds rounds = new Rounds().side("Docs", () -> start(folder));
        report.add(
                "start to first answer",
                "H2, the launcher",
                rounds.run(place.rounds()),
                "Docs",
                null,
                Map.of("seconds", Target.atMost(1.2), "idle RSS MiB", Target.atMost(160)));
    }

    private Map<String, Double> start(Path folder) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
                        launcher.toString(),
                        "serve",
                        "--port",
                        "" + port,
                        "--data",
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().keySet().removeIf(name -> name.startsWith("DOCS_"));
        // JAVA_HOME/bin/java
        Path home = place.java().getParent() == null
                ? null
                : place.java().getParent().getParent();
        if (home != null) {
            builder.environment().put("JAVA_HOME", home.toString());
        }
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            Map<String, Double> figures = new LinkedHashMap<>();
            while (!answers(port)) {
                if (!process.isAlive()) {
                    throw new IOException("the server ended: " + Files.readString(folder.resolve("out.txt")));
                }
                Thread.sleep(5);
            }
            figures.put("seconds", (System.nanoTime() - start) / 1e9);
            figures.put("CPU s", Proc.cpuSeconds(process.toHandle()));
            Thread.sleep(5000);
            figures.put("idle RSS MiB", Proc.rssBytes(process.toHandle()) / (double) (1 << 20));
            return figures;
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static boolean answers(int port) {
        try (Client client = new Client(port)) {
            client.exchange(Client.head("GET /health/ready", ""), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
