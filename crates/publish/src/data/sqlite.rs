//! `schema.sqlite.sql`: the tables of a store that runs inside the process, in SQLite's dialect.

use std::fmt::Write as _;

use loadcase_model::{FieldType, When};

use super::columns::Role;
use super::physical::{Col, Identity, Index, Method, OnDelete, Schema, Table};
use super::postgres::{bounds, checks};
use super::text::{self, comment};

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
    "raise",
    "set",
    "transaction",
    "update",
    "values",
];

pub(crate) fn quoted(name: &str) -> String {
    if RESERVED.contains(&name) { format!("\"{name}\"") } else { text::quoted(name) }
}

fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

/// The schema of one store.
pub(crate) fn schema(name: &str, schema: &Schema<'_>) -> String {
    let mut out = String::new();
    comment(&mut out, &format!("Tables of {name} in SQLite."));
    comment(
        &mut out,
        "Identifiers are text (UUID), times are text in UTC (RFC 3339): both sort as they should.",
    );
    out.push_str("PRAGMA journal_mode = 'wal';\nPRAGMA foreign_keys = 1;\n\n");
    for table in &schema.tables {
        create(&mut out, schema, table);
    }
    for table in &schema.tables {
        for index in table.indexes.iter().filter(|i| i.method == Method::Ordered) {
            create_index(&mut out, table, index);
        }
    }
    out
}

fn create(out: &mut String, schema: &Schema<'_>, table: &Table<'_>) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    let mut lines: Vec<String> = table.columns.iter().map(|c| column(table, c)).collect();
    if table.identity != Identity::Number {
        lines.push(format!("PRIMARY KEY ({})", list(&table.key.columns)));
    }
    lines.extend(table.uniques.iter().map(|u| format!("UNIQUE ({})", list(&u.columns))));
    lines
        .extend(table.ordered_pairs().iter().map(|(a, b)| format!("CHECK ({} <= {})", quoted(a), quoted(b))));
    for reference in &table.references {
        let on_delete = match reference.on_delete {
            OnDelete::Refuse => "",
            OnDelete::Cascade => " ON DELETE CASCADE",
            // The tenant beside it may not become empty, so the application clears the reference first.
            OnDelete::Clear if reference.columns.len() > 1 => "",
            OnDelete::Clear => " ON DELETE SET NULL",
        };
        lines.push(format!(
            "FOREIGN KEY ({}) REFERENCES {} ({}){on_delete}{}",
            list(&reference.columns),
            quoted(&schema.tables[reference.to].name),
            list(&reference.to_columns),
            if reference.circular { " DEFERRABLE INITIALLY DEFERRED" } else { "" }
        ));
    }
    let _ =
        writeln!(out, "CREATE TABLE {} (\n    {}\n) STRICT;\n", quoted(&table.name), lines.join(",\n    "));
    for partial in &table.partials {
        let only = partial.only.iter().map(|(c, when)| counted(table, c, when));
        let _ = writeln!(out, "{}\n", super::postgres::unique_among(table, partial, only));
    }
}

/// What a column holds in the rows of an index, where true is one.
fn counted(table: &Table<'_>, column: &str, when: &When) -> String {
    super::postgres::counts(table, column, when).replace(" = true", " = 1").replace(" = false", " = 0")
}

fn column(table: &Table<'_>, col: &Col) -> String {
    let (column, name) = (&col.column, quoted(&col.name));
    if column.role == Role::Identifier && table.identity == Identity::Number {
        return format!("{name} INTEGER PRIMARY KEY");
    }
    let mut text = format!("{name} {}", sqlite_type(column.kind));
    if !column.optional {
        text.push_str(" NOT NULL");
    }
    if !column.listed && column.kind == FieldType::Timestamp && !column.optional {
        text.push_str(" DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))");
    }
    let checks = match column.kind {
        FieldType::Currency => vec![format!("{name} GLOB '[A-Z][A-Z][A-Z]'")],
        FieldType::Boolean => vec![format!("{name} IN (0, 1)")],
        FieldType::Json => vec![format!("json_valid({name})")],
        // Decimals are text, which does not compare as numbers do.
        FieldType::Decimal => bounds(column, &format!("CAST({name} AS REAL)")).into_iter().collect(),
        _ => checks(column, &name).into_iter().map(|c| c.replace("char_length(", "length(")).collect(),
    };
    for check in checks {
        let _ = write!(text, " CHECK ({check})");
    }
    text
}

const fn sqlite_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Integer | FieldType::Money | FieldType::Boolean => "INTEGER",
        FieldType::Float => "REAL",
        FieldType::Bytes => "BLOB",
        // Decimals are text, so that no digit is lost; places are text of the form `latitude,longitude`.
        _ => "TEXT",
    }
}

fn create_index(out: &mut String, table: &Table<'_>, index: &Index) {
    for reason in &index.serves {
        comment(out, &format!("For {reason}."));
    }
    let parts = index
        .parts()
        .map(|(c, desc)| format!("{}{}", quoted(c), if desc == Some(true) { " DESC" } else { "" }));
    // Columns carried along are columns like the others here.
    let columns: Vec<String> = parts.chain(index.include.iter().map(|c| quoted(c))).collect();
    let mut only: Vec<String> = index.only.iter().map(|(c, when)| counted(table, c, when)).collect();
    if index.filled {
        only.extend(index.parts().next().map(|(c, _)| format!("{} IS NOT NULL", quoted(c))));
    }
    let only = if only.is_empty() { String::new() } else { format!(" WHERE {}", only.join(" AND ")) };
    let _ = writeln!(
        out,
        "CREATE INDEX {} ON {} ({}){only};\n",
        quoted(&index.name),
        quoted(&table.name),
        columns.join(", ")
    );
}

/// The file of a store's schema in this dialect.
pub(crate) fn path(schema: &str) -> String {
    schema.replace(".sql", ".sqlite.sql")
}
