//! Whether a version is the newest of its line: "newest known on a day", never more.

use std::cmp::Ordering;

use loadcase_catalog::{Cycle, Lifecycle};
use loadcase_model::{FactSource, VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, source_of, statement};
use crate::knowledge::{Line, line_of};
use crate::version::{Scheme, Version, numbers};

const CLAIM: VersionClaim = VersionClaim::Newest;

/// The newest version of a line, and who knows.
pub(super) struct Newest {
    pub(super) version: String,
    pub(super) day: String,
    pub(super) evidence: FactSource,
}

/// The newest version of a line of a lifecycle: what it lists, or what was seen later.
pub(super) fn of_line(lifecycle: &Lifecycle, cycle: &Cycle) -> Option<Newest> {
    let mut best = cycle.latest.clone().map(|version| Newest {
        version,
        day: lifecycle.as_of.clone(),
        evidence: source_of(lifecycle),
    });
    let line = numbers(&cycle.cycle);
    for seen in lifecycle.seen.iter().filter(|s| numbers(&s.version).starts_with(&line)) {
        let newer = best
            .as_ref()
            .is_none_or(|b| Scheme::Dotted.compare(&b.version, &seen.version) == Some(Ordering::Less));
        if newer {
            best = Some(Newest {
                version: seen.version.clone(),
                day: seen.as_of.clone(),
                evidence: FactSource { source: seen.source.clone(), day: seen.as_of.clone(), fetched: None },
            });
        }
    }
    best
}

/// The newest version of the line that a version of a package is of: the same major, or minor below 1.
fn of_package(case: &Case<'_>, version: &str) -> Option<Newest> {
    let package = case.members.iter().find_map(|m| case.known.package(m))?;
    let scheme = Scheme::of(&package.ecosystem);
    let line = |v: &str| {
        let n = numbers(v);
        n.iter().take(if n.first() == Some(&0) { 2 } else { 1 }).copied().collect::<Vec<_>>()
    };
    let own = line(version);
    let all = package.lines.values().chain([&package.latest]).chain(&package.versions);
    let mut best: Option<(Version, &String)> = None;
    for text in all.filter(|v| line(v) == own && !package.withdrawn.contains(v)) {
        let Some(parsed) = Version::parse(scheme, text).filter(|v| !v.is_prerelease()) else { continue };
        if best.as_ref().is_none_or(|(b, _)| *b < parsed) {
            best = Some((parsed, text));
        }
    }
    let limit = package.limit.as_deref().map_or_else(String::new, |l| format!("; {l}"));
    best.map(|(_, text)| Newest {
        version: text.clone(),
        day: package.as_of.clone(),
        evidence: FactSource {
            source: format!("{}{limit}", package.source),
            day: package.as_of.clone(),
            fetched: None,
        },
    })
}

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    // What a tag or a range leads to is the newest when it is fetched.
    if case.floats || case.range().is_some() || case.is_backport() {
        return Vec::new();
    }
    let Some(version) = case.version.as_deref() else { return Vec::new() };
    let line = case.lifecycle.and_then(|l| match line_of(l, version) {
        Line::Of(cycle) => of_line(l, cycle),
        _ => None,
    });
    let (newest, scheme) = match (of_package(case, version), line) {
        (Some(package), Some(line)) if line.day > package.day => (line, Scheme::Dotted),
        (Some(package), _) => (package, Scheme::of(&case.members[0].ecosystem)),
        (None, Some(line)) => (line, Scheme::Dotted),
        (None, None) => return Vec::new(),
    };
    let Some(order) = scheme.compare(version, &newest.version) else { return Vec::new() };
    let stale = case.is_stale(&newest.day, case.options.ages.newest);
    let mut told = match order {
        Ordering::Less => {
            let text = format!("{} is newer in the same line, known on {}", newest.version, newest.day);
            let mut told = statement(CLAIM, A::Contradicted, Weight::Note, "behind", text);
            told.todo = Some(format!("move to {}", newest.version));
            told
        }
        Ordering::Equal => {
            let (answer, weight) = if stale { (A::Stale, Weight::Note) } else { (A::Verified, Weight::Fine) };
            let age = if stale { format!(", which is {}", case.age(&newest.day)) } else { String::new() };
            statement(
                CLAIM,
                answer,
                weight,
                "newest",
                format!("newest of its line known on {}{age}", newest.day),
            )
        }
        Ordering::Greater => {
            let text =
                format!("newer than {}, the newest of its line known on {}", newest.version, newest.day);
            statement(CLAIM, A::NotCovered, Weight::Fine, "newer", text)
        }
    };
    told.evidence = vec![newest.evidence];
    vec![told]
}
