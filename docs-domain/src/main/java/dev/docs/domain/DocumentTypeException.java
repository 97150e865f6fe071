package dev.docs.domain;

import org.jspecify.annotations.Nullable;

/** What the content is may not be stored here: {@code TYPE_NOT_ALLOWED}. Nothing was stored. */
public final class DocumentTypeException extends DocumentException {
    private static final long serialVersionUID = 1;
    private final String effective;
    private final @Nullable String detected;
    private final transient MediaTypePolicy policy;

    public DocumentTypeException(String effective, @Nullable String detected, MediaTypePolicy policy) {
        super(Kind.TYPE_NOT_ALLOWED, message(effective, detected, policy), null);
        this.effective = effective;
        this.detected = detected;
        this.policy = policy;
    }

    /** What it would have been served as. */
    public String effectiveType() {
        return effective;
    }

    /** What its bytes show; null if nothing, or nobody has looked. */
    public @Nullable String detectedType() {
        return detected;
    }

    /** What refused it. */
    public MediaTypePolicy policy() {
        return policy;
    }

    private static String message(String effective, @Nullable String detected, MediaTypePolicy policy) {
        String what = detected == null ? "content of the type " + effective : "content detected as " + detected;
        String claim = detected == null || detected.equals(effective) ? "" : " and declared as " + effective;
        String rule = policy.allowed().isEmpty()
                ? "everything is but " + String.join(", ", policy.denied())
                : "allowed are " + String.join(", ", policy.allowed())
                        + (policy.denied().isEmpty() ? "" : ", without " + String.join(", ", policy.denied()));
        return what + claim + " is not allowed; " + rule;
    }
}
