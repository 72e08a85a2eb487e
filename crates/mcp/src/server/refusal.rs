//! Why a call was refused, and what to do about it: told to the caller as a result, so that an agent can read it.

use loadcase_engine::{EngineError, SimulateError};
use loadcase_model::Diagnostic;

/// Why a tool could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refusal {
    /// A refusal with its advice.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// What is wrong with a text, with line and column; `name` is what to call the text.
    #[must_use]
    pub fn of_text(diagnostic: &Diagnostic, name: &str, source: &str) -> Self {
        let help = diagnostic.help.clone().unwrap_or_else(|| format!("correct {name} and call again"));
        Self { message: diagnostic.one_line(name, source), help }
    }

    /// The refusal as an agent reads it. What the caller sent may stand in it, and is cut.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\nWhat to do: {}", cut(&self.message), cut(&self.help))
    }
}

/// Most characters of the message and of the advice.
const LONGEST: usize = 2_000;

/// At most so much of a text, and a sign where it was cut.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<SimulateError> for Refusal {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::Change(error) | SimulateError::Unset(error) => {
                Self::new(error.problem, error.help)
            }
            SimulateError::Scenario { id, error } => {
                Self::new(format!("{id}: {error}"), "name scenarios that `explain` without a topic lists")
            }
            SimulateError::Nothing(message) => {
                Self::new(message, "give a design_id, or a blueprint that states its load under `workloads`")
            }
            SimulateError::Engine(error) => error.into(),
        }
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        let help = match &error {
            EngineError::Catalog(_) | EngineError::Incomplete(_) => {
                "correct the files under .loadcase/catalog/ of the repository"
            }
            EngineError::Revision(_) => "name a revision that `git rev-parse` knows in that repository",
            EngineError::Io { .. } | EngineError::Recover(_) => "name a folder that exists and can be read",
            EngineError::Prove(_) | EngineError::Answer(_) => "call again with other words, or report it",
        };
        Self::new(error.to_string(), help)
    }
}
