//! Units, and how a quantity is written for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The unit a number is measured in. Every number that leaves Loadcase has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A bare count or multiplier.
    #[serde(rename = "1")]
    One,
    /// A share between 0 and 1, written as a percentage.
    Share,
    /// A multiplier, written with a cross: 3.5×.
    Times,
    /// Events per second of any kind.
    #[serde(rename = "per-s")]
    PerSecond,
    /// Requests per second.
    #[serde(rename = "req/s")]
    RequestsPerSecond,
    /// Messages or jobs per second.
    #[serde(rename = "msg/s")]
    MessagesPerSecond,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Gigabytes (10^9 bytes).
    #[serde(rename = "GB")]
    Gigabytes,
    /// Kilobytes (10^3 bytes).
    #[serde(rename = "kB")]
    Kilobytes,
    /// US dollars each month.
    #[serde(rename = "USD/month")]
    UsdPerMonth,
    /// US dollars.
    #[serde(rename = "USD")]
    Usd,
    /// Full-time engineers, possibly a fraction.
    Engineers,
    /// Virtual processors.
    #[serde(rename = "vCPU")]
    Vcpu,
    /// Users.
    Users,
    /// Months.
    Months,
}

impl Unit {
    /// The symbol written after a number; empty where the number speaks for itself.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::One => "",
            Self::Share => "%",
            Self::Times => "×",
            Self::PerSecond => "/s",
            Self::RequestsPerSecond => "req/s",
            Self::MessagesPerSecond => "msg/s",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Gigabytes => "GB",
            Self::Kilobytes => "kB",
            Self::UsdPerMonth => "USD/month",
            Self::Usd => "USD",
            Self::Engineers => "engineers",
            Self::Vcpu => "vCPU",
            Self::Users => "users",
            Self::Months => "months",
        }
    }
}

/// Writes a number with three significant digits and thousands separators: `4,444`, `0.136`, `57`.
/// Counts below ten thousand keep their units digit; larger ones are rounded to three digits and given
/// `k`, `M`, `G` from a hundred thousand on. Infinite and undefined values are written as words.
#[must_use]
pub fn format_number(value: f64) -> String {
    if value.is_nan() {
        return "unknown".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "unbounded".to_owned() } else { "minus unbounded".to_owned() };
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let a = value.abs();
    let body = if a >= 999.5e9 {
        format!("{a:.2e}")
    } else if a >= 999.5e6 {
        format!("{}G", three_digits(a / 1e9))
    } else if a >= 999.5e3 {
        format!("{}M", three_digits(a / 1e6))
    } else if a >= 99.95e3 {
        format!("{}k", three_digits(a / 1e3))
    } else if a >= 999.5 {
        thousands(a.round())
    } else {
        three_digits(a)
    };
    format!("{sign}{body}")
}

/// Writes a quantity with its unit in the form people expect: `99.95%`, `3.5×`, `1.2 TB`, `2 h`.
#[must_use]
pub fn format_quantity(value: f64, unit: Unit) -> String {
    if value.is_infinite() {
        return format_number(value);
    }
    match unit {
        Unit::One => format_number(value),
        Unit::Share => format!("{}%", percent(value)),
        Unit::Times => format!("{}×", format_number(value)),
        Unit::PerSecond => format!("{}/s", format_number(value)),
        Unit::Gigabytes if value.abs() >= 999.5e3 => format!("{} PB", format_number(value / 1e6)),
        Unit::Gigabytes if value.abs() >= 999.5 => format!("{} TB", format_number(value / 1e3)),
        Unit::Gigabytes if value.abs() < 0.1 && value.abs() > 0.0 => {
            format!("{} MB", format_number(value * 1e3))
        }
        Unit::Kilobytes if value.abs() >= 999.5 => format!("{} MB", format_number(value / 1e3)),
        Unit::Seconds if value.abs() >= 7_200.0 => format!("{} h", format_number(value / 3_600.0)),
        Unit::Seconds if value.abs() >= 120.0 => format!("{} min", format_number(value / 60.0)),
        Unit::Milliseconds if value.abs() >= 9_999.5 => format!("{} s", format_number(value / 1e3)),
        Unit::Engineers if (value - 1.0).abs() < 1e-9 => "1 engineer".to_owned(),
        Unit::Months if (value - 1.0).abs() < 1e-9 => "1 month".to_owned(),
        _ => format!("{} {}", format_number(value), unit.symbol()),
    }
}

/// A share as a percentage that keeps the digits that matter near one (99.95, 99.999).
fn percent(share: f64) -> String {
    let p = share * 100.0;
    if p.is_nan() || p.is_infinite() {
        return format_number(p);
    }
    if p > 99.0 && p < 100.0 {
        let text = format!("{p:.4}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format_number(p)
}

/// Three significant digits without a trailing `.0`.
fn three_digits(a: f64) -> String {
    if a == 0.0 {
        return "0".to_owned();
    }
    let digits = if a >= 99.95 {
        0
    } else if a >= 9.995 {
        1
    } else if a >= 0.9995 {
        2
    } else {
        // The first significant digit of a small number, and two more.
        (2.0 - a.log10().floor()).clamp(2.0, 12.0) as usize
    };
    let text = format!("{a:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Digits in groups of three.
fn thousands(a: f64) -> String {
    let digits = format!("{a:.0}");
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            (0.0, "0"),
            (0.136, "0.136"),
            (5.0, "5"),
            (57.04, "57"),
            (4444.0, "4,444"),
            (42_900.0, "42,900"),
            (2_300_000.0, "2.3M"),
            (-12.5, "-12.5"),
            (f64::INFINITY, "unbounded"),
        ];
        for (value, text) in cases {
            assert_eq!(format_number(value), text);
        }
    }

    #[test]
    fn quantities_carry_their_unit() {
        let cases = [
            (0.9995, Unit::Share, "99.95%"),
            (0.2, Unit::Share, "20%"),
            (3.5, Unit::Times, "3.5×"),
            (1200.0, Unit::Gigabytes, "1.2 TB"),
            (0.02, Unit::Gigabytes, "20 MB"),
            (300.0, Unit::Seconds, "5 min"),
            (420.0, Unit::UsdPerMonth, "420 USD/month"),
            (1.0, Unit::Engineers, "1 engineer"),
            (f64::INFINITY, Unit::Milliseconds, "unbounded"),
        ];
        for (value, unit, text) in cases {
            assert_eq!(format_quantity(value, unit), text);
        }
    }
}
