//! What a simulation found, as what people and programs read: targets held or broken, and how it went over time.

use loadcase_model::{
    ErrorShare, Figure, Id, Interval, NamedStretch, OperationRun, Origin, PartTimeline, Recovery, Saturated,
    ScenarioRun, ScenarioTarget, Timeline, Unit,
};
use loadcase_simulate::{Estimate, OperationOutcome, Outcome, Prepared, Series};

use super::case::Case;

/// Level of all intervals.
pub(crate) const LEVEL: f64 = 0.95;
/// Values of a timeline at most.
const MOST_VALUES: usize = 120;
/// Parts of a timeline at most: those with the longest queues.
const MOST_PARTS: usize = 6;
/// Share of what was good before at which a system counts as back, and for how many seconds it has to stay so.
const BACK: (f64, f64) = (0.99, 5.0);
/// Share of requests that has to be answered in time in the last window of a scenario that does not say.
const USUAL: f64 = 0.99;

/// How estimates are told.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    by: String,
}

impl Teller {
    pub(crate) fn new(outcome: &Outcome, name: &str) -> Self {
        Self {
            by: format!(
                "simulated: {name}, {} replications of {} s, 95% interval",
                outcome.replications, outcome.horizon
            ),
        }
    }

    /// For pairs of runs with the same random numbers.
    pub(crate) fn paired(name: &str, pairs: usize, length: f64) -> Self {
        Self {
            by: format!(
                "simulated: {name}, {pairs} pairs of {length} s with the same random numbers, 95% interval"
            ),
        }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::computed(self.by.clone())
    }

    /// An estimate times a factor that brings it into the unit.
    pub(crate) fn interval(&self, estimate: &Estimate, factor: f64, unit: Unit) -> Interval {
        let finite = |v: f64| v.is_finite().then_some(v);
        let half = estimate.half_width(LEVEL) * factor;
        let value = estimate.value * factor;
        // Neither a time nor a share is ever below nothing, and a share never above all.
        let most = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
        Interval {
            value: finite(value),
            low: finite((value - half).max(0.0)),
            high: finite((value + half).min(most)),
            unit,
            origin: self.origin(),
        }
    }

    fn share(&self, estimate: &Estimate) -> Interval {
        self.interval(estimate, 1.0, Unit::Share)
    }

    pub(crate) fn ms(&self, estimate: &Estimate) -> Interval {
        self.interval(estimate, 1e3, Unit::Milliseconds)
    }

    fn figure(&self, value: f64, unit: Unit) -> Figure {
        Figure { value, unit, origin: self.origin() }
    }
}

/// Everything there is to say of a run.
pub(crate) fn judged(
    case: &Case<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
    targets: Vec<ScenarioTarget>,
) -> ScenarioRun {
    let tell = Teller::new(outcome, &case.name());
    let overall = &outcome.overall;
    let failed = overall.failed.iter();
    let holds = targets.iter().all(|t| t.held);
    ScenarioRun {
        id: case.scenario.id.clone(),
        name: case.name(),
        summary: case.scenario.summary.trim().to_owned(),
        holds,
        targets,
        replications: tell.figure(f64::from(outcome.replications), Unit::One),
        length: tell.figure(outcome.horizon, Unit::Seconds),
        good: tell.share(&overall.good),
        p50: tell.ms(&overall.p50),
        p95: tell.ms(&overall.p95),
        p99: tell.ms(&overall.p99),
        errors: failed
            .map(|(cause, share)| ErrorShare { cause: cause.text().to_owned(), share: tell.share(share) })
            .collect(),
        recovery: recovery(case, outcome, &tell),
        // A part that is busy for a moment while everything holds is no news.
        saturated: saturated(case, outcome, &tell).filter(|_| case.disturbed().is_some() || !holds),
        operations: outcome.operations.iter().map(|o| operation(case, o, &tell)).collect(),
        remedy: None,
        timeline: timeline(case, prepared, outcome, &tell),
        partial: outcome.partial,
    }
}

fn operation(case: &Case<'_>, outcome: &OperationOutcome, tell: &Teller) -> (Id, OperationRun) {
    let id = Id::slug(&outcome.name);
    let id = Id::new(outcome.name.clone()).unwrap_or(id);
    let known = case.blueprint.as_ref().and_then(|b| b.operations.get(&id));
    let run = OperationRun {
        name: known.map_or_else(|| outcome.name.clone(), |o| o.name.clone()),
        offered: tell.interval(&outcome.offered, 1.0, Unit::PerSecond),
        good: tell.share(&outcome.good),
        p50: tell.ms(&outcome.p50),
        p95: tell.ms(&outcome.p95),
        p99: tell.ms(&outcome.p99),
    };
    (id, run)
}

/// What a scenario wants of a system, and whether it held.
pub(crate) fn targets(
    case: &Case<'_>,
    outcome: &Outcome,
    recover_within: Option<&Figure>,
) -> Vec<ScenarioTarget> {
    let tell = Teller::new(outcome, &case.name());
    let last = outcome.windows.last().map(|w| (w.name.clone(), USUAL));
    let said: Vec<(String, f64)> = case.scenario.holds.iter().map(|(w, s)| (w.clone(), *s)).collect();
    let wanted = if said.is_empty() { last.into_iter().collect() } else { said };
    let mut targets: Vec<ScenarioTarget> = wanted
        .iter()
        .filter_map(|(window, share)| {
            let seen = &outcome.windows.iter().find(|w| w.name == *window)?.good;
            Some(target(case, &tell, format!("answered in time, {window}"), *share, seen))
        })
        .collect();
    let spared = case.scenario.spares.iter().filter_map(|(window, share)| {
        let seen = &outcome.windows.iter().find(|w| w.name == *window)?.spared;
        Some((format!("answered in time, {window}, of what does not need it"), *share, seen))
    });
    targets.extend(spared.map(|(name, share, seen)| target(case, &tell, name, share, seen)));
    if let (Some(bound), Some((from, _))) = (recover_within, case.disturbed()) {
        let back = outcome.series.recovery(from, BACK.0, BACK.1);
        let seen =
            Interval { value: back, low: None, high: None, unit: Unit::Seconds, origin: tell.origin() };
        let held = back.is_some_and(|b| b <= bound.value);
        targets.push(ScenarioTarget { name: "back to normal".to_owned(), wanted: bound.clone(), seen, held });
    }
    targets
}

