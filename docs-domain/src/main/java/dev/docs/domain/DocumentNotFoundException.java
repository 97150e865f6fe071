package dev.docs.domain;

/**
 * No such thing, or none that this caller may see: {@code NOT_FOUND}. The two look the same on purpose.
 */
public final class DocumentNotFoundException extends DocumentException {
    private static final long serialVersionUID = 1;

    public DocumentNotFoundException() {
        super(Kind.NOT_FOUND, "no such document", null);
    }

    public DocumentNotFoundException(String what) {
        super(Kind.NOT_FOUND, "no such " + what, null);
    }
}
