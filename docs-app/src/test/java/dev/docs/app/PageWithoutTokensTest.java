package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the server knows by itself who is calling, there is nothing to sign in with, and nothing to sign out of. */
@ExtendWith(Chromium.class)
class PageWithoutTokensTest {
    @TempDir
    Path data;

    @Test
    void on_ones_own_machine_one_is_in_at_once() throws Exception {
        enter(Map.of("--auth", "none"), Map.of(), "local");
    }

    @Test
    void behind_a_proxy_one_is_who_the_proxy_says() throws Exception {
        enter(
                Map.of(
                        "--auth", "proxy",
                        "--proxy-user-header", "Remote-User",
                        "--proxy-addresses", "127.0.0.1"),
                Map.of("Remote-User", "anna"),
                "anna");
    }

    private void enter(Map<String, String> settings, Map<String, String> headers, String user) throws Exception {
        Map<String, String> flags = new LinkedHashMap<>(settings);
        flags.put("--data", data.toString());
        flags.put("--port", "0");
        flags.put("--durability", "process");
        try (Server server = Server.start(Settings.read(flags, Map.of(), data), new PrintWriter(Writer.nullWriter()));
                BrowserContext context = Chromium.browser()
                        .newContext(new Browser.NewContextOptions()
                                .setLocale("en")
                                .setExtraHTTPHeaders(headers)
                                .setBaseURL("http://127.0.0.1:" + server.port()))) {
            Page page = context.newPage();
            page.navigate("/");
            assertThat(page.locator(".who")).hasText(user);
            assertThat(page.getByLabel("Access token")).hasCount(0);
            assertThat(page.getByText("Sign out")).hasCount(0);

            page.waitForFunction("() => customElements.get('docs-uploads')");
            Path file = data.resolve("note.txt");
            Files.writeString(file, "a note", StandardCharsets.UTF_8);
            page.waitForFileChooser(() -> page.getByText("Upload", new Page.GetByTextOptions().setExact(true))
                            .click())
                    .setFiles(file);
            page.locator(".upload.done a").click();
            assertThat(page.locator(".preview pre")).hasText("a note");
        }
    }
}
