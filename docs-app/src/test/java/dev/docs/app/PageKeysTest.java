package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What other tests do with a mouse, by keys alone; no element is touched or given the focus by the test. */
class PageKeysTest extends PageAcceptance {
    @Test
    void one_signs_in_and_out() {
        try (BrowserContext stranger = newContext()) {
            page = newPage(stranger);
            page.navigate("/");
            tabTo(page.getByLabel("Access token"));
            page.keyboard().type(token);
            page.keyboard().press("Enter");
            assertThat(page.getByText("No documents yet")).isVisible();
            enter(button("Sign out"));
            assertThat(page.getByLabel("Access token")).isVisible();
        }
    }

    @Test
    void files_are_uploaded_stopped_and_put_away() throws Exception {
        page.navigate("/");
        assertThat(page.getByText("No documents yet")).isVisible();
        tabTo(button("Upload"));
        Path small = Files.writeString(data.resolve("small-" + user + ".txt"), "small");
        page.waitForFileChooser(() -> page.keyboard().press("Enter")).setFiles(small);
        assertThat(page.locator(".upload.done")).hasCount(1);
        enter(button("Close the list of uploads"));
        assertThat(page.locator(".dock")).hasCount(0);

        // one that nobody answers until it is let on
        page.route("**/v1/uploads/*", route -> {});
        tabTo(button("Upload"));
        page.waitForFileChooser(() -> page.keyboard().press("Enter"))
                .setFiles(Files.writeString(data.resolve("held-" + user + ".txt"), "held"));
        String name = "held-" + user + ".txt";
        enter(button("Pause " + name));
        assertThat(page.locator(".upload.paused")).hasCount(1);
        page.unrouteAll();
        enter(button("Resume " + name));
        assertThat(page.locator(".upload.done")).hasCount(1);
        tabTo(page.locator(".upload").getByRole(AriaRole.LINK));
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText(name);
    }

    @Test
    void filters_are_set_and_taken_away() throws Exception {
        document("a.txt");
        document("b.txt", "text/plain", new byte[] {'b'}, "{\"year\": 2026}");
        page.navigate("/");
        assertThat(page.locator(".rows .row")).hasCount(2);
        enter(button("Filters"));
        tabTo(page.getByLabel("Key"));
        page.keyboard().type("year");
        tabTo(page.getByLabel("Value"));
        page.keyboard().type("2026");
        page.keyboard().press("Enter");
        assertThat(page.locator(".rows .row")).hasCount(1);
        assertThat(listed()).containsExactly("b.txt");
        enter(button("Remove Metadata: year = 2026"));
        assertThat(page.locator(".rows .row")).hasCount(2);
        tabTo(page.getByLabel("Status", new Page.GetByLabelOptions().setExact(true)));
        page.keyboard().type("Archived");
        page.keyboard().press("Enter");
        assertThat(page).hasURL(Pattern.compile("status=archived"));
    }

    @Test
    void versions_come_and_go_and_then_the_document() throws Exception {
        String id = document("a.txt").get("id").asText();
        body(
                send(request("/v1/documents/" + id + "/content", token)
                        .header("Content-Type", "text/plain")
                        .PUT(BodyPublishers.ofString("second"))),
                200);
        page.navigate("/#/document/" + id);
        Locator versions = page.locator(".versions li");
        assertThat(versions).hasCount(2);
        enter(button("Version 1"));
        assertThat(page.locator(".preview pre")).hasText("a.txt");
        tabTo(button("Download version 1"));
        Download download = page.waitForDownload(() -> page.keyboard().press("Enter"));
        assertThat(Files.readString(download.path())).isEqualTo("a.txt");
        enter(button("Go back to version 1"));
        assertThat(versions).hasCount(3);
        enter(button("Drop version 2"));
        enter(button("Drop it"));
        assertThat(versions).hasCount(2);

        enter(button("Archive"));
        assertThat(page.locator(".said")).hasText("Archived. It can be restored any time.");
        enter(button("Restore"));
        assertThat(page.locator(".said")).hasText("Restored.");
        enter(button("Purge…"));
        enter(button("Purge for good"));
        assertThat(page).hasURL(Pattern.compile("#/documents"));
        assertThat(send(request("/v1/documents/" + id, token)).statusCode()).isEqualTo(404);
    }

    @Test
    void a_token_is_made_and_revoked() {
        page.navigate("/");
        enter(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Tokens")));
        enter(button("Make a token"));
        Locator made = page.getByLabel("The new token").locator("input");
        assertThat(made).isFocused();
        String prefix = made.inputValue().substring(0, 11);
        enter(button("Revoke " + prefix + "…"));
        enter(button("Revoke"));
        assertThat(page.getByText(prefix + "… is revoked.")).isVisible();
    }
}
