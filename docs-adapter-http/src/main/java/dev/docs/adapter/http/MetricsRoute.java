package dev.docs.adapter.http;

import dev.docs.adapter.http.Telemetry.Metrics;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** {@code /metrics}, for Prometheus. Metrics tell how busy a service is and what it refuses, so not everybody reads them. */
final class MetricsRoute {
    static final String PATH = "/metrics";
    private static final String TEXT = "text/plain";
    private static final String OPEN_METRICS = "application/openmetrics-text";

    private final Metrics metrics;
    private final Authenticator authenticator;

    MetricsRoute(Metrics metrics, Authenticator authenticator) {
        this.metrics = metrics;
        this.authenticator = authenticator;
    }

    void register(RoutesConfig routes) {
        DocsServer.getAndHead(routes, PATH, this::show);
    }

    private void show(Context ctx) throws IOException {
        if (!metrics.open() && !authenticator.authenticate(ctx.req()).administrator()) {
            throw Problem.of(403, "access-denied", "Not allowed", "administrators may read the metrics")
                    .raise();
        }
        ListRequest.Parameters.of(ctx.queryString()).allowOnly();
        String type = contentType(ctx.header("Accept"));
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        metrics.exposition().write(page, type);
        ctx.header("Cache-Control", "no-store");
        // added: the other one is there already
        ctx.res().addHeader("Vary", "Accept");
        ctx.contentType(type);
        ctx.result(page.toByteArray());
    }

    /** OpenMetrics for those who like it better. Prometheus' own text format for all others, whatever they ask for. */
    private static String contentType(@Nullable String accept) {
        QuotedQualityCSV accepted = new QuotedQualityCSV();
        if (accept != null) {
            accepted.addValue(accept);
        }
        for (String range : accepted.getValues()) {
            String type = HeaderParameters.value(range).toLowerCase(Locale.ROOT);
            if (type.equals(OPEN_METRICS)) {
                return OPEN_METRICS + "; version=1.0.0; charset=utf-8";
            } else if (List.of(TEXT, "text/*", "*/*").contains(type)) {
                break;
            }
        }
        return TEXT + "; version=0.0.4; charset=utf-8";
    }
}
