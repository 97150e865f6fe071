package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Sha256;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** A server that is killed in the middle of an upload in parts, again and again, and a client that goes on each time. */
class ResumeAfterKillTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 64 * MIB;

    /** What a server that dies may lose of one part. */
    private static final int PIECE = 16 * MIB;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final byte[] bytes = new byte[SIZE];

    @Test
    void an_upload_survives_kills_on_h2() throws Exception {
        surviveKills(Map.of());
    }

    @Test
    void an_upload_survives_kills_on_postgresql() throws Exception {
        try (PostgresProcess postgres = PostgresProcess.start(Files.createDirectories(folder.resolve("postgres")))) {
            surviveKills(postgres.flags());
        }
    }

    /** All bytes are there, and the server dies before or after it has published them. */
    @ParameterizedTest
    @EnumSource(names = {"VERSION_INSERTED", "PUBLISHED_FILE"})
    void whoever_asks_about_a_complete_upload_makes_up_for_its_publication(KillPoint point) throws Exception {
        byte[] content = new byte[MIB];
        new Random(4).nextBytes(content);
        Map<String, String> flags = Map.of("--data", folder.resolve("data").toString(), "--upload-expiry", "1h");
        ServerProcess dying = ServerProcess.start(folder, "resume-after-kill", flags, point, 1);
        Client client = new Client(dying.token());
        String path = begin(client, dying.address(), MIB);
        dying.arm();
        HttpRequest.Builder part = tus(client, dying.address(), path)
                .header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(content));
        assertThat(ended(http.sendAsync(part.build(), BodyHandlers.discarding())))
                .isFalse();
        dying.requireHit();

        try (ServerProcess server = start(flags)) {
            HttpResponse<Void> head = send(tus(client, server.address(), path).method("HEAD", BodyPublishers.noBody()));

            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValue("Upload-Offset")).contains("" + MIB);
            String document = head.headers().firstValue("Content-Location").orElseThrow();
            assertThat(client.download(server.address(), document + "/content"))
                    .isEqualTo(new State.Blob(Sha256.hex(ByteBuffer.wrap(content)), MIB));
            assertThat(client.read(server.address(), document).get("version").asInt())
                    .isEqualTo(1);
        }
    }

    private String begin(Client client, URI address, int size) throws Exception {
        HttpResponse<Void> created = send(tus(client, address, "/v1/uploads")
                .header("Upload-Length", "" + size)
                .header("Upload-Metadata", "filename YQ==")
                .POST(BodyPublishers.noBody()));
        return created.headers().firstValue("Location").orElseThrow();
    }

    private void surviveKills(Map<String, String> database) throws Exception {
        new Random(3).nextBytes(bytes);
        Path data = folder.resolve("data");
        Map<String, String> flags = new LinkedHashMap<>(database);
        flags.put("--data", data.toString());
        flags.put("--upload-expiry", "1h");
        flags.put("--default-quota-bytes", "" + 2L * SIZE);
        ServerProcess server = start(flags);
        String token = server.token();
        Client client = new Client(token);
        String path = begin(client, server.address(), SIZE);
        List<Long> offsets = new ArrayList<>();
        for (int kill : new int[] {3 * MIB, 20 * MIB, 45 * MIB}) {
            long offset = offset(client, server.address(), path);
            CountDownLatch killed = new CountDownLatch(1);
            HttpRequest.Builder request = tus(client, server.address(), path)
                    .header("Upload-Offset", "" + offset)
                    .header("Content-Type", "application/offset+octet-stream")
                    .method("PATCH", BodyPublishers.ofInputStream(() -> stoppingAt(offset, kill + 2 * MIB, killed)));
            CompletableFuture<?> part = http.sendAsync(request.build(), BodyHandlers.discarding());
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> drafted(data) > kill);
            server.kill();
            killed.countDown();
            assertThat(ended(part)).isFalse();
            server = start(flags);
            offsets.add(offset(client, server.address(), path));
            assertThat(client.read(server.address(), "/v1/usage")
                            .at("/bytes/reserved")
                            .asLong())
                    .isEqualTo(SIZE);
        }
        // what was acknowledged to the record by then is there, and no more than was written
        assertThat(offsets.get(0)).isLessThan(PIECE + 3 * MIB);
        assertThat(offsets.get(1)).isGreaterThanOrEqualTo(PIECE);
        assertThat(offsets.get(2)).isGreaterThanOrEqualTo(2 * PIECE);

        HttpResponse<Void> last = send(part(client, server.address(), path, offsets.get(2)));

        assertThat(last.statusCode()).isEqualTo(204);
        String document = last.headers().firstValue("Content-Location").orElseThrow();
        State.Blob blob = client.download(server.address(), document + "/content");
        assertThat(blob).isEqualTo(new State.Blob(Sha256.hex(ByteBuffer.wrap(bytes)), SIZE));
        assertThat(drafted(data)).isZero();
        assertThat(client.read(server.address(), "/v1/usage")
                        .at("/bytes/reserved")
                        .asLong())
                .isZero();
        server.stop();
    }

    /** Never gets to its end before the server is killed. */
    private InputStream stoppingAt(long from, int stop, CountDownLatch killed) {
        return new SequenceInputStream(
                new ByteArrayInputStream(bytes, (int) from, stop - (int) from), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        try {
                            killed.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return -1;
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return read();
                    }
                });
    }

    private ServerProcess start(Map<String, String> flags) {
        ServerProcess server = ServerProcess.start(folder, "resume-after-kill", flags, List.of());
        server.address();
        return server;
    }

    private static boolean ended(CompletableFuture<?> part) throws InterruptedException {
        try {
            part.get();
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }

    private HttpRequest.Builder part(Client client, URI address, String path, long offset) {
        return tus(client, address, path)
                .header("Upload-Offset", "" + offset)
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(bytes, (int) offset, SIZE - (int) offset));
    }

    private long offset(Client client, URI address, String path) throws Exception {
        HttpResponse<Void> head = send(tus(client, address, path).method("HEAD", BodyPublishers.noBody()));
        return Long.parseLong(head.headers().firstValue("Upload-Offset").orElseThrow());
    }

    private static HttpRequest.Builder tus(Client client, URI address, String path) {
        return client.request(address, path).header("Tus-Resumable", "1.0.0");
    }

    private HttpResponse<Void> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.discarding());
    }

    /** Bytes of unfinished files. */
    private static long drafted(Path data) throws IOException {
        try (Stream<Path> drafts = Files.list(data.resolve("files").resolve("tmp"))) {
            long sum = 0;
            for (Path draft : (Iterable<Path>) drafts::iterator) {
                sum += Files.size(draft);
            }
            return sum;
        }
    }
}
