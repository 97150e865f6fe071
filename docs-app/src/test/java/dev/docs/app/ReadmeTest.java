package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.DocumentService;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import dev.docs.domain.Content;
import dev.docs.domain.ContentGate;
import dev.docs.domain.ContentGate.Verdict;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
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

    /** The scanner is a stand-in, unless the port of a real one is given that knows the test virus. */
    @Test
    void an_embedder_has_a_scanner_look_at_content() throws Exception {
        Integer real = Integer.getInteger("docs.clamd.port");
        try (ServerSocket standIn = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread scanner = new Thread(() -> scan(standIn));
            scanner.start();
            DocumentService documents = Docs.builder()
                    .repository(new InMemoryDocumentRepository())
                    .store("main", new InMemoryStorage())
                    .contentGate(clamd("localhost", real == null ? standIn.getLocalPort() : real))
                    .build()
                    .documents();
            Caller anna = Caller.user("anna");
            NewDocument named = NewDocument.named("a");
            String virus = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + "!$H+H*";

            DocumentData clean = documents.create(anna, named, NewContent.of(new byte[1_000_000]));
            assertThat(clean.content()).returns("clamd: stream: OK", Content::verdict);
            assertThatThrownBy(() ->
                            documents.create(anna, named, NewContent.of(virus.getBytes(StandardCharsets.US_ASCII))))
                    .isInstanceOf(DocumentUploadException.class)
                    .hasMessageMatching("the content was refused: stream: .*Eicar.* FOUND");
        }
    }

    static ContentGate clamd(String host, int port) {
        return (document, bytes) -> {
            try (Socket clamd = new Socket(host, port);
                    InputStream content = Channels.newInputStream(bytes.open())) {
                clamd.setSoTimeout(60_000);
                DataOutputStream out = new DataOutputStream(clamd.getOutputStream());
                out.writeBytes("zINSTREAM\0");
                for (byte[] part = content.readNBytes(65_536); part.length > 0; part = content.readNBytes(65_536)) {
                    out.writeInt(part.length);
                    out.write(part);
                }
                out.writeInt(0);
                String answer = new String(clamd.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
                if (answer.endsWith(" FOUND")) {
                    return Verdict.refuse(answer);
                } else if (answer.endsWith(" OK")) {
                    return Verdict.accept("clamd: " + answer);
                }
                throw new IOException(answer);
            }
        };
    }

    /** Speaks as clamd does, and knows one virus. */
    private static void scan(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                String command = new String(in.readNBytes(10), StandardCharsets.US_ASCII);
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                for (int length = in.readInt(); length > 0; length = in.readInt()) {
                    content.write(in.readNBytes(length));
                }
                boolean virus = content.toString(StandardCharsets.US_ASCII).contains("EICAR");
                String answer = virus ? "stream: Eicar FOUND\0" : "stream: OK\0";
                client.getOutputStream()
                        .write((command.equals("zINSTREAM\0") ? answer : "UNKNOWN COMMAND\0")
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // the test is over, or its client gave up
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void the_readme_shows_this_very_code() throws IOException {
        Path root = Path.of("..").toRealPath();
        String readme = Files.readString(root.resolve("README.md"));
        String here = Files.readString(root.resolve("docs-app/src/test/java/dev/docs/app/ReadmeTest.java"));
        List<String> snippets = List.of(readme.split("```")).stream()
                .filter(block -> block.startsWith("java\n") && !block.contains("class "))
                .toList();
        assertThat(snippets).hasSize(3);
        for (String snippet : snippets) {
            assertThat(here.replaceAll("\\s+", ""))
                    .contains(snippet.substring("java".length()).replaceAll("\\s+", ""));
        }
    }
}
