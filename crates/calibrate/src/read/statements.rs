//! Statement statistics of PostgreSQL: `\copy (select * from pg_stat_statements) to FILE csv header`.

use loadcase_model::{Diagnostic, Span};

use crate::{Measured, Statement};

/// Most statements.
const MOST_STATEMENTS: usize = 100_000;
/// Most of a statement's text that is kept.
const MOST_TEXT: usize = 4096;

/// Names of columns, newer versions first.
struct Columns {
    text: usize,
    calls: usize,
    mean: usize,
    deviation: Option<usize>,
    io: Vec<usize>,
}

pub(super) fn read(text: &str, notes: &mut Vec<String>) -> Result<Vec<Measured>, Box<Diagnostic>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|e| wrong(&e, text))?)?;
    let mut found = Vec::new();
    let mut io_seen = false;
    for record in reader.records().take(MOST_STATEMENTS) {
        let record = record.map_err(|e| wrong(&e, text))?;
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let number =
            |i: usize| cell(i).parse::<f64>().ok().filter(|n| n.is_finite() && (0.0..1e15).contains(n));
        let (Some(calls), Some(mean)) = (number(columns.calls), number(columns.mean)) else {
            let start =
                record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0)).min(text.len());
            return Err(Box::new(
                Diagnostic::error(
                    "invalid-measurement",
                    "`calls` and the mean time of this statement are no numbers",
                )
                .at(Span::new(start, start), "")
                .help("export the view as CSV with headings, with a dot in decimals"),
            ));
        };
        if calls < 1.0 {
            continue;
        }
        let io: f64 = columns.io.iter().filter_map(|i| number(*i)).sum::<f64>() / calls;
        io_seen |= io > 0.0;
        let statement: String = cell(columns.text).chars().take(MOST_TEXT).collect();
        if is_housekeeping(&statement) {
            continue;
        }
        let deviation = columns.deviation.and_then(number).filter(|_| calls >= 30.0 && mean > 0.0);
        found.push(Statement {
            reads: is_reading(&statement),
            text: statement,
            calls: calls as u64,
            mean_ms: mean,
            scv: deviation.map(|d| (d / mean).powi(2)),
            io_ms: Some(io.min(mean)),
        });
    }
    if !io_seen {
        notes.push(
            "the server did not time its blocks (track_io_timing is off): all of the mean is counted as work"
                .to_owned(),
        );
        found.iter_mut().for_each(|s| s.io_ms = None);
    }
    Ok(found.into_iter().map(Measured::Statement).collect())
}

fn columns(headers: &csv::StringRecord) -> Result<Columns, Box<Diagnostic>> {
    let place = |names: &[&str]| names.iter().find_map(|n| headers.iter().position(|h| h.trim() == *n));
    let missing = |name: &str| {
        Box::new(
            Diagnostic::error("invalid-measurement", format!("there is no column `{name}`"))
                .at(Span::new(0, 0), "")
                .help("export the whole view: \\copy (select * from pg_stat_statements) to FILE csv header"),
        )
    };
    Ok(Columns {
        text: place(&["query"]).ok_or_else(|| missing("query"))?,
        calls: place(&["calls"]).ok_or_else(|| missing("calls"))?,
        mean: place(&["mean_exec_time", "mean_time"]).ok_or_else(|| missing("mean_exec_time"))?,
        deviation: place(&["stddev_exec_time", "stddev_time"]),
        io: [["shared_blk_read_time", "blk_read_time"], ["shared_blk_write_time", "blk_write_time"]]
            .iter()
            .filter_map(|names| place(names))
            .collect(),
    })
}

/// The first word that is no comment and no opening.
fn first_word(statement: &str) -> String {
    let mut rest = statement.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    while let Some(comment) = rest.strip_prefix("/*") {
        rest = comment.split_once("*/").map_or("", |(_, after)| after).trim_start();
    }
    rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or("").to_ascii_lowercase()
}

fn is_reading(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    let writes = ["insert ", "update ", "delete ", "for update", "for no key update"];
    match first_word(statement).as_str() {
        "select" => !lower.contains("for update") && !lower.contains("for no key update"),
        "with" => !writes.iter().any(|w| lower.contains(w)),
        "table" | "values" => true,
        _ => false,
    }
}

/// Statements that are no request's: transactions, settings, what drivers ask for between requests, the statistics
/// themselves.
fn is_housekeeping(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    let work = ["select", "with", "insert", "update", "delete", "merge", "table", "values"];
    let word = first_word(statement);
    let is_empty = word == "select" && !lower.split_whitespace().any(|w| w == "from");
    is_empty || !work.contains(&word.as_str()) || lower.contains("pg_stat_") || lower.contains("pg_catalog.")
}

fn wrong(error: &csv::Error, text: &str) -> Box<Diagnostic> {
    let at = error.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0)).min(text.len());
    Box::new(
        Diagnostic::error("invalid-measurement", "this line is no CSV")
            .at(Span::new(at, at), "")
            .help("export the view as CSV with headings"),
    )
}
