//! Whether an advisory names a version. No hit is only worth something with its list and day.

use loadcase_catalog::{AdvisoryRecord, Affected, AffectedRange};
use loadcase_model::{FactSource, Id, VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, statement};
use crate::knowledge::{Knowledge, Line, Subject, line_of};
use crate::version::{Scheme, Version, numbers};

const CLAIM: VersionClaim = VersionClaim::Patched;

/// An advisory that names a version.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The advisory.
    pub advisory: &'a AdvisoryRecord,
    /// What of it is affected.
    pub affected: &'a Affected,
    /// The range the version lies in; absent when the version is listed by itself.
    pub range: Option<&'a AffectedRange>,
}

impl Hit<'_> {
    /// The first version with the fix: that of the range, or the lowest fix of a later line.
    #[must_use]
    pub fn fixed_in(&self) -> Option<&str> {
        self.range.and_then(|r| r.fixed.as_deref())
    }
}

/// Whether an affected package holds a version, and in which range; nothing when that cannot be decided.
fn holds<'a>(affected: &'a Affected, version: &str) -> Option<Option<Option<&'a AffectedRange>>> {
    let scheme = Scheme::of(&affected.ecosystem);
    let listed = affected.versions.iter().any(|v| v == version);
    let mut decided = true;
    match Version::parse(scheme, version) {
        None => decided = false,
        Some(parsed) => {
            for range in &affected.ranges {
                match scheme.within(range, &parsed) {
                    Some(true) => return Some(Some(Some(range))),
                    Some(false) => {}
                    None => decided = false,
                }
            }
        }
    }
    if listed { Some(Some(None)) } else { decided.then_some(None) }
}

/// The advisories that name an exact version of something.
#[must_use]
pub fn hits<'a>(known: &'a Knowledge, subject: &Subject, version: &str) -> Vec<Hit<'a>> {
    let all = known.advisories_of(subject);
    let named = all.into_iter().filter_map(|(advisory, affected)| {
        let range = holds(affected, version)??;
        Some(Hit { advisory, affected, range })
    });
    named.collect()
}

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    let listed: Vec<(&AdvisoryRecord, &Affected)> = distinct(case);
    let Some(version) = case.version.as_deref() else { return low_of_range(case) };
    if case.is_backport() {
        let text =
            "the version is a distribution's own: what was backported into it cannot be seen from its number";
        return vec![statement(CLAIM, A::NotCovered, Weight::Note, "backport", text.to_owned())];
    }
    if case.floats {
        return floating(case, &listed, version);
    }
    let mut found = Vec::new();
    let mut named: Vec<Hit<'_>> = Vec::new();
    let (mut clear, mut undecided) = (Vec::new(), Vec::new());
    for (advisory, affected) in &listed {
        match holds(affected, version) {
            Some(Some(range)) => named.push(Hit { advisory, affected, range }),
            Some(None) => clear.push(advisory.id.as_str()),
            None => undecided.push(advisory.id.as_str()),
        }
    }
    // What has the last of the fixes has them all: that is where to go, whichever advisory is read.
    let last = named.iter().filter(|h| h.fixed_in().is_some()).copied().reduce(later_fix);
    for hit in &named {
        let mut told = affected_by(case, hit, version);
        if let Some(last) = last.filter(|_| hit.fixed_in().is_some()) {
            told.todo = Some(way_out(case, &last, version));
        }
        found.push(told);
    }
    if !undecided.is_empty() {
        let text = format!("`{version}` cannot be held against the ranges of {}", undecided.join(", "));
        found.push(statement(CLAIM, A::NotCovered, Weight::Note, "unreadable", text));
    }
    if found.is_empty() {
        found.extend(unaffected(case, version, &clear));
    }
    if found.iter().all(|s| s.answer != A::Contradicted) {
        found.extend(low_of_range(case));
    }
    found
}

/// The one of two advisories whose fix came in the later version.
fn later_fix<'a>(a: Hit<'a>, b: Hit<'a>) -> Hit<'a> {
    let order = scheme(&a).compare(a.fixed_in().unwrap_or_default(), b.fixed_in().unwrap_or_default());
    if order == Some(std::cmp::Ordering::Less) { b } else { a }
}

