package dev.docs.domain;

import dev.docs.domain.Quota.Limit;

/**
 * One of the owner's limits has no room: {@code QUOTA_EXCEEDED}, or {@code TOO_MANY_UPLOADS}, which waiting for one of them
 * to end remedies. Nothing was changed.
 */
public final class DocumentQuotaException extends DocumentException {
    private static final long serialVersionUID = 1;
    private final Limit which;
    private final long limit;
    private final long used;

    /**
     * @param which of the limits
     * @param limit its value
     * @param used how much of it is in use
     * @param more how much was asked for
     */
    public DocumentQuotaException(Limit which, long limit, long used, long more) {
        super(
                which == Limit.UPLOADS ? Kind.TOO_MANY_UPLOADS : Kind.QUOTA_EXCEEDED,
                message(which, limit, used, more),
                null);
        this.which = which;
        this.limit = limit;
        this.used = used;
    }

    private static String message(Limit which, long limit, long used, long more) {
        return switch (which) {
            case BYTES ->
                "the quota of " + limit + " bytes, of which " + used + " are used, has no room for another " + more
                        + " bytes";
            case DOCUMENTS ->
                "the quota of " + limit + " documents, of which there are " + used + ", has no room for more";
            case UPLOADS -> used + " uploads are under way, and no more than " + limit + " may be at the same time";
        };
    }

    public Limit which() {
        return which;
    }

    public long limit() {
        return limit;
    }

    public long used() {
        return used;
    }
}
