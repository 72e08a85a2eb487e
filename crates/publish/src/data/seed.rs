//! `seed.sql`: a few rows that satisfy every constraint, the same on each run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use loadcase_catalog::Dialect;
use loadcase_model::{FieldType, Part};

use super::columns::{DELETED, Role};
use super::ledger;
use super::physical::{Col, Identity, Schema, Table};
use super::text::{comment, literal, quoted};
use crate::text::{capital, clean, words};

/// Tenants, and rows of each table (for each tenant).
const TENANTS: usize = 3;
const ROWS: usize = 3;
/// The bounds of a number that is the status of an answer.
const STATUS: (Option<i64>, Option<i64>) = (Some(100), Some(599));

/// The script.
pub(crate) fn script(schema: &Schema<'_>, dialect: Dialect) -> String {
    let plan = Plan::new(schema, dialect);
    let mut out = String::new();
    comment(
        &mut out,
        "A few rows for development and tests: always the same, and accepted by every constraint of the schema. Load them after it, into an empty database.",
    );
    if schema.isolated && dialect == Dialect::Postgresql {
        comment(
            &mut out,
            "Rows that tenants share need a role that no policy binds: the one of maintenance, or the administrator's.",
        );
    }
    let circles = schema.tables.iter().any(|t| t.references.iter().any(|r| r.circular));
    out.push_str(match dialect {
        Dialect::Mysql => "START TRANSACTION;\n",
        Dialect::Sqlite => "PRAGMA foreign_keys = 1;\nBEGIN;\nPRAGMA defer_foreign_keys = 1;\n",
        _ if circles => "BEGIN;\nSET CONSTRAINTS ALL DEFERRED;\n",
        _ => "BEGIN;\n",
    });
    out.push('\n');
    let scoped = |n: &usize| schema.tables[*n].scoped;
    for n in plan.order.iter().filter(|n| !scoped(n)) {
        plan.rows(&mut out, *n, 0);
    }
    if schema.tables.iter().any(|t| t.scoped) {
        for tenant in 0..TENANTS {
            plan.session(&mut out, tenant);
            plan.order.iter().filter(|n| scoped(n)).for_each(|n| plan.rows(&mut out, *n, tenant));
        }
    }
    out.push_str("COMMIT;\n");
    out
}

struct Plan<'s, 'a> {
    schema: &'s Schema<'a>,
    dialect: Dialect,
    /// Tables, those that others refer to first.
    order: Vec<usize>,
    /// Rows of each table.
    counts: Vec<usize>,
    /// Entries of ledgers, by table.
    books: BTreeMap<usize, (Vec<String>, Option<String>, String)>,
}

impl<'s, 'a> Plan<'s, 'a> {
    fn new(schema: &'s Schema<'a>, dialect: Dialect) -> Self {
        let order = order(schema);
        let mut counts = vec![ROWS; schema.tables.len()];
        if let Some(n) = schema.tenants {
            counts[n] = TENANTS;
        }
        let mut books = BTreeMap::new();
        for entry in ledger::entries(schema) {
            if let Some(n) = schema.tables.iter().position(|t| t.id == entry.table.id) {
                let posting = entry.posting.into_iter().rev().take(1).collect();
                books.insert(n, (posting, entry.direction, entry.amount));
            }
        }
        let mut plan = Self { schema, dialect, order, counts, books };
        for n in plan.order.clone() {
            plan.counts[n] = plan.room(n);
        }
        plan
    }

