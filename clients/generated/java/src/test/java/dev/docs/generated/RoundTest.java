package dev.docs.generated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.client.ApiClient;
import dev.docs.client.ApiException;
import dev.docs.client.api.BulkApi;
import dev.docs.client.api.ContentApi;
import dev.docs.client.api.DocumentsApi;
import dev.docs.client.api.UsersApi;
import dev.docs.client.api.VersionsApi;
import dev.docs.client.model.BulkRequest;
import dev.docs.client.model.BulkResult;
import dev.docs.client.model.Document;
import dev.docs.client.model.DocumentPage;
import dev.docs.client.model.DocumentPatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The client that openapi-generator makes, unchanged, at a running server. */
class RoundTest {
    private static final long LARGE = 500_000_000;
    private static final String AUTHORIZATION = "Bearer " + System.getProperty("docs.token");

    private final ApiClient client = new ApiClient();
    private final DocumentsApi documents;
    private final ContentApi content;

    @TempDir
    private Path folder;

    RoundTest() {
        client.updateBaseUri(System.getProperty("docs.url"));
        client.setRequestInterceptor(request -> request.header("Authorization", AUTHORIZATION));
        documents = new DocumentsApi(client);
        content = new ContentApi(client);
    }

    @Test
    void a_document_lives_from_upload_to_purge() throws Exception {
        Path file = Files.writeString(folder.resolve("Übersicht.txt"), "first");
        long before = new UsersApi(client).getUsage().getBytes().getUsed();

        Document created =
                documents.createDocument(file.toFile(), null, null, null, "Bericht.txt", "{\"year\": 2026, \"a\": [1, null]}");
        UUID id = created.getId();
        assertThat(created.getName()).isEqualTo("Bericht.txt");
        assertThat(created.getSizeBytes()).isEqualTo(5);
        assertThat(created.getMetadata()).containsEntry("year", 2026);
        assertThat(created.getStatusReason()).isNull();

        DocumentPage page = documents.listDocuments(
                List.of("active"), "bericht", null, null, List.of("year:2026", "a:1"), null, null, null, null, 1L, null,
                null, null, null, 10, null, true);
        assertThat(page.getItems()).extracting(Document::getId).contains(id);
        assertThat(page.getCount()).isPositive();

        Document changed = documents.changeDocument(
                id, new DocumentPatch().name("Neu.txt").metadata(Map.of("year", 2027)), "\"r" + created.getRevision() + "\"", null, null);
        assertThat(changed.getName()).isEqualTo("Neu.txt");

        Files.writeString(file, "second version");
        Document second = raw(file).putContent(id, file.toFile(), null, null, null, "key-" + id, null, null);
        assertThat(second.getVersion()).isEqualTo(2);
        assertThat(new VersionsApi(client).listVersions(id, null, null).getItems()).hasSize(2);
        assertThat(downloaded(content.getContent(id, null, null, null, null, null, null, null, null, null, null)))
                .isEqualTo("second version");
        assertThat(downloaded(content.getContent(id, 1, null, "bytes=1-2", null, null, null, null, null, null, null)))
                .isEqualTo("ir");

        BulkResult done = new BulkApi(client)
                .changeDocuments(
                        new BulkRequest().action(BulkRequest.ActionEnum.ARCHIVE).ids(List.of(id.toString())), null);
        assertThat(done.getDone()).isEqualTo(1);

        documents.deleteDocument(id, true, null, null, null);
        assertThatThrownBy(() -> documents.getDocument(id, null, null, null, null))
                .isInstanceOfSatisfying(ApiException.class, refused -> {
                    assertThat(refused.getCode()).isEqualTo(404);
                    assertThat(refused.getResponseBody()).contains("/problems/not-found");
                });
        assertThat(new UsersApi(client).getUsage().getBytes().getUsed()).isEqualTo(before);
    }

    /** With less memory than the content has bytes. */
    @Test
    void content_streams_both_ways() throws Exception {
        File large = folder.resolve("large.bin").toFile();
        try (RandomAccessFile bytes = new RandomAccessFile(large, "rw")) {
            bytes.setLength(LARGE);
        }
        Document created = documents.createDocument(large, null, null, null, null, null);
        assertThat(created.getName()).isEqualTo("large.bin");
        assertThat(created.getSizeBytes()).isEqualTo(LARGE);
        File back = content.getContent(created.getId(), null, null, null, null, null, null, null, null, null, null);
        assertThat(back).hasSize(LARGE);
        Files.delete(back.toPath());
        documents.deleteDocument(created.getId(), true, null, null, null);
    }

    /** What the generator makes of a body of bytes would send the file's path, as JSON. */
    private static ContentApi raw(Path file) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getProperty("docs.url"));
        client.setRequestInterceptor(request -> {
            try {
                request.header("Authorization", AUTHORIZATION).PUT(BodyPublishers.ofFile(file));
            } catch (FileNotFoundException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new ContentApi(client);
    }

    private static String downloaded(File file) throws Exception {
        String text = Files.readString(file.toPath(), StandardCharsets.UTF_8);
        Files.delete(file.toPath());
        return text;
    }
}
