package dev.docs.domain;

import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What a user's links are signed with. Each user has one of their own: it stands for the user in links, and all of them end
 * with it.
 *
 * @param secret 256 random bits as 64 lower-case hexadecimal digits
 */
public record LinkKey(UUID id, String userId, String secret, Instant createdAt) {
    private static final Pattern SECRET = Pattern.compile("[0-9a-f]{64}");

    public LinkKey {
        UserIds.check(userId);
        if (!SECRET.matcher(secret).matches()) {
            throw new IllegalArgumentException("the secret must be 64 hexadecimal digits");
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "LinkKey[" + id + ", " + userId + "]";
    }
}
