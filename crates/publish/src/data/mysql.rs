//! `schema.sql` in the dialect of MySQL and MariaDB.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{FieldType, Id, Part};

use super::columns::{Column, Role};
use super::names::shorten;
use super::physical::{Col, Identity, Index, Method, OnDelete, Schema, Table};
use super::postgres::bounds;
use super::source::Source;
use super::text::{EMAIL, STRING, URL, comment};
use crate::text::clean;

/// Longest key of the storage engine, bytes; a character takes four.
const LONGEST_KEY: usize = 3_072;
const PER_CHARACTER: usize = 4;
/// Characters of a text that an index holds where the whole would be too long.
const HEAD: usize = 64;

pub(crate) fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// A text as a literal: a backslash begins an escape here.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", clean(text).replace('\\', "\\\\").replace('\'', "''"))
}

fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

/// The schema of one store.
pub(crate) fn schema(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> String {
    let lacks = |what: &str| source.lacks(store, what);
    let mut out = String::new();
    comment(&mut out, &format!("Tables of {} for MySQL and MariaDB.", source.keeping.blueprint.name));
    comment(
        &mut out,
        "Identifiers are UUIDs of version 7 in 16 bytes, made by the application: they begin with the time, so that rows lie in the order in which they came. Times are UTC.",
    );
    if schema.tables.iter().any(|t| t.scoped) {
        comment(
            &mut out,
            "This store has no policies on rows: tenants are kept apart by the keys, which begin with the tenant, and by the one module through which every statement goes.",
        );
    }
    out.push_str("SET NAMES utf8mb4;\nSET time_zone = '+00:00';\n\n");
    for table in &schema.tables {
        create(&mut out, table, &lacks);
    }
    if !lacks("foreign-keys") {
        foreign_keys(&mut out, schema);
    }
    if !lacks("triggers") {
        guards(&mut out, schema);
    }
    out
}

fn create(out: &mut String, table: &Table<'_>, lacks: &impl Fn(&str) -> bool) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    for (column, to, why) in &table.loose {
        comment(out, &format!("{column} refers to {to}; not checked here: {why}."));
    }
    for partial in &table.partials {
        let only: Vec<String> =
            partial.only.iter().map(|(c, when)| super::postgres::counts(table, c, when)).collect();
        comment(
            out,
            &format!(
                "{} is unique among rows in which {}. This store has no index over some rows: lock the row that the first column names, look for one, then write, all in one transaction.",
                partial.columns.join(", "),
                only.join(" and ")
            ),
        );
    }
    let mut lines: Vec<String> = table.columns.iter().map(|c| column(table, c)).collect();
    lines.push(format!("PRIMARY KEY ({})", key(table, &table.key.columns)));
    lines.extend(
        table.uniques.iter().map(|u| format!("UNIQUE KEY {} ({})", quoted(&u.name), key(table, &u.columns))),
    );
    lines.extend(table.indexes.iter().filter_map(|i| index(table, i)));
    lines
        .extend(table.ordered_pairs().iter().map(|(a, b)| format!("CHECK ({} <= {})", quoted(a), quoted(b))));
    // Tables with places cannot have partitions here.
    let whole = lacks("partitions") || table.columns.iter().any(|c| c.column.kind == FieldType::Point);
    let split = table.split.as_ref().filter(|_| !whole);
    let split = split.map_or_else(String::new, |s| {
        format!(
            "\nPARTITION BY RANGE COLUMNS ({}) (PARTITION p_rest VALUES LESS THAN (MAXVALUE))",
            quoted(&s.column)
        )
    });
    if let Some(s) = table.split.as_ref().filter(|_| !whole) {
        let keep = table
            .entity
            .keep_days
            .map_or_else(String::new, |d| format!(" and drops those older than {d} days"));
        comment(
            out,
            &format!(
                "A daily job splits the next {} off p_rest with REORGANIZE PARTITION{keep}.",
                s.span.word()
            ),
        );
    }
    let _ = writeln!(
        out,
        "CREATE TABLE {} (\n    {}\n) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4{split};\n",
        quoted(&table.name),
        lines.join(",\n    ")
    );
}

