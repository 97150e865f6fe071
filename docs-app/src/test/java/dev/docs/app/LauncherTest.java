package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The script {@code docs} of a checkout, over a jar that leads to the classes of this build. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final int TERMINATED = 128 + 15;

    @TempDir
    Path folder;

    private Path checkout;
    private Path out;
    private Path err;

    @BeforeEach
    void checkOut() throws IOException {
        checkout = Files.createDirectories(folder.resolve("check out"));
        out = folder.resolve("out.txt");
        err = folder.resolve("err.txt");
        Files.copy(Path.of("..", "docs"), checkout.resolve("docs"));
        assertThat(checkout.resolve("docs").toFile().setExecutable(true)).isTrue();
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Path target = Files.createDirectories(checkout.resolve("docs-app").resolve("target"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.docs.app.Main");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        try (OutputStream file = Files.newOutputStream(target.resolve("docs.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
        Files.writeString(target.resolve("docs.built"), "");
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
    }

    @Test
    void serves_until_it_is_told_to_end() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("linked"), checkout.resolve("docs"));
        Path data = folder.resolve("data");
        Process serving = start(Map.of(), link, "serve", "--port", "0", "--auth", "none", "--data", data.toString());
        try {
            Pattern listens = Pattern.compile("listens on (\\S+)");
            String url = Awaitility.await()
                    .atMost(Duration.ofMinutes(5))
                    .until(
                            () -> {
                                assertThat(serving.isAlive()).as(said()).isTrue();
                                Matcher matcher = listens.matcher(Files.readString(out));
                                return matcher.find() ? matcher.group(1) : "";
                            },
                            found -> !found.isEmpty());
            URI live = URI.create(url + "/health/live");
            assertThat(HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(live).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);

            serving.destroy();

            assertThat(serving.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(serving.exitValue()).as(said()).isEqualTo(TERMINATED);
        } finally {
            serving.destroyForcibly();
        }
        // the signal has reached the server itself, so that it has let go of its database
        assertThat(run(Map.of(), "token", "create", "--user", "anna", "--data", data.toString()))
                .as(said())
                .isZero();
        assertThat(Files.readString(out)).containsPattern("^docs_[A-Za-z0-9_-]{43}\\s*$");
        assertThat(Files.readString(err)).isEmpty();
    }

    @Test
    void passes_on_what_is_wrong_with_a_command() throws Exception {
        assertThat(run(Map.of(), "serve", "--prot", "0")).isEqualTo(2);
        assertThat(Files.readString(err)).contains("--prot").contains("docs serve --help");
        assertThat(Files.readString(out)).isEmpty();
    }

    @Test
    void says_what_is_missing() throws Exception {
        assertThat(run(Map.of("JAVA_HOME", "/nowhere"), "version")).isEqualTo(2);
        assertThat(Files.readString(err)).contains("no Java runtime at '/nowhere/bin/java'");
    }

    @Test
    void builds_what_is_older_than_its_sources_and_runs_nothing_if_that_fails() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path mvn = bin.resolve("mvn");
        Files.writeString(mvn, "#!/bin/sh\necho \"$@\" > '" + folder.resolve("built.txt") + "'\nexit $RESULT\n");
        assertThat(mvn.toFile().setExecutable(true)).isTrue();
        String path = bin + File.pathSeparator + System.getenv("PATH");

        assertThat(run(Map.of("PATH", path, "RESULT", "1"), "version")).isZero();
        assertThat(folder.resolve("built.txt")).doesNotExist();

        Files.setLastModifiedTime(
                checkout.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(2)));
        assertThat(run(Map.of("PATH", path, "RESULT", "1"), "version")).isEqualTo(1);
        assertThat(Files.readString(err)).contains("pom.xml is newer than the last build", "the build failed");
        assertThat(Files.readString(out)).isEmpty();

        assertThat(run(Map.of("PATH", path, "RESULT", "0"), "version")).isZero();
        assertThat(folder.resolve("built.txt")).content().contains("-pl docs-app -am package");
        assertThat(Files.readString(out)).startsWith("docs ");
    }

    private int run(Map<String, String> environment, String... arguments) throws Exception {
        Process process = start(environment, checkout.resolve("docs"), arguments);
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as("it ended").isTrue();
        return process.exitValue();
    }

    private Process start(Map<String, String> environment, Path script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("DOCS_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String said() throws IOException {
        return Files.readString(out) + Files.readString(err);
    }
}
