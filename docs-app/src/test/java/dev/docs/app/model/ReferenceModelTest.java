package dev.docs.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

final class ReferenceModelTest {
    private static final int STEPS = 60;
    private static final long SEED = Long.getLong("docs.model.seed", System.nanoTime());

    private static final Logger log = (Logger) LoggerFactory.getLogger("dev.docs");

    @TempDir
    private Path folder;

    /** Histories lose files and make gates fail on purpose, and each one is in the log. */
    @BeforeAll
    static void lose_files_quietly() {
        log.setLevel(Level.OFF);
    }

    @AfterAll
    static void lose_files_aloud() {
        log.setLevel(null);
    }

    @Test
    void in_memory_the_product_does_what_the_model_does() {
        play(Setup::inMemory, 60);
    }

    @Test
    void on_h2_and_files_the_product_does_what_the_model_does() {
        play(() -> Setup.h2(folder), 15);
    }

    @Test
    void on_postgresql_and_files_the_product_does_what_the_model_does() throws IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            play(() -> Setup.postgreSql(server, folder), 15);
        }
    }

    /** Histories that never get far would find nothing. */
    @Test
    void histories_meet_every_answer_there_is() {
        Set<Object> met = new HashSet<>();
        for (long seed = 0; seed < 200; seed++) {
            Reference model = new Reference("", Setup.BEGIN);
            List<View> answers = new ArrayList<>();
            Histories.history(seed, STEPS).forEach(step -> model.run(step, answers));
            for (View answer : answers) {
                met.add(answer instanceof View.Refused refused ? refused.kind() : answer.getClass());
                met.addAll(answer instanceof View.Document document ? Set.of(document.status()) : Set.of());
                met.add(answer instanceof View.Swept swept && swept.contentsDeleted() > 0);
                if (answer instanceof View.Several several) {
                    several.views().forEach(each -> met.add(each.getClass()));
                } else if (answer instanceof View.Retained gone && gone.documentsPurged() > 0) {
                    met.add("purged");
                } else if (answer instanceof View.Retained gone && gone.versionsDropped() > 0) {
                    met.add("dropped");
                }
            }
        }
        // histories lose no answers, send no keys, and go on without rules for types, links, and uploads in parts
        Set<Object> expected = new HashSet<>(EnumSet.complementOf(EnumSet.of(
                Kind.OUTCOME_UNKNOWN,
                Kind.REQUEST_RUNNING,
                Kind.KEY_REUSED,
                Kind.TYPE_NOT_ALLOWED,
                Kind.UPLOAD_GONE,
                Kind.UPLOAD_BUSY,
                Kind.OFFSET_MISMATCH,
                Kind.CHECKSUM_MISMATCH,
                Kind.NOT_SUPPORTED)));
        expected.addAll(EnumSet.allOf(DocumentStatus.class));
        expected.addAll(List.of(View.Done.class, View.Died.class, View.Bytes.class, View.AnyOf.class, true));
        expected.addAll(List.of(View.Unchanged.class, View.Preview.class, "purged", "dropped"));
        assertThat(met).containsAll(expected);
    }

    private static void play(Setup.Opener opener, int usually) {
        int count = Integer.getInteger("docs.model.histories", usually);
        try (Histories histories = new Histories(opener)) {
            for (int i = 0; i < count; i++) {
                histories.play(SEED + i, STEPS);
            }
        }
    }
}
