package dev.docs.adapter.http;

import static dev.docs.adapter.http.OneDocumentServer.assertProblem;
import static dev.docs.adapter.http.OneDocumentServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.application.Docs;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentQuery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What Javalin, Jetty or the build did wrong when they were left alone: each was seen, and is not to be seen again. */
final class HttpPitfallsTest {
    private static final String CONTENT = "/v1/documents/ID/content";

    private final OneDocumentServer server = new OneDocumentServer(false);

    @AfterEach
    void stop() {
        server.close();
    }

    // Ranges: Javalin's own answer 200 with everything, 500, or never

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "bytes=0-4; 206; bytes 0-4/10; 01234",
                "bytes=0-99; 206; bytes 0-9/10; 0123456789",
                "bytes=9-; 206; bytes 9-9/10; 9",
                "bytes=-3; 206; bytes 7-9/10; 789",
                "bytes=-99; 206; bytes 0-9/10; 0123456789",
                "BYTES=1-1; 206; bytes 1-1/10; 1",
                "bytes=0-1,2-3; 206; bytes 0-3/10; 0123",
                "bytes=0-0,5-5; 200; none; 0123456789",
                "bytes=abc; 200; none; 0123456789",
                "bytes=4-2; 200; none; 0123456789",
                "bytes=; 200; none; 0123456789",
                "bytes=--1; 200; none; 0123456789",
                "lines=0-4; 200; none; 0123456789"
            })
    void a_range_is_served_or_ignored(String range, int status, String contentRange, String body) throws Exception {
        HttpResponse<String> answer = server.send("GET", CONTENT, "Range", range);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Content-Range")).isEqualTo(contentRange);
        assertThat(header(answer, "Content-Length")).isEqualTo("" + body.length());
        assertThat(answer.body()).isEqualTo(body);
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");

        HttpResponse<String> head = server.send("HEAD", CONTENT, "Range", range);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo("10");
        HttpResponse<String> other = server.send("GET", CONTENT, "Range", range, "If-Range", "\"other\"");
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.body()).isEqualTo("0123456789");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-", "bytes=10-,11-12"})
    void a_range_past_the_end_is_answered_and_names_the_length(String range) throws Exception {
        HttpResponse<String> answer = server.send("GET", CONTENT, "Range", range);
        assertProblem(answer, 416, "range-not-satisfiable");
        assertThat(header(answer, "Content-Range")).isEqualTo("bytes */10");
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
    }

    // Methods: HEAD answered text/plain of length 0, a wrong method 404, and a header turned GET into DELETE

    @Test
    void head_says_what_get_would() throws Exception {
        HttpResponse<String> head = server.send("HEAD", CONTENT);
        assertThat(header(head, "Content-Type")).isEqualTo("text/plain");
        assertThat(header(head, "Content-Length")).isEqualTo("10");
        assertThat(OneDocumentServer.headers(head)).isEqualTo(OneDocumentServer.headers(server.send("GET", CONTENT)));
    }

    @Test
    void a_wrong_method_is_a_405_and_not_a_404() throws Exception {
        HttpResponse<String> answer = server.send("POST", CONTENT);
        assertProblem(answer, 405, "method-not-allowed");
        assertThat(header(answer, "Allow").split(", ")).containsExactlyInAnyOrder("GET", "HEAD", "PUT", "OPTIONS");
        assertProblem(server.send("POST", "/v1/nothing"), 404, "not-found");
    }

    @Test
    void no_header_turns_one_method_into_another() throws Exception {
        for (String path : List.of("/v1/documents/ID", "/v1/documents/ID?purge=true")) {
            server.send("GET", path, "X-HTTP-Method-Override", "DELETE");
            server.send("POST", path, "X-HTTP-Method-Override", "DELETE");
            server.send("POST", path, "X-HTTP-Method-Override", "PATCH");
        }
        assertThat(server.docs.documents().get(OneDocumentServer.ANNA, server.document.id()))
                .isEqualTo(server.document);
    }

    // Conditions: Javalin made a 304 by itself before they were weighed

    @Test
    void a_304_comes_after_what_must_hold() throws Exception {
        String tag = header(server.send("GET", "/v1/documents/ID"), "ETag");
        assertThat(server.send("GET", "/v1/documents/ID", "If-None-Match", tag).statusCode())
                .isEqualTo(304);
        assertProblem(
                server.send("GET", "/v1/documents/ID", "If-None-Match", tag, "If-Match", "\"x\""),
                412,
                "precondition-failed");
        assertThat(server.send("GET", "/v1/documents/ID", "If-None-Match", "\"x\", W/" + tag)
                        .statusCode())
                .isEqualTo(304);
        // a list is compared with nothing, and so is whatever else has no tag
        assertThat(server.send("GET", "/v1/documents", "If-None-Match", "*").statusCode())
                .isEqualTo(200);
    }

    // Bodies

    /** Jetty drops the headers of a 104, without which it means nothing. */
    @Test
    void no_interim_answer_but_a_100_is_sent_and_that_only_when_the_body_is_wanted() throws Exception {
        String put = "PUT " + CONTENT + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUpload-Complete: ?1\r\n"
                + "Upload-Draft-Interop-Version: 8\r\nContent-Length: 1\r\n";
        assertThat(server.raw(put + "\r\nx")).startsWith("HTTP/1.1 200 ").doesNotContain("HTTP/1.1 1");
        assertThat(server.raw(put + "Expect: 100-continue\r\n\r\nx"))
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ");
        assertThat(server.raw(put + "Expect: 100-continue\r\nIf-Match: \"x\"\r\n\r\n"))
                .startsWith("HTTP/1.1 412 ");
    }

    @Test
    void an_early_refusal_of_a_withheld_body_is_clean_and_ends_the_connection() throws Exception {
        String answer = server.raw("PUT " + CONTENT + " HTTP/1.1\r\nHost: localhost\r\nIf-Match: \"x\"\r\n"
                + "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 412 ")
                .containsIgnoringCase("connection: close")
                .endsWith("}");
    }

    /** An int can't say so, and became -1: no length at all. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 31, (1L << 31) + 1, 1L << 32, 1L << 33, 10L << 30})
    void a_length_of_2_GiB_and_more_counts_before_the_body_comes(long length) throws Exception {
        server.docs.documents().setQuota(OneDocumentServer.ANNA, "anna", own -> own.withBytes(1_000_000L));
        String answer = server.raw("PUT " + CONTENT + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nContent-Length: " + length + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("/problems/quota-exceeded");
    }

    /** Once a chunked body went around the limit of what is read into memory. */
    @Test
    void a_chunked_body_meets_the_same_limit_as_one_of_known_length() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("10000\r\n" + " ".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 17; i++) {
                out.write(chunk);
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(line(socket.getInputStream())).startsWith("HTTP/1.1 413 ");
        }
    }

    /** Jetty's parser would hold it in memory. */
    @Test
    void a_part_without_a_file_name_is_held_to_a_limit() throws Exception {
        String form = "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + " ".repeat(2 << 20)
                + "\r\n--b--\r\n";
        HttpResponse<String> answer =
                server.sendBody("POST", "/v1/documents", form, "Content-Type", "multipart/form-data; boundary=b");
        assertProblem(answer, 422, "invalid");
    }

    // Paths and errors

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/documents/%2e%2e/users",
                "/v1/documents/%2E%2E%2fusage",
                "/v1/documents/..%2fusage",
                "/v1/documents/%2e",
                "/v1/documents/a%00",
                "/v1/documents/a%5cb"
            })
    void encoded_dots_and_slashes_reach_no_route(String path) throws Exception {
        assertThat(server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .containsIgnoringCase("content-type: application/problem+json")
                .containsIgnoringCase("cache-control: no-store");
    }

    /** A handler for 404 would see those that a route has answered on purpose. */
    @Test
    void a_missing_document_and_a_missing_path_are_told_apart() throws Exception {
        String nobody = server.send("GET", "/v1/documents/00000000-0000-7000-8000-000000000000")
                .body();
        String nowhere = server.send("GET", "/v1/nowhere").body();
        assertThat(nobody).contains("no such document");
        assertThat(nowhere).contains("nothing at this path");
    }

    /** Javalin lets no mapper of exceptions see an Error. */
    @Test
    void an_error_is_a_problem_like_any_other_and_the_server_lives_on() throws Exception {
        InMemoryDocumentRepository rows = new InMemoryDocumentRepository();
        Docs docs = Docs.builder()
                .repository(rows)
                .store("main", new InMemoryStorage())
                .accessPolicy((caller, action, user, document) -> {
                    throw new StackOverflowError("secret");
                })
                .build();
        HttpOptions options = HttpOptions.DEFAULT.withPort(0);
        try (DocsServer broken = DocsServer.start(options, docs.documents(), Authenticator.none("anna"))) {
            HttpClient http = HttpClient.newHttpClient();
            String url = "http://127.0.0.1:" + broken.port();
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(url + "/v1/documents"))
                                .build(),
                        BodyHandlers.ofString());
                assertProblem(answer, 500, "internal");
                assertThat(answer.body()).doesNotContain("secret", "StackOverflow");
                assertThat(answer.body()).contains(header(answer, "X-Request-Id"));
            }
            HttpResponse<String> live = http.send(
                    HttpRequest.newBuilder(URI.create(url + "/health/live")).build(), BodyHandlers.ofString());
            assertThat(live.statusCode()).isEqualTo(200);
        }
    }

    // Answers

    /** Jackson writes them as numbers unless told otherwise. */
    @Test
    void times_are_text_with_milliseconds() throws Exception {
        var json = new ObjectMapper()
                .readTree(server.send("GET", "/v1/documents/ID").body());
        assertThat(json.get("created_at").asText()).isEqualTo("2026-11-03T10:15:30.123Z");
        assertThat(json.get("updated_at").isTextual()).isTrue();
    }

    @Test
    void what_is_compressed_says_that_it_varies_also_in_a_304() throws Exception {
        HttpResponse<String> list = server.send("GET", "/v1/documents", "Accept-Encoding", "gzip");
        assertThat(header(list, "Vary")).isEqualTo("Accept-Encoding");
        HttpResponse<String> document = server.send("GET", "/v1/documents/ID", "Accept-Encoding", "gzip");
        HttpResponse<String> known = server.send(
                "GET", "/v1/documents/ID", "Accept-Encoding", "gzip", "If-None-Match", header(document, "ETag"));
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(header(known, "Vary")).isEqualTo("Accept-Encoding");
    }

    @Test
    void every_kind_of_answer_says_what_may_be_kept() throws Exception {
        assertThat(header(server.send("GET", "/v1/documents"), "Cache-Control")).isEqualTo("private, no-cache");
        assertThat(header(server.send("GET", "/v1/documents/ID"), "Cache-Control"))
                .isEqualTo("private, no-cache");
        assertThat(header(server.send("GET", CONTENT), "Cache-Control")).isEqualTo("private, no-cache");
        for (String path : List.of("/health/live", "/health/ready", "/v1/nothing", "/v1/documents?limit=0")) {
            assertThat(header(server.send("GET", path), "Cache-Control"))
                    .as(path)
                    .isEqualTo("no-store");
        }
        assertThat(header(server.send("PUT", "/v1/documents"), "Cache-Control")).isEqualTo("no-store");
        assertThat(server.raw("GARBAGE\r\n\r\n")).containsIgnoringCase("cache-control: no-store");
    }

    @Test
    void the_next_page_has_a_target_that_nothing_breaks_out_of() throws Exception {
        server.docs.documents().create(OneDocumentServer.ANNA, NewDocument.named("x>"), NewContent.of(new byte[1]));
        String answer = server.raw("GET /v1/documents?status=active&limit=1&min_size=1&%6eame=%78&name_prefix=x"
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer)
                .containsPattern("(?m)^Link: </v1/documents\\?status=active&limit=1&min_size=1&%6eame=%78"
                        + "&name_prefix=x&cursor=[A-Za-z0-9_-]+>; rel=\"next\"$");
        String next = answer.replaceFirst("(?s).*Link: <([^>]+)>.*", "$1");
        HttpResponse<String> page = server.send("GET", next.replace("&cursor=", "&%63ursor="));
        assertThat(page.statusCode()).isEqualTo(200);
        String quoted = server.raw("GET /v1/documents?limit=1&name=x%3E&name_prefix=\">;rel=\"x"
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(quoted).doesNotContain("\">;rel=\"x");
    }

    // The build

    /** Maven 3.8's own compiler plugin does not know maven.compiler.release. */
    @Test
    void classes_are_for_java_17() throws Exception {
        for (Class<?> each : List.of(DocsServer.class, Docs.class, DocumentQuery.class)) {
            try (DataInputStream in = new DataInputStream(Objects.requireNonNull(
                    each.getResourceAsStream(each.getSimpleName() + ".class"), "a class has a file"))) {
                assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
                assertThat(in.readInt()).isEqualTo(61);
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }
}
