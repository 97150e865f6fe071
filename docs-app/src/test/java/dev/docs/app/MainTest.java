package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void configPrintsEverySettingWithItsValueAndSource() {
        int code = run(Map.of("DOCS_HOST", "::1", "DOCS_DATABASE_PASSWORD", "hunter2"), "config", "--port", "0");

        assertThat(code).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines()).hasSize(Setting.values().length);
        assertThat(out.toString())
                .containsPattern("(?m)^DOCS_PORT +0 +flag$")
                .containsPattern("(?m)^DOCS_HOST +::1 +environment$")
                .containsPattern("(?m)^DOCS_DATA +/srv/work/docs-data +default$")
                .containsPattern("(?m)^DOCS_DATABASE_PASSWORD +\\*\\*\\* +environment$")
                .doesNotContain("hunter2");
    }

    @Test
    void anInvalidConfigurationIsMisuseWithEveryProblemAndNoStackTrace() {
        int code = run(Map.of("DOCS_AUTH", "maybe"), "config", "--port=x");

        assertThat(code).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines())
                .containsExactly(
                        "docs: DOCS_PORT must be a whole number from 0 to 65535; it is \"x\" (from --port)",
                        "docs: DOCS_AUTH must be one of tokens, jwt, proxy, none; it is \"maybe\" (from the environment)",
                        "See: docs config --help");
    }

    @Test
    void anUnknownOptionIsMisuseThatNamesTheNearestAndNotItsValue() {
        assertThat(run(Map.of(), "config", "--database-pasword=hunter2")).isEqualTo(2);
        assertThat(run(Map.of(), "config", "--database-pasword", "hunter2")).isEqualTo(2);
        assertThat(err.toString())
                .contains("unknown option --database-pasword, did you mean --database-password?")
                .doesNotContain("hunter2", "\tat ");
    }

    @Test
    void anUnknownCommandIsMisuseThatNamesTheNearest() {
        assertThat(run(Map.of(), "confg")).isEqualTo(2);
        assertThat(err.toString()).contains("unknown argument confg, did you mean config?");
    }

    @Test
    void noCommandAnOptionWithoutValueAndOneGivenTwiceAreMisuse() {
        assertThat(run(Map.of())).isEqualTo(2);
        assertThat(run(Map.of(), "config", "--port")).isEqualTo(2);
        assertThat(run(Map.of(), "config", "--port", "1", "--port", "2")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("subcommand", "--port", "only once").doesNotContain("\tat ");
    }

    @Test
    void aValueIsNotAFileOfArguments() {
        assertThat(run(Map.of(), "config", "--database-user", "@/etc/hostname")).isZero();
        assertThat(out.toString()).contains("@/etc/hostname");
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void helpNamesEverySetting(Setting setting) {
        assertThat(run(Map.of(), "config", "--help")).isZero();
        assertThat(out.toString()).contains(setting.flag() + "=" + setting.form(), "--config=PATH");
    }

    @Test
    void versionNamesTheJavaThatRuns() {
        assertThat(run(Map.of(), "version")).isZero();
        assertThat(out.toString())
                .startsWith("docs ")
                .contains(Runtime.version().toString());
    }

    @Test
    void theLogHasOneLineForAnEventWithItsStackTrace() throws Exception {
        LoggerContext context = log();
        Logger logger = context.getLogger("dev.docs.Room");
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>)
                context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        Throwable broken = new IllegalStateException("broken\r\nhere");

        String failure = line(appender, new LoggingEvent("", logger, Level.WARN, "one\ntwo", broken, null));
        String plain = line(appender, new LoggingEvent("", logger, Level.INFO, "plain", null, null));

        assertThat(appender.getTarget()).isEqualTo("System.err");
        assertThat(failure)
                .matches("\\S+Z WARN  Room \\[main] one \\| two \\| java[^\r\n]*\n")
                .contains("IllegalStateException: broken | here | at dev.docs.app.MainTest");
        assertThat(plain).matches("\\S+Z INFO  Room \\[main] plain\n");
    }

    @Test
    void librariesAreQuietInTheLog() throws Exception {
        LoggerContext context = log();

        assertThat(context.getLogger("dev.docs.app.Main").isInfoEnabled()).isTrue();
        assertThat(context.getLogger("dev.docs.app.Main").isDebugEnabled()).isFalse();
        assertThat(List.of("org.flywaydb.core.x", "com.zaxxer.hikari.x", "org.eclipse.jetty.x", "io.javalin.x"))
                .allMatch(name -> context.getLogger(name).isWarnEnabled())
                .noneMatch(name -> context.getLogger(name).isInfoEnabled());
    }

    private static LoggerContext log() throws JoranException {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Main.class.getResource("logback.xml"));
        return context;
    }

    private static String line(ConsoleAppender<ILoggingEvent> appender, ILoggingEvent event) {
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    private int run(Map<String, String> environment, String... args) {
        CommandLine line = new Main(environment, Path.of("/srv/work")).commandLine();
        return line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }
}
