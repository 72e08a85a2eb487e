//! Steady state of a chain that moves one step up or down: the sums that the models here need.

/// Sums over the states n = 0, 1, ... of a birth-death chain with `servers` servers, each an
/// expectation once divided by `total`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    total: f64,
    empty: f64,
    jobs: f64,
    queue: f64,
    busy: f64,
    waiting: f64,
    last: f64,
}

/// Expectations in steady state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steady {
    /// P(0 jobs).
    pub(crate) empty: f64,
    /// P(the last state).
    pub(crate) last: f64,
    /// P(all servers busy).
    pub(crate) all_busy: f64,
    /// E\[jobs\].
    pub(crate) jobs: f64,
    /// E\[jobs waiting\].
    pub(crate) queue: f64,
    /// E\[busy servers\].
    pub(crate) busy: f64,
}

/// Weights beyond this are scaled down, so that any load and any number of states fit a double.
const SCALE: f64 = 1e200;

/// States walked at most: 4 million take about 10 ms.
pub(crate) const MOST_STATES: u64 = 4_000_000;

/// Walks the states 0..=`states` (at most [`MOST_STATES`]); `ratio(n)` is P(n) / P(n - 1) and never
/// rises with n. A `finite` chain ends there; another one has to fade out before (below 1e-18 of
/// the total), or gives `None`.
pub(crate) fn steady(states: u64, servers: f64, finite: bool, ratio: impl Fn(f64) -> f64) -> Option<Steady> {
    let mut sums = Sums::default();
    let mut weight = 1.0;
    sums.add(0.0, servers, weight);
    let states = states.min(MOST_STATES);
    let negligible = if finite { 1e-280 } else { 1e-18 };
    for state in 1..=states {
        let n = state as f64;
        let step = ratio(n);
        weight *= step;
        if weight > SCALE {
            sums.scale(1.0 / weight);
            weight = 1.0;
        }
        sums.add(n, servers, weight);
        if step < 0.9 && weight * n < negligible * sums.total {
            sums.last = if state == states { weight } else { 0.0 };
            return Some(sums.steady());
        }
    }
    sums.last = weight;
    finite.then(|| sums.steady())
}

impl Sums {
    fn add(&mut self, n: f64, servers: f64, weight: f64) {
        self.total += weight;
        self.jobs += n * weight;
        self.queue += (n - servers).max(0.0) * weight;
        self.busy += n.min(servers) * weight;
        if n == 0.0 {
            self.empty = weight;
        }
        if n >= servers {
            self.waiting += weight;
        }
    }

    fn scale(&mut self, by: f64) {
        for sum in [
            &mut self.total,
            &mut self.empty,
            &mut self.jobs,
            &mut self.queue,
            &mut self.busy,
            &mut self.waiting,
        ] {
            *sum *= by;
        }
    }

    fn steady(self) -> Steady {
        let share = 1.0 / self.total;
        Steady {
            empty: self.empty * share,
            last: self.last * share,
            all_busy: self.waiting * share,
            jobs: self.jobs * share,
            queue: self.queue * share,
            busy: self.busy * share,
        }
    }
}
