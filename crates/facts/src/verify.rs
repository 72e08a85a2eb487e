//! The verification: what is in use, held against what is known, the worst first.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{End, Lifecycle};
use loadcase_model::{
    CheckedVersion, Id, LookAgain, Place, SourceAsked, Verification, VerificationTally, VersionAnswer,
    VersionClaim, Weight,
};

use crate::check::{Case, Runtime, newest_allowed, statements};
use crate::day::days_later;
use crate::inventory::{Inventory, Use};
use crate::knowledge::{Knowledge, Line, Subject, gets_fixes, line_of};
use crate::version::Pin;

/// How old statements may be, days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// On the end of support: announced long before, and rarely moved.
    pub support: i64,
    /// On the newest version: every few days there is another.
    pub newest: i64,
    /// That no advisory names a version.
    pub advisories: i64,
}

impl Default for Ages {
    fn default() -> Self {
        Self { support: 180, newest: 30, advisories: 30 }
    }
}

impl Ages {
    /// The same bound for everything.
    #[must_use]
    pub const fn all(days: i64) -> Self {
        Self { support: days, newest: days, advisories: days }
    }
}

/// How it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The day it is judged by, `YYYY-MM-DD`.
    pub today: String,
    /// How old statements may be.
    pub ages: Ages,
    /// Days before the end of a line from which on it is told.
    pub window: i64,
    /// Days before the end of a line by which to look again.
    pub lead: i64,
}

impl Options {
    /// The usual bounds on a day.
    pub fn on(today: impl Into<String>) -> Self {
        Self { today: today.into(), ages: Ages::default(), window: 180, lead: 90 }
    }
}

/// Most places kept of one version.
const PLACES: usize = 24;

/// Uses of one version of one thing.
struct Group<'a> {
    lifecycle: Option<&'a Lifecycle>,
    uses: Vec<&'a Use>,
}

/// Verifies an inventory.
#[must_use]
pub fn verify(inventory: &Inventory, known: &Knowledge, options: &Options) -> Verification {
    let groups = groups(inventory, known);
    let runtimes = runtimes(inventory);
    let mut again: BTreeSet<LookAgain> = BTreeSet::new();
    let mut checked: Vec<CheckedVersion> = Vec::with_capacity(groups.len());
    for group in groups.values() {
        checked.push(one(group, known, options, &runtimes));
        again.extend(look_again(group, options));
    }
    let rank = |c: &CheckedVersion| {
        let worst = c.statements.first();
        let severity = worst.and_then(|s| s.severity.as_ref()).map_or(4, |s| match s.as_str() {
            "critical" => 0,
            "high" => 1,
            "moderate" | "medium" => 2,
            _ => 3,
        });
        (worst.map_or(Weight::Fine, |s| s.weight), severity, worst.map(|s| (s.claim, s.answer)))
    };
    checked.sort_by(|a, b| {
        rank(a).cmp(&rank(b)).then_with(|| (&a.name, &a.version).cmp(&(&b.name, &b.version)))
    });
    Verification {
        schema: Verification::SCHEMA.to_owned(),
        name: inventory.name.clone(),
        today: options.today.clone(),
        sources: sources(known),
        tally: tally(&checked),
        checked,
        unversioned: inventory.unversioned,
        look_again: again.into_iter().next(),
        unanswered: Vec::new(),
    }
}

/// The lifecycle a use follows: that of the provider's service, where somebody else runs it.
fn lifecycle<'a>(known: &'a Knowledge, one: &Use) -> Option<&'a Lifecycle> {
    let service = one.provider.as_ref().and_then(|p| known.service(p.as_str(), &one.subject.name));
    service.or_else(|| known.lifecycle_of(&one.subject))
}

fn written(pin: &Pin) -> &str {
    match pin {
        Pin::Exact(text) | Pin::Range(text) | Pin::Other(text) => text,
    }
}

/// What the uses of one version are told apart by: the lifecycle or name, the version, and whether Loadcase
/// recommends it.
type Key = (String, String, bool);

