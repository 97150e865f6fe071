package dev.docs.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files get to the server: by button, drop and paste, and whatever happens on their way. */
class PageUploadTest extends PageAcceptance {
    private static final int MIB = 1 << 20;
    private static final int LIMIT = 200 * MIB;

    @Override
    Map<String, String> settingsOfTheTest() {
        Map<String, String> settings = new LinkedHashMap<>(super.settingsOfTheTest());
        settings.put("--max-document-bytes", "" + LIMIT);
        settings.put("--denied-types", "application/x-msdownload,text/html");
        return settings;
    }

    @BeforeEach
    void open() {
        page.navigate("/");
        assertThat(page.getByText("No documents yet")).isVisible();
        page.waitForFunction("() => customElements.get('docs-uploads')");
    }

    @Test
    void several_files_are_chosen_with_the_button() throws Exception {
        byte[] first = random(1, 3 * MIB);
        byte[] second = random(2, 10);
        chooser(() -> button("Upload").click()).setFiles(new FilePayload[] {
            new FilePayload("first.bin", "application/octet-stream", first),
            new FilePayload("Größe 2.bin", "application/octet-stream", second),
            new FilePayload("nothing.txt", "text/plain", new byte[0])
        });

        assertThat(page.locator(".upload.done")).hasCount(3);
        assertThat(page.locator(".dock h2")).hasText("Uploaded 3 of 3");
        assertThat(page.locator("docs-uploads [role=status]")).hasText("3 files are uploaded");
        // they are in the list by themselves
        assertThat(page.locator(".rows .row")).hasCount(3);
        assertThat(content("first.bin")).isEqualTo(first);
        assertThat(content("Größe 2.bin")).isEqualTo(second);
        assertThat(content("nothing.txt")).isEmpty();
        assertThat(page.evaluate("() => Object.keys(localStorage).filter(k => k.startsWith('docs.upload'))")
                        .toString())
                .isEqualTo("[]");
        assertAccessible();
        picture("uploaded");
        button("Close the list of uploads").click();
        assertThat(page.locator(".dock")).hasCount(0);
    }

    @Test
    void a_folder_goes_up_with_its_paths() throws Exception {
        Path folder = Files.createDirectories(data.resolve("chosen-" + user).resolve("trip"));
        Files.writeString(Files.createDirectories(folder.resolve("day 1")).resolve("a.txt"), "a");
        Files.writeString(folder.resolve("b.txt"), "b");
        chooser(() -> button("Upload folder").click()).setFiles(folder);

        assertThat(page.locator(".upload.done")).hasCount(2);
        assertThat(only("a.txt").at("/metadata/folder").asText()).isEqualTo("trip/day 1");
        assertThat(only("b.txt").at("/metadata/folder").asText()).isEqualTo("trip");
    }

    @Test
    void files_are_dropped_and_pasted() throws Exception {
        String transfer = "() => { const transfer = new DataTransfer();"
                + "transfer.items.add(new File(['%s'], '%s.txt', {type: 'text/plain'})); return transfer; }";
        page.locator("main")
                .dispatchEvent(
                        "dragenter",
                        Map.of("dataTransfer", page.evaluateHandle(String.format(transfer, "dropped", "dropped"))));
        assertThat(page.getByText("Drop to upload")).isVisible();
        page.locator("main")
                .dispatchEvent(
                        "drop",
                        Map.of("dataTransfer", page.evaluateHandle(String.format(transfer, "dropped", "dropped"))));
        assertThat(page.getByText("Drop to upload")).isHidden();
        assertThat(page.locator(".upload.done")).hasCount(1);
        page.evaluate("() => { const make = " + String.format(transfer, "pasted", "pasted") + ";"
                + "document.body.dispatchEvent(new ClipboardEvent('paste',"
                + " {clipboardData: make(), bubbles: true, cancelable: true})); }");
        assertThat(page.locator(".upload.done")).hasCount(2);
        assertThat(content("dropped.txt")).asString(StandardCharsets.UTF_8).isEqualTo("dropped");
        assertThat(content("pasted.txt")).asString(StandardCharsets.UTF_8).isEqualTo("pasted");
    }

