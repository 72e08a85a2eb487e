//! Two blueprints under the same scenarios and the same random numbers.

use loadcase_model::{
    Better, Contest, Duel, Forecast, Horizon, Interval, Origin, ScenarioDuel, SkippedScenario, Unit,
};
use loadcase_simulate::{Estimate, Outcome, Prepared, Run, simulate_watched};
use rayon::prelude::*;

use super::case::{Case, events};
use super::judge::{LEVEL, Teller};
use super::{Follow, Progress, SimulateError, SimulateOptions, System, Which, does_not_apply, skip, why_not};
use crate::Session;

/// Events that all pairs of a scenario may take together, unless their number is given.
const AFFORDABLE: f64 = 48e6;
/// Pairs at least and at most, unless their number is given.
const PAIRS: (f64, f64) = (4.0, 12.0);

/// A measure of a run: what it is, its unit, whether more of it is better, and its value.
type Measure = (&'static str, Unit, bool, fn(&Outcome, Option<f64>) -> f64);

/// What is compared in each scenario.
const MEASURES: [Measure; 5] = [
    ("answered in time", Unit::Share, true, |o, _| o.overall.good.value),
    ("p50 response time", Unit::Milliseconds, false, |o, _| o.overall.p50.value * 1e3),
    ("p95 response time", Unit::Milliseconds, false, |o, _| o.overall.p95.value * 1e3),
    ("p99 response time", Unit::Milliseconds, false, |o, _| o.overall.p99.value * 1e3),
    ("time to recover", Unit::Seconds, false, |o, from| {
        // What was not back at the end took at least as long as was left.
        from.map_or(f64::NAN, |from| o.series.recovery(from, 0.99, 5.0).unwrap_or(o.horizon - from))
    }),
];

impl Session {
    /// Compares two systems: the same scenarios, the same random numbers for the same purposes, so that what
    /// differs comes from the systems.
    ///
    /// # Errors
    /// When there is nothing to run, or a scenario that was asked for is faulty.
    pub fn duel(
        &self,
        (a, b): (&System, &System),
        which: &Which,
        options: &SimulateOptions,
        follow: Follow<'_>,
    ) -> Result<Duel, SimulateError> {
        let bounds = self.bounds(Some(if a.brief.is_some() { a } else { b }), options.horizon)?;
        let (scenarios, mut skipped) = self.choose(Some(&a.blueprint), which)?;
        let mut duels = Vec::new();
        for (done, scenario) in scenarios.iter().enumerate() {
            if scenario.system.is_some() {
                skipped.push(skip(scenario, "brings a system of its own: it says nothing about a blueprint"));
                continue;
            }
            let of = |s| {
                Case::of(self.catalog(), Some(s), options.horizon, scenario, Some(bounds.in_time.value / 1e3))
            };
            for (one, other) in of(&a.blueprint).into_iter().zip(of(&b.blueprint)) {
                if follow.watch.is_stopped() {
                    skipped.push(skip(scenario, "stopped before it was run"));
                    break;
                }
                let ready = |case: &Case<'_>,
                             name: &str|
                 -> Result<Prepared, Result<SkippedScenario, SimulateError>> {
                    match case.prepared() {
                        Ok(Some(prepared)) => Ok(prepared),
                        Ok(None) => Err(Ok(skip(scenario, "there is nothing that it could change"))),
                        Err(error) if does_not_apply(&error) => {
                            Err(Ok(skip(scenario, &format!("{name}: {}", why_not(&error)))))
                        }
                        Err(error) => {
                            Err(Err(SimulateError::Scenario { id: scenario.id.to_string(), error }))
                        }
                    }
                };
                let both =
                    ready(&one, &a.blueprint.name).and_then(|x| Ok((x, ready(&other, &b.blueprint.name)?)));
                match both {
                    Ok(both) => duels.extend(fight(&one, &both, options, follow, (done, scenarios.len()))),
                    Err(Ok(left_out)) => skipped.push(left_out),
                    Err(Err(error)) => return Err(error),
                }
            }
        }
        Ok(Duel {
            schema: Duel::SCHEMA.to_owned(),
            a: a.blueprint.name.clone(),
            b: b.blueprint.name.clone(),
            basis: format!("both simulated with the same random numbers; seed {}", options.seed),
            seed: options.seed,
            horizon: options.horizon,
            forecast: self.forecasts(a, b, options.horizon),
            scenarios: duels,
            skipped,
            partial: follow.watch.is_stopped(),
            notes: vec![
                "response times are of what was answered: where one system answers more than 1% more requests in \
                 time, they are not held against it"
                    .to_owned(),
            ],
        })
    }

    /// What the forecasts say of both, without chance.
    fn forecasts(&self, a: &System, b: &System, horizon: Horizon) -> Vec<Contest> {
        let of = |s: &System| self.forecast(&s.blueprint).into_iter().find(|f| f.horizon == horizon);
        let (Some(a), Some(b)) = (of(a), of(b)) else { return Vec::new() };
        type Number = (&'static str, bool, fn(&Forecast) -> &loadcase_model::Figure);
        let numbers: [Number; 6] = [
            ("p95 response time", false, |f| &f.latency.p95),
            ("rate at saturation", true, |f| &f.saturation.rate),
            ("availability", true, |f| &f.availability.share),
            ("recovery time", false, |f| &f.availability.recovery_time),
            ("monthly cost", false, |f| &f.cost_total),
            ("people to run it", false, |f| &f.people_total),
        ];
        let exact = |value: f64, unit, origin: Origin| Interval {
            value: value.is_finite().then_some(value),
            low: None,
            high: None,
            unit,
            origin,
        };
        let contest = |(name, more, of): &Number| {
            let (x, y) = (of(&a), of(&b));
            let difference = y.value - x.value;
            let same = x.text() == y.text();
            Contest {
                measure: (*name).to_owned(),
                a: exact(x.value, x.unit, x.origin.clone()),
                b: exact(y.value, y.unit, y.origin.clone()),
                difference: exact(difference, x.unit, Origin::computed("the second minus the first")),
                better: if same { Better::Neither } else { better(difference, *more) },
            }
        };
        numbers.iter().map(contest).collect()
    }
}

const fn better(difference: f64, more_is_better: bool) -> Better {
    if (difference > 0.0) == more_is_better { Better::B } else { Better::A }
}

/// Runs a scenario on both, pair by pair; none when it was stopped before two pairs were complete.
fn fight(
    case: &Case<'_>,
    (a, b): &(Prepared, Prepared),
    options: &SimulateOptions,
    follow: Follow<'_>,
    done: (usize, usize),
) -> Option<ScenarioDuel> {
    let cost = events(&a.network, a.run.horizon) + events(&b.network, b.run.horizon);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and below")]
    let affordable = (AFFORDABLE / cost.max(1.0)).clamp(PAIRS.0, PAIRS.1) as u32;
    let pairs = options.replications.unwrap_or(affordable).max(2);
    let seconds = 2.0 * a.run.horizon * f64::from(pairs);
    (follow.tell)(&Progress { scenario: &case.name(), trying: None, best: None, seconds, done });
    let one = |prepared: &Prepared, seed: u64| {
        let run = Run { seed, replications: 1, ..prepared.run.clone() };
        simulate_watched(&prepared.network, &run, follow.watch).ok().flatten()
    };
    let run = |i: u32| {
        let seed = options.seed.wrapping_add(u64::from(i));
        Some((one(a, seed)?, one(b, seed)?))
    };
    let all: Vec<(Outcome, Outcome)> =
        (0..pairs).into_par_iter().map(run).collect::<Vec<_>>().into_iter().flatten().collect();
    if all.len() < 2 {
        return None;
    }
    let from = case.disturbed().map(|(from, _)| from);
    let tell = Teller::paired(&case.name(), all.len(), a.run.horizon);
    let measures = MEASURES.iter().filter_map(|(name, unit, more, of)| {
        let each = |pick: &dyn Fn(&(Outcome, Outcome)) -> f64| Estimate::of(all.iter().map(pick));
        let (x, y) = (each(&|p| of(&p.0, from)), each(&|p| of(&p.1, from)));
        if x.count == 0 || y.count == 0 {
            return None;
        }
        let difference = each(&|p| of(&p.1, from) - of(&p.0, from));
        let half = difference.half_width(LEVEL);
        let told = difference.value.abs() > half && difference.value.abs() > 1e-9;
        Some(Contest {
            measure: (*name).to_owned(),
            a: tell.interval(&x, 1.0, *unit),
            b: tell.interval(&y, 1.0, *unit),
            difference: Interval {
                value: Some(difference.value),
                low: Some(difference.value - half),
                high: Some(difference.value + half),
                unit: *unit,
                origin: tell.origin(),
            },
            better: if told { better(difference.value, *more) } else { Better::Neither },
        })
    });
    let mut measures: Vec<Contest> = measures.collect();
    only_comparable(&mut measures);
    Some(ScenarioDuel { id: case.scenario.id.clone(), name: case.name(), measures })
}

/// How far the shares of requests answered in time may lie apart for response times to be comparable.
const ALIKE: f64 = 0.01;

/// Response times are of what was answered: where one answers far fewer requests, those few may well be fast.
fn only_comparable(measures: &mut [Contest]) {
    let apart = measures.first().and_then(|m| m.difference.value).is_some_and(|d| d.abs() > ALIKE);
    for contest in measures.iter_mut().filter(|m| apart && m.difference.unit == Unit::Milliseconds) {
        contest.better = Better::Neither;
    }
}
