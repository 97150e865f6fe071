package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** Uploads that nobody goes on with, on a server that gives them seconds. */
class UploadExpiryTest extends RunningServer {
    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Override
    Map<String, String> settingsOfTheTest() {
        return Map.of("--upload-lease", "1s", "--upload-expiry", "2s", "--sweep-interval", "1s");
    }

    @Test
    void what_nobody_goes_on_with_is_given_up_and_nothing_of_it_is_left() throws Exception {
        HttpResponse<byte[]> begun = send(tus("/v1/uploads")
                .header("Upload-Length", "100000")
                .header("Upload-Metadata", "filename YQ==")
                .header("Content-Type", "application/offset+octet-stream")
                .POST(BodyPublishers.ofByteArray(random(1, 50_000))));
        assertThat(begun.statusCode()).isEqualTo(201);
        String path = begun.headers().firstValue("Location").orElseThrow();

        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> usage().get("reserved").asLong() == 0);

        HttpResponse<byte[]> late = send(tus(path)
                .header("Upload-Offset", "50000")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(random(1, 50_000))));
        problem(late, 410, "upload-gone");
        assertThat(send(tus(path).method("HEAD", BodyPublishers.noBody())).statusCode())
                .isEqualTo(410);
        assertThat(names("/v1/documents?status=error")).containsExactly("a");
        try (Stream<Path> files = Files.walk(data.resolve("files"))) {
            assertThat(files.filter(Files::isRegularFile)).allMatch(file -> file.endsWith("STORE-ID"));
        }
        command("fsck");
    }

    private HttpRequest.Builder tus(String path) {
        return request(path, admin).header("Tus-Resumable", "1.0.0");
    }
}
