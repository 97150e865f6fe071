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

    @Test
    void the_draft_of_a_failed_upload_does_not_come_back_with_a_power_cut() {
        requireHarmless("create large: file.write 1 IO ONCE");
    }

    @Test
    void a_deletion_that_was_not_synced_is_synced_by_the_next_attempt() {
        requireHarmless("purge and sweep: file.force 2 IO ONCE");
    }

    @Test
    void a_store_has_a_whole_id_though_it_was_written_in_parts() {
        requireHarmless("open a new store: file.write 1 SHORT ONCE");
    }

    private void requireHarmless(String text) {
        assertThat(Case.parse(text).run(World.onHeap(folder.resolve("files")))).isTrue();
    }
}
