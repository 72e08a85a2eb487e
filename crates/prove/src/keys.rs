//! Whether the same key twice is refused.

use std::collections::BTreeSet;

use loadcase_model::{Outcome, Proof};

use crate::input::Key;
use crate::seed::Seed;
use crate::session::{Answer, Session, ident, idents};
use crate::structure::Table;

/// Tries one key: a row of the table is written again with everything else new.
pub(crate) fn try_key(seed: &Seed, session: &mut Session, key: &Key) -> Proof {
    let columns = key.columns.join(", ");
    let claim = match &key.period {
        Some(p) => {
            format!("the same {columns} in periods of {} to {} that overlap is refused", p.from, p.until)
        }
        None => match &key.among {
            Some(rows) => format!("the same {columns} twice is refused where {rows}"),
            None => format!("the same {columns} twice is refused"),
        },
    };
    let proof =
        |outcome, seen: String| Proof { subject: key.table.clone(), claim: claim.clone(), outcome, seen };
    let Some(table) = seed.structure.tables.get(&key.table) else {
        return proof(Outcome::Fails, "the schema has no such table".to_owned());
    };
    if let Some(missing) = key.columns.iter().find(|c| !table.has(c)) {
        return proof(Outcome::Fails, format!("the table has no column {missing}"));
    }
    // A row of a table whose checks were not understood may come to nothing: then another is tried.
    let tries = (5..12).map(|nth| again(seed, session, table, key, nth)).find(|done| !matches!(done, Ok(0)));
    match tries.unwrap_or(Ok(0)) {
        Ok(0) => proof(Outcome::Unproven, "no row has a value there".to_owned()),
        Ok(_) => proof(Outcome::Fails, "it was accepted: nothing makes it unique".to_owned()),
        Err(fault) if fault.is_duplicate() => {
            let name = fault.constraint.unwrap_or_default();
            let by = table.uniques.iter().find(|(n, _)| *n == name);
            let mut own: BTreeSet<&String> = key.columns.iter().collect();
            own.extend(seed.layout.tenant_column.as_ref().filter(|_| seed.layout.scoped(table)));
            match by {
                // A partial or exclusive one is not listed; it refused the row all the same.
                Some((name, columns)) if !columns.iter().all(|c| own.contains(c)) => proof(
                    Outcome::Fails,
                    format!("{name} refused it, which also looks at {}", columns.join(", ")),
                ),
                _ => proof(Outcome::Holds, String::new()),
            }
        }
        Err(fault) => proof(Outcome::Unproven, fault.to_string()),
    }
}

/// Writes a row again; everything but the key and the tenant is that of a new row.
fn again(seed: &Seed, session: &mut Session, table: &Table, key: &Key, nth: u64) -> Answer<u64> {
    let columns: Vec<String> = table.given().map(|c| c.name.clone()).collect();
    let whose = seed.layout.tenant_column.as_ref().filter(|_| seed.layout.scoped(table));
    let kept = |c: &String| key.columns.contains(c) || whose == Some(c);
    // Checks that read several columns hold for the old row: what no unique group needs stays as it was.
    // So does the condition under which something is unique.
    let all: BTreeSet<&String> = table.uniques.iter().flat_map(|(_, group)| group).collect();
    let named = |c: &str| key.among.as_ref().is_some_and(|among| among.contains(&format!("\"{c}\"")));
    let unique: BTreeSet<&String> = all.into_iter().filter(|c| !named(c)).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|c| {
            let own = format!("o.{}", ident(c));
            match &key.period {
                // Later than the beginning and before the end: no key is the same, and the periods overlap.
                Some(p) if p.from == *c => format!("{own} + (o.{} - {own}) / 2", ident(&p.until)),
                _ if kept(c) || !unique.contains(c) => own,
                _ => format!("f.{}", ident(c)),
            }
        })
        .collect();
    let mut set: Vec<String> = key.columns.iter().map(|c| format!("{} IS NOT NULL", ident(c))).collect();
    if let Some(period) = &key.period {
        set.push(format!("{} < {}", ident(&period.from), ident(&period.until)));
        set.extend((!period.counted.is_empty()).then(|| format!("({})", period.counted)));
    }
    set.extend(key.among.iter().map(|c| format!("({c})")));
    let fresh = seed.fresh(table, 1, nth);
    let names = idents(&columns);
    let always = if table.columns.iter().any(|c| c.identity) { " OVERRIDING SYSTEM VALUE" } else { "" };
    let sql = format!(
        "INSERT INTO {t} ({names}){always} SELECT {values} FROM (SELECT * FROM {t} WHERE {set} LIMIT 1) o CROSS JOIN ({fresh}) f",
        t = table.sql(),
        values = values.join(", "),
        set = set.join(" AND "),
    );
    session.rolled_back(|session| {
        session.run("SET LOCAL session_replication_role = replica")?;
        session.changed(&sql)
    })
}
