//! Where a value comes from. Nothing leaves Loadcase without one of these.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::span::Place;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The user said it: the words, and where they begin in the brief.
    Stated {
        /// The words as written.
        text: String,
        /// Byte offset of the words in the brief; absent for answers and flags.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// A file of the user's says it.
    Documented(Place),
    /// A dated, sourced statement in the catalog.
    Fact {
        /// Identifier of the fact, such as `postgresql.demand.point-read`.
        id: String,
        /// Who says so.
        source: String,
        /// The day the statement was true, `YYYY-MM-DD`.
        as_of: String,
    },
    /// Loadcase calculated it.
    Computed {
        /// The formula or the rule, in words.
        by: String,
    },
    /// It was observed on a running component.
    Measured {
        /// What was run, and where.
        by: String,
    },
    /// Nobody said it. A range, and the reason for it.
    Assumed {
        /// Lower end of the plausible range.
        low: f64,
        /// Upper end of the plausible range.
        high: f64,
        /// Why this range.
        because: String,
    },
}

/// The one-letter mark that stands beside a number in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// `u`: said by the user.
    User,
    /// `d`: read in a document.
    Document,
    /// `f`: a dated fact of the catalog.
    Fact,
    /// `c`: computed.
    Computed,
    /// `m`: measured.
    Measured,
    /// `a`: assumed.
    Assumed,
}

impl Tag {
    /// Every tag, in the order legends list them.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Document, Self::Fact, Self::Computed, Self::Measured, Self::Assumed];

    /// The letter.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::User => 'u',
            Self::Document => 'd',
            Self::Fact => 'f',
            Self::Computed => 'c',
            Self::Measured => 'm',
            Self::Assumed => 'a',
        }
    }

    /// What the letter means, for legends.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::User => "said by you",
            Self::Document => "read in your documents",
            Self::Fact => "dated fact with a source",
            Self::Computed => "computed",
            Self::Measured => "measured",
            Self::Assumed => "assumed",
        }
    }
}

impl Origin {
    /// Stated by the user, with the place of the words.
    pub fn stated(text: impl Into<String>, at: usize) -> Self {
        Self::Stated { text: text.into(), at: Some(at) }
    }

    /// Given as an answer or a flag.
    pub fn answered(text: impl Into<String>) -> Self {
        Self::Stated { text: text.into(), at: None }
    }

    /// Computed by a named formula.
    pub fn computed(by: impl Into<String>) -> Self {
        Self::Computed { by: by.into() }
    }

    /// Assumed in a range, with the reason.
    pub fn assumed(low: f64, high: f64, because: impl Into<String>) -> Self {
        Self::Assumed { low, high, because: because.into() }
    }

    /// The mark shown beside a number of this origin.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        match self {
            Self::Stated { .. } => Tag::User,
            Self::Documented(_) => Tag::Document,
            Self::Fact { .. } => Tag::Fact,
            Self::Computed { .. } => Tag::Computed,
            Self::Measured { .. } => Tag::Measured,
            Self::Assumed { .. } => Tag::Assumed,
        }
    }

    /// Whether the user or the user's documents vouch for the value.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        matches!(self, Self::Stated { .. } | Self::Documented(_))
    }

    /// The origin in a few words, for tables and tooltips.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Stated { text, .. } => format!("you said \"{text}\""),
            Self::Documented(place) => place.to_string(),
            Self::Fact { source, as_of, .. } => format!("{source}, as of {as_of}"),
            Self::Computed { by } => by.clone(),
            Self::Measured { by } => format!("measured: {by}"),
            Self::Assumed { because, .. } => format!("assumed: {because}"),
        }
    }
}
