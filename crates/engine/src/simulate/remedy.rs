//! The smallest change that would have held: changes of the catalog, tried by running them.

use loadcase_catalog::Remedy as Spec;
use loadcase_model::{
    Blueprint, ComponentKind, Figure, Id, Operation, OperationKind, Origin, Remedy, StepMode, TriedChange,
    Understood, Unit,
};
use loadcase_simulate::{Outcome, Prepared, Run};

use super::Runner;
use super::case::Case;
use super::judge::{Teller, saturations, targets};
use crate::change::{Edit, Given};

/// Changes tried at most.
const MOST: u32 = 32;
/// Parts that changes are tried on.
const SUSPECTS: usize = 3;
/// Callers that changes are tried on.
const CALLERS: usize = 2;
/// Replications that decide whether a change is worth confirming: where the run itself can afford few, one, since what
/// seems to hold is confirmed with as many as the run itself.
const SCREENING: u32 = 2;
const FEW: u32 = 3;
/// Changes that are tried two by two where none holds alone.
const PAIRED: usize = 5;
/// Changes that did not hold and are told.
const TOLD: usize = 4;

/// Tries changes, what takes the least to do first, until one holds; where none does, pairs of the most helpful.
/// None when there is nothing to try.
pub(super) fn search(
    runner: &Runner<'_>,
    case: &Case<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
) -> Option<Remedy> {
    let mut search = Search::new(runner, case, prepared, outcome);
    let mut found = None;
    for (spec, with) in candidates(runner, case, prepared, outcome) {
        if search.tried >= MOST || search.partial || found.is_some() {
            break;
        }
        found = search.attempt(spec, &with);
    }
    if found.is_none() && !search.partial {
        found = search.pairs();
    }
    search.told_of(found)
}

/// The same, within so many runs, among what costs nothing but money: more or larger of what there is.
pub(super) fn paid(
    runner: &Runner<'_>,
    case: &Case<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
    most: u32,
) -> Option<Remedy> {
    let mut search = Search::new(runner, case, prepared, outcome);
    let mut found = None;
    let all = candidates(runner, case, prepared, outcome);
    for (spec, with) in all.into_iter().filter(|(spec, _)| !spec.kinds.is_empty()) {
        if search.tried >= most || search.partial || found.is_some() {
            break;
        }
        if case.blueprint.as_ref().is_some_and(|b| is_paid(b, &with)) {
            found = search.attempt(spec, &with);
        }
    }
    search.told_of(found)
}

/// Whether a change is one of what is there, at a part that somebody waits for.
fn is_paid(blueprint: &Blueprint, with: &str) -> bool {
    let edit = Given::read(with).and_then(|given| Edit::read(&given, blueprint));
    let Ok((Edit::Size { component: part, .. }, _)) = edit else { return false };
    let waits = |o: &&Operation| {
        matches!(o.kind, OperationKind::Request | OperationKind::Webhook | OperationKind::Stream)
    };
    let visits = |s: &loadcase_model::Step| s.component == part && s.mode == StepMode::Sync;
    blueprint.operations.values().filter(waits).any(|o| o.steps.iter().any(visits))
}

/// A search on its way.
struct Search<'a> {
    runner: &'a Runner<'a>,
    case: &'a Case<'a>,
    /// The network as it is: a change that leaves it so is not worth a run.
    before: String,
    run: Run,
    screening: Run,
    best: f64,
    tried: u32,
    partial: bool,
    /// What did not hold, the most helpful first.
    others: Vec<TriedChange>,
}

impl<'a> Search<'a> {
    fn new(runner: &'a Runner<'a>, case: &'a Case<'a>, prepared: &Prepared, outcome: &Outcome) -> Self {
        let replications = outcome.replications.max(1);
        let run = Run { replications, precision: None, ..run_of(runner, prepared) };
        Self {
            runner,
            case,
            before: format!("{:?}", prepared.network),
            screening: Run {
                replications: if replications <= FEW { 1 } else { SCREENING.min(replications) },
                ..run.clone()
            },
            run,
            best: outcome.overall.good.value,
            tried: 0,
            partial: false,
            others: Vec::new(),
        }
    }

