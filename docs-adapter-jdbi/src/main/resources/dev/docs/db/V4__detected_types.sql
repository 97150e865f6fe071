-- As in V1: each statement can be made again.

ALTER TABLE documents ADD COLUMN IF NOT EXISTS detected_type VARCHAR(255) ${key};
ALTER TABLE documents ADD COLUMN IF NOT EXISTS verdict ${text};
ALTER TABLE document_versions ADD COLUMN IF NOT EXISTS verdict ${text};
ALTER TABLE idempotency_keys ADD COLUMN IF NOT EXISTS detected_type VARCHAR(255) ${key};
ALTER TABLE idempotency_keys ADD COLUMN IF NOT EXISTS verdict ${text};
