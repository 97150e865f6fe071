package dev.docs.domain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 (FIPS 180-4), and its text form: 64 lower-case hexadecimal digits. */
public final class Sha256 {
    private Sha256() {}

    /** A digest to be fed piece by piece; for one thread. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Text form of what a digest was fed; resets it. */
    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Text form of the digest of what is left in a buffer, which is read to its limit. */
    public static String hex(ByteBuffer bytes) {
        MessageDigest digest = newDigest();
        digest.update(bytes);
        return hex(digest);
    }

    /** Text form of the digest of a text in UTF-8. */
    public static String hex(String text) {
        return hex(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
