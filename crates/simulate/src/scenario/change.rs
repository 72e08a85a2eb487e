//! What a scenario changes, as timed changes of a network.

use indexmap::IndexMap;
use loadcase_catalog::scenario::{PartChange, SettingSpec};

use super::ScenarioError;
use super::system::link_of;
use crate::network::{Change, Network, Setting};

/// What a name stands for: parts of a network.
pub(crate) type Places = IndexMap<String, Vec<Place>>;

/// A part of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// A station that is made of this many copies.
    Station {
        index: usize,
        copies: u32,
        /// Seconds until a standby answers, where there is one.
        failover: Option<f64>,
        /// Whether its copies only follow a leader: they answer reads and never fail over.
        follows: bool,
        /// The chance, among the risks, that what they are asked goes to the leader.
        fallback: Option<usize>,
    },
    Pool(usize),
    Cache(usize),
    Limiter(usize),
    Risk(usize),
    Delay(usize),
    /// The chance of a miss in front of something, among the risks.
    Miss(usize),
    Queue(usize),
    Replicas(usize),
    Link(usize),
    /// The copy that a hot key is on: the chance to be asked for it, among the risks; its station; the station of
    /// all copies, and how many those are.
    Hot {
        risk: usize,
        station: usize,
        all: usize,
        copies: u32,
    },
}

/// What stands between two names for the link from one to the other.
pub(crate) const TO: &str = " -> ";

/// Most times that a change repeats.
const MOST_REPEATS: usize = 10_000;
/// Steps in which a cache fills again.
const REFILL_STEPS: u32 = 20;

/// Adds the changes of a scenario to a network.
pub(crate) fn lower(
    changes: &[PartChange],
    length: f64,
    places: &Places,
    network: &mut Network,
) -> Result<(), ScenarioError> {
    for change in changes {
        let parts = parts_of(change, places)?;
        let before = network.changes.len();
        let every = change.every.map_or(f64::INFINITY, |e| e.seconds().max(1e-3));
        for turn in 0..MOST_REPEATS {
            let at = if turn == 0 { change.at.seconds() } else { change.at.seconds() + every * turn as f64 };
            if at > length {
                break;
            }
            let until = change.lasts.map(|l| at + l.seconds());
            for part in parts {
                let settings = settings(&change.set, *part, at, until, network);
                network.changes.extend(settings.into_iter().map(|(at, setting)| Change { at, setting }));
            }
        }
        if network.changes.len() == before && change.at.seconds() <= length {
            return Err(ScenarioError::DoesNotApply { name: change.on.clone() });
        }
    }
    network.changes.sort_by(|a, b| a.at.total_cmp(&b.at));
    Ok(())
}

/// The parts that a change is about.
fn parts_of<'a>(change: &PartChange, places: &'a Places) -> Result<&'a Vec<Place>, ScenarioError> {
    let unknown = |name: &str| ScenarioError::Unknown {
        what: "part",
        name: name.to_owned(),
        known: places.keys().filter(|n| !n.contains(TO)).cloned().collect(),
    };
    let known = |name: &str| name == "client" || places.contains_key(name);
    let found = match &change.set {
        SettingSpec::Partition { from, .. } if !known(from) => return Err(unknown(from)),
        SettingSpec::Partition { from, .. } if known(&change.on) => {
            let way = format!("{from}{TO}{}", change.on);
            let nothing = || ScenarioError::DoesNotApply { name: change.on.clone() };
            return places.get(&way).ok_or_else(nothing);
        }
        _ => places.get(&change.on),
    };
    found.ok_or_else(|| unknown(&change.on))
}

/// What a setting does to a part, with its end; nothing when the part does not know it.
fn settings(
    spec: &SettingSpec,
    part: Place,
    at: f64,
    until: Option<f64>,
    network: &Network,
) -> Vec<(f64, Setting)> {
    let span = |during: Setting, after: Setting| {
        let mut both = vec![(at, during)];
        both.extend(until.map(|end| (end, after)));
        both
    };
    match (spec, part) {
        (SettingSpec::FailOver(_), Place::Station { follows: true, .. }) => Vec::new(),
        (_, Place::Station { index, copies, failover, fallback, .. }) => {
            let mut all = station(spec, index, (copies, failover), at, &span, network);
            let none = |(at, set): &(f64, Setting)| match (set, fallback) {
                (Setting::Servers(_, left), Some(risk)) => {
                    Some((*at, Setting::Risk(risk, if *left == 0 { 1.0 } else { 0.0 })))
                }
                _ => None,
            };
            let instead: Vec<(f64, Setting)> = all.iter().filter_map(none).collect();
            all.extend(instead);
            all
        }
        (SettingSpec::Size(size), Place::Pool(i)) => {
            span(Setting::Pool(i, *size), Setting::Pool(i, network.pools[i].size))
        }
        (SettingSpec::Up(share), Place::Pool(i)) => {
            let size = network.pools[i].size;
            span(Setting::Pool(i, part_of(size, *share)), Setting::Pool(i, size))
        }
        (SettingSpec::Flush(true), Place::Cache(i)) => vec![(at, Setting::Flush(i))],
        (SettingSpec::Works(works), Place::Cache(i)) => {
            span(Setting::CacheUp(i, *works), Setting::CacheUp(i, !*works))
        }
        (SettingSpec::Cold(refill), Place::Miss(i)) => cold(i, at, until, refill.seconds(), network.risks[i]),
        (SettingSpec::Risk(p), Place::Risk(i)) => {
            span(Setting::Risk(i, *p), Setting::Risk(i, network.risks[i]))
        }
        (SettingSpec::Stretch(factor), Place::Delay(i)) => {
            span(Setting::Stretch(i, *factor), Setting::Stretch(i, 1.0))
        }
        (SettingSpec::RatePerS(rate), Place::Limiter(i)) => {
            span(Setting::Limit(i, *rate), Setting::Limit(i, network.limiters[i].rate))
        }
        (SettingSpec::Canary { share, risk, .. }, Place::Risk(i)) if *risk > 0.0 => {
            span(Setting::Risk(i, share * risk), Setting::Risk(i, network.risks[i]))
        }
        (SettingSpec::Consumers(count), Place::Queue(i)) => {
            span(Setting::Consumers(i, *count), Setting::Consumers(i, network.queues[i].consumers))
        }
        (SettingSpec::Up(share), Place::Queue(i)) => {
            let all = network.queues[i].consumers;
            span(Setting::Consumers(i, part_of(all, *share)), Setting::Consumers(i, all))
        }
        (SettingSpec::Promote(true), Place::Replicas(i)) => vec![(at, Setting::Promote(i))],
        (SettingSpec::Link(link) | SettingSpec::Partition { link, .. }, Place::Link(i)) => {
            span(Setting::Link(i, link_of(*link)), Setting::Link(i, network.links[i]))
        }
        (SettingSpec::Hot(share), Place::Hot { risk, station, all, copies }) => {
            let servers = network.stations[all].servers;
            let rest = part_of(servers, f64::from(copies - 1) / f64::from(copies));
            let hot = share + (1.0 - share) / f64::from(copies);
            let mut both = span(Setting::Risk(risk, hot), Setting::Risk(risk, 0.0));
            both.extend(span(Setting::Servers(all, rest), Setting::Servers(all, servers)));
            // What is still on the hot copy afterwards is finished there.
            both.push((at, Setting::Servers(station, (servers - rest).max(1))));
            both
        }
        _ => Vec::new(),
    }
}

