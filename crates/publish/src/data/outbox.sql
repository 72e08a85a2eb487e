-- Messages written in the transaction of the change they tell of; a relay sends them and marks them sent.
-- Send with: SELECT ... WHERE sent_at IS NULL ORDER BY created_at, id LIMIT 100 FOR UPDATE SKIP LOCKED
CREATE TABLE outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    topic text NOT NULL CHECK (char_length(topic) BETWEEN 1 AND 255),
    key text NOT NULL CHECK (char_length(key) <= 255),
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);

CREATE INDEX outbox_unsent ON outbox (created_at, id) WHERE sent_at IS NULL;
