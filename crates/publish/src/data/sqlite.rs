//! `schema.sqlite.sql`: the tables of a store that runs inside the process, in SQLite's dialect.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{FieldType, Id};

use super::columns::{Column, Role, TENANT};
use super::extras;
use super::sql::{self, check, comment};
use super::tables::{Index, Method, Table, identifier, makes_tenant_table, tables};
use crate::view::View;

/// Words that SQLite keeps for itself beside those of PostgreSQL.
const RESERVED: &[&str] = &[
    "add",
    "alter",
    "autoincrement",
    "between",
    "commit",
    "delete",
    "drop",
    "escape",
    "exists",
    "index",
    "insert",
    "nothing",
    "set",
    "transaction",
    "update",
    "values",
];

fn quoted(name: &str) -> String {
    if RESERVED.contains(&name) { format!("\"{name}\"") } else { sql::quoted(name) }
}

fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

/// The schema of one store.
pub(crate) fn schema(view: &View<'_>, store: &Id) -> String {
    let Some((store, _)) = view.blueprint().components.get_key_value(store) else { return String::new() };
    let tables = tables(view, store);
    let mut out = String::new();
    comment(&mut out, &format!("Tables of {} in SQLite.", view.blueprint().name));
    comment(
        &mut out,
        "Identifiers are text (UUID), times are text in UTC (RFC 3339): both sort as they should.",
    );
    out.push_str("PRAGMA journal_mode = 'wal';\nPRAGMA foreign_keys = 1;\n\n");
    if makes_tenant_table(view, store) {
        out.push_str(
            "CREATE TABLE tenant (\n    id TEXT NOT NULL PRIMARY KEY,\n    name TEXT NOT NULL\n) STRICT;\n\n",
        );
    }
    for table in &tables {
        create(&mut out, table);
    }
    let existing: BTreeSet<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    for extra in extras::tables(view, store, &existing) {
        out.push_str(&extra.sqlite);
        out.push('\n');
    }
    for table in &tables {
        for index in table.indexes.iter().filter(|i| matches!(i.method, Method::Ordered | Method::Block)) {
            create_index(&mut out, table, index);
        }
    }
    out
}

fn create(out: &mut String, table: &Table<'_>) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    let key = if table.scoped { list(&[TENANT.to_owned(), "id".to_owned()]) } else { "id".to_owned() };
    lines.push(format!("PRIMARY KEY ({key})"));
    for unique in table.columns.iter().filter(|c| c.unique && c.role == Role::Plain) {
        let name = identifier(&unique.name);
        let columns = if table.scoped { vec![TENANT.to_owned(), name] } else { vec![name] };
        lines.push(format!("UNIQUE ({})", list(&columns)));
    }
    for reference in &table.references {
        lines.push(format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            list(&reference.columns),
            quoted(&reference.to),
            list(&reference.to_columns)
        ));
    }
    let _ =
        writeln!(out, "CREATE TABLE {} (\n    {}\n) STRICT;\n", quoted(&table.name), lines.join(",\n    "));
}

fn column(column: &Column) -> String {
    let name = quoted(&identifier(&column.name));
    let mut text = format!("{name} {}", sqlite_type(column.kind));
    if !column.optional {
        text.push_str(" NOT NULL");
    }
    if !column.listed && column.kind == FieldType::Timestamp {
        text.push_str(" DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))");
    }
    let check = match column.kind {
        FieldType::Currency => Some(format!("{name} GLOB '[A-Z][A-Z][A-Z]'")),
        FieldType::Boolean => Some(format!("{name} IN (0, 1)")),
        FieldType::Json => Some(format!("json_valid({name})")),
        _ => check(column, &name).map(|c| c.replace("char_length(", "length(")),
    };
    if let Some(check) = check {
        let _ = write!(text, " CHECK ({check})");
    }
    text
}

const fn sqlite_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Integer | FieldType::Money | FieldType::Boolean => "INTEGER",
        FieldType::Bytes => "BLOB",
        // Decimals are text, so that no digit is lost; places are text of the form `latitude,longitude`.
        _ => "TEXT",
    }
}

fn create_index(out: &mut String, table: &Table<'_>, index: &Index) {
    for reason in &index.reasons {
        comment(out, &format!("For {reason}."));
    }
    let equal = index.equal.iter().map(|c| quoted(c));
    let order =
        index.order.iter().map(|(c, desc)| format!("{}{}", quoted(c), if *desc { " DESC" } else { "" }));
    let columns = equal.chain(order).collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "CREATE INDEX {} ON {} ({columns});\n", quoted(&index.name), quoted(&table.name));
}

/// The file of a store's schema in this dialect.
pub(crate) fn path(schema: &str) -> String {
    schema.replace(".sql", ".sqlite.sql")
}
