//! A review in a few lines and as a small record: a page of findings at a time.

use loadcase_model::{Finding, Review};
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::clean;
use crate::text::plain::clip;

/// Places shown of one finding.
const PLACES: usize = 3;

/// What is wrong with an architecture: counts, and one page of findings, the gravest first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ReviewOutline {
    /// The system.
    pub name: String,
    /// Findings by severity, all pages.
    pub counts: Severities,
    /// This page of findings.
    pub findings: Vec<FindingOutline>,
    /// Give this as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What was read, in words.
    pub size: String,
    /// What could not be checked, in words. Not checked does not mean fine.
    pub not_checked: Vec<String>,
}

/// Findings by severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Severities {
    /// Where these counts come from.
    pub origin: &'static str,
    /// Critical ones.
    pub critical: usize,
    /// High ones.
    pub high: usize,
    /// Medium ones.
    pub medium: usize,
    /// Low ones and remarks.
    pub low: usize,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FindingOutline {
    /// The rule; `explain` tells more of it.
    pub rule: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// Where, as `path:line`.
    pub places: Vec<String>,
    /// What to do.
    pub fix: String,
    /// Stays the same after lines have moved.
    pub fingerprint: String,
}

/// One page of a review: at most `most` findings that come after the fingerprint `after`.
#[must_use]
pub fn review(review: &Review, after: Option<&str>, most: usize) -> ReviewOutline {
    let from = after.map_or(0, |after| {
        review.findings.iter().position(|f| fingerprint(f) == after).map_or(0, |at| at + 1)
    });
    let page: Vec<FindingOutline> = review.findings.iter().skip(from).take(most).map(finding).collect();
    let more = from + page.len() < review.findings.len();
    let size = review.size;
    let count =
        |names: &[&str]| review.findings.iter().filter(|f| names.iter().any(|n| f.severity == **n)).count();
    ReviewOutline {
        name: clean(&review.name),
        counts: Severities {
            origin: "counted",
            critical: count(&["critical"]),
            high: count(&["high"]),
            medium: count(&["medium"]),
            low: count(&["low", "info"]),
        },
        next: page.last().filter(|_| more).map(|f| f.fingerprint.clone()),
        findings: page,
        size: format!(
            "{} components, {} flows, {} operations, {} files read",
            size.components, size.flows, size.operations, size.files
        ),
        not_checked: review
            .failed
            .iter()
            .take(PLACES)
            .map(|f| {
                let path = f.path.as_deref().map_or_else(String::new, |p| format!(" {}:", clean(p)));
                clip(&format!("{}:{path} {}", f.check, clean(&f.reason)), 160)
            })
            .collect(),
    }
}

fn fingerprint(finding: &Finding) -> &str {
    finding.review.as_ref().map_or("", |d| d.fingerprint.as_str())
}

fn finding(finding: &Finding) -> FindingOutline {
    FindingOutline {
        rule: finding.rule.to_string(),
        severity: finding.severity.to_string(),
        message: clip(&clean(&finding.message), 220),
        places: finding.location.places.iter().take(PLACES).map(|p| clean(&p.to_string())).collect(),
        fix: clip(&clean(&finding.fix), 220),
        fingerprint: fingerprint(finding).to_owned(),
    }
}

impl ReviewOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = &self.counts;
        let mut lines = vec![format!(
            "{}: {} critical, {} high, {} medium, {} low findings ({}).",
            self.name, counts.critical, counts.high, counts.medium, counts.low, self.size
        )];
        for finding in &self.findings {
            let places = finding.places.join(", ");
            lines.push(format!("{} [{}] {} ({places})", finding.severity, finding.rule, finding.message));
            lines.push(format!("  fix: {}", finding.fix));
        }
        lines.extend(self.not_checked.iter().map(|n| format!("Not checked: {n}")));
        if let Some(next) = &self.next {
            lines.push(format!("More findings: call review again with after \"{next}\"."));
        }
        lines.join("\n")
    }
}
