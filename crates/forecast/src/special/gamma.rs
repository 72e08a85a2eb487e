//! The gamma distribution, exactly: logarithm of the gamma function, distribution, tail, quantile.

use super::normal::{normal_quantile, scaled_erfc};
use super::temme;

/// ln Gamma(x) for x > 0; infinite at and below 0, 0 for NaN. Relative error below 1e-14 away from
/// the zeros at 1 and 2.
///
/// Source: Stirling's series, NIST Digital Library of Mathematical Functions, 5.11.1, after
/// shifting the argument above 12 with Gamma(x + 1) = x Gamma(x).
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() {
        return 0.0;
    }
    if x <= 0.0 || x.is_infinite() {
        return f64::INFINITY;
    }
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 12.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let r = 1.0 / shifted;
    let square = r * r;
    let series = r
        * (1.0 / 12.0
            - square
                * (1.0 / 360.0
                    - square
                        * (1.0 / 1260.0
                            - square
                                * (1.0 / 1680.0 - square * (1.0 / 1188.0 - square * (691.0 / 360_360.0))))));
    let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    (shifted - 0.5) * shifted.ln() - shifted + half_log_two_pi + series - product.ln()
}

/// P(X <= x) for X gamma distributed with `shape` and scale 1: the regularised lower incomplete
/// gamma function. Domain: shape > 0, x >= 0; a shape of 0 is a mass at 0. Absolute error below
/// 1e-13.
///
/// Source: Abramowitz and Stegun 6.5.29 (series) below the mean, 6.5.31 (continued fraction)
/// above, Temme's uniform expansion for shapes above 2,000.
#[must_use]
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    edge(shape, x).unwrap_or_else(|| Gamma::new(shape).at(x)).lower
}

/// P(X > x) for X gamma distributed with `shape` and scale 1, without cancellation in the tail.
/// Domain and source as [`gamma_cdf`].
#[must_use]
pub fn gamma_tail(shape: f64, x: f64) -> f64 {
    edge(shape, x).unwrap_or_else(|| Gamma::new(shape).at(x)).upper
}

/// The distribution at a point.
#[derive(Clone, Copy)]
struct At {
    /// P(X <= x) and P(X > x): whichever is smaller is computed, the other is its complement.
    lower: f64,
    upper: f64,
    /// x^s exp(-x) / Gamma(s + 1), the density times x / s.
    factor: f64,
}

/// The distribution at the ends of its domain.
fn edge(shape: f64, x: f64) -> Option<At> {
    let mass = |lower: f64| Some(At { lower, upper: 1.0 - lower, factor: 0.0 });
    if shape.is_nan() || x.is_nan() || x <= 0.0 {
        return mass(if shape > 0.0 { 0.0 } else { 1.0 });
    }
    if shape <= 0.0 || x.is_infinite() {
        return mass(1.0);
    }
    if shape.is_infinite() { mass(0.0) } else { None }
}

/// A gamma distribution with a positive, finite shape, and its norming constant.
#[derive(Clone, Copy)]
struct Gamma {
    shape: f64,
    /// ln Gamma(s + 1) below [`Gamma::CENTRED`], above it ln of Stirling's correction.
    constant: f64,
}

impl Gamma {
    /// From this shape on the factor is computed around the mean, where its terms would cancel.
    const CENTRED: f64 = 20.0;
    /// From this shape on the uniform expansion has all digits.
    const UNIFORM: f64 = 2000.0;

    fn new(shape: f64) -> Self {
        let constant = if shape < Self::CENTRED {
            ln_gamma(shape + 1.0)
        } else {
            ln_gamma(shape) - (shape - 0.5) * shape.ln() + shape
        };
        Self { shape, constant }
    }

    /// The distribution at a positive, finite x.
    fn at(self, x: f64) -> At {
        let factor = self.factor(x);
        if self.shape > Self::UNIFORM && (x / self.shape - 1.0).abs() < 0.3 {
            return At { factor, ..uniform(self.shape, x) };
        }
        if x < self.shape + 1.0 {
            let lower = (series(self.shape, x) * factor).clamp(0.0, 1.0);
            At { lower, upper: 1.0 - lower, factor }
        } else {
            let upper = (fraction(self.shape, x) * factor).clamp(0.0, 1.0);
            At { lower: 1.0 - upper, upper, factor }
        }
    }

    /// x^s exp(-x) / Gamma(s + 1).
    fn factor(self, x: f64) -> f64 {
        if self.shape < Self::CENTRED {
            return (self.shape * x.ln() - x - self.constant).exp();
        }
        let r = x / self.shape;
        (self.shape * (r.ln() - (r - 1.0)) - self.constant).exp() / self.shape.sqrt()
    }
}

/// Both probabilities by Temme's expansion.
fn uniform(shape: f64, x: f64) -> At {
    let tail = temme::upper_tail(shape, x, scaled_erfc);
    let scale = (-tail.exponent).exp() / (2.0 * std::f64::consts::PI * shape).sqrt();
    let upper = if tail.scaled.is_finite() { tail.scaled * scale } else { 1.0 };
    let upper = upper.clamp(0.0, 1.0);
    At { lower: 1.0 - upper, upper, factor: 0.0 }
}

