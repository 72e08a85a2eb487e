//! Prose, YAML, established decisions and answers become a brief.

mod clause;
mod lex;
mod numbers;
mod phrase;
mod quantity;
mod question;
mod reader;
mod said;
mod technology;
#[cfg(test)]
mod testing;

pub use reader::{Read, Reader, read_prose};