/// Uses by what they are and their version: all artifacts of a technology are one.
fn groups<'a>(inventory: &'a Inventory, known: &'a Knowledge) -> BTreeMap<Key, Group<'a>> {
    let mut groups: BTreeMap<Key, Group<'a>> = BTreeMap::new();
    for one in &inventory.uses {
        let lifecycle = lifecycle(known, one);
        let what = lifecycle.map_or_else(|| one.subject.key(), |l| l.id.clone());
        let key = (what, written(&one.version).to_owned(), one.recommended);
        groups.entry(key).or_insert_with(|| Group { lifecycle, uses: Vec::new() }).uses.push(one);
    }
    groups
}

/// The runtimes of each component.
fn runtimes(inventory: &Inventory) -> BTreeMap<Option<Id>, BTreeSet<Runtime>> {
    let mut found: BTreeMap<Option<Id>, BTreeSet<Runtime>> = BTreeMap::new();
    for one in &inventory.uses {
        let (Some(lifecycle), Pin::Exact(version)) = (&one.runtime, &one.version) else { continue };
        let place = one.place.as_ref().map_or_else(String::new, ToString::to_string);
        let runtime = Runtime { lifecycle: lifecycle.clone(), version: version.clone(), place };
        found.entry(one.component.clone()).or_default().insert(runtime);
    }
    found
}

/// The runtimes that the components of a group run on; where the files name but one version of a runtime, it is that
/// of everything.
fn of_group(group: &Group<'_>, runtimes: &BTreeMap<Option<Id>, BTreeSet<Runtime>>) -> Vec<Runtime> {
    let components: BTreeSet<&Option<Id>> = group.uses.iter().map(|u| &u.component).collect();
    let own: BTreeSet<&Runtime> = components.iter().filter_map(|c| runtimes.get(*c)).flatten().collect();
    let mut found: Vec<Runtime> = own.iter().map(|r| (*r).clone()).collect();
    let mut only: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for runtime in runtimes.values().flatten() {
        only.entry(&runtime.lifecycle).or_default().insert(&runtime.version);
    }
    for runtime in runtimes.values().flatten() {
        let missing = !found.iter().any(|r| r.lifecycle == runtime.lifecycle);
        if missing && only.get(runtime.lifecycle.as_str()).is_some_and(|v| v.len() == 1) {
            found.push(runtime.clone());
        }
    }
    found
}

