package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every line that a real server logs while it is told secrets wherever a client can put them, in both forms of the log. */
class LogTest extends RunningServer {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private static final Logger OURS = (Logger) LoggerFactory.getLogger("dev.docs");

    private final Map<String, String> further = new LinkedHashMap<>();
    private final Lines lines = new Lines();
    private Level before = Level.WARN;

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Override
    Map<String, String> settingsOfTheTest() {
        return further;
    }

    @BeforeEach
    void listen() throws Exception {
        lines.text = encoder(false);
        lines.json = encoder(true);
        lines.start();
        before = ROOT.getLevel();
        ROOT.setLevel(Level.INFO);
        OURS.setLevel(Level.TRACE);
        ROOT.addAppender(lines);
    }

    @AfterEach
    void listenNoMore() {
        ROOT.detachAppender(lines);
        ROOT.setLevel(before);
        OURS.setLevel(null);
    }

    private static Encoder<ILoggingEvent> encoder(boolean json) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Main.class.getResource("logback.xml"));
        if (json) {
            Main.writeJson(context);
        }
        return ((ConsoleAppender<ILoggingEvent>)
                        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr"))
                .getEncoder();
    }

    /** Each event as the server would write it. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final List<String> jsons = new CopyOnWriteArrayList<>();
        private Encoder<ILoggingEvent> text = LogTest.none();
        private Encoder<ILoggingEvent> json = LogTest.none();

        @Override
        protected void append(ILoggingEvent event) {
            texts.add(new String(text.encode(event), StandardCharsets.UTF_8));
            jsons.add(new String(json.encode(event), StandardCharsets.UTF_8));
        }

        List<String> access() {
            return texts.stream().filter(line -> line.contains(" access ")).toList();
        }
    }

    private static Encoder<ILoggingEvent> none() {
        return new ch.qos.logback.classic.encoder.PatternLayoutEncoder();
    }

    private void awaitAccess(int count) {
        Awaitility.await().untilAsserted(() -> assertThat(lines.access()).hasSizeGreaterThanOrEqualTo(count));
    }

    @Test
    void no_line_has_a_secret_and_no_secret_makes_a_line() throws Exception {
        String evil = "\r\n2026-01-01T00:00:00.000Z INFO  access [x] FORGED";
        JsonNode document = body(
                upload(
                        admin,
                        "name-secret",
                        "application/pdf",
                        random(1, 40_000),
                        "{\"key-secret\": \"value-secret\"}"),
                201);
        String url = "/v1/documents/" + document.get("id").asText();
        body(send(get("/v1/documents?name=query-secret&metadata=key-secret:value-secret")), 200);
        body(send(get("/v1/documents?query-secret=" + encoded("value-secret" + evil))), 400);
        body(
                patch(
                        url,
                        "{\"name\": \"name-secret-2\", \"metadata\": {\"key-secret\": [\"value-secret\", {\"x\": 1}]}}"),
                200);
        body(patch(url, "{\"name\": \"name-secret\\u0000\", \"key-secret\": \"value-secret\"}"), 422);
        body(
                send(get(url).header("Cookie", "session=header-secret")
                        .header("X-Forwarded-For", "header-secret")
                        .header("Idempotency-Key", "header-secret")),
                200);
        body(send(HttpRequest.newBuilder(uri("/v1/usage")).header("Authorization", "Bearer docs_header-secret")), 401);
        body(put(url + "/content", random(1, 10), Map.of("Repr-Digest", "sha-256=:header-secret:")), 400);
        JsonNode link = body(
                post(
                        "/v1/links",
                        admin,
                        "application/json",
                        "{\"id\": \"" + document.get("id").asText() + "\"}"),
                201);
        String token = link.get("url").asText().replaceFirst(".*/v1/l/", "");
        assertThat(send(HttpRequest.newBuilder(uri("/v1/l/" + token))).statusCode())
                .isEqualTo(200);
        send(HttpRequest.newBuilder(uri("/v1/l/" + token + "x")));
        send(HttpRequest.newBuilder(uri("/v1/nothing/" + token + "/more")));
        send(get("/v1/documents/" + encoded("a" + evil)));
        send(get("/v1/documents/" + encoded("\u001b[31m") + "?name=" + encoded(evil)));
        raw("GET /v1/documents/\u0085\u2028FORGED HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        raw("GET /a HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\u0085FORGED\r\nConnection: close\r\n\r\n");
        raw("FORGED\r\n\r\n");
        awaitAccess(17);

        for (List<String> all : List.of(lines.texts, lines.jsons)) {
            assertThat(all)
                    .noneMatch(line -> line.contains("-secret"))
                    .noneMatch(line -> line.contains(admin.substring(5)))
                    .noneMatch(line -> line.contains(token.substring(0, 40)))
                    .allMatch(
                            line -> line.endsWith("\n") && line.strip().lines().count() == 1)
                    .noneMatch(line -> line.strip().matches("(?s).*[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029].*"));
        }
        assertThat(lines.texts)
                .allMatch(line -> line.matches("(?s)20\\S+Z (INFO |WARN |ERROR|DEBUG|TRACE) \\S+ \\[.*"));
        assertThat(lines.access()).noneMatch(line -> line.startsWith("2026-01-01T00:00:00.000Z"));
    }

    @Test
    void a_request_has_one_line_by_which_it_is_found() throws Exception {
        send(get("/v1/documents?limit=1")
                .header("X-Request-Id", "mine-1")
                .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));
        awaitAccess(1);
        assertThat(lines.access())
                .singleElement()
                .asString()
                .matches(
                        "\\S+Z INFO  access \\[\\S+] mine-1 trace=" + TRACE
                                + " span=(?!00f067aa0ba902b7)[0-9a-f]{16} GET /v1/documents 200 in=0 out=\\d+ \\d+ms user=admin\n");
        JsonNode json = new ObjectMapper()
                .readTree(lines.jsons.stream()
                        .filter(line -> line.contains("mine-1"))
                        .findFirst()
                        .orElseThrow());
        JsonNode fields = json.get("mdc");
        assertThat(json.get("level").asText()).isEqualTo("INFO");
        assertThat(json.get("loggerName").asText()).isEqualTo("docs.access");
        assertThat(json.get("formattedMessage").asText()).startsWith("GET /v1/documents 200 ");
        assertThat(fields.get("request_id").asText()).isEqualTo("mine-1");
        assertThat(fields.get("trace_id").asText()).isEqualTo(TRACE);
        assertThat(fields.get("path").asText()).isEqualTo("/v1/documents");
        assertThat(fields.get("status").asText()).isEqualTo("200");
        assertThat(fields.get("user").asText()).isEqualTo("admin");
    }

    @Test
    void a_broken_trace_and_a_broken_name_are_left_out() throws Exception {
        send(get("/v1/usage")
                .header("X-Request-Id", "a b")
                .header("traceparent", "00-" + TRACE + "-0000000000000000-01"));
        awaitAccess(1);
        assertThat(lines.access())
                .singleElement()
                .asString()
                .matches("\\S+Z INFO  access \\[\\S+] [0-9a-f]{16} GET /v1/usage 200 .*\n");
    }

    @Test
    void users_and_the_whole_log_can_be_left_out() throws Exception {
        further.put("--access-log", "anonymous");
        restart();
        send(get("/v1/usage"));
        awaitAccess(1);
        assertThat(lines.access()).noneMatch(line -> line.contains("admin"));
        further.put("--access-log", "off");
        restart();
        int count = lines.access().size();
        send(get("/v1/usage"));
        server.close();
        assertThat(lines.access()).hasSize(count);
    }

    private void raw(String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().readAllBytes();
        }
    }
}
