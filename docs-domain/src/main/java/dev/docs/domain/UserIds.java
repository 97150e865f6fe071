package dev.docs.domain;

/** Who owns documents: an opaque name given by the host or the identity provider, compared exactly. */
public final class UserIds {
    public static final int MAX_CODE_POINTS = 255;

    private UserIds() {}

    /**
     * @throws DocumentValidationException unless the id has 1 to {@value #MAX_CODE_POINTS} code points, is well-formed
     *     Unicode and has no control characters
     */
    public static void check(String userId) {
        Text.check("user_id", userId, 1, MAX_CODE_POINTS);
    }
}
