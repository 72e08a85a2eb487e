//! Designs become deliverables: terminal, Markdown, diagrams, contracts, schema, decision records.

pub mod answer;
pub mod explain;
mod honesty;

pub use honesty::{json_numbers_without_origin, legend, tagged, untagged_numbers};
