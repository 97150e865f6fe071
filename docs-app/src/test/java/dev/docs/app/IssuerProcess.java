package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.Awaitility;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An OpenID Connect issuer that others have written, mock-oauth2-server, as a process with a class path of its own. */
final class IssuerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Path CLASS_PATH = Path.of("..", "clients", "issuer", "target", "classpath");
    private static final Pattern CODE = Pattern.compile("[?&]code=([^&]+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path log;
    private final int port;
    private final String mappings;
    private Process process;

    /**
     * @param mappings the claims of its tokens for each scope, in the issuer's own JSON
     */
    IssuerProcess(Path folder, String mappings) throws IOException {
        this.mappings = mappings;
        log = folder.resolve("issuer.log");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        process = run("RS256");
    }

    String url() {
        return "http://127.0.0.1:" + port + "/docs";
    }

    /** Starts it again at the same address, with a new key if the algorithm is another one. */
    void restart(String algorithm) throws IOException {
        stop();
        process = run(algorithm);
    }

    void stop() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** An access token for a machine. */
    String token(String scope) throws Exception {
        return granted("grant_type=client_credentials&client_id=client&client_secret=secret&scope=" + scope);
    }

    /** The access token of a user who was sent here to sign in, and back with a code. */
    String signIn() throws Exception {
        String client = "client_id=client&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&scope=openid";
        HttpResponse<String> back = send(
                HttpRequest.newBuilder(URI.create(url() + "/authorize?response_type=code&state=s&nonce=n&" + client)));
        Matcher code = CODE.matcher(back.headers().firstValue("Location").orElse(""));
        assertThat(code.find()).as(back.headers() + " " + back.body()).isTrue();
        return granted("grant_type=authorization_code&client_secret=secret&code=" + code.group(1) + "&" + client);
    }

    private String granted(String form) throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(url() + "/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).get("access_token").asText();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private Process run(String algorithm) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                Files.readString(CLASS_PATH).strip(),
                "no.nav.security.mock.oauth2.StandaloneMockOAuth2ServerKt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("SERVER_HOSTNAME", "127.0.0.1");
        builder.environment().put("SERVER_PORT", Integer.toString(port));
        builder.environment().put("JSON_CONFIG", """
                        {
                          "interactiveLogin": false,
                          "tokenProvider": {"keyProvider": {"algorithm": "%s"}},
                          "tokenCallbacks": [{"issuerId": "docs", "tokenExpiry": 300, "requestMappings": %s}]
                        }
                        """.formatted(algorithm, mappings));
        Process started = builder.start();
        Awaitility.await().atMost(START).ignoreExceptions().until(() -> {
            assertThat(started.isAlive()).as(Files.readString(log)).isTrue();
            return send(HttpRequest.newBuilder(URI.create(url() + "/.well-known/openid-configuration")))
                            .statusCode()
                    == 200;
        });
        return started;
    }

    @Override
    public void close() {
        stop();
    }
}
