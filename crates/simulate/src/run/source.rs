//! Sources while they run: when the next request comes, and for which key.

use rand::RngExt;
use rand_distr::{Distribution as _, Zipf};

use crate::distribution::Sampler;
use crate::network::{Arrivals, Keys, Profile, Source};
use crate::random::Stream;

/// A source.
pub(crate) struct SourceState {
    pub(crate) operation: u16,
    pub(crate) kind: Kind,
    pub(crate) stream: Stream,
}

/// What kind of source it is.
pub(crate) enum Kind {
    /// Requests come by themselves, `batch` at a time.
    Open { clock: Clock, gaps: Sampler, batch: u32 },
    /// Users come back after thinking.
    Closed { users: u32, think: Sampler },
    /// Requests come at given times.
    Trace { times: Box<[f64]>, next: usize },
}

impl SourceState {
    pub(crate) fn new(source: &Source, stream: Stream) -> Self {
        let kind = match &source.arrivals {
            Arrivals::Open { profile, gaps, batch } => {
                Kind::Open { clock: Clock::new(profile), gaps: Sampler::new(gaps), batch: (*batch).max(1) }
            }
            Arrivals::Closed { users, think } => Kind::Closed { users: *users, think: Sampler::new(think) },
            Arrivals::Trace(times) => {
                let mut times = times.clone().into_boxed_slice();
                times.sort_by(f64::total_cmp);
                Kind::Trace { times, next: 0 }
            }
        };
        Self { operation: source.operation as u16, kind, stream }
    }

    /// When the next request comes by itself.
    #[inline]
    pub(crate) fn next(&mut self, now: f64) -> Option<f64> {
        match &mut self.kind {
            Kind::Open { clock, gaps, .. } => clock.after(now, gaps.sample(&mut self.stream)),
            Kind::Closed { .. } => None,
            Kind::Trace { times, next } => {
                let time = times.get(*next).copied();
                *next += 1;
                time
            }
        }
    }

    /// How long a user thinks; nothing for a source without users.
    pub(crate) fn think(&mut self) -> Option<f64> {
        match &self.kind {
            Kind::Closed { think, .. } => Some(think.sample(&mut self.stream)),
            Kind::Open { .. } | Kind::Trace { .. } => None,
        }
    }

    /// Requests that come together.
    pub(crate) const fn batch(&self) -> u32 {
        if let Kind::Open { batch, .. } = &self.kind { *batch } else { 1 }
    }
}

/// Turns expected numbers of requests into times, along a profile of straight lines: exact for any shape of
/// gaps, without thinning.
///
/// Source: inversion of the cumulative rate, Çinlar, Introduction to Stochastic Processes (1975), section 4.7.
pub(crate) struct Clock {
    points: Box<[(f64, f64)]>,
    /// The first point that is not passed.
    next: usize,
    /// The rate, when it never changes.
    constant: Option<f64>,
}

impl Clock {
    fn new(profile: &Profile) -> Self {
        let points: Box<[(f64, f64)]> = profile.0.clone().into_boxed_slice();
        let constant = match points.as_ref() {
            [(_, rate)] if *rate > 0.0 => Some(1.0 / *rate),
            _ => None,
        };
        Self { points, next: 0, constant }
    }

    /// The time by which `amount` more requests are expected.
    #[inline]
    fn after(&mut self, now: f64, amount: f64) -> Option<f64> {
        match self.constant {
            Some(gap) => Some(now + amount * gap),
            None => self.walk(now, amount),
        }
    }

    fn walk(&mut self, mut now: f64, mut amount: f64) -> Option<f64> {
        loop {
            while self.points.get(self.next).is_some_and(|p| p.0 <= now) {
                self.next += 1;
            }
            let before = self.next.checked_sub(1).map(|i| self.points[i]);
            let Some(&after) = self.points.get(self.next) else {
                let rate = before.map_or(0.0, |p| p.1);
                return (rate > 0.0).then(|| now + amount / rate);
            };
            let slope = before.map_or(0.0, |b| (after.1 - b.1) / (after.0 - b.0));
            let rate = before.map_or(after.1, |b| b.1 + slope * (now - b.0));
            let length = after.0 - now;
            let expected = length * (rate + 0.5 * slope * length);
            if expected > amount {
                // The root of rate x + slope x^2 / 2 = amount, without cancellation.
                let root = (rate * rate + 2.0 * slope * amount).max(0.0).sqrt();
                return Some(now + (2.0 * amount / (rate + root)).min(length));
            }
            amount -= expected;
            now = after.0;
        }
    }
}

/// Which key a request asks for.
pub(crate) enum Picker {
    None,
    Uniform(u32),
    Zipf(Zipf<f64>),
    /// Sums of weights.
    Weights(Box<[f64]>),
}

impl Picker {
    pub(crate) fn new(keys: Option<&Keys>) -> Self {
        match keys {
            None => Self::None,
            Some(Keys::Uniform(count)) => Self::Uniform(*count),
            Some(Keys::Zipf { count, exponent }) => {
                Zipf::new(f64::from(*count), *exponent).map_or(Self::Uniform(*count), Self::Zipf)
            }
            Some(Keys::Weights(weights)) => {
                let mut sum = 0.0;
                let running = weights.iter().map(|w| {
                    sum += w;
                    sum
                });
                Self::Weights(running.collect())
            }
        }
    }

    /// A key, counted from zero: the most popular first.
    #[inline]
    pub(crate) fn pick(&self, stream: &mut Stream) -> u32 {
        match self {
            Self::None => 0,
            Self::Uniform(count) => stream.random_range(0..*count),
            Self::Zipf(zipf) => zipf.sample(stream) as u32 - 1,
            Self::Weights(sums) => {
                let all = sums.last().copied().unwrap_or(0.0);
                let at = stream.random::<f64>() * all;
                sums.partition_point(|s| *s <= at) as u32
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn arrivals_follow_their_profile() {
        let profile =
            Profile(vec![(0.0, 10.0), (10.0, 10.0), (10.0, 100.0), (20.0, 0.0), (30.0, 0.0), (30.0, 50.0)]);
        let mut clock = Clock::new(&profile);
        let mut random = stream(3, 0, "profile");
        let (mut now, mut counts) = (0.0, [0_u32; 4]);
        while let Some(next) = clock.after(now, crate::distribution::exponential(&mut random)) {
            now = next;
            if now >= 40.0 {
                break;
            }
            counts[(now / 10.0) as usize] += 1;
        }
        // 100, 500, 0 and 500 are expected.
        assert!((counts[0] as f64 - 100.0).abs() < 40.0, "{counts:?}");
        assert!((counts[1] as f64 - 500.0).abs() < 90.0, "{counts:?}");
        assert_eq!(counts[2], 0);
        assert!((counts[3] as f64 - 500.0).abs() < 90.0, "{counts:?}");
    }

    #[test]
    fn a_flash_crowd_multiplies_the_rate_for_its_time() {
        let profile = Profile::constant(10.0).scaled_between(10.0, 5.0, 6.0);
        let rates: Vec<f64> = [0.0, 4.9, 5.0, 5.9, 6.0, 9.0].iter().map(|t| profile.rate(*t)).collect();
        assert_eq!(rates, [10.0, 10.0, 100.0, 100.0, 10.0, 10.0]);
    }
}
