//! What an open network is made of, and how one is put together.

use crate::guard;

/// Stations a [`Network`] holds.
pub const MAX_STATIONS: usize = 16;
/// Classes a [`Network`] holds.
pub const MAX_CLASSES: usize = 8;

/// An open network with room for 16 stations and 8 classes: the size a search evaluates.
pub type Network = NetworkOf<MAX_STATIONS, MAX_CLASSES>;

/// The same with room for 64 stations and 32 classes, for final reports; 250 kB, so keep it boxed.
pub type WideNetwork = NetworkOf<64, 32>;

/// A pool of identical processors with one queue, first come, first served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Number of processors, at least 1; a fraction counts (a quota of 2.5).
    pub servers: f64,
}

impl Default for Station {
    fn default() -> Self {
        Self { servers: 1.0 }
    }
}

/// What one request of a class asks of a station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Mean service time of one visit, in milliseconds, during which a processor is held.
    pub cpu_ms: f64,
    /// Mean delay of one visit, in milliseconds, that holds no processor: disk, network, an outside party.
    pub wait_ms: f64,
    /// Visits a request makes. The whole part is certain, the fraction is the probability of one
    /// more: 0.2 is a read behind a cache with a hit ratio of 0.8.
    pub visits: f64,
    /// Squared coefficient of variation of `cpu_ms` and of `wait_ms`, each: 0 fixed, 1 exponential.
    pub scv: f64,
    /// Whether the answer waits for it. An asynchronous step loads the station and delays nothing.
    pub sync: bool,
}

impl Default for Demand {
    /// One synchronous, exponential visit that takes no time.
    fn default() -> Self {
        Self { cpu_ms: 0.0, wait_ms: 0.0, visits: 1.0, scv: 1.0, sync: true }
    }
}

impl Demand {
    /// No visit at all.
    pub(crate) const NONE: Self = Self { cpu_ms: 0.0, wait_ms: 0.0, visits: 0.0, scv: 0.0, sync: false };

    /// The nearest demand inside the domain.
    fn guarded(self) -> Self {
        Self {
            cpu_ms: guard::amount(self.cpu_ms),
            wait_ms: guard::amount(self.wait_ms),
            visits: guard::amount(self.visits),
            scv: guard::amount(self.scv),
            sync: self.sync,
        }
    }
}

/// All demands on one station as the sums of the solver want them, one lane a class.
#[derive(Clone, Debug)]
pub(crate) struct Row<const C: usize> {
    /// Visits a request.
    pub(crate) visits: [f64; C],
    /// Visits times E\[S\], E\[S^2\] and E\[S^3\] of the service time.
    pub(crate) moments: [[f64; C]; 3],
    /// Visits the answer waits for.
    pub(crate) sync: [f64; C],
    /// Mean, fixed part of the mean, and variance that the response has from this station when
    /// nothing queues.
    pub(crate) own: [[f64; C]; 3],
    /// Factors of the mean wait and of its square in the variance: the effect of a visit that
    /// happens only with some probability.
    pub(crate) spread: [[f64; C]; 2],
}

/// An open network of at most `S` stations and `C` classes. See [`Network`].
///
/// Rates are per second, times in milliseconds. NaN and negative inputs count as 0, infinite ones
/// as 1e15; indices out of range are ignored. Nothing panics.
#[derive(Clone, Debug)]
pub struct NetworkOf<const S: usize, const C: usize> {
    pub(crate) stations: usize,
    pub(crate) classes: usize,
    pub(crate) servers: [f64; S],
    /// Arrivals a millisecond.
    pub(crate) rate: [f64; C],
    /// Whether somebody waits for the class's answer.
    pub(crate) interactive: [bool; C],
    /// For each class the stations its answer waits for, one bit each.
    pub(crate) path: [u64; C],
    pub(crate) rows: [Row<C>; S],
    demands: [[Demand; C]; S],
    attempts: [[f64; C]; S],
}

