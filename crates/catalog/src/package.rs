//! Packages: the newest version of a library, and the runtime it asks for.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package of an ecosystem: one file under `catalog/packages/<ecosystem>/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageFact {
    /// `npm`, `pypi`, `cargo`, `maven`, `go`, ...
    pub ecosystem: String,
    /// Name in its ecosystem.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Newest version that is neither a pre-release nor withdrawn.
    pub latest: String,
    /// Its day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// Whether the day is only an upper bound: a mirror's own day of taking it in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub released_at_the_latest: bool,
    /// Newest pre-release, when it is newer than `latest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<String>,
    /// Whether the newest version is withdrawn; absent when the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked: Option<bool>,
    /// Versions that are withdrawn, as far as the source lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
    /// Why the package or a version should no longer be used, by version; `*` stands for all of them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub deprecated: IndexMap<String, String>,
    /// Whether the source says of versions that they are deprecated at all: a missing mark proves nothing otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells_deprecated: bool,
    /// The runtime that `latest` asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeNeed>,
    /// Signs that nobody maintains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Maintenance>,
    /// Licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Newest version of each of the newest lines.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub lines: IndexMap<String, String>,
    /// Every version, when the source lists them; empty when it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// What limits the answer: a client that answers for the machine it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Who says so.
    pub source: String,
    /// The day it was looked up, `YYYY-MM-DD`.
    pub as_of: String,
}

/// The runtime a package asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeNeed {
    /// Lifecycle of the runtime.
    pub on: String,
    /// Versions, in the ecosystem's own notation.
    pub range: String,
    /// The field that says so.
    pub said_in: String,
}

/// When a package last moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// Day of the newest stable version.
    pub newest_stable: String,
    /// Day of the last change of its repository.
    pub repository_last_commit: String,
    /// Who says so.
    pub source: String,
    /// What else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