/// 1 + x/(s+1) + x^2/((s+1)(s+2)) + ...
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, shape);
    for _ in 0..100_000 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// s times the continued fraction 1/(x+1-s- 1(1-s)/(x+3-s- 2(2-s)/(x+5-s- ...))), by Lentz's rule.
fn fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / if b.abs() < TINY { TINY } else { b };
    let mut value = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let a = -i * (i - shape);
        b += 2.0;
        d = a * d + b;
        c = b + a / c;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = if c.abs() < TINY { TINY } else { c };
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value * shape
}

/// The x with P(X <= x) = p for X gamma distributed with `shape` and scale 1. Domain: shape > 0,
/// 0 <= p <= 1; 0 at p = 0 or shape 0, infinite at p = 1. Relative error below 1e-12 (an x below
/// 1e-300 counts as 0).
///
/// Source: Wilson and Hilferty (1931) as starting value, then the root of the exact distribution.
#[must_use]
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if shape.is_nan() || p.is_nan() || shape <= 0.0 || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 || shape.is_infinite() {
        return f64::INFINITY;
    }
    // Below the smallest number x^s / Gamma(s + 1) is the distribution to the last bit.
    let small = (p.ln() + ln_gamma(shape + 1.0)) / shape;
    if small < -40.0 {
        return small.exp();
    }
    Gamma::new(shape).polish(p, starting_value(shape, p, small))
}

/// Wilson and Hilferty's cube, or the leading term where the cube is no good.
fn starting_value(shape: f64, p: f64, small: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let cube = 1.0 - ninth + normal_quantile(p) * ninth.sqrt();
    if cube > 0.3 && shape > 0.3 { shape * cube * cube * cube } else { small.exp().min(shape + 20.0) }
}

impl Gamma {
    /// Newton steps in ln x on the logarithm of the smaller tail, inside a bracket that only shrinks.
    fn polish(self, p: f64, start: f64) -> f64 {
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        let mut x = start;
        for _ in 0..200 {
            let at = self.at(x);
            let (tail, error) = if p < 0.5 {
                (at.lower, (at.lower / p).ln())
            } else {
                (at.upper, ((1.0 - p) / at.upper).ln())
            };
            if error == 0.0 {
                return x;
            }
            if error < 0.0 {
                low = x;
            } else {
                high = x;
            }
            // d ln(tail) / d ln(x), up to the sign that both tails share.
            let slope = at.factor * self.shape / tail;
            let step = -(error / slope);
            let next = x * step.clamp(-3.0, 3.0).exp();
            if next > low && next < high {
                // What is left after a step is of the order of its square.
                if step.abs() <= 1e-9 {
                    return next;
                }
                x = next;
                continue;
            }
            if high - low <= 4.0 * f64::EPSILON * low {
                break;
            }
            x = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * x };
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_agrees_with_factorials_and_halves() {
        let mut factorial = 1.0_f64;
        for n in 1..20 {
            factorial *= f64::from(n);
            let error = ln_gamma(f64::from(n) + 1.0) - factorial.ln();
            assert!(error.abs() < 1e-14 * factorial.ln().max(1.0), "{n}! is off by {error:e}");
        }
        assert!((ln_gamma(0.5) - 0.5 * std::f64::consts::PI.ln()).abs() < 1e-14);
    }

    #[test]
    fn erlang_and_exponential_are_special_cases() {
        for x in [0.01, 0.5, 1.0, 3.0, 20.0] {
            assert!((gamma_tail(1.0, x) / (-x).exp() - 1.0).abs() < 1e-13);
            let erlang3 = (-x).exp() * (1.0 + x + 0.5 * x * x);
            assert!((gamma_tail(3.0, x) / erlang3 - 1.0).abs() < 1e-13, "at {x}");
        }
    }

    #[test]
    fn quantile_inverts_the_distribution() {
        for shape in [1e-3, 0.03, 0.1, 0.5, 0.99, 1.0, 2.5, 19.0, 300.0, 1_999.0, 2_001.0, 1e7] {
            for p in [0.001, 0.05, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999_9] {
                let x = gamma_quantile(shape, p);
                let back = gamma_cdf(shape, x);
                assert!(x < 1e-290 || (back - p).abs() < 2e-12, "shape {shape}, p {p}: {x} gives {back}");
            }
        }
    }

    #[test]
    fn nothing_gives_nan() {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e-300, 1e300, 0.5];
        for a in odd {
            for b in odd {
                assert!(!gamma_cdf(a, b).is_nan() && !gamma_tail(a, b).is_nan());
                assert!(!gamma_quantile(a, b).is_nan(), "gamma_quantile({a}, {b})");
            }
            assert!(!ln_gamma(a).is_nan());
        }
    }
}
