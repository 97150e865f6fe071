package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.Test;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/** One document: previews, properties, versions, and what ends it. */
class PageDocumentTest extends PageAcceptance {
    private static final String TEXT = "text/plain";

    // Previews

    @Test
    void of_a_long_text_the_beginning_is_fetched_and_shown() throws Exception {
        String text = "A line of text that says little.\n".repeat(20_000);
        String id = document("long.txt", TEXT, text.getBytes(StandardCharsets.US_ASCII), "{}")
                .get("id")
                .asText();
        List<String> answers = new CopyOnWriteArrayList<>();
        page.onResponse(response -> {
            if (response.url().contains("/content?")) {
                answers.add(response.status() + " " + response.headers().get("content-length"));
            }
        });
        open(id);
        assertThat(page.locator(".preview pre")).containsText("A line of text");
        assertThat(page.locator(".preview .cut")).containsText("The first 262 kB of 660 kB");
        assertThat(page.locator(".preview pre").innerText()).hasSize(256 << 10);
        assertThat(answers).containsExactly("206 262144");
        assertAccessible();
        picture("document-text");
    }

    @Test
    void nothing_of_a_document_runs() throws Exception {
        String script = "document.title = 'owned'; document.body.dataset.owned = 1;";
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\" onload=\"parent." + script
                + "\"><script>" + script + "</script><rect width=\"40\" height=\"30\"/></svg>";
        for (String[] each : List.of(
                new String[] {
                    "a.html", "text/html", "<html><body onload=\"" + script + "\"><script>" + script + "</script>"
                },
                new String[] {"a.svg", "image/svg+xml", svg},
                new String[] {"a.js", "text/javascript", script})) {
            String id = document(each[0], each[1], each[2].getBytes(StandardCharsets.US_ASCII), "{}")
                    .get("id")
                    .asText();
            open(id);
            if (each[0].endsWith("svg")) {
                shown(page.locator(".preview img"), 40);
            } else {
                assertThat(page.locator(".preview pre")).hasText(each[2]);
            }
            assertThat(page).hasTitle(each[0] + " · Docs");
            assertThat(page.evaluate("() => document.body.dataset.owned ?? 'no'"))
                    .isEqualTo("no");
        }
    }

    @Test
    void a_picture_is_shown() throws Exception {
        open(document("photo.png", "image/png", png(640, 400), "{\"place\": \"Rome\", \"year\": 2026}")
                .get("id")
                .asText());
        shown(page.locator(".preview img"), 640);
        assertThat(page.getByAltText("Picture: photo.png")).isVisible();
        assertAccessible();
        picture("document-picture");
    }

    @Test
    void what_is_damaged_is_told() throws Exception {
        byte[] half = png(640, 400);
        open(document("half.png", "image/png", java.util.Arrays.copyOf(half, 20), "{}")
                .get("id")
                .asText());
        assertThat(page.locator(".preview")).containsText("can’t be shown");
        open(document("broken.pdf", "application/pdf", "%PDF-1.7\n%nothing".getBytes(StandardCharsets.US_ASCII), "{}")
                .get("id")
                .asText());
        assertThat(page.locator(".preview")).containsText("can’t be shown");
        open(document("data.bin", "application/octet-stream", random(1, 100), "{}")
                .get("id")
                .asText());
        assertThat(page.locator(".preview")).containsText("no preview for this type");
    }

    @Test
    void a_pdf_is_drawn_and_can_be_read_aloud() throws Exception {
        open(document("letter.pdf", "application/pdf", pdf("Dear reader", 3), "{}")
                .get("id")
                .asText());
        Locator first = page.locator(".pdfpage[data-state=drawn]").first();
        assertThat(first.locator("p")).containsText("Dear reader 1");
        assertThat(page.locator(".pdfpage")).hasCount(3);
        Object dark = first.locator("canvas")
                .evaluate("canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
                        + ".data.filter((v, i) => i % 4 === 0 && v < 100).length");
        assertThat(((Number) dark).intValue()).isGreaterThan(100);
        assertAccessible();
        picture("document-pdf");
    }