/// A share of requests that has to be answered in time.
fn target(case: &Case<'_>, tell: &Teller, name: String, share: f64, seen: &Estimate) -> ScenarioTarget {
    let origin = Origin::computed(format!("what the scenario {} wants", case.scenario.id));
    ScenarioTarget {
        name,
        wanted: Figure { value: share, unit: Unit::Share, origin },
        seen: tell.share(seen),
        // Nothing came in the window: nothing was late.
        held: seen.value.is_nan() || seen.value >= share,
    }
}

fn recovery(case: &Case<'_>, outcome: &Outcome, tell: &Teller) -> Recovery {
    let Some((from, _)) = case.disturbed() else { return Recovery::Undisturbed };
    match outcome.series.recovery(from, BACK.0, BACK.1) {
        None => Recovery::Never,
        Some(after) if after <= 0.0 => Recovery::Unharmed,
        Some(after) => Recovery::After(tell.figure(after, Unit::Seconds)),
    }
}

/// Stations and pools that were busy all the time, the first of them first: name and moment. What was busy before
/// the disturbance had nothing to do with it.
pub(crate) fn saturations(case: &Case<'_>, outcome: &Outcome) -> Vec<(String, f64)> {
    let from = case.disturbed().map_or(0.0, |(from, _)| from - outcome.series.width);
    let stations = outcome.stations.iter().map(|s| (s.name.clone(), s.saturated_at.value));
    let pools = outcome.pools.iter().map(|p| (p.name.clone(), p.saturated_at.value));
    let mut all: Vec<(String, f64)> = stations.chain(pools).filter(|(_, at)| *at >= from).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}

fn saturated(case: &Case<'_>, outcome: &Outcome, tell: &Teller) -> Option<Saturated> {
    let (part, at) = saturations(case, outcome).into_iter().next()?;
    Some(Saturated { part: case.part_name(&part), at: tell.figure(at, Unit::Seconds) })
}

fn timeline(case: &Case<'_>, prepared: &Prepared, outcome: &Outcome, tell: &Teller) -> Timeline {
    let series = &outcome.series;
    let fold = series.good.len().div_ceil(MOST_VALUES).max(1);
    let mean = |values: &[f64]| folded(values, fold);
    let quantile = |i: usize| -> Vec<Option<f64>> {
        // As many values as the rest has, each from the slice that it lies in.
        let count = series.good.len().div_ceil(fold);
        let step = series.width * fold as f64;
        let at = |k: usize| {
            (((k as f64 + 0.5) * step / series.slice.max(1e-9)) as usize)
                .min(series.quantiles.len().saturating_sub(1))
        };
        let value =
            |k: usize| series.quantiles.get(at(k)).map(|q| rounded(q[i] * 1e3)).filter(|v| v.is_finite());
        (0..count).map(value).collect()
    };
    let stretch = |name: &str, from: f64, until: f64| NamedStretch {
        name: name.to_owned(),
        from_s: from,
        until_s: until,
    };
    Timeline {
        basis: tell.by.clone(),
        step_s: series.width * fold as f64,
        offered_per_s: mean(&series.offered),
        good_per_s: mean(&series.good),
        failed_per_s: mean(&series.failed),
        p50_ms: quantile(0),
        p95_ms: quantile(1),
        p99_ms: quantile(2),
        parts: parts(case, outcome, series, fold),
        windows: prepared.run.windows.iter().map(|(n, from, until)| stretch(n, *from, *until)).collect(),
        disturbed: case.disturbed().map(|(from, until)| stretch("disturbance", from, until)),
    }
}

/// Stations with a queue or a change of size, those with the longest queue first.
fn parts(case: &Case<'_>, outcome: &Outcome, series: &Series, fold: usize) -> Vec<PartTimeline> {
    let stations = outcome.stations.iter().map(|s| &s.name).zip(&series.stations);
    let pools = outcome.pools.iter().map(|p| &p.name).zip(&series.pools);
    let mut all: Vec<(f64, PartTimeline)> = Vec::new();
    for (name, bins) in stations.chain(pools) {
        let column =
            |of: &dyn Fn(&(f64, f64, f64)) -> f64| folded(&bins.iter().map(of).collect::<Vec<_>>(), fold);
        let part = PartTimeline {
            name: case.part_name(name),
            waiting: column(&|b| b.1),
            busy: column(&|b| b.0),
            servers: column(&|b| b.2),
        };
        let longest = part.waiting.iter().copied().fold(0.0, f64::max);
        let changes = part.servers.windows(2).any(|w| (w[0] - w[1]).abs() > 1e-6);
        if longest >= 1.0 || changes {
            all.push((longest, part));
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(MOST_PARTS).map(|(_, part)| part).collect()
}

/// Means of `fold` values each.
fn folded(values: &[f64], fold: usize) -> Vec<f64> {
    values.chunks(fold).map(|c| rounded(c.iter().sum::<f64>() / c.len() as f64)).collect()
}

/// Four significant digits: charts show no more.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { 0.0 } else { value };
    }
    let scale = 10f64.powf(3.0 - value.abs().log10().floor());
    (value * scale).round() / scale
}
