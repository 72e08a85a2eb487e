//! Negative controls: each fault put into the schema is found, and told as what it is.

use loadcase_model::{Outcome, StoreProofs};

use loadcase_prove::{Key, Period};

use crate::proven;
use crate::shop::{SCHEMA, broken, subject};

fn with(change: &str) -> Option<StoreProofs> {
    proven(&subject(&format!("{SCHEMA}\n{change}")), 100_000)
}

#[test]
fn a_dropped_index_is_caught() {
    let Some(proofs) = with("DROP INDEX order_by_customer;") else { return };
    let failed: Vec<&str> =
        proofs.patterns.iter().filter(|p| p.outcome == Outcome::Fails).map(|p| p.name.as_str()).collect();
    assert_eq!(failed, ["orders of a customer"], "{:?}", broken(&proofs));
}

#[test]
fn row_level_security_switched_off_is_caught() {
    let Some(proofs) = with("ALTER TABLE customer DISABLE ROW LEVEL SECURITY;") else { return };
    let found = broken(&proofs);
    for claim in [
        "customer row-level security is on",
        "customer shows a tenant nothing of the others",
        "customer takes no row for another tenant",
    ] {
        assert!(found.iter().any(|f| f.starts_with(claim)), "{claim}: {found:?}");
    }
    assert!(found.iter().all(|f| f.starts_with("customer ")), "{found:?}");
}

#[test]
fn an_idempotency_key_that_is_not_unique_is_caught() {
    let Some(proofs) = with("ALTER TABLE \"order\" DROP CONSTRAINT order_one_checkout;") else { return };
    let found = broken(&proofs);
    assert_eq!(
        found,
        ["order the same checkout_key twice is refused: it was accepted: nothing makes it unique"]
    );
}

#[test]
fn periods_that_may_overlap_are_caught() {
    let table = |constraint: &str| {
        format!(
            "{SCHEMA}\nCREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
             desk bigint NOT NULL, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, \
             state text NOT NULL CHECK (state IN ('cancelled', 'kept')), CHECK (starts_at <= ends_at){constraint});"
        )
    };
    let tried = |schema: &str| {
        let mut subject = subject(schema);
        subject.keys.push(Key {
            table: "visit".to_owned(),
            columns: vec!["desk".to_owned()],
            among: None,
            period: Some(Period {
                from: "starts_at".to_owned(),
                until: "ends_at".to_owned(),
                counted: "state NOT IN ('cancelled')".to_owned(),
            }),
        });
        proven(&subject, 10_000).map(|p| broken(&p))
    };
    let refused = table(
        ", EXCLUDE USING gist (int8range(desk, desk, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) WHERE (state <> 'cancelled')",
    );
    let Some(found) = tried(&refused) else { return };
    assert_eq!(found, Vec::<String>::new());
    let found = tried(&table("")).unwrap_or_default();
    assert_eq!(
        found,
        [
            "visit the same desk in periods of starts_at to ends_at that overlap is refused: it was accepted: nothing makes it unique"
        ]
    );
}

#[test]
fn ways_around_the_policies_are_caught() {
    let change = "GRANT SELECT ON event_old TO shop_app; CREATE VIEW all_orders AS SELECT * FROM \"order\"; \
                  GRANT SELECT ON all_orders TO shop_app; GRANT TRUNCATE ON customer TO shop_app; \
                  CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM customer';";
    let Some(proofs) = with(change) else { return };
    let found = broken(&proofs);
    for subject in [
        "event its partitions show nothing",
        "public.all_orders shows nothing when no tenant",
        "public.all_orders shows a tenant nothing of the others",
        "customer cannot be emptied",
        "shop_app can call no function",
    ] {
        assert!(found.iter().any(|f| f.starts_with(subject)), "{subject}: {found:?}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
}
