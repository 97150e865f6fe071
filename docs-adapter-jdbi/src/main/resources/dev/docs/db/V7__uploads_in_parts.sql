-- As in V1: each statement can be made again.

-- Beside the row in uploads, which ends with the upload; this one tells what became of it. No foreign keys, as there.
CREATE TABLE IF NOT EXISTS resumable_uploads (
    id                UUID PRIMARY KEY,
    document_id       UUID NOT NULL,
    owner_id          VARCHAR(255) ${key} NOT NULL,
    is_new            BOOLEAN NOT NULL,
    expected_revision BIGINT,
    declared_type     VARCHAR(255) ${key},
    note              ${text} NOT NULL,
    size_bytes        BIGINT CHECK (size_bytes >= 0),
    received_bytes    BIGINT NOT NULL CHECK (received_bytes >= 0),
    published         BOOLEAN NOT NULL,
    ended_at          TIMESTAMP(6) WITH TIME ZONE,
    CONSTRAINT no_more_than_announced CHECK (size_bytes IS NULL OR received_bytes <= size_bytes),
    CONSTRAINT published_is_ended CHECK (NOT published OR ended_at IS NOT NULL)
);

CREATE INDEX IF NOT EXISTS resumable_uploads_by_owner ON resumable_uploads (owner_id);
CREATE INDEX IF NOT EXISTS resumable_uploads_by_end ON resumable_uploads (ended_at);
