//! A second opinion on a design's forecast: simulated, within a small budget, and where the two disagree.

use loadcase_catalog::Scenario;
use loadcase_model::{
    Design, Figure, Horizon, Input, Interval, Opinion, ScenarioRun, SecondOpinion, SkippedScenario, Unit,
};
use loadcase_simulate::{Outcome, Prepared, Run, Watch, from_blueprint, simulate};
use rayon::prelude::*;

use super::case::{Case, events};
use super::curve::{Effort, curve};
use super::judge::{Teller, judged, targets};
use super::{Bounds, Follow, Runner, SimulateOptions, does_not_apply, remedy, skip, why_not};
use crate::Session;

/// Events of the comparison with the formula, over all replications, and their number.
const STEADY: (f64, u32) = (8e5, 4);
/// Events of all scenarios together.
const SCENARIOS: f64 = 3.5e6;
/// Events of the changes that are tried where a scenario breaks, all together.
const REMEDIES: f64 = 2e6;
/// Shortest and longest replication, seconds.
const LENGTH: (f64, f64) = (2.0, 600.0);
/// Share of a replication that is warm-up.
const WARM_UP: f64 = 0.15;
/// Answers that a 95th percentile needs: ten beyond it in each replication.
const ENOUGH: f64 = 200.0;
/// How far formula and simulation may lie apart, as a share, before it is told.
const APART: f64 = 0.1;
/// How far they may lie apart, as a share of the response time that is wanted: what no target notices is not told.
const NOTICED: f64 = 0.02;

impl Session {
    /// Simulates a design beside its forecast: percentiles of each operation, how they rise with the load, and the
    /// short set of scenarios, as far as a budget of events goes. The budget counts events and no time, so the
    /// same design and seed give the same opinion. Nothing is said of a design that is too large for it.
    #[must_use]
    pub fn second_opinion(&self, design: &Design, seed: u64) -> Option<SecondOpinion> {
        let horizon = Horizon::Later;
        let forecast = design.forecasts.at(horizon);
        let blueprint = &design.blueprint;
        let workload = blueprint.workloads.iter().find(|w| w.horizon == horizon)?;
        let network = from_blueprint(blueprint, self.catalog(), workload).network;
        let each = events(&network, 1.0);
        let length = (STEADY.0 / f64::from(STEADY.1) / each.max(1e-6)).min(LENGTH.1);
        if length < LENGTH.0 || each <= 0.0 {
            return None;
        }
        let run = Run { seed, bins: 60, ..Run::new(length).warm_up(WARM_UP * length).replications(STEADY.1) };
        let outcome = simulate(&network, &run).ok()?;
        let tell = Teller::new(&outcome, "steady peak");
        let wanted = design.reading(Input::LatencyP99Ms).map(|r| r.later.clone());
        let unnoticed = wanted.as_ref().map_or(0.0, |w| NOTICED * w.value);
        let mut operations = indexmap::IndexMap::new();
        let mut unjudged = Vec::new();
        for seen in &outcome.operations {
            let Some((id, formula)) = forecast.operations.get_key_value(seen.name.as_str()) else { continue };
            if seen.throughput.value * counted(&outcome) < ENOUGH * f64::from(outcome.replications) {
                unjudged.push(id.clone());
            } else {
                operations.insert(id.clone(), opinion(&formula.latency.p95, tell.ms(&seen.p95), unnoticed));
            }
        }
        let (scenarios, skipped) = self.short_set(design, seed, wanted.as_ref());
        Some(SecondOpinion {
            horizon,
            replications: Figure::computed(f64::from(outcome.replications), Unit::One, "counted"),
            length: Figure::computed(outcome.horizon, Unit::Seconds, "what a budget of events affords"),
            // The forecast over all operations is without the time in systems of others, too.
            overall: opinion(&forecast.latency.p95, tell.ms(&outcome.own[1]), unnoticed),
            operations,
            unjudged,
            curve: curve(self, blueprint, horizon, seed, &Effort::QUICK, wanted.as_ref())?,
            scenarios,
            skipped,
        })
    }

