//! Finite pools: threads and connections that a caller holds while it waits for somebody else.

use super::build::{MAX_CLASSES, MAX_STATIONS, NetworkOf};
use super::solve::{Moments, SolutionOf, StationResult, Wait, bounded_wait};
use crate::guard;
use crate::special::root;

/// A [`super::Network`] with pools.
pub type Layered = LayeredOf<MAX_STATIONS, MAX_CLASSES>;

/// Rounds in which held times have to settle; nested pools take one round a level.
const MOST_ROUNDS: usize = 64;

/// A network in which some stations are pools: a server of theirs is held while the request is at
/// other stations.
///
/// It applies to whatever blocks while it waits: a thread per request, a worker process, a database
/// connection held during the query. It does not apply to asynchronous callers, which hold nothing;
/// for them [`NetworkOf::solve`] is right. The difference is large: callers that block saturate
/// where held time times rate reaches the pool, long before any processor does.
///
/// A visit to a pool takes its own time plus the response at every station called from it (the
/// fixed point of that, in at most 64 rounds; pools that hold each other in a circle may not have
/// one and then count as saturated). A station called only from pools never holds more requests
/// than they have servers, which bounds its queue: with N of them the waiting line grows like
/// k / (1 - k rho), k = (N - c) / (N - c + 1), instead of 1 / (1 - rho), which is the arrival
/// theorem's correction of Schweitzer and Bard for one server.
///
/// Source: layered queueing, Rolia and Sevcik, The Method of Layers (1995); Lazowska, Zahorjan,
/// Graham, Sevcik, Quantitative System Performance (1984), sections 7.4 and 9.3.
#[derive(Clone, Debug)]
pub struct LayeredOf<const S: usize, const C: usize> {
    network: NetworkOf<S, C>,
    /// `share[pool][station]`: the share of the visits to the station made holding the pool.
    share: [[f64; S]; S],
    /// Pools, one bit each.
    pools: u64,
}

/// Time at one visit of one class to a station, its wait for a server not included.
#[derive(Clone, Copy, Default)]
struct Stay {
    mean: f64,
    variance: f64,
}

/// What the fixed point gives: stays and waits, utilisation with and without queueing.
struct State<const S: usize, const C: usize> {
    stay: [[Stay; C]; S],
    waits: [Wait; S],
    utilisation: [f64; S],
}

impl<const S: usize, const C: usize> LayeredOf<S, C> {
    /// The network, without pools at first.
    #[must_use]
    pub fn new(network: NetworkOf<S, C>) -> Self {
        Self { network, share: [[0.0; S]; S], pools: 0 }
    }

    /// The network below.
    #[must_use]
    pub fn network(&self) -> &NetworkOf<S, C> {
        &self.network
    }

    /// The network below, to change rates, servers and demands.
    pub fn network_mut(&mut self) -> &mut NetworkOf<S, C> {
        &mut self.network
    }

    /// Makes `pool` a pool that is held during a `share` (0 to 1) of the visits which classes that
    /// use the pool make to `station`. Asynchronous visits hold nothing. Indices out of range, and
    /// a station that would hold itself, are ignored.
    pub fn hold(&mut self, pool: usize, station: usize, share: f64) {
        let stations = self.network.stations();
        if pool < stations && station < stations && pool != station {
            self.share[pool][station] = guard::share(share);
            let any = self.share[pool].iter().any(|share| *share > 0.0);
            self.pools = if any { self.pools | 1 << pool } else { self.pools & !(1 << pool) };
        }
    }

