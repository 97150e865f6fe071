package dev.docs.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import dev.docs.adapter.jdbi.Database;
import dev.docs.application.TokenService;
import dev.docs.domain.ApiToken;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.UserIds;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** The command line: {@code docs COMMAND}. Exit codes: 0 fine, 1 found something wrong, 2 wrong use. */
public final class Main {
    static final int FINE = 0;
    static final int FOUND_WRONG = 1;
    static final int MISUSE = 2;

    private static final String LOGBACK = "logback.configurationFile";

    private final Map<String, String> environment;
    private final Path workingDirectory;

    Main(Map<String, String> environment, Path workingDirectory) {
        this.environment = environment;
        this.workingDirectory = workingDirectory;
    }

    public static void main(String[] args) {
        // by name and not as logback.xml, so that a host with this module on its class path keeps its own log
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "dev/docs/app/logback.xml");
        }
        Main main = new Main(System.getenv(), Path.of("").toAbsolutePath());
        System.exit(main.commandLine().execute(args));
    }

    CommandLine commandLine() {
        CommandSpec docs = described(CommandSpec.create(), "docs", "Keeps documents.")
                .addSubcommand(
                        "serve", withSettings("serve", "Serves the HTTP API until it is told to end.", Main::serve))
                .addSubcommand("token", tokens())
                .addSubcommand(
                        "fsck",
                        maintenance("fsck", "Compares rows and stored content; changes nothing.", (m, o) -> m.fsck()))
                .addSubcommand(
                        "scrub",
                        maintenance(
                                        "scrub",
                                        "Reads stored content back and marks what is damaged.",
                                        (m, o) -> m.scrub(o.matchedOptionValue("--document", (UUID) null)))
                                .addOption(OptionSpec.builder("--document")
                                        .type(UUID.class)
                                        .paramLabel("ID")
                                        .description("only this document")
                                        .build()))
                .addSubcommand(
                        "sweep",
                        maintenance(
                                "sweep",
                                "Clears dead uploads, and deletes what was purged long enough ago.",
                                (m, o) -> m.sweep()))
                .addSubcommand("repair", repair())
                .addSubcommand(
                        "config", withSettings("config", "Shows every setting and where it came from.", Main::config))
                .addSubcommand("version", new Command("version", "Shows the version.", Main::version).spec);
        return new CommandLine(docs)
                // a value is never a file of arguments, and never a template
                .setExpandAtFiles(false)
                .setInterpolateVariables(false)
                .setParameterExceptionHandler((e, args) -> misuse(e));
    }

    /** What a command does with its options; returns the exit code. */
    @FunctionalInterface
    interface Body {
        int run(ParseResult options, PrintWriter out) throws Exception;
    }

    /** What a command does with valid settings and its own options; returns the exit code. */
    @FunctionalInterface
    interface SettledBody {
        int run(Settings settings, ParseResult options, PrintWriter out) throws Exception;
    }

    /** A command with an option for every setting; others can be added to it. */
    private CommandSpec withSettings(String name, String description, SettledBody body) {
        CommandSpec spec = new Command(name, description, (options, out) -> {
                    Settings settings;
                    try {
                        settings = Settings.read(flags(options), environment, workingDirectory);
                    } catch (Settings.InvalidException e) {
                        return misuse(options.commandSpec().commandLine(), e.problems());
                    }
                    if (LoggerFactory.getLogger("dev.docs") instanceof Logger logger) {
                        logger.setLevel(Level.convertAnSLF4JLevel(settings.logLevel()));
                        if (settings.logFormat() == Settings.LogFormat.JSON) {
                            writeJson(logger.getLoggerContext());
                        }
                    }
                    return body.run(settings, options, out);
                })
                .spec;
        spec.addOption(option(SettingSources.CONFIG_FLAG, "PATH", "properties file with settings"));
        for (Setting setting : Setting.values()) {
            String standard = setting.defaultText().isEmpty() ? "" : " (default: " + setting.defaultText() + ")";
            spec.addOption(option(setting.flag(), setting.form(), setting.description() + standard));
        }
        spec.usageMessage()
                .footer(
                        "",
                        "Every setting can also be an environment variable (DOCS_MAX_DOCUMENT_BYTES) or a line of a",
                        "properties file (docs.max-document-bytes=10GiB) named by --config or DOCS_CONFIG.",
                        "An option counts more than the environment, the environment more than the file.");
        return spec;
    }

    /** One JSON object a line, as {@code JsonEncoder} writes them: what was in the message's holes is not repeated. */
    static void writeJson(LoggerContext log) {
        Appender<ILoggingEvent> appender =
                log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        if (appender instanceof ConsoleAppender<ILoggingEvent> console) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(log);
            json.setWithSequenceNumber(false);
            json.setWithNanoseconds(false);
            json.setWithContext(false);
            json.setWithArguments(false);
            json.setWithMessage(false);
            json.setWithFormattedMessage(true);
            json.start();
            console.stop();
            console.setEncoder(json);
            console.start();
        }
    }

    private static int serve(Settings settings, ParseResult options, PrintWriter out) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Server server = Server.start(settings, out);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.close();
                            ended.countDown();
                        },
                        "docs-stop"));
        ended.await();
        return FINE;
    }

    /** What a maintenance command does with its options; returns the exit code. */
    @FunctionalInterface
    private interface Upkeep {
        int run(Maintenance maintenance, ParseResult options);
    }

    private CommandSpec maintenance(String name, String description, Upkeep upkeep) {
        return withSettings(
                name,
                description,
                (settings, options, out) -> upkeep.run(
                        new Maintenance(
                                settings,
                                out,
                                options.commandSpec().commandLine().getErr()),
                        options));
    }

    private CommandSpec repair() {
        return maintenance("repair", "Mends what fsck finds, losing nothing.", Main::repair)
                .addOption(OptionSpec.builder("--plan")
                        .type(boolean.class)
                        .description("says what would be done")
                        .build())
                .addOption(OptionSpec.builder("--apply")
                        .type(boolean.class)
                        .description("does it")
                        .build())
                .addOption(OptionSpec.builder("--even-if-many")
                        .type(boolean.class)
                        .description("does it even if more than 100 things and 1 % of all are wrong")
                        .build());
    }

    private static int repair(Maintenance maintenance, ParseResult options) {
        boolean apply = options.hasMatchedOption("--apply");
        if (apply == options.hasMatchedOption("--plan")) {
            return misuse(options.commandSpec().commandLine(), List.of("either --plan or --apply is needed"));
        }
        return maintenance.repair(apply, options.hasMatchedOption("--even-if-many"));
    }

    private CommandSpec tokens() {
        CommandSpec create = withSettings("create", "Makes a token and shows it, this once.", Main::createToken)
                .addOption(OptionSpec.builder("--user")
                        .type(String.class)
                        .paramLabel("ID")
                        .required(true)
                        .description("whom the token stands for")
                        .build())
                .addOption(OptionSpec.builder("--admin")
                        .type(boolean.class)
                        .description("the user is an administrator")
                        .build())
                .addOption(OptionSpec.builder("--expires-in")
                        .type(String.class)
                        .paramLabel("DURATION")
                        .description("how long it is valid, such as 90d; for ever if not given")
                        .build());
        CommandSpec revoke = withSettings("revoke", "Ends a token at once.", Main::revokeToken)
                .addPositional(PositionalParamSpec.builder()
                        .type(UUID.class)
                        .paramLabel("ID")
                        .required(true)
                        .description("the token's id, from the list")
                        .build());
        return described(CommandSpec.create(), "token", "Makes, lists and ends API tokens.")
                .addSubcommand("create", create)
                .addSubcommand("list", withSettings("list", "Lists tokens, without their secrets.", Main::listTokens))
                .addSubcommand("revoke", revoke);
    }

    private static int createToken(Settings settings, ParseResult options, PrintWriter out) {
        String user = options.matchedOptionValue("--user", "");
        Duration lifetime = null;
        try {
            UserIds.check(user);
            if (options.hasMatchedOption("--expires-in")) {
                lifetime = SettingForms.duration(
                        options.matchedOptionValue("--expires-in", ""), Duration.ofMinutes(1), Duration.ofDays(36_500));
            }
        } catch (IllegalArgumentException | DocumentValidationException e) {
            return misuse(options.commandSpec().commandLine(), List.of(String.valueOf(e.getMessage())));
        }
        try (Database database = Server.openDatabase(settings)) {
            TokenService.Issued issued =
                    tokenService(database).create(user, options.hasMatchedOption("--admin"), lifetime);
            out.println(issued.secret());
        }
        return FINE;
    }

    private static int listTokens(Settings settings, ParseResult options, PrintWriter out) {
        try (Database database = Server.openDatabase(settings)) {
            for (ApiToken token : tokenService(database).list()) {
                out.printf(
                        "%s  %s...  %s%s  created %s  expires %s  last used %s%n",
                        token.id(),
                        token.prefix(),
                        token.userId(),
                        token.administrator() ? " (administrator)" : "",
                        token.createdAt(),
                        token.expiresAt() == null ? "never" : token.expiresAt(),
                        token.lastUsedAt() == null ? "never" : token.lastUsedAt());
            }
        }
        return FINE;
    }

    private static int revokeToken(Settings settings, ParseResult options, PrintWriter out) {
        UUID id = options.matchedPositionalValue(0, new UUID(0, 0));
        try (Database database = Server.openDatabase(settings)) {
            boolean revoked = tokenService(database).revoke(id);
            out.println(revoked ? "revoked" : "no such token");
            return revoked ? FINE : FOUND_WRONG;
        }
    }

    private static TokenService tokenService(Database database) {
        return new TokenService(database.tokens(), Clock.systemUTC());
    }

    private static int config(Settings settings, ParseResult options, PrintWriter out) {
        settings.describe().forEach(out::println);
        return FINE;
    }

    private static int version(ParseResult options, PrintWriter out) {
        String version = Main.class.getPackage().getImplementationVersion();
        out.println("docs " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version());
        return FINE;
    }

    private static Map<String, String> flags(ParseResult options) {
        Map<String, String> flags = new LinkedHashMap<>();
        Stream.concat(
                        Stream.of(SettingSources.CONFIG_FLAG),
                        Arrays.stream(Setting.values()).map(Setting::flag))
                .filter(options::hasMatchedOption)
                .forEach(flag -> flags.put(flag, options.matchedOptionValue(flag, "")));
        return flags;
    }

    private static CommandSpec described(CommandSpec spec, String name, String description) {
        spec.name(name)
                .usageMessage()
                .description(description)
                .sortOptions(false)
                .abbreviateSynopsis(true)
                .width(120);
        return spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("shows this help")
                .build());
    }

    private static OptionSpec option(String name, String form, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel(form)
                .description(description.replace("%", "%%"))
                .build();
    }

    /** Never repeats what follows an unknown option: it may be the secret of a misspelt one. */
    private static int misuse(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            String name = unmatched.getUnmatched().get(0).replaceFirst("(?s)=.*", "");
            CommandSpec spec = e.getCommandLine().getCommandSpec();
            boolean option = name.startsWith("-") || spec.subcommands().isEmpty();
            Collection<String> known =
                    option ? spec.optionsMap().keySet() : spec.subcommands().keySet();
            return misuse(
                    e.getCommandLine(),
                    List.of("unknown %s %s, did you mean %s?"
                            .formatted(
                                    name.startsWith("-") ? "option" : "argument",
                                    SettingSources.printable(name),
                                    SettingSources.nearest(name, known))));
        }
        return misuse(e.getCommandLine(), List.of(String.valueOf(e.getMessage())));
    }

    private static int misuse(CommandLine line, List<String> problems) {
        PrintWriter err = line.getErr();
        problems.forEach(problem -> err.println("docs: " + problem));
        err.println("See: " + line.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return MISUSE;
    }

    private static final class Command implements Callable<Integer> {
        private final CommandSpec spec;
        private final Body body;

        Command(String name, String description, Body body) {
            this.body = body;
            this.spec = described(CommandSpec.wrapWithoutInspection(this), name, description);
        }

        @Override
        public Integer call() throws Exception {
            PrintWriter out = spec.commandLine().getOut();
            try {
                return body.run(spec.commandLine().getParseResult(), out);
            } catch (DocumentException | IllegalStateException | IllegalArgumentException | UncheckedIOException e) {
                // what an operator can mend; the log has the rest
                LoggerFactory.getLogger(Main.class).debug("{} failed", spec.qualifiedName(), e);
                PrintWriter err = spec.commandLine().getErr();
                err.println("docs: " + e.getMessage()
                        + (e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")"));
                err.flush();
                return FOUND_WRONG;
            } finally {
                out.flush();
            }
        }
    }
}
