package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.application.Docs;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentStatus;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Clients that take more time than they need, over bare sockets. */
class SlowClientsTest {
    private static final String MULTIPART = "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 200000\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    private static final String ASKED = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final InMemoryDocumentRepository repository = new InMemoryDocumentRepository();
    private final InMemoryStorage storage = new InMemoryStorage();
    private final Docs docs =
            Docs.builder().repository(repository).store("main", storage).build();
    private DocsServer server = start(1024, Duration.ofSeconds(30), 0);

    private DocsServer start(int maxConnections, Duration idleTimeout, long minUploadRate) {
        return DocsServer.start(
                new HttpOptions("127.0.0.1", 0, maxConnections, idleTimeout, Duration.ofMillis(1), false)
                        .withMinUploadRate(minUploadRate),
                docs.documents(),
                Authenticator.none("anna"));
    }

    private void restart(int maxConnections, Duration idleTimeout, long minUploadRate) {
        server.close();
        server = start(maxConnections, idleTimeout, minUploadRate);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** More than Java lets wait by itself. */
    @Test
    void many_may_wait_until_they_are_let_in() throws Exception {
        restart(1, Duration.ofSeconds(30), 0);
        List<Socket> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Socket socket = new Socket();
                waiting.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 5000);
            }
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    // What comes too slowly

