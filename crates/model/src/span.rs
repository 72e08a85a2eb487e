//! Where in a text or a file something was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::file_path::FilePath;

/// A range of bytes in a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text this span covers; empty when it lies outside `source` or splits a character.
    #[must_use]
    pub fn of(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// The position of the first byte, counted from one, columns in characters.
    #[must_use]
    pub fn position(self, source: &str) -> Position {
        let before = source.get(..self.start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// A line and a column, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Line, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
}

/// A line of a file, the form evidence is cited in: `docs/backend/architecture.md:12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Path relative to the folder that was given, with `/`.
    pub path: FilePath,
    /// Line, from one.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "größe: 1\nteam: 4\n";
        let at = text.find('4').expect("there is a 4");
        assert_eq!(Span::new(at, at + 1).position(text), Position { line: 2, column: 7 });
        assert_eq!(Span::new(at, at + 1).of(text), "4");
        assert_eq!(Span::new(3, 4).of(text), "", "inside a character");
    }
}
