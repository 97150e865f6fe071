package dev.docs.app;

import dev.docs.application.Docs;
import dev.docs.application.Housekeeping;
import dev.docs.application.Integrity;
import dev.docs.domain.DocumentException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What a server does by itself, on one thread, from its start to its end. Several servers on one database share it. */
final class Chores implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Chores.class);
    private static final Duration RETENTION_INTERVAL = Duration.ofHours(1);
    private static final Duration VERIFICATION_INTERVAL = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "docs-chores");
        made.setDaemon(true);
        return made;
    });
    private final Docs docs;
    private final Metrics metrics;
    private final long scrubBytesPerDay;

    /** Bytes that may be read now. A content larger than that is read all the same, and paid for by waiting. */
    private double scrubBudget;

    private long scrubbedNanos = System.nanoTime();

    /** Zero before it was counted for the first time. */
    private long verificationNanos;

    private Chores(Docs docs, Metrics metrics, long scrubBytesPerDay) {
        this.docs = docs;
        this.metrics = metrics;
        this.scrubBytesPerDay = scrubBytesPerDay;
    }

    static Chores start(Settings settings, Docs docs, Metrics metrics) {
        Chores chores = new Chores(docs, metrics, settings.scrubBytesPerDay());
        chores.every(settings.sweepInterval(), "sweep", chores::sweep);
        chores.every(settings.sweepInterval(), "scrub", chores::scrub);
        chores.every(
                settings.sweepInterval().compareTo(RETENTION_INTERVAL) < 0
                        ? RETENTION_INTERVAL
                        : settings.sweepInterval(),
                "retention",
                chores::retain);
        return chores;
    }

    private void every(Duration interval, String name, Runnable chore) {
        var unused = thread.scheduleWithFixedDelay(
                () -> attempt(name, chore), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** An exception would end the schedule for good. */
    private void attempt(String name, Runnable chore) {
        try {
            chore.run();
            metrics.succeeded(name);
        } catch (DocumentException e) {
            metrics.failed(name);
            log.warn("the {} was interrupted and will try again: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            metrics.failed(name);
            log.error("the {} failed", name, e);
        }
    }

    private void sweep() {
        Housekeeping.Swept swept = docs.housekeeping().sweep();
        metrics.swept(swept);
        if (swept.uploadsEnded() + swept.contentsDeleted() + swept.failed() > 0) {
            log.info("{}", swept);
        }
    }

    private void scrub() {
        long now = System.nanoTime();
        double earned = (double) (now - scrubbedNanos) / DAY.toNanos() * scrubBytesPerDay;
        scrubbedNanos = now;
        // what was not used is not saved up beyond a minute's worth, so that a scrub never comes in a burst
        scrubBudget = Math.min(scrubBudget + earned, Math.max(earned, (double) scrubBytesPerDay / DAY.toMinutes()));
        if (scrubBudget >= 1) {
            Integrity.Scrubbed scrubbed = docs.integrity().scrub((long) scrubBudget, done -> {});
            scrubBudget -= scrubbed.bytes();
            metrics.scrubbed(scrubbed);
            if (scrubbed.damaged() + scrubbed.healed() > 0) {
                log.error("{}", scrubbed);
            } else if (scrubbed.contents() > 0 && scrubbed.passEnded()) {
                log.info(
                        "every stored content was read back; verified in the last 30 days: {} %",
                        Math.round(100 * docs.integrity().verification().share()));
            }
        }
        verify();
    }

    /** Counts all rows, so not often; another server may be the one that scrubs. */
    private void verify() {
        long now = System.nanoTime();
        if (verificationNanos == 0 || now - verificationNanos > VERIFICATION_INTERVAL.toNanos()) {
            verificationNanos = now;
            metrics.verified(docs.integrity().verification());
        }
    }

    private void retain() {
        Housekeeping.Retained retained = docs.housekeeping().retain();
        metrics.retained(retained);
        if (retained.documentsPurged() + retained.versionsDropped() > 0) {
            log.info("{}", retained);
        }
    }

    /** Lets the chore under way end. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
