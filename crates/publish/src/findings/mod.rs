//! Findings of a review, in the forms people and programs read.

mod github;
mod html;
mod markdown;
mod sarif;
mod sheet;
mod text;

use loadcase_model::{Finding, Review};

pub use github::github;
pub use html::html;
pub use markdown::markdown;
pub use sarif::sarif;
pub use sheet::RuleSheet;
pub use text::{Sources, text};

/// A review as JSON; the schema is `loadcase schema review`.
#[must_use]
pub fn json(review: &Review) -> String {
    serde_json::to_string_pretty(review).expect("a review has string keys and finite numbers")
}

/// A line of a file as a terminal may show it: what could steer the terminal is dropped.
#[must_use]
pub fn visible(line: &str) -> String {
    line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

/// Severities from the worst to the mildest.
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// How many findings there are of each severity: `2 critical, 5 high`.
fn tally(findings: &[Finding]) -> String {
    let count = |severity: &str| findings.iter().filter(|f| f.severity.as_str() == severity).count();
    let parts: Vec<String> =
        SEVERITIES.iter().filter(|s| count(s) > 0).map(|s| format!("{} {s}", count(s))).collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}
