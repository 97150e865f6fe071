package dev.docs.application;

import dev.docs.domain.DocumentRepository;
import dev.docs.domain.Quota;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Keeps uploads alive while something else than their own bytes takes its time. All of them share one thread, which is
 * there only while there is something to renew; nobody needs to stop it.
 */
final class Renewal {
    private static final Logger log = LoggerFactory.getLogger(Renewal.class);

    private final DocumentRepository repository;
    private final ScheduledThreadPoolExecutor timer;

    Renewal(DocumentRepository repository) {
        this.repository = repository;
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "docs-upload-leases");
            thread.setDaemon(true);
            return thread;
        });
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    <T> T during(UUID uploadId, Duration lease, Quota defaultQuota, Supplier<T> work) {
        long period = Math.max(1, lease.toNanos() / 3);
        ScheduledFuture<?> renewals = timer.scheduleAtFixedRate(
                () -> renew(uploadId, lease, defaultQuota), period, period, TimeUnit.NANOSECONDS);
        try {
            return work.get();
        } finally {
            renewals.cancel(false);
        }
    }

    private void renew(UUID uploadId, Duration lease, Quota defaultQuota) {
        try {
            repository.extend(uploadId, 0, lease, defaultQuota);
        } catch (RuntimeException e) {
            // the step that publishes finds out whether it was too late
            log.warn("the lease of upload {} could not be renewed", uploadId, e);
        }
    }
}
