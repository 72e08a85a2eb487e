//! Temme's uniform expansion of the incomplete gamma ratio: exact enough for large shapes, at a
//! fixed cost, on both sides of the turning point.

use super::polynomial::power_series;

// Taylor coefficients in eta of the expansion's first four functions, computed with 60 digits from
// c0 = 1/mu - 1/eta and ck = ck-1'/eta + (-1)^k gk/mu, where mu - ln(1 + mu) = eta^2/2.
const C0: [f64; 14] = [
    -0.3333333333333333,
    0.08333333333333333,
    -0.014814814814814815,
    0.0011574074074074073,
    0.0003527336860670194,
    -0.0001787551440329218,
    3.919263178522438e-05,
    -2.1854485106799924e-06,
    -1.85406221071516e-06,
    8.296711340953087e-07,
    -1.7665952736826078e-07,
    6.707853543401498e-09,
    1.0261809784240309e-08,
    -4.382036018453353e-09,
];
const C1: [f64; 12] = [
    -0.001851851851851852,
    -0.003472222222222222,
    0.0026455026455026454,
    -0.0009902263374485596,
    0.00020576131687242798,
    -4.018775720164609e-07,
    -1.8098550334489977e-05,
    7.64916091608111e-06,
    -1.6120900894563446e-06,
    4.647127802807434e-09,
    1.378633446915721e-07,
    -5.752545603517705e-08,
];
const C2: [f64; 10] = [
    0.004133597883597883,
    -0.0026813271604938273,
    0.0007716049382716049,
    2.0093878600823047e-06,
    -0.00010736653226365161,
    5.2923448829120125e-05,
    -1.2760635188618728e-05,
    3.423578734096138e-08,
    1.3721957309062932e-06,
    -6.298992138380055e-07,
];
const C3: [f64; 8] = [
    0.0006494341563786008,
    0.00022947209362139917,
    -0.0004691894943952557,
    0.00026772063206283885,
    -7.561801671883977e-05,
    -2.396505113867297e-07,
    1.1082654115347302e-05,
    -5.6749528269915965e-06,
];

/// What the expansion gives for shape `s` at `x`: Q(s, x) = `scaled` exp(-`exponent`) / sqrt(2 pi s).
pub(crate) struct Tail {
    /// Q(s, x) without its exponential factor.
    pub(crate) scaled: f64,
    /// x - s - s ln(x/s), never negative.
    pub(crate) exponent: f64,
}

/// Q(s, x) of the regularised upper incomplete gamma function, its exponential factor apart so
/// that tails neither underflow nor cancel. Domain: s >= 20, 0.2 <= x/s <= 4; the error falls with
/// s^-4 (below 1e-8 at s = 20) as long as `scaled_erfc`, for exp(x^2) erfc(x), allows.
///
/// Source: Temme, "The asymptotic expansions of the incomplete gamma functions", SIAM J. Math.
/// Anal. 10 (1979); NIST Digital Library of Mathematical Functions, 8.12.
pub(crate) fn upper_tail(s: f64, x: f64, scaled_erfc: impl Fn(f64) -> f64) -> Tail {
    let ratio = x / s;
    // Close to 1 the difference ratio - 1 is exact, and so is the logarithm to the last bit.
    let half_square = (ratio - 1.0 - ratio.ln()).max(0.0);
    let eta = (2.0 * half_square).sqrt() * if ratio < 1.0 { -1.0 } else { 1.0 };
    let exponent = s * half_square;
    let erfc = scaled_erfc(exponent.sqrt());
    let half = (0.5 * std::f64::consts::PI * s).sqrt();
    let normal = if eta < 0.0 { half * (2.0 * exponent.exp() - erfc) } else { half * erfc };
    let inverse = 1.0 / s;
    let last = power_series(&C2, eta) + inverse * power_series(&C3, eta);
    let series = power_series(&C0, eta) + inverse * (power_series(&C1, eta) + inverse * last);
    Tail { scaled: normal + series, exponent }
}

/// Gamma(s) / (sqrt(2 pi / s) (s/e)^s) for s >= 20; relative error below 1e-9 there.
///
/// Source: Stirling's series, NIST Digital Library of Mathematical Functions, 5.11.3.
pub(crate) fn stirling_factor(s: f64) -> f64 {
    let r = 1.0 / s;
    1.0 + r * (1.0 / 12.0 + r * (1.0 / 288.0 - r * (139.0 / 51_840.0 + r * (571.0 / 2_488_320.0))))
}
