package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.application.Links;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import jakarta.servlet.http.HttpServletResponse;
import org.eclipse.jetty.compression.brotli.BrotliCompression;
import org.eclipse.jetty.compression.brotli.BrotliEncoderConfig;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.compression.zstandard.ZstandardCompression;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The server: the routes, and what is common to every request. */
public final class DocsServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DocsServer.class);
    /** Kept by the client alone, and asked about each time: access may end, and what is kept may change. */
    static final String REVALIDATED = "private, no-cache";

    /** For what may be otherwise a moment later, above all for a 404, which caches may keep if they are not told. */
    static final String NOT_KEPT = "no-store";

    private static final int MAX_HEADER_BYTES = 8 << 10;
    private static final int SPARE_THREADS = 16;
    private static final int ACCEPT_QUEUE = 1024;
    private static final int BROTLI_LEVEL = 4;

    private final Javalin javalin;

    private DocsServer(Javalin javalin) {
        this.javalin = javalin;
    }

    /**
     * Starts to listen. The caller closes what it returns.
     *
     * @throws IllegalStateException if the address is taken or not this machine's
     */
    public static DocsServer start(HttpOptions options, DocumentService documents, Authenticator authenticator) {
        return start(options, documents, authenticator, Telemetry.NONE);
    }

    /** The same, and tells what it does. */
    public static DocsServer start(
            HttpOptions options, DocumentService documents, Authenticator authenticator, Telemetry telemetry) {
        return start(options, documents, authenticator, telemetry, null);
    }

    /** @param links null if none can be made */
    public static DocsServer start(
            HttpOptions options,
            DocumentService documents,
            Authenticator authenticator,
            Telemetry telemetry,
            @Nullable Links links) {
        Javalin javalin = Javalin.create(config -> {
            configure(config, options, telemetry);
            RoutesConfig routes = config.routes;
            routes.before(DocsServer::noteRoute);
            // with one of these, Javalin knows the route before anything else is done, and so also when that fails
            routes.beforeMatched(ctx -> {});
            routes.before(DocsServer::checkHeaders);
            UploadRoutes.announce(routes);
            routes.before("/v1/*", ctx -> authenticate(ctx, authenticator));
            new DocumentRoutes(documents, options.requireIfMatch()).register(routes);
            new BulkRoutes(documents).register(routes);
            new UserRoutes(documents, authenticator instanceof TokenAuthenticator).register(routes);
            new ZipRoutes(documents).register(routes);
            new UploadRoutes(documents, options.requireIfMatch()).register(routes);
            if (links != null) {
                new LinkRoutes(links).register(routes);
            }
            if (authenticator instanceof TokenAuthenticator byTokens) {
                new TokenRoutes(byTokens.tokens()).register(routes);
            }
            if (telemetry.metrics() != null) {
                new MetricsRoute(telemetry.metrics(), authenticator).register(routes);
            }
            if (telemetry.upkeep() != null) {
                new StorageRoute(documents, telemetry.upkeep()).register(routes);
            }
            new ApiRoutes().register(routes);
            new PageRoutes().register(routes);
            getAndHead(routes, "/health/live", ctx -> health(ctx, 200, Map.of("status", "up")));
            getAndHead(routes, "/health/ready", ctx -> ready(ctx, documents));
            routes.exception(Exception.class, (e, ctx) -> fail(ctx, e));
            // Javalin answers these by itself, in plain text, unless it is told otherwise by their name
            routes.exception(HttpResponseException.class, (e, ctx) -> fail(ctx, e));
        });
        try {
            javalin.start();
        } catch (JavalinBindException e) {
            throw new IllegalStateException("can't listen on " + options.host() + ":" + options.port(), e);
        }
        return new DocsServer(javalin);
    }

    /** The port it listens on. */
    public int port() {
        return javalin.port();
    }

    /** Everything it answers, each as method and path: {@code GET /v1/documents/{id}}. */
    public List<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .filter(route -> route.endpoint.method.isHttpMethod())
                .map(route -> route.endpoint.method + " " + route.endpoint.path)
                .toList();
    }

    /** Connections that clients hold open now. */
    public int connections() {
        return Arrays.stream(javalin.jettyServer().server().getConnectors())
                .mapToInt(connector -> connector.getConnectedEndPoints().size())
                .sum();
    }

    /** Stops to listen, lets requests under way finish within the configured time, and returns. */
    @Override
    public void close() {
        try {
            javalin.stop();
        } catch (Exception e) {
            // Jetty's TimeoutException, which Kotlin lets through undeclared; everything is closed by then
            log.warn("the time to stop ran out, and requests under way were cut off", e);
        }
    }

    /** By itself, Javalin answers HEAD with success and headers of its own, whatever GET would say. */
    static void getAndHead(RoutesConfig routes, String path, io.javalin.http.Handler handler) {
        routes.get(path, handler);
        routes.head(path, handler);
    }

    static Caller caller(Context ctx) {
        return Objects.requireNonNull(Exchanges.caller(core(ctx)), "a route outside /v1 has no caller");
    }

    private static Request core(Context ctx) {
        return ServletContextRequest.getServletContextRequest(ctx.req());
    }

    private static void authenticate(Context ctx, Authenticator authenticator) {
        Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
        // a question for the methods that no route has an answer of its own to
        boolean open =
                matched == null ? ctx.method().equals(HandlerType.OPTIONS) : matched.path.equals(LinkRoutes.FOLLOWED);
        if (!open) {
            Exchanges.caller(core(ctx), authenticator.authenticate(ctx.req()));
        }
    }

    private static void noteRoute(Context ctx) {
        Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
        if (matched != null) {
            Exchanges.route(core(ctx), matched.path);
        }
    }

    /** A problem as (a part of) the body of an answer. */
    static Map<String, @Nullable Object> problem(Context ctx, Problem problem) {
        Exchanges.problem(core(ctx), problem);
        return Wire.problem(problem, Exchanges.requestId(core(ctx)));
    }

    static void json(Context ctx, int status, Object body) {
        answer(ctx, status, Wire.JSON, body);
    }

    private static void answer(Context ctx, int status, String type, Object body) {
        ctx.status(status);
        ctx.header("Cache-Control", REVALIDATED);
        ctx.contentType(type);
        ctx.result(Wire.write(body));
    }

    private static void configure(JavalinConfig config, HttpOptions options, Telemetry telemetry) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.generateEtags = false;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.router.javaLangErrorHandler((response, error) -> {
            log.error("the server is in a bad state", error);
            failHard(response);
        });
        config.jetty.addConnector((server, http) -> connector(server, http, options));
        config.jetty.threadPool = threads(options);
        config.jetty.modifyHttpConfiguration(http -> configure(http, options));
        config.jetty.modifyServer(server -> configure(server, options, telemetry));
    }

    private static Connector connector(Server server, HttpConfiguration http, HttpOptions options) {
        ServerConnector connector = new ServerConnector(server, new HeaderDeadline(http, options.idleTimeout()));
        connector.setHost(options.host());
        connector.setPort(options.port());
        // Java's own is 50: whoever comes in a burst after that is not answered at all, and tries again a second later
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        // the configuration's own counts during a request only, and not before or between them
        connector.setIdleTimeout(options.idleTimeout().toMillis());
        return connector;
    }

    private static void configure(HttpConfiguration http, HttpOptions options) {
        // an encoded slash or dot in a path means nothing here, and mischief elsewhere
        http.setUriCompliance(UriCompliance.DEFAULT);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setIdleTimeout(options.idleTimeout().toMillis());
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setSendDateHeader(true);
    }

    private static void configure(Server server, HttpOptions options, Telemetry telemetry) {
        server.setStopTimeout(options.stopTimeout().toMillis());
        server.addBean(new NetworkConnectionLimit(options.maxConnections(), server));
        CompressionHandler compression = new CompressionHandler();
        compression.putCompression(new GzipCompression());
        compression.putCompression(brotli());
        compression.putCompression(new ZstandardCompression());
        // documents go out as they are: compressed, their ranges and digests would be of other bytes
        compression.putConfiguration(
                "/*",
                CompressionConfig.builder()
                        .compressIncludeMimeType(Wire.JSON)
                        .compressIncludeMimeType("text/html")
                        .compressIncludeMimeType("text/css")
                        .compressIncludeMimeType("text/javascript")
                        .compressIncludeMimeType("image/svg+xml")
                        .compressIncludeMimeType("application/yaml")
                        .compressExcludePath("^/v1/documents/[^/]*/content$")
                        .compressExcludePath("^/v1/l/.*$")
                        .decompressExcludePath("/*")
                        .build());
        // by path, since Jetty knows no types with a version, and all there may be compressed
        compression.putConfiguration(
                MetricsRoute.PATH,
                CompressionConfig.builder().decompressExcludePath("/*").build());
        Cors cors = new Cors(new WithoutMethodOverride(new BestCoding(compression)), options.corsOrigins());
        server.setErrorHandler(new ProblemErrors(cors));
        GracefulStop graceful = new GracefulStop(
                new MinimumRate(new LingeringClose(cors), options.minUploadRate(), options.idleTimeout()));
        Exchanges exchanges = new Exchanges(graceful, telemetry);
        server.setHandler(exchanges);
        server.setRequestLog(exchanges);
    }

    private static BrotliCompression brotli() {
        BrotliEncoderConfig quick = new BrotliEncoderConfig();
        // Jetty's own is the highest: ten times gzip's time for a fifth fewer bytes, of what is made for each request
        quick.setCompressionLevel(BROTLI_LEVEL);
        BrotliCompression brotli = new BrotliCompression();
        brotli.setDefaultEncoderConfig(quick);
        return brotli;
    }

    private static QueuedThreadPool threads(HttpOptions options) {
        // a slow client holds a thread while it is read from or written to: so that all of them together leave one for
        // everybody else, there may be one for each connection
        QueuedThreadPool threads = new QueuedThreadPool(Math.max(200, options.maxConnections() + SPARE_THREADS), 8);
        threads.setName("docs-http");
        if (VirtualThreads.areSupported()) {
            threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        }
        return threads;
    }

    private static void checkHeaders(Context ctx) {
        ctx.header("X-Content-Type-Options", "nosniff");
        if (ctx.req().getRequestURI().indexOf(';') >= 0) {
            // it would be left out, and /v1/users/a;b delete the user a
            throw Problem.malformed("a path has no parameters here: a semicolon is written as %3B")
                    .raise();
        }
        String encoding = ctx.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Problem.unsupportedMediaType("bodies with a Content-Encoding are not accepted")
                    .with("Accept-Encoding", "identity")
                    .raise();
        }
    }

    private static void health(Context ctx, int status, Map<String, String> body) {
        json(ctx, status, body);
        ctx.header("Cache-Control", NOT_KEPT);
    }

    private static void ready(Context ctx, DocumentService documents) {
        try {
            documents.check();
            health(ctx, 200, Map.of("status", "up"));
        } catch (DocumentException e) {
            health(ctx, 503, Map.of("status", "down", "reason", String.valueOf(e.getMessage())));
        }
    }

    /** The one place where an exception becomes an answer. */
    private static void fail(Context ctx, Exception e) {
        if (e instanceof MethodNotAllowedResponse other && ctx.method().equals(HandlerType.OPTIONS)) {
            tellMethods(ctx, allowed(other));
            return;
        }
        Problem problem = problem(e);
        String path = Exchanges.path(core(ctx));
        if (problem.status() == 500) {
            log.error("{} {} failed", ctx.method(), path, e);
        } else if (problem.status() > 500) {
            // known and passing troubles, of which there may be many a second
            log.warn("{} {}: {}", ctx.method(), path, e.getMessage());
            log.debug("{} {}", ctx.method(), path, e);
        }
        if (ctx.res().isCommitted()) {
            // too late for a status: break off, so that nobody takes what was sent for the whole
            ServletContextRequest.getServletContextRequest(ctx.req())
                    .getServletChannel()
                    .abort(e);
            return;
        }
        problem.headers().forEach(ctx::header);
        answer(ctx, problem.status(), Wire.PROBLEM, problem(ctx, problem));
        ctx.header("Cache-Control", NOT_KEPT);
    }

    /** Javalin lets no mapper see an {@link Error}; its answer is to look like all others. */
    private static void failHard(HttpServletResponse response) {
        if (response.isCommitted()) {
            throw new IllegalStateException("the answer can't be completed");
        }
        Problem problem = Problem.internal();
        String id = response.getHeader(Exchanges.HEADER);
        try {
            response.resetBuffer();
            response.setStatus(problem.status());
            response.setHeader("Cache-Control", NOT_KEPT);
            response.setContentType(Wire.PROBLEM);
            response.getOutputStream().write(Wire.write(Wire.problem(problem, id)));
        } catch (IOException e) {
            log.debug("nobody waits for the answer", e);
        }
    }

    private static Problem problem(Exception e) {
        if (e instanceof Problem.Raised raised) {
            return raised.problem();
        } else if (MinimumRate.isBehind(e)) {
            return Problem.of(408, "request-timeout", "Request timeout", "the request's content came too slowly")
                    .with("Connection", "close");
        } else if (e instanceof DocumentException known) {
            return Problem.of(known);
        } else if (e instanceof HttpResponseException javalins) {
            return ofJavalin(javalins);
        } else if (e instanceof IOException) {
            return Problem.malformed("the request ended before it was complete");
        }
        return Problem.internal();
    }

    static Problem nothingHere() {
        return Problem.of(404, "not-found", "Not found", "there is nothing at this path");
    }

    private static Problem ofJavalin(HttpResponseException e) {
        if (e instanceof MethodNotAllowedResponse other) {
            return Problem.ofStatus(405).with("Allow", allowed(other));
        }
        return e.getStatus() == 404 ? nothingHere() : Problem.ofStatus(e.getStatus());
    }

    private static String allowed(MethodNotAllowedResponse e) {
        String allowed = String.join(", ", e.getDetails().values());
        return allowed.contains("OPTIONS") ? allowed : allowed + ", OPTIONS";
    }

    /** To whoever asks, authenticated or not: the routes are no secret. */
    private static void tellMethods(Context ctx, String allowed) {
        ctx.status(204).header("Allow", allowed);
        if (allowed.contains("PATCH")) {
            ctx.header("Accept-Patch", Wire.MERGE_PATCH);
        }
        if (allowed.contains("POST") && !ctx.path().endsWith("/restore")) {
            ctx.header(
                    "Accept-Post",
                    ctx.path().equals("/v1/documents") ? "multipart/form-data, " + Wire.JSON : Wire.JSON);
        }
    }

    /**
     * Javalin lets this header turn any GET into a DELETE. Only a POST to an upload in parts wants that: tus has it for clients
     * that can't send PATCH.
     */
    private static final class WithoutMethodOverride extends Handler.Wrapper {
        private static final String HEADER = "X-HTTP-Method-Override";

        WithoutMethodOverride(Handler handler) {
            super(handler);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            boolean isWanted = request.getMethod().equals("POST")
                    && request.getHttpURI().getCanonicalPath() != null
                    && request.getHttpURI().getCanonicalPath().startsWith("/v1/uploads/");
            if (isWanted || !request.getHeaders().contains(HEADER)) {
                return super.handle(request, response, callback);
            }
            HttpFields without =
                    HttpFields.build(request.getHeaders()).remove(HEADER).asImmutable();
            return super.handle(
                    new Request.Wrapper(request) {
                        @Override
                        public HttpFields getHeaders() {
                            return without;
                        }
                    },
                    response,
                    callback);
        }
    }
}
