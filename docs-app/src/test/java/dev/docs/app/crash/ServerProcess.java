package dev.docs.app.crash;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real server in a Java process of its own, which can be killed. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Pattern LISTENS = Pattern.compile("Docs listens on (http://\\S+)\\R");
    private static final Pattern TOKEN = Pattern.compile("docs_[A-Za-z0-9_-]{43}(?=\\R)");

    private final Process process;
    private final Path out;
    private final Path log;
    private final Path armed;
    private final @Nullable KillPoint point;

    private ServerProcess(Process process, Path out, Path log, Path armed, @Nullable KillPoint point) {
        this.process = process;
        this.out = out;
        this.log = log;
        this.armed = armed;
        this.point = point;
    }

    /**
     * Starts a server, and does not wait for it.
     *
     * @param logs folder for what it prints; the log of all servers started with it is in {@code log.txt}
     * @param archive name of an archive of loaded classes
     * @param flags such as {@code --data}; those for short leases, sweeps and graces are added unless they are there
     * @param point where it is to die once {@link #arm armed}, or while it starts; null for nowhere
     * @param passage at which time of passing there
     */
    static ServerProcess start(
            Path logs, String archive, Map<String, String> flags, @Nullable KillPoint point, int passage) {
        return start(logs, archive, flags, List.of(), point, passage);
    }

    /**
     * Starts a server that does not die by itself.
     *
     * @param wrapper a command that runs the one after it in its own place
     */
    static ServerProcess start(Path logs, String archive, Map<String, String> flags, List<String> wrapper) {
        return start(logs, archive, flags, wrapper, null, 0);
    }

    private static ServerProcess start(
            Path logs,
            String archive,
            Map<String, String> flags,
            List<String> wrapper,
            @Nullable KillPoint point,
            int passage) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // starts quickly, and shows that little memory is enough
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(ServerImage.options(archive));
        Path armed = logs.resolve("armed-" + UUID.randomUUID());
        if (point != null) {
            command.add("-D" + KillSwitch.POINT + "=" + point);
            command.add("-D" + KillSwitch.PASSAGE + "=" + passage);
            command.add("-D" + KillSwitch.ARMED + "=" + armed);
        }
        command.addAll(List.of("dev.docs.app.Main", "serve"));
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "--port", "0",
                "--upload-lease", "1s",
                "--upload-expiry", "1s",
                "--sweep-interval", "1s",
                "--purge-grace", "0s",
                "--default-quota-bytes", Load.QUOTA + "",
                "--shutdown-timeout", "5s"));
        all.putAll(flags);
        all.forEach((flag, value) -> command.addAll(List.of(flag, value)));
        try {
            Path out = Files.createTempFile(logs, "server", ".out");
            Path log = logs.resolve("log.txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .redirectInput(new File("/dev/null"));
            builder.environment().keySet().removeIf(name -> name.startsWith("DOCS_"));
            ServerProcess server = new ServerProcess(builder.start(), out, log, armed, point);
            if (point != null && point.isPassedWhileStarting()) {
                server.arm();
            }
            return server;
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

    /** From now on passages of its point count. */
    void arm() {
        try {
            Files.createFile(armed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Throws unless its point is what it died of. */
    void requireHit() {
        awaitEnd();
        if (!Files.exists(KillSwitch.hit(armed))) {
            throw new Violation("the server ended, but not at " + point + ": " + log());
        }
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

    @Override
    public String toString() {
        return String.valueOf(point);
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                throw new Violation("the server did not end within 3 minutes");
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
                                    throw new Violation("the server ended by itself: " + log());
                                }
                                return found ? matcher.group(group) : "";
                            },
                            found -> !found.isEmpty());
        } catch (RuntimeException | Violation e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
