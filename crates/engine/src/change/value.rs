//! Values of changes: `3`, `2x`, `+1`, `30%`, `200ms`, `on`, `off`.

use loadcase_catalog::Time;

/// A value as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// So many: `3`, `30k`, `5M`.
    Exactly(f64),
    /// So many times what it is: `2x`.
    Times(f64),
    /// So many more or fewer: `+1`, `-2`.
    More(f64),
    /// A share: `30%`.
    Share(f64),
    /// A length of time: `200ms`.
    Time(Time),
    /// `on` or `off`.
    Switch(bool),
}

/// Largest value of a change.
const MOST: f64 = 1e12;

impl Value {
    /// Reads a value; none when it is nothing of the kind.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "on" | "yes" | "true" => return Some(Self::Switch(true)),
            "off" | "no" | "false" | "none" => return Some(Self::Switch(false)),
            _ => {}
        }
        if let Some(rest) = text.strip_suffix('%') {
            return number(rest).map(|v| Self::Share(v / 100.0));
        }
        if let Some(rest) = text.strip_suffix(['x', '×']) {
            return number(rest).map(Self::Times);
        }
        if let Some(rest) = text.strip_prefix('+') {
            return number(rest).map(Self::More);
        }
        if let Some(rest) = text.strip_prefix('-') {
            return number(rest).map(|v| Self::More(-v));
        }
        if let Some(value) = number(text) {
            return Some(Self::Exactly(value));
        }
        Time::parse(&text.replace(' ', "")).map(Self::Time)
    }

    /// The number it makes of another one; none for times and switches.
    pub(crate) fn of(self, before: f64) -> Option<f64> {
        match self {
            Self::Exactly(value) => Some(value),
            Self::Times(factor) => Some(before * factor),
            Self::More(more) => Some((before + more).max(0.0)),
            Self::Share(_) | Self::Time(_) | Self::Switch(_) => None,
        }
    }

    /// The length of time it makes of another one, in seconds.
    pub(crate) fn seconds(self, before: Option<f64>) -> Option<f64> {
        match self {
            Self::Time(time) => Some(time.seconds()),
            Self::Times(factor) => before.map(|b| b * factor),
            _ => None,
        }
    }
}

/// A number that is not negative, with `k`, `M` or `G` behind it.
fn number(text: &str) -> Option<f64> {
    let plain: String = text.trim().chars().filter(|c| !matches!(c, ',' | '_')).collect();
    let scales = [("k", 1e3), ("M", 1e6), ("m", 1e6), ("G", 1e9), ("B", 1e9)];
    let scaled = scales.iter().find_map(|(s, by)| Some((plain.strip_suffix(s)?.trim().to_owned(), *by)));
    let (digits, by) = scaled.unwrap_or((plain, 1.0));
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let value = digits.parse::<f64>().ok()? * by;
    (0.0..=MOST).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        for (text, value) in [
            ("3", Value::Exactly(3.0)),
            ("5M", Value::Exactly(5e6)),
            ("30,000", Value::Exactly(30_000.0)),
            ("1.5x", Value::Times(1.5)),
            ("+1", Value::More(1.0)),
            ("-2", Value::More(-2.0)),
            ("30%", Value::Share(0.3)),
            ("off", Value::Switch(false)),
            ("200 ms", Value::Time(Time(0.2))),
        ] {
            assert_eq!(Value::parse(text), Some(value), "{text}");
        }
        for wrong in ["", "x", "many", "1e99", "inf", "NaN", "--3", "+-1"] {
            assert_eq!(Value::parse(wrong), None, "{wrong}");
        }
    }
}
