//! Findings that people accept: by comments in files, by configuration.

use loadcase_model::{Acceptance, Accepted, Finding, Place, StaleAcceptance};
use serde::Deserialize;

use crate::rules::find;

/// What `loadcase.toml` says of reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Findings that are accepted.
    #[serde(default)]
    pub accept: Vec<ConfigAcceptance>,
    /// Severities by rule: `off` leaves a rule out.
    #[serde(default)]
    pub severity: std::collections::BTreeMap<String, String>,
}

/// An acceptance in `loadcase.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigAcceptance {
    /// The rule.
    pub rule: String,
    /// The element, `*` standing for any characters.
    #[serde(default)]
    pub element: Option<String>,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    #[serde(default)]
    pub by: Option<String>,
    /// The day from which it no longer holds, `YYYY-MM-DD`.
    #[serde(default)]
    pub until: Option<String>,
}

/// Why a configuration cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct ConfigError {
    /// The file.
    pub path: String,
    /// What is wrong, with line and column.
    pub message: String,
}

impl Config {
    /// Reads the `[review]` table of a `loadcase.toml`.
    ///
    /// # Errors
    /// Malformed TOML, an unknown key, a rule or a severity that does not exist.
    pub fn read(path: &str, text: &str) -> Result<Self, ConfigError> {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            review: Config,
        }
        let fail = |message: String| ConfigError { path: path.to_owned(), message };
        let file: File = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        for rule in file.review.severity.keys().chain(file.review.accept.iter().map(|a| &a.rule)) {
            if find(rule).is_none() {
                return Err(fail(format!("there is no rule `{rule}`: `loadcase rules` lists them")));
            }
        }
        for severity in file.review.severity.values() {
            if severity != "off" && crate::rule::Rank::named(severity).is_none() {
                return Err(fail(format!(
                    "`{severity}` is no severity: use off, info, low, medium, high or critical"
                )));
            }
        }
        Ok(file.review)
    }

    /// The acceptances, as those of files.
    pub(crate) fn acceptances(&self, path: &str) -> Vec<Acceptance> {
        let one = |a: &ConfigAcceptance| Acceptance {
            rule: a.rule.clone(),
            reason: a.reason.clone(),
            by: a.by.clone(),
            until: a.until.clone(),
            element: Some(a.element.clone().unwrap_or_else(|| "*".to_owned())),
            place: Place { path: path.into(), line: 1 },
        };
        self.accept.iter().map(one).collect()
    }
}

/// What acceptances leave, take out, and which of them do nothing.
pub(crate) struct Sorted {
    /// Findings that stay.
    pub(crate) open: Vec<Finding>,
    /// Findings that are accepted.
    pub(crate) accepted: Vec<Accepted>,
    /// Acceptances that accept nothing.
    pub(crate) stale: Vec<StaleAcceptance>,
}

/// Applies acceptances to findings.
pub(crate) fn apply(findings: Vec<Finding>, acceptances: &[Acceptance], today: &str) -> Sorted {
    let mut sorted = Sorted { open: Vec::new(), accepted: Vec::new(), stale: Vec::new() };
    let mut used = vec![false; acceptances.len()];
    for finding in findings {
        let by = acceptances.iter().position(|a| problem(a, today).is_none() && accepts(a, &finding));
        match by {
            Some(index) => {
                used[index] = true;
                let acceptance = &acceptances[index];
                sorted.accepted.push(Accepted {
                    finding,
                    reason: acceptance.reason.clone(),
                    place: acceptance.place.clone(),
                });
            }
            None => sorted.open.push(finding),
        }
    }
    for (acceptance, used) in acceptances.iter().zip(used) {
        let problem = problem(acceptance, today)
            .or_else(|| (!used).then(|| "it accepts nothing that is found".to_owned()));
        if let Some(problem) = problem {
            sorted.stale.push(StaleAcceptance {
                rule: acceptance.rule.clone(),
                problem,
                place: acceptance.place.clone(),
            });
        }
    }
    sorted
}

/// Why an acceptance does not count.
fn problem(acceptance: &Acceptance, today: &str) -> Option<String> {
    if find(&acceptance.rule).is_none() {
        return Some("there is no such rule".to_owned());
    }
    if acceptance.reason.trim().is_empty() {
        return Some("it gives no reason".to_owned());
    }
    let until = acceptance.until.as_deref()?;
    (until <= today).then(|| format!("it ended on {until}"))
}

fn accepts(acceptance: &Acceptance, finding: &Finding) -> bool {
    let same = find(&acceptance.rule).is_some_and(|r| finding.rule == *r.id);
    let there = match &acceptance.element {
        Some(glob) => glob == "*" || finding.location.elements.iter().any(|e| matches_glob(glob, e.as_str())),
        // A comment is for its own line and the next.
        None => finding.location.places.iter().any(|p| {
            p.path == acceptance.place.path
                && (p.line == acceptance.place.line || p.line == acceptance.place.line + 1)
        }),
    };
    same && there
}

/// Whether a text fits a pattern in which `*` stands for any characters.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = text.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    let mut rest = rest;
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        assert!(matches_glob("ts-*-service", "ts-order-service"));
        assert!(matches_glob("*", "x") && matches_glob("a*", "a") && matches_glob("exact", "exact"));
        assert!(!matches_glob("ts-*-service", "ts-order") && !matches_glob("exact", "exactly"));
    }

    #[test]
    fn unknown_rules_and_keys_are_told() {
        let wrong =
            Config::read("loadcase.toml", "[[review.accept]]\nrule = \"no-such-rule\"\nreason = \"x\"\n");
        assert!(wrong.expect_err("a fault").to_string().contains("no-such-rule"));
        assert!(Config::read("loadcase.toml", "[review]\nacept = []\n").is_err());
    }
}
