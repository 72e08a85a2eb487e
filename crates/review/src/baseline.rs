//! A baseline: findings that were there before, so that only new ones fail.

use std::collections::BTreeSet;

use loadcase_model::Review;
use serde::{Deserialize, Serialize};

/// Known findings by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Format of this document: `loadcase/baseline/1`.
    pub schema: String,
    /// Fingerprints in order, each as `rule fingerprint`.
    pub known: BTreeSet<String>,
}

impl Baseline {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/baseline/1";

    /// The findings of a review as a baseline.
    #[must_use]
    pub fn of(review: &Review) -> Self {
        let keys = |f: &loadcase_model::Finding| -> Vec<String> {
            let Some(detail) = &f.review else { return Vec::new() };
            let folded = detail.folded.iter().chain(std::iter::once(&detail.fingerprint));
            folded.map(|fingerprint| format!("{} {fingerprint}", f.rule)).collect()
        };
        Self { schema: Self::SCHEMA.to_owned(), known: review.findings.iter().flat_map(keys).collect() }
    }

    /// Whether a finding of this rule and fingerprint is known.
    pub(crate) fn has(&self, rule: &str, fingerprint: &str) -> bool {
        self.known.contains(&format!("{rule} {fingerprint}"))
    }
}