    @Test
    void sound_is_played_by_a_link_and_in_pieces() throws Exception {
        open(document("tone.wav", "audio/wav", wav(120), "{}").get("id").asText());
        List<String> answers = new CopyOnWriteArrayList<>();
        page.onResponse(response -> {
            if (response.url().contains("/v1/l/")) {
                answers.add(response.status() + " " + response.headers().get("content-range"));
            }
        });
        Locator audio = page.locator(".preview audio");
        page.waitForFunction("() => document.querySelector('.preview audio')?.duration > 119");
        audio.evaluate("audio => new Promise(done => { audio.onseeked = done; audio.currentTime = 110; })");
        assertThat(audio.getAttribute("src")).startsWith("/v1/l/").doesNotContain(token);
        assertThat(answers).anyMatch(answer -> answer.matches("206 bytes [1-9]\\d*-.*"));
        assertAccessible();
        picture("document-audio");
    }

    @Test
    void a_film_is_played() throws Exception {
        page.navigate("/");
        Object film = page.evaluate("async () => { const canvas = document.createElement('canvas');"
                + "canvas.width = 64; canvas.height = 48; const pen = canvas.getContext('2d');"
                + "const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: 'video/webm;codecs=vp8'});"
                + "const parts = []; recorder.ondataavailable = event => parts.push(event.data); recorder.start();"
                + "for (let i = 0; i < 20; i++) { pen.fillRect(i * 3, i * 2, 9, 9); await new Promise(n => setTimeout(n, 40)); }"
                + "await new Promise(end => { recorder.onstop = end; recorder.stop(); });"
                + "const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());"
                + "return btoa(String.fromCharCode(...bytes)); }");
        byte[] bytes = Base64.getDecoder().decode((String) film);
        open(document("film.webm", "video/webm", bytes, "{}").get("id").asText());
        page.waitForFunction("() => document.querySelector('.preview video')?.videoWidth === 64");
    }

    // Properties

    @Test
    void name_and_metadata_are_changed_with_their_types() throws Exception {
        String id = document(
                        "a.txt",
                        TEXT,
                        new byte[] {'a'},
                        "{\"year\": 2025, \"note\": \"42\", \"tags\": [\"x\"], \"old\": true}")
                .get("id")
                .asText();
        open(id);
        assertThat(page.getByLabel("Value of note")).hasValue("\"42\"");
        page.getByLabel("Name", exactly()).fill("b.txt");
        page.getByLabel("Value of year").fill("2026");
        page.getByLabel("Value of tags").fill("[\"x\", \"y\"]");
        button("Remove old").click();
        button("Add an entry").click();
        page.getByLabel("Key 4").fill("place");
        page.getByLabel("Value of place").fill("Rome, {not JSON");
        button("Save").click();
        assertThat(page.getByText("Saved", new Page.GetByTextOptions().setExact(true)))
                .isVisible();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("b.txt");
        JsonNode now = read(id);
        assertThat(now.get("name").asText()).isEqualTo("b.txt");
        assertThat(now.get("metadata").toString())
                .isEqualTo("{\"year\":2026,\"note\":\"42\",\"tags\":[\"x\",\"y\"],\"place\":\"Rome, {not JSON\"}");

        page.getByLabel("Name", exactly()).fill("c\u0007.txt");
        button("Save").click();
        assertThat(page.locator(".properties [role=alert]")).containsText("name");
        button("Discard changes").click();
        assertThat(page.getByLabel("Name", exactly())).hasValue("b.txt");
    }

    @Test
    void a_conflict_is_shown_and_both_changes_can_be_kept() throws Exception {
        String id = document("a.txt", TEXT, new byte[] {'a'}, "{\"mine\": 1, \"theirs\": 1}")
                .get("id")
                .asText();
        open(id);
        page.getByLabel("Value of mine").fill("2");
        change(id, "{\"metadata\": {\"theirs\": 3}}");
        button("Save").click();
        Locator conflict = page.locator(".conflict");
        assertThat(conflict).containsText("Somebody has changed this document meanwhile");
        assertThat(conflict).containsText("theirs: 3");
        assertThat(page.getByLabel("Value of mine")).hasValue("2");
        assertThat(read(id).at("/metadata/mine").asInt()).isEqualTo(1);
        assertAccessible();
        picture("conflict");
        button("Save mine as well").click();
        assertThat(conflict).hasCount(0);
        assertThat(read(id).get("metadata").toString()).isEqualTo("{\"mine\":2,\"theirs\":3}");

        page.getByLabel("Value of mine").fill("5");
        change(id, "{\"name\": \"b.txt\"}");
        button("Save").click();
        assertThat(conflict).containsText("Name: b.txt");
        button("Discard mine").click();
        assertThat(page.getByLabel("Value of mine")).hasValue("2");
        assertThat(page.getByLabel("Name", exactly())).hasValue("b.txt");
    }

