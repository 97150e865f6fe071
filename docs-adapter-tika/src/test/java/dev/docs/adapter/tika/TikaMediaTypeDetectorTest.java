package dev.docs.adapter.tika;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.MediaTypeDetectorContract;
import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

class TikaMediaTypeDetectorTest extends MediaTypeDetectorContract {
    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    private static final String ODT = "application/vnd.oasis.opendocument.text";

    private final MediaTypeDetector tika = new TikaMediaTypeDetector();

    @Override
    protected MediaTypeDetector open() {
        return tika;
    }

    @Override
    protected Map<String, byte[]> samples() {
        Map<String, byte[]> samples = new HashMap<>();
        samples.put("application/pdf", bytes("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n"));
        samples.put("application/x-msdownload", executable());
        samples.put("application/zip", zip("a.txt", "text"));
        samples.put(ODT, zip("mimetype", ODT));
        samples.put("application/epub+zip", zip("mimetype", "application/epub+zip"));
        samples.put("image/png", bytes("\u0089PNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR"));
        samples.put("image/svg+xml", bytes("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
        samples.put("application/xml", bytes("<?xml version=\"1.0\"?><note/>"));
        samples.put("text/html", bytes("<!DOCTYPE html><p>words"));
        samples.put("text/plain", bytes("some words\n"));
        return samples;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // declared, content, name, effective
                "application/pdf, exe, report.pdf, application/x-msdownload",
                "text/plain, text, table.csv, text/csv",
                "text/csv, text, table, text/csv",
                "text/markdown, text, notes, text/markdown",
                "application/json, text, data, application/json",
                "text/plain, text, data.json, application/json",
                "image/png, text, a.png, text/plain",
                "text/plain, html, a.txt, text/html",
                "text/html, text, fragment, text/html",
                "text/xml, svg, a.xml, image/svg+xml",
                "image/svg+xml, svg, a.svg, image/svg+xml",
                "text/xml, xml, a.xml, application/xml",
                "application/zip, docx, letter.docx, " + DOCX,
                "- , docx, letter, application/zip",
                DOCX + ", docx, letter, " + DOCX,
                "application/x-zip-compressed, zip, a.zip, application/zip",
                "application/zip, odt, a.zip, " + ODT,
                DOCX + ", odt, a.docx, " + ODT,
                "application/zip, jar, a.jar, application/java-archive",
                "application/java-archive, jar, a, application/java-archive",
                "application/pdf, jar, a.pdf, application/zip",
                "application/pdf, noise, a.pdf, application/octet-stream",
                "text/plain, noise, a.txt, application/octet-stream",
                "application/vnd.acme, noise, a.acme, application/vnd.acme",
                "- , noise, a.pdf, application/octet-stream",
                "application/octet-stream, pdf, a, application/pdf",
                "- , text, a, text/plain"
            })
    void what_is_declared_meets_what_is_there(
            @Nullable String declared, String content, String name, String effective) {
        byte[] bytes = switch (content) {
            case "exe" -> executable();
            case "pdf" -> bytes("%PDF-1.7\n");
            case "html" -> bytes("<html><script>alert(1)</script>");
            case "svg" -> bytes("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>");
            case "xml" -> bytes("<?xml version=\"1.0\"?><note/>");
            case "zip" -> zip("a.txt", "text");
            case "docx" -> zip("[Content_Types].xml", "<Types/>");
            case "odt" -> zip("mimetype", ODT);
            case "jar" -> zip("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n");
            case "noise" -> bytes("\u0000\u0001\u0002\u0003\u00fe\u0005\u0000");
            default -> bytes("some words\n");
        };
        String detected = tika.detect(ByteBuffer.wrap(bytes), name).orElse(null);
        assertThat(MediaTypes.effective(declared, detected, tika)).isEqualTo(effective);
    }

    @ParameterizedTest
    @CsvSource({
        "application/x-dosexec, application/x-msdownload",
        "application/vnd.microsoft.portable-executable, application/x-msdownload",
        "application/x-zip-compressed, application/zip",
        "text/xml, application/xml",
        "application/x-gzip, application/gzip"
    })
    void one_type_may_have_several_names(String one, String other) {
        assertThat(tika.isKindOf(one, other) && tika.isKindOf(other, one)).isTrue();
    }

    @Test
    void text_of_any_script_is_text_and_binary_is_not() {
        assertThat(tika.detect(ByteBuffer.wrap("報告書 Übersicht תקציר".getBytes(StandardCharsets.UTF_8)), "a"))
                .contains("text/plain");
        assertThat(tika.detect(ByteBuffer.wrap(bytes("text\u0000text")), "a.txt"))
                .isEmpty();
    }

    @Test
    void the_root_of_xml_is_found_behind_a_long_comment() {
        String svg =
                "<?xml version=\"1.0\"?><!--" + " ".repeat(40_000) + "--><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        assertThat(tika.detect(ByteBuffer.wrap(bytes(svg)), "a")).contains("image/svg+xml");
    }

    @Test
    void xml_makes_it_open_no_connection_and_grow_no_entities() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listening.setSoTimeout(1);
            String url = "http://127.0.0.1:" + listening.getLocalPort() + "/x";
            StringBuilder bomb = new StringBuilder("<!ENTITY a0 \"aaaaaaaaaa\">");
            for (int i = 1; i < 30; i++) {
                String before = "&a" + (i - 1) + ";";
                bomb.append("<!ENTITY a" + i + " \"" + before.repeat(10) + "\">");
            }
            String xml = "<?xml version=\"1.0\"?><!DOCTYPE note SYSTEM \"" + url + "\" [<!ENTITY % b SYSTEM \"" + url
                    + "\"> %b; " + bomb + "]><note a=\"&a29;\"/>";
            assertThat(tika.detect(ByteBuffer.wrap(bytes(xml)), "a.xml")).isPresent();
            assertThat(connected(listening)).isFalse();
        }
    }

    private static boolean connected(ServerSocket listening) throws IOException {
        try {
            listening.accept().close();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static byte[] executable() {
        byte[] exe = new byte[512];
        byte[] head = bytes("MZ\u0090\u0000\u0003\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u00ff\u00ff");
        System.arraycopy(head, 0, exe, 0, head.length);
        exe[0x3c] = (byte) 0x80;
        System.arraycopy(bytes("PE\u0000\u0000d\u0086"), 0, exe, 0x80, 6);
        return exe;
    }

    /** With one entry, not compressed, as the formats on ZIP want their first. */
    private static byte[] zip(String entry, String content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            CRC32 crc = new CRC32();
            crc.update(bytes);
            ZipEntry stored = new ZipEntry(entry);
            stored.setMethod(ZipEntry.STORED);
            stored.setSize(bytes.length);
            stored.setCrc(crc.getValue());
            zip.putNextEntry(stored);
            zip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("memory can't fail", e);
        }
        return out.toByteArray();
    }
}
