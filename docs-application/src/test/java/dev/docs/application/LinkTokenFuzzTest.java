package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** Whatever a stranger puts into the path of a link. */
final class LinkTokenFuzzTest {
    private static final String SECRET = "5e".repeat(32);

    /** A text is a token in one way only, and signed by nobody who does not know the secret. */
    @FuzzTest(maxDuration = "1m")
    void text(byte[] data) {
        // as text, and as the bytes behind it: their base64 alone would take a fuzzer its minute
        read(new String(data, StandardCharsets.UTF_8));
        read(Base64.getUrlEncoder().withoutPadding().encodeToString(data));
    }

    private static void read(String text) {
        LinkToken token = LinkToken.parse(text);
        if (token == null) {
            return;
        }
        assertThat(token.isSigned(text, SECRET)).isFalse();
        String signed = token.signed(SECRET);
        assertThat(LinkToken.parse(signed)).isEqualTo(token);
        assertThat(token.isSigned(signed, SECRET)).isTrue();
        // all but the signature is the same text
        int same = (signed.length() * 6 / 8 - 32) * 8 / 6;
        assertThat(text).hasSameSizeAs(signed).startsWith(signed.substring(0, same));
    }

    /** What is signed is read again, and no other text is taken for it. */
    @FuzzTest(maxDuration = "1m")
    void signed(byte[] data) {
        if (data.length < 48) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(data);
        int flags = in.get();
        int change = in.getInt();
        int bit = in.get() & 7;
        Instant expires = Instant.ofEpochSecond(in.getLong() & (1L << 40) - 1);
        int version = in.getInt() & Integer.MAX_VALUE;
        UUID key = new UUID(in.getLong(), 7);
        List<UUID> ids = new ArrayList<>();
        boolean zip = (flags & 1) != 0;
        while (in.remaining() >= 16 && ids.size() < (zip ? LinkToken.MAX_IDS : 1)) {
            ids.add(new UUID(in.getLong(), in.getLong()));
        }
        LinkToken token = new LinkToken(key, expires, (flags & 2) != 0, (flags & 4) != 0, zip, version, ids);

        String text = token.signed(SECRET);
        assertThat(LinkToken.parse(text)).isEqualTo(token);
        assertThat(token.isSigned(text, SECRET)).isTrue();
        assertThat(token.isSigned(text, "5f" + SECRET.substring(2))).isFalse();

        byte[] changed = Base64.getUrlDecoder().decode(text);
        changed[Math.floorMod(change, changed.length)] ^= (byte) (1 << bit);
        String other = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
        LinkToken read = LinkToken.parse(other);
        assertThat(read != null && read.isSigned(other, SECRET)).isFalse();
    }
}
