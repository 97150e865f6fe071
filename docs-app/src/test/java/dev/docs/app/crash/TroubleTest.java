package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.docs.domain.Sha256;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What the real server says when its disk or its database fails it, and that it comes back without being started again. */
class TroubleTest {
    private static final int MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Random random = new Random(1);

    /** Digests of what was acknowledged, by the document's path. */
    private final Map<String, String> acknowledged = new LinkedHashMap<>();

    /** What a test leaves running, to be closed in the opposite order. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    // of the server, once it runs
    private long process;
    private Client client = new Client("");
    private URI address = URI.create("");

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.removeLast().close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    private LoopDisk mount(long bytes, String... options) {
        return closing(LoopDisk.mount(folder, bytes, options));
    }

    @Test
    void a_full_disk_refuses_what_is_new_and_loses_nothing() throws Exception {
        LoopDisk disk = mount(64 * MIB);
        start(Map.of("--data", disk.folder().resolve("data").toString(), "--min-free-bytes", "0"), List.of());
        for (int round = 0; round < 20; round++) {
            uploadUntilFull(round % 2 == 0 ? 5 * MIB : 3 * MIB);
            if (round % 4 == 0) {
                disk.fill();
                refused(upload(4000), 507, "storage-full");
                refused(upload(5 * MIB), 507, "storage-full");
                assertThat(ready(503)).contains("no space left").doesNotContain("/");
                readBack();
                disk.giveBack();
            }
            // at least two, since the database has grown too: its file is on this disk
            List<String> purged =
                    acknowledged.keySet().stream().limit(2 + random.nextInt(4)).toList();
            for (String path : purged) {
                assertThat(send(request(path + "?purge=true").DELETE()).statusCode())
                        .isEqualTo(204);
                acknowledged.remove(path);
            }
            Awaitility.await().atMost(PATIENCE).until(() -> upload(3 * MIB).statusCode() == 201);
        }
        readBack();
        assertThat(ready(200)).contains("up");
    }

    @Test
    void uploads_leave_the_floor_and_everything_else_goes_on_below_it() throws Exception {
        LoopDisk disk = mount(64 * MIB);
        start(Map.of("--data", disk.folder().resolve("data").toString(), "--min-free-bytes", "20MiB"), List.of());
        uploadUntilFull(4 * MIB);
        assertThat(disk.usable()).isBetween(20L * MIB, 25L * MIB);
        disk.fill();
        disk.giveBack();
        Files.write(disk.folder().resolve("others"), new byte[10 * MIB]);
        refused(upload(1), 507, "storage-full");
        assertThat(ready(503)).contains("storage 'main'").contains("too little space");
        readBack();
        // two, since the database has grown too: its file is on this disk
        for (String path : acknowledged.keySet().stream().limit(2).toList()) {
            assertThat(send(request(path).DELETE()).statusCode()).isEqualTo(204);
            assertThat(send(request(path + "?purge=true").DELETE()).statusCode())
                    .isEqualTo(204);
            acknowledged.remove(path);
        }
        disk.giveBack();
        Awaitility.await().atMost(PATIENCE).until(() -> upload(4 * MIB).statusCode() == 201);
        readBack();
    }

    @Test
    void an_upload_in_parts_goes_on_where_it_was_when_the_disk_became_full() throws Exception {
        LoopDisk disk = mount(128 * MIB);
        Map<String, String> flags = new HashMap<>(onDisk(disk));
        flags.put("--upload-expiry", "1h");
        start(flags, List.of());
        byte[] content = new byte[60 * MIB];
        random.nextBytes(content);
        String path = send(tus("/v1/uploads")
                        .header("Upload-Length", "" + content.length)
                        .header("Upload-Metadata", "filename YQ==")
                        .POST(BodyPublishers.noBody()))
                .headers()
                .firstValue("Location")
                .orElseThrow();
        assertThat(send(part(path, content, 0, 20 * MIB)).statusCode()).isEqualTo(204);

        disk.fill();
        refused(send(part(path, content, 20 * MIB, content.length)), 507, "storage-full");
        disk.giveBack();

        HttpResponse<String> head = send(tus(path).method("HEAD", BodyPublishers.noBody()));
        int offset = Integer.parseInt(head.headers().firstValue("Upload-Offset").orElseThrow());
        assertThat(offset).isBetween(20 * MIB, content.length - 1);
        HttpResponse<String> last = send(part(path, content, offset, content.length));
        assertThat(last.statusCode()).as(last.body()).isEqualTo(204);
        acknowledged.put(
                last.headers().firstValue("Content-Location").orElseThrow(), Sha256.hex(ByteBuffer.wrap(content)));
        readBack();
    }

    private HttpRequest.Builder tus(String path) {
        return request(path).header("Tus-Resumable", "1.0.0");
    }

    private HttpRequest.Builder part(String path, byte[] content, int from, int to) {
        return tus(path)
                .header("Upload-Offset", "" + from)
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(content, from, to - from));
    }

    @Test
    void a_disk_without_inodes_is_a_full_one() throws Exception {
        LoopDisk disk = mount(64 * MIB, "-N", "60");
        start(onDisk(disk), List.of());
        uploadUntilFull(20_000);
        assertThat(disk.usable()).isGreaterThan(30 * MIB);
        readBack();
    }

    @Test
    void a_disk_that_is_read_only_keeps_readers_and_takes_writers_when_it_is_writable_again() throws Exception {
        LoopDisk disk = mount(64 * MIB);
        start(onDisk(disk), List.of());
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        assertThat(upload(100).statusCode()).isEqualTo(201);
        disk.remount("ro");
        refused(upload(MIB), 503, "unavailable");
        assertThat(ready(503)).contains("storage 'main'").contains("can't be written");
        readBack();
        String path = acknowledged.keySet().iterator().next();
        assertThat(send(request(path + "?purge=true").DELETE()).statusCode()).isEqualTo(204);
        acknowledged.remove(path);
        disk.remount("rw");
        assertThat(ready(200)).contains("up");
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        readBack();
        Path files = disk.folder().resolve("files");
        Awaitility.await().atMost(PATIENCE).until(() -> contents(files) == 1);
    }

    @Test
    void a_disk_that_fails_to_sync_acknowledges_nothing() throws Exception {
        PostgresProcess postgres = closing(PostgresProcess.start(folder));
        start(flags(postgres.flags(), "--data", folder.resolve("data").toString()), List.of());
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        Process strace = failSyncs();
        try {
            refused(upload(MIB), 503, "unavailable");
            readBack();
        } finally {
            end(strace);
        }
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        readBack();
        Awaitility.await().atMost(PATIENCE).until(() -> contents(folder.resolve("data/files")) == 2);
    }

    @Test
    void an_h2_that_fails_to_sync_acknowledges_nothing() throws Exception {
        start(Map.of("--data", folder.resolve("data").toString()), List.of());
        assertThat(upload(100).statusCode()).isEqualTo(201);
        Process strace = failSyncs();
        try {
            HttpResponse<String> first = upload(100);
            assertThat(first.statusCode()).isEqualTo(503);
            // a chore's change may have been the one whose outcome is unknown
            assertThat(first.body()).containsPattern("/problems/(outcome-unknown|unavailable)");
            // from here on nothing is begun
            refused(upload(MIB), 503, "unavailable");
            readBack();
        } finally {
            end(strace);
        }
        Object doubtful = Files.getAttribute(folder.resolve("data/docs.mv.db"), "unix:ino");
        assertThat(upload(100).statusCode()).isEqualTo(201);
        assertThat(Files.getAttribute(folder.resolve("data/docs.mv.db"), "unix:ino"))
                .as("the file that could not be synced is replaced")
                .isNotEqualTo(doubtful);
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        readBack();
    }

    @Test
    void a_server_out_of_file_descriptors_serves_again_when_some_are_back() throws Exception {
        List<String> few = List.of("sh", "-c", "ulimit -n 400 && exec \"$@\"", "sh");
        start(Map.of("--data", folder.resolve("data").toString()), few);
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        List<Socket> idle = new ArrayList<>();
        try {
            Path open = Path.of("/proc/" + process + "/fd");
            assumeTrue(Files.isDirectory(open), "needs /proc");
            for (int i = 0; i < 390 && count(open) < 398; i++) {
                idle.add(new Socket(address.getHost(), address.getPort()));
            }
            Awaitility.await().atMost(PATIENCE).until(() -> count(open) >= 398);
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> upload(MIB).statusCode() == 201);
        readBack();
    }

    @Test
    void a_postgresql_that_goes_away_and_comes_back_is_used_again() throws Exception {
        PostgresProcess postgres = closing(PostgresProcess.start(folder));
        start(flags(postgres.flags(), "--data", folder.resolve("data").toString()), List.of());
        assertThat(upload(MIB).statusCode()).isEqualTo(201);
        assertThat(upload(100).statusCode()).isEqualTo(201);
        postgres.kill();
        // at once, since each waits for a connection before it gives up
        var list = http.sendAsync(request("/v1/documents").build(), BodyHandlers.ofString());
        var health = http.sendAsync(request("/health/ready").build(), BodyHandlers.ofString());
        refused(upload(MIB), 503, "unavailable");
        refused(list.get(), 503, "unavailable");
        assertThat(health.get().statusCode()).isEqualTo(503);
        assertThat(health.get().body()).contains("database").doesNotContain("localhost");
        assertThat(send(request("/health/live")).statusCode()).isEqualTo(200);
        postgres.restart();
        Awaitility.await().atMost(PATIENCE).until(() -> upload(MIB).statusCode() == 201);
        assertThat(ready(200)).contains("up");
        readBack();
    }

    private void start(Map<String, String> flags, List<String> wrapper) {
        ServerProcess server = closing(ServerProcess.start(folder, "trouble", flags, wrapper));
        client = new Client(server.token());
        address = server.address();
        process = server.id();
    }

    /** The database on a good disk, the content on this one. */
    private Map<String, String> onDisk(LoopDisk disk) {
        return Map.of(
                "--data",
                folder.resolve("data").toString(),
                "--storage",
                "main=fs:" + disk.folder().resolve("files"),
                "--min-free-bytes",
                "0");
    }