    /// Solves the network with its pools; the result reads like that of [`NetworkOf::solve`]. The
    /// saturation factor is where the first station or pool is busy all the time, found by
    /// bisection; the bottleneck is the one that is busiest there when nothing queues, so that a
    /// pool is not blamed for a slow station it waits for.
    #[must_use]
    pub fn solve(&self) -> SolutionOf<S, C> {
        if self.pools == 0 {
            return self.network.solve();
        }
        let state = self.settle(1.0, true);
        let mut stations = [StationResult::default(); S];
        for (i, station) in stations.iter_mut().enumerate().take(self.network.stations) {
            let visits: f64 = (0..self.network.classes).map(|class| self.visit_rate(class, i, 1.0)).sum();
            let wait = state.waits[i];
            *station = StationResult {
                utilisation: state.utilisation[i],
                throughput_per_s: visits * 1e3,
                wait_ms: if wait.saturated { f64::INFINITY } else { wait.mean },
            };
        }
        let moments = self.moments(&state);
        let (classes, overall) = self.network.responses(&moments, |class| moments.mean[class].is_infinite());
        let (saturation_factor, bottleneck) = self.saturation();
        SolutionOf { classes, stations, overall, saturation_factor, bottleneck }
    }

    /// Arrivals a millisecond of `class` at `station`, all rates times `factor`.
    fn visit_rate(&self, class: usize, station: usize, factor: f64) -> f64 {
        factor * self.network.rate[class] * self.network.rows[station].visits[class]
    }

    /// The share of the synchronous visits of `class` to `station` made while some pool is held.
    fn held_share(&self, class: usize, station: usize) -> f64 {
        let uses = |pool: &usize| self.network.rows[*pool].sync[class] > 0.0;
        let shares = (0..self.network.stations).filter(uses).map(|pool| self.share[pool][station]);
        shares.sum::<f64>().min(1.0)
    }

    /// The most requests that can be at `station` at once, given who calls it.
    fn population(&self, station: usize) -> f64 {
        let row = &self.network.rows[station];
        for class in 0..self.network.classes {
            let visits = row.visits[class];
            let outside = visits - row.sync[class] * self.held_share(class, station);
            if self.network.rate[class] > 0.0 && outside > 1e-9 * visits {
                return f64::INFINITY;
            }
        }
        let callers = (0..self.network.stations).filter(|&pool| self.share[pool][station] > 0.0);
        callers.map(|pool| self.network.servers[pool]).sum()
    }

    /// The fixed point of stays and waits with all rates times `factor`; without `queueing` nobody
    /// ever waits for a server, which leaves pure demands.
    fn settle(&self, factor: f64, queueing: bool) -> State<S, C> {
        let stations = self.network.stations;
        let mut state =
            State { stay: [[Stay::default(); C]; S], waits: [Wait::default(); S], utilisation: [0.0; S] };
        let is_pool = |station: usize| self.pools >> station & 1 == 1;
        let mut population = [f64::INFINITY; S];
        for station in 0..stations {
            population[station] = if queueing { self.population(station) } else { 0.0 };
            for class in 0..self.network.classes {
                state.stay[station][class] = self.own_stay(class, station);
            }
            if !is_pool(station) {
                self.queue(station, factor, population[station], &mut state);
            }
        }
        for _ in 0..MOST_ROUNDS {
            let mut change = 0.0_f64;
            for pool in (0..stations).rev().filter(|&station| is_pool(station)) {
                for class in 0..self.network.classes {
                    let held = self.held_stay(class, pool, &state);
                    let before = std::mem::replace(&mut state.stay[pool][class], held).mean;
                    let moved =
                        if held.mean == before { 0.0 } else { (held.mean - before).abs() / held.mean };
                    change = change.max(if moved.is_nan() { 1.0 } else { moved });
                }
                self.queue(pool, factor, population[pool], &mut state);
            }
            if change < 1e-10 {
                return state;
            }
        }
        for pool in (0..stations).filter(|&station| is_pool(station)) {
            state.waits[pool].saturated = true;
            state.utilisation[pool] = f64::INFINITY;
        }
        state
    }

    /// Time at one visit without anything called from it.
    fn own_stay(&self, class: usize, station: usize) -> Stay {
        let demand = self.network.demand(class, station);
        let square = demand.cpu_ms * demand.cpu_ms + demand.wait_ms * demand.wait_ms;
        Stay { mean: demand.cpu_ms + demand.wait_ms, variance: demand.scv * square }
    }

