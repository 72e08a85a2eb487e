//! Tables of a document: which of their cells weigh or give reasons instead of stating what is.

use crate::recall::is_weighing;
use crate::recall::record::is_binding;

/// Titles of columns that weigh, beyond those of sections.
const WEIGHING: &[&str] =
    &["lost", "loser", "advantage", "disadvantage", "score", "rating", "instead", "not chosen"];

/// Titles of columns beside a statement: why it was made, and what was asked.
const REASONS: &[&str] = &[
    "because",
    "why",
    "reason",
    "rationale",
    "motivation",
    "note",
    "comment",
    "remark",
    "context",
    "question",
];

/// Titles of columns that say whether a row holds.
const STATES: &[&str] = &["status", "state", "verdict", "accepted"];

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    States,
    Weighs,
    Reasons,
    Status,
}

/// The bytes of cells that state nothing.
pub(crate) fn asides(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut columns: Option<Vec<Column>> = None;
    let mut before: Option<(usize, &str)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let row = (at, line);
        at += line.len();
        if !line.contains('|') {
            columns = None;
            before = None;
        } else if columns.is_none() && is_rule(line) {
            columns = before.map(|header| cells(header).iter().map(|&(a, b)| column(&text[a..b])).collect());
        } else if let Some(columns) = &columns {
            set_aside(text, row, columns, &mut found);
        } else {
            before = Some(row);
        }
    }
    found
}

/// Notes the cells of a row that state nothing.
fn set_aside(text: &str, row: (usize, &str), columns: &[Column], found: &mut Vec<(usize, usize)>) {
    let cells = cells(row);
    let of = |wanted: Column| {
        let columns = columns.iter().zip(&cells);
        columns.filter(move |(column, _)| **column == wanted).map(|(_, cell)| *cell)
    };
    let fails = of(Column::Status).any(|(a, b)| !is_binding(&text[a..b]));
    // A table whose rows are options compares: its other cells tell of each, not of what was chosen.
    if fails || columns.first() == Some(&Column::Weighs) {
        found.push((row.0, row.0 + row.1.len()));
        return;
    }
    found.extend(of(Column::Weighs).chain(of(Column::Reasons)));
}

fn column(title: &str) -> Column {
    let bare = title.trim().trim_matches(['*', '_', '`', ' ']).to_lowercase();
    let begins = |list: &[&str]| list.iter().any(|word| bare.starts_with(word));
    if is_weighing(&bare) || begins(WEIGHING) {
        Column::Weighs
    } else if begins(REASONS) {
        Column::Reasons
    } else if begins(STATES) {
        Column::Status
    } else {
        Column::States
    }
}

/// Whether a line is the rule below a header: `|---|:--:|`.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.trim().chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// The bytes of the cells of a row.
fn cells((start, line): (usize, &str)) -> Vec<(usize, usize)> {
    let trimmed = line.trim_end();
    let indent = trimmed.len() - trimmed.trim_start().len();
    let mut from = indent + usize::from(trimmed[indent..].starts_with('|'));
    let mut cells = Vec::new();
    for (i, _) in trimmed.match_indices('|').filter(|(i, _)| !trimmed[..*i].ends_with('\\')) {
        if i >= from {
            cells.push((start + from, start + i));
            from = i + 1;
        }
    }
    if from < trimmed.len() {
        cells.push((start + from, start + trimmed.len()));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aside(text: &str) -> Vec<&str> {
        asides(text).into_iter().map(|(a, b)| text[a..b].trim()).collect()
    }

    #[test]
    fn comparisons_and_reasons_are_set_aside() {
        let compared = "| Option | Cost |\n|---|---|\n| Kafka | high |\n| Table | low |\n\ntext | more\n";
        assert_eq!(aside(compared), ["| Kafka | high |", "| Table | low |"]);
        let decided = "question | decision | because\n--|:--|--\nQueue? | A table | Kafka costs more\n";
        assert_eq!(aside(decided), ["Queue?", "Kafka costs more"]);
        let states = "| Decision | Status |\n|-|-|\n| Kafka | rejected |\n| MySQL | accepted |\n";
        assert_eq!(aside(states), ["| Kafka | rejected |"]);
        assert!(aside("| Store | MySQL |\n|---|---|\n| Queue | a \\| b |\n").is_empty());
        assert!(aside("a | b\n|\n||\n|-\n").is_empty());
    }
}
