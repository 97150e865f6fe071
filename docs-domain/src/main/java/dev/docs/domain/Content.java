package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/**
 * Stored bytes and what is known of them. Content never changes: a replacement is another {@code Content}.
 *
 * @param url where the bytes are
 * @param mimeType the media type they are served as, {@code type/subtype} without parameters, lower case
 * @param sizeBytes their number, 0 or more
 * @param sha256 their SHA-256 (FIPS 180-4), 64 lower-case hexadecimal digits
 * @param detectedType the media type that the bytes themselves show, in the form of {@code mimeType}; null if they show
 *     none, or nobody looked
 * @param verdict what was said of the bytes before they were let in, at most 1,000 characters without control
 *     characters; null if nobody was asked
 */
public record Content(
        StorageUrl url,
        String mimeType,
        long sizeBytes,
        String sha256,
        @Nullable String detectedType,
        @Nullable String verdict) {
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
        if (detectedType != null && !MediaTypes.isValid(detectedType)) {
            throw new IllegalArgumentException("not a media type: " + detectedType);
        }
        if (verdict != null) {
            Text.check("verdict", verdict, 0, 1000);
        }
    }

    public Content(StorageUrl url, String mimeType, long sizeBytes, String sha256) {
        this(url, mimeType, sizeBytes, sha256, null, null);
    }

    /** The same bytes, served as another type. */
    public Content servedAs(String newMimeType) {
        return new Content(url, newMimeType, sizeBytes, sha256, detectedType, verdict);
    }

    /** The same bytes, and what was said of them. */
    public Content withVerdict(@Nullable String said) {
        return new Content(url, mimeType, sizeBytes, sha256, detectedType, said);
    }
}