    /// How many rows the unique groups of a table leave room for.
    fn room(&self, n: usize) -> usize {
        let table = &self.schema.tables[n];
        if let Some((_, direction, amount)) = self.books.get(&n) {
            let signed = direction.is_none();
            let only_positive =
                table.column(amount).is_some_and(|c| c.column.bounds.0.is_some_and(|m| m > -100));
            return if signed && only_positive { 0 } else { 2 };
        }
        let capacity = |name: &String| match table.column(name).map(|c| &c.column) {
            Some(c) if c.role == Role::Tenant || c.kind == FieldType::Currency => 1,
            Some(c) if c.kind == FieldType::Boolean => 2,
            Some(c) if c.kind == FieldType::Enum && !c.values.is_empty() => distinct(&c.values).len(),
            Some(c) if matches!(c.kind, FieldType::Integer | FieldType::Money) => {
                let (low, high) = span(c.bounds);
                usize::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1)
            }
            Some(c) if c.kind == FieldType::Ref => {
                self.target(c.to.as_ref()).map_or(ROWS, |to| if to == n { ROWS } else { self.counts[to] })
            }
            _ => ROWS,
        };
        let rooms = table.unique_groups().map(|u| u.columns.iter().map(capacity).max().unwrap_or(ROWS));
        rooms.min().unwrap_or(ROWS).min(self.counts[n])
    }

    fn target(&self, id: Option<&loadcase_model::Id>) -> Option<usize> {
        self.schema.tables.iter().position(|t| Some(&t.id) == id)
    }

    /// Says whose rows follow.
    fn session(&self, out: &mut String, tenant: usize) {
        if self.schema.isolated && self.dialect == Dialect::Postgresql {
            let _ = writeln!(out, "SET LOCAL app.tenant_id = '{}';\n", self.tenant(tenant));
        }
    }

    fn tenant(&self, tenant: usize) -> String {
        identifier(self.schema.tenants.unwrap_or(0xfff), 0, tenant)
    }

    fn rows(&self, out: &mut String, n: usize, tenant: usize) {
        let table = &self.schema.tables[n];
        let columns: Vec<&Col> = table.columns.iter().filter(|c| !is_given(table, c)).collect();
        let names: Vec<String> = columns.iter().map(|c| self.name(&c.name)).collect();
        let own = self.schema.tenants == Some(n) && self.schema.isolated;
        let mut lines = Vec::new();
        for row in 0..self.counts[n] {
            let values: Vec<String> = columns.iter().map(|c| self.value(n, c, tenant, row)).collect();
            lines.push(format!("({})", values.join(", ")));
        }
        if lines.is_empty() {
            return;
        }
        let into = format!("INSERT INTO {} ({}) VALUES", self.name(&table.name), names.join(", "));
        if own {
            for (row, line) in lines.iter().enumerate() {
                self.session(out, row);
                let _ = writeln!(out, "{into}\n    {line};\n");
            }
        } else {
            let _ = writeln!(out, "{into}\n    {};\n", lines.join(",\n    "));
        }
    }

    fn name(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Mysql => super::mysql::quoted(name),
            Dialect::Sqlite => super::sqlite::quoted(name),
            _ => quoted(name),
        }
    }

    fn value(&self, n: usize, col: &Col, tenant: usize, row: usize) -> String {
        let table = &self.schema.tables[n];
        let column = &col.column;
        match (column.role, column.kind) {
            (Role::Identifier, FieldType::Id | FieldType::Ref) => self.uuid(&identifier(n, tenant, row)),
            (Role::Tenant, FieldType::Id | FieldType::Ref) => self.uuid(&self.tenant(tenant)),
            (_, FieldType::Ref) => self.reference(n, col, tenant, row),
            (_, FieldType::Id) => self.uuid(&identifier(n, tenant, row + 0x100)),
            _ if column.name == DELETED && table.entity.soft_delete.is_some() => "NULL".to_owned(),
            (_, FieldType::Money) if self.books.get(&n).is_some_and(|b| b.2 == col.name) => {
                let signed = self.books.get(&n).is_some_and(|b| b.1.is_none());
                if signed && row == 1 { "-100" } else { "100" }.to_owned()
            }
            (_, FieldType::Money | FieldType::Integer) if self.balance(n, col, tenant, row).is_some() => {
                self.balance(n, col, tenant, row).unwrap_or_default().to_string()
            }
            (_, FieldType::Timestamp | FieldType::Date) if row == 0 && self.is_open(table, col) => {
                "NULL".to_owned()
            }
            (_, FieldType::Integer) if table.plays(Part::IdempotencyKey) && column.bounds == STATUS => {
                ["201", "200", "202"][row % 3].to_owned()
            }
            (_, FieldType::Enum) if self.books.get(&n).is_some_and(|b| b.1.as_ref() == Some(&col.name)) => {
                if row == 0 { "'debit'" } else { "'credit'" }.to_owned()
            }
            _ => {
                let same = self.books.get(&n).is_some_and(|b| b.0.contains(&col.name));
                self.plain(table, col, tenant, if same { 0 } else { row })
            }
        }
    }

    /// Whether the first row has no such time: it was not revoked, and has not ended.
    fn is_open(&self, table: &Table<'_>, col: &Col) -> bool {
        let bounds = |e: &super::physical::Exclusion| e.from == col.name || e.until == col.name;
        let counts = |p: &super::physical::Partial| p.only.iter().any(|(c, _)| *c == col.name);
        col.column.optional && !table.exclusions.iter().any(bounds) && !table.partials.iter().any(counts)
    }

    /// What the entries of the ledger add up to: on an account, or on that of an entry once it is written.
    fn balance(&self, n: usize, col: &Col, tenant: usize, row: usize) -> Option<i64> {
        let table = &self.schema.tables[n];
        let entries = ledger::entries(self.schema);
        let entry = entries.iter().find(|e| {
            e.table.id == table.id || e.account.as_ref().is_some_and(|(_, accounts)| accounts.id == table.id)
        })?;
        let own = entry.table.id == table.id;
        let balance = col.name.contains("balance") && (!own || col.name != entry.amount);
        let (column, accounts) = entry.account.as_ref().filter(|_| balance)?;
        let at = self.schema.tables.iter().position(|t| t.id == entry.table.id)?;
        let account = |row: usize| self.other(at, entry.table.column(column)?, row);
        let (wanted, last) = if own { (account(row)?, row) } else { (row, self.counts[at].checked_sub(1)?) };
        let debit = |words: &[String]| ["debit", "credit"].iter().all(|w| words.iter().any(|v| v == w));
        let side = accounts.columns.iter().find(|c| debit(&c.column.values));
        let credits =
            side.is_some_and(|c| distinct(&c.column.values)[wanted % c.column.values.len()] == "credit");
        let sum: i64 =
            (0..=last).filter(|r| account(*r) == Some(wanted)).map(|r| if r == 0 { 100 } else { -100 }).sum();
        // Rows of every tenant are on accounts that all share.
        let shared = entry.table.scoped && !accounts.scoped;
        let times = if shared { if own { tenant + 1 } else { TENANTS } } else { 1 };
        let found = sum * i64::try_from(times).ok()? * if credits { -1 } else { 1 };
        let (low, high) = col.column.bounds;
        (low.is_none_or(|l| found >= l) && high.is_none_or(|h| found <= h)).then_some(found)
    }

    /// The row of another table that a row refers to.
    fn other(&self, n: usize, col: &Col, row: usize) -> Option<usize> {
        let table = &self.schema.tables[n];
        let to = self.target(col.column.to.as_ref())?;
        let turn =
            table.columns.iter().filter(|c| c.column.kind == FieldType::Ref).position(|c| c.name == col.name);
        Some(match () {
            () if self.books.get(&n).is_some_and(|b| b.0.contains(&col.name)) => 0,
            () if to == n => row,
            () => (row + turn.unwrap_or(0)) % self.counts[to].max(1),
        })
    }

    fn reference(&self, n: usize, col: &Col, tenant: usize, row: usize) -> String {
        let table = &self.schema.tables[n];
        let Some(to) = self.target(col.column.to.as_ref()) else {
            return self.uuid(&identifier(0xffe, 0, row));
        };
        let target = &self.schema.tables[to];
        let place = |n| self.order.iter().position(|o| *o == n);
        let later = to == n || place(to) > place(n);
        if later && col.column.optional {
            return "NULL".to_owned();
        }
        if Some(to) == self.schema.tenants {
            return self.uuid(&self.tenant(if table.scoped { tenant } else { row % TENANTS }));
        }
        let other = self.other(n, col, row).unwrap_or(0);
        let of = if target.scoped { tenant } else { 0 };
        self.uuid(&identifier(to, of, other))
    }

    fn plain(&self, table: &Table<'_>, col: &Col, tenant: usize, row: usize) -> String {
        let column = &col.column;
        let number = tenant * 10 + row + 1;
        let day = row + 1;
        match column.kind {
            FieldType::Currency => "'EUR'".to_owned(),
            FieldType::Boolean => self.truth(row.is_multiple_of(2)),
            FieldType::Enum if !column.values.is_empty() => {
                let values = distinct(&column.values);
                let others: Vec<&String> = match only_one(table, col) {
                    Some(one) if row == 0 => return self.text(&clean(one)),
                    Some(one) => values.iter().filter(|v| **v != clean(one)).collect(),
                    None => values.iter().collect(),
                };
                self.text(others[row % others.len()])
            }
            FieldType::Integer | FieldType::Money | FieldType::Decimal | FieldType::Float => {
                let (low, high) = reach(table, col);
                low.saturating_add(i64::try_from(row).unwrap_or(0)).min(high).to_string()
            }
            FieldType::Timestamp => {
                // What holds for a time holds yet.
                let ends = column.name.contains("expires") || column.name == "valid_until";
                let year = if ends { 2036 } else { 2026 };
                match self.dialect {
                    Dialect::Mysql => format!("'{year}-01-0{day} 09:00:00'"),
                    _ => format!("'{year}-01-0{day}T09:00:00.000Z'"),
                }
            }
            FieldType::Date => format!("'2026-01-0{day}'"),
            FieldType::Json => "'{}'".to_owned(),
            FieldType::Url => format!("'https://example.invalid/{}/{number}'", table.name),
            FieldType::Email => format!("'{}.{number}@example.invalid'", table.name),
            FieldType::Point => match self.dialect {
                Dialect::Mysql => format!("ST_GeomFromText('POINT({row} 50)')"),
                Dialect::Sqlite => format!("'50.0,{row}.0'"),
                _ => format!("'({row}, 50)'"),
            },
            FieldType::Bytes => match self.dialect {
                Dialect::Postgresql => format!("'\\x{number:04x}'"),
                _ => format!("x'{number:04x}'"),
            },
            FieldType::Id | FieldType::Ref | FieldType::String | FieldType::Text | FieldType::Enum => {
                self.text(&format!("{} {number}", capital(&words(&column.name))))
            }
        }
    }

    fn text(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Mysql => super::mysql::literal(text),
            _ => literal(text),
        }
    }

    fn truth(&self, value: bool) -> String {
        match self.dialect {
            Dialect::Sqlite => if value { "1" } else { "0" }.to_owned(),
            _ => value.to_string(),
        }
    }

    fn uuid(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Mysql => format!("x'{}'", text.replace('-', "")),
            _ => format!("'{text}'"),
        }
    }
}

