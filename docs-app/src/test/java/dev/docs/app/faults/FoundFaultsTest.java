package dev.docs.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** Faults that once did harm, each for itself. */
class FoundFaultsTest {
    @TempDir
    Path folder;

    @Test
    void a_file_that_cannot_be_closed_was_read_all_the_same() {
        requireHarmless("read whole: file.close 1 IO ONCE");
    }

    private void requireHarmless(String text) {
        assertThat(Case.parse(text).run(World.onHeap(folder.resolve("files")))).isTrue();
    }
}
