-- As in V1: each statement can be made again.

-- A bulk request has a number of steps so far, and a holder until it is carried out.
ALTER TABLE idempotency_keys ADD COLUMN IF NOT EXISTS steps INTEGER;
ALTER TABLE idempotency_keys ADD COLUMN IF NOT EXISTS holder UUID;
ALTER TABLE idempotency_keys ADD COLUMN IF NOT EXISTS lease_until TIMESTAMP(6) WITH TIME ZONE;

ALTER TABLE idempotency_keys DROP CONSTRAINT IF EXISTS running_or_answered;
ALTER TABLE idempotency_keys ADD CONSTRAINT running_or_answered CHECK ((upload_id IS NULL) = (fingerprint IS NOT NULL)
    AND (fingerprint IS NULL OR (id IS NULL) = (steps IS NOT NULL)));
ALTER TABLE idempotency_keys DROP CONSTRAINT IF EXISTS held_with_a_lease;
ALTER TABLE idempotency_keys ADD CONSTRAINT held_with_a_lease CHECK ((holder IS NULL) = (lease_until IS NULL)
    AND (steps IS NOT NULL OR holder IS NULL));

-- What each step of a bulk request did, as JSON.
CREATE TABLE IF NOT EXISTS bulk_steps (
    user_id  VARCHAR(255) ${key} NOT NULL,
    idem_key VARCHAR(255) ${key} NOT NULL,
    step     INTEGER NOT NULL,
    items    ${text} NOT NULL,
    PRIMARY KEY (user_id, idem_key, step),
    FOREIGN KEY (user_id, idem_key) REFERENCES idempotency_keys ON DELETE CASCADE
);
