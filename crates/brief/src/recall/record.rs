//! Decision records: MADR, the form of Nygard, and their relatives.

use std::collections::BTreeSet;

use crate::recall::markdown::{Section, Sections};

/// Whether a record binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Accepted, or without any status.
    Binding,
    /// Nothing says that it was accepted.
    Unstated,
    /// Proposed, rejected, deprecated or superseded.
    NotBinding,
}

/// A document as a decision record.
#[derive(Debug)]
pub(crate) struct Record {
    /// Whether it binds.
    pub(crate) status: Status,
    /// Numbers of the records it replaces.
    pub(crate) supersedes: BTreeSet<u32>,
    /// The document with everything blanked but the decision.
    pub(crate) decision: String,
    /// The document with everything blanked but its title.
    pub(crate) title: String,
}

/// Words that end a decision's life or say that it has not begun, looked for before those that accept it.
const NOT_BINDING: &[&str] = &[
    "superseded",
    "superceded",
    "replaced by",
    "rejected",
    "deprecated",
    "obsolete",
    "withdrawn",
    "abandoned",
    "proposed",
    "draft",
    "pending",
    "in discussion",
    "under discussion",
    "in review",
    "rfc",
    "open",
    "on hold",
    "declined",
    "expired",
    "retired",
    "idea",
];

/// Words that accept a decision.
const BINDING: &[&str] = &[
    "accepted",
    "approved",
    "adopted",
    "decided",
    "implemented",
    "active",
    "final",
    "done",
    "agreed",
    "in force",
    "current",
];

/// Titles under which a record states what was decided.
const DECISION: &[&str] = &["decision outcome", "decision", "outcome", "resolution", "we decided"];

/// Titles under `DECISION` that weigh it instead.
const WEIGHING: &[&str] = &[
    "decision driver",
    "decision maker",
    "decision-maker",
    "consequences",
    "positive",
    "negative",
    "confirmation",
    "pros",
    "decision criteria",
];

