//! Lengths of time as people write them: `250ms`, `30s`, `10min`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// A length of time, or a moment counted from the beginning: a number with one of the units `us`, `ms`, `s`,
/// `min`, `h`, `d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Time(pub f64);

/// Units with their seconds; longer names first where one ends like another.
const UNITS: [(&str, f64); 6] =
    [("us", 1e-6), ("ms", 1e-3), ("min", 60.0), ("s", 1.0), ("h", 3600.0), ("d", 86_400.0)];

/// Longest length of time: about thirty years.
const LONGEST: f64 = 1e9;

impl Time {
    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        self.0
    }

    /// Reads a number with a unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = UNITS.iter().find_map(|(u, s)| Some((text.trim().strip_suffix(u)?, s)))?;
        let seconds = number.trim().parse::<f64>().ok()? * unit;
        (0.0..=LONGEST).contains(&seconds).then_some(Self(seconds))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no length of time: write `250ms`, `30s`, `10min`, `2h`"
            ))
        })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: a number with a unit, such as `250ms`, `30s`, `10min`, `2h`.",
            "type": "string",
            "pattern": "^[0-9.]+ ?(us|ms|s|min|h|d)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_need_a_number_and_a_unit() {
        let read = |text| Time::parse(text).map(Time::seconds);
        assert_eq!(read("250ms"), Some(0.25));
        assert_eq!(read("1.5 min"), Some(90.0));
        assert_eq!(read("2h"), Some(7200.0));
        for wrong in ["30", "s", "-1s", "1e99s", "NaNs", "ten s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