impl<const S: usize, const C: usize> Default for NetworkOf<S, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const S: usize, const C: usize> NetworkOf<S, C> {
    /// A network without stations and classes.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(S <= 64 && S > 0 && C > 0, "a path has one bit for each station") };
        Self {
            stations: 0,
            classes: 0,
            servers: [1.0; S],
            rate: [0.0; C],
            interactive: [true; C],
            path: [0; C],
            rows: [const { Row::EMPTY }; S],
            demands: [[Demand::NONE; C]; S],
            attempts: [[1.0; C]; S],
        }
    }

    /// Adds a pool of `servers` processors (at least 1) and gives its index; `None` when full.
    pub fn add_station(&mut self, servers: f64) -> Option<usize> {
        let index = self.stations;
        *self.servers.get_mut(index)? = guard::servers(servers);
        self.stations += 1;
        Some(index)
    }

    /// Adds a class of requests, `rate_per_s` arrivals a second, and gives its index; `None` when full.
    pub fn add_class(&mut self, rate_per_s: f64) -> Option<usize> {
        let index = self.classes;
        *self.rate.get_mut(index)? = guard::amount(rate_per_s) * 1e-3;
        self.classes += 1;
        Some(index)
    }

    /// Sets what a request of `class` asks of `station`, replacing what it asked before.
    pub fn set_demand(&mut self, class: usize, station: usize, demand: Demand) {
        if class < self.classes && station < self.stations {
            self.demands[station][class] = demand.guarded();
            self.refresh(class, station);
        }
    }

    /// Sets how the time of one request of `class` at `station` varies when nothing queues, where several visits of
    /// different length stand behind one demand: the variance, and the part of it that comes from visits which only
    /// some requests make, as factors of the mean wait and of its square.
    pub fn set_variance(
        &mut self,
        class: usize,
        station: usize,
        variance: f64,
        (by_wait, by_square): (f64, f64),
    ) {
        if class < self.classes && station < self.stations {
            let row = &mut self.rows[station];
            row.own[2][class] = guard::amount(variance);
            row.spread[0][class] = guard::amount(by_wait);
            row.spread[1][class] = guard::amount(by_square);
        }
    }

    /// Sets the mean number of attempts at each visit of `class` to `station` (1 without retries):
    /// every attempt is a visit more, for the load and for the answer that waits for it. The mean
    /// number comes from [`crate::resilience::attempts`].
    pub fn set_attempts(&mut self, class: usize, station: usize, attempts: f64) {
        if class < self.classes && station < self.stations {
            self.attempts[station][class] = guard::amount(attempts);
            self.refresh(class, station);
        }
    }

    /// Sets the processors of `station`.
    pub fn set_servers(&mut self, station: usize, servers: f64) {
        if station < self.stations {
            self.servers[station] = guard::servers(servers);
        }
    }

    /// Sets the arrivals a second of `class`.
    pub fn set_rate(&mut self, class: usize, rate_per_s: f64) {
        if class < self.classes {
            self.rate[class] = guard::amount(rate_per_s) * 1e-3;
        }
    }

    /// Sets whether somebody waits for the answers of `class` (at first, yes). A background job has
    /// its own response time but is no part of the mix over all classes.
    pub fn set_interactive(&mut self, class: usize, interactive: bool) {
        if class < self.classes {
            self.interactive[class] = interactive;
        }
    }

    /// Number of stations.
    #[must_use]
    pub fn stations(&self) -> usize {
        self.stations
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The station at `index`.
    #[must_use]
    pub fn station(&self, index: usize) -> Option<Station> {
        (index < self.stations).then(|| Station { servers: self.servers[index] })
    }

    /// Arrivals a second of `class`; 0 when there is no such class.
    #[must_use]
    pub fn rate_per_s(&self, class: usize) -> f64 {
        self.rate.get(class).map_or(0.0, |rate| rate * 1e3)
    }

    /// What a request of `class` asks of `station`, attempts included in the visits.
    #[must_use]
    pub fn demand(&self, class: usize, station: usize) -> Demand {
        if class >= self.classes || station >= self.stations {
            return Demand::NONE;
        }
        let mut demand = self.demands[station][class];
        demand.visits = guard::amount(demand.visits * self.attempts[station][class]);
        demand
    }

    /// Recomputes the sums of one class at one station.
    fn refresh(&mut self, class: usize, station: usize) {
        let demand = self.demand(class, station);
        self.rows[station].set(class, demand);
        let bit = 1 << station;
        let waits = demand.sync && demand.visits > 0.0;
        self.path[class] = if waits { self.path[class] | bit } else { self.path[class] & !bit };
    }
}

impl<const C: usize> Row<C> {
    const EMPTY: Self = Self {
        visits: [0.0; C],
        moments: [[0.0; C]; 3],
        sync: [0.0; C],
        own: [[0.0; C]; 3],
        spread: [[0.0; C]; 2],
    };

    /// Moments of service as of a gamma distribution with the demand's mean and scv; the number of
    /// visits is its whole part plus a Bernoulli trial on the fraction.
    fn set(&mut self, class: usize, demand: Demand) {
        let Demand { cpu_ms, wait_ms, visits, scv, sync } = demand;
        self.visits[class] = visits;
        self.moments[0][class] = visits * cpu_ms;
        self.moments[1][class] = visits * cpu_ms * cpu_ms * (1.0 + scv);
        self.moments[2][class] = visits * cpu_ms * cpu_ms * cpu_ms * (1.0 + scv) * (1.0 + 2.0 * scv);
        let sync = if sync { visits } else { 0.0 };
        let chance = sync.fract();
        let toss = chance * (1.0 - chance);
        let stay = cpu_ms + wait_ms;
        self.sync[class] = sync;
        self.own[0][class] = sync * stay;
        self.own[1][class] = if scv > 0.0 { 0.0 } else { sync.trunc() * stay };
        self.own[2][class] = sync * scv * (cpu_ms * cpu_ms + wait_ms * wait_ms) + toss * stay * stay;
        self.spread[0][class] = 2.0 * toss * stay;
        self.spread[1][class] = toss;
    }
}
