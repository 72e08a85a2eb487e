//! Checks: what is known, held against one version.

mod compatible;
mod exists;
mod maintained;
mod newest;
mod patched;
mod support;

use loadcase_catalog::Lifecycle;
use loadcase_model::{FactSource, Id, VersionAnswer, VersionClaim, VersionStatement, Weight};

use crate::day::days_between;
use crate::knowledge::{Knowledge, Subject};
use crate::verify::Options;
use crate::version::{Pin, Scheme, Version, allows};

pub use patched::{Hit, hits};
pub use support::{Ending, ending};

/// A version under the checks.
pub(crate) struct Case<'a> {
    pub(crate) known: &'a Knowledge,
    pub(crate) options: &'a Options,
    /// Everything that has the version: one package, or all artifacts of a technology.
    pub(crate) members: &'a [Subject],
    /// The lifecycle it follows.
    pub(crate) lifecycle: Option<&'a Lifecycle>,
    /// As written.
    pub(crate) pin: &'a Pin,
    /// The version that is in use, or that would be installed today for a range.
    pub(crate) version: Option<String>,
    /// Whether a tag or line is named instead of a full version.
    pub(crate) floats: bool,
    /// The runtimes asked for, each with the name of who asks.
    pub(crate) requires: Vec<(String, String)>,
    /// Why lock files call it deprecated.
    pub(crate) deprecated: Option<&'a str>,
    /// Whether a manifest asks for it; otherwise another package does.
    pub(crate) direct: bool,
    /// Runtimes of the components that use it: lifecycle, version, where.
    pub(crate) runtimes: &'a [Runtime],
}

/// A runtime in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Runtime {
    pub(crate) lifecycle: String,
    pub(crate) version: String,
    pub(crate) place: String,
}

impl Case<'_> {
    pub(crate) fn today(&self) -> &str {
        &self.options.today
    }

    /// Whether what was true on a day is older than it may be.
    pub(crate) fn is_stale(&self, day: &str, most: i64) -> bool {
        days_between(day, self.today()).is_none_or(|age| age > most)
    }

    /// How long ago a day was, in words.
    pub(crate) fn age(&self, day: &str) -> String {
        match days_between(day, self.today()) {
            Some(days) if days > 0 => format!("{days} days old"),
            Some(_) => "of today".to_owned(),
            None => "of an unknown day".to_owned(),
        }
    }

    /// Whether the version is a distribution's own, which hides what was backported.
    pub(crate) fn is_backport(&self) -> bool {
        let marks = ["+deb", "~deb", "ubuntu", ".el7", ".el8", ".el9", "-r0", "+dfsg"];
        let text = match self.pin {
            Pin::Exact(text) | Pin::Range(text) | Pin::Other(text) => text,
        };
        marks.iter().any(|m| text.contains(m)) && !self.members.iter().any(|m| m.ecosystem == "debian")
    }

    /// A range, when it is one.
    pub(crate) fn range(&self) -> Option<&str> {
        match self.pin {
            Pin::Range(range) => Some(range),
            _ => None,
        }
    }
}

/// Every statement on a version.
pub(crate) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    let mut found = patched::statements(case);
    found.extend(support::statements(case));
    found.extend(exists::statements(case));
    found.extend(maintained::statements(case));
    found.extend(compatible::statements(case));
    found.extend(newest::statements(case));
    // What a range leads to is not yet installed: it is to be planned, not to be mended.
    if case.range().is_some() {
        for statement in found.iter_mut().filter(|s| s.weight == Weight::Fault) {
            statement.weight = Weight::Warning;
        }
    }
    found.sort_by_key(|s| (s.weight, s.answer, s.claim));
    found
}

/// The newest version that is known of what a range allows.
pub(crate) fn newest_allowed(known: &Knowledge, subject: &Subject, range: &str) -> Option<String> {
    let scheme = Scheme::of(&subject.ecosystem);
    let package = known.package(subject);
    let listed = package.into_iter().flat_map(|p| p.lines.values().chain([&p.latest]).chain(&p.versions));
    let of_lines = known.lifecycle_of(subject).into_iter().flat_map(|l| {
        l.cycles.iter().filter_map(|c| c.latest.as_ref()).chain(l.seen.iter().map(|s| &s.version))
    });
    let mut best: Option<(Version, &String)> = None;
    for text in listed.chain(of_lines) {
        let Some(version) = Version::parse(scheme, text).filter(|v| !v.is_prerelease()) else { continue };
        let better = best.as_ref().is_none_or(|(b, _)| *b < version);
        if better && allows(&subject.ecosystem, range, text) == Some(true) {
            best = Some((version, text));
        }
    }
    best.map(|(_, text)| text.clone())
}

/// A statement without more.
pub(crate) fn statement(
    claim: VersionClaim,
    answer: VersionAnswer,
    weight: Weight,
    verdict: &str,
    text: String,
) -> VersionStatement {
    VersionStatement {
        claim,
        answer,
        weight,
        verdict: Id::slug(verdict),
        text,
        todo: None,
        advisory: None,
        severity: None,
        evidence: Vec::new(),
    }
}

/// The source of a lifecycle.
pub(crate) fn source_of(lifecycle: &Lifecycle) -> FactSource {
    FactSource {
        source: lifecycle.source.clone(),
        day: lifecycle.as_of.clone(),
        fetched: lifecycle.fetched.clone(),
    }
}
