package dev.docs.bench;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Some clients that each do the same thing again and again until time is up. */
final class Load {
    private Load() {}

    /** One client. */
    interface Worker extends AutoCloseable {
        void once() throws Exception;

        @Override
        default void close() throws IOException, SQLException {}
    }

    /**
     * @param nanos how long each took
     * @param seconds from the first's start to the last's end
     */
    record Done(Histogram nanos, double seconds) {
        long count() {
            return nanos.getTotalCount();
        }

        double perSecond() {
            return count() / seconds;
        }

        double millis(double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e6;
        }
    }

    static Done run(List<? extends Worker> workers, Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        List<Callable<Histogram>> tasks = new ArrayList<>();
        for (Worker worker : workers) {
            tasks.add(() -> {
                Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
                for (long now = System.nanoTime(); now < end; ) {
                    worker.once();
                    long then = System.nanoTime();
                    nanos.recordValue(then - now);
                    now = then;
                }
                return nanos;
            });
        }
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(workers.size());
        Histogram all = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
        try {
            for (Future<Histogram> one : threads.invokeAll(tasks)) {
                all.add(one.get());
            }
            return new Done(all, (System.nanoTime() - start) / 1e9);
        } finally {
            threads.shutdown();
            for (Worker worker : workers) {
                worker.close();
            }
        }
    }
}
