//! Tables that patterns of the design need beside those of its entities.

use std::collections::BTreeSet;

use loadcase_model::Id;

use crate::view::View;

/// A table of a pattern.
pub(crate) struct Extra {
    pub(crate) name: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) sql: String,
    /// The same for a store inside the process.
    pub(crate) sqlite: String,
}

const OUTBOX: &str = include_str!("outbox.sql");
const JOB: &str = include_str!("job.sql");
const IDEMPOTENCY: &str = include_str!("idempotency_key.sql");

/// The tables a store needs for the patterns in use; those that the blueprint has entities for are left out.
pub(crate) fn tables(view: &View<'_>, store: &Id, existing: &BTreeSet<&str>) -> Vec<Extra> {
    let critical_here = view.blueprint().operations.values().filter(|o| o.critical).any(|o| {
        let stores = o.accesses.iter().filter_map(|a| view.blueprint().entities.get(&a.entity));
        stores.filter_map(|e| view.store_of(e)).any(|s| s == store)
    });
    let outbox = view.uses("outbox") || view.uses("transactional-outbox");
    let queue = view.uses("db_queue") || view.uses("database-as-queue");
    let is_first = view.relational_stores().first().is_some_and(|(id, _)| *id == store);
    let candidates = [
        (critical_here, "idempotency_key", "idempotency keys", IDEMPOTENCY),
        (outbox, "outbox", "transactional outbox", OUTBOX),
        (queue && is_first, "job", "queue in the database", JOB),
    ];
    candidates
        .into_iter()
        .filter(|(wanted, name, ..)| *wanted && !existing.contains(name))
        .map(|(_, name, pattern, sql)| Extra {
            name,
            pattern,
            sql: format!("{}\n", sql.trim_start()),
            sqlite: sqlite(sql),
        })
        .collect()
}

/// The table with the tenant each row belongs to.
pub(crate) fn of_tenants(extra: &Extra) -> Extra {
    let sql = extra
        .sql
        .replacen(" (\n", " (\n    tenant_id uuid NOT NULL,\n", 1)
        .replace("PRIMARY KEY (caller, key)", "PRIMARY KEY (tenant_id, caller, key)");
    Extra { sql, sqlite: extra.sqlite.clone(), ..*extra }
}

/// The table in SQLite's dialect: the types differ, and locks are not needed where there is one writer.
fn sqlite(sql: &str) -> String {
    sql.trim_start()
        .replace(" DEFAULT gen_random_uuid()", "")
        .replace("DEFAULT now()", "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")
        .replace(" FOR UPDATE SKIP LOCKED", "")
        .replace("char_length(", "length(")
        .replace("uuid PRIMARY KEY", "TEXT NOT NULL PRIMARY KEY")
        .replace(" uuid", " TEXT")
        .replace(" text", " TEXT")
        .replace(" timestamptz", " TEXT")
        .replace(" jsonb", " TEXT")
        .replace(" bytea", " BLOB")
        .replace(" bigint", " INTEGER")
        .replace("\n);", "\n) STRICT;")
}
