//! Lifecycles: the release lines of a technology, with the days on which each phase of their support ends.

use indexmap::IndexMap;
use loadcase_model::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The lifecycle of a technology: one file under `catalog/lifecycles/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Identifier, equal to the file name and, where it has one, to the product's name at endoflife.date.
    pub id: String,
    /// Name in prose.
    pub name: String,
    /// What it is, such as `database`.
    pub kind: String,
    /// The technology of the catalog it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<Id>,
    /// Other words for it, lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Packages and images that have its versions, as `ecosystem:name`; images as `docker:name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// Groups of packages as `ecosystem:group` of which each member brings the technology itself, in its version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The technology that this service runs for its users, and the provider: versions there end on days of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The policy of support in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether the source is known to lack newer lines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// Where the policy is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the product calls the phase that each of the days ends: products differ.
    #[serde(default)]
    pub phases: Phases,
    /// Who says so.
    pub source: String,
    /// The day the source says it was true, `YYYY-MM-DD`.
    pub as_of: String,
    /// The day it was fetched, when it was not delivered with Loadcase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<String>,
    /// Licence of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Number of lines left out because they were over long ago.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// Release lines, newest first.
    pub cycles: Vec<Cycle>,
    /// Newer versions than those of the lines, seen elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenVersion>,
}

/// A technology as a provider's service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The provider, by its identifier in the catalog.
    pub by: Id,
    /// The technology, by its identifier in the catalog.
    pub of: Id,
}

/// Names of the phases of support.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    /// The phase that `active` ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// The phase that `fixes` ends. Not always the end of free security fixes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixes: Option<String>,
    /// The phase that `extended` ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<String>,
}

/// A release line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// The line, such as `18` or `3.14`.
    pub cycle: String,
    /// The name it goes by, such as `Bookworm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Day of its first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// Whether it has long-term support: `true`, or the day from which it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lts: Option<Lts>,
    /// End of the first phase of support; absent when there is no such phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<End>,
    /// End of fixes for everybody; absent when it is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixes: Option<End>,
    /// End of extended support, often paid; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<End>,
    /// Newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    /// Its day: of the tag for some products, some days before the announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_date: Option<String>,
    /// What ends it, where that is a rule instead of a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Versions of runtimes and platforms it works on, by lifecycle: `17 - 25`, `20, 22, 24`, `>=1.25.0`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub runs_on: IndexMap<String, String>,
}

/// Whether a line has long-term support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Lts {
    /// It has, or has not.
    Said(bool),
    /// It has from this day on.
    From(String),
}

/// When a phase of support ends: a day `YYYY-MM-DD`, `over` (on a day that is not known) or `open` (not over, no day
/// announced: not the same as supported for ever).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub enum End {
    /// On this day; the phase is over from the day after.
    On(String),
    /// It is over; the day is not known.
    Over,
    /// It is not over, and no day is announced.
    Open,
}

impl From<String> for End {
    fn from(text: String) -> Self {
        match text.as_str() {
            "over" => Self::Over,
            "open" => Self::Open,
            _ => Self::On(text),
        }
    }
}

impl From<End> for String {
    fn from(end: End) -> Self {
        match end {
            End::On(day) => day,
            End::Over => "over".to_owned(),
            End::Open => "open".to_owned(),
        }
    }
}

/// A version that somebody saw, newer than the list of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenVersion {
    /// The version.
    pub version: String,
    /// It was out by this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where it was seen.
    pub source: String,
    /// The day it was looked up.
    pub as_of: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}
