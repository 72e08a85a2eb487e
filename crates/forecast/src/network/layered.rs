//! Finite pools: threads and connections that a caller holds while it waits for somebody else.

use super::build::{MAX_CLASSES, MAX_STATIONS, NetworkOf};
use super::settle::State;
use super::solve::{SolutionOf, StationResult};
use crate::guard;
use crate::special::root;

/// A [`super::Network`] with pools.
pub type Layered = LayeredOf<MAX_STATIONS, MAX_CLASSES>;

/// A network in which some stations are pools: a server of theirs is held while the request is at
/// other stations.
///
/// It applies to whatever blocks while it waits: a thread per request, a worker process, a database
/// connection held during the query. It does not apply to asynchronous callers, which hold nothing;
/// for them [`NetworkOf::solve`] is right. The difference is large: callers that block saturate
/// where held time times rate reaches the pool, long before any processor does.
///
/// A visit to a pool takes its own time plus the response at every station called from it: the
/// fixed point of that, in at most 64 rounds (nested pools take one a level; pools that hold each
/// other in a circle may have none and then count as saturated). Each pool is a flow-equivalent
/// server: a closed network of its threads and the stations they call gives its speed at every
/// number of threads in use, and so its limit, its queue and the time a thread is held. What
/// others do at those stations slows them down in proportion. Exact when the pool is wide, or
/// all it does is wait for one exponential station; elsewhere within some per cent of the means.
/// A pool of more than 4,096 threads counts as 4,096.
///
/// Source: layered queueing, Rolia and Sevcik, The Method of Layers (1995); Lazowska, Zahorjan,
/// Graham, Sevcik, Quantitative System Performance (1984), sections 7.4 and 9.3.
#[derive(Clone, Debug)]
pub struct LayeredOf<const S: usize, const C: usize> {
    pub(super) network: NetworkOf<S, C>,
    /// `share[pool][station]`: the share of the visits to the station made holding the pool.
    pub(super) share: [[f64; S]; S],
    /// Pools, one bit each.
    pub(super) pools: u64,
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
    pub(super) fn visit_rate(&self, class: usize, station: usize, factor: f64) -> f64 {
        factor * self.network.rate[class] * self.network.rows[station].visits[class]
    }

    /// The share of the synchronous visits of `class` to `station` made while some pool is held.
    pub(super) fn held_share(&self, class: usize, station: usize) -> f64 {
        let uses = |pool: &usize| self.network.rows[*pool].sync[class] > 0.0;
        let shares = (0..self.network.stations).filter(uses).map(|pool| self.share[pool][station]);
        shares.sum::<f64>().min(1.0)
    }

    /// The most requests that can be at `station` at once, given who calls it.
    pub(super) fn population(&self, station: usize) -> f64 {
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

    /// The factor at which the first station is busy all the time, and which one that is.
    fn saturation(&self) -> (f64, usize) {
        let stations = self.network.stations;
        let busiest = |state: &State<S, C>| {
            let all = state.utilisation.iter().enumerate().take(stations);
            all.fold((0.0, 0), |most, (i, &u)| if u > most.0 { (u, i) } else { most })
        };
        let (highest, bottleneck) = busiest(&self.settle(1.0, false));
        if highest <= 0.0 {
            return (f64::INFINITY, 0);
        }
        if highest.is_infinite() {
            return (0.0, bottleneck);
        }
        let over = |factor: f64| busiest(&self.settle(factor, true)).0 - 1.0;
        (root::increasing(0.0, 1.0 / highest, over), bottleneck)
    }
}