    // Versions

    @Test
    void versions_are_added_looked_at_restored_dropped_and_downloaded() throws Exception {
        String id = document("a.txt", TEXT, "first".getBytes(StandardCharsets.US_ASCII), "{}")
                .get("id")
                .asText();
        open(id);
        Path next = Files.writeString(data.resolve("next-" + user + ".txt"), "second content");
        page.waitForFileChooser(() -> button("New version").click()).setFiles(next);
        Locator versions = page.locator(".versions li");
        assertThat(versions).hasCount(2);
        assertThat(page.locator(".preview pre")).hasText("second content");
        assertThat(read(id).get("name").asText()).isEqualTo("a.txt");

        button("Version 1").click();
        assertThat(page.locator(".preview pre")).hasText("first");
        Download download =
                page.waitForDownload(() -> button("Download version 1").click());
        assertThat(Files.readString(download.path())).isEqualTo("first");
        assertThat(download.suggestedFilename()).isEqualTo("a.txt");
        button("Go back to version 1").click();
        assertThat(versions).hasCount(3);
        assertThat(versions.first()).containsText("current");
        assertThat(read(id).get("version").asInt()).isEqualTo(3);
        assertAccessible();
        picture("versions");

        button("Drop version 2").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).containsText("Version 2 of");
        assertThat(dialog).containsText("14 bytes, will be lost for good");
        assertAccessible();
        button("Cancel").click();
        assertThat(versions).hasCount(3);
        button("Drop version 2").click();
        button("Drop it").click();
        assertThat(versions).hasCount(2);
        assertThat(body(send(request("/v1/documents/" + id + "/versions", token)), 200)
                        .get("items"))
                .hasSize(2);