/// The advisories about all members, each once.
fn distinct<'a>(case: &Case<'a>) -> Vec<(&'a AdvisoryRecord, &'a Affected)> {
    let mut found: Vec<(&AdvisoryRecord, &Affected)> = Vec::new();
    for member in case.members {
        for (advisory, affected) in case.known.advisories_of(member) {
            if !found.iter().any(|(a, f)| a.id == advisory.id && std::ptr::eq(*f, affected)) {
                found.push((advisory, affected));
            }
        }
    }
    found
}

fn affected_by(case: &Case<'_>, hit: &Hit<'_>, version: &str) -> VersionStatement {
    let advisory = hit.advisory;
    let rated = match (&advisory.severity, advisory.score) {
        (Some(severity), Some(score)) => format!(" ({severity}, CVSS {score:.1})"),
        (Some(severity), None) => format!(" ({severity})"),
        (None, Some(score)) => format!(" (CVSS {score:.1})"),
        (None, None) => String::new(),
    };
    let known = if advisory.second_hand { " Second-hand: confirm it with the vendor." } else { "" };
    let exploited =
        advisory.exploited.as_deref().map_or_else(String::new, |d| format!(" Exploited, as listed on {d}."));
    let text = format!("{}{rated}: {}{exploited}{known}", advisory.id, advisory.summary);
    let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "affected", text);
    told.todo = Some(way_out(case, hit, version));
    told.advisory = Some(advisory.id.clone());
    told.severity = advisory.severity.as_deref().map(Id::slug);
    told.evidence = vec![source(advisory)];
    told
}

fn source(advisory: &AdvisoryRecord) -> FactSource {
    let licence = advisory.licence.as_deref().map_or_else(String::new, |l| format!(" ({l})"));
    FactSource { source: format!("{}{licence}", advisory.source), day: advisory.as_of.clone(), fetched: None }
}

/// What to move to: the fix of the line the version is of; where its line has none, the lowest fix above it.
fn way_out(case: &Case<'_>, hit: &Hit<'_>, version: &str) -> String {
    let Some(fixed) = hit.fixed_in() else {
        let last = hit.range.and_then(|r| r.last.as_deref());
        return match (last, newest(case)) {
            (Some(last), Some((newest, day)))
                if scheme(hit).compare(last, &newest) == Some(std::cmp::Ordering::Less) =>
            {
                format!(
                    "{last} is the last version named; {newest} is newer, known on {day}: look whether it has a fix, or replace it"
                )
            }
            _ => "no version with a fix is known: replace it, or guard what reaches it".to_owned(),
        };
    };
    // A range that spans lines ends in the fix of the last of them: 8.0.6 is only fixed in 8.2.6.
    let (own, line) = (numbers(version), numbers(fixed));
    let moves = if own.first() != line.first() {
        "; its own line has no fix"
    } else if case.lifecycle.is_some_and(|l| apart(l, version, fixed)) {
        "; its line got none"
    } else {
        ""
    };
    format!("move to {fixed} or newer{moves}")
}

fn apart(lifecycle: &loadcase_catalog::Lifecycle, a: &str, b: &str) -> bool {
    match (line_of(lifecycle, a), line_of(lifecycle, b)) {
        (Line::Of(a), Line::Of(b)) => a.cycle != b.cycle,
        _ => false,
    }
}

fn scheme(hit: &Hit<'_>) -> Scheme {
    Scheme::of(&hit.affected.ecosystem)
}

fn newest(case: &Case<'_>) -> Option<(String, String)> {
    case.members.iter().find_map(|m| case.known.package(m)).map(|p| (p.latest.clone(), p.as_of.clone()))
}

