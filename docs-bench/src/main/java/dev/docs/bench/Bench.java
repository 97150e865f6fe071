package dev.docs.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** {@code quick|full [measurement...]}: measures, and writes what it found to a folder of the day. */
public final class Bench {
    static final List<String> ALL =
            List.of("small-up", "small-down", "large", "ten-gib", "list-postgres", "list-h2", "clients", "start");

    private Bench() {}

    /**
     * System properties: {@code docs.bench.jar} the server, {@code docs.bench.java} its runtime, {@code docs.bench.results}
     * where results go, {@code docs.bench.work} a folder on the disk that is to be measured.
     */
    public static void main(String[] arguments) throws Exception {
        boolean isFull = arguments.length > 0 && arguments[0].equals("full");
        List<String> words = Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
        Set<String> wanted = new TreeSet<>(words.isEmpty() ? ALL : words);
        if (!ALL.containsAll(wanted) || (arguments.length > 0 && !isFull && !arguments[0].equals("quick"))) {
            System.err.println("usage: run [quick|full] [" + String.join("|", ALL) + "]...");
            System.exit(2);
        }
        Path java = Path.of(System.getProperty("docs.bench.java", "java"));
        Path work = Files.createTempDirectory(
                Files.createDirectories(Path.of(System.getProperty("docs.bench.work", "target"))), "bench");
        Place place = Place.of(
                isFull ? Place.Extent.FULL : Place.Extent.QUICK,
                work,
                java,
                List.of("-jar", System.getProperty("docs.bench.jar", "docs.jar")));
        Report report = new Report(machine(java, isFull ? "full" : "quick"));
        try {
            measure(place, report, wanted);
        } finally {
            String date = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT)
                    .format(LocalDateTime.now(Clock.system(ZoneOffset.UTC)));
            Path results = Path.of(System.getProperty("docs.bench.results", "results"), date);
            report.write(results);
            System.out.println("written to " + results);
            Place.remove(work);
        }
    }

    static void measure(Place place, Report report, Set<String> wanted) throws Exception {
        if (wanted.contains("clients")) {
            new Clients(place, report).run();
        }
        String launcher = System.getProperty("docs.bench.launcher");
        if (wanted.contains("start") && launcher != null) {
            new Starts(place, report, Path.of(launcher)).run();
        }
        if (wanted.contains("list-h2")) {
            new Listing(place, report).onH2(place.isSmoke() ? new int[] {200, 400} : sizes(place, 100_000, 1_000_000));
        }
        if (wanted.contains("list-postgres") && !place.isSmoke()) {
            try (Postgres postgres = Postgres.start(place.folder("postgres"))) {
                new Listing(place, report).onPostgres(postgres, sizes(place, 1_000_000, 10_000_000));
            }
        }
        boolean up = wanted.contains("small-up");
        boolean down = wanted.contains("small-down");
        try (Nginx nginx = nginx(place)) {
            if (nginx != null && wanted.contains("large")) {
                new LargeFiles(place, report, nginx).oneGib();
            }
            if (nginx != null && wanted.contains("ten-gib") && !place.isQuick()) {
                new LargeFiles(place, report, nginx).tenGib();
            }
            if (up || down) {
                if (!place.isSmoke()) {
                    try (Postgres postgres = Postgres.start(place.folder("postgres"))) {
                        new SmallFiles(place, report, nginx).onPostgres(postgres, up, down);
                    }
                }
                new SmallFiles(place, report, nginx).onH2(up, down);
            }
        }
    }

    /** A quick run shows two sizes, a full one all up to the largest. */
    private static int[] sizes(Place place, int quick, int full) {
        return IntStream.of(10_000, 100_000, 1_000_000, 10_000_000)
                .filter(size -> place.isFull() ? size <= full : size == 10_000 || size == quick)
                .toArray();
    }

    private static @Nullable Nginx nginx(Place place) throws IOException, InterruptedException {
        if (!Nginx.isThere()) {
            System.err.println("there is no nginx to compare with: apt-get install nginx");
            return null;
        }
        return Nginx.start(place.folder("nginx"));
    }

    /** What figures depend on, and nothing that says whose machine it is. */
    private static Map<String, String> machine(Path java, String extent) throws Exception {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("run", extent);
        machine.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\D", "");
        machine.put("memory", Long.parseLong(memory) / (1 << 20) + " GiB");
        machine.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        Process version = new ProcessBuilder(java.toString(), "-version")
                .redirectErrorStream(true)
                .start();
        machine.put(
                "server's Java",
                new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElse(""));
        machine.put("load before", Files.readString(Path.of("/proc/loadavg")).replaceAll("( \\S+){2}\\s*$", ""));
        return machine;
    }
}
