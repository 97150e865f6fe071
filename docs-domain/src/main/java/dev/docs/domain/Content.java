package dev.docs.domain;

import java.util.regex.Pattern;

/**
 * Stored bytes and what is known of them. Content never changes: a replacement is another {@code Content}.
 *
 * @param url where the bytes are
 * @param mimeType the media type they are served as, {@code type/subtype} without parameters, lower case
 * @param sizeBytes their number, 0 or more
 * @param sha256 their SHA-256 (FIPS 180-4), 64 lower-case hexadecimal digits
 */
public record Content(StorageUrl url, String mimeType, long sizeBytes, String sha256) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Content {
        if (!MediaTypes.isValid(mimeType)) {
            throw new IllegalArgumentException("not a media type: " + mimeType);
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a negative size: " + sizeBytes);
        }
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in hexadecimal: " + sha256);
        }
    }
}
