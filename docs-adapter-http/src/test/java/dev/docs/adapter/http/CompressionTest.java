package dev.docs.adapter.http;

import static dev.docs.adapter.http.OneDocumentServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Content codings as the client asks for them (RFC 9110, section 12.5.3), for text of ours and never for documents. */
final class CompressionTest {
    private static final List<String> CODINGS = List.of("gzip", "br", "zstd");

    private final OneDocumentServer server = new OneDocumentServer(false);

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | gzip",
                "br | br",
                "zstd | zstd",
                "GZIP | gzip",
                "gzip;q=0.5, br;q=0.6, zstd;q=0.4 | br",
                "zstd;q=1.0, gzip;q=0.999 | zstd",
                "gzip;q=0, * | not gzip",
                "br;q=0,zstd;q=0,*;q=0.1 | gzip",
                "* | gzip",
                "*;q=0 | none",
                "gzip;q=0 | none",
                "gzip;q=0.000, identity | none",
                "identity;q=0, gzip | gzip",
                "identity, gzip;q=0.1 | none",
                "identity;q=0.5, gzip;q=0.4 | none",
                "*;q=0.5, identity;q=0.6 | none",
                "*, identity;q=0 | gzip",
                "deflate, compress | none",
                "nonsense;q=abc | none",
                "'' | none"
            })
    void the_best_of_what_is_accepted_is_taken(String accepted, String expected) throws Exception {
        for (String method : List.of("GET", "HEAD")) {
            HttpResponse<String> answer = server.send(method, "/openapi.json", "Accept-Encoding", accepted);
            String coding = header(answer, "Content-Encoding");
            switch (expected) {
                case "not gzip" -> assertThat(coding).isIn("br", "zstd");
                default -> assertThat(coding).isEqualTo(expected);
            }
            assertThat(header(answer, "Vary")).contains("Accept-Encoding");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void each_coding_is_the_same_text_again(String coding) throws Exception {
        for (String path : List.of("/openapi.json", "/openapi.yaml", "/v1/documents/ID", "/v1/documents", "/api")) {
            HttpResponse<String> plain = server.send("GET", path, "Accept-Encoding", "identity");
            HttpResponse<String> small = server.send("GET", path, "Accept-Encoding", coding);
            assertThat(small.statusCode()).isEqualTo(200);
            String text =
                    header(small, "Content-Encoding").equals("none") ? small.body() : decoded(coding, small.body());
            assertThat(text).as(path).isEqualTo(plain.body());
        }
        HttpResponse<String> api = server.send("GET", "/openapi.json", "Accept-Encoding", coding);
        assertThat(header(api, "Content-Encoding")).isEqualTo(coding);
        assertThat(api.body().length() * 3)
                .isLessThan(decoded(coding, api.body()).length());
    }

    private static String decoded(String coding, String body) throws IOException {
        InputStream bytes = new ByteArrayInputStream(body.getBytes(StandardCharsets.ISO_8859_1));
        Brotli4jLoader.ensureAvailability();
        try (InputStream plain = switch (coding) {
            case "gzip" -> new GZIPInputStream(bytes);
            case "br" -> new BrotliInputStream(bytes);
            default -> new ZstdInputStream(bytes);
        }) {
            return new String(plain.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Two codings are two representations: each has a strong tag of its own, and either is known again. */
    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void a_representation_has_a_tag_of_its_own(String coding) throws Exception {
        String plain = header(server.send("GET", "/v1/documents/ID", "Accept-Encoding", "identity"), "ETag");
        HttpResponse<String> small = server.send("GET", "/v1/documents/ID", "Accept-Encoding", coding);
        assertThat(header(small, "Content-Encoding")).isEqualTo(coding);
        String tag = header(small, "ETag");
        assertThat(tag).startsWith("\"").isNotEqualTo(plain);
        for (String known : List.of(tag, plain, "\"x\", " + tag)) {
            for (String accepted : List.of(coding, "identity")) {
                HttpResponse<String> answer =
                        server.send("GET", "/v1/documents/ID", "Accept-Encoding", accepted, "If-None-Match", known);
                assertThat(answer.statusCode()).as("%s of %s", known, accepted).isEqualTo(304);
                assertThat(header(answer, "Vary")).contains("Accept-Encoding");
                assertThat(header(answer, "Content-Encoding")).isEqualTo("none");
            }
        }
        assertThat(server.sendBody(
                                "PATCH",
                                "/v1/documents/ID",
                                "{\"name\": \"y\"}",
                                "Content-Type",
                                "application/merge-patch+json",
                                "If-Match",
                                tag)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void head_has_the_headers_of_get() throws Exception {
        for (String coding : CODINGS) {
            Map<String, Object> get =
                    OneDocumentServer.headers(server.send("GET", "/openapi.json", "Accept-Encoding", coding));
            Map<String, Object> head =
                    OneDocumentServer.headers(server.send("HEAD", "/openapi.json", "Accept-Encoding", coding));
            // known to GET alone when it has been compressed
            get.keySet().removeAll(List.of("content-length", "transfer-encoding"));
            assertThat(head.remove("content-length")).isNull();
            head.remove("transfer-encoding");
            assertThat(head).isEqualTo(get);
        }
    }

    /** Ranges, tags and digests are of the bytes that were stored. */
    @Test
    void documents_go_out_as_they_are() throws Exception {
        for (String accepted : List.of("gzip, br, zstd", "gzip;q=1, identity;q=0", "*")) {
            HttpResponse<String> whole = server.send("GET", "/v1/documents/ID/content", "Accept-Encoding", accepted);
            assertThat(whole.body()).isEqualTo("0123456789");
            assertThat(header(whole, "Content-Encoding")).isEqualTo("none");
            HttpResponse<String> part =
                    server.send("GET", "/v1/documents/ID/content", "Accept-Encoding", accepted, "Range", "bytes=2-4");
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo("234");
            assertThat(header(part, "Content-Encoding")).isEqualTo("none");
            assertThat(header(part, "ETag")).isEqualTo(header(whole, "ETag"));
        }
    }
}