fn one(
    group: &Group<'_>,
    known: &Knowledge,
    options: &Options,
    runtimes: &BTreeMap<Option<Id>, BTreeSet<Runtime>>,
) -> CheckedVersion {
    let first = group.uses[0];
    let members: Vec<Subject> =
        group.uses.iter().map(|u| u.subject.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let version = match &first.version {
        Pin::Exact(version) => Some(version.clone()),
        Pin::Range(range) => newest_allowed(known, &first.subject, range),
        Pin::Other(_) => None,
    };
    // A runtime does not run on itself.
    let on = if first.runtime.is_some() { Vec::new() } else { of_group(group, runtimes) };
    let requires: BTreeSet<(String, String)> =
        group.uses.iter().filter_map(|u| Some((u.subject.ecosystem.clone(), u.requires.clone()?))).collect();
    let case = Case {
        known,
        options,
        members: &members,
        lifecycle: group.lifecycle,
        pin: &first.version,
        version,
        floats: first.floats,
        requires: requires.into_iter().collect(),
        deprecated: group.uses.iter().find_map(|u| u.deprecated.as_deref()),
        direct: group.uses.iter().any(|u| u.direct),
        runtimes: &on,
    };
    let statements = statements(&case);
    let not_covered =
        VersionClaim::ALL.into_iter().filter(|claim| !statements.iter().any(|s| s.claim == *claim)).collect();
    let places: BTreeSet<&Place> = group.uses.iter().filter_map(|u| u.place.as_ref()).collect();
    let components: BTreeSet<&Id> = group.uses.iter().filter_map(|u| u.component.as_ref()).collect();
    CheckedVersion {
        name: group.lifecycle.map_or_else(|| first.subject.name.clone(), |l| l.name.clone()),
        version: Some(written(&first.version).to_owned()),
        members: members.iter().map(|m| format!("{}:{}", m.ecosystem, m.name)).collect(),
        recommended: first.recommended,
        components: components.into_iter().cloned().collect(),
        places: places.into_iter().take(PLACES).cloned().collect(),
        statements,
        not_covered,
    }
}

/// By when to look at a version again: before its line ends, or when what is known of it has become too old.
fn look_again(group: &Group<'_>, options: &Options) -> Vec<LookAgain> {
    let Some(lifecycle) = group.lifecycle else { return Vec::new() };
    let Pin::Exact(version) = &group.uses[0].version else { return Vec::new() };
    let (Line::Of(cycle) | Line::Floats(cycle)) = line_of(lifecycle, version) else { return Vec::new() };
    if gets_fixes(cycle, &options.today) != Some(true) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(End::On(day)) = cycle.fixes.as_ref().or(cycle.active.as_ref()) {
        let because = format!("fixes for {} {} end on {day}", lifecycle.name, cycle.cycle);
        found.extend(days_later(day, -options.lead).map(|by| LookAgain { by, because }));
    }
    let because = format!(
        "what is known of the support of {} was read on {}, and is too old from then on",
        lifecycle.name, lifecycle.as_of
    );
    found.extend(days_later(&lifecycle.as_of, options.ages.support).map(|by| LookAgain { by, because }));
    for one in &mut found {
        one.by = one.by.clone().max(options.today.clone());
    }
    found
}

/// What was asked: what is delivered with Loadcase, and what was fetched.
fn sources(known: &Knowledge) -> Vec<SourceAsked> {
    let mut by_fetch: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for lifecycle in known.lifecycles() {
        by_fetch.entry(lifecycle.fetched.as_deref()).or_default().push(&lifecycle.as_of);
    }
    let mut found: Vec<SourceAsked> = Vec::new();
    for (fetched, mut days) in by_fetch {
        days.sort_unstable();
        // The day most of them are of.
        let day = days.chunk_by(|a, b| a == b).max_by_key(|c| c.len()).map_or("", |c| c[0]);
        let oldest =
            days.first().filter(|o| **o != day).map_or_else(String::new, |o| format!(", the oldest of {o}"));
        found.push(SourceAsked {
            name: if fetched.is_some() { "lifecycles" } else { "lifecycles delivered with Loadcase" }
                .to_owned(),
            covers: format!("release lines of {} technologies{oldest}", days.len()),
            day: day.to_owned(),
            fetched: fetched.map(str::to_owned),
        });
    }
    let packages = known.packages();
    if let Some(day) = packages.iter().map(|p| p.as_of.clone()).min() {
        found.push(SourceAsked {
            name: "packages".to_owned(),
            covers: format!("newest versions of {} packages", packages.len()),
            day,
            fetched: None,
        });
    }
    found.push(SourceAsked {
        name: "advisories delivered with Loadcase".to_owned(),
        covers: format!(
            "{} chosen advisories: a version that none of them names is not therefore without fault",
            known.advisories().len()
        ),
        day: known.listed_until().to_owned(),
        fetched: None,
    });
    found
}

fn tally(checked: &[CheckedVersion]) -> VerificationTally {
    let all = || checked.iter().flat_map(|c| &c.statements);
    let answered = |answer| all().filter(|s| s.answer == answer).count();
    let weighed = |weight| all().filter(|s| s.weight == weight).count();
    VerificationTally {
        versions: checked.len(),
        faults: weighed(Weight::Fault),
        warnings: weighed(Weight::Warning),
        verified: answered(VersionAnswer::Verified),
        contradicted: answered(VersionAnswer::Contradicted),
        stale: answered(VersionAnswer::Stale),
        not_covered: answered(VersionAnswer::NotCovered)
            + checked.iter().map(|c| c.not_covered.len()).sum::<usize>(),
    }
}
