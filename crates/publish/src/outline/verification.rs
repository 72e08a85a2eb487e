//! A verification of versions in a few lines and as a small record: a page at a time.

use loadcase_model::{CheckedVersion, Verification, VersionStatement, Weight};
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::clean;
use crate::text::plain::clip;

/// Places shown of one version.
const PLACES: usize = 2;

/// What is known on a day of versions in use or recommended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerificationOutline {
    /// The system.
    pub name: String,
    /// The day it was judged by.
    pub today: String,
    /// How many statements there are of each kind, all pages.
    pub counts: StatementCounts,
    /// This page of statements to act on or to plan for, the worst first.
    pub statements: Vec<StatementOutline>,
    /// Give this as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What was asked, and how old it is.
    pub sources: Vec<String>,
    /// Day by which to look again, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_again: Option<String>,
}

/// Statements by kind. What no source covers is never to be read as clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatementCounts {
    /// Where these counts come from.
    pub origin: &'static str,
    /// Versions looked at.
    pub versions: usize,
    /// To be acted upon.
    pub faults: usize,
    /// To be planned for.
    pub warnings: usize,
    /// Statements that hold, by a source of a day.
    pub verified: usize,
    /// Statements older than such a statement may be.
    pub stale: usize,
    /// Questions that no source answers.
    pub not_covered: usize,
}

/// A statement on a version.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StatementOutline {
    /// What it is about: name and version as written.
    pub what: String,
    /// `fault` or `warning`.
    pub weight: &'static str,
    /// The case in a word: `ended`, `ending`, `affected`, `behind` and others.
    pub verdict: String,
    /// The statement, with its day.
    pub text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
    /// Where it is written, as `path:line`.
    pub places: Vec<String>,
}

/// One page of a verification: at most `most` statements, from the one with this number on.
#[must_use]
pub fn verification(verification: &Verification, from: usize, most: usize) -> VerificationOutline {
    let mut all: Vec<(&CheckedVersion, &VersionStatement)> = verification
        .checked
        .iter()
        .flat_map(|c| c.statements.iter().map(move |s| (c, s)))
        .filter(|(_, s)| matches!(s.weight, Weight::Fault | Weight::Warning))
        .collect();
    all.sort_by_key(|(_, s)| s.weight);
    let page: Vec<StatementOutline> =
        all.iter().skip(from).take(most).map(|(c, s)| statement(c, s)).collect();
    let until = from + page.len();
    let tally = verification.tally;
    VerificationOutline {
        name: clean(&verification.name),
        today: clean(&verification.today),
        counts: StatementCounts {
            origin: "counted",
            versions: tally.versions,
            faults: tally.faults,
            warnings: tally.warnings,
            verified: tally.verified,
            stale: tally.stale,
            not_covered: tally.not_covered,
        },
        next: (until < all.len() && !page.is_empty()).then(|| until.to_string()),
        statements: page,
        sources: verification
            .sources
            .iter()
            .take(6)
            .map(|s| clip(&clean(&format!("{}, true up to {}", s.name, s.day)), 160))
            .collect(),
        look_again: verification
            .look_again
            .as_ref()
            .map(|l| clip(&clean(&format!("{}: {}", l.by, l.because)), 200)),
    }
}

fn statement(checked: &CheckedVersion, statement: &VersionStatement) -> StatementOutline {
    let version = checked.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
    StatementOutline {
        what: clip(&clean(&format!("{}{version}", checked.name)), 120),
        weight: if statement.weight == Weight::Fault { "fault" } else { "warning" },
        verdict: statement.verdict.to_string(),
        text: clip(&clean(&statement.text), 240),
        todo: statement.todo.as_ref().map(|t| clip(&clean(t), 200)),
        places: checked.places.iter().take(PLACES).map(|p| clean(&p.to_string())).collect(),
    }
}

impl VerificationOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let c = &self.counts;
        let mut lines = vec![format!(
            "{} on {}: {} faults, {} warnings in {} versions; {} statements verified, {} stale, {} questions that no \
             source covers (not covered is not clean).",
            self.name, self.today, c.faults, c.warnings, c.versions, c.verified, c.stale, c.not_covered
        )];
        for s in &self.statements {
            let at = if s.places.is_empty() { String::new() } else { format!(" ({})", s.places.join(", ")) };
            lines.push(format!("{} [{}] {}: {}{at}", s.weight, s.verdict, s.what, s.text));
            lines.extend(s.todo.as_ref().map(|t| format!("  do: {t}")));
        }
        if let Some(next) = &self.next {
            lines.push(format!("More: call verify again with after \"{next}\"."));
        }
        lines.push(format!("Sources: {}.", self.sources.join("; ")));
        lines.extend(self.look_again.as_ref().map(|l| format!("Look again by {l}")));
        lines.join("\n")
    }
}
