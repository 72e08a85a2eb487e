//! Response times as the load rises: by formula at many loads, simulated at some.

use loadcase_model::{Blueprint, CurvePoint, Figure, Horizon, LoadCurve, SimulatedPoint};
use loadcase_simulate::{Run, from_blueprint, simulate};

use super::case::events;
use super::judge::{Teller, rounded};
use crate::Session;

/// How much is spent on a curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Loads by formula.
    points: usize,
    /// Loads that are simulated, as shares of the load at saturation.
    simulated: &'static [f64],
    /// Events of each of them.
    events: f64,
    replications: u32,
    /// Longest replication, seconds.
    longest: f64,
}

impl Effort {
    /// For a report.
    pub(crate) const FULL: Self = Self {
        points: 48,
        simulated: &[0.2, 0.4, 0.6, 0.75, 0.85, 0.92],
        events: 4e6,
        replications: 6,
        longest: 600.0,
    };
    /// Beside a design.
    pub(crate) const QUICK: Self =
        Self { points: 32, simulated: &[0.4, 0.7, 0.9], events: 1.6e5, replications: 4, longest: 120.0 };
}

/// Share of the load at saturation up to which the formula is drawn.
const UP_TO: f64 = 0.985;
/// Shortest replication that says anything, seconds.
const SHORTEST: f64 = 4.0;
/// Share of a replication that is warm-up.
const WARM_UP: f64 = 0.2;

/// The curve of a blueprint; none where nothing is asked for, or nothing ever saturates.
pub(crate) fn curve(
    session: &Session,
    blueprint: &Blueprint,
    horizon: Horizon,
    seed: u64,
    effort: &Effort,
    wanted: Option<&Figure>,
) -> Option<LoadCurve> {
    let workload = blueprint.workloads.iter().find(|w| w.horizon == horizon)?;
    let mut scaled = Blueprint { workloads: vec![workload.clone()], ..blueprint.clone() };
    let planned = session.forecast(&scaled).into_iter().next()?;
    let (now, full) = (planned.arrivals.value, planned.saturation.rate.value);
    if !(now > 0.0 && full.is_finite() && full > 0.0) {
        return None;
    }
    let mut formula = Vec::new();
    for i in 0..effort.points {
        let share = UP_TO * (i as f64 + 1.0) / effort.points as f64;
        let factor = share * full / now;
        scaled.workloads = vec![workload.scaled(factor)];
        let at = session.forecast(&scaled).into_iter().next()?;
        let ms = |f: &Figure| rounded(f.value);
        let point = CurvePoint {
            load_per_s: rounded(share * full),
            p50_ms: ms(&at.latency.p50),
            p95_ms: ms(&at.latency.p95),
            p99_ms: ms(&at.latency.p99),
        };
        if [point.p50_ms, point.p95_ms, point.p99_ms].iter().all(|v| v.is_finite()) {
            formula.push(point);
        }
    }
    let simulated = effort.simulated.iter().filter_map(|share| {
        let network =
            from_blueprint(blueprint, session.catalog(), &workload.scaled(share * full / now)).network;
        let each = events(&network, 1.0).max(1e-6);
        let length = (effort.events / f64::from(effort.replications) / each).min(effort.longest);
        if length < SHORTEST {
            return None;
        }
        let run = Run {
            seed,
            bins: 60,
            ..Run::new(length).warm_up(WARM_UP * length).replications(effort.replications)
        };
        let outcome = simulate(&network, &run).ok()?;
        let tell = Teller::new(&outcome, "steady load");
        Some(SimulatedPoint { load_per_s: rounded(share * full), p95: tell.ms(&outcome.overall.p95) })
    });
    let simulated = simulated.filter(|p| p.p95.value.is_some()).collect();
    let station = &planned.saturation.station;
    Some(LoadCurve {
        basis: "by the formula of the forecast at rising load, and simulated at some loads; same mix of operations"
            .to_owned(),
        formula,
        simulated,
        planned: planned.arrivals.clone(),
        saturation: planned.saturation.rate.clone(),
        station: blueprint.components.get(station).map_or_else(|| station.to_string(), |c| c.name.clone()),
        wanted: wanted.cloned(),
    })
}
