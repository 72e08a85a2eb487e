//! Response times over time: coarse histograms of equal stretches of a run, of the same size whatever its length.

/// Stretches of a run that have quantiles of their own.
pub(crate) const SLICES: usize = 100;

/// Buckets of one doubling of the response time, as a power of two: 16, so that values differ by 4.4 %.
const PER_DOUBLING: u32 = 4;
/// The shortest and the longest time that are told apart, as powers of two of a second: 61 µs and 17 minutes.
const SHORTEST: i32 = -14;
const LONGEST: i32 = 10;
const BUCKETS: usize = ((LONGEST - SHORTEST) as usize) << PER_DOUBLING;

/// Response times of requests that came in a stretch of time.
#[derive(Clone)]
pub(crate) struct Slices(Vec<u32>);

impl Slices {
    pub(crate) fn new() -> Self {
        Self(vec![0; SLICES * BUCKETS])
    }

    /// Counts a response time, in seconds, of a request that came at a share of the run.
    #[inline]
    pub(crate) fn add(&mut self, share: f64, took: f64) {
        let slice = ((share * SLICES as f64) as usize).min(SLICES - 1);
        self.0[slice * BUCKETS + bucket(took)] += 1;
    }

    /// Adds the counts of another replication.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a += b);
    }

    /// A quantile of one stretch, in seconds; not a number without answers.
    pub(crate) fn quantile(&self, slice: usize, p: f64) -> f64 {
        let counts = &self.0[slice * BUCKETS..(slice + 1) * BUCKETS];
        let all: u64 = counts.iter().map(|c| u64::from(*c)).sum();
        if all == 0 {
            return f64::NAN;
        }
        let wanted = (p * all as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = counts.iter().position(|c| {
            seen += u64::from(*c);
            seen >= wanted
        });
        middle(found.unwrap_or(BUCKETS - 1))
    }
}

/// The bucket of a time: its exponent and the first bits behind the point.
#[inline]
fn bucket(seconds: f64) -> usize {
    let least = f64::from_bits(((1023 + SHORTEST) as u64) << 52);
    let bits = (seconds.max(least).to_bits() >> (52 - PER_DOUBLING)) as usize;
    let first = ((1023 + SHORTEST) as usize) << PER_DOUBLING;
    (bits - first).min(BUCKETS - 1)
}

/// The middle of a bucket, in seconds.
fn middle(bucket: usize) -> f64 {
    let per = 1usize << PER_DOUBLING;
    let (exponent, part) = (SHORTEST + (bucket / per) as i32, (bucket % per) as f64 + 0.5);
    f64::from(exponent).exp2() * (1.0 + part / per as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_stretch_are_right_within_a_bucket() {
        let mut slices = Slices::new();
        (1..=1000).for_each(|i| slices.add(0.505, f64::from(i) * 1e-3));
        for (p, exact) in [(0.5, 0.5), (0.95, 0.95), (0.99, 0.99)] {
            let found = slices.quantile(50, p);
            assert!((found / exact - 1.0).abs() < 0.04, "{p}: {found}");
        }
        assert!(slices.quantile(49, 0.5).is_nan());
    }

    #[test]
    fn times_beyond_the_ends_are_kept_at_the_ends() {
        let mut slices = Slices::new();
        for time in [0.0, 1e-9, 1e9, f64::INFINITY] {
            slices.add(1.5, time);
        }
        assert!(slices.quantile(SLICES - 1, 0.5) < 1e-4);
        assert!(slices.quantile(SLICES - 1, 0.99) > 900.0);
    }
}
