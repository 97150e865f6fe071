package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The header Upload-Metadata (tus 1.0.0, Creation): pairs of a key and a value in Base64. Keys that mean nothing here are kept
 * and told again: clients send what they like.
 */
final class UploadMetadata {
    private static final String HEADER = "Upload-Metadata";
    private static final Pattern KEY = Pattern.compile("[!-+\\--~]+");

    private final String text;
    private final Map<String, byte[]> values = new HashMap<>();

    private UploadMetadata(String text) {
        this.text = text;
        if (text.isEmpty()) {
            return;
        }
        for (String pair : text.split(",", -1)) {
            String[] parts = pair.strip().split(" ", 2);
            if (!KEY.matcher(parts[0]).matches()) {
                throw Problem.header(HEADER, "must be a list of KEY BASE64, with keys of visible ASCII characters");
            }
            if (values.put(parts[0], decoded(parts.length == 1 ? "" : parts[1].strip())) != null) {
                throw Problem.header(HEADER, "has the key '" + parts[0] + "' twice");
            }
        }
    }

    static UploadMetadata parse(@Nullable String header) {
        return new UploadMetadata(header == null ? "" : header.strip());
    }

    private static byte[] decoded(String value) {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new Problem.Raised(
                    Problem.header(HEADER, "has a value that is not Base64").problem(), e);
        }
    }

    /** As it was sent; safe in a header. */
    String text() {
        return text;
    }

    /** A value as text; null if there is none. */
    @Nullable
    String get(String key) {
        byte[] value = values.get(key);
        if (value == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Problem.Raised(
                    Problem.header(HEADER, "has a value for '" + key + "' that is not UTF-8")
                            .problem(),
                    e);
        }
    }

    /** The same, null also if it is empty. */
    @Nullable
    String given(String key) {
        String value = get(key);
        return value == null || value.isEmpty() ? null : value;
    }
}
