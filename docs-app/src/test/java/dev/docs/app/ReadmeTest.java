package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.DocumentService;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The README's Java is code that compiles and runs: every line of it stands here, too. */
class ReadmeTest {
    @TempDir
    private Path folder;

    @Test
    void an_embedder_creates_a_document() {
        InputStream inputStream = new ByteArrayInputStream(new byte[100_000]);

        Database database = Database.h2(folder.resolve("docs"), Durability.POWER_LOSS);
        Docs docs = Docs.builder()
                .repository(database.documents())
                .store("main", FileSystemStorage.open(folder.resolve("files")))
                .build();
        Caller anna = Caller.user("anna");
        DocumentData report =
                docs.documents().create(anna, NewDocument.named("report.pdf"), NewContent.of(inputStream));

        assertThat(docs.documents().get(anna, report.id()).sizeBytes()).isEqualTo(100_000);
        assertThat(docs.housekeeping().sweep().uploadsEnded()).isZero();
        database.close();
    }

    @Test
    void an_embedders_test_needs_five_lines() {
        DocumentService documents = Docs.builder()
                .repository(new InMemoryDocumentRepository())
                .store("main", new InMemoryStorage())
                .build()
                .documents();

        Caller anna = Caller.user("anna");
        DocumentData note = documents.create(anna, NewDocument.named("note"), NewContent.of(new byte[3]));
        assertThat(documents.get(anna, note.id())).isEqualTo(note);
    }

    @Test
    void the_readme_shows_this_very_code() throws IOException {
        Path root = Path.of("..").toRealPath();
        String readme = Files.readString(root.resolve("README.md"));
        String here = Files.readString(root.resolve("docs-app/src/test/java/dev/docs/app/ReadmeTest.java"));
        List<String> snippets = List.of(readme.split("```")).stream()
                .filter(block -> block.startsWith("java\n") && !block.contains("class "))
                .toList();
        assertThat(snippets).hasSize(2);
        for (String snippet : snippets) {
            assertThat(here.replaceAll("\\s+", ""))
                    .contains(snippet.substring("java".length()).replaceAll("\\s+", ""));
        }
    }
}
