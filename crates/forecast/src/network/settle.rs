//! The fixed point of a layered network: how long every thread is held.

use super::flow::{Called, Flow, pool_flow};
use super::layered::LayeredOf;
use super::solve::{Moments, Wait, bounded_wait};
use crate::guard;

/// Rounds in which held times have to settle; nested pools take one round a level.
const MOST_ROUNDS: usize = 64;

/// Time at one visit of one class to a station, its wait for a server not included.
#[derive(Clone, Copy, Default)]
pub(super) struct Stay {
    mean: f64,
    variance: f64,
}

/// Stays and waits, and how busy every station is.
pub(super) struct State<const S: usize, const C: usize> {
    stay: [[Stay; C]; S],
    pub(super) waits: [Wait; S],
    pub(super) utilisation: [f64; S],
    /// Processor work at each station, or threads in use on average, in erlangs.
    work: [f64; S],
    /// By pool: how much longer than on their own the visits it makes wait at the stations called.
    crowding: [f64; S],
}

/// The mix of a pool's visits: their rate, the threads in use on average, and of the time held when
/// nothing queues the mean and the rate times the variance.
#[derive(Clone, Copy)]
struct Pooled {
    rate: f64,
    work: f64,
    spread: f64,
    idle: f64,
}

impl<const S: usize, const C: usize> LayeredOf<S, C> {
    /// Stays and waits with all rates times `factor`; without `queueing` nobody ever waits for a
    /// server, which leaves pure demands.
    pub(super) fn settle(&self, factor: f64, queueing: bool) -> State<S, C> {
        let stations = self.network.stations;
        let mut state = State {
            stay: [[Stay::default(); C]; S],
            waits: [Wait::default(); S],
            utilisation: [0.0; S],
            work: [0.0; S],
            crowding: [1.0; S],
        };
        let mut population = [0.0; S];
        for (station, most) in population.iter_mut().enumerate().take(stations) {
            for class in 0..self.network.classes {
                state.stay[station][class] = self.own_stay(class, station);
            }
            if queueing {
                *most = self.population(station);
            }
            if !self.is_pool(station) {
                self.processors(station, factor, *most, &mut state);
            }
        }
        for _ in 0..MOST_ROUNDS {
            let mut change = 0.0_f64;
            for pool in (0..stations).rev().filter(|&station| self.is_pool(station)) {
                change =
                    change.max(self.round(pool, factor, queueing.then_some(population[pool]), &mut state));
            }
            if change < 1e-10 {
                return state;
            }
        }
        for pool in (0..stations).filter(|&station| self.is_pool(station)) {
            state.waits[pool].saturated = true;
            state.utilisation[pool] = f64::INFINITY;
        }
        state
    }

    fn is_pool(&self, station: usize) -> bool {
        self.pools >> station & 1 == 1
    }

    /// Time at one visit without anything called from it.
    fn own_stay(&self, class: usize, station: usize) -> Stay {
        let demand = self.network.demand(class, station);
        let square = demand.cpu_ms * demand.cpu_ms + demand.wait_ms * demand.wait_ms;
        Stay { mean: demand.cpu_ms + demand.wait_ms, variance: demand.scv * square }
    }

    /// Calls to `station` that `class` makes for each of its visits to `pool`.
    fn calls(&self, class: usize, pool: usize, station: usize) -> f64 {
        let (visits, share) = (self.network.rows[pool].sync[class], self.share[pool][station]);
        if visits > 0.0 && share > 0.0 {
            share * self.network.rows[station].sync[class] / visits
        } else {
            0.0
        }
    }

    /// Load and wait at a station whose servers are processors.
    fn processors(&self, station: usize, factor: f64, population: f64, state: &mut State<S, C>) {
        let servers = self.network.servers[station];
        let mut sums = [0.0; 3];
        for class in 0..self.network.classes {
            let rate = factor * self.network.rate[class];
            for (sum, moments) in sums.iter_mut().zip(&self.network.rows[station].moments) {
                *sum += rate * moments[class];
            }
        }
        let [work, square, cube] = sums;
        state.work[station] = work;
        state.utilisation[station] = work / servers;
        state.waits[station] = bounded_wait(servers, work, square, cube, population);
    }

    /// One round for one pool: held times from what it calls, then its own queue. Gives how far
    /// the held times moved. Without a `population` nothing queues.
    fn round(&self, pool: usize, factor: f64, population: Option<f64>, state: &mut State<S, C>) -> f64 {
        let mut change = 0.0_f64;
        let (mut rate, mut work, mut spread, mut idle) = (0.0, 0.0, 0.0, 0.0);
        for class in 0..self.network.classes {
            let held = self.held_stay(class, pool, state);
            let before = std::mem::replace(&mut state.stay[pool][class], held).mean;
            let moved = (held.mean - before).abs();
            if moved > 0.0 {
                change = change.max(if moved.is_finite() { moved / held.mean } else { 1.0 });
            }
            let visits = self.visit_rate(class, pool, factor);
            rate += visits;
            work += guard::product(visits, held.mean);
            let free = self.idle(class, pool, state);
            idle += guard::product(visits, free.mean);
            spread += guard::product(visits, free.variance);
        }
        idle /= rate;
        state.work[pool] = work;
        state.utilisation[pool] = work / self.network.servers[pool];
        if let Some(population) = population
            && rate > 0.0
        {
            let flow = self.flow(pool, factor, rate, population, state);
            self.take(pool, flow, Pooled { rate, work, spread, idle }, state);
        }
        change
    }

