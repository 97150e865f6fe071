package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tokens, and what administrators see: users, their limits, and how what is stored is. */
class PageAdminTest extends PageAcceptance {
    private static final int LARGE = 100_000;

    @Override
    Map<String, String> settingsOfTheTest() {
        return Map.of("--durability", "process", "--sweep-interval", "1s", "--inline-max-bytes", "1000");
    }

    // Tokens

    @Test
    void a_token_is_made_shown_once_used_and_revoked() throws Exception {
        page.navigate("/#/tokens");
        assertThat(page.locator(".rowsof tbody tr")).hasCount(1);
        assertThat(page.locator(".rowsof tbody tr")).containsText("in use here");
        assertThat(page.getByLabel("as administrator")).isHidden();
        page.getByLabel("Valid for").selectOption("7");
        button("Make a token").click();
        Locator field = page.getByLabel("The new token").locator("input");
        assertThat(field).isFocused();
        String made = field.inputValue();
        assertThat(body(send(request("/v1/me", made)), 200).get("user_id").asText())
                .isEqualTo(user);
        assertThat(page.locator(".rowsof tbody tr")).hasCount(2);
        assertAccessible();
        picture("tokens");

        page.reload();
        assertThat(page.locator(".rowsof tbody tr")).hasCount(2);
        assertThat(page.locator("body")).not().containsText(made);
        assertThat(page.locator("input")).hasCount(0);
        button("Revoke " + made.substring(0, 11) + "…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).containsText("let in no more");
        assertThat(dialog).not().containsText("signed out");
        page.keyboard().press("Escape");
        body(send(request("/v1/me", made)), 200);
        button("Revoke " + made.substring(0, 11) + "…").press("Enter");
        dialog.getByRole(AriaRole.BUTTON, named("Revoke")).press("Enter");
        assertThat(page.getByText(made.substring(0, 11) + "… is revoked.")).isVisible();
        assertThat(page.locator(".rowsof tbody tr")).hasCount(1);
        body(send(request("/v1/me", made)), 401);

        // the one in use
        button("Revoke " + token.substring(0, 11) + "…").click();
        assertThat(dialog).containsText("will be signed out");
        dialog.getByRole(AriaRole.BUTTON, named("Revoke")).click();
        assertThat(page.getByLabel("Access token")).isVisible();
    }

    @Test
    void others_than_administrators_are_offered_none_of_it() {
        page.navigate("/#/users");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("You may not do this.");
        Locator views = page.getByRole(AriaRole.NAVIGATION);
        assertThat(views).containsText("Tokens");
        assertThat(views).not().containsText("Users");
        assertThat(views).not().containsText("Health");
    }

    // Users

    @Test
    void users_are_listed_page_by_page_and_opened() throws Exception {
        for (int i = 0; i < 60; i++) {
            newToken(String.format("many-%02d", i));
        }
        quota("many-07", "{\"bytes\": 110000}");
        String token7 = newToken("many-07");
        body(upload(token7, "big.bin", "text/plain", random(1, LARGE), "{}"), 201);
        signInAsAdministrator();
        page.navigate("/");
        page.getByRole(AriaRole.NAVIGATION).getByText("Users").click();
        assertThat(page.locator(".rowsof tbody tr")).hasCount(50);
        button("Show more").click();
        assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("many-59")))
                .isVisible();
        List<String> ids = page.locator(".rowsof tbody th").allInnerTexts();
        assertThat(ids).isSorted().doesNotHaveDuplicates().contains("admin", user, "many-00", "many-59");
        Locator row = page.locator(".rowsof tbody tr", new Page.LocatorOptions().setHasText("many-07"));
        assertThat(row.locator("td")).hasText(new String[] {"1", "100 kB 91 %", "110 kB"});
        assertAccessible();
        page.locator("main").evaluate("main => { main.scrollTop = 0; }");
        picture("users");
        row.getByRole(AriaRole.LINK).press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("many-07")))
                .isVisible();
        assertThat(page.getByRole(AriaRole.METER)).hasAttribute("aria-valuenow", "" + LARGE);
        assertThat(page.locator("docs-tokens tbody tr")).hasCount(2);
        assertAccessible();
        picture("user");
        page.getByText("Look at the documents").click();
        assertThat(page.locator(".rows .row .name a")).hasText("big.bin");
    }

    @Test
    void limits_are_set_and_given_back_to_the_default() throws Exception {
        String odd = user + "/ü?";
        newToken(odd);
        signInAsAdministrator();
        page.navigate("/#/users");
        page.getByLabel("A user’s id").fill(odd);
        page.keyboard().press("Enter");
        Locator storage = page.getByLabel("Storage in GB");
        assertThat(storage).hasValue("");
        storage.fill("1.5");
        page.getByLabel("Documents", new Page.GetByLabelOptions().setExact(true))
                .fill("12");
        button("Set limits").click();
        assertThat(page.getByText("The limits are set.")).isVisible();
        assertThat(page.getByText("0 bytes of 1.5 GB in use")).isVisible();
        assertThat(limits(odd).toString()).isEqualTo("{\"bytes\":1500000000,\"documents\":12,\"uploads\":null}");

        page.reload();
        assertThat(storage).hasValue("1.5");
        storage.fill("");
        button("Set limits").press("Enter");
        assertThat(page.getByText("0 bytes in use, without a limit")).isVisible();
        assertThat(limits(odd).toString()).isEqualTo("{\"bytes\":null,\"documents\":12,\"uploads\":null}");
    }

    @Test
    void a_user_is_deleted_when_one_has_read_what_is_lost_and_typed_who() throws Exception {
        String id =
                document("a.txt", "text/plain", new byte[3000], "{}").get("id").asText();
        document("b.txt", "text/plain", new byte[2000], "{}");
        signInAsAdministrator();
        page.navigate("/#/users/" + user);
        button("Delete…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).containsText("2 documents with all versions, 5 kB");
        assertThat(dialog).containsText("all tokens, links and limits");
        Locator sure = dialog.getByRole(AriaRole.BUTTON, named("Delete for good"));
        assertThat(sure).isDisabled();
        assertAccessible();
        picture("user-delete");
        dialog.getByRole(AriaRole.TEXTBOX).fill("somebody");
        assertThat(sure).isDisabled();
        dialog.getByRole(AriaRole.TEXTBOX).fill(user);
        sure.press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Users")))
                .isVisible();
        assertThat(page.getByText(user, new Page.GetByTextOptions().setExact(true)))
                .hasCount(0);
        assertThat(page.locator("dialog, docs-user")).hasCount(0);
        body(send(request("/v1/documents/" + id, admin)), 404);
        body(send(request("/v1/me", token)), 401);

        page.navigate("/#/users/admin");
        assertThat(page.getByText("Limits").first()).isVisible();
        assertThat(button("Delete…")).isHidden();
    }

    // Health

    @Test
    void health_tells_of_chores_of_what_was_verified_and_of_damage() throws Exception {
        signInAsAdministrator();
        String id = document("whole.txt", "text/plain", random(9, LARGE), "{}")
                .get("id")
                .asText();
        Awaitility.await()
                .untilAsserted(() -> assertThat(
                                health().at("/chores/0/last_success_at").isNull())
                        .isFalse());
        Awaitility.await().until(() -> !health().get("verified_share").isNull());
        page.navigate("/");
        page.getByRole(AriaRole.NAVIGATION).getByText("Health").click();
        assertThat(page.getByText("All is well.")).isVisible();
        assertThat(page.getByText("100% of all bytes")).isVisible();
        assertThat(page.locator(".rowsof tbody tr").first().locator("time")).hasCount(1);
        assertAccessible();
        picture("health");

        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.size(file) == LARGE) {
                    Files.delete(file);
                }
            }
        }
        send(request("/v1/documents/" + id + "/content", token));
        button("Look again").click();
        assertThat(page.getByText("1 document is damaged or lost.")).isVisible();
        assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("whole.txt")))
                .isVisible();
        assertAccessible();
        picture("health-damaged");
        send(request("/v1/documents/" + id + "?purge=true", token).DELETE());
    }

    @Test
    void health_tells_of_what_is_not_there_and_of_chores_that_fail() {
        signInAsAdministrator();
        page.route(
                "**/v1/storage",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"status\": \"down\", \"reason\": \"storage 'main' can't be written\", "
                                + "\"verified_share\": 0.99996, \"damaged\": [], \"damaged_more\": false, \"chores\": ["
                                + "{\"name\": \"sweep\", \"last_success_at\": \"2026-11-23T10:15:30.123Z\", "
                                + "\"last_failure_at\": \"2026-11-23T10:16:30.123Z\"}, {\"name\": \"scrub\", "
                                + "\"last_success_at\": null, \"last_failure_at\": null}]}")));
        page.navigate("/#/storage");
        assertThat(page.locator(".problems li")).hasText(new String[] {
            "Not usable: storage 'main' can't be written",
            "Failed when it last ran: Clearing away what is purged or was broken off. The server’s log tells why."
        });
        // all is all, and not nearly so
        assertThat(page.getByText("99.9% of all bytes")).isVisible();
        assertAccessible();
    }

    // What there is

    private void signInAsAdministrator() {
        page.context().addInitScript("sessionStorage.setItem('docs.token', '" + admin + "')");
    }

    private JsonNode health() throws Exception {
        return body(send(request("/v1/storage", admin)), 200);
    }

    private JsonNode limits(String userId) throws Exception {
        String query = URLEncoder.encode(userId, StandardCharsets.UTF_8);
        return body(send(request("/v1/users/usage?user_id=" + query, admin)), 200)
                .get("own_limits");
    }

    private void quota(String userId, String limits) throws Exception {
        body(
                send(request("/v1/users/" + userId + "/quota", admin)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(limits))),
                200);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }
}
