package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentUploadException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

final class DigestsTest {
    private static final byte[] BYTES = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final String SHA_256 = base64("SHA-256");
    private static final String SHA_512 = base64("SHA-512");

    @Test
    void theDigestsOfKnownAlgorithmsAreTakenWhereverTheyStand() {
        String both = "sha-256=:" + SHA_256 + ":, sha-512=:" + SHA_512 + ":";
        Map<String, String> expected = Map.of("sha-256", hex(SHA_256), "sha-512", hex(SHA_512));

        assertThat(Digests.parse("Repr-Digest", both)).isEqualTo(expected);
        assertThat(Digests.parse(
                        "Repr-Digest",
                        "md5=:AAAA:, x=1, y=?0;p=2,\tsha-512=:" + SHA_512
                                + ":;a;b=\"c,\\\"d\" ,z=\"sha-256=:AA:\", Sha-256=:" + SHA_256 + ":, flag"))
                .isEqualTo(expected);
        assertThat(Digests.parse("Repr-Digest", "crc32c=:AAAAAA==:")).isEmpty();
        assertThat(Digests.parse("Repr-Digest", "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha-256",
                "sha-256=",
                "sha-256=::",
                "sha-256=:AAAA:",
                "sha-256=:====:",
                "sha-256=\"AAAA\"",
                "sha-512=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
                "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                "md5=:AAAA",
                ",",
                "a=1,",
                "a=1,,b=2",
                "a=1 b=2",
                "=1",
                "a=(1 2)",
                "\u00e4=1"
            })
    void aMalformedFieldIsRefusedByName(String value) {
        Problem problem = catchThrowableOfType(Problem.Raised.class, () -> Digests.parse("Content-Digest", value))
                .problem();
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.errors()).singleElement().returns("Content-Digest", Problem.Fault::header);
    }

    @Property
    void anyTextIsADigestOrRefused(@ForAll String value) {
        try {
            Digests.parse("Repr-Digest", value);
        } catch (Problem.Raised refused) {
            assertThat(refused.problem().status()).isEqualTo(400);
        }
    }

    @Test
    void bytesFailAtTheirEndIfTheyAreNotAsAnnounced() throws Exception {
        Digests both = new Digests(hex(SHA_256), hex(SHA_512));
        assertThat(both.check(new ByteArrayInputStream(BYTES)).readAllBytes()).isEqualTo(BYTES);

        for (Digests wrong :
                new Digests[] {new Digests("00".repeat(32), hex(SHA_512)), new Digests(hex(SHA_256), "00".repeat(64))
                }) {
            assertThatThrownBy(
                            () -> wrong.check(new ByteArrayInputStream(BYTES)).readAllBytes())
                    .isInstanceOf(DocumentUploadException.class);
        }
        assertThat(both.withoutSha256().sha256()).isNull();
        assertThat(both.withoutSha256().sha512()).isEqualTo(hex(SHA_512));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "SHA-256;true",
                "\"SHA-512;q=0.3, sha-256;q=1\";true",
                "\"sha-256=10, sha-512=3\";true",
                "\"SHA-256;q=0, MD5\";false",
                "\"sha-256=0\";false",
                "SHA-2567;false",
                "MD5;false",
                "\"x-sha-256\";false",
                "\"\";false"
            })
    void aWishForSha256IsUnderstoodInBothForms(String header, boolean wanted) {
        assertThat(Digests.wantsSha256(header)).isEqualTo(wanted);
        assertThat(Digests.wantsSha256(null)).isFalse();
    }

    private static String base64(String algorithm) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance(algorithm).digest(BYTES));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(String base64) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
    }
}