/// Types. Short texts have a length, because keys need one; addresses and codes are ASCII and compare byte by byte.
fn mysql_type(kind: FieldType) -> String {
    match kind {
        FieldType::Id | FieldType::Ref => "binary(16)".to_owned(),
        FieldType::String => format!("varchar({STRING})"),
        FieldType::Enum => "varchar(64)".to_owned(),
        FieldType::Text => "mediumtext".to_owned(),
        FieldType::Currency => "char(3) CHARACTER SET ascii COLLATE ascii_bin".to_owned(),
        FieldType::Url => format!("varchar({URL}) CHARACTER SET ascii COLLATE ascii_bin"),
        FieldType::Email => format!("varchar({EMAIL})"),
        FieldType::Integer | FieldType::Money => "bigint".to_owned(),
        FieldType::Decimal => "decimal(38, 12)".to_owned(),
        FieldType::Float => "double".to_owned(),
        FieldType::Boolean => "boolean".to_owned(),
        FieldType::Timestamp => "datetime(6)".to_owned(),
        FieldType::Date => "date".to_owned(),
        FieldType::Json => "json".to_owned(),
        FieldType::Point => "point".to_owned(),
        FieldType::Bytes => "varbinary(1024)".to_owned(),
    }
}

/// Characters that short texts of unique groups may have, so that the longest group fits into a key.
fn room(table: &Table<'_>, name: &str) -> usize {
    let groups = table.unique_groups().filter(|u| u.columns.iter().any(|c| c == name));
    let fits = groups.map(|u| {
        let text = |c: &&String| kept_as(table, c) == Some(FieldType::String);
        let others: usize = u.columns.iter().filter(|c| !text(c)).map(|c| width(kept_as(table, c))).sum();
        let texts = u.columns.iter().filter(text).count().max(1);
        LONGEST_KEY.saturating_sub(others) / texts / PER_CHARACTER
    });
    let longest = table.column(name).and_then(|c| super::bounds::longest(&c.column)).unwrap_or(STRING);
    fits.min().unwrap_or(longest).clamp(16, longest.max(16))
}

/// The type a column is kept as: a text too long for a key at four bytes a character is a token or an address, which is
/// ASCII.
fn kept_as(table: &Table<'_>, name: &str) -> Option<FieldType> {
    let column = &table.column(name)?.column;
    let long = column.kind == FieldType::String
        && super::bounds::longest(column).is_some_and(|l| l > LONGEST_KEY / PER_CHARACTER);
    Some(if long { FieldType::Url } else { column.kind })
}

fn column(table: &Table<'_>, col: &Col) -> String {
    let (column, name) = (&col.column, quoted(&col.name));
    if column.role == Role::Identifier && table.identity == Identity::Number {
        return format!("{name} bigint NOT NULL AUTO_INCREMENT");
    }
    let kind = match kept_as(table, &col.name).unwrap_or(column.kind) {
        FieldType::String => format!("varchar({})", room(table, &col.name)),
        other => mysql_type(other),
    };
    let mut text = format!("{name} {kind}");
    if !column.optional {
        text.push_str(" NOT NULL");
    }
    if !column.listed && !column.optional && column.kind == FieldType::Timestamp {
        text.push_str(" DEFAULT CURRENT_TIMESTAMP(6)");
        if column.name == "updated_at" {
            text.push_str(" ON UPDATE CURRENT_TIMESTAMP(6)");
        }
    }
    for check in checks(column, &name) {
        let _ = write!(text, " CHECK ({check})");
    }
    text
}

