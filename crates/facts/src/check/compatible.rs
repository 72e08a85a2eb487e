//! Whether a version works on the runtime it is used on.

use loadcase_model::{FactSource, VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, Runtime, source_of, statement};
use crate::check::newest;
use crate::knowledge::{Line, line_of};
use crate::version::{Listed, allows, listed, numbers};

const CLAIM: VersionClaim = VersionClaim::Compatible;

/// The runtime of an ecosystem, by its lifecycle.
fn runtime_of(ecosystem: &str) -> Option<&'static str> {
    Some(match ecosystem {
        "npm" => "nodejs",
        "pypi" => "python",
        "composer" => "php",
        "cargo" => "rust",
        _ => return None,
    })
}

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    let mut found = Vec::new();
    for (ecosystem, range) in &case.requires {
        let Some(on) = runtime_of(ecosystem) else { continue };
        for runtime in case.runtimes.iter().filter(|r| r.lifecycle == on) {
            found.extend(declared(case, ecosystem, range, runtime, "the lock file", None));
        }
    }
    let package = case.members.iter().find_map(|m| case.known.package(m));
    if let Some((package, need)) = package.and_then(|p| p.runtime.as_ref().map(|n| (p, n)))
        && case.requires.is_empty()
        && case.version.as_deref() == Some(&*package.latest)
    {
        let evidence =
            FactSource { source: package.source.clone(), day: package.as_of.clone(), fetched: None };
        for runtime in case.runtimes.iter().filter(|r| r.lifecycle == need.on) {
            found.extend(declared(
                case,
                &package.ecosystem,
                &need.range,
                runtime,
                &need.said_in,
                Some(&evidence),
            ));
        }
    }
    found.extend(of_line(case));
    found
}

/// The runtime as a whole version: a tag such as `18` runs the newest of its line.
fn whole(case: &Case<'_>, runtime: &Runtime) -> String {
    let lifecycle = case.known.lifecycle(&runtime.lifecycle);
    let newest = lifecycle.and_then(|l| match line_of(l, &runtime.version) {
        Line::Of(cycle) | Line::Floats(cycle) => newest::of_line(l, cycle),
        _ => None,
    });
    match newest {
        Some(newest) if numbers(&runtime.version).len() < numbers(&newest.version).len() => newest.version,
        _ => runtime.version.clone(),
    }
}

fn name<'a>(case: &'a Case<'_>, runtime: &'a Runtime) -> &'a str {
    case.known.lifecycle(&runtime.lifecycle).map_or(&runtime.lifecycle, |l| &l.name)
}

/// What a package declares, in its ecosystem's notation.
fn declared(
    case: &Case<'_>,
    ecosystem: &str,
    range: &str,
    runtime: &Runtime,
    said_in: &str,
    evidence: Option<&FactSource>,
) -> Option<VersionStatement> {
    // Cargo's rust-version is a least version.
    let holds = if ecosystem == "cargo" {
        match listed(range, &runtime.version)? {
            Listed::Yes => true,
            Listed::Below => false,
            Listed::Above | Listed::Between => return None,
        }
    } else {
        allows(ecosystem, range, &whole(case, runtime))?
    };
    let name = name(case, runtime);
    let mut told = if holds {
        let text = format!("works on {name} {}: asks for {range}", runtime.version);
        statement(CLAIM, A::Verified, Weight::Fine, "compatible", text)
    } else {
        let text = format!(
            "asks for {name} {range} ({said_in}), and runs on {} ({})",
            runtime.version, runtime.place
        );
        let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "incompatible", text);
        told.todo = Some(format!(
            "move {name} to a version it works on, or take a version for {name} {}",
            runtime.version
        ));
        told
    };
    told.evidence = evidence.into_iter().cloned().collect();
    Some(told)
}

/// What the lifecycle says of the line: lists end with the runtimes of their day.
fn of_line(case: &Case<'_>) -> Vec<VersionStatement> {
    let (Some(lifecycle), Some(version)) = (case.lifecycle, case.version.as_deref()) else {
        return Vec::new();
    };
    let Line::Of(cycle) = line_of(lifecycle, version) else { return Vec::new() };
    let mut found = Vec::new();
    for (on, list) in &cycle.runs_on {
        let of = case.known.lifecycle(on).map(|l| l.id.as_str());
        for runtime in case.runtimes.iter().filter(|r| Some(r.lifecycle.as_str()) == of || r.lifecycle == *on)
        {
            let (name, line) = (name(case, runtime), format!("{} {}", lifecycle.name, cycle.cycle));
            let said = format!("{line} works on {name} {list}");
            let mut told = match listed(list, &runtime.version) {
                Some(Listed::Yes) => statement(CLAIM, A::Verified, Weight::Fine, "compatible", said),
                Some(Listed::Below | Listed::Between) => {
                    let text = format!("{said}, and runs on {} ({})", runtime.version, runtime.place);
                    let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "incompatible", text);
                    told.todo = Some(format!("move {name} to one of {list}"));
                    told
                }
                Some(Listed::Above) => {
                    let text = format!("{said}; nothing is said of {}, which is newer", runtime.version);
                    statement(CLAIM, A::NotCovered, Weight::Note, "not-listed", text)
                }
                None => continue,
            };
            told.evidence = vec![source_of(lifecycle)];
            found.push(told);
        }
    }
    found
}
