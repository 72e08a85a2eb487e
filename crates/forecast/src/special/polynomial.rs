//! Evaluates polynomials and Chebyshev series.

/// sum of c\[i\] x^i by Horner's rule on even and odd powers apart, which halves the chain of
/// operations that wait for each other.
pub(crate) fn power_series<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for i in (0..N).rev() {
        if i % 2 == 0 {
            even = even * square + coefficients[i];
        } else {
            odd = odd * square + coefficients[i];
        }
    }
    even + x * odd
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
