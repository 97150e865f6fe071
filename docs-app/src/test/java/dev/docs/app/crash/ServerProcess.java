package dev.docs.app.crash;

import org.awaitility.Awaitility;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real server in a Java process of its own, which can be killed. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Pattern LISTENS = Pattern.compile("Docs listens on (http://\\S+)\\R");
    private static final Pattern TOKEN = Pattern.compile("docs_[A-Za-z0-9_-]{43}(?=\\R)");

    private final Process process;
    private final Path out;
    private final Path log;

    private ServerProcess(Process process, Path out, Path log) {
        this.process = process;
        this.out = out;
        this.log = log;
    }

    /**
     * Starts a server, and does not wait for it.
     *
     * @param logs folder for what it prints; the log of all servers started with it is in {@code log.txt}
     * @param flags such as {@code --data}; those for short leases, sweeps and graces are added
     */
    static ServerProcess start(Path logs, Map<String, String> flags) {
        return start(logs, flags, List.of());
    }

    /** @param wrapper a command that runs the one after it in its own place */
    static ServerProcess start(Path logs, Map<String, String> flags, List<String> wrapper) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // starts quickly, and shows that little memory is enough
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.docs.app.Main",
                "serve"));
        Map.of(
                        "--port", "0",
                        "--upload-lease", "1s",
                        "--upload-expiry", "2s",
                        "--sweep-interval", "1s",
                        "--purge-grace", "0s",
                        "--shutdown-timeout", "5s")
                .forEach((flag, value) -> command.addAll(List.of(flag, value)));
        flags.forEach((flag, value) -> command.addAll(List.of(flag, value)));
        try {
            Path out = Files.createTempFile(logs, "server", ".out");
            Path log = logs.resolve("log.txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .redirectInput(new File("/dev/null"));
            builder.environment().keySet().removeIf(name -> name.startsWith("DOCS_"));
            return new ServerProcess(builder.start(), out, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens, as soon as it does. */
    URI address() {
        return URI.create(await(LISTENS, 1));
    }

    /** The first administrator's token, which only the first start on a database shows. */
    String token() {
        return await(TOKEN, 0);
    }

    long id() {
        return process.pid();
    }

    /** SIGKILL: nothing in the process learns of it. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM: requests under way may end. */
    void stop() {
        process.destroy();
        awaitEnd();
    }

    @Override
    public void close() {
        kill();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new Violation("the server did not end within 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String await(Pattern pattern, int group) {
        try {
            return Awaitility.await()
                    .atMost(START)
                    .pollInterval(Duration.ofMillis(10))
                    .until(
                            () -> {
                                Matcher matcher = pattern.matcher(Files.readString(out));
                                boolean found = matcher.find();
                                if (!found && !process.isAlive()) {
                                    throw new Violation("the server ended by itself: " + Files.readString(log));
                                }
                                return found ? matcher.group(group) : "";
                            },
                            found -> !found.isEmpty());
        } catch (RuntimeException | Violation e) {
            process.destroyForcibly();
            throw e;
        }
    }
}
