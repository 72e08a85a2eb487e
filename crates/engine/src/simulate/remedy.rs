//! The smallest change that would have held: changes of the catalog, tried by running them.

use loadcase_catalog::Remedy as Spec;
use loadcase_model::{ComponentKind, Figure, Id, Origin, Remedy, TriedChange, Understood, Unit};
use loadcase_simulate::{Outcome, Prepared, Run};

use super::case::Case;
use super::judge::{Teller, saturations, targets};
use super::Runner;

/// Changes tried at most.
const MOST: usize = 24;
/// Parts that changes are tried on.
const SUSPECTS: usize = 3;
/// Replications that decide whether a change is worth confirming.
const SCREENING: u32 = 2;
/// Changes that did not hold and are told.
const TOLD: usize = 4;

/// Tries changes, what takes the least to do first, until one holds. None when there is nothing to try.
pub(super) fn search(runner: &Runner<'_>, case: &Case<'_>, prepared: &Prepared, outcome: &Outcome) -> Option<Remedy> {
    let before = format!("{:?}", prepared.network);
    let run = Run { replications: outcome.replications.max(1), precision: None, ..run_of(runner, prepared) };
    let screening = Run { replications: SCREENING.min(run.replications), ..run.clone() };
    let mut others: Vec<TriedChange> = Vec::new();
    let mut best = Some(outcome.overall.good.value);
    let (mut found, mut tried, mut partial) = (None, 0, false);
    for (spec, with) in candidates(runner, case, prepared, outcome) {
        if tried == MOST {
            break;
        }
        let Ok((changed, told)) = case.with(&with) else { continue };
        let Ok(Some(ready)) = changed.prepared() else { continue };
        if format!("{:?}", ready.network) == before {
            continue;
        }
        tried += 1;
        let attempt = |run: &Run| {
            let outcome = runner.simulated(&case.name(), &ready, run, (Some(&with), best)).ok().flatten()?;
            let all = targets(&changed, &outcome, runner.bounds.recover_within.as_ref());
            Some((all.iter().all(|t| t.held), outcome)).filter(|(_, o)| !o.partial)
        };
        let Some((mut held, mut seen)) = attempt(&screening) else {
            partial = true;
            break;
        };
        if held && run.replications > screening.replications {
            let Some(confirmed) = attempt(&run) else {
                partial = true;
                break;
            };
            (held, seen) = confirmed;
        }
        best = best.map(|b| b.max(seen.overall.good.value));
        let change = tried_change(runner, (case, &changed), spec, (&with, &told), &seen);
        if held {
            found = Some(change);
            break;
        }
        others.push(change);
    }
    others.sort_by(|a, b| b.good.value.unwrap_or(0.0).total_cmp(&a.good.value.unwrap_or(0.0)));
    others.truncate(TOLD);
    let tried = Figure::computed(f64::from(u32::try_from(tried).unwrap_or(u32::MAX)), Unit::One, "counted");
    (tried.value > 0.0 || partial).then_some(Remedy { found, others, tried, partial })
}

fn run_of(runner: &Runner<'_>, prepared: &Prepared) -> Run {
    Run { seed: runner.options.seed, ..prepared.run.clone() }
}

/// A change that was run, told.
fn tried_change(
    runner: &Runner<'_>,
    (case, changed): (&Case<'_>, &Case<'_>),
    spec: &Spec,
    (with, told): (&str, &Understood),
    seen: &Outcome,
) -> TriedChange {
    let tell = Teller::new(seen, &format!("{} with {with}", case.name()));
    TriedChange {
        remedy: spec.id.clone(),
        change: in_words(told),
        with: with.to_owned(),
        because: spec.because.trim().to_owned(),
        good: tell.interval(&seen.overall.good, 1.0, Unit::Share),
        monthly: monthly(runner, case, changed),
    }
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
    let calls = prepared.network.calls.iter().map(|c| called(case, &c.name)).collect::<Vec<_>>();
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
            } else {
                ("{cache}", caches.iter().collect())
            };
            all.extend(names.into_iter().map(|name| (spec, template.replace(hole, name))));
        }
    }
    all
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
    let saturated = saturations(outcome).into_iter().map(|(name, _)| name);
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
    sized
        .filter(|(_, c)| crate::change::kind_word(c.kind) == base)
        .map(|(id, c)| (id.to_string(), Some(c.kind)))
        .collect()
}
