package dev.docs.domain;

import java.util.UUID;

/** What can only be done with an older version was asked of the current one: {@code CURRENT_VERSION}. */
public final class DocumentVersionException extends DocumentException {
    private static final long serialVersionUID = 1;

    public DocumentVersionException(UUID id, int number) {
        super(Kind.CURRENT_VERSION, "version " + number + " is the current one of document " + id, null);
    }
}
