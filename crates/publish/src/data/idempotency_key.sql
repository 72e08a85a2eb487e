-- One row for each request that must not take effect twice: written with the effect, in one transaction.
-- The same key with another fingerprint is an error; a row without a status is still being worked on.
CREATE TABLE idempotency_key (
    caller text NOT NULL CHECK (char_length(caller) BETWEEN 1 AND 255),
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    status bigint CHECK (status BETWEEN 100 AND 599),
    response jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);

CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
