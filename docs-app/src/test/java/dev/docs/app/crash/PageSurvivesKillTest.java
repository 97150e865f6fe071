package dev.docs.app.crash;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.docs.app.Chromium;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A large file goes up from the page while the server is killed and started again; nobody touches the page meanwhile. */
@ExtendWith(Chromium.class)
class PageSurvivesKillTest {
    private static final long MIB = 1 << 20;

    /** MiB: small enough for every build; the same with 2048 takes a minute or two. */
    private static final long SIZE = Integer.getInteger("docs.page.upload-mib", 256) * MIB;

    private static final double BYTES_PER_SECOND = 64 * MIB;
    private static final double MINUTES = 60_000;

    @TempDir
    Path folder;

    @Test
    void an_upload_goes_on_by_itself_when_the_server_is_back() throws Exception {
        Path file = file();
        int port = freePort();
        Map<String, String> flags = Map.of(
                "--data",
                folder.resolve("data").toString(),
                "--port",
                "" + port,
                "--upload-expiry",
                "1h",
                "--default-quota-bytes",
                "0");
        ServerProcess dying = ServerProcess.start(folder, "page-survives-kill", flags, List.of());
        String token = dying.token();
        Client client = new Client(token);
        String address = dying.address().toString();
        List<Long> offsets = new CopyOnWriteArrayList<>();
        try (BrowserContext context = Chromium.browser()
                .newContext(new Browser.NewContextOptions().setLocale("en").setBaseURL(address))) {
            context.addInitScript("sessionStorage.setItem('docs.token', '" + token + "')");
            Page page = context.newPage();
            page.onRequest(request -> {
                if (request.method().equals("PATCH")) {
                    offsets.add(Long.valueOf(request.headers().get("upload-offset")));
                }
            });
            page.navigate("/");
            CDPSession network = context.newCDPSession(page);
            limit(network, BYTES_PER_SECOND);
            page.waitForFileChooser(() -> page.getByRole(
                                    AriaRole.BUTTON,
                                    new Page.GetByRoleOptions()
                                            .setName("Upload")
                                            .setExact(true))
                            .click())
                    .setFiles(file);
            // more than the first piece
            page.waitForFunction(
                    "least => document.querySelector('.upload progress')?.value > least",
                    (double) Math.max(SIZE / 4, 80 * MIB),
                    new Page.WaitForFunctionOptions().setTimeout(5 * MINUTES));
            dying.kill();
            assertThat(page.locator(".upload.lost"))
                    .containsText("connection lost", new LocatorAssertions.ContainsTextOptions().setTimeout(MINUTES));
            offsets.clear();
            limit(network, -1);

            try (ServerProcess server = ServerProcess.start(folder, "page-survives-kill", flags, List.of())) {
                assertThat(server.address().toString()).isEqualTo(address);
                assertThat(page.locator(".upload.done"))
                        .hasCount(1, new LocatorAssertions.HasCountOptions().setTimeout(10 * MINUTES));
                assertThat(offsets.get(0)).isGreaterThanOrEqualTo(64 * MIB);
                String id = page.locator(".upload.done a").getAttribute("href").replaceFirst(".*/", "");
                assertThat(client.download(server.address(), "/v1/documents/" + id + "/content"))
                        .isEqualTo(new State.Blob(sha256(file), SIZE));
            }
        }
    }

    /** A piece that is lost or sent twice would not go unnoticed: no MiB begins like another. */
    private Path file() throws Exception {
        Path file = folder.resolve("large.bin");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(SIZE);
            for (long at = 0; at < SIZE; at += MIB) {
                out.seek(at);
                out.writeLong(at);
            }
        }
        return file;
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) MIB);
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** @param bytesPerSecond up; -1 for any number */
    private static void limit(CDPSession network, double bytesPerSecond) {
        JsonObject conditions = new JsonObject();
        conditions.addProperty("offline", false);
        conditions.addProperty("latency", 0);
        conditions.addProperty("downloadThroughput", -1);
        conditions.addProperty("uploadThroughput", bytesPerSecond);
        network.send("Network.emulateNetworkConditions", conditions);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
