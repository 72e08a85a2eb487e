//! A long answer in sections: what fits is shown, what does not is named, so that it can be asked for.

use loadcase_publish::outline::{fit, sections};
use schemars::JsonSchema;
use serde::Serialize;

use crate::server::refusal::Refusal;

/// The headings of an answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Headings {
    /// Headings of the whole.
    sections: Vec<String>,
    /// Headings that were left out or cut here: name them in `sections` to read them.
    left_out: Vec<String>,
}

impl Headings {
    /// What of an answer in Markdown fits into so many tokens, or of the sections whose heading holds one of the
    /// words asked for.
    ///
    /// # Errors
    /// When no heading holds one.
    pub(super) fn part(whole: &str, wanted: &[String], room: usize) -> Result<(String, Self), Refusal> {
        let (shown, left_out) = fit(whole, wanted, room);
        let sections = sections(whole);
        if shown.is_empty() && !wanted.is_empty() {
            return Err(Refusal::new(
                "no section has such a heading",
                format!("name one of: {}", sections.join("; ")),
            ));
        }
        Ok((shown, Self { sections, left_out }))
    }

    /// What to add for readers.
    pub(super) fn note(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        format!("\n\nLeft out here: {}. Ask again with `sections`.", self.left_out.join("; "))
    }
}