/// The value that a single row of a tenant may have in a column: rows with it are told apart by nothing else.
fn only_one<'t>(table: &'t Table<'_>, col: &Col) -> Option<&'t str> {
    let partial = table.partials.iter().find(|p| {
        let alike = |c: &String| {
            p.only.iter().any(|(o, when)| o == c && when.value().is_some())
                || table.column(c).is_some_and(|c| c.column.role == Role::Tenant)
        };
        p.only.iter().any(|(c, _)| *c == col.name) && p.columns.iter().all(alike)
    })?;
    let one = partial.only.iter().find(|(c, _)| *c == col.name).and_then(|(_, when)| when.value())?;
    col.column.values.iter().any(|v| clean(v) != clean(one)).then_some(one)
}

fn is_given(table: &Table<'_>, col: &Col) -> bool {
    table.identity == Identity::Number && col.column.role == Role::Identifier
}

/// Values as the schema writes them.
fn distinct(values: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in values.iter().map(|v| clean(v)) {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// The whole numbers a column may hold, from one where that is allowed.
fn span((min, max): (Option<i64>, Option<i64>)) -> (i64, i64) {
    let high = max.unwrap_or(i64::MAX / 2);
    let low = min.unwrap_or_else(|| 1.min(high));
    (low.max(1.min(high)), high)
}

/// The same, with room for what may not exceed it.
fn reach(table: &Table<'_>, col: &Col) -> (i64, i64) {
    const DEEPEST: usize = 8;
    let mut found = span(col.column.bounds);
    let mut above = vec![col.name.as_str()];
    for _ in 0..DEEPEST {
        let pairs = table.ordered_pairs();
        let below = pairs.iter().filter(|(_, b)| above.contains(b)).map(|(a, _)| *a);
        let below: Vec<&str> = below.filter(|a| !above.contains(a)).collect();
        if below.is_empty() {
            break;
        }
        let lows = below.iter().filter_map(|c| table.column(c)).map(|c| span(c.column.bounds).0);
        found.0 = lows.fold(found.0, i64::max).min(found.1);
        above.extend(below);
    }
    found
}

/// An identifier of a row, in the form of UUIDs of version 7.
fn identifier(table: usize, tenant: usize, row: usize) -> String {
    format!("019b7600-0000-7000-8000-{:04x}{:02x}{:06x}", table & 0xffff, tenant & 0xff, row & 0xff_ffff)
}

/// Tables in an order in which rows can be added; circles are broken anywhere.
fn order(schema: &Schema<'_>) -> Vec<usize> {
    let mut done: Vec<usize> = Vec::new();
    let required = |n: usize, all: bool| -> Vec<usize> {
        let table = &schema.tables[n];
        let keeps = |c: &str| table.column(c).is_some_and(|c| !c.column.optional);
        let links = table.references.iter().filter(|r| r.to != n && (all || keeps(r.column())));
        links.map(|r| r.to).collect()
    };
    while done.len() < schema.tables.len() {
        let open: Vec<usize> = (0..schema.tables.len()).filter(|n| !done.contains(n)).collect();
        let free =
            |all: bool| open.iter().copied().find(|n| required(*n, all).iter().all(|to| done.contains(to)));
        let next = free(true).or_else(|| free(false)).unwrap_or(open[0]);
        done.push(next);
    }
    done
}
