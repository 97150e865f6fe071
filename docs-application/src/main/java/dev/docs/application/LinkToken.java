package dev.docs.application;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a link says, and its form: base64url without padding (RFC 4648, section 5) of a first byte that names the format, all
 * values in order and of fixed length, and HMAC-SHA-256 of everything before it.
 *
 * @param keyId of the maker's key
 * @param administrator whether the maker was one
 * @param version 0 for the current one
 * @param zip whether it leads to the documents as one file; else there is one document
 */
record LinkToken(
        UUID keyId,
        Instant expiresAt,
        boolean administrator,
        boolean inline,
        boolean zip,
        int version,
        List<UUID> ids) {
    static final int MAX_IDS = 100;

    private static final byte FORMAT = 1;
    private static final int ADMINISTRATOR = 1;
    private static final int INLINE = 2;
    private static final int ZIP = 4;

    private static final int MAC_BYTES = 32;
    private static final int HEAD_BYTES = 1 + 16 + 8 + 1 + 4;
    private static final int MAX_BYTES = HEAD_BYTES + 16 * MAX_IDS + MAC_BYTES;
    private static final int MAX_CHARACTERS = (MAX_BYTES * 8 + 5) / 6;

    LinkToken {
        ids = List.copyOf(ids);
        if (ids.isEmpty() || ids.size() > MAX_IDS || (!zip && ids.size() > 1)) {
            throw new IllegalArgumentException("a link is to one document, or to 1 to " + MAX_IDS + " in a zip file");
        }
    }

    /** @param secret in hexadecimal digits */
    String signed(String secret) {
        byte[] said = bytes();
        ByteBuffer all = ByteBuffer.allocate(said.length + MAC_BYTES).put(said).put(mac(secret, said));
        return encoded(all.array());
    }

    /** What a text says, of which nothing is known to be true yet; null if it is no token. */
    static @Nullable LinkToken parse(String text) {
        byte[] bytes = decoded(text);
        if (bytes.length < HEAD_BYTES + 16 + MAC_BYTES
                || bytes[0] != FORMAT
                || (bytes.length - HEAD_BYTES - MAC_BYTES) % 16 != 0) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1 - MAC_BYTES);
        UUID keyId = new UUID(in.getLong(), in.getLong());
        long expires = in.getLong();
        int flags = in.get();
        int version = in.getInt();
        List<UUID> ids = new ArrayList<>();
        while (in.hasRemaining()) {
            ids.add(new UUID(in.getLong(), in.getLong()));
        }
        boolean zip = (flags & ZIP) != 0;
        if (flags > (ADMINISTRATOR | INLINE | ZIP)
                || flags < 0
                || version < 0
                || expires < 0
                || expires > Instant.MAX.getEpochSecond()
                || (!zip && ids.size() > 1)) {
            return null;
        }
        return new LinkToken(
                keyId,
                Instant.ofEpochSecond(expires),
                (flags & ADMINISTRATOR) != 0,
                (flags & INLINE) != 0,
                zip,
                version,
                ids);
    }

    /** Whether a text that says this was signed with the secret. Takes as long for any signature of the right length. */
    boolean isSigned(String text, String secret) {
        byte[] bytes = decoded(text);
        byte[] said = bytes();
        return bytes.length == said.length + MAC_BYTES
                && MessageDigest.isEqual(Arrays.copyOfRange(bytes, said.length, bytes.length), mac(secret, said));
    }

    private byte[] bytes() {
        int flags = (administrator ? ADMINISTRATOR : 0) | (inline ? INLINE : 0) | (zip ? ZIP : 0);
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + 16 * ids.size())
                .put(FORMAT)
                .putLong(keyId.getMostSignificantBits())
                .putLong(keyId.getLeastSignificantBits())
                .putLong(expiresAt.getEpochSecond())
                .put((byte) flags)
                .putInt(version);
        ids.forEach(id -> out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()));
        return out.array();
    }

    /** No bytes if the text is not the one way to write some. */
    private static byte[] decoded(String text) {
        if (text.length() > MAX_CHARACTERS) {
            return new byte[0];
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            return encoded(bytes).equals(text) ? bytes : new byte[0];
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] mac(String secret, byte[] said) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(secret), "HmacSHA256"));
            return mac.doFinal(said);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
