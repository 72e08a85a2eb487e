//! Finds the zero of a monotone function inside a bracket, without derivatives and without failing.

/// The zero of `f` between `low` and `high`, where `f(low) <= 0 <= f(high)`; to the last few bits.
/// When the bracket holds no sign change, the end nearer to one.
///
/// Source: the Illinois variant of false position (Dowell and Jarratt, BIT 11, 1971), with a
/// bisection whenever it fails to halve the bracket in three steps.
pub(crate) fn increasing(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let (mut f_low, mut f_high) = (f(low), f(high));
    if f_low >= 0.0 {
        return low;
    }
    if f_high <= 0.0 {
        return high;
    }
    let mut width = high - low;
    let mut raised_low = None;
    for step in 1..200 {
        let mut x = high - f_high * (high - low) / (f_high - f_low);
        if step % 3 == 0 {
            if high - low > 0.5 * width {
                x = 0.5 * (low + high);
            }
            width = high - low;
        }
        if !(x > low && x < high) {
            x = 0.5 * (low + high);
        }
        if x <= low || x >= high || high - low <= f64::EPSILON * x.abs() {
            break;
        }
        let value = f(x);
        if value < 0.0 {
            (low, f_low) = (x, value);
            if raised_low == Some(true) {
                f_high *= 0.5;
            }
            raised_low = Some(true);
        } else if value > 0.0 {
            (high, f_high) = (x, value);
            if raised_low == Some(false) {
                f_low *= 0.5;
            }
            raised_low = Some(false);
        } else {
            return x;
        }
    }
    0.5 * (low + high)
}

/// The zero of an increasing `f` above `start`: widens the bracket by doubling `step` first.
/// Infinite when `f` stays negative up to 1e300.
pub(crate) fn increasing_from(start: f64, step: f64, f: impl Fn(f64) -> f64) -> f64 {
    let mut low = start;
    let mut width = if step > 0.0 && step.is_finite() { step } else { 1.0 };
    while width < 1e300 {
        let high = low + width;
        if f(high) >= 0.0 {
            return increasing(low, high, f);
        }
        low = high;
        width *= 2.0;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_zeros_to_the_last_bits() {
        assert!((increasing(0.0, 2.0, |x| x * x - 2.0) - std::f64::consts::SQRT_2).abs() < 1e-15);
        assert!(
            (increasing_from(0.0, 1e-3, |x| x.ln_1p() - 5.0) / (5.0_f64.exp() - 1.0) - 1.0).abs() < 1e-13
        );
        assert!(increasing_from(0.0, 1.0, |_| -1.0).is_infinite());
    }
}