    /// Time at one visit to a pool: its own, and the responses at the stations called from it.
    fn held_stay(&self, class: usize, pool: usize, state: &State<S, C>) -> Stay {
        let mut held = self.own_stay(class, pool);
        for station in 0..self.network.stations {
            let calls = self.calls(class, pool, station);
            if calls > 0.0 {
                let (wait, stay) = (state.waits[station], state.stay[station][class]);
                let crowding = state.crowding[pool];
                let mean = if wait.saturated { f64::INFINITY } else { crowding * wait.mean + stay.mean };
                let toss = calls.fract() * (1.0 - calls.fract());
                held.mean += calls * mean;
                held.variance += calls * (crowding * crowding * wait.variance + stay.variance)
                    + guard::product(toss, mean * mean);
            }
        }
        held
    }

    /// Time at one visit to a pool when nothing called from it makes it wait.
    fn idle(&self, class: usize, pool: usize, state: &State<S, C>) -> Stay {
        let mut sum = self.own_stay(class, pool);
        for station in 0..self.network.stations {
            let (calls, stay) = (self.calls(class, pool, station), state.stay[station][class]);
            let toss = calls.fract() * (1.0 - calls.fract());
            sum.mean += guard::product(calls, stay.mean);
            sum.variance +=
                guard::product(calls, stay.variance) + guard::product(toss, stay.mean * stay.mean);
        }
        sum
    }

    /// The pool as a flow-equivalent server, over the mix of its classes.
    fn flow(&self, pool: usize, factor: f64, rate: f64, population: f64, state: &State<S, C>) -> Flow {
        let mut called = [Called::default(); S];
        let mut count = 0;
        let mut delay = 0.0;
        for class in 0..self.network.classes {
            delay += self.visit_rate(class, pool, factor) / rate * self.own_stay(class, pool).mean;
        }
        for station in 0..self.network.stations {
            let (mut busy, mut away) = (0.0, 0.0);
            for class in 0..self.network.classes {
                let calls = self.visit_rate(class, pool, factor) * self.calls(class, pool, station);
                if calls > 0.0 {
                    let stay = state.stay[station][class].mean;
                    let service = self.network.demand(class, station).cpu_ms;
                    let service = if self.is_pool(station) { stay } else { service };
                    busy += calls * service;
                    away += calls * (stay - service).max(0.0);
                }
            }
            if busy + away > 0.0 {
                let servers = self.network.servers[station];
                let others = ((state.work[station] - busy) / servers).max(0.0);
                let possible = others < 1.0 && state.work[station].is_finite();
                let slowed = if possible { busy / (1.0 - others) } else { f64::INFINITY };
                called[count] = Called { demand: slowed / rate, servers };
                count += 1;
                delay += away / rate;
            }
        }
        pool_flow(delay, &called[..count], self.network.servers[pool], rate, population)
    }

    /// Takes over what the flow-equivalent server says: the wait for a thread, how busy they are,
    /// and by how much the waits at the stations called have to grow to fill the time held.
    fn take(&self, pool: usize, flow: Flow, pooled: Pooled, state: &mut State<S, C>) {
        let Pooled { rate, work, spread, idle } = pooled;
        let held = work / rate;
        let waited = (held - idle) / state.crowding[pool];
        let crowding = ((flow.held - idle) / waited).max(0.0);
        if waited > 1e-12 * idle && crowding.is_finite() {
            state.crowding[pool] = crowding;
        }
        state.utilisation[pool] = rate / flow.capacity;
        if flow.when_waiting.is_infinite() {
            state.waits[pool] = Wait { mean: 0.0, variance: 0.0, saturated: true };
            return;
        }
        // Without contention below, the pool is M/G/c and the variability of its own time counts as in
        // Allen-Cunneen; with it, the flow-equivalent server has it all.
        let scv = if idle > 0.0 { guard::amount(spread / rate / (idle * idle)) } else { 0.0 };
        let contended = if flow.held > 0.0 { guard::share(1.0 - idle / flow.held) } else { 0.0 };
        let bend = contended + (1.0 - contended) * 0.5 * (1.0 + scv);
        let when_waiting = bend * flow.when_waiting;
        let mean = flow.chance * when_waiting;
        let variance = (2.0 * when_waiting - mean) * mean;
        state.waits[pool] = Wait { mean, variance, saturated: false };
    }

    /// Moments of each class's response: the visits that are not made on behalf of a pool.
    pub(super) fn moments(&self, state: &State<S, C>) -> Moments<C> {
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
}
