package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The page in a real browser, on a real server that a class shares. Every test has a user of its own, and fails if the
 * browser had anything to complain about: an error in a script, or something that the page's policy forbids.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Chromium.class)
abstract class PageAcceptance extends RunningServer {
    private static final String JSON = "application/json";

    /** Where pictures of the views are written, if they are asked for. */
    private static final String PICTURES = "docs.pictures";

    private static final String AXE = axe();
    private static int users;

    final List<String> complaints = new ArrayList<>();
    private Path folder;
    private BrowserContext context;

    String user;
    String token;
    Page page;

    /** Of the class, and not of each test. */
    @Override
    void start() {}

    @Override
    void stop() {}

    @BeforeAll
    void startOnce(@TempDir Path own) {
        PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
        folder = own;
        data = own;
        super.start();
    }

    @AfterAll
    void stopOnce() {
        super.stop();
    }

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Override
    Map<String, String> settingsOfTheTest() {
        return Map.of("--durability", "process");
    }

    @BeforeEach
    void openBrowser() throws Exception {
        data = folder;
        user = "user" + users++;
        token = newToken(user);
        context = newContext();
        context.addInitScript("sessionStorage.setItem('docs.token', '" + token + "')");
        page = newPage(context);
    }

    @AfterEach
    void closeBrowser() {
        context.close();
        List<String> all = List.copyOf(complaints);
        complaints.clear();
        assertThat(all).isEmpty();
    }

    final BrowserContext newContext() {
        return Chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setLocale("en-GB")
                        .setViewportSize(1280, 800)
                        .setBaseURL("http://127.0.0.1:" + server.port()));
    }

    final Page newPage(BrowserContext of) {
        Page opened = of.newPage();
        opened.setDefaultTimeout(10_000);
        opened.onPageError(complaints::add);
        opened.onConsoleMessage(message -> {
            // a status is no fault of the page
            boolean isStatus = message.text().startsWith("Failed to load resource");
            if (message.type().equals("error") && !isStatus) {
                complaints.add(message.text());
            }
        });
        return opened;
    }

    // What there is

    final String newToken(String owner) throws Exception {
        return body(post("/v1/tokens", admin, JSON, "{\"user_id\": \"" + owner + "\"}"), 201)
                .get("token")
                .asText();
    }

    /** A document of the test's user. */
    final JsonNode document(String name, String type, byte[] bytes, String metadata) throws Exception {
        return body(upload(token, name, type, bytes, metadata), 201);
    }

    final JsonNode document(String name) throws Exception {
        return document(name, "text/plain", name.getBytes(StandardCharsets.UTF_8), "{}");
    }

    /** As many small ones, named by their numbers, in few requests. */
    final void documents(int count) throws Exception {
        for (int from = 0; from < count; from += 500) {
            StringBuilder form = new StringBuilder();
            for (int i = from; i < Math.min(count, from + 500); i++) {
                form.append("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"")
                        .append(String.format("%06d.txt", i))
                        .append("\"\r\nContent-Type: text/plain\r\n\r\n")
                        .append(i)
                        .append("\r\n");
            }
            body(
                    send(request("/v1/documents", token)
                            .header("Content-Type", "multipart/form-data; boundary=b")
                            .POST(BodyPublishers.ofString(form + "--b--\r\n"))),
                    200);
        }
    }

    // What is looked at

    final Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** Goes there by the Tab key alone. */
    final void tabTo(Locator target) {
        PlaywrightAssertions.assertThat(target).isVisible();
        List<String> passed = new ArrayList<>();
        while (!(boolean) target.evaluate("it => it === document.activeElement")) {
            assertThat(passed).as("what the Tab key leads to").hasSizeLessThan(80);
            page.keyboard().press("Tab");
            passed.add(page.evaluate("() => document.activeElement.outerHTML.slice(0, 60)")
                    .toString());
        }
    }

    /** The same, and presses Enter there. */
    final void enter(Locator target) {
        tabTo(target);
        page.keyboard().press("Enter");
    }

    /** The names in the list, as far as they are in the page. */
    final List<String> listed() {
        return page.locator(".rows .row .name a").allInnerTexts();
    }

    /** No violation that axe-core finds, in both colour schemes, and no scroll bar around those of the view. */
    final void assertAccessible() {
        assertThat(page.evaluate("document.scrollingElement.scrollHeight - innerHeight"))
                .isEqualTo(0);
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            page.evaluate(AXE);
            Object violations = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']}))"
                    + ".violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html.slice(0, 200)"
                    + " + ' (' + n.failureSummary + ')').join(' | '))");
            assertThat((List<?>) violations).as("in " + scheme).isEmpty();
        }
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    }

    /** Pictures of the view for people to look at: wide and narrow, light and dark. */
    final void picture(String name) {
        String to = System.getProperty(PICTURES);
        if (to == null) {
            return;
        }
        for (int width : List.of(1280, 390)) {
            page.setViewportSize(width, 800);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(Path.of(
                                to, name + "-" + width + "-" + scheme.name().toLowerCase(Locale.ROOT) + ".png")));
            }
        }
        page.setViewportSize(1280, 800);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    }

    private static String axe() {
        try (InputStream script = PageAcceptance.class.getResourceAsStream("/axe.min.js")) {
            return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