    private static Map<String, String> flags(Map<String, String> some, String name, String value) {
        Map<String, String> flags = new HashMap<>(some);
        flags.put(name, value);
        return flags;
    }

    /** Lets every sync of the server fail until it is ended. */
    private Process failSyncs() throws Exception {
        Path log = folder.resolve("strace.txt");
        Process strace;
        try {
            strace = new ProcessBuilder(
                            "strace",
                            "-f",
                            "-p",
                            "" + process,
                            "-e",
                            "trace=fsync,fdatasync",
                            "-e",
                            "inject=fsync,fdatasync:error=EIO")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "needs strace");
            throw e;
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !strace.isAlive() || Files.readString(log).contains("attached"));
        assumeTrue(strace.isAlive(), "strace may not attach");
        closing(strace::destroyForcibly);
        return strace;
    }

    private static void end(Process strace) throws InterruptedException {
        strace.destroy();
        if (!strace.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("strace does not end");
        }
    }

    private void uploadUntilFull(int bytes) throws Exception {
        HttpResponse<String> answer = upload(bytes);
        for (int i = 0; i < 100 && answer.statusCode() == 201; i++) {
            answer = upload(bytes);
        }
        refused(answer, 507, "storage-full");
    }

    private HttpResponse<String> upload(int bytes) throws Exception {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        HttpResponse<String> answer = send(request("/v1/documents")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(
                                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"),
                        BodyPublishers.ofByteArray(content),
                        BodyPublishers.ofString("\r\n--b--\r\n"))));
        if (answer.statusCode() == 201) {
            JsonNode document = Client.JSON.readTree(answer.body());
            acknowledged.put("/v1/documents/" + document.get("id").asText(), Sha256.hex(ByteBuffer.wrap(content)));
        }
        return answer;
    }

    private void readBack() throws Exception {
        for (Map.Entry<String, String> document : acknowledged.entrySet()) {
            State.Blob blob = client.download(address, document.getKey() + "/content");
            assertThat(blob == null ? "nothing" : blob.sha256())
                    .as(document.getKey())
                    .isEqualTo(document.getValue());
        }
    }

    private static void refused(HttpResponse<String> answer, int status, String type) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"/problems/" + type + "\"");
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 503);
    }

    private String ready(int status) throws Exception {
        HttpResponse<String> answer = send(request("/health/ready"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).doesNotContain(folder.toString());
        return answer.body();
    }

    private HttpRequest.Builder request(String path) {
        return client.request(address, path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static long count(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files of content, whole or half. */
    private static long contents(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("STORE-ID"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
