//! Designs become deliverables: terminal, Markdown, diagrams, contracts, schema, decision records.

pub mod answer;
mod diagram;
pub mod explain;
mod honesty;
mod json;
mod technology;
mod terminal;
mod text;
mod view;
mod writer;

pub use honesty::{json_numbers_without_origin, legend, tagged, untagged_numbers};
pub use json::json;
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
