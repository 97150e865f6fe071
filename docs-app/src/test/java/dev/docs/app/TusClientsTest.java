package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusExecutor;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Clients that others have written upload over a network that breaks, and resume. */
class TusClientsTest extends RunningServer {
    private static final byte[] BYTES = random(11, 5_000_000);

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Test
    void the_java_client_is_cut_and_resumes() throws Exception {
        try (CuttingProxy network = new CuttingProxy(server.port(), 1_500_000, 2)) {
            TusClient client = client(network);
            TusUpload upload = upload(Map.of("filename", "java.bin", "metadata", "{\"by\": \"java\"}"));
            TusExecutor executor = new TusExecutor() {
                @Override
                protected void makeAttempt() throws ProtocolException, IOException {
                    upload.setInputStream(new ByteArrayInputStream(BYTES));
                    TusUploader uploader = client.resumeOrCreateUpload(upload);
                    uploader.setChunkSize(100_000);
                    while (uploader.uploadChunk() >= 0) {
                        Thread.onSpinWait();
                    }
                    uploader.finish();
                }
            };
            executor.setDelays(new int[] {10, 100, 1000, 2000, 4000});

            assertThat(executor.makeAttempts()).isTrue();

            assertThat(network.cutsLeft()).isZero();
            requireStored("java.bin", "java");
        }
    }

    /** What another process of the client's would do, with the address that it wrote down. */
    @Test
    void the_java_client_goes_on_after_a_restart_of_the_server() throws Exception {
        TusUpload upload = upload(Map.of("filename", "java.bin", "metadata", "{\"by\": \"java\"}"));
        TusURLMemoryStore addresses = new TusURLMemoryStore();
        try (CuttingProxy network = new CuttingProxy(server.port(), Integer.MAX_VALUE, 0)) {
            TusClient client = client(network);
            client.enableResuming(addresses);
            TusUploader uploader = client.resumeOrCreateUpload(upload);
            uploader.setChunkSize(1_000_000);
            uploader.setRequestPayloadSize(1_000_000);
            uploader.uploadChunk();
            uploader.uploadChunk();
            uploader.finish();
        }
        String path = addresses.get("print").getPath();
        restart();

        TusClient client = client(null);
        upload.setInputStream(new ByteArrayInputStream(BYTES));
        TusUploader uploader =
                client.beginOrResumeUploadFromURL(upload, uri(path).toURL());
        assertThat(uploader.getOffset()).isEqualTo(2_000_000);
        while (uploader.uploadChunk() >= 0) {
            Thread.onSpinWait();
        }
        uploader.finish();

        requireStored("java.bin", "java");
    }

    /** Needs node, and installs the client: {@code -Ddocs.npm=true}. */
    @Test
    @EnabledIfSystemProperty(named = "docs.npm", matches = "true")
    void the_javascript_client_is_cut_and_resumes() throws Exception {
        Path folder = Files.createDirectories(data.resolve("npm"));
        Files.write(folder.resolve("file.bin"), BYTES);
        Files.copy(Path.of("src", "test", "npm", "upload.mjs"), folder.resolve("upload.mjs"));
        run(folder, "npm", "init", "--yes");
        run(folder, "npm", "install", "--no-audit", "--no-fund", "tus-js-client@4.3.1");
        try (CuttingProxy network = new CuttingProxy(server.port(), 1_500_000, 2)) {
            String said = run(
                    folder,
                    "node",
                    "upload.mjs",
                    "http://127.0.0.1:" + network.port() + "/v1/uploads",
                    admin,
                    "file.bin");

            assertThat(said).contains("uploaded 5000000 bytes after 2 retries");
            assertThat(network.cutsLeft()).isZero();
            requireStored("javascript.bin", "javascript");
        }
    }

    private TusClient client(@Nullable CuttingProxy network) throws Exception {
        TusClient client = new TusClient();
        int port = network == null ? server.port() : network.port();
        client.setUploadCreationURL(
                URI.create("http://127.0.0.1:" + port + "/v1/uploads").toURL());
        client.enableResuming(new TusURLMemoryStore());
        client.setHeaders(new HashMap<>(Map.of("Authorization", "Bearer " + admin)));
        return client;
    }

    private static TusUpload upload(Map<String, String> metadata) {
        TusUpload upload = new TusUpload();
        upload.setSize(BYTES.length);
        upload.setFingerprint("print");
        upload.setInputStream(new ByteArrayInputStream(BYTES));
        upload.setMetadata(metadata);
        return upload;
    }

    private void requireStored(String name, String by) throws Exception {
        JsonNode items = body(send(get("/v1/documents?metadata=by:" + by)), 200).get("items");
        assertThat(items).hasSize(1);
        JsonNode document = items.get(0);
        assertThat(document.get("name").asText()).isEqualTo(name);
        assertThat(document.get("version").asInt()).isEqualTo(1);
        assertThat(document.get("sha256").asText()).isEqualTo(sha256(BYTES));
    }

    private static String run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
