//! Prose, YAML, established decisions and answers become a brief.

mod bytes;
mod clause;
mod file;
mod lex;
mod numbers;
mod phrase;
mod quantity;
mod question;
mod reader;
mod recall;
mod said;
mod technology;
#[cfg(test)]
mod testing;
mod yaml;

pub use bytes::{MAX_BYTES, read_any};
pub use file::{BriefFile, Horizontal, NumberEntry, Ranged, Scalar, TechnologyLists, ValueEntry};
pub use reader::{Read, Reader, read_prose};
pub use recall::{Document, Recaller, documented, merge, recall};
pub use yaml::read_yaml;
