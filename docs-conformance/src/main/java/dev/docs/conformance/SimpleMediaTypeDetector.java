package dev.docs.conformance;

import dev.docs.domain.MediaTypeDetector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Knows a dozen types, for tests. */
public final class SimpleMediaTypeDetector implements MediaTypeDetector {
    private static final Map<String, String> SIGNATURES = new LinkedHashMap<>();
    private static final Map<String, String> ENDINGS = Map.of(
            ".csv", "text/csv",
            ".md", "text/markdown",
            ".html", "text/html",
            ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    private static final Map<String, String> GENERAL = Map.of(
            "text/csv", "text/plain",
            "text/markdown", "text/plain",
            "text/html", "text/plain",
            "application/xml", "text/plain",
            "image/svg+xml", "application/xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip");

    static {
        SIGNATURES.put("%PDF-", "application/pdf");
        SIGNATURES.put("\u0089PNG\r\n\u001a\n", "image/png");
        SIGNATURES.put("PK\u0003\u0004", "application/zip");
        SIGNATURES.put("MZ", "application/x-msdownload");
        SIGNATURES.put("<html", "text/html");
        SIGNATURES.put("<svg", "image/svg+xml");
        SIGNATURES.put("<?xml", "application/xml");
    }

    @Override
    public int headBytes() {
        return 4096;
    }

    @Override
    public Optional<String> detect(ByteBuffer head, String name) {
        byte[] bytes = new byte[head.remaining()];
        head.duplicate().get(bytes);
        return type(new String(bytes, StandardCharsets.ISO_8859_1)).map(shown -> {
            int dot = name.lastIndexOf('.');
            String named = dot < 0 ? null : ENDINGS.get(name.substring(dot).toLowerCase(Locale.ROOT));
            return named != null && isKindOf(named, shown) ? named : shown;
        });
    }

    private static Optional<String> type(String latin1) {
        for (Map.Entry<String, String> signature : SIGNATURES.entrySet()) {
            if (latin1.startsWith(signature.getKey())) {
                return Optional.of(signature.getValue());
            }
        }
        boolean isText = !latin1.isEmpty() && latin1.chars().noneMatch(c -> c < ' ' && "\t\r\n\f".indexOf(c) < 0);
        return isText ? Optional.of("text/plain") : Optional.empty();
    }

    @Override
    public boolean isKindOf(String type, String general) {
        for (String kind = type; kind != null; kind = GENERAL.get(kind)) {
            if (kind.equals(general)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean recognizes(String type) {
        return isKindOf(type, "text/plain") || GENERAL.containsKey(type) || SIGNATURES.containsValue(type);
    }
}
