package dev.docs.domain;

/**
 * Who is calling, as established by the host.
 *
 * @param administrator may act on every user's documents and on users themselves
 */
public record Caller(String userId, boolean administrator) {
    public Caller {
        UserIds.check(userId);
    }

    public static Caller user(String userId) {
        return new Caller(userId, false);
    }

    public static Caller administrator(String userId) {
        return new Caller(userId, true);
    }

    /** @throws DocumentAccessException if the caller is none */
    public void requireAdministrator() {
        if (!administrator) {
            throw new DocumentAccessException("only administrators may do this");
        }
    }
}