fn checks(column: &Column, name: &str) -> Vec<String> {
    let of_kind = match column.kind {
        FieldType::Currency => Some(format!("{name} REGEXP '^[A-Z]{{3}}$'")),
        FieldType::Enum if !column.values.is_empty() => {
            let values: BTreeSet<String> = column.values.iter().map(|v| literal(v)).collect();
            Some(format!("{name} IN ({})", values.into_iter().collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    };
    of_kind.into_iter().chain(bounds(column, name)).collect()
}

/// Bytes that a column takes in a key.
fn width(kind: Option<FieldType>) -> usize {
    match kind {
        Some(FieldType::String) => STRING * PER_CHARACTER,
        Some(FieldType::Email) => EMAIL * PER_CHARACTER,
        Some(FieldType::Url) => URL,
        Some(FieldType::Enum) => 64 * PER_CHARACTER,
        Some(FieldType::Bytes) => 1_024,
        _ => 20,
    }
}

/// The columns of a key; where they are too long together, texts count with their beginning only.
fn key(table: &Table<'_>, columns: &[String]) -> String {
    parts(table, columns.iter().map(|c| (c.as_str(), false)))
}

fn parts<'c>(table: &Table<'_>, columns: impl Iterator<Item = (&'c str, bool)>) -> String {
    let columns: Vec<(&str, bool)> = columns.collect();
    let wide = |name: &str| match kept_as(table, name) {
        Some(FieldType::String) => room(table, name) * PER_CHARACTER,
        other => width(other),
    };
    let all: usize = columns.iter().map(|(c, _)| wide(c)).sum();
    let long = |name: &str| wide(name) > HEAD * PER_CHARACTER;
    let never = |name: &str| matches!(table.kind(name), Some(FieldType::Text | FieldType::Json));
    columns
        .iter()
        .map(|(c, desc)| {
            let head =
                if never(c) || all > LONGEST_KEY && long(c) { format!("({HEAD})") } else { String::new() };
            format!("{}{head}{}", quoted(c), if *desc { " DESC" } else { "" })
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// An index. There are no partial ones: the constants come first instead.
fn index(table: &Table<'_>, index: &Index) -> Option<String> {
    let name = quoted(&index.name);
    let mut about: Vec<&str> = index.serves.iter().map(String::as_str).collect();
    about.dedup();
    let about: String = format!("Serves: {}", about.join("; ")).chars().take(1_000).collect();
    let about = format!(" COMMENT {}", literal(&about));
    match index.method {
        Method::Inverted => {
            let column = index.equal.first()?;
            (table.kind(column) == Some(FieldType::Text))
                .then(|| format!("FULLTEXT KEY {name} ({}){about}", quoted(column)))
        }
        Method::Spatial => {
            let column = index.equal.first().and_then(|c| table.column(c)).filter(|c| !c.column.optional)?;
            Some(format!("SPATIAL KEY {name} ({}){about}", quoted(&column.name)))
        }
        Method::Ordered => {
            let constants =
                index.only.iter().map(|(c, _)| c.as_str()).filter(|c| index.parts().all(|(p, _)| p != *c));
            let columns: Vec<(&str, bool)> = index
                .parts()
                .map(|(c, d)| (c, d == Some(true)))
                .take(index.equal.len())
                .chain(constants.map(|c| (c, false)))
                .chain(index.order.iter().map(|(c, d)| (c.as_str(), *d)))
                .chain(index.include.iter().map(|c| (c.as_str(), false)))
                .collect();
            let fits = |(c, _): &&(&str, bool)| table.kind(c) != Some(FieldType::Json);
            let columns: Vec<(&str, bool)> = columns.iter().filter(fits).copied().take(16).collect();
            Some(format!("KEY {name} ({}){about}", parts(table, columns.into_iter())))
        }
    }
}

fn foreign_keys(out: &mut String, schema: &Schema<'_>) {
    for table in schema.tables.iter().filter(|t| t.split.is_none()) {
        for reference in table.references.iter().filter(|r| schema.tables[r.to].split.is_none()) {
            let on_delete = match reference.on_delete {
                OnDelete::Cascade => " ON DELETE CASCADE",
                OnDelete::Clear if reference.columns.len() == 1 => " ON DELETE SET NULL",
                OnDelete::Refuse | OnDelete::Clear => "",
            };
            if reference.circular {
                comment(
                    out,
                    "Part of a circle of required references, which this store could not fill: not checked.",
                );
                continue;
            }
            let _ = writeln!(
                out,
                "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({}){on_delete};",
                quoted(&table.name),
                list(&reference.columns),
                quoted(&schema.tables[reference.to].name),
                list(&reference.to_columns)
            );
        }
    }
    out.push('\n');
}

/// Entries of the books never change. Their sum is checked where they are written: this store checks nothing at
/// the end of a transaction.
fn guards(out: &mut String, schema: &Schema<'_>) {
    for table in schema.tables.iter().filter(|t| schema.stays(t)) {
        let books = table.plays(Part::LedgerEntry) || table.plays(Part::LedgerTransaction);
        comment(
            out,
            if books {
                "Entries stay as they are. That a posting sums to zero is checked by the procedure that writes it and by a nightly job."
            } else {
                "Rows stay as they are; upkeep alone deletes them, with a login of its own."
            },
        );
        for (what, verb) in
            [("UPDATE", "changed"), ("DELETE", "deleted")].into_iter().take(1 + usize::from(books))
        {
            let name = quoted(&shorten(format!("{}_no_{}", table.name, what.to_lowercase())));
            let _ = writeln!(
                out,
                "CREATE TRIGGER {name} BEFORE {what} ON {} FOR EACH ROW\n    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rows that only grow are never {verb}';\n",
                quoted(&table.name)
            );
        }
    }
}

/// The file of a store's schema in this dialect.
pub(crate) fn path(schema: &str) -> String {
    schema.replace(".sql", ".mysql.sql")
}
