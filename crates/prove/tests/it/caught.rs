//! Negative controls: each fault put into the schema is found, and told as what it is.

use loadcase_model::{Outcome, StoreProofs};

use loadcase_prove::{Key, Period, Share, Upkeep};

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

/// The shop with sessions that are to go after 30 days, and what removes them.
fn with_sessions(function: &str, granted: &str) -> Option<StoreProofs> {
    let mut subject = subject(&format!(
        "{SCHEMA}\nCREATE ROLE shop_maintenance NOLOGIN BYPASSRLS;\n\
         CREATE TABLE session (id uuid PRIMARY KEY, created_at timestamptz NOT NULL);\n\
         GRANT {granted} ON session TO shop_maintenance;\n\
         CREATE FUNCTION clean() RETURNS bigint LANGUAGE sql AS $$ {function} $$;"
    ));
    subject.shares.push(Share { table: "session".to_owned(), weight: 5.0, row_bytes: 60.0, days: 60.0 });
    subject.upkeep = vec![Upkeep {
        name: "clean".to_owned(),
        claim: "no old session stays".to_owned(),
        role: "shop_maintenance".to_owned(),
        before: None,
        statement: "SELECT clean()".to_owned(),
        left: "SELECT count(*) FROM session WHERE created_at < now() - interval '30 days'".to_owned(),
    }];
    proven(&subject, 20_000)
}

#[test]
fn rows_that_stay_beyond_their_time_are_caught() {
    let gone = "WITH gone AS (DELETE FROM session WHERE id IN (SELECT id FROM session \
                WHERE created_at < now() - interval '30 days' LIMIT 500) RETURNING 1) SELECT count(*) FROM gone";
    let found = |function: &str, granted: &str| with_sessions(function, granted).map(|p| broken(&p));
    let Some(right) = found(gone, "SELECT, DELETE") else { return };
    assert_eq!(right, Vec::<String>::new());
    let cases = [
        (gone.replace("30 days", "300 days"), "SELECT, DELETE", "are left"),
        (gone.replace("LIMIT 500", "AND right(id::text, 1) < '8' LIMIT 500"), "SELECT, DELETE", "are left"),
        (gone.to_owned(), "SELECT", "permission denied"),
        ("SELECT 1::bigint".to_owned(), "SELECT, DELETE", "still finds something to do"),
    ];
    for (function, granted, seen) in cases {
        let wrong = found(&function, granted).expect("there was a server before");
        assert!(wrong.len() == 1 && wrong[0].contains(seen), "{seen}: {wrong:?}");
    }
}