        Download current = page.waitForDownload(() -> button("Download").click());
        assertThat(Files.readString(current.path())).isEqualTo("first");
    }

    // What ends it

    @Test
    void it_is_archived_restored_and_purged_after_one_was_told_what_is_lost() throws Exception {
        String id = document("last words.txt", TEXT, "12345".getBytes(StandardCharsets.US_ASCII), "{\"a\": 1}")
                .get("id")
                .asText();
        body(
                send(request("/v1/documents/" + id + "/content", token)
                        .header("Content-Type", TEXT)
                        .PUT(BodyPublishers.ofString("1234567"))),
                200);
        page.navigate("/#/documents?name=words");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("last words.txt"))
                .click();
        button("Archive").click();
        assertThat(page.locator(".said")).hasText("Archived. It can be restored any time.");
        assertThat(read(id).get("status").asText()).isEqualTo("archived");
        button("Restore").click();
        assertThat(page.locator(".said")).hasText("Restored.");
        assertThat(read(id).get("status").asText()).isEqualTo("active");

        button("Purge…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).containsText("last words.txt");
        assertThat(dialog).containsText("2 versions, 12 bytes in all");
        assertThat(dialog).containsText("1 entry of metadata");
        assertThat(button("Cancel")).isFocused();
        assertAccessible();
        picture("purge");
        page.keyboard().press("Escape");
        assertThat(dialog).hasCount(0);
        assertThat(read(id).get("status").asText()).isEqualTo("active");

        button("Purge…").click();
        button("Purge for good").click();
        assertThat(page).hasURL(Pattern.compile("#/documents\\?name=words$"));
        assertThat(page.getByText("Nothing matches")).isVisible();
        assertThat(send(request("/v1/documents/" + id, token)).statusCode()).isEqualTo(404);
        page.navigate("/#/document/" + id);
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("There is no such document");
        assertAccessible();
    }

    @Test
    void what_was_decided_on_an_older_look_is_not_done() throws Exception {
        String id = document("a.txt").get("id").asText();
        open(id);
        change(id, "{\"name\": \"important.txt\"}");
        button("Purge…").click();
        button("Purge for good").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Somebody has changed this document meanwhile");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("important.txt");
        assertThat(read(id).get("status").asText()).isEqualTo("active");
    }

    @Test
    void keys_alone_do_it_all_and_lead_back_to_where_one_was() throws Exception {
        documents(300);
        page.navigate("/#/documents?sort=name");
        Locator grid = page.getByRole(AriaRole.GRID);
        assertThat(page.locator(".count")).containsText("300");
        grid.focus();
        for (int i = 0; i < 12; i++) {
            page.keyboard().press("PageDown");
        }
        String row = grid.getAttribute("aria-activedescendant");
        String name = page.locator("#" + row + " .name a").innerText();
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText(name);
        tabTo(page.getByLabel("Name", exactly()));
        page.keyboard().press("End");
        page.keyboard().type("x");
        page.keyboard().press("Enter");
        assertThat(page.getByText("Saved", new Page.GetByTextOptions().setExact(true)))
                .isVisible();

        page.goBack();
        assertThat(grid).isVisible();
        assertThat(page.getByText(name + "x")).isVisible();
        page.getByText(name + "x").click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText(name + "x");
        page.goBack();
        assertThat(page.getByText(name + "x")).isVisible();
        assertThat(grid).isFocused();
    }

    // How it is done

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }

    private void open(String id) {
        page.navigate("/#/document/" + id);
        assertThat(page.locator(".properties")).isVisible();
    }

    private JsonNode read(String id) throws Exception {
        return body(send(request("/v1/documents/" + id, token)), 200);
    }

    private void change(String id, String patch) throws Exception {
        body(
                send(request("/v1/documents/" + id, token)
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString(patch))),
                200);
    }

    private void shown(Locator picture, int width) {
        assertThat(picture).isVisible();
        page.waitForFunction(
                "([image, width]) => image.naturalWidth === width", List.of(picture.elementHandle(), width));
    }

    private static byte[] png(int width, int height) throws Exception {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        for (int y = 0; y < height; y++) {
            pen.setColor(new Color(20 + 100 * y / height, 110 + 60 * y / height, 190 - 90 * y / height));
            pen.drawLine(0, y, width, y);
        }
        pen.setColor(new Color(250, 215, 120));
        pen.fillOval(width * 3 / 5, height / 6, height / 4, height / 4);
        pen.setColor(new Color(24, 60, 60));
        pen.fillPolygon(
                new int[] {0, width / 3, width / 2, width * 3 / 4, width},
                new int[] {height, height / 2, height * 3 / 4, height * 2 / 5, height},
                5);
        pen.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    /** Of so many seconds. */
    private static byte[] wav(int seconds) throws Exception {
        AudioFormat format = new AudioFormat(22_050, 16, 1, true, false);
        byte[] samples = new byte[seconds * 44_100];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length / 2),
                AudioFileFormat.Type.WAVE,
                bytes);
        return bytes.toByteArray();
    }

    /** Pages with a line each, in a font that is not in the file. */
    private static byte[] pdf(String line, int pages) {
        StringBuilder kids = new StringBuilder();
        StringBuilder objects = new StringBuilder();
        List<Integer> offsets = new ArrayList<>();
        StringBuilder file = new StringBuilder("%PDF-1.4\n");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < pages; i++) {
            kids.append(4 + 2 * i).append(" 0 R ");
        }
        all.add("<</Type/Catalog/Pages 2 0 R>>");
        all.add("<</Type/Pages/Count " + pages + "/Kids[" + kids + "]>>");
        all.add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        for (int i = 0; i < pages; i++) {
            String text = "BT /F1 28 Tf 72 740 Td (" + line + " " + (i + 1) + ") Tj ET";
            all.add("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents "
                    + (5 + 2 * i) + " 0 R>>");
            all.add("<</Length " + text.length() + ">>stream\n" + text + "\nendstream");
        }
        for (int i = 0; i < all.size(); i++) {
            offsets.add(file.length() + objects.length());
            objects.append(i + 1).append(" 0 obj\n").append(all.get(i)).append("\nendobj\n");
        }
        file.append(objects);
        int table = file.length();
        file.append("xref\n0 ").append(all.size() + 1).append("\n0000000000 65535 f \n");
        offsets.forEach(offset -> file.append(String.format("%010d 00000 n \n", offset)));
        file.append("trailer<</Size ")
                .append(all.size() + 1)
                .append("/Root 1 0 R>>\nstartxref\n")
                .append(table)
                .append("\n%%EOF");
        return file.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
