//! Facts: dated, sourced statements about technologies, prices and people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::origin::Origin;
use crate::unit::Unit;

/// How sure a fact is, in the words of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Published, and the text was read.
    Published,
    /// Seen in a retelling.
    Secondary,
    /// Derived from published figures; the derivation stands in `note`.
    Derived,
    /// Remembered, not read again. Shown to users as an assumption.
    Remembered,
    /// Engineering judgement. Shown to users as an assumption.
    Judgement,
    /// Measured on the user's own system; only in files of the user's.
    Measured,
}

impl Mark {
    /// Whether a user may read the value as a fact; otherwise it is shown as an assumption.
    #[must_use]
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::Published | Self::Secondary | Self::Derived | Self::Measured)
    }
}

/// A number the catalog vouches for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The value, in `unit`.
    pub value: f64,
    /// The unit.
    pub unit: Unit,
    /// Lower end of the plausible range; defaults to half of the value for anything that is not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end of the plausible range; defaults to twice the value for anything that is not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// How sure.
    pub mark: Mark,
    /// Who says so: a title, a page, a derivation's inputs.
    pub source: String,
    /// A link, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The day it was true, `YYYY-MM-DD`.
    pub as_of: String,
    /// The provider it was told of, with the region after a slash where it is one of a region: `aws/us-east-1`. With
    /// another provider, or elsewhere, it is an assumption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How it was derived, or what it does not cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Fact {
    /// The plausible range: as given, or a factor of two either way when the fact is not a published one.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let (low, high) = match self.mark {
            Mark::Published | Mark::Measured => (self.value, self.value),
            _ => (self.value / 2.0, self.value * 2.0),
        };
        (self.low.unwrap_or(low), self.high.unwrap_or(high))
    }

    /// The origin a user sees: a fact where the mark allows it, otherwise an assumption with its range.
    #[must_use]
    pub fn origin(&self, id: &str) -> Origin {
        if self.mark == Mark::Measured {
            Origin::Measured { by: format!("{} ({id}, {})", self.source, self.as_of) }
        } else if self.mark.is_fact() {
            Origin::Fact { id: id.to_owned(), source: self.source.clone(), as_of: self.as_of.clone() }
        } else {
            let (low, high) = self.range();
            Origin::assumed(low, high, format!("{} ({id})", self.source))
        }
    }

    /// The same for a provider and its region: an assumption where the fact was told of another one. Without a
    /// provider there is nobody to compare it with.
    #[must_use]
    pub fn origin_at(&self, id: &str, provider: Option<&str>, region: Option<&str>) -> Origin {
        let (Some(of), Some(provider)) = (&self.of, provider) else { return self.origin(id) };
        let (theirs, place) = of.split_once('/').map_or((of.as_str(), None), |(p, r)| (p, Some(r)));
        let same_place = place.is_none() || region.is_none() || place == region;
        if theirs == provider && same_place || !self.mark.is_fact() {
            return self.origin(id);
        }
        let (low, high) = self.range();
        let here = region.map_or_else(|| provider.to_owned(), |r| format!("{provider}/{r}"));
        Origin::assumed(low, high, format!("{} ({id}), told of {of} and taken over for {here}", self.source))
    }

    /// The fact as a figure with its origin.
    #[must_use]
    pub fn figure(&self, id: &str) -> Figure {
        Figure { value: self.value, unit: self.unit, origin: self.origin(id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_of_one_place_is_assumed_in_another() {
        let fact = Fact {
            value: 0.115,
            unit: Unit::UsdPerMonth,
            low: None,
            high: None,
            mark: Mark::Published,
            source: "a price list".to_owned(),
            url: None,
            as_of: "2026-11-22".to_owned(),
            of: Some("aws/us-east-1".to_owned()),
            note: None,
        };
        let is_fact = |provider, region| matches!(fact.origin_at("x", provider, region), Origin::Fact { .. });
        assert!(is_fact(Some("aws"), Some("us-east-1")));
        assert!(is_fact(Some("aws"), None), "nobody said where");
        assert!(is_fact(None, None), "there is nobody to compare it with");
        assert!(!is_fact(Some("aws"), Some("eu-central-1")));
        assert!(!is_fact(Some("render"), Some("us-east-1")));
        let told = fact.origin_at("x", Some("render"), None).describe();
        assert!(told.contains("a price list") && told.contains("aws/us-east-1"), "{told}");
    }
}
