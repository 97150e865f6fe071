package dev.docs.adapter.http;

import dev.docs.adapter.http.Telemetry.AccessLog;
import dev.docs.domain.Caller;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Attributes;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names every request, and tells the log and whoever counts how it ended: also those that never reach a route.
 *
 * <p>While a request is handled, each line of the log carries {@value #REQUEST_ID}, and {@value #TRACE_ID} and
 * {@value #SPAN_ID} if the caller sent a trace. What is logged of a request is its method, its path without the query,
 * and numbers: no header, no name, no metadata, no token.
 */
final class Exchanges extends Handler.Wrapper implements RequestLog {
    static final String REQUEST_ID = "request_id";
    static final String TRACE_ID = "trace_id";
    static final String SPAN_ID = "span_id";

    private static final Logger access = LoggerFactory.getLogger("docs.access");
    static final String HEADER = "X-Request-Id";
    private static final String NAMES = "docs.names";
    private static final String ROUTE = "docs.route";
    private static final String CALLER = "docs.caller";
    private static final String PROBLEMS = "docs.problems";

    /** What proxies send: nginx 32 digits, Envoy and most others a UUID. Nothing that could end a line or a field. */
    private static final Pattern GOOD_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Whatever is no visible character of ASCII. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x21-\\x7e]");

    /** A document's id has 36 characters. What is longer may be a secret that came to the wrong place. */
    private static final int LONGEST_SEGMENT = 36;

    /** Routes whose last segment lets everybody in who knows it. */
    private static final String SECRET = "{token}";

    private final Telemetry telemetry;

    Exchanges(Handler handler, Telemetry telemetry) {
        super(handler);
        this.telemetry = telemetry;
    }

    /** What a request is called: by us or by the client, and in the client's trace if it sent one. */
    private record Names(String requestId, @Nullable TraceContext trace) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Names names = names(request);
        response.getHeaders().put(HEADER, names.requestId());
        Scope scope = new Scope(names);
        try {
            return super.handle(request, response, callback);
        } finally {
            scope.close();
        }
    }

    /** The request's name, which is also in its answer's header. */
    static String requestId(Request request) {
        return names(request).requestId();
    }

    /** Puts the request's name into an answer whose headers were cleared. */
    static void name(Request request, Response response) {
        response.getHeaders().put(HEADER, requestId(request));
    }

    private static Names names(Request request) {
        Names names = (Names) request.getAttribute(NAMES);
        if (names == null) {
            List<String> sent = request.getHeaders().getValuesList(HEADER);
            // a client's own id is taken, so that one search finds its log, the proxy's and ours
            boolean good = sent.size() == 1 && GOOD_ID.matcher(sent.get(0)).matches();
            names = new Names(
                    good ? sent.get(0) : newId(),
                    TraceContext.of(request.getHeaders().getValuesList("traceparent")));
            request.setAttribute(NAMES, names);
        }
        return names;
    }

    private static String newId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    static void route(Attributes request, String template) {
        request.setAttribute(ROUTE, template);
    }

    static void caller(Attributes request, Caller caller) {
        request.setAttribute(CALLER, caller);
    }

    static @Nullable Caller caller(Attributes request) {
        return (Caller) request.getAttribute(CALLER);
    }

    /** Notes that a problem is part of the answer. */
    static void problem(Attributes request, Problem problem) {
        problems(request).add(problem.type());
    }

    @SuppressWarnings("unchecked")
    private static List<String> problems(Attributes request) {
        List<String> problems = (List<String>) request.getAttribute(PROBLEMS);
        if (problems == null) {
            problems = new ArrayList<>();
            request.setAttribute(PROBLEMS, problems);
        }
        return problems;
    }

    /** The request's path as it came, percent-encoded, without its query and without what may be a secret. */
    static String path(Request request) {
        String route = (String) request.getAttribute(ROUTE);
        String path = String.valueOf(request.getHttpURI().getPath());
        if (route != null && route.endsWith(SECRET)) {
            return route;
        }
        return Arrays.stream(path.split("/", -1))
                .map(segment -> segment.length() > LONGEST_SEGMENT
                        ? "*"
                        : UNPRINTABLE.matcher(segment).replaceAll("?"))
                .collect(Collectors.joining("/"));
    }

    // What ended

    @Override
    public void log(Request request, Response response) {
        long nanos = System.nanoTime() - request.getHeadersNanoTime();
        String route = (String) request.getAttribute(ROUTE);
        long bytesIn = Math.max(0, Request.getContentBytesRead(request));
        long bytesOut = Math.max(0, Response.getContentBytesWritten(response));
        int status = response.getStatus();
        telemetry
                .exchanges()
                .accept(new Exchange(
                        method(request.getMethod()), route, status, problems(request), bytesIn, bytesOut, nanos));
        if (telemetry.accessLog() == AccessLog.OFF || !access.isInfoEnabled()) {
            return;
        }
        Caller caller = caller(request);
        String user = telemetry.accessLog() == AccessLog.USERS && caller != null ? caller.userId() : "";
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        String method = method(request.getMethod());
        String path = path(request);
        try (Scope scope = new Scope(names(request))) {
            scope.put("method", method);
            scope.put("path", path);
            scope.put("status", Integer.toString(status));
            scope.put("bytes_in", Long.toString(bytesIn));
            scope.put("bytes_out", Long.toString(bytesOut));
            scope.put("millis", Long.toString(millis));
            if (!user.isEmpty()) {
                scope.put("user", user);
            }
            access.info("{} {} {} in={} out={} {}ms{}", method, path, status, bytesIn, bytesOut, millis, by(user));
        }
    }

    private static String by(String user) {
        return user.isEmpty() ? "" : " user=" + (UNPRINTABLE.matcher(user).find() ? '"' + user + '"' : user);
    }

    private static String method(String method) {
        return HttpMethod.fromString(method) == null ? "other" : method;
    }

    /** What each line of this thread's log carries until the end of the scope. */
    private static final class Scope implements AutoCloseable {
        private final @Nullable Map<String, String> before = MDC.getCopyOfContextMap();

        Scope(Names names) {
            put(REQUEST_ID, names.requestId());
            TraceContext trace = names.trace();
            if (trace != null) {
                put(TRACE_ID, trace.traceId());
                put(SPAN_ID, trace.spanId());
            }
        }

        void put(String key, String value) {
            MDC.put(key, value);
        }

        @Override
        public void close() {
            if (before == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(before);
            }
        }
    }
}
