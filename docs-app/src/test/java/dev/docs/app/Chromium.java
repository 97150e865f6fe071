package dev.docs.app;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The browser that tests of the page drive: Debian's Chromium, one for all classes. Where there is none it is installed if
 * that can be done, and else the test fails and says what to install: a page that no browser has seen is not tested.
 */
public final class Chromium implements BeforeAllCallback {
    /** Names one that stands elsewhere. */
    private static final String PROPERTY = "docs.chromium";

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    private record Started(Playwright playwright, Browser browser) implements AutoCloseable {
        @Override
        public void close() {
            playwright.close();
        }
    }

    private static @Nullable Started started;

    @Override
    public void beforeAll(ExtensionContext context) {
        started = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(Chromium.class))
                .computeIfAbsent("browser", key -> start(), Started.class);
    }

    public static Browser browser() {
        return Objects.requireNonNull(started).browser();
    }

    private static Started start() {
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable())
                        .setArgs(List.of("--disable-dev-shm-usage")));
        return new Started(playwright, browser);
    }

    private static Path executable() {
        return installed().orElseGet(() -> {
            install();
            return installed()
                    .orElseThrow(() -> new IllegalStateException(
                            "The page's tests need Chromium: install it (Debian, Ubuntu: apt-get install chromium), or name "
                                    + "it with -D" + PROPERTY + "=PATH"));
        });
    }

    private static Optional<Path> installed() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        return List.of(System.getenv("PATH").split(":")).stream()
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Debian's way, where this may be done; whether it helped is seen by looking again. */
    private static void install() {
        if (!"root".equals(System.getProperty("user.name")) || !Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
            return;
        }
        run("apt-get", "update", "-qq");
        run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium", "fonts-liberation");
    }

    private static void run(String... command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        try {
            builder.start().waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("can't run " + command[0], e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
