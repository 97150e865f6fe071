-- As in V1: the statement can be made again.

-- What a user's links are signed with; they end with it, and it with its user.
CREATE TABLE IF NOT EXISTS link_keys (
    id         UUID PRIMARY KEY,
    user_id    VARCHAR(255) ${key} NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
    secret     VARCHAR(64) NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE NOT NULL
);
