//! What follows from changes: on a terminal and as Markdown.

use loadcase_model::{Figure, Horizon, NumberChange, Tag, Understood, WhatIf};

use crate::Screen;
use crate::honesty::{plain_legend, scan, tagged};
use crate::terminal::paint::{Line, Style, render};
use crate::text::markdown::{Doc, Table, code, name, prose as marked_prose};
use crate::text::plain::{pad, prose, width, wrap};
use crate::text::{clean, sentence};

/// Columns of the headings at the left.
const LEAD: usize = 10;

/// For a terminal.
#[must_use]
pub fn text(result: &WhatIf, screen: Screen) -> String {
    let screen = Screen { width: screen.width.clamp(60, 120), ..screen };
    let mut lines: Vec<Line> = Vec::new();
    let mut section = |title: &str, body: &str| {
        for (i, line) in wrap(body, screen.width - LEAD, 0).into_iter().enumerate() {
            let title = if i == 0 { title } else { "" };
            let lead = title.chars().count();
            lines.push(Line { text: format!("{}{line}", pad(title, LEAD)), lead, style: Style::Plain });
        }
    };
    for change in &result.changes {
        section("IF", &prose(&understood(change), Tag::Computed));
    }
    let how = if result.redesigned {
        "The brief is changed and designed again."
    } else {
        "The blueprint is changed as it stands."
    };
    section("", how);
    for change in &result.decisions {
        let name = |text: &str| {
            if text.is_empty() { "no such question".to_owned() } else { prose(text, Tag::Computed) }
        };
        let because = if change.because.is_empty() {
            String::new()
        } else {
            format!(" ({})", prose(&change.because, Tag::Computed))
        };
        section(
            "DECIDES",
            &format!(
                "{} {} instead of {}{because}",
                prose(&change.question, Tag::Computed),
                name(&change.after),
                name(&change.before)
            ),
        );
    }
    if result.redesigned && result.decisions.is_empty() {
        section("DECIDES", "Every decision stays.");
    }
    for change in &result.requirements {
        let word = if change.met { "met now" } else { "no longer met" };
        section(
            "TARGETS",
            &format!(
                "{} {word}: {}, wanted {}",
                prose(&change.name, Tag::Computed),
                change.forecast.tagged(),
                change.wanted.tagged()
            ),
        );
    }
    for change in &result.bottlenecks {
        section(
            "FULL",
            &format!(
                "{} is full first {}, no longer {}",
                clean(&change.after),
                change.horizon.label(),
                clean(&change.before)
            ),
        );
    }
    lines.extend(table(result));
    if result.is_empty() {
        lines.push(Line::plain("Nothing of the forecast changes."));
    }
    for note in &result.notes {
        for line in wrap(&format!("note: {}", prose(note, Tag::Computed)), screen.width, 2) {
            lines.push(Line { text: line, lead: 0, style: Style::Dim });
        }
    }
    let all: Vec<String> = lines.iter().map(|l| l.text.clone()).collect();
    let used = scan(&all.join("\n"));
    let legend = plain_legend(|tag| used.iter().any(|q| q.tag.is_some_and(|t| t.0 == tag)));
    lines.push(Line { text: legend, lead: 0, style: Style::Dim });
    render(&lines, screen)
}

/// `monthly users: 250k a to 5M u`.
fn understood(change: &Understood) -> String {
    let what = prose(&change.what, Tag::Computed);
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{what}: {} to {}", before.tagged(), after.tagged()),
        (None, Some(after)) => format!("{what}: {}", after.tagged()),
        _ => what,
    }
}

