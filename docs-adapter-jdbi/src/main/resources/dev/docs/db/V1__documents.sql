-- One text for H2 and PostgreSQL. Placeholders: ${key} compares texts by their bytes, so that one index serves equality,
-- prefixes, ranges and order; ${text} and ${bytes} may be long. Times that
-- the database's own clock is compared with have all its digits: rounded, they could lie ahead of it. H2 commits each
-- statement by itself, so each must be one that can be made again: the process may die after any of them.

CREATE TABLE IF NOT EXISTS users (
    id          VARCHAR(255) ${key} PRIMARY KEY,
    quota_bytes BIGINT CHECK (quota_bytes >= 0),
    created_at  TIMESTAMP(3) WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS stores (
    name       VARCHAR(63) ${key} PRIMARY KEY,
    id         VARCHAR(64) ${key} NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS documents (
    id            UUID PRIMARY KEY,
    owner_id      VARCHAR(255) ${key} NOT NULL REFERENCES users ON DELETE CASCADE,
    name          VARCHAR(1000) NOT NULL,
    name_key      VARCHAR(1000) ${key} NOT NULL,
    declared_type VARCHAR(255) ${key},
    mime_type     VARCHAR(255) ${key},
    status        VARCHAR(8) ${key} NOT NULL CHECK (status IN ('pending', 'active', 'archived', 'error')),
    status_reason ${text},
    store         VARCHAR(63) ${key},
    storage_key   VARCHAR(200) ${key},
    size_bytes    BIGINT DEFAULT 0 NOT NULL CHECK (size_bytes >= 0),
    sha256        VARCHAR(64) ${key},
    version       INTEGER NOT NULL CHECK (version >= 0),
    revision      BIGINT NOT NULL CHECK (revision >= 1),
    metadata      ${text} NOT NULL,
    created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    updated_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT content_is_whole CHECK (
        (version = 0 AND store IS NULL AND storage_key IS NULL AND sha256 IS NULL AND size_bytes = 0)
        OR (version > 0 AND store IS NOT NULL AND storage_key IS NOT NULL AND sha256 IS NOT NULL
            AND mime_type IS NOT NULL)),
    CONSTRAINT active_has_content CHECK (status <> 'active' OR version > 0),
    CONSTRAINT error_has_reason CHECK ((status = 'error') = (status_reason IS NOT NULL))
);

-- one for each sort; ids are in order of creation
CREATE INDEX IF NOT EXISTS documents_by_id ON documents (owner_id, status, id);
CREATE INDEX IF NOT EXISTS documents_by_update ON documents (owner_id, status, updated_at, id);
CREATE INDEX IF NOT EXISTS documents_by_name ON documents (owner_id, status, name_key, id);
CREATE INDEX IF NOT EXISTS documents_by_size ON documents (owner_id, status, size_bytes, id);

CREATE TABLE IF NOT EXISTS document_versions (
    document_id   UUID NOT NULL REFERENCES documents ON DELETE CASCADE,
    version       INTEGER NOT NULL CHECK (version >= 1),
    store         VARCHAR(63) ${key} NOT NULL,
    storage_key   VARCHAR(200) ${key} NOT NULL,
    mime_type     VARCHAR(255) ${key} NOT NULL,
    declared_type VARCHAR(255) ${key},
    detected_type VARCHAR(255) ${key},
    size_bytes    BIGINT NOT NULL CHECK (size_bytes >= 0),
    sha256        VARCHAR(64) ${key} NOT NULL,
    created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    verified_at   TIMESTAMP(3) WITH TIME ZONE,
    PRIMARY KEY (document_id, version)
);

CREATE INDEX IF NOT EXISTS document_versions_by_url ON document_versions (store, storage_key);

CREATE TABLE IF NOT EXISTS document_metadata (
    owner_id    VARCHAR(255) ${key} NOT NULL,
    meta_key    VARCHAR(200) ${key} NOT NULL,
    meta_value  VARCHAR(200) ${key} NOT NULL,
    document_id UUID NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (owner_id, meta_key, meta_value, document_id)
);

CREATE INDEX IF NOT EXISTS document_metadata_by_document ON document_metadata (document_id);

-- One wide row, so that admission is one conditional UPDATE. More shards than one are for owners with many writers.
CREATE TABLE IF NOT EXISTS owner_usage (
    owner_id       VARCHAR(255) ${key} NOT NULL REFERENCES users ON DELETE CASCADE,
    shard          SMALLINT DEFAULT 0 NOT NULL,
    pending_docs   BIGINT DEFAULT 0 NOT NULL CHECK (pending_docs >= 0),
    active_docs    BIGINT DEFAULT 0 NOT NULL CHECK (active_docs >= 0),
    archived_docs  BIGINT DEFAULT 0 NOT NULL CHECK (archived_docs >= 0),
    error_docs     BIGINT DEFAULT 0 NOT NULL CHECK (error_docs >= 0),
    pending_bytes  BIGINT DEFAULT 0 NOT NULL CHECK (pending_bytes >= 0),
    active_bytes   BIGINT DEFAULT 0 NOT NULL CHECK (active_bytes >= 0),
    archived_bytes BIGINT DEFAULT 0 NOT NULL CHECK (archived_bytes >= 0),
    error_bytes    BIGINT DEFAULT 0 NOT NULL CHECK (error_bytes >= 0),
    older_bytes    BIGINT DEFAULT 0 NOT NULL CHECK (older_bytes >= 0),
    reserved_bytes BIGINT DEFAULT 0 NOT NULL CHECK (reserved_bytes >= 0),
    PRIMARY KEY (owner_id, shard)
);

-- No foreign keys: an upload names bytes that may be half written, and must outlive its document and its owner.
CREATE TABLE IF NOT EXISTS uploads (
    id             UUID PRIMARY KEY,
    document_id    UUID NOT NULL,
    owner_id       VARCHAR(255) ${key} NOT NULL,
    store          VARCHAR(63) ${key},
    storage_key    VARCHAR(200) ${key},
    reserved_bytes BIGINT NOT NULL CHECK (reserved_bytes >= 0),
    state          VARCHAR(8) ${key} NOT NULL CHECK (state IN ('pending', 'aborting', 'aborted')),
    lease_until    TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    created_at     TIMESTAMP(3) WITH TIME ZONE NOT NULL
);

CREATE INDEX IF NOT EXISTS uploads_by_lease ON uploads (state, lease_until);
CREATE INDEX IF NOT EXISTS uploads_by_document ON uploads (document_id);
CREATE INDEX IF NOT EXISTS uploads_by_owner ON uploads (owner_id);

CREATE TABLE IF NOT EXISTS doomed_content (
    store       VARCHAR(63) ${key} NOT NULL,
    storage_key VARCHAR(200) ${key} NOT NULL,
    size_bytes  BIGINT NOT NULL,
    doomed_at   TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    PRIMARY KEY (store, storage_key)
);

CREATE INDEX IF NOT EXISTS doomed_content_by_time ON doomed_content (doomed_at);

CREATE TABLE IF NOT EXISTS inline_content (
    storage_key VARCHAR(200) ${key} PRIMARY KEY,
    bytes       ${bytes} NOT NULL
);

CREATE TABLE IF NOT EXISTS api_tokens (
    id            UUID PRIMARY KEY,
    user_id       VARCHAR(255) ${key} NOT NULL REFERENCES users ON DELETE CASCADE,
    administrator BOOLEAN NOT NULL,
    prefix        VARCHAR(16) NOT NULL,
    sha256        VARCHAR(64) ${key} NOT NULL UNIQUE,
    created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    expires_at    TIMESTAMP(3) WITH TIME ZONE,
    last_used_at  TIMESTAMP(3) WITH TIME ZONE
);

CREATE INDEX IF NOT EXISTS api_tokens_by_user ON api_tokens (user_id);
