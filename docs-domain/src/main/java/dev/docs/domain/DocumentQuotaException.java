package dev.docs.domain;

/** The owner's quota has no room: {@code QUOTA_EXCEEDED}. Nothing was changed. */
public final class DocumentQuotaException extends DocumentException {
    private static final long serialVersionUID = 1;
    private final long limitBytes;

    public DocumentQuotaException(long limitBytes, long requestedBytes) {
        super(
                Kind.QUOTA_EXCEEDED,
                "the quota of " + limitBytes + " bytes has no room for another " + requestedBytes + " bytes",
                null);
        this.limitBytes = limitBytes;
    }

    public long limitBytes() {
        return limitBytes;
    }
}