/// Numbers that change, both horizons beside each other.
fn table(result: &WhatIf) -> Vec<Line> {
    let rows = rows(result);
    if rows.is_empty() {
        return Vec::new();
    }
    let mut cells = vec![vec![String::new(), "now".to_owned(), "in 24 months".to_owned()]];
    for (label, now, later) in &rows {
        let told = |change: &Option<&NumberChange>| {
            change.map_or_else(
                || "same".to_owned(),
                |c| format!("{} -> {}{}", c.before.tagged(), c.after.tagged(), percent(&c.before, &c.after)),
            )
        };
        cells.push(vec![label.clone(), told(now), told(later)]);
    }
    let widths: Vec<usize> = (0..3).map(|i| cells.iter().map(|r| width(&r[i])).max().unwrap_or(0)).collect();
    let mut lines = vec![Line::plain("")];
    for row in cells {
        let text: Vec<String> = row.iter().zip(&widths).map(|(c, w)| pad(c, *w)).collect();
        lines.push(Line::plain(format!("  {}", text.join("   ").trim_end())));
    }
    lines.push(Line::plain(""));
    lines
}

/// Numbers by name, with what changes at each horizon.
fn rows(result: &WhatIf) -> Vec<(String, Option<&NumberChange>, Option<&NumberChange>)> {
    let mut rows: Vec<(String, Option<&NumberChange>, Option<&NumberChange>)> = Vec::new();
    for change in &result.numbers {
        let label = crate::text::words(change.name.as_str());
        let at = rows.iter().position(|r| r.0 == label).unwrap_or_else(|| {
            rows.push((label, None, None));
            rows.len() - 1
        });
        match change.horizon {
            Horizon::Now => rows[at].1 = Some(change),
            Horizon::Later => rows[at].2 = Some(change),
        }
    }
    rows
}

/// ` (+12% c)` where that says more than the two numbers.
fn percent(before: &Figure, after: &Figure) -> String {
    let change = after.value / before.value - 1.0;
    if !change.is_finite()
        || change.abs() > 10.0
        || change.abs() < 0.005
        || before.unit == loadcase_model::Unit::Share
    {
        return String::new();
    }
    format!(" ({:+.0}% c)", change * 100.0)
}

/// As Markdown.
#[must_use]
pub fn markdown(result: &WhatIf) -> String {
    let mut doc = Doc::new(&format!("What if: {}", name(&result.name)));
    doc.list(
        result
            .changes
            .iter()
            .map(|c| format!("{}: {}", code(&c.given), marked_prose(&understood(c), Tag::Computed))),
    );
    doc.para(if result.redesigned {
        "The brief is changed and designed again."
    } else {
        "The blueprint is changed as it stands."
    });
    if result.redesigned {
        let mut table = Table::new(&["decision", "was", "becomes", "because"]);
        for change in &result.decisions {
            table.row([
                marked_prose(&change.question, Tag::Computed),
                marked_prose(&change.before, Tag::Computed),
                marked_prose(&change.after, Tag::Computed),
                marked_prose(&change.because, Tag::Computed),
            ]);
        }
        doc.heading(2, "Decisions");
        doc.table(&table, "Every decision stays.");
    }
    let requirements = result.requirements.iter().map(|c| {
        let word = if c.met { "met now" } else { "no longer met" };
        format!(
            "{} {word}: {}, wanted {}",
            marked_prose(&c.name, Tag::Computed),
            tagged(&c.forecast),
            tagged(&c.wanted)
        )
    });
    let bottlenecks = result.bottlenecks.iter().map(|c| {
        format!("{} is full first {}, no longer {}", name(&c.after), c.horizon.label(), name(&c.before))
    });
    let items: Vec<String> = requirements.chain(bottlenecks).collect();
    if !items.is_empty() {
        doc.heading(2, "Targets and bottlenecks");
        doc.list(items);
    }
    doc.heading(2, "Forecast");
    let mut table =
        Table::new(&["", "now, before", "now, after", "in 24 months, before", "in 24 months, after"]);
    for (label, now, later) in rows(result) {
        let pair = |c: Option<&NumberChange>| {
            c.map_or(["same".to_owned(), "same".to_owned()], |c| [tagged(&c.before), tagged(&c.after)])
        };
        let ([a, b], [c, d]) = (pair(now), pair(later));
        table.row([name(&label), a, b, c, d]);
    }
    doc.table(&table, "Nothing of the forecast changes.");
    if !result.notes.is_empty() {
        doc.heading(2, "Notes");
        doc.list(result.notes.iter().map(|n| sentence(&marked_prose(n, Tag::Computed))));
    }
    doc.finish()
}
