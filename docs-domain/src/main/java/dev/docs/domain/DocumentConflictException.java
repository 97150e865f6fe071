package dev.docs.domain;

import java.util.UUID;

/** The stored revision is not the one the caller acted on: {@code CONFLICT}. Nothing was changed. */
public final class DocumentConflictException extends DocumentException {
    private static final long serialVersionUID = 1;

    public DocumentConflictException(UUID id) {
        super(Kind.CONFLICT, "document " + id + " was changed in the meantime", null);
    }
}
