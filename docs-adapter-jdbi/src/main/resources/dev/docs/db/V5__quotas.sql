-- As in V1: each statement can be made again.

ALTER TABLE users ADD COLUMN IF NOT EXISTS quota_documents BIGINT CHECK (quota_documents >= 0);
ALTER TABLE users ADD COLUMN IF NOT EXISTS quota_uploads BIGINT CHECK (quota_uploads >= 0);
