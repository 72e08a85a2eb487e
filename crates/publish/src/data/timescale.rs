//! Tables by time where TimescaleDB keeps them: hypertables with compression and retention. Where the server does not
//! have the extension, such as a developer's plain PostgreSQL, the same file loads and the tables stay whole.

use std::fmt::Write as _;

use super::physical::{Schema, Span, Split, Table};
use super::postgres::Roles;
use super::text::{comment, literal, quoted};

/// Days for which rows stay as they came, because late ones still arrive and changes of compressed rows are slow. A
/// judgement.
pub(crate) const OPEN_DAYS: u32 = 7;

/// Days after which the rows of a table are compressed: never later than half of their life.
pub(crate) fn open_days(table: &Table<'_>) -> u32 {
    table.entity.keep_days.map_or(OPEN_DAYS, |days| OPEN_DAYS.min((days / 2).max(1)))
}

/// The tables that the extension keeps.
fn kept<'s, 'a>(schema: &'s Schema<'a>) -> impl Iterator<Item = (&'s Table<'a>, &'s Split)> {
    schema.tables.iter().filter_map(|t| Some((t, t.split.as_ref().filter(|s| s.by_extension)?)))
}

const fn interval(span: Span) -> &'static str {
    match span {
        Span::Day => "1 day",
        Span::Week => "7 days",
        Span::Month => "30 days",
    }
}

/// Turns tables into hypertables, after everything else is made.
pub(crate) fn hypertables(out: &mut String, schema: &Schema<'_>, roles: &Roles) {
    let names: Vec<&str> = kept(schema).map(|(t, _)| t.name.as_str()).collect();
    if names.is_empty() {
        return;
    }
    out.push('\n');
    comment(
        out,
        "TimescaleDB keeps tables in parts by time. Its jobs run as the owner of the tables, which must be allowed to log in for that: it has no password, so that nobody else can. Apply this with a login that may create the extension and change the role.",
    );
    let _ = writeln!(
        out,
        "DO $$\nBEGIN\n    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN\n        CREATE EXTENSION IF NOT EXISTS timescaledb;\n        ALTER ROLE {} LOGIN;\n    ELSE\n        RAISE WARNING 'TimescaleDB is not installed; without it nothing compresses or drops the old rows of: %', {};\n    END IF;\nEND\n$$;\n",
        quoted(&roles.owner),
        literal(&names.join(", "))
    );
    let mut body = String::new();
    for (table, split) in kept(schema) {
        hypertable(&mut body, table, split);
    }
    let _ = writeln!(
        out,
        "DO $$\nBEGIN\n    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN\n        RETURN;\n    END IF;\n{body}END\n$$;"
    );
}

fn hypertable(out: &mut String, table: &Table<'_>, split: &Split) {
    let name = literal(&quoted(&table.name));
    let column = literal(&split.column);
    let _ = writeln!(
        out,
        "    PERFORM create_hypertable({name}, by_range({column}, INTERVAL '{}'), create_default_indexes => false);",
        interval(split.span)
    );
    // Rows of one series lie together: what the key begins with before the time.
    let series: Vec<String> =
        table.key.columns.iter().take_while(|c| **c != split.column).map(|c| quoted(c)).collect();
    let series = if table.entity.key.is_empty() || series.is_empty() {
        String::new()
    } else {
        format!(", timescaledb.segmentby = {}", literal(&series.join(", ")))
    };
    let _ = writeln!(
        out,
        "    ALTER TABLE {} SET (timescaledb.enable_columnstore = true{series}, timescaledb.orderby = {});",
        quoted(&table.name),
        literal(&format!("{} DESC", quoted(&split.column)))
    );
    let _ = writeln!(
        out,
        "    CALL add_columnstore_policy({name}, after => INTERVAL '{} days');",
        open_days(table)
    );
    if let Some(days) = table.entity.keep_days {
        let _ =
            writeln!(out, "    PERFORM add_retention_policy({name}, drop_after => INTERVAL '{days} days');");
    }
}
