package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.KeyboardModifier;
import org.junit.jupiter.api.Test;

import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Choosing many documents of the list, and what is done with them. */
class PageBulkTest extends PageAcceptance {
    private static final String BY_NAME = "/#/documents?sort=name";

    // Choosing

    @Test
    void rows_are_chosen_one_by_one_in_ranges_and_all_of_the_filter() throws Exception {
        documents(350);
        page.navigate(BY_NAME);
        pick(1).click();
        pick(3).click();
        assertChosen("2 chosen");
        assertThat(row(1)).hasAttribute("aria-selected", "true");
        assertThat(row(1).getByRole(AriaRole.CHECKBOX)).isChecked();
        assertThat(row(2)).hasAttribute("aria-selected", "false");
        assertAccessible();
        picture("bulk");

        pick(3).click();
        assertChosen("1 chosen");
        pick(6).click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT)));
        // from row 3, which the last click took away
        assertChosen("5 chosen");
        pick(4).click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT)));
        assertChosen("3 chosen");
        assertThat(row(5)).hasAttribute("aria-selected", "false");
        row(8).locator(".size").click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.CONTROL)));
        assertChosen("4 chosen");

        button("Choose all 350 of this list").click();
        assertChosen("350 chosen");
        pick(0).click();
        assertChosen("349 chosen");
        page.getByLabel("Search names").fill("00001");
        assertThat(page.locator(".count")).containsText("11 documents");
        assertThat(page.locator(".bulk")).isHidden();
    }

    @Test
    void keys_alone_choose_archive_and_undo() throws Exception {
        documents(30);
        page.navigate(BY_NAME);
        Locator grid = page.getByRole(AriaRole.GRID);
        assertThat(row(0)).isVisible();
        grid.focus();
        page.keyboard().press("ArrowDown");
        page.keyboard().press("Space");
        assertChosen("1 chosen");
        for (int i = 0; i < 3; i++) {
            page.keyboard().press("Shift+ArrowDown");
        }
        page.keyboard().press("Shift+ArrowUp");
        assertChosen("3 chosen");
        assertThat(row(3)).hasAttribute("aria-selected", "true");
        assertThat(row(4)).hasAttribute("aria-selected", "false");
        page.keyboard().press("Escape");
        assertThat(page.locator(".bulk")).isHidden();
        page.keyboard().press("Control+a");
        assertChosen("30 chosen");

        tabTo(button("Archive"));
        page.keyboard().press("Enter");
        assertThat(page.locator(".outcome")).containsText("30 documents are archived.");
        assertThat(page.locator(".outcome")).isFocused();
        assertThat(page.getByText("No documents yet")).isVisible();
        tabTo(button("Undo"));
        page.keyboard().press("Enter");
        assertThat(page.locator(".outcome")).containsText("30 documents are restored.");
        assertThat(page.locator(".count")).containsText("30 documents");
    }

    // Doing

    @Test
    void archived_ones_are_restored_and_what_failed_is_told_one_by_one() throws Exception {
        String gone = document("gone.txt").get("id").asText();
        String whole = document("whole.txt").get("id").asText();
        for (String id : List.of(gone, whole)) {
            send(request("/v1/documents/" + id, token).DELETE());
        }
        page.navigate("/#/documents?status=archived&sort=name");
        assertThat(page.locator(".rows .row")).hasCount(2);
        page.getByRole(AriaRole.GRID).press("Control+a");
        // somebody else is quicker
        page.route("**/v1/bulk", route -> {
            try {
                send(request("/v1/documents/" + gone + "?purge=true", token).DELETE());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            route.resume();
        });
        assertThat(button("Archive")).isHidden();
        button("Restore").click();

        assertThat(page.locator(".outcome")).containsText("1 document is restored.");
        assertThat(page.locator(".outcome li")).hasCount(1);
        assertThat(page.locator(".outcome li")).containsText(Pattern.compile("gone\\.txt: .*(no|not)"));
        assertThat(status(whole)).isEqualTo("active");
        assertAccessible();
        picture("bulk-failed");
    }

    @Test
    void a_purge_asks_and_names_what_will_be_lost() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(document("old-" + i + ".txt", "text/plain", new byte[1000], "{}")
                    .get("id")
                    .asText());
        }
        replace(ids.get(0), new byte[4000]);
        String kept = document("kept.txt").get("id").asText();
        page.navigate("/#/documents?name=old");
        assertThat(page.locator(".rows .row")).hasCount(12);
        page.getByRole(AriaRole.GRID).press("Control+a");
        button("Purge…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).containsText("Purge 12 documents?");
        assertThat(dialog).containsText("and 2 more");
        assertThat(dialog).containsText("16 kB in all versions.");
        assertThat(dialog.locator("li")).hasCount(11);
        assertThat(dialog.getByRole(AriaRole.BUTTON, named("Cancel"))).isFocused();
        assertAccessible();
        picture("bulk-purge");
        page.keyboard().press("Escape");
        assertThat(dialog).isHidden();
        assertThat(status(ids.get(0))).isEqualTo("active");
        assertChosen("12 chosen");

        // what comes after one has looked is not what one has agreed to
        button("Purge…").click();
        assertThat(dialog).isVisible();
        String late = document("old-late.txt").get("id").asText();
        dialog.getByRole(AriaRole.BUTTON, named("Purge for good")).click();
        assertThat(page.locator(".outcome")).containsText("12 documents are purged.");
        assertThat(button("Undo")).isHidden();
        for (String id : ids) {
            assertThat(send(request("/v1/documents/" + id, token)).statusCode()).isEqualTo(404);
        }
        assertThat(status(late)).isEqualTo("active");
        assertThat(status(kept)).isEqualTo("active");
    }

    @Test
    void metadata_of_many_is_set_and_removed_and_the_rest_stays() throws Exception {
        JsonNode first = document("a.txt", "text/plain", new byte[1], "{\"old\": 1, \"kept\": true}");
        JsonNode second = document("b.txt", "text/plain", new byte[1], "{\"year\": 2001}");
        page.navigate(BY_NAME);
        pick(0).click();
        pick(1).click();
        button("Metadata…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Key").fill("year");
        dialog.getByLabel("Value").fill("2026");
        dialog.getByRole(AriaRole.BUTTON, named("Another entry")).click();
        assertThat(dialog.getByLabel("Key").nth(1)).isFocused();
        page.keyboard().type("old");
        dialog.getByLabel("What to do").nth(1).selectOption("remove");
        assertAccessible();
        picture("bulk-metadata");
        dialog.getByRole(AriaRole.BUTTON, named("Change")).click();

        assertThat(page.locator(".outcome")).containsText("The metadata of 2 documents is changed.");
        assertThat(metadata(first).toString()).isEqualTo("{\"kept\":true,\"year\":2026}");
        assertThat(metadata(second).toString()).isEqualTo("{\"year\":2026}");
    }

    @Test
    void the_chosen_ones_are_downloaded_as_a_zip() throws Exception {
        document("a.txt");
        document("b.txt");
        document("c.txt");
        page.navigate(BY_NAME);
        pick(0).click();
        pick(2).click();
        Download download = page.waitForDownload(() -> button("Download as zip").click());
        assertThat(download.suggestedFilename()).isEqualTo("documents.zip");
        assertThat(unzipped(download)).isEqualTo(Map.of("a.txt", "a.txt", "c.txt", "c.txt"));
    }

    @Test
    void more_than_a_link_can_name_come_as_several_zips() throws Exception {
        documents(130);
        page.navigate(BY_NAME);
        assertThat(row(0)).isVisible();
        page.getByRole(AriaRole.GRID).press("Control+a");
        button("Download as zip").click();
        assertAccessible();
        Map<String, String> all = new TreeMap<>();
        for (String part : List.of("Part 1", "Part 2")) {
            all.putAll(unzipped(page.waitForDownload(() -> button(part).click())));
        }
        assertThat(all).hasSize(130).containsEntry("000129.txt", "129");
    }

    @Test
    void a_lost_connection_is_told_and_the_same_is_tried_again() throws Exception {
        String id = document("a.txt").get("id").asText();
        page.navigate(BY_NAME);
        pick(0).click();
        List<String> keys = new ArrayList<>();
        page.route("**/v1/bulk", route -> {
            keys.add(route.request().headers().get("idempotency-key"));
            if (keys.size() == 1) {
                route.abort();
            } else {
                route.resume();
            }
        });
        button("Archive").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("can’t be reached");
        assertThat(status(id)).isEqualTo("active");
        button("Try again").click();
        assertThat(page.locator(".outcome")).containsText("1 document is archived.");
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0)).hasSize(32).isEqualTo(keys.get(1));
    }

    // Usage

    @Test
    void usage_is_split_and_told_in_numbers() throws Exception {
        quota("{\"bytes\": 20000, \"documents\": 9}");
        String current =
                document("a.txt", "text/plain", new byte[3000], "{}").get("id").asText();
        replace(current, new byte[5000]);
        String old =
                document("b.txt", "text/plain", new byte[2000], "{}").get("id").asText();
        send(request("/v1/documents/" + old, token).DELETE());
        body(post("/v1/documents", token, "application/json", "{\"name\": \"c\", \"size_bytes\": 4000}"), 201);
        page.navigate("/");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Usage"))
                .click();

        Locator meter = page.getByRole(AriaRole.METER);
        assertThat(meter).hasAttribute("aria-valuenow", "14000");
        assertThat(meter).hasAttribute("aria-valuemax", "20000");
        assertThat(meter)
                .hasAttribute(
                        "aria-valuetext",
                        "14 kB of 20 kB in use, 6 kB free Active documents: 5 kB Archived documents: 2 kB "
                                + "Older versions: 3 kB Reserved by uploads: 4 kB");
        assertThat(page.locator(".figures").first().locator("td"))
                .hasText(new String[] {"5 kB", "2 kB", "3 kB", "4 kB", "6 kB"});
        assertThat(page.locator(".counts td").first()).hasText("3 of 9");
        double whole = meter.boundingBox().width;
        for (Map.Entry<String, Double> part : Map.of("active", 0.25, "archived", 0.1, "versions", 0.15, "reserved", 0.2)
                .entrySet()) {
            double width = meter.locator("." + part.getKey()).boundingBox().width;
            assertThat(width / whole).as(part.getKey()).isBetween(part.getValue() - 0.01, part.getValue() + 0.01);
        }
        assertAccessible();
        picture("usage");

        quota("{\"bytes\": 15000}");
        page.reload();
        assertThat(page.getByText("There is little room left")).isVisible();
        assertAccessible();
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Archived documents"))
                .click();
        assertThat(page.locator(".rows .row .name a")).hasText("b.txt");
    }

    @Test
    void usage_without_a_limit_says_so() throws Exception {
        document("a.txt", "text/plain", new byte[3000], "{}");
        page.navigate("/#/usage");
        assertThat(page.getByText("3 kB in use, without a limit")).isVisible();
    }

    // What is looked at

    private Locator row(int number) {
        return page.locator("#row-" + number);
    }

    private Locator pick(int number) {
        return row(number).locator(".pick");
    }

    private void assertChosen(String words) {
        assertThat(page.locator(".bulk [role=status]")).hasText(words);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name).setExact(true);
    }

    private void replace(String id, byte[] content) throws Exception {
        body(
                send(request("/v1/documents/" + id + "/content", token)
                        .header("Content-Type", "text/plain")
                        .PUT(BodyPublishers.ofByteArray(content))),
                200);
    }

    private void quota(String limits) throws Exception {
        body(
                send(request("/v1/users/" + user + "/quota", admin)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(limits))),
                200);
    }

    private String status(String id) throws Exception {
        return body(send(request("/v1/documents/" + id, token)), 200)
                .get("status")
                .asText();
    }

    private JsonNode metadata(JsonNode document) throws Exception {
        return body(send(request("/v1/documents/" + document.get("id").asText(), token)), 200)
                .get("metadata");
    }

    private static Map<String, String> unzipped(Download download) throws Exception {
        Map<String, String> files = new TreeMap<>();
        try (InputStream stream = download.createReadStream();
                ZipInputStream zip = new ZipInputStream(stream)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }
}
