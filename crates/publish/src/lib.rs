//! Designs become deliverables: terminal, Markdown, diagrams, contracts, schema, decision records.

mod adr;
pub mod answer;
mod api;
mod architecture;
mod blueprint;
mod chart;
pub mod contracts;
pub mod data;
mod deploy;
mod diagram;
pub mod difference;
pub mod explain;
pub mod fidelity;
pub mod findings;
mod honesty;
mod hosting;
mod json;
mod loads;
mod lost;
pub mod outline;
mod payment;
pub mod proof;
mod quality;
mod quoted;
pub mod recovered;
mod report;
mod scaling;
mod security;
pub mod simulation;
mod skeleton;
mod technology;
mod template;
mod terminal;
mod text;
mod tradeoffs;
pub mod verification;
mod view;
mod writer;

use loadcase_catalog::Catalog;
use loadcase_model::Design;

pub use blueprint::blueprint_text;
pub use honesty::{json_numbers_without_origin, legend, tagged, untagged_numbers, untagged_numbers_in_text};
pub use json::json;
pub use loads::loads;
pub use quoted::{quotations, technologies};
pub use report::markdown;
pub use terminal::{Screen, terminal};
pub use writer::{Conflict, MANIFEST, WriteError, WriteReport, replace, write};

/// A file to be written: its path inside the output folder, with `/`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliverable {
    /// Path inside the output folder.
    pub path: String,
    /// Content.
    pub text: String,
}

/// Turns a design into the files of one deliverable.
type Make = fn(&Design, &Catalog) -> Vec<Deliverable>;

/// Every deliverable by name, in the order they are written. One line here registers a new one.
const DELIVERABLES: &[(&str, Make)] = &[
    ("architecture", architecture::deliverables),
    ("API design and contract", api::deliverables),
    ("data design and schema", data::deliverables),
    ("technology", technology::deliverables),
    ("scaling", scaling::deliverables),
    ("security", security::deliverables),
    ("trade-offs", tradeoffs::deliverables),
    ("decision records", adr::deliverables),
    ("payment flow", payment::deliverables),
    ("quality gate", quality::deliverables),
    ("deployment and service", deploy::deliverables),
    ("blueprint", blueprint::deliverables),
];

/// The files of a design, in the order of the list of deliverables.
#[must_use]
pub fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    DELIVERABLES.iter().flat_map(|(_, make)| make(design, catalog)).collect()
}

/// A value as YAML that reads back as the same value.
///
/// Long texts stay on their line: folding would depend on their length.
fn yaml_text<T: serde::Serialize>(value: &T) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).expect("deliverables have string keys and no cycles")
}
