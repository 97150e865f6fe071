-- As in V1: each statement can be made again.

ALTER TABLE users ADD COLUMN IF NOT EXISTS quota_documents BIGINT CHECK (quota_documents >= 0);
ALTER TABLE users ADD COLUMN IF NOT EXISTS quota_uploads BIGINT CHECK (quota_uploads >= 0);

-- A shard's slices, and the limits that they were dealt from; none until the next admission, nor of a limit exceeded.
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS open_uploads BIGINT DEFAULT 0 NOT NULL CHECK (open_uploads >= 0);
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS limit_bytes BIGINT;
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS limit_documents BIGINT;
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS limit_uploads BIGINT;
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS slice_bytes BIGINT;
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS slice_documents BIGINT;
ALTER TABLE owner_usage ADD COLUMN IF NOT EXISTS slice_uploads BIGINT;

-- uploads of deleted owners are nobody's, or they would count against the next of that name
UPDATE uploads SET owner_id = '' WHERE owner_id NOT IN (SELECT id FROM users);
UPDATE owner_usage SET open_uploads = (SELECT COUNT(*) FROM uploads u WHERE u.owner_id = owner_usage.owner_id
    AND u.store IS NOT NULL AND u.state != 'aborted') WHERE shard = 0;