/// No advisory names it: what that is worth depends on who was asked and when.
fn unaffected(case: &Case<'_>, version: &str, clear: &[&str]) -> Option<VersionStatement> {
    let answered = case.members.iter().find_map(|m| case.known.answered(m, version));
    if let Some(answered) = answered {
        let text = format!("no advisory in {} on {}", answered.source, answered.day);
        let stale = case.is_stale(&answered.day, case.options.ages.advisories);
        let (answer, weight) = if stale { (A::Stale, Weight::Note) } else { (A::Verified, Weight::Fine) };
        let mut told = statement(CLAIM, answer, weight, "no-advisory", text);
        told.evidence = vec![FactSource {
            source: answered.source.clone(),
            day: answered.day.clone(),
            fetched: Some(answered.day.clone()),
        }];
        return Some(told);
    }
    if clear.is_empty() {
        return None;
    }
    let day = case.known.listed_until();
    let stale = case.is_stale(day, case.options.ages.advisories);
    let text = format!(
        "has the fixes of {}, or lies outside their ranges; the list is a chosen one and ends on {day}",
        clear.join(", ")
    );
    let (answer, weight) = if stale { (A::Stale, Weight::Note) } else { (A::Verified, Weight::Fine) };
    let mut told = statement(CLAIM, answer, weight, "listed-fixes", text);
    told.evidence = vec![FactSource {
        source: "advisories delivered with Loadcase, a chosen list".to_owned(),
        day: day.to_owned(),
        fetched: None,
    }];
    Some(told)
}

/// A tag that names a line: which patch runs is not written down.
fn floating(
    case: &Case<'_>,
    listed: &[(&AdvisoryRecord, &Affected)],
    version: &str,
) -> Vec<VersionStatement> {
    let Some(lifecycle) = case.lifecycle.filter(|_| !listed.is_empty()) else { return Vec::new() };
    let (Line::Of(cycle) | Line::Floats(cycle)) = line_of(lifecycle, version) else { return Vec::new() };
    let Some(newest) = crate::check::newest::of_line(lifecycle, cycle) else { return Vec::new() };
    let mut named = Vec::new();
    let mut fixed: Vec<&str> = Vec::new();
    for (advisory, affected) in listed {
        match holds(affected, &newest.version) {
            Some(Some(range)) => {
                let mut told = affected_by(case, &Hit { advisory, affected, range }, &newest.version);
                told.text = format!(
                    "{} Even {}, the newest of the line known on {}, has it",
                    told.text, newest.version, newest.day
                );
                named.push(told);
            }
            Some(None) => {
                let bounds = affected.ranges.iter().filter_map(|r| r.fixed.as_deref());
                fixed.extend(
                    bounds.filter(|f| matches!(line_of(lifecycle, f), Line::Of(c) if c.cycle == cycle.cycle)),
                );
            }
            None => {}
        }
    }
    if named.is_empty() {
        let order = |a: &&str, b: &&str| Scheme::Dotted.compare(a, b).unwrap_or(std::cmp::Ordering::Equal);
        let Some(least) = fixed.into_iter().max_by(order) else { return Vec::new() };
        let text = format!(
            "the tag names no patch, so which one runs depends on the day it was pulled: {least} and newer have the fixes of the listed advisories"
        );
        let mut told = statement(CLAIM, A::NotCovered, Weight::Note, "floating", text);
        told.todo = Some(format!("pin a patch, such as {}", newest.version));
        told.evidence = vec![newest.evidence];
        named.push(told);
    }
    named
}

/// A range whose lowest version is affected lets an affected one in, also where the newest is not.
fn low_of_range(case: &Case<'_>) -> Vec<VersionStatement> {
    let Some(range) = case.range() else { return Vec::new() };
    let start = range.find(|c: char| c.is_ascii_digit());
    let low = start.map(|s| range[s..].split([' ', ',', '<', '|', ')', ']']).next().unwrap_or_default());
    let Some(low) = low.filter(|l| !l.is_empty()) else { return Vec::new() };
    // Bounds such as `<3` have no lowest version.
    if range.trim_start().starts_with(['<', '!', '(']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (advisory, affected) in distinct(case) {
        let Some(Some(held)) = holds(affected, low) else { continue };
        let hit = Hit { advisory, affected, range: held };
        let mut told = affected_by(case, &hit, low);
        told.weight = Weight::Warning;
        told.verdict = Id::slug("range-lets-in");
        told.text = format!("the range lets in {low}, and nothing is locked. {}", told.text);
        if let Some(fixed) = hit.fixed_in() {
            told.todo = Some(format!("ask for {fixed} or newer, or commit a lock file"));
        }
        found.push(told);
    }
    found
}
