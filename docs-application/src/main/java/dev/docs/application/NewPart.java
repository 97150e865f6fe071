package dev.docs.application;

import org.jspecify.annotations.Nullable;

import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * The next bytes of an upload in parts.
 *
 * @param offset where they begin; where the upload is by now, as its sender believes
 * @param bytes read to their end by the thread that makes the call. If reading fails, what had come before counts. Closed by
 *     another thread if a later part of the same upload comes: then reading has to fail
 * @param sizeBytes how many there are, if known: if they don't fit, none is read
 * @param uploadBytes how many the whole upload has, if that was not known before; null if it is still not, or was
 * @param checksum what they must hash to; null if their sender does not say. With it all of them count, or none
 */
public record NewPart(
        long offset,
        ReadableByteChannel bytes,
        @Nullable Long sizeBytes,
        @Nullable Long uploadBytes,
        @Nullable Checksum checksum) {

    public NewPart(long offset, ReadableByteChannel bytes) {
        this(offset, bytes, null, null, null);
    }

    /**
     * A digest of one part.
     *
     * @param algorithm one of {@link #ALGORITHMS}
     * @param digest in lower-case hexadecimal digits
     */
    public record Checksum(String algorithm, String digest) {
        private static final Map<String, String> NAMES = Map.of("sha1", "SHA-1", "sha256", "SHA-256");

        /** The algorithms there are. */
        public static final Set<String> ALGORITHMS = Set.of("sha1", "sha256");

        public Checksum {
            if (!NAMES.containsKey(algorithm)) {
                throw new IllegalArgumentException("no checksum algorithm: " + algorithm);
            }
        }

        boolean matches(MessageDigest fed) {
            return digest.equals(HexFormat.of().formatHex(fed.digest()));
        }

        MessageDigest newDigest() {
            try {
                return MessageDigest.getInstance(NAMES.getOrDefault(algorithm, algorithm));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has " + algorithm, e);
            }
        }
    }
}
