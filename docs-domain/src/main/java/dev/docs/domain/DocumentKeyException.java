package dev.docs.domain;

/** The idempotency key is taken: {@code REQUEST_RUNNING} or {@code KEY_REUSED}. Nothing was changed. */
public final class DocumentKeyException extends DocumentException {
    private static final long serialVersionUID = 1;

    private DocumentKeyException(Kind kind, String message) {
        super(kind, message, null);
    }

    public static DocumentKeyException running() {
        return new DocumentKeyException(
                Kind.REQUEST_RUNNING, "a request with this idempotency key is still being carried out");
    }

    public static DocumentKeyException reused() {
        return new DocumentKeyException(
                Kind.KEY_REUSED, "this idempotency key was used for another request; use a new one for each");
    }
}
