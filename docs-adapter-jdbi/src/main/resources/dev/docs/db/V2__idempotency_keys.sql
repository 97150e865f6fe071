-- What was done under each key, in columns named as those of documents; while an upload is still to do it, that upload
-- and the id of the document that began with it, if one did.
-- No foreign keys: a user who calls need not own anything, and what was answered outlives a purged document.

CREATE TABLE IF NOT EXISTS idempotency_keys (
    user_id       VARCHAR(255) ${key} NOT NULL,
    idem_key      VARCHAR(255) ${key} NOT NULL,
    upload_id     UUID,
    fingerprint   VARCHAR(64) ${key},
    used_at       TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    id            UUID,
    owner_id      VARCHAR(255) ${key},
    name          VARCHAR(1000),
    declared_type VARCHAR(255) ${key},
    mime_type     VARCHAR(255) ${key},
    status        VARCHAR(8) ${key},
    status_reason ${text},
    store         VARCHAR(63) ${key},
    storage_key   VARCHAR(200) ${key},
    size_bytes    BIGINT,
    sha256        VARCHAR(64) ${key},
    version       INTEGER,
    revision      BIGINT,
    metadata      ${text},
    created_at    TIMESTAMP(3) WITH TIME ZONE,
    updated_at    TIMESTAMP(3) WITH TIME ZONE,
    PRIMARY KEY (user_id, idem_key),
    CONSTRAINT running_or_answered CHECK ((upload_id IS NULL) = (fingerprint IS NOT NULL)
        AND (fingerprint IS NULL OR id IS NOT NULL))
);

CREATE INDEX IF NOT EXISTS idempotency_keys_by_upload ON idempotency_keys (upload_id);
CREATE INDEX IF NOT EXISTS idempotency_keys_by_owner ON idempotency_keys (owner_id);
CREATE INDEX IF NOT EXISTS idempotency_keys_by_time ON idempotency_keys (used_at);
