//! Availability: the share of time that what is needed works.

use crate::guard;

/// Hours in a month, on average over the year.
pub const HOURS_PER_MONTH: f64 = 730.5;

/// Availability of one thing that fails and is repaired: mean time between failures (up) and mean
/// time to repair (down), in one unit. 1 when it never fails, also without any data (0 and 0).
///
/// Source: alternating renewal process; Bolch, Greiner, de Meer, Trivedi, Queueing Networks and
/// Markov Chains (2nd ed. 2006), chapter 1.
#[must_use]
pub fn alternating(mtbf: f64, mttr: f64) -> f64 {
    let (up, down) = (guard::amount(mtbf), guard::amount(mttr));
    if down > 0.0 { up / (up + down) } else { 1.0 }
}

/// Hours down in a month at this availability.
///
/// Source: definition; a month has 730.5 hours.
#[must_use]
pub fn downtime_hours_per_month(availability: f64) -> f64 {
    (1.0 - guard::share(availability)) * HOURS_PER_MONTH
}

/// All of these are needed.
///
/// Source: independent components in series; Bolch et al. (2006), chapter 1.
#[must_use]
pub fn series(availabilities: impl IntoIterator<Item = f64>) -> f64 {
    availabilities.into_iter().map(guard::share).product()
}

/// Any one of these is enough; 0 for none.
///
/// Source: independent components in parallel; Bolch et al. (2006), chapter 1.
#[must_use]
pub fn parallel(availabilities: impl IntoIterator<Item = f64>) -> f64 {
    1.0 - availabilities.into_iter().map(|a| 1.0 - guard::share(a)).product::<f64>()
}

/// At least `needed` of `replicas` equal, independent ones; 0 when more are needed than there are.
/// More than 10,000 replicas count as 10,000.
///
/// Source: binomial distribution.
#[must_use]
pub fn k_of_n(replicas: u32, needed: u32, availability: f64) -> f64 {
    let replicas = replicas.min(10_000) as usize;
    at_least(needed as usize, std::iter::repeat_n(availability, replicas))
}

/// P(at least `needed` of these are up), by the distribution of the number up (Poisson binomial).
fn at_least(needed: usize, availabilities: impl IntoIterator<Item = f64>) -> f64 {
    // down[i] = P(i down so far), as far as it still matters: the sum of few and small terms.
    let all: Vec<f64> = availabilities.into_iter().map(guard::share).collect();
    let Some(spare) = all.len().checked_sub(needed) else {
        return 0.0;
    };
    let mut down = vec![0.0; spare + 1];
    down[0] = 1.0;
    for up in all {
        for i in (0..=spare).rev() {
            let fell = if i > 0 { down[i - 1] * (1.0 - up) } else { 0.0 };
            down[i] = down[i] * up + fell;
        }
    }
    down.iter().sum::<f64>().min(1.0)
}

/// Replicas that share one repair crew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedRepair {
    /// P(all up).
    pub all_up: f64,
    /// P(fewer than needed are up).
    pub down: f64,
    /// P(as many as needed are up).
    pub availability: f64,
}

/// `replicas` equal ones, each failing at `fail_rate` while up, repaired one at a time at
/// `repair_rate` (both per one unit of time); `needed` must be up. More than 10,000 count as
/// 10,000.
///
/// Source: birth-death chain; Bolch et al. (2006), section 3.1.
#[must_use]
pub fn shared_repair(replicas: u32, needed: u32, fail_rate: f64, repair_rate: f64) -> SharedRepair {
    let replicas = replicas.min(10_000);
    let (fail, repair) = (guard::amount(fail_rate), guard::amount(repair_rate));
    if fail <= 0.0 {
        let enough = if needed <= replicas { 1.0 } else { 0.0 };
        return SharedRepair { all_up: 1.0, down: 1.0 - enough, availability: enough };
    }
    let step = fail / repair.max(1.0 / guard::LARGEST);
    let (mut weight, mut total, mut all_up, mut up) = (1.0, 1.0, 1.0, 0.0);
    if needed <= replicas {
        up = 1.0;
    }
    for down in 1..=replicas {
        weight *= f64::from(replicas - down + 1) * step;
        total += weight;
        if replicas - down >= needed {
            up += weight;
        }
        if total > 1e200 {
            let scale = 1.0 / total;
            (weight, total, all_up, up) = (weight * scale, 1.0, all_up * scale, up * scale);
        }
    }
    SharedRepair { all_up: all_up / total, down: (total - up) / total, availability: up / total }
}

