//! Designs become deliverables: terminal, Markdown, diagrams, contracts, schema, decision records.

pub mod answer;
mod diagram;
pub mod explain;
mod honesty;
mod json;
mod quality;
mod report;
mod scaling;
mod technology;
mod terminal;
mod text;
mod tradeoffs;
mod view;
mod writer;

pub use honesty::{json_numbers_without_origin, legend, tagged, untagged_numbers};
pub use json::json;
use loadcase_catalog::Catalog;
use loadcase_model::Design;
pub use report::markdown;

pub use terminal::{Screen, terminal};
pub use writer::{Conflict, MANIFEST, WriteError, WriteReport, write};

/// A file to be written: its path inside the output folder, with `/`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliverable {
    /// Path inside the output folder.
    pub path: String,
    /// Content.
    pub text: String,
}

/// Every deliverable: each turns a design into files. One line here registers a new one.
const DELIVERABLES: &[fn(&Design, &Catalog) -> Vec<Deliverable>] =
    &[technology::deliverables, scaling::deliverables, tradeoffs::deliverables, quality::deliverables];

/// The files of a design, in the order of the list of deliverables.
#[must_use]
pub fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    DELIVERABLES.iter().flat_map(|make| make(design, catalog)).collect()
}
