//! How a scenario changes a blueprint's load: crowds, waves, one tenant alone; and what a hot key makes of a store.

use loadcase_catalog::scenario::{LoadChange, PartChange, SettingSpec, Time};

use super::change::{Place, Places};
use crate::network::{Arrivals, Limiter, Network, Operation, Profile, Source, Station, Step};

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// Straight lines that a wave is drawn with, and most of them in a run.
const LINES: f64 = 48.0;
const MOST_LINES: f64 = 20_000.0;

/// Changes the load of a network. Requests of one tenant become operations of their own; says which, so that
/// they can be left out of what is told of the others.
pub(crate) fn change(
    network: &mut Network,
    change: &LoadChange,
    limit: Option<f64>,
    length: f64,
) -> Vec<usize> {
    let from = change.at.seconds();
    let until = change.lasts.map_or(f64::MAX, |l| from + l.seconds());
    let (sources, own) = match change.tenant {
        Some(share) => {
            let first = network.sources.len();
            let operations = tenant(network, share.clamp(0.0, 1.0), limit);
            (first..network.sources.len(), operations)
        }
        None => (0..network.sources.len(), Vec::new()),
    };
    for source in &mut network.sources[sources] {
        let Arrivals::Open { profile, .. } = &mut source.arrivals else { continue };
        *profile = profile.scaled_between(change.factor, from, until);
        if let Some(swing) = change.swing {
            let period = change.period.map_or(DAY, Time::seconds).max(1e-3);
            *profile = waving(profile, swing.clamp(0.0, 1.0), period, (from, until.min(length)));
        }
    }
    own
}

/// A profile times a sine, lowest at the beginning.
fn waving(profile: &Profile, swing: f64, period: f64, (from, until): (f64, f64)) -> Profile {
    let step = (period / LINES).max((until - from) / MOST_LINES);
    let wave = |t: f64| 1.0 - swing * (std::f64::consts::TAU * (t - from) / period).cos();
    // Jumps of the profile stay jumps: its own points come first where times are equal.
    let own: Vec<(f64, f64)> = profile.0.iter().filter(|p| p.0 > from && p.0 < until).copied().collect();
    let is_new = |t: &f64| own.iter().all(|p| (p.0 - t).abs() > 1e-9);
    let grid = (0..).map(|i| f64::from(i) * step + from).take_while(|t| *t < until).chain([until]);
    let mut inside: Vec<(f64, f64)> = own.iter().map(|p| (p.0, p.1 * wave(p.0))).collect();
    inside.extend(grid.filter(is_new).map(|t| (t, profile.rate(t) * wave(t))));
    inside.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut points: Vec<(f64, f64)> = profile.0.iter().filter(|p| p.0 < from).copied().collect();
    points.push((from, profile.rate(from)));
    points.extend(inside);
    points.push((until, profile.rate(until)));
    points.extend(profile.0.iter().filter(|p| p.0 > until));
    Profile(points)
}

/// Splits every operation into that of one tenant and that of the others, each with its share of the requests.
fn tenant(network: &mut Network, share: f64, limit: Option<f64>) -> Vec<usize> {
    let usual: f64 = network.sources.iter().map(|s| share * first_rate(&s.arrivals)).sum();
    let admit = limit.map(|times| {
        let rate = times.max(0.0) * usual;
        network.limiters.push(Limiter { name: "of one tenant".to_owned(), rate, burst: rate.max(10.0) });
        Step::Admit(network.limiters.len() - 1)
    });
    let mut own = Vec::new();
    for i in 0..network.sources.len() {
        let Source { operation, arrivals } = network.sources[i].clone();
        let Arrivals::Open { profile, gaps, batch } = arrivals else { continue };
        let part = |share: f64| Arrivals::Open {
            profile: Profile(profile.0.iter().map(|p| (p.0, p.1 * share)).collect()),
            gaps: gaps.clone(),
            batch,
        };
        let of = &network.operations[operation];
        let mut steps: Vec<Step> = admit.iter().cloned().collect();
        steps.extend(of.steps.iter().cloned());
        let name = format!("{}, of one tenant", of.name);
        own.push(network.operations.len());
        network.sources[i].arrivals = part(1.0 - share);
        network.sources.push(Source { operation: network.operations.len(), arrivals: part(share) });
        network.operations.push(Operation { name, steps, ..of.clone() });
    }
    own
}

fn first_rate(arrivals: &Arrivals) -> f64 {
    if let Arrivals::Open { profile, batch, .. } = arrivals {
        profile.rate(0.0) * f64::from(*batch)
    } else {
        0.0
    }
}

/// Where a scenario makes a key hot, gives the copy that it is on a station of its own, so that a share of the
/// visits can be sent there.
pub(crate) fn heat(network: &mut Network, places: &mut Places, changes: &[PartChange]) {
    for change in changes.iter().filter(|c| matches!(c.set, SettingSpec::Hot(_))) {
        let Some(parts) = places.get(&change.on).cloned() else { continue };
        for part in parts {
            let Place::Station { index, copies, follows: false, .. } = part else { continue };
            if copies < 2 {
                continue;
            }
            let whole = network.stations[index].clone();
            let hot = Station {
                name: format!("{}: hot copy", whole.name),
                servers: whole.servers / copies,
                ..whole
            };
            network.stations.push(hot);
            network.risks.push(0.0);
            let (station, risk) = (network.stations.len() - 1, network.risks.len() - 1);
            for operation in &mut network.operations {
                redirect(&mut operation.steps, index, station, risk);
            }
            let place = Place::Hot { risk, station, all: index, copies };
            places.entry(change.on.clone()).or_default().push(place);
        }
    }
}

/// Sends visits of a station to another one with the probability of a risk.
fn redirect(steps: &mut [Step], from: usize, to: usize, risk: usize) {
    for step in steps {
        match step {
            Step::Visit { station, demand } if *station == from => {
                *step = Step::Either {
                    risk,
                    steps: vec![Step::Visit { station: to, demand: demand.clone() }],
                    otherwise: vec![Step::Visit { station: from, demand: demand.clone() }],
                };
            }
            Step::Fork { branches, .. } => branches.iter_mut().for_each(|b| redirect(b, from, to, risk)),
            Step::Choose(options) => options.iter_mut().for_each(|o| redirect(&mut o.1, from, to, risk)),
            Step::Again { steps, .. }
            | Step::Detach(steps)
            | Step::Call { steps, .. }
            | Step::Hold { steps, .. }
            | Step::Lookup { miss: steps, .. }
            | Step::Sometimes { steps, .. }
            | Step::Publish { steps, .. } => redirect(steps, from, to, risk),
            Step::Either { steps, otherwise, .. } => {
                redirect(steps, from, to, risk);
                redirect(otherwise, from, to, risk);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_keeps_its_mean_and_a_crowd_rides_on_it() {
        let flat = Profile::constant(100.0).scaled_between(2.0, 50.0, 60.0);
        let wave = waving(&flat, 0.5, 100.0, (0.0, 200.0));
        assert!((wave.rate(0.01) - 50.0).abs() < 0.5 && (wave.rate(100.0) - 50.0).abs() < 0.5);
        assert!((wave.rate(49.9) - 150.0).abs() < 1.0, "{}", wave.rate(49.9));
        assert!((wave.rate(55.0) - 295.1).abs() < 1.0, "{}", wave.rate(55.0));
        assert!((wave.rate(250.0) - 100.0).abs() < 1e-9, "after its end the rate is as before");
    }
}
