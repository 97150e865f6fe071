package dev.docs.domain;

import java.util.UUID;

/** A transition or a use that the document's status does not allow: {@code STATUS}. Nothing was changed. */
public final class DocumentStatusException extends DocumentException {
    private static final long serialVersionUID = 1;
    private final DocumentStatus from;
    private final DocumentStatus to;

    public DocumentStatusException(UUID id, DocumentStatus from, DocumentStatus to) {
        super(
                Kind.STATUS,
                from == to
                        ? "document " + id + " is " + from.wire() + ", which does not allow this"
                        : "document " + id + " is " + from.wire() + " and cannot become " + to.wire(),
                null);
        this.from = from;
        this.to = to;
    }

    public DocumentStatus from() {
        return from;
    }

    /** The status that was asked for or needed. */
    public DocumentStatus to() {
        return to;
    }
}
