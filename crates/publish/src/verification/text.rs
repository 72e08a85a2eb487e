//! A verification for a terminal: the worst first, what it is, where, what to do.

use loadcase_model::{Verification, VersionAnswer, Weight};

use super::{Said, gaps, said, sources, tally};
use crate::text::clean;
use crate::text::plain::{pad, wrap};

/// Columns of the word in front.
const WORD: usize = 13;

/// Most lines of one kind of what is only worth knowing.
const NOTES: usize = 3;

/// From how many on they are told by their names only.
const FLOOD: usize = 12;

/// Most names in the line that stands for the rest of a kind.
const NAMES: usize = 4;

/// Most places told of one version.
const PLACES: usize = 3;

/// Renders a verification; `full` shows every note.
#[must_use]
pub fn text(verification: &Verification, width: usize, colour: bool, full: bool) -> String {
    let mut out = String::new();
    // Red and yellow, both bold.
    for (weight, paint) in [(Weight::Fault, "\u{1b}[1;31m"), (Weight::Warning, "\u{1b}[1;33m")] {
        for said in said(verification, weight) {
            entry(&mut out, &said, width, colour.then_some(paint));
        }
    }
    notes(&mut out, verification, width, full);
    out.push_str(&format!(
        "{} on {}: {} in {} versions\n",
        clean(&verification.name),
        verification.today,
        tally(verification),
        verification.tally.versions
    ));
    out.push_str(&closing(verification, width));
    out
}

fn entry(out: &mut String, said: &Said<'_>, width: usize, paint: Option<&str>) {
    let word = said.statement.verdict.as_str().replace('-', " ");
    let (on, off) = paint.map_or(("", ""), |p| (p, "\u{1b}[0m"));
    let lines = wrap(&format!("{}: {}", said.title(), said.statement()), width.saturating_sub(WORD), 0);
    for (i, line) in lines.iter().enumerate() {
        let front = if i == 0 { pad(&word, WORD) } else { " ".repeat(WORD) };
        out.push_str(&format!("{on}{front}{off}{line}\n"));
    }
    let indent = " ".repeat(WORD);
    let mut places: Vec<String> =
        said.version.places.iter().take(PLACES).map(|p| clean(&p.to_string())).collect();
    if said.version.places.len() > PLACES {
        places.push(format!("{} more", said.version.places.len() - PLACES));
    }
    if !places.is_empty() {
        out.push_str(&format!("{indent}at {}\n", places.join(", ")));
    }
    if let Some(todo) = &said.statement.todo {
        for (i, line) in wrap(&clean(todo), width.saturating_sub(WORD + 3), 0).iter().enumerate() {
            out.push_str(&format!("{indent}{} {line}\n", if i == 0 { "->" } else { "  " }));
        }
    }
    out.push('\n');
}

/// What is only worth knowing, a line each; many of a kind are one line.
fn notes(out: &mut String, verification: &Verification, width: usize, full: bool) {
    // Old statements are counted below: there may be hundreds of them.
    let all: Vec<Said<'_>> = said(verification, Weight::Note)
        .into_iter()
        .filter(|s| full || s.statement.answer != VersionAnswer::Stale)
        .collect();
    let mut kinds: Vec<(&str, Vec<&Said<'_>>)> = Vec::new();
    for said in &all {
        let verdict = said.statement.verdict.as_str();
        match kinds.iter_mut().find(|(kind, _)| *kind == verdict) {
            Some((_, of)) => of.push(said),
            None => kinds.push((verdict, vec![said])),
        }
    }
    for (kind, of) in &kinds {
        // A flood is a line of names.
        let most = if full {
            of.len()
        } else if of.len() > FLOOD {
            0
        } else {
            NOTES
        };
        for said in of.iter().take(most) {
            let todo = said.statement.todo.as_deref().map_or_else(String::new, |t| format!(" -> {t}"));
            line(out, kind, &clean(&format!("{}: {}{todo}", said.title(), said.statement())), width);
        }
        if of.len() > most {
            let names: Vec<String> = of.iter().skip(most).take(NAMES).map(|s| s.title()).collect();
            let more = if of.len() > most + NAMES { ", ..." } else { "" };
            let rest = if most == 0 {
                format!("{} versions", of.len())
            } else {
                format!("and {} more", of.len() - most)
            };
            let text = format!("{rest}, such as {}{more}: `--full` shows them", names.join(", "));
            line(out, kind, &text, width);
        }
    }
    if !kinds.is_empty() {
        out.push('\n');
    }
}

/// A line with its word in front.
fn line(out: &mut String, word: &str, text: &str, width: usize) {
    for (i, part) in wrap(text, width.saturating_sub(WORD), 0).iter().enumerate() {
        let front = if i == 0 { pad(&word.replace('-', " "), WORD) } else { " ".repeat(WORD) };
        out.push_str(&format!("{front}{part}\n"));
    }
}

fn closing(verification: &Verification, width: usize) -> String {
    let tally = &verification.tally;
    let mut lines = vec![format!(
        "statements: {} verified, {} contradicted, {} stale, {} not covered",
        tally.verified, tally.contradicted, tally.stale, tally.not_covered
    )];
    lines.extend(gaps(verification));
    lines.extend(sources(verification).into_iter().map(|s| format!("source: {s}")));
    lines.extend(verification.unanswered.iter().map(|u| format!("no answer: {u}")));
    if let Some(again) = &verification.look_again {
        lines.push(format!("look again by {}: {}", again.by, again.because));
    }
    let mut out = String::new();
    for line in lines {
        for (i, part) in wrap(&clean(&line), width.saturating_sub(2), 0).iter().enumerate() {
            out.push_str(&format!("{}{part}\n", if i == 0 { "" } else { "  " }));
        }
    }
    out
}
