//! How long something takes: distributions, and how they are sampled.

use rand::RngExt;
use rand_distr::{Distribution as _, Exp1, Gamma, LogNormal};

use crate::random::Stream;

/// How long something takes, in seconds; or, for arrivals, gaps of mean one.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Anything between the two, equally likely.
    Uniform(f64, f64),
    /// Lognormal with a mean and a squared coefficient of variation.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Variance over squared mean.
        scv: f64,
    },
    /// Sum of `phases` exponential times; its squared coefficient of variation is `1 / phases`.
    Erlang {
        /// Mean of the sum.
        mean: f64,
        /// Number of phases, at least one.
        phases: u32,
    },
    /// Gamma with a mean and a squared coefficient of variation.
    Gamma {
        /// Mean.
        mean: f64,
        /// Variance over squared mean.
        scv: f64,
    },
    /// With probability `p` exponential of mean `first`, else of mean `second`.
    Hyperexponential {
        /// Probability of the first.
        p: f64,
        /// Mean of the first.
        first: f64,
        /// Mean of the second.
        second: f64,
    },
    /// One of these values, each equally likely.
    Empirical(Vec<f64>),
}

impl Distribution {
    /// A distribution with this mean and squared coefficient of variation: constant at zero, gamma below one,
    /// exponential at one, hyperexponential with balanced means above.
    ///
    /// Source of the balanced means: Tijms, A First Course in Stochastic Models (2003), appendix B.
    #[must_use]
    pub fn with_scv(mean: f64, scv: f64) -> Self {
        if mean <= 0.0 || scv <= 1e-6 {
            Self::Constant(mean.max(0.0))
        } else if (scv - 1.0).abs() < 1e-9 {
            Self::Exponential(mean)
        } else if scv < 1.0 {
            Self::Gamma { mean, scv }
        } else {
            let p = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
            Self::Hyperexponential { p, first: mean / (2.0 * p), second: mean / (2.0 * (1.0 - p)) }
        }
    }

    /// The mean, in seconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(mean)
            | Self::Exponential(mean)
            | Self::Lognormal { mean, .. }
            | Self::Erlang { mean, .. }
            | Self::Gamma { mean, .. } => *mean,
            Self::Uniform(low, high) => 0.5 * (low + high),
            Self::Hyperexponential { p, first, second } => p * first + (1.0 - p) * second,
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// Whether every number is finite and none is negative.
    pub(crate) fn is_sane(&self) -> bool {
        let fine = |x: &f64| x.is_finite() && *x >= 0.0;
        match self {
            Self::Constant(x) | Self::Exponential(x) => fine(x),
            Self::Uniform(low, high) => fine(low) && fine(high) && low <= high,
            Self::Lognormal { mean, scv } | Self::Gamma { mean, scv } => fine(mean) && fine(scv),
            Self::Erlang { mean, phases } => fine(mean) && (1..=10_000).contains(phases),
            Self::Hyperexponential { p, first, second } => {
                fine(p) && *p <= 1.0 && fine(first) && fine(second)
            }
            Self::Empirical(values) => !values.is_empty() && values.iter().all(fine),
        }
    }
}

/// A distribution made ready to be sampled often.
#[derive(Clone, Debug)]
pub(crate) enum Sampler {
    Exponential(f64),
    Constant(f64),
    Uniform(f64, f64),
    Lognormal(LogNormal<f64>),
    Erlang(u32, f64),
    Gamma(Gamma<f64>),
    Hyperexponential(f64, f64, f64),
    Empirical(Box<[f64]>),
}

impl Sampler {
    /// The sampler of a sane distribution. Degenerate ones (no spread, no mean) are constants.
    pub(crate) fn new(distribution: &Distribution) -> Self {
        let constant = Self::Constant(distribution.mean());
        match distribution {
            Distribution::Constant(value) => Self::Constant(*value),
            Distribution::Exponential(mean) => Self::Exponential(*mean),
            Distribution::Uniform(low, high) => Self::Uniform(*low, high - low),
            Distribution::Lognormal { mean, scv } => {
                let variance = scv.ln_1p();
                LogNormal::new(mean.max(1e-300).ln() - 0.5 * variance, variance.sqrt())
                    .map_or(constant, Self::Lognormal)
            }
            Distribution::Erlang { mean, phases } => Self::Erlang(*phases, mean / f64::from(*phases)),
            Distribution::Gamma { mean, scv } => {
                Gamma::new(1.0 / scv, mean * scv).map_or(constant, Self::Gamma)
            }
            Distribution::Hyperexponential { p, first, second } => {
                Self::Hyperexponential(*p, *first, *second)
            }
            Distribution::Empirical(values) => Self::Empirical(values.clone().into_boxed_slice()),
        }
    }

    /// One value. The exponential goes through a ziggurat.
    #[inline]
    pub(crate) fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Exponential(mean) => mean * exponential(stream),
            Self::Constant(value) => *value,
            other => other.sample_rare(stream),
        }
    }

    fn sample_rare(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Exponential(mean) => mean * exponential(stream),
            Self::Constant(value) => *value,
            Self::Uniform(low, width) => low + width * stream.random::<f64>(),
            Self::Lognormal(lognormal) => lognormal.sample(stream),
            Self::Erlang(phases, mean) => (0..*phases).map(|_| mean * exponential(stream)).sum(),
            Self::Gamma(gamma) => gamma.sample(stream),
            Self::Hyperexponential(p, first, second) => {
                let mean = if stream.random::<f64>() < *p { first } else { second };
                mean * exponential(stream)
            }
            Self::Empirical(values) => values[stream.random_range(0..values.len())],
        }
    }
}

/// An exponential value of mean one.
#[inline]
pub(crate) fn exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    /// Mean and squared coefficient of variation of many samples.
    fn moments(distribution: &Distribution) -> (f64, f64) {
        let (sampler, mut stream) = (Sampler::new(distribution), stream(7, 0, "moments"));
        let values: Vec<f64> = (0..400_000).map(|_| sampler.sample(&mut stream)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / values.len() as f64;
        (mean, square / (mean * mean))
    }

    #[test]
    fn samples_have_the_mean_and_the_spread_that_were_asked_for() {
        let cases = [
            (Distribution::Constant(2.0), 0.0),
            (Distribution::Exponential(2.0), 1.0),
            (Distribution::Uniform(1.0, 3.0), 1.0 / 12.0),
            (Distribution::Lognormal { mean: 2.0, scv: 0.5 }, 0.5),
            (Distribution::Erlang { mean: 2.0, phases: 4 }, 0.25),
            (Distribution::with_scv(2.0, 0.3), 0.3),
            (Distribution::with_scv(2.0, 4.0), 4.0),
            (Distribution::Empirical(vec![1.0, 3.0]), 0.25),
        ];
        for (distribution, scv) in cases {
            let (mean, spread) = moments(&distribution);
            assert!((mean - 2.0).abs() < 0.03, "{distribution:?}: mean {mean}");
            assert!((spread - scv).abs() < 0.05 * (1.0 + scv), "{distribution:?}: spread {spread}");
        }
    }
}
