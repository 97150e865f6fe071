package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Signing in, and the list of documents. */
class PageListTest extends PageAcceptance {
    private static final long FIRST_VIEW_BYTES = 150_000;

    // The page as it comes

    @Test
    void the_first_view_is_small_and_its_parts_are_kept_for_good() {
        AtomicLong transferred = new AtomicLong();
        Map<String, String> kept = new TreeMap<>();
        page.onRequestFinished(request ->
                transferred.addAndGet(request.sizes().responseBodySize + request.sizes().responseHeadersSize));
        page.onResponse(response -> {
            if (response.url().contains("/page/")) {
                kept.put(response.url(), response.headers().get("cache-control"));
            }
        });

        page.navigate("/");

        assertThat(page.getByText("No documents yet")).isVisible();
        page.waitForLoadState(com.microsoft.playwright.options.LoadState.NETWORKIDLE);
        assertThat(transferred.get()).isBetween(10_000L, FIRST_VIEW_BYTES);
        assertThat(kept).hasSizeGreaterThan(10);
        assertThat(kept.values()).containsOnly("public, max-age=31536000, immutable");
    }

    @Test
    void no_text_becomes_script_or_markup_and_nothing_comes_from_elsewhere() throws Exception {
        String name = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
        document(name);
        page.navigate("/");
        assertThat(page.getByText(name)).isVisible();
        assertThat(page).hasTitle("Documents · Docs");

        // what a mistake of ours could do, the browser refuses
        assertThat(page.evaluate("() => { try { document.body.innerHTML = '<b>x</b>'; return 'done'; } catch (e) "
                        + "{ return e.name; } }"))
                .isEqualTo("TypeError");
        complaints.clear();
        String policy = page.request().get("/").headers().get("content-security-policy");
        assertThat(policy)
                .contains("default-src 'none'", "script-src 'self';", "require-trusted-types-for 'script'")
                .doesNotContain("unsafe");
    }

    @Test
    void both_languages_have_the_same_texts() {
        page.navigate("/");
        assertThat(page.getByText("No documents yet")).isVisible();
        Object differing = page.evaluate("async () => {"
                + "const base = document.querySelector('script').src.replace('main.js', '');"
                + "const [en, de] = await Promise.all(['en', 'de'].map(l => import(base + `text-${l}.js`)));"
                + "const holes = text => JSON.stringify([...JSON.stringify(text).matchAll(/\\{\\w+\\}/g)].map(String).sort());"
                + "return [...new Set([...Object.keys(en.default), ...Object.keys(de.default)])].filter(key =>"
                + "!(key in en.default && key in de.default) || holes(en.default[key]) !== holes(de.default[key]));}");
        assertThat((List<?>) differing).isEmpty();

        page.getByLabel("Language").selectOption("de");
        assertThat(page.getByText("Noch keine Dokumente")).isVisible();
        page.reload();
        assertThat(page.getByText("Noch keine Dokumente")).isVisible();
        assertThat(page.locator("html")).hasAttribute("lang", "de");
    }

    // Who is there

    @Test
    void one_signs_in_with_a_token_and_out_again() {
        try (BrowserContext context = newContext()) {
            page = newPage(context);
            page.navigate("/#/documents?name=x");
            assertAccessible();
            picture("signin");
            Locator field = page.getByLabel("Access token");
            field.fill("docs_wrong");
            field.press("Enter");
            assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not accept this token");
            assertThat(field).isFocused();

            field.fill(token);
            button("Sign in").click();
            assertThat(page.getByText("Nothing matches")).isVisible();
            assertThat(page.getByText(user)).isVisible();
            assertThat(page.url()).doesNotContain(token);
            page.reload();
            assertThat(page.getByText("Nothing matches")).isVisible();
            assertThat(page.evaluate("() => JSON.stringify(localStorage) + document.cookie")
                            .toString())
                    .doesNotContain(token);

            button("Sign out").click();
            assertThat(page.getByLabel("Access token")).isVisible();
            assertThat(page.evaluate("() => sessionStorage.length")).isEqualTo(0);
            page.reload();
            assertThat(page.getByLabel("Access token")).isVisible();
        }
    }

    @Test
    void a_token_that_is_revoked_leads_back_to_signing_in() throws Exception {
        page.navigate("/");
        assertThat(page.getByText("No documents yet")).isVisible();
        String id =
                body(send(request("/v1/tokens", token)), 200).at("/items/0/id").asText();
        send(request("/v1/tokens/" + id, token).DELETE());
        page.getByLabel("Search names").fill("x");
        assertThat(page.getByLabel("Access token")).isVisible();
    }

    // The list

