package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/**
 * What a caller names a request by, so that it is carried out once however often it is sent.
 *
 * @param userId who calls, which need not be the owner: another user's keys are other keys
 * @param key 1-255 visible ASCII characters, compared exactly
 */
public record IdempotencyKey(String userId, String key) {
    private static final Pattern FORM = Pattern.compile("[!-~]{1,255}");

    public IdempotencyKey {
        UserIds.check(userId);
        if (!isValid(key)) {
            throw new DocumentValidationException("idempotency_key", "must be 1 to 255 visible ASCII characters", 255L);
        }
    }

    public static boolean isValid(String key) {
        return FORM.matcher(key).matches();
    }

    /** Use of this key by a request that is still to be read, and so can't be told from others yet. */
    public Use running() {
        return new Use(this, null);
    }

    /** Use of this key by the step that carries out the whole request. */
    public Use by(String fingerprint) {
        return new Use(this, fingerprint);
    }

    /**
     * What a step puts on record together with what it does.
     *
     * @param fingerprint a digest of all that makes the request this one and no other; null if that is not known yet
     */
    public record Use(IdempotencyKey key, @Nullable String fingerprint) {}

    /**
     * What was done under a key.
     *
     * @param fingerprint that of the request that did it
     * @param document the revision that it made
     */
    public record Answer(String fingerprint, DocumentData document) {}
}