    @Test
    void an_upload_is_paused_goes_on_where_it_was_and_can_be_cancelled() throws Exception {
        byte[] bytes = random(3, 40 * MIB);
        slow(8 * MIB);
        choose("large.bin", bytes);
        Locator upload = page.locator(".upload");
        assertThat(upload).containsText("MB of");
        assertThat(page.locator(".dock")).containsText("left");
        assertThat(page.locator(".dock")).containsText("/s");
        assertAccessible();
        picture("uploading");
        button("Pause large.bin").click();
        assertThat(upload).containsText("paused");
        button("Resume large.bin").click();
        button("Pause all uploads").click();
        assertThat(upload).containsText("paused");
        slow(0);
        button("Resume all uploads").click();
        assertThat(page.locator(".upload.done")).hasCount(1);
        assertThat(content("large.bin")).isEqualTo(bytes);

        slow(8 * MIB);
        choose("other.bin", bytes);
        assertThat(page.locator(".upload.running")).containsText("MB of");
        button("Cancel other.bin").click();
        assertThat(page.locator(".upload.cancelled")).containsText("cancelled");
        assertThat(page.locator(".rows .row")).hasCount(1);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> body(send(request("/v1/usage", token)), 200)
                                .at("/uploads/open")
                                .asInt()
                        == 0);
        slow(0);
        button("Upload other.bin again").click();
        assertThat(page.locator(".upload.done")).hasCount(2);
    }

    @Test
    void a_connection_that_breaks_again_and_again_is_survived() throws Exception {
        byte[] bytes = random(4, 30 * MIB);
        try (CuttingProxy network = new CuttingProxy(server.port(), 4 * MIB, 3)) {
            page.navigate("http://127.0.0.1:" + network.port() + "/");
            assertThat(page.getByText("No documents yet")).isVisible();
            choose("large.bin", bytes);
            assertThat(page.locator(".upload.done")).hasCount(1);
            assertThat(network.cutsLeft()).isZero();
        }
        assertThat(content("large.bin")).isEqualTo(bytes);
    }

    @Test
    void a_reload_is_survived_and_the_file_sent_from_where_it_was() throws Exception {
        Path file = Files.write(data.resolve(user + ".bin"), random(5, 150 * MIB));
        slow(40 * MIB);
        chooser(() -> button("Upload").click()).setFiles(file);
        // the first piece is there
        page.waitForCondition(() -> (double)
                        page.evaluate("() => Number(document.querySelector('.upload progress')" + "?.value ?? 0) + 0.5")
                > 70 * MIB);
        page.onDialog(dialog -> dialog.accept());
        page.reload();

        Locator upload = page.locator(".upload.missing");
        assertThat(upload).containsText("choose the file again");
        assertAccessible();
        picture("interrupted");
        StringBuilder offsets = new StringBuilder();
        page.onRequest(request -> {
            if (request.method().equals("PATCH")) {
                offsets.append(request.headers().get("upload-offset")).append(' ');
            }
        });
        chooser(() -> button("Choose " + user + ".bin again").click()).setFiles(file);
        assertThat(page.locator(".upload.done")).hasCount(1);
        assertThat(Long.parseLong(offsets.toString().split(" ")[0])).isGreaterThanOrEqualTo(64 * MIB);
        assertThat(sha256(content(user + ".bin"))).isEqualTo(sha256(Files.readAllBytes(file)));
    }

    @Test
    void refusals_are_told_in_words() throws Exception {
        Path large = data.resolve("large-" + user);
        try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(LIMIT + 1);
        }
        chooser(() -> button("Upload").click()).setFiles(large);
        assertThat(page.locator(".upload.failed"))
                .containsText("The file is too large: a document may have at most 210 MB");

        choose("page.html", "<html><script>1</script></html>".getBytes(StandardCharsets.US_ASCII));
        assertThat(page.locator(".upload.failed").filter(new Locator.FilterOptions().setHasText("page.html")))
                .containsText("Files of this type are not allowed here");

        body(
                send(request("/v1/users/" + user + "/quota", admin)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString("{\"bytes\": 1000}"))),
                200);
        choose("full.bin", random(6, 2_000));
        assertThat(page.locator(".upload.failed").filter(new Locator.FilterOptions().setHasText("full.bin")))
                .containsText("your limit is 1 kB");
        assertThat(page.locator("docs-uploads [role=status]")).containsText("failed");
        assertAccessible();
        picture("refused");

        body(
                send(request("/v1/users/" + user + "/quota", admin)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString("{\"bytes\": null}"))),
                200);
        button("Upload full.bin again").click();
        assertThat(page.locator(".upload.done")).hasCount(1);
    }

    private FileChooser chooser(Runnable click) {
        return page.waitForFileChooser(click);
    }

    private void choose(String name, byte[] bytes) throws Exception {
        // through the disk: the browser's wire is slow
        Path file = Files.write(
                Files.createDirectories(data.resolve("chosen-" + user)).resolve(name), bytes);
        chooser(() -> button("Upload").click()).setFiles(file);
    }

    /** Bytes per second up, 0 for any number. */
    private void slow(int bytesPerSecond) {
        com.google.gson.JsonObject conditions = new com.google.gson.JsonObject();
        conditions.addProperty("offline", false);
        conditions.addProperty("latency", 0);
        conditions.addProperty("downloadThroughput", -1);
        conditions.addProperty("uploadThroughput", bytesPerSecond == 0 ? -1 : bytesPerSecond);
        page.context().newCDPSession(page).send("Network.emulateNetworkConditions", conditions);
    }

    private JsonNode only(String name) throws Exception {
        JsonNode items = body(send(request("/v1/documents?name=" + encoded(name), token)), 200)
                .get("items");
        assertThat(items).as(name).hasSize(1);
        return items.get(0);
    }

    private byte[] content(String name) throws Exception {
        return send(request(only(name).get("content_url").asText(), token)).body();
    }
}
