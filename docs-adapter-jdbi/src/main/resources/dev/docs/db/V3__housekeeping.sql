-- As in V1: each statement can be made again.

CREATE TABLE IF NOT EXISTS jobs (
    name        VARCHAR(63) ${key} PRIMARY KEY,
    holder      UUID NOT NULL,
    lease_until TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    note        VARCHAR(1000) NOT NULL
);

-- when it was last handed out to be deleted, and until when nobody else gets it
ALTER TABLE doomed_content ADD COLUMN IF NOT EXISTS claimed_until TIMESTAMP(6) WITH TIME ZONE;
