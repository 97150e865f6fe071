package dev.docs.app;

import dev.docs.adapter.jdbi.Database;
import dev.docs.application.Docs;
import dev.docs.application.Finding;
import dev.docs.application.Housekeeping;
import dev.docs.application.Integrity;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.HousekeepingRepository.Verification;
import org.jspecify.annotations.Nullable;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The commands that look after stored data: {@code fsck}, {@code scrub}, {@code sweep}, {@code repair}. On PostgreSQL they may
 * run beside servers; an H2 file has one owner at a time, so there the server has to rest.
 *
 * @param err for progress
 */
record Maintenance(Settings settings, PrintWriter out, PrintWriter err) {
    private static final Duration BETWEEN_NEWS = Duration.ofSeconds(2);

    int fsck() {
        return on(docs -> {
            long found = check(docs, finding -> out.println(finding));
            out.println(problems(found));
            share(docs.integrity());
            return found == 0;
        });
    }

    /** Returns how much is wrong. */
    private long check(Docs docs, Consumer<Finding> say) {
        long[] found = {0};
        long seen = docs.integrity()
                .check(
                        finding -> {
                            found[0]++;
                            say.accept(finding);
                        },
                        news(Maintenance::compared));
        out.print(compared(seen) + ", ");
        return found[0];
    }

    /** @param documentId the one document to read back; null for everything */
    int scrub(@Nullable UUID documentId) {
        return on(docs -> {
            Integrity.Scrubbed done;
            try {
                done = documentId == null
                        ? docs.integrity().scrubAll(news(Maintenance::summary))
                        : docs.integrity().verify(documentId);
            } catch (DocumentNotFoundException e) {
                out.println("no such document");
                return false;
            }
            out.println(summary(done));
            share(docs.integrity());
            return done.damaged() == 0;
        });
    }

    int sweep() {
        return on(docs -> {
            Housekeeping.Swept swept = docs.housekeeping().sweep();
            out.printf(
                    "%d dead uploads cleared, %d contents deleted, %d left for later%n",
                    swept.uploadsEnded(), swept.contentsDeleted(), swept.failed());
            Housekeeping.Retained retained = docs.housekeeping().retain();
            if (!retained.equals(new Housekeeping.Retained(0, 0))) {
                out.printf(
                        "%d archived documents purged, %d old versions dropped%n",
                        retained.documentsPurged(), retained.versionsDropped());
            }
            return swept.failed() == 0;
        });
    }

    /** @param many whether to go on even if unexpectedly much is wrong */
    int repair(boolean apply, boolean many) {
        return on(docs -> {
            if (!apply) {
                long found = check(docs, this::sayRemedy);
                out.println(problems(found) + (found == 0 ? "" : "; nothing was changed"));
                return found == 0;
            }
            long mended = docs.integrity().repair(many, this::sayRemedy, news(Maintenance::compared));
            long left = check(docs, finding -> out.println(finding));
            out.println(mended + " mended, " + problems(left));
            return left == 0;
        });
    }

    private interface Task {
        /** Returns whether all is well. */
        boolean on(Docs docs);
    }

    private int on(Task task) {
        try (Database database = Server.openDatabase(settings)) {
            return task.on(Server.docs(settings, database)) ? Main.FINE : Main.FOUND_WRONG;
        }
    }

    private void sayRemedy(Finding finding) {
        out.println(finding + " -> " + finding.problem().remedy());
    }

    private static String compared(long count) {
        return count + " rows and contents compared";
    }

    private void share(Integrity integrity) {
        Verification verification = integrity.verification();
        out.printf(
                "%.1f %% of %d bytes stored or read back in the last 30 days%n",
                100 * verification.share(), verification.bytes());
    }

    private static String problems(long count) {
        return count == 0 ? "nothing wrong" : count == 1 ? "1 problem" : count + " problems";
    }

    private static String summary(Integrity.Scrubbed done) {
        return done.contents() + " contents, " + done.bytes() + " bytes read back, " + done.damaged() + " damaged, "
                + done.healed() + " healed";
    }

    /** Progress for people, every few seconds. */
    private <T> Consumer<T> news(Function<T, String> text) {
        long[] next = {System.nanoTime() + BETWEEN_NEWS.toNanos()};
        return value -> {
            if (System.nanoTime() - next[0] > 0) {
                next[0] = System.nanoTime() + BETWEEN_NEWS.toNanos();
                err.println(text.apply(value));
                err.flush();
            }
        };
    }
}