    @Test
    void an_upload_slower_than_the_minimum_is_ended_and_leaves_nothing() throws Exception {
        restart(1024, SHORT, 10_000);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            // more than is kept in the database, so that there is something to clear
            out.write((MULTIPART + "x".repeat(20_000)).getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> repository.usage("anna").reservedBytes() > 0);
            drip(socket);
            String answer = answer(socket);
            assertThat(answer).startsWith("HTTP/1.1 408 ");
            assertThat(answer)
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .containsIgnoringCase("\r\ncontent-type: application/problem+json\r\n")
                    .contains("/problems/request-timeout");
        }
        Awaitility.await().until(() -> repository.usage("anna").reservedBytes() == 0);
        assertThat(storage.list(null, 10)).isEmpty();
        assertThat(repository.usage("anna").documents().values()).allMatch(count -> count == 0);
    }

    /** With a status that clients of tus take for a reason to go on, as they do for no other below 500. */
    @Test
    void what_came_of_a_slow_part_counts_and_the_rest_may_follow() throws Exception {
        restart(1024, SHORT, 10_000);
        String tus = " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n";
        String end = "Connection: close\r\n\r\n";
        String created =
                raw("POST /v1/uploads" + tus + "Upload-Length: 200000\r\nUpload-Metadata: filename Zg==\r\n" + end);
        Matcher location = Pattern.compile("(?i)\r\nlocation: (\\S+)").matcher(created);
        assertThat(location.find()).as(created).isTrue();
        String part = "PATCH " + location.group(1) + tus + "Content-Type: application/offset+octet-stream\r\n";
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write((part + "Upload-Offset: 0\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(20_000))
                            .getBytes(StandardCharsets.US_ASCII));
            drip(socket);
            assertThat(answer(socket))
                    .startsWith("HTTP/1.1 423 ")
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .contains("/problems/request-timeout");
        }
        Matcher offset = Pattern.compile("(?i)\r\nupload-offset: (\\d+)\r\n")
                .matcher(raw("HEAD " + location.group(1) + tus + end));
        assertThat(offset.find()).isTrue();
        int there = Integer.parseInt(offset.group(1));
        assertThat(there).isBetween(20_000, 199_999);
        int rest = 200_000 - there;
        assertThat(raw(part + "Upload-Offset: " + there + "\r\nContent-Length: " + rest + "\r\n" + end
                        + "x".repeat(rest)))
                .startsWith("HTTP/1.1 204 ")
                .containsIgnoringCase("\r\ndocs-document-id: ");
    }

    @Test
    void a_body_of_json_has_to_come_as_fast() throws Exception {
        restart(1024, SHORT, 10_000);
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(("POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 100000\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            drip(socket);
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void one_that_is_refused_may_not_linger_for_ever_either() throws Exception {
        restart(1024, SHORT, 10_000);
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("PUT /v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            drip(socket);
            assertThat(answer(socket)).startsWith("HTTP/1.1 404 ");
        }
    }

    /** Longer than its credit altogether, and each pause shorter than that. */
    @Test
    void who_is_fast_may_pause_again_and_again() throws Exception {
        restart(1024, Duration.ofSeconds(2), 10_000);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            String end = "\r\n--b--\r\n";
            String part = MULTIPART.substring(MULTIPART.indexOf("--b"));
            int content = 120_000;
            out.write(MULTIPART
                    .replace("200000", "" + (part.length() + content + end.length()))
                    .getBytes(StandardCharsets.US_ASCII));
            for (int sent = 0; sent < content; sent += 40_000) {
                out.write(new byte[40_000]);
                pause(1500);
            }
            out.write(end.getBytes(StandardCharsets.US_ASCII));
            assertThat(answer(socket)).startsWith("HTTP/1.1 201 ");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 10_000})
    void silence_ends_with_the_idle_timeout(long minUploadRate) throws Exception {
        restart(1024, SHORT, minUploadRate);
        try (Socket socket = connect()) {
            socket.getOutputStream().write((MULTIPART + "x".repeat(20_000)).getBytes(StandardCharsets.US_ASCII));
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("/problems/request-timeout");
        }
        Awaitility.await().until(() -> repository.usage("anna").reservedBytes() == 0);
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET /heal".getBytes(StandardCharsets.US_ASCII));
            assertThat(answer(socket))
                    .satisfiesAnyOf(
                            text -> assertThat(text).isEmpty(),
                            text -> assertThat(text).startsWith("HTTP/1.1 408 "));
        }
        try (Socket socket = connect()) {
            assertThat(answer(socket)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /health", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: "})
    void a_header_that_drips_is_ended_though_it_is_never_silent(String begun) throws Exception {
        restart(1024, SHORT, 0);
        try (Socket socket = connect()) {
            // a connection that has done well has the same time for its next request
            socket.getOutputStream().write(ASKED.getBytes(StandardCharsets.US_ASCII));
            assertThat(untilUp(socket)).startsWith("HTTP/1.1 200 ");
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
            drip(socket);
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("/problems/request-timeout");
            // by the server: this end is open
            Awaitility.await().until(() -> server.connections() == 0);
        }
    }

    @Test
    void a_connection_that_asks_again_and_again_may_live_longer_than_one_header() throws Exception {
        Duration limit = Duration.ofSeconds(3);
        restart(1024, limit, 0);
        try (Socket socket = connect()) {
            long began = System.nanoTime();
            while (System.nanoTime() - began < limit.plus(SHORT).toNanos()) {
                socket.getOutputStream().write(ASKED.substring(0, 20).getBytes(StandardCharsets.US_ASCII));
                pause(200);
                socket.getOutputStream().write(ASKED.substring(20).getBytes(StandardCharsets.US_ASCII));
                assertThat(untilUp(socket)).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    /** The answer of a server that is well. */
    private static String untilUp(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        do {
            int c = socket.getInputStream().read();
            assertThat(c).as("what comes after %s", answer).isNotNegative();
            answer.append((char) c);
        } while (answer.indexOf("{\"status\":\"up\"}") < 0);
        return answer.toString();
    }

    // Many of them

    @Test
    void more_slow_uploads_than_usual_threads_leave_all_others_answered() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                Socket socket = connect();
                slow.add(socket);
                socket.getOutputStream().write(MULTIPART.getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(get("/health/ready")).isEqualTo(200);
            assertThat(get("/v1/documents")).isEqualTo(200);
            assertThat(server.connections()).isGreaterThanOrEqualTo(300);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void connections_beyond_the_limit_wait_until_one_is_free() throws Exception {
        restart(2, Duration.ofSeconds(30), 0);
        Socket first = connect();
        try (Socket second = connect()) {
            Awaitility.await().until(() -> server.connections() == 2);
            try (Socket third = connect()) {
                third.getOutputStream()
                        .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(server.connections()).isEqualTo(2);
                // by another name: the compiler warns of a resource that is closed before its end
                Socket leaving = first;
                leaving.close();
                assertThat(answer(third)).startsWith("HTTP/1.1 200 ");
            }
            assertThat(second.isConnected()).isTrue();
        }
    }

    // What is too large

    @Test
    void headers_and_addresses_that_are_too_long_have_statuses_of_their_own() throws Exception {
        String end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        assertThat(raw("GET /v1/documents" + end + "X-Long: " + "x".repeat(9000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ")
                .contains("/problems/");
        assertThat(raw("GET /v1/documents" + end + "X: x\r\n".repeat(2000) + "\r\n"))
                .startsWith("HTTP/1.1 431 ")
                .contains("/problems/");
        assertThat(raw("GET /v1/documents?name=" + "x".repeat(20_000) + end + "\r\n"))
                .startsWith("HTTP/1.1 414 ")
                .contains("/problems/");
    }

    @Test
    void a_form_has_so_many_parts_and_a_part_so_many_headers_and_no_more() throws Exception {
        String part = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\r\n";
        assertThat(form(part.repeat(10_001) + "--b--\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("10000 parts");
        assertThat(form("--b\r\nX-Long: " + "x".repeat(9000) + "\r\n\r\n--b--\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("/problems/malformed");
        assertThat(form("--b\r\n" + "X: x\r\n".repeat(5000) + "\r\n--b--\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("/problems/malformed");
        assertThat(repository.usage("anna").documents().get(DocumentStatus.ACTIVE))
                .isIn(null, 0L);
    }

    private String form(String body) throws Exception {
        return raw("POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        // less than the idle timeout of a connection that nobody has set
        socket.setSoTimeout(20_000);
        return socket;
    }

    private int get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }

    // A byte now and then, so that the connection is never idle, until the server has said something or hangs up.
    private static void drip(Socket socket) {
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .pollInterval(100, TimeUnit.MILLISECONDS)
                .until(() -> {
                    if (socket.getInputStream().available() > 0) {
                        return true;
                    }
                    try {
                        socket.getOutputStream().write('x');
                        return false;
                    } catch (SocketException e) {
                        return true;
                    }
                });
    }

    // Lets time go by, which is what a pause is.
    private static void pause(long millis) {
        long began = System.nanoTime();
        Awaitility.await()
                .pollInterval(50, TimeUnit.MILLISECONDS)
                .until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return answer(socket);
        }
    }

    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
