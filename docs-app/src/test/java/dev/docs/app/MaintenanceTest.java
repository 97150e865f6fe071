package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.Precondition;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The commands for operators, on a real database and real files. */
final class MaintenanceTest {
    private static final Caller ANN = Caller.user("ann");
    private static final int LARGE = 50_000;

    @TempDir
    private Path data;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private DocumentData document;
    private Path file;

    @BeforeEach
    void store() {
        document = docs(docs -> docs.documents().create(ANN, NewDocument.named("a"), NewContent.of(new byte[LARGE])));
        file = file(document);
    }

    private <T> T docs(Function<Docs, T> use) {
        Settings settings = Settings.read(Map.of("--data", data.toString()), Map.of(), data);
        try (Database database = Server.openDatabase(settings)) {
            return use.apply(Server.docs(settings, database));
        }
    }

    private Path file(DocumentData stored) {
        return data.resolve("files")
                .resolve(Objects.requireNonNull(stored.content()).url().key());
    }

    private DocumentStatus status() {
        return docs(docs -> docs.documents().get(ANN, document.id()).status());
    }

    private int run(String... command) {
        out = new StringWriter();
        err = new StringWriter();
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(List.of("--data", data.toString(), "--purge-grace", "0s"));
        return new Main(Map.of(), data)
                .commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args.toArray(String[]::new));
    }

    @Test
    void nothing_is_wrong_with_healthy_data() {
        assertThat(run("fsck")).isZero();
        assertThat(out.toString()).contains("nothing wrong", "100.0 % of 50000 bytes");
        assertThat(run("scrub")).isZero();
        assertThat(out.toString()).contains("1 contents, 50000 bytes read back, 0 damaged, 0 healed");
        assertThat(run("sweep")).isZero();
        assertThat(out.toString()).contains("0 dead uploads cleared, 0 contents deleted, 0 left for later");
        assertThat(run("repair", "--plan")).isZero();
        assertThat(run("repair", "--apply")).isZero();
        assertThat(out.toString()).contains("0 mended, nothing wrong");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void fsck_finds_missing_bytes_and_changes_nothing() throws IOException {
        Files.delete(file);

        assertThat(run("fsck")).isEqualTo(1);

        assertThat(out.toString())
                .contains("missing content: " + document.id() + "/1 (of 50000 bytes)")
                .contains("1 problem");
        assertThat(status()).isEqualTo(DocumentStatus.ACTIVE);
    }

    @Test
    void scrub_finds_a_flipped_bit_and_heals_when_the_bytes_are_put_back() throws IOException {
        Files.write(file, new byte[] {1}, StandardOpenOption.WRITE);
        assertThat(run("fsck")).isZero();

        assertThat(run("scrub")).isEqualTo(1);
        assertThat(out.toString()).contains("1 damaged");
        assertThat(status()).isEqualTo(DocumentStatus.ERROR);

        Files.write(file, new byte[] {0}, StandardOpenOption.WRITE);
        assertThat(run("scrub", "--document", document.id().toString())).isZero();
        assertThat(out.toString()).contains("1 healed");
        assertThat(status()).isEqualTo(DocumentStatus.ACTIVE);
        assertThat(run("scrub", "--document", "00000000-0000-7000-8000-000000000000"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("no such document");
    }

    @Test
    void repair_plans_first_then_marks_and_puts_aside() throws IOException {
        Files.delete(file);
        Path stray = data.resolve("files/2026/01/01/aa/stray");
        Files.createDirectories(stray.getParent());
        Files.writeString(stray, "whose?");

        assertThat(run("repair", "--plan")).isEqualTo(1);
        assertThat(out.toString()).contains("unknown content: docs://main/2026/01/01/aa/stray", "nothing was changed");
        assertThat(stray).exists();

        assertThat(run("repair", "--apply")).isEqualTo(1);
        assertThat(out.toString()).contains("2 mended, 1 problem");
        assertThat(status()).isEqualTo(DocumentStatus.ERROR);
        assertThat(stray).doesNotExist();
        assertThat(data.resolve("files/QUARANTINE/2026_01_01_aa_stray")).hasContent("whose?");
        assertThat(run("repair")).isEqualTo(2);
        assertThat(run("repair", "--plan", "--apply")).isEqualTo(2);
    }

    @Test
    void repair_stops_before_it_would_touch_too_much() throws IOException {
        List<DocumentData> many = docs(docs -> {
            List<DocumentData> created = new ArrayList<>();
            for (int i = 0; i < 101; i++) {
                created.add(docs.documents().create(ANN, NewDocument.named("b"), NewContent.of(new byte[LARGE])));
            }
            return created;
        });
        for (DocumentData each : many) {
            Files.delete(file(each));
        }

        assertThat(run("repair", "--apply")).isEqualTo(1);
        assertThat(err.toString()).contains("101 of ", "Nothing was changed");
        DocumentData first = docs(docs -> docs.documents().get(ANN, many.get(0).id()));
        assertThat(first).isEqualTo(many.get(0));

        assertThat(run("repair", "--apply", "--even-if-many")).isEqualTo(1);
        assertThat(out.toString()).contains("101 mended");
    }

    @Test
    void a_folder_that_is_not_the_store_stops_every_command() throws IOException {
        Files.move(data.resolve("files"), data.resolve("unmounted"));

        for (String command : List.of("fsck", "scrub", "sweep")) {
            assertThat(run(command)).isEqualTo(1);
            assertThat(err.toString()).contains("'main' is not the one that documents were kept in");
        }
        assertThat(run("repair", "--apply")).isEqualTo(1);

        Files.delete(data.resolve("files/tmp"));
        Files.delete(data.resolve("files/STORE-ID"));
        Files.delete(data.resolve("files"));
        Files.move(data.resolve("unmounted"), data.resolve("files"));
        assertThat(run("fsck")).isZero();
    }

    @Test
    void sweep_deletes_what_was_purged_and_retention_purges_what_was_archived() {
        docs(docs -> docs.documents().archive(ANN, document.id(), Precondition.NONE));

        assertThat(run("sweep")).isZero();
        assertThat(file).exists();
        assertThat(run("sweep", "--purge-archived-after", "1ms")).isZero();
        assertThat(out.toString()).contains("1 archived documents purged");
        assertThat(run("sweep")).isZero();

        assertThat(out.toString()).contains("1 contents deleted");
        assertThat(file).doesNotExist();
    }
}
