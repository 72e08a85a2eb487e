//! Whether a version was ever released: a source that lists all versions can contradict it, others can only confirm it.

use loadcase_model::{FactSource, VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, source_of, statement};
use crate::version::{Scheme, Version};

const CLAIM: VersionClaim = VersionClaim::Exists;

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    if case.floats || case.range().is_some() {
        return Vec::new();
    }
    let Some(version) = case.version.as_deref() else { return Vec::new() };
    of_package(case, version).or_else(|| of_lifecycle(case, version)).into_iter().collect()
}

fn of_package(case: &Case<'_>, version: &str) -> Option<VersionStatement> {
    let package = case.members.iter().find_map(|m| case.known.package(m))?;
    let scheme = Scheme::of(&package.ecosystem);
    let parsed = Version::parse(scheme, version);
    let same = |v: &String| v == version || parsed.is_some() && Version::parse(scheme, v) == parsed;
    let listed = package.versions.iter().chain(package.lines.values()).chain([&package.latest]).any(same);
    let evidence =
        vec![FactSource { source: package.source.clone(), day: package.as_of.clone(), fetched: None }];
    if listed {
        let text = format!("released, as seen on {}", package.as_of);
        return Some(VersionStatement {
            evidence,
            ..statement(CLAIM, A::Verified, Weight::Fine, "released", text)
        });
    }
    // A list that a client cut for the machine it runs on proves no absence.
    if package.versions.is_empty() || package.limit.is_some() {
        return None;
    }
    let newer = Version::parse(scheme, &package.latest).zip(parsed).is_some_and(|(l, v)| v > l);
    if newer && case.is_stale(&package.as_of, case.options.ages.newest) {
        return None;
    }
    let text = format!("not among the {} versions listed on {}", package.versions.len(), package.as_of);
    let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "no-such-version", text);
    told.todo = Some(format!("use a version that was released, such as {}", package.latest));
    told.evidence = evidence;
    Some(told)
}

fn of_lifecycle(case: &Case<'_>, version: &str) -> Option<VersionStatement> {
    let lifecycle = case.lifecycle?;
    let listed = lifecycle.cycles.iter().filter_map(|c| c.latest.as_deref()).any(|v| v == version);
    let seen = lifecycle.seen.iter().find(|s| s.version == version);
    let evidence = match seen {
        Some(seen) => FactSource { source: seen.source.clone(), day: seen.as_of.clone(), fetched: None },
        None if listed => source_of(lifecycle),
        None => return None,
    };
    let text = format!("released, as seen on {}", evidence.day);
    let told = statement(CLAIM, A::Verified, Weight::Fine, "released", text);
    Some(VersionStatement { evidence: vec![evidence], ..told })
}
