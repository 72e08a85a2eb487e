//! Two blueprints against each other: on a terminal and as Markdown.

use loadcase_model::{Better, Contest, Duel, Horizon, Interval, format_quantity};

use crate::Screen;
use crate::honesty::{plain_legend, scan};
use crate::terminal::paint::{Line, Style, render};
use crate::text::clean;
use crate::text::markdown::{Doc, Table, name};
use crate::text::plain::{pad, width, wrap};

/// For a terminal.
#[must_use]
pub fn text(duel: &Duel, screen: Screen) -> String {
    let screen = Screen { width: screen.width.clamp(80, 120), ..screen };
    let mut lines = vec![
        Line::plain(format!("A  {}", clean(&duel.a))),
        Line::plain(format!("B  {}", clean(&duel.b))),
        Line::plain(load(duel)),
        Line::plain(""),
    ];
    let mut cells: Vec<(Style, Vec<String>)> =
        vec![(Style::Plain, ["", "A", "B", "B minus A", "better"].map(str::to_owned).to_vec())];
    let mut group = |title: &str, contests: &[Contest]| {
        cells.push((
            Style::Plain,
            vec![title.to_owned(), String::new(), String::new(), String::new(), String::new()],
        ));
        for c in contests {
            let row = vec![
                format!("  {}", c.measure),
                c.a.tagged(),
                c.b.tagged(),
                difference(&c.difference),
                word(c.better).to_owned(),
            ];
            cells.push((Style::Plain, row));
        }
    };
    if !duel.forecast.is_empty() {
        group("By the forecast", &duel.forecast);
    }
    for scenario in &duel.scenarios {
        group(&clean(&scenario.name), &scenario.measures);
    }
    let widths: Vec<usize> = (0..5)
        .map(|i| {
            cells
                .iter()
                .filter(|(_, r)| i > 0 || !r[1].is_empty())
                .map(|(_, r)| width(&r[i]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    for (style, row) in cells {
        let line: Vec<String> = if row[1].is_empty() && !row[0].is_empty() {
            vec![row[0].clone()]
        } else {
            row.iter().zip(&widths).map(|(c, w)| pad(c, *w)).collect()
        };
        lines.push(Line { text: line.join("  ").trim_end().to_owned(), lead: 0, style });
    }
    lines.push(Line::plain(""));
    for told in super::text::left_out(&duel.skipped) {
        lines.extend(wrap(&told, screen.width, 2).into_iter().map(|text| Line {
            text,
            lead: 0,
            style: Style::Dim,
        }));
    }
    for note in &duel.notes {
        let told = format!("note: {}", crate::text::plain::prose(note, loadcase_model::Tag::Assumed));
        lines.extend(wrap(&told, screen.width, 2).into_iter().map(|text| Line {
            text,
            lead: 0,
            style: Style::Dim,
        }));
    }
    lines.push(Line::plain(summary(duel)));
    lines.push(Line::plain(
        "One is better only where the 95% c interval of the difference does not include zero.".to_owned(),
    ));
    let all: Vec<String> = lines.iter().map(|l| l.text.clone()).collect();
    let used = scan(&all.join("\n"));
    let legend = plain_legend(|tag| used.iter().any(|q| q.tag.is_some_and(|t| t.0 == tag)));
    lines.push(Line { text: legend, lead: 0, style: Style::Dim });
    render(&lines, screen)
}

fn load(duel: &Duel) -> String {
    let when = match duel.horizon {
        Horizon::Now => "of today",
        Horizon::Later => "in 24 months",
    };
    format!(
        "Each under the load {when} of its own blueprint, with the same random numbers; seed {} a.",
        duel.seed
    )
}

const fn word(better: Better) -> &'static str {
    match better {
        Better::A => "A",
        Better::B => "B",
        Better::Neither => "-",
    }
}

/// A difference with its interval: `-12 ms c (-15 ms c to -9 ms c)`.
fn difference(interval: &Interval) -> String {
    let Some(value) = interval.value else { return "-".to_owned() };
    let letter = interval.tag().letter();
    let told =
        |v: f64| format!("{}{} {letter}", if v > 0.0 { "+" } else { "" }, format_quantity(v, interval.unit));
    match (interval.low, interval.high) {
        (Some(low), Some(high)) if high - low > 1e-9 => {
            format!("{} ({} to {})", told(value), told(low), told(high))
        }
        _ => told(value),
    }
}

/// Who is better on what, in one line.
fn summary(duel: &Duel) -> String {
    let all = duel.forecast.iter().chain(duel.scenarios.iter().flat_map(|s| &s.measures));
    let count = |which| all.clone().filter(|c| c.better == which).count();
    let partial = if duel.partial { "PARTIAL, stopped before everything had run: " } else { "" };
    format!(
        "{partial}A is better on {} c measures, B on {} c, neither on {} c.",
        count(Better::A),
        count(Better::B),
        count(Better::Neither)
    )
}

/// As Markdown.
#[must_use]
pub fn markdown(duel: &Duel) -> String {
    let mut doc = Doc::new(&format!("{} against {}", name(&duel.a), name(&duel.b)));
    let plain = |text: &str| crate::text::markdown::prose(text, loadcase_model::Tag::Computed);
    doc.para(plain(&load(duel)));
    doc.para(plain(&summary(duel)));
    let mut group = |title: &str, contests: &[Contest]| {
        doc.heading(2, title);
        let mut table = Table::new(&["", "A", "B", "B minus A", "better"]);
        for c in contests {
            table.row([
                plain(&c.measure),
                super::marked(&c.a),
                super::marked(&c.b),
                plain(&difference(&c.difference)),
                word(c.better).to_owned(),
            ]);
        }
        doc.table(&table, "Nothing was compared.");
    };
    group("By the forecast", &duel.forecast);
    for scenario in &duel.scenarios {
        group(&name(&scenario.name), &scenario.measures);
    }
    if !duel.notes.is_empty() {
        doc.heading(2, "Notes");
        doc.list(
            duel.notes.iter().map(|n| {
                crate::text::sentence(&crate::text::markdown::prose(n, loadcase_model::Tag::Assumed))
            }),
        );
    }
    if !duel.skipped.is_empty() {
        doc.heading(2, "Not run");
        doc.list(duel.skipped.iter().map(|s| format!("{}: {}.", name(&s.name), plain(&s.reason))));
    }
    doc.finish()
}
