//! Verifications for people and programs: a terminal, Markdown, JSON, and as findings for code scanning.

mod facts;
mod findings;
mod markdown;
mod text;

use loadcase_model::{CheckedVersion, Verification, VersionStatement, Weight};

pub use facts::{Age, known, shown};
pub use findings::{as_review, no_blueprint, sheets};
pub use markdown::markdown;
pub use text::text;

use crate::text::clean;

/// A verification as JSON; the schema is `loadcase schema verification`.
#[must_use]
pub fn json(verification: &Verification) -> String {
    serde_json::to_string_pretty(verification).expect("a verification has string keys")
}

/// One thing to say of a version: statements of the same case are one.
struct Said<'a> {
    version: &'a CheckedVersion,
    statement: &'a VersionStatement,
    /// Further advisories of the same case.
    also: Vec<&'a str>,
}

impl Said<'_> {
    /// `PostgreSQL 14.22`; nothing is printed that could steer a terminal.
    fn title(&self) -> String {
        let version = self.version.version.as_deref().map_or_else(String::new, |v| format!(" {v}"));
        let recommended = if self.version.recommended { " (recommended)" } else { "" };
        clean(&format!("{}{version}{recommended}", self.version.name))
    }

    fn statement(&self) -> String {
        let also = match self.also.len() {
            0 => String::new(),
            n if n > 4 => format!(" Also {} and {} more.", self.also[..3].join(", "), n - 3),
            _ => format!(" Also {}.", self.also.join(", ")),
        };
        clean(&format!("{}{also}", self.statement.text))
    }
}

/// What there is to say of a weight, in the order of the verification.
fn said(verification: &Verification, weight: Weight) -> Vec<Said<'_>> {
    let mut out: Vec<Said<'_>> = Vec::new();
    for version in &verification.checked {
        let from = out.len();
        for statement in version.statements.iter().filter(|s| s.weight == weight) {
            let same = |s: &&mut Said<'_>| {
                s.statement.verdict == statement.verdict && s.statement.advisory.is_some()
            };
            match (out[from..].iter_mut().find(same), &statement.advisory) {
                (Some(first), Some(advisory)) => first.also.push(advisory),
                _ => out.push(Said { version, statement, also: Vec::new() }),
            }
        }
    }
    out
}

/// `3 faults, 1 warning`.
fn tally(verification: &Verification) -> String {
    let tally = &verification.tally;
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (tally.faults, tally.warnings) {
        // Where nothing was verified, nothing was checked: no fault found is no finding.
        (0, 0) if tally.verified == 0 => "nothing checked".to_owned(),
        (0, 0) => "no fault known".to_owned(),
        (faults, 0) => count(faults, "fault"),
        (0, warnings) => count(warnings, "warning"),
        (faults, warnings) => format!("{}, {}", count(faults, "fault"), count(warnings, "warning")),
    }
}

/// What was asked, each source with its day.
fn sources(verification: &Verification) -> Vec<String> {
    let one = |s: &loadcase_model::SourceAsked| {
        let fetched = s.fetched.as_deref().map_or_else(String::new, |d| format!(", fetched on {d}"));
        format!("{} of {}{fetched}: {}", s.name, s.day, s.covers)
    };
    verification.sources.iter().map(one).collect()
}

/// What was not checked, in a sentence. It must never read as clean.
fn gaps(verification: &Verification) -> Option<String> {
    use loadcase_model::{VersionAnswer, VersionClaim};
    let missing = |c: &CheckedVersion, claim: VersionClaim| {
        c.not_covered.contains(&claim)
            || c.statements.iter().any(|s| s.claim == claim && s.answer == VersionAnswer::NotCovered)
    };
    let of = |claim| verification.checked.iter().filter(|c| missing(c, claim)).count();
    let (patched, supported, all) =
        (of(VersionClaim::Patched), of(VersionClaim::Supported), verification.checked.len());
    if patched + supported + verification.unversioned == 0 {
        return None;
    }
    let mut text = format!(
        "not checked is not clean: of {all} versions, no source says of {patched} whether they are patched and of {supported} whether their line gets fixes"
    );
    if verification.unversioned > 0 {
        text.push_str(&format!("; {} names have no version written down", verification.unversioned));
    }
    Some(text)
}
