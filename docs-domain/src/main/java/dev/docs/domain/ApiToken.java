package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.UUID;

/**
 * A secret that stands for a user. Only its digest is kept.
 *
 * @param prefix the first characters of the secret, to tell tokens apart in a list
 * @param sha256 SHA-256 of the whole secret, 64 lower-case hexadecimal digits: 256 random bits need no slow hash
 * @param expiresAt null if it never does
 * @param lastUsedAt to the hour; null if never
 */
public record ApiToken(
        UUID id,
        String userId,
        boolean administrator,
        String prefix,
        String sha256,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {
    public ApiToken {
        UserIds.check(userId);
    }

    /** Whom it stands for. */
    public Caller caller() {
        return new Caller(userId, administrator);
    }

    public boolean isValid(Instant now) {
        return expiresAt == null || now.isBefore(expiresAt);
    }
}