    @Test
    void a_row_tells_name_type_size_status_and_when_it_changed() throws Exception {
        document("Report.pdf", "application/pdf", "%PDF-1.7\n%".getBytes(StandardCharsets.US_ASCII), "{}");
        page.navigate("/");
        Locator row = page.locator(".rows .row");
        assertThat(row).hasCount(1);
        assertThat(row.locator(".name")).hasText(Pattern.compile("PDF:\\s+Report.pdf"));
        assertThat(row.locator(".name svg")).hasClass(Pattern.compile("pdf"));
        assertThat(row.locator(".size")).hasText("10 bytes");
        assertThat(row.locator(".status")).hasText("Active");
        assertThat(row.locator(".changed time")).hasText(Pattern.compile("\\d\\d:\\d\\d"));
        assertThat(page.locator(".count")).containsText("1 document");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name=rep|report.txt",
                "mime_type=image/*|photo.gif",
                "mime_type=application/pdf|plan.pdf",
                "status=archived|old.txt",
                "metadata=year:2025|plan.pdf",
                "metadata=team:*&metadata=year:2026|report.txt",
                "min_size=20000|photo.gif",
                "max_size=20&status=any|plan.pdf,old.txt",
                "created_after=2099-01-01|",
                "updated_before=2001-01-01|",
                "created_after=2001-01-01&sort=name|photo.gif,plan.pdf,report.txt",
                "sort=-size_bytes|photo.gif,report.txt,plan.pdf",
            })
    void every_filter_can_be_linked_to(String query, String names) throws Exception {
        document("plan.pdf", "application/pdf", "%PDF-1.7\n%".getBytes(StandardCharsets.US_ASCII), "{\"year\": 2025}");
        document("report.txt", "text/plain", random(1, 10_000, 'a'), "{\"year\": 2026, \"team\": \"blue\"}");
        document("photo.gif", "image/gif", gif(50_000), "{\"team\": \"red\"}");
        String old = document("old.txt").get("id").asText();
        send(request("/v1/documents/" + old, token).DELETE());
        // by the order of their sizes, where it is asked for
        page.navigate("/#/documents?" + query);
        List<String> expected = names == null ? List.of() : List.of(names.split(","));
        if (expected.isEmpty()) {
            assertThat(page.getByText("Nothing matches")).isVisible();
        } else {
            assertThat(page.locator(".rows .row .name a")).hasCount(expected.size());
            if (query.contains("sort")) {
                assertThat(listed()).isEqualTo(expected);
            } else {
                assertThat(listed()).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }

    @Test
    void filters_are_set_on_the_page_and_stand_in_the_address() throws Exception {
        document("a.txt", "text/plain", new byte[] {'a'}, "{\"a:b\": \"c\"}");
        document("b.gif", "image/gif", gif(100), "{\"a:b\": \"d\"}");
        page.navigate("/");
        assertThat(page.locator(".rows .row")).hasCount(2);

        page.getByLabel("Type", new Page.GetByLabelOptions().setExact(true)).selectOption("image/*");
        assertThat(page.locator(".rows .row")).hasCount(1);
        assertThat(page).hasURL(Pattern.compile("#/documents\\?mime_type=image%2F\\*$"));
        page.goBack();
        assertThat(page.locator(".rows .row")).hasCount(2);

        button("Filters").click();
        page.getByLabel("Key").fill("a:b");
        page.getByLabel("Value").fill("c");
        page.getByLabel("from").first().fill("2001-02-03");
        button("Apply").click();
        assertThat(page.locator(".rows .row")).hasCount(1);
        assertThat(listed()).containsExactly("a.txt");
        assertThat(page.locator(".chips")).containsText("Created from: 2001-02-03");
        assertAccessible();
        picture("filters");
        button("Remove Metadata: a:b = c").click();
        assertThat(page.locator(".rows .row")).hasCount(2);
        page.getByText("Clear all filters").click();
        assertThat(page).hasURL(Pattern.compile("#/documents$"));

        // a search replaces the address and leaves no trail of letters
        page.keyboard().press("/");
        page.keyboard().type("b.g");
        assertThat(page.locator(".rows .row")).hasCount(1);
        assertThat(page).hasURL(Pattern.compile("name=b\\.g$"));

        page.getByLabel("Status", new Page.GetByLabelOptions().setExact(true)).selectOption("archived");
        assertThat(page.getByText("Nothing matches")).isVisible();
        assertAccessible();
        picture("nomatch");
        page.locator(".state").getByText("Clear all filters").click();
        assertThat(page.locator(".rows .row")).hasCount(2);
    }

    @Test
    void a_click_on_a_heading_sorts_by_it_and_another_turns_the_order() throws Exception {
        document("a.txt", "text/plain", random(1, 300, 'a'), "{}");
        document("b.txt", "text/plain", random(1, 200, 'a'), "{}");
        document("c.txt", "text/plain", random(1, 400, 'a'), "{}");
        page.navigate("/");
        Locator heading = page.getByRole(AriaRole.COLUMNHEADER, new Page.GetByRoleOptions().setName("Size"));
        for (List<String> expected : List.of(List.of("c.txt", "a.txt", "b.txt"), List.of("b.txt", "a.txt", "c.txt"))) {
            heading.getByRole(AriaRole.BUTTON).click();
            assertThat(page.locator(".rows .row .name a")).hasText(expected.toArray(String[]::new));
            assertThat(heading).hasAttribute("aria-sort", expected.get(0).equals("c.txt") ? "descending" : "ascending");
        }
    }

    @Test
    void a_long_list_comes_as_one_scrolls_and_few_of_its_rows_are_in_the_page() throws Exception {
        int count = 2_550;
        documents(count);
        page.navigate("/#/documents?sort=name");
        Locator rows = page.locator(".rows .row");
        assertThat(rows.first()).containsText("000000.txt");
        assertThat(page.locator(".count")).containsText("2,550 documents");
        Locator grid = page.getByRole(AriaRole.GRID);
        grid.focus();
        String last = String.format("%06d.txt", count - 1);
        int most = 0;
        // each time to the end of what is there
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
            grid.press("End");
            return page.getByText(last).isVisible();
        });
        most = Math.max(most, rows.count());
        assertThat(grid).hasAttribute("aria-rowcount", "" + (count + 1));
        assertThat(page.locator("#" + grid.getAttribute("aria-activedescendant")))
                .containsText(last);

        // pages that were forgotten come back, each row to its place
        grid.evaluate("grid => { grid.scrollTop = 700 * 40; }");
        assertThat(page.getByText("000705.txt")).isVisible();
        assertThat(page.locator("[aria-rowindex='707']")).containsText("000705.txt");
        grid.press("Home");
        assertThat(page.getByText("000000.txt")).isVisible();
        most = Math.max(most, rows.count());
        assertThat(most).isLessThan(100);
        assertAccessible();
        picture("list-long");
    }

    @Test
    void keys_alone_find_and_open_a_document() throws Exception {
        for (String name : List.of("a.txt", "b.txt", "c.txt")) {
            document(name);
        }
        page.navigate("/#/documents?sort=name");
        assertThat(page.locator(".rows .row")).hasCount(3);
        Locator grid = page.getByRole(AriaRole.GRID);
        for (int i = 0; i < 20 && !(boolean) grid.evaluate("grid => grid === document.activeElement"); i++) {
            page.keyboard().press("Tab");
        }
        assertThat(grid).isFocused();
        page.keyboard().press("ArrowDown");
        page.keyboard().press("ArrowDown");
        page.keyboard().press("ArrowUp");
        assertThat(page.locator("#" + grid.getAttribute("aria-activedescendant")))
                .containsText("b.txt");
        page.keyboard().press("Enter");
        assertThat(page).hasURL(Pattern.compile("#/document/[0-9a-f-]{36}$"));
    }

    @Test
    void a_server_out_of_reach_is_told_and_tried_again() throws Exception {
        document("a.txt");
        page.navigate("/#/documents?name=b");
        assertThat(page.getByText("Nothing matches")).isVisible();
        page.context().setOffline(true);
        page.getByLabel("Search names").fill("a");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("The server can’t be reached");
        assertAccessible();
        picture("offline");
        page.context().setOffline(false);
        button("Try again").click();
        assertThat(page.locator(".rows .row")).hasCount(1);
    }

    @Test
    void a_filter_that_the_server_refuses_is_named() {
        page.navigate("/#/documents?metadata=nonsense");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("metadata");
        page.locator(".state").getByText("Clear all filters").click();
        assertThat(page.getByText("No documents yet")).isVisible();
    }

    @Test
    void it_looks_like_something_one_would_show() throws Exception {
        document("Annual report 2026.pdf", "application/pdf", "%PDF-1.7\n%".getBytes(StandardCharsets.US_ASCII), "{}");
        document("Team photo.gif", "image/gif", gif(2_400_000), "{}");
        document("Notes from the meeting.txt", "text/plain", random(1, 8_200, 'a'), "{}");
        document("budget.csv", "text/csv", "a,b\n1,2\n".repeat(3_000).getBytes(StandardCharsets.US_ASCII), "{}");
        document("Übersicht – ein sehr langer Name, der auf keinen schmalen Schirm passt und darum gekürzt wird.md");
        document("config.json", "application/json", "{\"a\": 1}".getBytes(StandardCharsets.US_ASCII), "{}");
        for (int i = 1; i < 20; i++) {
            document("Letter " + i + ".txt", "text/plain", random(i, 1000 * i * i, 'a'), "{}");
        }
        String old = document("Draft.txt").get("id").asText();
        send(request("/v1/documents/" + old, token).DELETE());
        body(post("/v1/documents", token, "application/json", "{\"name\": \"Expected.zip\"}"), 201);
        page.navigate("/#/documents?status=any&sort=name");
        assertThat(page.locator(".rows .row")).hasCount(27);
        // whatever kind each is of, its name is seen
        for (Locator name : page.locator(".rows .row .name").all()) {
            assertThat(name.boundingBox().height).isLessThan(40);
            assertThat(name.locator("a")).isVisible();
            assertThat(name.locator("svg").boundingBox().width).isLessThan(30);
        }
        assertAccessible();
        picture("list");
    }

    static byte[] random(int seed, int length, char letter) {
        byte[] bytes = random(seed, length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (letter + (bytes[i] & 15));
        }
        return bytes;
    }

    /** Begins as a GIF does. */
    static byte[] gif(int length) {
        byte[] bytes = new byte[length];
        byte[] head = "GIF89a\1\0\1\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(head, 0, bytes, 0, head.length);
        return bytes;
    }
}