    /// What was found, and what else was tried; none when nothing was.
    fn told_of(self, found: Option<TriedChange>) -> Option<Remedy> {
        let Self { mut others, tried, partial, .. } = self;
        others.truncate(TOLD);
        let tried = Figure::computed(f64::from(tried), Unit::One, "counted");
        (tried.value > 0.0 || partial).then_some(Remedy { found, others, tried, partial })
    }

    /// Runs the system with changes, several of them separated by a space; says so when it holds.
    fn attempt(&mut self, spec: &Spec, with: &str) -> Option<TriedChange> {
        let mut changed = self.case.clone();
        let mut told = Vec::new();
        for one in with.split(' ') {
            let (next, understood) = changed.with(one).ok()?;
            changed = next;
            told.push(in_words(&understood));
        }
        let ready = changed.prepared().ok()??;
        if format!("{:?}", ready.network) == self.before {
            return None;
        }
        self.tried += 1;
        let (screening, run) = (self.screening.clone(), self.run.clone());
        let (mut held, mut seen) = self.ran(&changed, &ready, with, &screening)?;
        if held && run.replications > screening.replications {
            (held, seen) = self.ran(&changed, &ready, with, &run)?;
        }
        self.best = self.best.max(seen.overall.good.value);
        let change = self.told(&changed, spec, (with, &told.join("; ")), &seen);
        if held {
            return Some(change);
        }
        let better = |o: &TriedChange| o.good.value.unwrap_or(0.0) >= change.good.value.unwrap_or(0.0);
        let place = self.others.iter().position(|o| !better(o)).unwrap_or(self.others.len());
        self.others.insert(place, change);
        None
    }

    /// Runs it once and says whether every target held; none when it was stopped.
    fn ran(
        &mut self,
        changed: &Case<'_>,
        ready: &Prepared,
        with: &str,
        run: &Run,
    ) -> Option<(bool, Outcome)> {
        let seen = self.runner.simulated(&self.case.name(), ready, run, (Some(with), Some(self.best)));
        let Some(outcome) = seen.ok().flatten().filter(|o| !o.partial) else {
            self.partial = true;
            return None;
        };
        let all = targets(changed, &outcome, self.runner.bounds.recover_within.as_ref());
        Some((all.iter().all(|t| t.held), outcome))
    }

    /// Tries the most helpful changes of different kinds two by two.
    fn pairs(&mut self) -> Option<TriedChange> {
        let mut best: Vec<TriedChange> = Vec::new();
        for change in &self.others {
            if best.len() < PAIRED && !best.iter().any(|b| b.remedy == change.remedy) {
                best.push(change.clone());
            }
        }
        for (i, one) in best.iter().enumerate() {
            for other in &best[..i] {
                let spec = self.runner.session.catalog().remedies.get(&one.remedy)?;
                let found = self.attempt(spec, &format!("{} {}", other.with, one.with));
                if found.is_some() || self.partial {
                    return found;
                }
            }
        }
        None
    }

    /// A change that was run, told.
    fn told(
        &self,
        changed: &Case<'_>,
        spec: &Spec,
        (with, change): (&str, &str),
        seen: &Outcome,
    ) -> TriedChange {
        let tell = Teller::new(seen, &format!("{} with {with}", self.case.name()));
        TriedChange {
            remedy: spec.id.clone(),
            change: change.to_owned(),
            with: with.to_owned(),
            because: spec.because.trim().to_owned(),
            good: tell.interval(&seen.overall.good, 1.0, Unit::Share),
            monthly: monthly(self.runner, self.case, changed),
        }
    }
}

fn run_of(runner: &Runner<'_>, prepared: &Prepared) -> Run {
    Run { seed: runner.options.seed, ..prepared.run.clone() }
}

/// `Application: copies 3 to 6`.
pub(crate) fn in_words(told: &Understood) -> String {
    match (&told.before, &told.after) {
        (Some(before), Some(after)) => format!("{}, {} to {}", told.what, before.text(), after.text()),
        (None, Some(after)) => format!("{}, {}", told.what, after.text()),
        _ => told.what.clone(),
    }
}

