//! The shop: its schema, its patterns, what is claimed of it.

use loadcase_model::{Outcome, StoreProofs};
use loadcase_prove::{Filled, Key, Parameter, Pattern, Share, Subject, Touch};

use crate::proven;

pub(crate) const SCHEMA: &str = include_str!("shop.sql");

fn parameter(column: &str, filled: Filled) -> Parameter {
    Parameter { column: column.to_owned(), filled }
}

fn pattern(
    name: &str,
    table: &str,
    touch: Touch,
    statement: &str,
    parameters: Vec<Parameter>,
    index: &str,
) -> Pattern {
    Pattern {
        name: name.to_owned(),
        title: name.to_owned(),
        table: table.to_owned(),
        touch,
        statement: statement.to_owned(),
        parameters,
        among: None,
        rows: Some(50.0),
        served_by: Some(index.to_owned()).filter(|i| !i.is_empty()),
        application: true,
        role: None,
        before: None,
    }
}

/// The shop with a schema of the caller's.
#[allow(clippy::too_many_lines, reason = "a list of patterns reads best as one")]
pub(crate) fn subject(schema: &str) -> Subject {
    let tenant = || parameter("tenant_id", Filled::Same);
    let same = |column: &str| parameter(column, Filled::Same);
    let fresh = |columns: &[&str]| columns.iter().map(|c| parameter(c, Filled::Fresh)).collect::<Vec<_>>();
    let mut open = pattern(
        "open",
        "order",
        Touch::Read,
        "SELECT * FROM \"order\" WHERE tenant_id = $1 AND status = 'open' ORDER BY created_at LIMIT 50",
        vec![tenant()],
        "order_open",
    );
    open.among = Some("status = 'open'".to_owned());
    let mut counted = pattern(
        "events of a kind",
        "event",
        Touch::Aggregate,
        "SELECT count(*) FROM event WHERE tenant_id = $1 AND kind = $2 AND at >= $3",
        vec![tenant(), same("kind"), parameter("at", Filled::Newest(40))],
        "event_by_kind",
    );
    counted.rows = None;
    let patterns = vec![
        pattern(
            "by id",
            "order",
            Touch::Read,
            "SELECT * FROM \"order\" WHERE tenant_id = $1 AND id = $2",
            vec![tenant(), same("id")],
            "order_pkey",
        ),
        pattern(
            "by email",
            "customer",
            Touch::Read,
            "SELECT * FROM customer WHERE tenant_id = $1 AND email = $2",
            vec![tenant(), same("email")],
            "customer_tenant_id_email_key",
        ),
        pattern(
            "orders of a customer",
            "order",
            Touch::Read,
            "SELECT * FROM \"order\" WHERE tenant_id = $1 AND customer_id = $2 ORDER BY created_at DESC, id DESC LIMIT 20",
            vec![tenant(), same("customer_id")],
            "order_by_customer",
        ),
        open,
        counted,
        pattern(
            "lines of orders",
            "order_line",
            Touch::Read,
            "SELECT * FROM order_line WHERE tenant_id = $1 AND order_id = ANY ($2) LIMIT 50",
            vec![tenant(), parameter("order_id", Filled::List(20))],
            "order_line_pkey",
        ),
        pattern(
            "pay",
            "order",
            Touch::Update,
            "UPDATE \"order\" SET status = 'paid' WHERE tenant_id = $1 AND id = $2",
            vec![tenant(), same("id")],
            "order_pkey",
        ),
        pattern(
            "place an order",
            "order",
            Touch::Insert,
            "INSERT INTO \"order\" (id, tenant_id, customer_id, status, checkout_key, currency, total, opens_at, closes_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            fresh(&[
                "id",
                "tenant_id",
                "customer_id",
                "status",
                "checkout_key",
                "currency",
                "total",
                "opens_at",
                "closes_at",
            ]),
            "",
        ),
    ];
    let share =
        |table: &str, weight, row_bytes| Share { table: table.to_owned(), weight, row_bytes, days: 700.0 };
    Subject {
        name: "Shop".to_owned(),
        source: "shop.sql".to_owned(),
        schema: schema.to_owned(),
        application_role: None,
        staff: None,
        tenant_column: Some("tenant_id".to_owned()),
        scoped: ["customer", "order", "order_line", "event"].map(str::to_owned).to_vec(),
        shares: vec![
            share("customer", 1.0, 300.0),
            share("order", 10.0, 500.0),
            share("order_line", 20.0, 200.0),
            share("event", 10.0, 300.0),
        ],
        patterns,
        keys: vec![Key {
            table: "order".to_owned(),
            columns: vec!["checkout_key".to_owned()],
            among: None,
            period: None,
        }],
        upkeep: Vec::new(),
        notes: Vec::new(),
    }
}

/// What does not hold, in words.
pub(crate) fn broken(proofs: &StoreProofs) -> Vec<String> {
    let patterns = proofs.patterns.iter().filter(|p| p.outcome != Outcome::Holds);
    let patterns = patterns.map(|p| format!("{}: {} {:?}", p.name, p.reasons.join("; "), p.found_by));
    let claims = proofs
        .isolation
        .iter()
        .chain(&proofs.keys)
        .chain(&proofs.upkeep)
        .filter(|p| p.outcome != Outcome::Holds);
    patterns.chain(claims.map(|p| format!("{} {}: {}", p.subject, p.claim, p.seen))).collect()
}

#[test]
fn a_good_schema_holds() {
    let Some(proofs) = proven(&subject(SCHEMA), 60_000) else { return };
    assert_eq!(broken(&proofs), Vec::<String>::new());
    assert_eq!(proofs.role, "shop_app");
    for pattern in &proofs.patterns {
        let Some(meant) = &pattern.meant else { continue };
        assert!(
            pattern.found_by.iter().any(|f| f.ends_with(meant.as_str())),
            "{}: {:?}",
            pattern.name,
            pattern.found_by
        );
    }
    let lines = proofs.tables.iter().find(|t| t.name == "order_line").expect("filled");
    assert!(lines.rows.value >= 50_000.0, "{:?}", lines.rows);
    assert_eq!(proofs.notes, Vec::<String>::new());
}
