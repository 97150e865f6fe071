package dev.docs.domain;

/** The caller may not do this at all, whatever the document: {@code ACCESS_DENIED}. */
public final class DocumentAccessException extends DocumentException {
    private static final long serialVersionUID = 1;

    public DocumentAccessException(String message) {
        super(Kind.ACCESS_DENIED, message, null);
    }
}