    /// The short set of scenarios, once each, as far as the budget goes.
    fn short_set(
        &self,
        design: &Design,
        seed: u64,
        wanted: Option<&Figure>,
    ) -> (Vec<ScenarioRun>, Vec<SkippedScenario>) {
        let known = |input| design.reading(input).map(|r| r.later.clone());
        let positive = |f: &Figure| f.value.is_finite() && f.value > 0.0;
        let bounds = Bounds {
            in_time: wanted
                .filter(|w| positive(w))
                .cloned()
                .unwrap_or_else(|| self.assumed(Input::LatencyP99Ms)),
            recover_within: known(Input::RecoveryTimeS).filter(positive),
        };
        let mut skipped = Vec::new();
        let mut cases = Vec::new();
        // The steady peak is what the percentiles above are from.
        let disturbs = |s: &&Scenario| !s.changes.is_empty() || !s.load.is_empty();
        let short = self.catalog().scenarios.values().filter(|s| s.short && s.system.is_none());
        for scenario in short.filter(disturbs) {
            let in_time = Some(bounds.in_time.value / 1e3);
            let all = Case::of(self.catalog(), Some(&design.blueprint), Horizon::Later, scenario, in_time);
            let Some(case) = all.into_iter().next() else { continue };
            match case.prepared() {
                Ok(Some(prepared)) => {
                    let short = case.in_short(&prepared).and_then(|c| Some((c.prepared().ok()??, c)));
                    let (prepared, case) = short.unwrap_or((prepared, case));
                    let cost = events(&prepared.network, prepared.run.horizon);
                    cases.push((case, prepared, cost));
                }
                Err(error) if does_not_apply(&error) => skipped.push(skip(scenario, &why_not(&error))),
                Ok(None) | Err(_) => {}
            }
        }
        skipped.extend(beyond_budget(&mut cases));
        let options = SimulateOptions { seed, replications: Some(1), ..SimulateOptions::default() };
        let watch = Watch::new();
        let run = |one: &Tried<'_>| {
            let run = Run { seed, replications: 1, ..one.1.run.clone() };
            let outcome = simulate(&one.1.network, &run).ok()?;
            let targets = targets(&one.0, &outcome, bounds.recover_within.as_ref());
            let judged = judged(&one.0, &one.1, &outcome, targets);
            Some((judged, outcome))
        };
        let ran: Vec<Option<(ScenarioRun, Outcome)>> = cases.par_iter().map(run).collect();
        let broken = ran.iter().flatten().filter(|(judged, _)| !judged.holds).count();
        let share = REMEDIES / broken.max(1) as f64;
        let both = cases.par_iter().zip(ran).filter_map(|(one, ran)| Some((one, ran?)));
        let told = both.map(|((case, prepared, cost), (mut judged, outcome))| {
            if !judged.holds {
                let follow = Follow { watch: &watch, tell: &|_| {} };
                let runner =
                    Runner { session: self, options: &options, bounds: &bounds, follow, done: (0, 1) };
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "bounded both ways"
                )]
                let most = (share / cost.max(1.0)).clamp(0.0, 8.0) as u32;
                judged.remedy = remedy::paid(&runner, case, prepared, &outcome, most);
            }
            judged
        });
        (told.collect(), skipped)
    }
}

/// A case, ready to run, and the events that it takes, roughly.
type Tried<'a> = (Case<'a>, Prepared, f64);

/// Leaves out the dearest cases until the rest is within the budget; says which.
fn beyond_budget(cases: &mut Vec<Tried<'_>>) -> Vec<SkippedScenario> {
    let mut costs: Vec<f64> = cases.iter().map(|c| c.2).collect();
    costs.sort_by(f64::total_cmp);
    let mut sum = 0.0;
    let affordable = costs.iter().take_while(|cost| {
        sum += **cost;
        sum <= SCENARIOS
    });
    let most = affordable.last().copied().unwrap_or(0.0);
    let reason = "too much to simulate beside a design: `loadcase simulate` runs it";
    let beyond = |c: &&Tried<'_>| c.2 > most;
    let skipped = cases.iter().filter(beyond).map(|c| skip(&c.0.scenario, reason)).collect();
    cases.retain(|c| !beyond(&c));
    skipped
}

/// Seconds that count, over all replications.
fn counted(outcome: &Outcome) -> f64 {
    (outcome.horizon - outcome.warm_up) * f64::from(outcome.replications)
}

/// Formula against simulation; a difference of at most `unnoticed` milliseconds is none.
fn opinion(formula: &Figure, simulated: Interval, unnoticed: f64) -> Opinion {
    let value = simulated.value.unwrap_or(f64::NAN);
    let apart = formula.value / value - 1.0;
    let is_near = apart.abs() <= APART || (formula.value - value).abs() <= unnoticed;
    Opinion {
        formula: formula.clone(),
        agrees: simulated.admits(formula.value) || is_near,
        apart: Figure::computed(apart, Unit::Share, "the formula's value against the simulated one"),
        simulated,
    }
}