    /// Time at one visit to a pool: its own, and the responses at the stations called from it.
    fn held_stay(&self, class: usize, pool: usize, state: &State<S, C>) -> Stay {
        let mut held = self.own_stay(class, pool);
        let visits = self.network.rows[pool].sync[class];
        if visits <= 0.0 {
            return held;
        }
        for station in 0..self.network.stations {
            let calls = self.share[pool][station] * self.network.rows[station].sync[class] / visits;
            if calls > 0.0 {
                let (wait, stay) = (state.waits[station], state.stay[station][class]);
                let mean = if wait.saturated { f64::INFINITY } else { wait.mean + stay.mean };
                let toss = calls.fract() * (1.0 - calls.fract());
                held.mean += calls * mean;
                held.variance += calls * (wait.variance + stay.variance) + guard::product(toss, mean * mean);
            }
        }
        held
    }

    /// Load and wait at one station from the stays of its classes. A processor is held for the
    /// service time alone, a server of a pool for the whole stay.
    fn queue(&self, station: usize, factor: f64, population: f64, state: &mut State<S, C>) {
        let servers = self.network.servers[station];
        let (mut work, mut square, mut cube) = (0.0, 0.0, 0.0);
        for class in 0..self.network.classes {
            let rate = self.visit_rate(class, station, factor);
            if rate <= 0.0 {
                continue;
            }
            if self.pools >> station & 1 == 1 {
                let stay = state.stay[station][class];
                let mean = stay.mean.min(guard::LARGEST);
                let scv = if mean > 0.0 { guard::amount(stay.variance / (mean * mean)) } else { 0.0 };
                work += rate * stay.mean;
                square += rate * mean * mean * (1.0 + scv);
                cube += rate * mean * mean * mean * (1.0 + scv) * (1.0 + 2.0 * scv);
            } else {
                let [first, second, third] = &self.network.rows[station].moments;
                let rate = factor * self.network.rate[class];
                work += rate * first[class];
                square += rate * second[class];
                cube += rate * third[class];
            }
        }
        state.utilisation[station] = work / servers;
        state.waits[station] = bounded_wait(servers, work, square, cube, population);
    }

    /// Moments of each class's response: the visits that are not made on behalf of a pool.
    fn moments(&self, state: &State<S, C>) -> Moments<C> {
        let mut sum = Moments { mean: [0.0; C], fixed: [0.0; C], variance: [0.0; C] };
        for station in 0..self.network.stations {
            let wait = state.waits[station];
            for class in 0..self.network.classes {
                let visits = self.network.rows[station].sync[class] * (1.0 - self.held_share(class, station));
                if visits <= 0.0 {
                    continue;
                }
                let stay = state.stay[station][class];
                let mean = if wait.saturated { f64::INFINITY } else { wait.mean + stay.mean };
                let toss = visits.fract() * (1.0 - visits.fract());
                sum.mean[class] += visits * mean;
                sum.variance[class] +=
                    visits * (wait.variance + stay.variance) + guard::product(toss, mean * mean);
                if stay.variance <= 0.0 && mean.is_finite() {
                    sum.fixed[class] += visits.trunc() * stay.mean;
                }
            }
        }
        sum
    }

    /// The factor at which the first station is busy all the time, and which one that is.
    fn saturation(&self) -> (f64, usize) {
        let busiest = |state: &State<S, C>| {
            let all = state.utilisation.iter().enumerate().take(self.network.stations);
            all.fold((0.0, 0), |most, (i, &u)| if u > most.0 { (u, i) } else { most })
        };
        let demands = self.settle(1.0, false);
        let (highest, bottleneck) = busiest(&demands);
        if highest <= 0.0 {
            return (f64::INFINITY, 0);
        }
        let factor =
            root::increasing(0.0, 1.0 / highest, |factor| busiest(&self.settle(factor, true)).0 - 1.0);
        (factor, bottleneck)
    }
}
