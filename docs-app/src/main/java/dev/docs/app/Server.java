package dev.docs.app;

import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.http.Authenticator;
import dev.docs.adapter.http.DocsServer;
import dev.docs.adapter.http.HttpOptions;
import dev.docs.adapter.http.Telemetry;
import dev.docs.adapter.jdbi.Database;
import dev.docs.adapter.tika.TikaMediaTypeDetector;
import dev.docs.app.Settings.MetricsReaders;
import dev.docs.application.Docs;
import dev.docs.application.Limits;
import dev.docs.application.Links;
import dev.docs.application.Retention;
import dev.docs.application.TokenService;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.Quota;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;

/** The composition root: makes the adapters that the settings ask for, and puts them together. */
final class Server implements AutoCloseable {
    /** Who calls where there is no authentication. */
    private static final String LOCAL_USER = "local";

    /** Whom the first token stands for. */
    private static final String FIRST_ADMINISTRATOR = "admin";

    private final Database database;
    private final Chores chores;
    private final DocsServer http;
    private final Metrics metrics;

    private Server(Database database, Chores chores, DocsServer http, Metrics metrics) {
        this.database = database;
        this.chores = chores;
        this.http = http;
        this.metrics = metrics;
    }

    /**
     * Starts to serve, and says where.
     *
     * @param out for people; it shows the first administrator's token once
     */
    static Server start(Settings settings, PrintWriter out) {
        Database database = openDatabase(settings);
        try {
            Docs docs = docs(settings, database);
            TokenService tokens = new TokenService(database.tokens(), Clock.systemUTC());
            Links links = new Links(
                    database.linkKeys(), docs.documents(), administrators(settings, tokens), Clock.systemUTC());
            Metrics metrics = new Metrics();
            DocsServer http = DocsServer.start(
                    httpOptions(settings),
                    docs.documents(),
                    authenticator(settings, tokens),
                    telemetry(settings, metrics, docs),
                    links);
            metrics.observe(database);
            metrics.observe(docs.documents());
            metrics.observe(http);
            Server server = new Server(database, Chores.start(settings, docs, metrics), http, metrics);
            server.announce(settings, tokens, out);
            return server;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** The database alone, for commands that need no server. The caller closes it. */
    static Database openDatabase(Settings settings) {
        try {
            Files.createDirectories(settings.data());
        } catch (IOException e) {
            throw new UncheckedIOException("the data folder can't be made: " + settings.data(), e);
        }
        return Database.open(
                settings.databaseUrl(),
                settings.databaseUser(),
                settings.databasePassword(),
                settings.databasePoolSize(),
                settings.durability());
    }

    int port() {
        return http.port();
    }

    List<String> routes() {
        return http.routes();
    }

    /** Lets requests under way finish, then closes everything. */
    @Override
    public void close() {
        http.close();
        chores.close();
        metrics.close();
        database.close();
    }

    /** The use cases on a database; the caller closes it. */
    static Docs docs(Settings settings, Database database) {
        return builder(settings, database).build();
    }

    static Docs.Builder builder(Settings settings, Database database) {
        Docs.Builder docs = Docs.builder()
                .repository(database.documents(settings.usageShards()))
                .limits(limits(settings))
                .mediaTypeDetector(new TikaMediaTypeDetector())
                .mediaTypePolicy(new MediaTypePolicy(settings.allowedTypes(), settings.deniedTypes()))
                .minFreeBytes(settings.minFreeBytes())
                .uploadLease(settings.uploadLease())
                .uploadExpiry(settings.uploadExpiry())
                .purgeGrace(settings.purgeGrace())
                .retention(new Retention(
                        settings.purgeArchivedAfter().isZero() ? null : settings.purgeArchivedAfter(),
                        settings.keepVersions() == 0 ? Retention.ALL_VERSIONS : settings.keepVersions()))
                .verifyDownloads(settings.verifyDownloads());
        for (Settings.Store store : settings.stores()) {
            docs.store(store.name(), FileSystemStorage.open(store.folder(), settings.durability()));
        }
        return docs;
    }

    private static Limits limits(Settings settings) {
        return new Limits(
                settings.maxNameLength(),
                settings.maxMetadataBytes(),
                settings.maxMetadataDepth(),
                settings.maxMetadataEntries(),
                settings.maxDocumentBytes(),
                new Quota(
                        orNone(settings.defaultQuotaBytes()),
                        orNone(settings.maxDocuments()),
                        orNone(settings.maxUploads())),
                settings.inlineMaxBytes());
    }

    private static long orNone(long limit) {
        return limit == 0 ? Quota.NO_LIMIT : limit;
    }

    static HttpOptions httpOptions(Settings settings) {
        return new HttpOptions(
                settings.host(),
                settings.port(),
                settings.maxConnections(),
                settings.idleTimeout(),
                settings.shutdownTimeout(),
                settings.requireIfMatch(),
                settings.minUploadRate(),
                settings.corsOrigins());
    }

    private static Telemetry telemetry(Settings settings, Metrics metrics, Docs docs) {
        return new Telemetry(
                settings.accessLog(),
                metrics::exchanged,
                settings.metrics() == MetricsReaders.OFF
                        ? null
                        : new Telemetry.Metrics(settings.metrics() == MetricsReaders.OPEN, metrics::write),
                most -> metrics.upkeep(docs.integrity().damaged(most)));
    }

    private static Authenticator authenticator(Settings settings, TokenService tokens) {
        return switch (settings.authentication()) {
            case TOKENS -> Authenticator.tokens(tokens);
            case JWT -> Authenticator.jwt(settings.jwt());
            case PROXY ->
                Authenticator.proxy(
                        settings.proxyUserHeader(), settings.proxyAdministrators(), settings.proxyAddresses());
            case NONE -> Authenticator.none(LOCAL_USER);
        };
    }

    /** Who is one at any time, and not only while asking; of others it counts what they were when they asked. */
    private static Predicate<String> administrators(Settings settings, TokenService tokens) {
        return switch (settings.authentication()) {
            case TOKENS -> tokens::isAdministrator;
            // a role is in a token, and there is none to look at
            case JWT -> settings.jwt().administrators()::contains;
            case PROXY -> settings.proxyAdministrators()::contains;
            case NONE -> user -> true;
        };
    }

    private void announce(Settings settings, TokenService tokens, PrintWriter out) {
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        out.println("Docs listens on http://" + host + ":" + port());
        out.println("  database: " + settings.databaseUrl());
        settings.stores().forEach(store -> out.println("  store " + store.name() + ": " + store.folder()));
        if (settings.authentication() == Settings.Authentication.TOKENS && tokens.isEmpty()) {
            TokenService.Issued first = tokens.create(FIRST_ADMINISTRATOR, true, null);
            out.println("  administrator's token, shown this once: " + first.secret());
        }
        out.flush();
    }
}