/// The number a file name begins with: `0007-use-postgresql.md`, `adr-7.md`.
pub(crate) fn number_of(path: &str) -> Option<u32> {
    let name = path.rsplit('/').next()?.to_lowercase();
    let digits = name.trim_start_matches("adr").trim_start_matches(['-', '_']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// Folders that hold decision records.
const FOLDERS: &[&str] = &[
    "adr",
    "adrs",
    "decisions",
    "decision-records",
    "architecture-decisions",
    "architecture-decision-records",
];

/// Whether a document is placed among decision records, and its name in lower case.
fn placed(path: &str) -> (bool, String) {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    (folders.split('/').any(|f| FOLDERS.contains(&f)), name.to_owned())
}

/// Whether a document among decision records is none itself: an index, or a template for new ones.
pub(crate) fn is_about_records(path: &str) -> bool {
    let (placed, name) = placed(path);
    placed && (name.contains("template") || matches!(name.as_str(), "readme.md" | "index.md"))
}

/// Whether a document is a decision record, by where it lies or how it is built.
pub(crate) fn is_record(path: &str, text: &str) -> bool {
    let (placed, name) = placed(path);
    let named = name.starts_with("adr-") || name.starts_with("adr_");
    let sections = Sections::new(text);
    let built = (sections.titled(&["status"]).is_some()
        || inline_status(text).is_some()
        || front_status(text, &sections).is_some())
        && sections.titled(DECISION).is_some();
    !is_about_records(path) && (placed || named || built)
}

impl Record {
    /// Reads a record.
    pub(crate) fn new(text: &str) -> Self {
        let sections = Sections::new(text);
        let status_section = sections.titled(&["status"]).map(|s| first_lines(&text[s.body..s.end]));
        let words = front_status(text, &sections)
            .or(status_section)
            .or_else(|| inline_status(text))
            .unwrap_or_default()
            .to_lowercase();
        let weighing = |s: &Section| starts_with_any(&s.title, WEIGHING);
        let decides = |s: &Section| starts_with_any(&s.title, DECISION) && !weighing(s);
        Self {
            status: status(&words),
            supersedes: supersedes(text),
            decision: sections.keep(text, decides),
            title: sections
                .keep(text, |s| s.level == 1)
                .lines()
                .take(title_lines(text))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

fn starts_with_any(title: &str, starts: &[&str]) -> bool {
    let title = title.to_lowercase();
    starts.iter().any(|s| title.starts_with(s))
}

/// How many lines there are up to and with the title.
fn title_lines(text: &str) -> usize {
    let sections = Sections::new(text);
    sections.sections.iter().find(|s| s.level == 1).map_or(0, |s| text[..s.body].matches('\n').count().max(1))
}

/// Whether the words for a status say that something holds.
pub(crate) fn is_binding(words: &str) -> bool {
    status(&words.to_lowercase()) != Status::NotBinding
}

fn status(words: &str) -> Status {
    let says = |list: &[&str]| list.iter().any(|w| words.contains(w));
    // "Supersedes ADR 3" is said of an accepted record.
    if says(NOT_BINDING) {
        Status::NotBinding
    } else if says(BINDING) {
        Status::Binding
    } else if words.trim().is_empty() {
        Status::Unstated
    } else {
        Status::NotBinding
    }
}

/// The lines of a section that say something, at most three.
fn first_lines(body: &str) -> String {
    body.lines().filter(|l| !l.trim().is_empty()).take(3).collect::<Vec<_>>().join(" ")
}

/// `status: accepted` in the front matter.
fn front_status(text: &str, sections: &Sections) -> Option<String> {
    text[sections.front.0..sections.front.1]
        .lines()
        .find_map(|l| l.strip_prefix("status:").map(|v| v.trim().trim_matches(['"', '\'']).to_owned()))
        .filter(|v| !v.is_empty())
}

/// `* Status: accepted`, `**Status**: Accepted`, `Status: Accepted` within the first lines.
fn inline_status(text: &str) -> Option<String> {
    text.lines().take(30).find_map(|line| {
        let bare: String = line.chars().filter(|c| !matches!(c, '*' | '_' | '|' | '`')).collect();
        let bare = bare.trim().trim_start_matches(['-', '+', ' ']).trim();
        let (key, value) = bare.split_once(':')?;
        (key.trim().eq_ignore_ascii_case("status") && !value.trim().is_empty())
            .then(|| value.trim().to_owned())
    })
}

/// Numbers after "supersedes" or "replaces".
fn supersedes(text: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for line in text.lines() {
        let lower = line.to_lowercase();
        for word in ["supersedes", "supercedes", "replaces"] {
            let Some(at) = lower.find(word) else { continue };
            let rest = &lower[at + word.len()..];
            let Some(start) = rest.find(|c: char| c.is_ascii_digit()).filter(|i| *i <= 20) else { continue };
            let digits = &rest[start..];
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            numbers.extend(digits[..end].parse::<u32>());
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_read_in_every_form() {
        for (text, expected) in [
            ("# A\n\n## Status\n\nAccepted\n\n## Decision\n\nX", Status::Binding),
            ("# A\n\n## Status\n\nSuperseded by [3](0003.md)\n\n## Decision\n\nX", Status::NotBinding),
            ("# A\n\n## Status\n\nAccepted\n\nSupersedes [2](0002.md)\n\n## Decision\n\nX", Status::Binding),
            ("---\nstatus: rejected\n---\n# A\n\n## Decision Outcome\n\nX", Status::NotBinding),
            ("---\nstatus: \"accepted\"\n---\n# A\n", Status::Binding),
            ("# A\n\n* Status: proposed\n* Deciders: all\n", Status::NotBinding),
            ("# A\n\n**Status:** Deprecated\n", Status::NotBinding),
            ("# A\n\n## Decision Outcome\n\nX", Status::Unstated),
        ] {
            assert_eq!(Record::new(text).status, expected, "{text}");
        }
    }

    #[test]
    fn records_are_recognised_and_numbered() {
        assert!(is_record("docs/adr/0007-use-postgresql.md", ""));
        assert!(is_record("notes/a.md", "# A\n\n## Status\n\nAccepted\n\n## Decision\n\nX"));
        assert!(!is_record("docs/adr/template.md", ""));
        assert!(!is_record("docs/backend/architecture.md", "# Architecture\n\nWe use it."));
        assert_eq!(number_of("docs/adr/0007-use-postgresql.md"), Some(7));
        assert_eq!(number_of("adr-12.md"), Some(12));
        assert_eq!(number_of("docs/architecture.md"), None);
        assert!(Record::new("Supersedes [ADR-0003](0003-x.md)").supersedes.contains(&3));
    }
}
