//! Readable identifiers: lower-case slugs that name one thing in a file, and survive edits.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A readable identifier: lower-case letters, digits, `-`, `_` and `.`, at most 80 characters. Copies share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct Id(#[schemars(regex(pattern = r"^[a-z0-9][a-z0-9_.-]{0,79}$"))] Arc<str>);

/// Why a text is not an identifier.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{text}` is not an identifier: use 1 to 80 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit"
)]
pub struct IdError {
    text: String,
}

impl Id {
    /// Longest identifier accepted, in bytes.
    pub const MAX_LENGTH: usize = 80;

    /// Checks `text` and makes it an identifier.
    ///
    /// # Errors
    /// When `text` is empty, too long, or has a character outside `[a-z0-9._-]`.
    pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
        let text = text.into();
        if Self::is_valid(&text) { Ok(Self(text.into())) } else { Err(IdError { text: shorten(&text) }) }
    }

    /// Turns any text into an identifier: letters lowered, every other run of characters one `-`.
    /// Text without a single usable character becomes `x`.
    #[must_use]
    pub fn slug(text: &str) -> Self {
        let mut out = String::new();
        for c in text.chars() {
            if out.len() >= Self::MAX_LENGTH {
                break;
            }
            if c.is_ascii_alphanumeric() {
                out.push(c.to_ascii_lowercase());
            } else if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
        }
        let out = out.trim_end_matches('-');
        Self(if out.is_empty() { "x".into() } else { out.into() })
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        let mut bytes = text.bytes();
        let Some(first) = bytes.next() else { return false };
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        text.len() <= Self::MAX_LENGTH
            && word(first)
            && bytes.all(|b| word(b) || matches!(b, b'-' | b'_' | b'.'))
    }
}

/// Shows at most the first 60 characters, so that hostile input cannot flood an error message.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(60).chain(['…']).collect() }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl std::str::FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_slugs_and_refuses_the_rest() {
        for good in ["a", "order-line", "order.created", "postgresql_18", "9to5"] {
            assert!(Id::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Order", "a b", "a/b", "../x", "é", &"a".repeat(81)] {
            assert!(Id::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_text_becomes_a_valid_slug() {
        for (text, slug) in [("Order Line!", "order-line"), ("  Ünïcode ", "n-code"), ("///", "x")] {
            assert_eq!(Id::slug(text).as_str(), slug);
            assert!(Id::new(Id::slug(text).as_str()).is_ok());
        }
    }
}
