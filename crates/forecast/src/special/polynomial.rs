//! Evaluates polynomials and Chebyshev series.

/// sum of c\[i\] x^i by Horner's rule.
pub(crate) fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// sum of c\[i\] T_i(x), -1 <= x <= 1, by Clenshaw's recurrence.
pub(crate) fn chebyshev(coefficients: &[f64], x: f64) -> f64 {
    let twice = 2.0 * x;
    let (mut last, mut before) = (0.0, 0.0);
    for &c in coefficients.iter().skip(1).rev() {
        (last, before) = (c - before + twice * last, last);
    }
    coefficients.first().map_or(0.0, |c| c - before + x * last)
}
