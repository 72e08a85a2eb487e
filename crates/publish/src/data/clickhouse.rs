//! `analytics.clickhouse.sql`: tables of a column store, sorted by what is asked for.

use std::fmt::Write as _;

use loadcase_model::{AccessKind, FieldType};

use super::physical::{Col, Schema, Table, Use};
use super::text::comment;
use crate::text::clean;

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

fn literal(text: &str) -> String {
    format!("'{}'", clean(text).replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Types. Texts of few different values are kept in a dictionary.
fn clickhouse_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id | FieldType::Ref => "UUID",
        FieldType::Enum | FieldType::Currency => "LowCardinality(String)",
        FieldType::String
        | FieldType::Text
        | FieldType::Url
        | FieldType::Email
        | FieldType::Json
        | FieldType::Bytes => "String",
        FieldType::Integer | FieldType::Money => "Int64",
        FieldType::Decimal => "Decimal(38, 12)",
        FieldType::Float => "Float64",
        FieldType::Boolean => "Bool",
        FieldType::Timestamp => "DateTime64(3, 'UTC')",
        FieldType::Date => "Date",
        FieldType::Point => "Point",
    }
}

/// The schema: the tables that are summed or only ever grow.
pub(crate) fn schema(name: &str, schema: &Schema<'_>) -> String {
    let mut out = String::new();
    comment(&mut out, &format!("Tables of {name} for analytical queries, in ClickHouse's dialect."));
    comment(
        &mut out,
        "Fed from the system of record in batches of thousands of rows. The order of a table is that of its most frequent query; a row that comes twice is merged by its version, so that a batch can be sent again.",
    );
    out.push('\n');
    for (n, table) in schema.tables.iter().enumerate().filter(|(_, t)| !t.standing) {
        let uses: Vec<&Use<'_>> = schema.uses.iter().filter(|u| u.table == n).collect();
        create(&mut out, table, &uses);
    }
    out
}

/// Days kept up to which each has a partition: one insert takes rows of a hundred partitions at most.
const MOST_DAYS_APART: u32 = 92;

fn create(out: &mut String, table: &Table<'_>, uses: &[&Use<'_>]) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    let order = order(table, uses);
    for used in uses.iter().filter(|u| matches!(u.kind(), AccessKind::Aggregate | AccessKind::ReadMany)) {
        comment(out, &format!("For {}.", used.title));
    }
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|c| column(c, order.contains(&c.name)))
        .chain(["`_version` UInt64 DEFAULT toUnixTimestamp64Milli(now64(3))".to_owned()])
        .collect();
    let time = table.age().map(|c| c.name.clone());
    let mut text = format!(
        "CREATE TABLE {} (\n    {}\n)\nENGINE = ReplacingMergeTree(`_version`)",
        quoted(&table.name),
        columns.join(",\n    ")
    );
    // What is kept for days goes with whole partitions of a day.
    let by_day = table.entity.keep_days.is_some_and(|days| days <= MOST_DAYS_APART);
    if let Some(time) = &time {
        let period = if by_day { "toYYYYMMDD" } else { "toYYYYMM" };
        let _ = write!(text, "\nPARTITION BY {period}({})", quoted(time));
    }
    let _ = write!(text, "\nORDER BY ({})", order.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", "));
    if let (Some(time), Some(days)) = (&time, table.entity.keep_days) {
        let _ = write!(text, "\nTTL toDateTime({}) + INTERVAL {days} DAY DELETE", quoted(time));
        // Files whose rows are all past it are dropped; without it every file is written anew as rows fall due.
        text.push_str("\nSETTINGS ttl_only_drop_parts = 1");
    }
    let about: String = clean(summary).chars().take(500).collect();
    let _ = writeln!(out, "{text}\nCOMMENT {};\n", literal(&about));
}

fn column(col: &Col, sorts: bool) -> String {
    let kind = clickhouse_type(col.column.kind);
    let whole = match (col.column.optional && !sorts, col.column.kind) {
        (true, FieldType::Enum | FieldType::Currency) => "LowCardinality(Nullable(String))".to_owned(),
        (true, FieldType::Point) | (false, _) => kind.to_owned(),
        (true, _) => format!("Nullable({kind})"),
    };
    format!("{} {whole}", quoted(&col.name))
}

/// Columns that queries select by, those of the query that reads most rows first; then the time; then the key,
/// which makes rows distinct.
fn order(table: &Table<'_>, uses: &[&Use<'_>]) -> Vec<String> {
    let mut asked: Vec<&&Use<'_>> =
        uses.iter().filter(|u| matches!(u.kind(), AccessKind::Aggregate | AccessKind::ReadMany)).collect();
    asked.sort_by(|a, b| b.access.rows.total_cmp(&a.access.rows));
    let mut order: Vec<String> = table.tenant().map(str::to_owned).into_iter().collect();
    if let Some(first) = asked.first() {
        order.extend(first.equal.iter().cloned());
        order.extend(first.range.iter().cloned());
    }
    order.extend(table.age().map(|c| c.name.clone()));
    order.extend(table.key.columns.iter().cloned());
    // A row that changes must keep its place, or its versions would not be merged.
    let stays = |c: &String| {
        let kind = table.kind(c);
        let steady =
            matches!(kind, Some(FieldType::Id | FieldType::Ref | FieldType::Timestamp | FieldType::Date));
        table.entity.append_only || table.key.columns.contains(c) || steady
    };
    order.retain(stays);
    let mut seen = std::collections::BTreeSet::new();
    order.retain(|c| seen.insert(c.clone()) && table.kind(c) != Some(FieldType::Point));
    order
}
