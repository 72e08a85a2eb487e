//! A verification as Markdown.

use loadcase_model::{FactSource, Verification, Weight};

use super::{Said, gaps, said, sources, tally};
use crate::text::markdown::{code, escape};

/// A verification as a Markdown document.
#[must_use]
pub fn markdown(verification: &Verification) -> String {
    let mut out = format!(
        "# Versions of {}\n\nOn {}: {} in {} versions.\n",
        escape(&verification.name),
        verification.today,
        tally(verification),
        verification.tally.versions
    );
    for (weight, title) in [
        (Weight::Fault, "To be changed"),
        (Weight::Warning, "To be planned"),
        (Weight::Note, "Worth knowing"),
    ] {
        let all = said(verification, weight);
        if all.is_empty() {
            continue;
        }
        out.push_str(&format!("\n## {title}\n\n"));
        for said in &all {
            entry(&mut out, said);
        }
    }
    out.push_str("\n## What this rests on\n\n");
    let tally = &verification.tally;
    out.push_str(&format!(
        "{} statements are verified, {} contradicted, {} stale; {} questions are not covered by any source.\n\n",
        tally.verified, tally.contradicted, tally.stale, tally.not_covered
    ));
    let lines = gaps(verification)
        .into_iter()
        .chain(sources(verification))
        .chain(verification.unanswered.iter().map(|u| format!("no answer: {u}")));
    for line in lines {
        out.push_str(&format!("- {}\n", escape(&line)));
    }
    if let Some(again) = &verification.look_again {
        out.push_str(&format!("\nLook again by {}: {}.\n", again.by, escape(&again.because)));
    }
    out
}

fn entry(out: &mut String, said: &Said<'_>) {
    out.push_str(&format!("- **{}**: {}", escape(&said.title()), escape(&said.statement())));
    if let Some(todo) = &said.statement.todo {
        out.push_str(&format!(" {}.", escape(&capital(todo))));
    }
    let places: Vec<String> = said.version.places.iter().take(3).map(|p| code(&p.to_string())).collect();
    if !places.is_empty() {
        out.push_str(&format!(" At {}.", places.join(", ")));
    }
    let told = |s: &FactSource| match &s.fetched {
        Some(day) => format!("{}, {}, fetched on {day}", s.source, s.day),
        None => format!("{}, {}", s.source, s.day),
    };
    let sources: Vec<String> = said.statement.evidence.iter().map(|s| escape(&told(s))).collect();
    if !sources.is_empty() {
        out.push_str(&format!(" Source: {}.", sources.join("; ")));
    }
    out.push('\n');
}

fn capital(text: &str) -> String {
    crate::text::capital(text)
}
