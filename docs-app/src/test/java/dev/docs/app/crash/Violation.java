package dev.docs.app.crash;

import org.jspecify.annotations.Nullable;

/** The server did what it must never do. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message);
    }

    Violation(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
