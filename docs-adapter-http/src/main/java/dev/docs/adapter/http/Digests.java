package dev.docs.adapter.http;

import dev.docs.domain.DocumentUploadException;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request says that its bytes hash to (RFC 9530): {@code Repr-Digest} and {@code Content-Digest}, which mean the same
 * here, since no body with a Content-Encoding is accepted.
 */
record Digests(@Nullable String sha256, @Nullable String sha512) {
    private static final String SHA_256 = "sha-256";
    private static final String SHA_512 = "sha-512";
    private static final List<String> FIELDS = List.of("Repr-Digest", "Content-Digest");

    /** A dictionary of structured fields (RFC 8941, section 3.2), of which byte sequences alone are looked at. */
    private static final String KEY = "[A-Za-z*][A-Za-z0-9_.*-]*+";

    private static final String OTHER =
            "\"(?:[ !#-\\[\\]-~]++|\\\\[\"\\\\])*+\"|[A-Za-z*][!#-'*+.^-z|~0-9:/-]*+|-?\\d++(?:\\.\\d++)?|\\?[01]";
    private static final String BYTES = ":[A-Za-z0-9+/=]*+:";
    private static final Pattern MEMBER = Pattern.compile("[ \\t]*+(" + KEY + ")(?:=(?:(" + BYTES + ")|" + OTHER + "))?"
            + "(?:[ ]*+;[ ]*+" + KEY + "(?:=(?:" + BYTES + "|" + OTHER + "))?)*+[ \\t]*+(,|\\z)");

    /** As RFC 3230 has it, {@code SHA-256;q=0.5}, and as RFC 9530 has it, {@code sha-256=5}. */
    private static final Pattern WANTED =
            Pattern.compile("(?i)(?:\\A|,)\\s*+sha-256\\s*+(?:(?:;\\s*+q\\s*+)?=\\s*+([0-9.]++)\\s*+)?(?=,|\\z)");

    /**
     * The digests that a request announces; of algorithms that are not known here, none.
     *
     * @throws Problem.Raised if a field is malformed, or both name different ones
     */
    static Digests announced(HttpServletRequest request) {
        Map<String, String> announced = new LinkedHashMap<>();
        for (String field : FIELDS) {
            String value = Conditions.joined(request, field);
            parse(field, value == null ? "" : value).forEach((algorithm, digest) -> {
                if (!digest.equals(announced.getOrDefault(algorithm, digest))) {
                    throw Problem.header(field, "contradicts " + FIELDS.get(0));
                }
                announced.put(algorithm, digest);
            });
        }
        return new Digests(announced.get(SHA_256), announced.get(SHA_512));
    }

    /** Digests in hexadecimal digits by their algorithms, {@value #SHA_256} and {@value #SHA_512}. */
    static Map<String, String> parse(String field, String value) {
        Map<String, String> digests = new LinkedHashMap<>();
        Matcher matcher = MEMBER.matcher(value);
        int at = 0;
        boolean more = !value.isBlank();
        while (more) {
            if (!matcher.region(at, value.length()).lookingAt()) {
                throw Problem.header(field, "must be of the form sha-256=:BASE64:");
            }
            String algorithm = matcher.group(1).toLowerCase(Locale.ROOT);
            if (algorithm.equals(SHA_256) || algorithm.equals(SHA_512)) {
                digests.put(algorithm, hex(field, algorithm, matcher.group(2)));
            }
            at = matcher.end();
            more = matcher.group(3).equals(",");
        }
        return digests;
    }

    private static String hex(String field, String algorithm, @Nullable String bytes) {
        int length = algorithm.equals(SHA_256) ? 32 : 64;
        try {
            byte[] digest =
                    bytes == null ? new byte[0] : Base64.getDecoder().decode(bytes.substring(1, bytes.length() - 1));
            if (digest.length == length) {
                return HexFormat.of().formatHex(digest);
            }
        } catch (IllegalArgumentException e) {
            // answered below
        }
        throw Problem.header(field, "must carry " + length + " bytes as " + algorithm + "=:BASE64:");
    }

    /** Whether a {@code Want-Digest}, {@code Want-Content-Digest} or the like asks for SHA-256. */
    static boolean wantsSha256(@Nullable String header) {
        Matcher matcher = WANTED.matcher(header == null ? "" : header);
        // a weight of nought means: not this one
        return matcher.find()
                && (matcher.group(1) == null
                        || !matcher.group(1).replace(".", "").matches("0*"));
    }

    boolean isEmpty() {
        return sha256 == null && sha512 == null;
    }

    /** The same bytes, which fail at their end if they are not as announced. */
    InputStream check(InputStream bytes) {
        return isEmpty() ? bytes : new Checked(bytes);
    }

    /** The part that nobody else checks. */
    Digests withoutSha256() {
        return new Digests(null, sha512);
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Checked extends InputStream {
        private final InputStream bytes;
        private final @Nullable MessageDigest sha256Of = sha256 == null ? null : digest("SHA-256");
        private final @Nullable MessageDigest sha512Of = sha512 == null ? null : digest("SHA-512");
        private boolean ended;

        Checked(InputStream bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = bytes.read(target, offset, length);
            if (read < 0) {
                end();
            } else {
                if (sha256Of != null) {
                    sha256Of.update(target, offset, read);
                }
                if (sha512Of != null) {
                    sha512Of.update(target, offset, read);
                }
            }
            return read;
        }

        private void end() {
            if (!ended) {
                ended = true;
                require(SHA_256, sha256, sha256Of);
                require(SHA_512, sha512, sha512Of);
            }
        }

        private void require(String algorithm, @Nullable String expected, @Nullable MessageDigest actual) {
            if (actual != null && !Arrays.equals(HexFormat.of().parseHex(String.valueOf(expected)), actual.digest())) {
                throw DocumentUploadException.mismatch("the content's " + algorithm + " is not the one announced");
            }
        }
    }
}