/// What a setting does to a station.
fn station(
    spec: &SettingSpec,
    index: usize,
    (copies, failover): (u32, Option<f64>),
    at: f64,
    span: &dyn Fn(Setting, Setting) -> Vec<(f64, Setting)>,
    network: &Network,
) -> Vec<(f64, Setting)> {
    let (servers, speed) = (network.stations[index].servers, network.stations[index].speed);
    let all = Setting::Servers(index, servers);
    match spec {
        SettingSpec::Servers(count) => span(Setting::Servers(index, *count), all),
        SettingSpec::Up(share) => span(Setting::Servers(index, part_of(servers, *share)), all),
        SettingSpec::CopiesDown(count) => {
            let share = f64::from(copies.saturating_sub(*count)) / f64::from(copies.max(1));
            span(Setting::Servers(index, part_of(servers, share)), all)
        }
        SettingSpec::FailOver(otherwise) => {
            let share = f64::from(copies.saturating_sub(1)) / f64::from(copies.max(1));
            let end = at + failover.unwrap_or(otherwise.seconds());
            vec![(at, Setting::Servers(index, part_of(servers, share))), (end, all)]
        }
        SettingSpec::LoseZone(zones) => {
            let lost = copies.div_ceil((*zones).max(1));
            let share = f64::from(copies - lost) / f64::from(copies.max(1));
            let down = Setting::Servers(index, part_of(servers, share));
            // A standby in another zone takes over; without one it is gone as long as the zone.
            match failover {
                Some(seconds) => vec![(at, down), (at + seconds, all)],
                None => span(down, all),
            }
        }
        SettingSpec::Speed(factor) => {
            span(Setting::Speed(index, speed * factor), Setting::Speed(index, speed))
        }
        SettingSpec::Pause(length) => vec![(at, Setting::Pause(index, length.seconds()))],
        SettingSpec::SlowCopies { count, speed: factor } => {
            let share = f64::from(*count) / f64::from(copies.max(1));
            span(Setting::Slow(index, part_of(servers, share), *factor), Setting::Slow(index, 0, 1.0))
        }
        SettingSpec::Canary { share, speed: factor, .. } => {
            let some = part_of(servers, *share).max(1);
            span(Setting::Slow(index, some, *factor), Setting::Slow(index, 0, 1.0))
        }
        SettingSpec::BlueGreen { start, warm, speed: factor } => {
            let over = at + start.seconds();
            vec![
                (over, Setting::Speed(index, speed * factor)),
                (over + warm.seconds(), Setting::Speed(index, speed)),
            ]
        }
        SettingSpec::Rolling(each) => {
            let left = part_of(servers, f64::from(copies.saturating_sub(1)) / f64::from(copies.max(1)));
            let end = at + each.seconds() * f64::from(copies.max(1));
            vec![(at, Setting::Servers(index, left)), (end, all)]
        }
        _ => Vec::new(),
    }
}

/// A cache misses everything and then fills again, in equal steps.
fn cold(risk: usize, at: f64, until: Option<f64>, refill: f64, usual: f64) -> Vec<(f64, Setting)> {
    let begin = until.unwrap_or(at);
    let step = |k: u32| {
        let share = f64::from(k) / f64::from(REFILL_STEPS);
        (begin + refill * share, Setting::Risk(risk, 1.0 + (usual - 1.0) * share))
    };
    std::iter::once((at, Setting::Risk(risk, 1.0))).chain((1..=REFILL_STEPS).map(step)).collect()
}

/// A share of servers, rounded.
fn part_of(count: u32, share: f64) -> u32 {
    (f64::from(count) * share.clamp(0.0, 1e3)).round() as u32
}
