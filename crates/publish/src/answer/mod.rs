//! Answers to questions: the topics of the catalog, rendered over a computed design.
//!
//! A topic is data; its texts are templates. The verdict comes from the design, the arithmetic from the
//! inputs and the topic's figures, and every number carries the letter of its origin.

mod blocks;
mod checks;
mod context;
mod page;
mod route;
mod said;
mod shown;
mod words;

#[cfg(test)]
mod tests;

use loadcase_catalog::Catalog;
use loadcase_model::Design;

pub use page::answer;
pub use route::topics;
pub use words::{AskedNumber, asked_numbers};

/// A question with everything needed to answer it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The question as asked.
    pub question: &'a str,
    /// Code or text given with it.
    pub material: Option<&'a str>,
    /// The design computed from it.
    pub design: &'a Design,
    /// What Loadcase knows.
    pub catalog: &'a Catalog,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The catalog has no topics at all.
    #[error("the catalog has no topics: put the files of catalog/topics back, or remove what replaced them")]
    NoTopics,
    /// A template of a topic does not render.
    #[error("catalog/topics/{topic}.yaml, {part}: {problem}")]
    Template {
        /// The topic.
        topic: String,
        /// Which of its texts.
        part: String,
        /// What is wrong.
        problem: String,
    },
}
