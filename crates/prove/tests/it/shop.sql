CREATE ROLE shop_app NOLOGIN;
CREATE TABLE tenant (id uuid PRIMARY KEY, name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80));
CREATE TABLE customer (
    id uuid NOT NULL, tenant_id uuid NOT NULL REFERENCES tenant, email text NOT NULL CHECK (email = lower(email)),
    name text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email)
);
CREATE TABLE "order" (
    id uuid NOT NULL, tenant_id uuid NOT NULL REFERENCES tenant, customer_id uuid NOT NULL, previous_id uuid,
    status text NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'cancelled')),
    checkout_key text NOT NULL, currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), total bigint NOT NULL CHECK (total >= 0),
    opens_at timestamptz NOT NULL, closes_at timestamptz NOT NULL, note text, tags jsonb NOT NULL DEFAULT '{}',
    weight numeric(8, 2) GENERATED ALWAYS AS (total / 10.0) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (closes_at > opens_at),
    PRIMARY KEY (tenant_id, id), CONSTRAINT order_one_checkout UNIQUE (tenant_id, checkout_key),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customer, FOREIGN KEY (tenant_id, previous_id) REFERENCES "order"
);
CREATE TABLE order_line (
    tenant_id uuid NOT NULL, order_id uuid NOT NULL, line int NOT NULL CHECK (line BETWEEN 1 AND 50), sku text NOT NULL, quantity int NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (tenant_id, order_id, line), FOREIGN KEY (tenant_id, order_id) REFERENCES "order"
);
CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL, kind text NOT NULL, payload jsonb NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE event_old PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_new PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX order_by_customer ON "order" (tenant_id, customer_id, created_at DESC, id DESC);
CREATE INDEX order_open ON "order" (tenant_id, created_at) WHERE status = 'open';
CREATE INDEX order_by_previous ON "order" (tenant_id, previous_id);
CREATE INDEX line_by_sku ON order_line (tenant_id, sku);
CREATE INDEX event_by_kind ON event (tenant_id, kind, at);
GRANT SELECT ON tenant TO shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON customer, "order", order_line, event TO shop_app;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON tenant TO shop_app USING (id = (SELECT current_setting('app.tenant_id', true)::uuid));
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON customer TO shop_app USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid));
ALTER TABLE "order" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order" FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON "order" TO shop_app USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid));
ALTER TABLE order_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_line FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON order_line TO shop_app USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid));
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON event TO shop_app USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid));
