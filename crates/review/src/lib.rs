//! A survey of an architecture becomes findings.
//!
//! [`rules`] holds one file for each rule: what it asks, its documentation and its tests. A rule answers for each
//! element: broken, kept, or unknown with the fact that is missing. [`review`] runs the rules over a [`Subject`],
//! takes accepted and known findings out, and puts the rest in order.

mod accept;
mod answer;
mod baseline;
mod diff;
mod fold;
mod grouped;
mod index;
mod paths;
mod rule;
mod rules;
mod run;
mod subject;
#[cfg(test)]
mod testing;
mod version;

pub use accept::{Config, ConfigError};
pub use baseline::Baseline;
pub use diff::{Version, finding_changes, partners, shape};
pub use index::Index;
pub use rule::{Family, Rank, Rule};
pub use rules::{all, find, names_rules};
pub use run::{Options, Persona, review};
pub use subject::Subject;
