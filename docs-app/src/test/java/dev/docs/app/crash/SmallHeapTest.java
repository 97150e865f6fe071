package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** What comes and goes is larger than the real server's memory, which is 128 MiB. */
class SmallHeapTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 48 * MIB;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void a_zip_of_more_than_memory_holds_comes_whole() throws Exception {
        Map<String, String> flags = Map.of("--data", folder.resolve("data").toString());
        try (ServerProcess server = ServerProcess.start(folder, "small-heap", flags, List.of())) {
            URI address = server.address();
            String token = server.token();
            byte[] piece = new byte[MIB];
            for (int i = 0; i < 4; i++) {
                HttpRequest reservation = request(address.resolve("/v1/documents"), token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\": \"large\"}"))
                        .build();
                String id = new ObjectMapper()
                        .readTree(
                                http.send(reservation, BodyHandlers.ofString()).body())
                        .get("id")
                        .asText();
                HttpRequest upload = request(address.resolve("/v1/documents/" + id + "/content"), token)
                        .PUT(BodyPublishers.ofByteArrays(Collections.nCopies(SIZE / MIB, piece)))
                        .build();
                assertThat(http.send(upload, BodyHandlers.discarding()).statusCode())
                        .isEqualTo(201);
            }
            HttpRequest zip = request(address.resolve("/v1/bulk/zip"), token)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"filter\": {}}"))
                    .build();

            HttpResponse<InputStream> answer = http.send(zip, BodyHandlers.ofInputStream());

            List<Long> sizes = new ArrayList<>();
            try (ZipInputStream files = new ZipInputStream(answer.body())) {
                for (ZipEntry entry = files.getNextEntry(); entry != null; entry = files.getNextEntry()) {
                    sizes.add(files.transferTo(OutputStream.nullOutputStream()));
                }
            }
            assertThat(sizes).containsExactlyElementsOf(Collections.nCopies(4, (long) SIZE));
        }
    }

    private static HttpRequest.Builder request(URI uri, String token) {
        return HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token);
    }
}
