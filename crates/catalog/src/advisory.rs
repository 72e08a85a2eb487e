//! Advisories: faults of versions, with the ranges that have them, kept by release line.

use loadcase_model::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An advisory: one file under `catalog/advisories/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvisoryRecord {
    /// Identifier, such as `CVE-2025-29927`.
    pub id: String,
    /// The same fault in other databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// `critical`, `high`, `moderate` or `low`, as the source rates it; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// CVSS base score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// CVSS vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<String>,
    /// Day of publication, `YYYY-MM-DD`, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What happens, in a sentence.
    pub summary: String,
    /// The day a public list of exploited faults took it in; absence says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited: Option<String>,
    /// Whether only pages about the advisory were seen, not the record itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_hand: bool,
    /// What else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who says so.
    pub source: String,
    /// Licence of the source's record, where one is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The day it was read, `YYYY-MM-DD`.
    pub as_of: String,
    /// The technologies of the catalog under which it is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<Id>,
    /// What has the fault.
    pub affects: Vec<Affected>,
}

/// A package or product with its affected versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affected {
    /// `npm`, `pypi`, `maven`, `go`, `cargo`, `nuget`, `composer`, `debian`; `generic` for programs that are no
    /// package of an ecosystem.
    pub ecosystem: String,
    /// Name in its ecosystem.
    pub name: String,
    /// The lifecycle whose versions these are; for `generic` it is how the program is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<String>,
    /// Affected versions, a range for each release line.
    #[serde(default)]
    pub ranges: Vec<AffectedRange>,
    /// Affected versions one by one, beside the ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// Versions from `from` (included) up to `fixed` (excluded) or `last` (included); with neither, no fix is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffectedRange {
    /// First affected version; `0` stands for the very first.
    pub from: String,
    /// First version with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Last affected version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}
