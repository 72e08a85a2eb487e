//! Lengths of time as distributions: a mean and a spread, a shape, or values that were seen.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Time;

/// A length of time as a distribution: a mean and how far it spreads, or values that were seen.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Fields")]
pub struct Demand {
    /// Mean.
    pub mean: Time,
    /// Squared coefficient of variation: 0 is always the same, 1 (unless said) exponential.
    pub scv: f64,
    /// The shape, when it is not that which fits the spread best.
    pub shape: Option<Shape>,
    /// Values that were seen, each as likely as another; empty when the mean says it.
    pub values: Vec<Time>,
}

/// The shape of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Lognormal: many short ones, a long tail.
    Lognormal,
    /// Gamma.
    Gamma,
    /// Anything between nothing and twice the mean.
    Uniform,
}

/// What a file says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Mean; exactly one of `mean` and `values`.
    #[serde(default)]
    mean: Option<Time>,
    /// Squared coefficient of variation: 0 is always the same, 1 (unless said) exponential.
    #[serde(default = "one")]
    scv: f64,
    /// The shape; unless said, constant, gamma, exponential or hyperexponential, as the spread asks for.
    #[serde(default)]
    shape: Option<Shape>,
    /// Values that were seen, each as likely as another.
    #[serde(default)]
    values: Vec<Time>,
}

const fn one() -> f64 {
    1.0
}

/// Most values of one distribution.
const MOST_VALUES: usize = 100_000;

impl TryFrom<Fields> for Demand {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let count = fields.values.len();
        let mean = match (fields.mean, count) {
            (Some(mean), 0) => mean,
            (None, 1..=MOST_VALUES) => {
                Time(fields.values.iter().map(|t| t.seconds()).sum::<f64>() / count as f64)
            }
            (None, 0) | (Some(_), _) => {
                return Err("a length of time needs exactly one of `mean` and `values`".to_owned());
            }
            (None, _) => return Err(format!("more than {MOST_VALUES} values")),
        };
        if !(fields.scv.is_finite() && fields.scv >= 0.0) {
            return Err(format!("`scv` is {}: it is a number that is not negative", fields.scv));
        }
        Ok(Self { mean, scv: fields.scv, shape: fields.shape, values: fields.values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_a_mean_or_values_and_not_both() {
        let read = |text: &str| loadcase_model::yaml::read::<Demand>(text);
        assert_eq!(read("{values: [10ms, 30ms]}").unwrap().mean, Time(0.02));
        let lognormal = read("{mean: 10ms, scv: 2, shape: lognormal}").unwrap();
        assert_eq!((lognormal.scv, lognormal.shape), (2.0, Some(Shape::Lognormal)));
        for wrong in ["{}", "{mean: 1s, values: [1s]}", "{mean: 1s, scv: -1}"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
