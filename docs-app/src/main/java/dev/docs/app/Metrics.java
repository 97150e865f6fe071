package dev.docs.app;

import dev.docs.adapter.http.DocsServer;
import dev.docs.adapter.http.Exchange;
import dev.docs.adapter.http.Telemetry;
import dev.docs.adapter.http.Telemetry.Upkeep;
import dev.docs.adapter.jdbi.Database;
import dev.docs.adapter.jdbi.Database.Connections;
import dev.docs.application.DocumentService;
import dev.docs.application.Housekeeping.Retained;
import dev.docs.application.Housekeeping.Swept;
import dev.docs.application.Integrity.Scrubbed;
import dev.docs.domain.DocumentData;
import dev.docs.domain.HousekeepingRepository.Verification;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a server counts, for Prometheus. Names and labels are for good: dashboards and alerts hang on them. Every label has
 * a short, closed list of values; nothing that a client chooses is one.
 */
final class Metrics implements AutoCloseable {
    /** Wide enough for a list from memory and for a large upload, and not more than Prometheus keeps cheaply. */
    private static final Duration[] BUCKETS = Stream.of(5, 20, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private static final List<String> CHORES = List.of("sweep", "scrub", "retention");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, Instant> lastSuccess = new ConcurrentHashMap<>();
    private final Map<String, Instant> lastFailure = new ConcurrentHashMap<>();
    private volatile double verifiedShare = Double.NaN;
    private volatile double lastRead = Double.NaN;

    Metrics() {
        // promtool calls their names wrong, and nobody here needs them
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        List.of(
                        new ClassLoaderMetrics(),
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new FileDescriptorMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics(),
                        collections)
                .forEach(binder -> binder.bindTo(registry));
        gauge(
                "docs.scrub.verified.ratio",
                "share of stored bytes read back or stored in the last 30 days",
                m -> m.verifiedShare);
        gauge("docs.scrub.last.read.timestamp.seconds", "when this server last read content back", m -> m.lastRead);
        for (String chore : CHORES) {
            chore(chore, "ok");
            chore(chore, "failed");
            Gauge.builder(
                            "docs.chore.last.success.timestamp.seconds",
                            lastSuccess,
                            m -> m.containsKey(chore) ? m.get(chore).toEpochMilli() / 1000.0 : Double.NaN)
                    .description("when the chore last came to its end on this server")
                    .tag("chore", chore)
                    .register(registry);
        }
        // so that a rate can be taken from the first one on
        swept(new Swept(0, 0, 0));
        retained(new Retained(0, 0));
        read(new Scrubbed(0, 0, 0, 0, false));
    }

    void observe(Database database) {
        connections(database, "active", Connections::active);
        connections(database, "idle", Connections::idle);
        Gauge.builder(
                        "docs.database.connections.waiting",
                        database,
                        d -> d.connections().waiting())
                .description("threads that wait for a connection to the database")
                .register(registry);
        Gauge.builder(
                        "docs.database.connections.max",
                        database,
                        d -> d.connections().max())
                .description("the most connections to the database")
                .register(registry);
    }

    private void connections(Database database, String state, ToDoubleFunction<Connections> count) {
        Gauge.builder("docs.database.connections", database, d -> count.applyAsDouble(d.connections()))
                .description("open connections to the database")
                .tag("state", state)
                .register(registry);
    }

    void observe(DocumentService documents) {
        Gauge.builder("docs.uploads.in.flight", documents, DocumentService::uploadsUnderWay)
                .description("uploads under way")
                .register(registry);
    }

    void observe(DocsServer http) {
        Gauge.builder("docs.http.connections", http, DocsServer::connections)
                .description("connections that clients hold open")
                .register(registry);
    }

    /** Notes one request that has ended. */
    void exchanged(Exchange exchange) {
        String route = exchange.route() == null ? "none" : exchange.route();
        counter(
                        "docs.http.requests",
                        "requests that have ended",
                        "method",
                        exchange.method(),
                        "route",
                        route,
                        "status",
                        exchange.status() / 100 + "xx")
                .increment();
        counter("docs.http.request.bytes", "content that came in", "route", route)
                .increment((double) exchange.bytesIn());
        counter("docs.http.response.bytes", "content that went out", "route", route)
                .increment((double) exchange.bytesOut());
        exchange.problems()
                .forEach(problem -> counter("docs.http.problems", "refusals and failures", "problem", problem)
                        .increment());
        Timer.builder("docs.http.request.duration")
                .description("from the end of a request's headers to the end of its answer")
                .tags("method", exchange.method(), "route", route)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(exchange.nanos(), TimeUnit.NANOSECONDS);
    }

    // Chores

    void succeeded(String chore) {
        chore(chore, "ok").increment();
        lastSuccess.put(chore, Instant.now());
    }

    void failed(String chore) {
        chore(chore, "failed").increment();
        lastFailure.put(chore, Instant.now());
    }

    /** What administrators are told of the chores. */
    Upkeep upkeep(List<DocumentData> damaged) {
        double share = verifiedShare;
        return new Upkeep(
                CHORES.stream()
                        .map(chore -> new Telemetry.Chore(chore, lastSuccess.get(chore), lastFailure.get(chore)))
                        .toList(),
                Double.isNaN(share) ? null : share,
                damaged);
    }

    private Counter chore(String chore, String outcome) {
        return counter("docs.chore.runs", "runs of a chore on this server", "chore", chore, "outcome", outcome);
    }

    void swept(Swept swept) {
        String description = "what sweeps have cleared";
        counter("docs.sweep.cleared", description, "kind", "uploads").increment(swept.uploadsEnded());
        counter("docs.sweep.cleared", description, "kind", "contents").increment(swept.contentsDeleted());
        counter("docs.sweep.failures", "things that a sweep could not clear").increment(swept.failed());
    }

    void retained(Retained retained) {
        String description = "what retention has removed";
        counter("docs.retention.removed", description, "kind", "documents").increment(retained.documentsPurged());
        counter("docs.retention.removed", description, "kind", "versions").increment(retained.versionsDropped());
    }

    void scrubbed(Scrubbed scrubbed) {
        read(scrubbed);
        if (scrubbed.contents() > 0) {
            lastRead = now();
        }
    }

    private void read(Scrubbed scrubbed) {
        counter("docs.scrub.read.bytes", "stored bytes that were read back").increment((double) scrubbed.bytes());
        counter("docs.scrub.damaged", "versions found damaged or missing").increment((double) scrubbed.damaged());
        counter("docs.scrub.healed", "failed documents found whole again").increment((double) scrubbed.healed());
    }

    void verified(Verification verification) {
        verifiedShare = verification.share();
    }

    /** Writes everything, as {@link dev.docs.adapter.http.Telemetry.Exposition} says. */
    void write(OutputStream out, String contentType) throws IOException {
        registry.scrape(out, contentType);
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tags(labels).register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<Metrics> value) {
        Gauge.builder(name, this, value).description(description).register(registry);
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
