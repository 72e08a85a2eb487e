//! Keeps every formula inside its domain: no input, finite or not, may give NaN or a panic.

/// The largest time, rate, count or factor taken at face value. Beyond it (31,000 years in
/// milliseconds) products of moments would overflow; larger inputs count as this much.
pub(crate) const LARGEST: f64 = 1e15;

/// The smallest one; what is less counts as nothing, so that products of moments do not underflow.
const SMALLEST: f64 = 1e-30;

/// A time, rate, count or factor: NaN, negative and below 1e-30 count as 0, infinity as [`LARGEST`].
pub(crate) fn amount(x: f64) -> f64 {
    if x > SMALLEST { x.min(LARGEST) } else { 0.0 }
}

/// A number of servers: at least 1, at most a million; NaN counts as 1.
pub(crate) fn servers(c: f64) -> f64 {
    if c > 1.0 { c.min(1e6) } else { 1.0 }
}

/// A probability or share: NaN counts as 0, the rest is clamped to 0..=1.
pub(crate) fn share(x: f64) -> f64 {
    if x > 0.0 { x.min(1.0) } else { 0.0 }
}

/// x times y where 0 times infinity is 0: no arrivals leave no work, however long it takes.
pub(crate) fn product(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}