/// What a change adds to the monthly bill, where it changes the blueprint.
fn monthly(runner: &Runner<'_>, case: &Case<'_>, changed: &Case<'_>) -> Option<Figure> {
    let cost = |case: &Case<'_>| {
        let blueprint = case.blueprint.as_ref()?;
        let forecasts = runner.session.forecast(blueprint);
        forecasts.iter().find(|f| f.horizon == case.horizon).map(|f| f.cost_total.value)
    };
    let more = cost(changed)? - cost(case)?;
    let origin = Origin::computed("the bill of the forecast with the change, minus that without it");
    (more.abs() >= 0.5).then_some(Figure { value: more, unit: Unit::UsdPerMonth, origin })
}

/// Changes worth trying, in their order: templates of the catalog with the parts that they may be about.
fn candidates<'a>(
    runner: &Runner<'a>,
    case: &Case<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
) -> Vec<(&'a Spec, String)> {
    let parts = suspects(case, outcome);
    let calls = callers(case, outcome);
    let caches = prepared.network.caches.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let mut all = Vec::new();
    for spec in runner.session.catalog().remedies.values() {
        for template in &spec.changes {
            let (hole, names): (&str, Vec<&String>) = if template.contains("{part}") {
                let fits = |(_, kind): &&(String, Option<ComponentKind>)| {
                    spec.kinds.is_empty() || kind.is_none_or(|k| spec.kinds.contains(&k))
                };
                ("{part}", parts.iter().filter(fits).map(|(name, _)| name).collect())
            } else if template.contains("{call}") {
                ("{call}", calls.iter().collect())
            } else if template.contains("{cache}") {
                ("{cache}", caches.iter().collect())
            } else {
                all.push((spec, template.clone()));
                continue;
            };
            all.extend(names.into_iter().map(|name| (spec, template.replace(hole, name))));
        }
    }
    all
}

/// Callers that tried again or gave up most, as they are written in a change.
fn callers(case: &Case<'_>, outcome: &Outcome) -> Vec<String> {
    let mut calls: Vec<(f64, &str)> =
        outcome.calls.iter().map(|c| (c.attempts.value * (1.0 + c.failed.value), c.name.as_str())).collect();
    calls.sort_by(|a, b| b.0.total_cmp(&a.0));
    calls.into_iter().take(CALLERS).map(|(_, name)| called(case, name)).collect()
}

/// How a call of the network is written in a change: the call of a flow by its two ends.
fn called(case: &Case<'_>, name: &str) -> String {
    match name.split_once(" to ") {
        Some((from, to)) if case.blueprint.is_some() => format!("{from}->{to}"),
        _ => name.to_owned(),
    }
}

/// Parts that may be at fault: those that were busy all the time, the first of them first; those that something
/// happened to; the busiest.
fn suspects(case: &Case<'_>, outcome: &Outcome) -> Vec<(String, Option<ComponentKind>)> {
    let saturated = saturations(case, outcome).into_iter().map(|(name, _)| name);
    let struck = case.scenario.changes.iter().map(|c| c.on.clone());
    let mut busy: Vec<_> = outcome.stations.iter().map(|s| (s.name.clone(), s.utilisation.value)).collect();
    busy.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut found: Vec<(String, Option<ComponentKind>)> = Vec::new();
    for name in saturated.chain(struck).chain(busy.into_iter().map(|(name, _)| name)) {
        for part in resolved(case, &name) {
            if found.len() < SUSPECTS && !found.contains(&part) {
                found.push(part);
            }
        }
    }
    found
}

/// The components that a name of the network or of the scenario stands for; parts of a system of its own are
/// themselves.
fn resolved(case: &Case<'_>, name: &str) -> Vec<(String, Option<ComponentKind>)> {
    let Some(blueprint) = &case.blueprint else {
        let system = case.scenario.system.as_ref();
        let known = system.is_some_and(|s| s.stations.contains_key(name) || s.pools.contains_key(name));
        return if known { vec![(name.to_owned(), None)] } else { Vec::new() };
    };
    let base = name.split_once(": ").map_or(name, |(id, _)| id);
    let base = base.strip_suffix(".replicas").unwrap_or(base);
    let sized = blueprint.components.iter().filter(|(_, c)| c.capacity.is_some());
    if let Some((id, c)) = sized.clone().find(|(id, _)| *id == &Id::slug(base)) {
        return vec![(id.to_string(), Some(c.kind))];
    }
    sized.filter(|(_, c)| c.kind.word() == base).map(|(id, c)| (id.to_string(), Some(c.kind))).collect()
}