/// What an operation depends on, over components that are numbered; one component may appear in
/// several places, as a database that two services share does.
#[derive(Clone, Debug, PartialEq)]
pub enum Structure {
    /// One component, by its index.
    Component(usize),
    /// All of these.
    All(Vec<Self>),
    /// Any one of these.
    Any(Vec<Self>),
    /// At least `needed` of these.
    AtLeast {
        /// How many.
        needed: usize,
        /// Of which.
        of: Vec<Self>,
    },
}

/// Shared components handled exactly; each doubles the work.
const MOST_SHARED: usize = 12;

impl Structure {
    /// The probability that it works, given each component's availability by index (a missing one
    /// counts as 0), components independent of each other. Exact while at most 12 components
    /// appear more than once; further ones count as separate copies.
    ///
    /// Source: factoring (Shannon's decomposition) on the shared components; Trivedi and Bobbio,
    /// Reliability and Availability Engineering (2017), section 4.2.
    #[must_use]
    pub fn availability(&self, components: &[f64]) -> f64 {
        let mut counts = vec![0_u32; components.len()];
        self.count(&mut counts);
        let mut known = components.to_vec();
        let shared: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] > 1).take(MOST_SHARED).collect();
        self.conditioned(&shared, &mut known)
    }

    /// The component whose perfection would gain most availability, and how much.
    ///
    /// Source: improvement potential, Birnbaum importance times unavailability; Birnbaum (1969).
    #[must_use]
    pub fn weakest(&self, components: &[f64]) -> Option<(usize, f64)> {
        let present = self.availability(components);
        let mut improved = components.to_vec();
        let mut weakest = None;
        for index in 0..components.len() {
            let own = std::mem::replace(&mut improved[index], 1.0);
            let gain = self.availability(&improved) - present;
            improved[index] = own;
            if gain > weakest.map_or(0.0, |(_, most)| most) {
                weakest = Some((index, gain));
            }
        }
        weakest
    }

    /// Splits on each shared component, up or down; without any the parts are independent.
    fn conditioned(&self, shared: &[usize], known: &mut [f64]) -> f64 {
        let Some((&first, rest)) = shared.split_first() else {
            return self.independent(known);
        };
        let own = guard::share(known[first]);
        known[first] = 1.0;
        let up = self.conditioned(rest, known);
        known[first] = 0.0;
        let down = self.conditioned(rest, known);
        known[first] = own;
        own * up + (1.0 - own) * down
    }

    fn independent(&self, known: &[f64]) -> f64 {
        match self {
            Self::Component(index) => guard::share(known.get(*index).copied().unwrap_or(0.0)),
            Self::All(parts) => series(parts.iter().map(|part| part.independent(known))),
            Self::Any(parts) => parallel(parts.iter().map(|part| part.independent(known))),
            Self::AtLeast { needed, of } => at_least(*needed, of.iter().map(|part| part.independent(known))),
        }
    }

    fn count(&self, counts: &mut [u32]) {
        match self {
            Self::Component(index) => {
                if let Some(count) = counts.get_mut(*index) {
                    *count += 1;
                }
            }
            Self::All(parts) | Self::Any(parts) | Self::AtLeast { of: parts, .. } => {
                parts.iter().for_each(|part| part.count(counts));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_component_counts_once() {
        // Two services on one database: as copies 1 - (1 - 0.9^2)^2, shared 0.9 (1 - 0.1^2).
        let service = |own| Structure::All(vec![Structure::Component(own), Structure::Component(2)]);
        let both = Structure::Any(vec![service(0), service(1)]);
        let exact = 0.9 * (1.0 - 0.01);
        assert!((both.availability(&[0.9; 3]) - exact).abs() < 1e-15);
        assert_eq!(both.weakest(&[0.9; 3]).map(|(index, _)| index), Some(2));
    }

    #[test]
    fn more_needed_than_there_are_is_never_up() {
        assert!(k_of_n(2, 3, 1.0) <= 0.0);
        assert!(k_of_n(3, 0, 0.0) >= 1.0);
        assert!(shared_repair(2, 3, 0.1, 1.0).availability <= 0.0);
    }
}
