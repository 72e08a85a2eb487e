//! Scenario files become networks and runs.

mod change;
mod load;
mod system;

use indexmap::IndexMap;
use loadcase_catalog::Scenario;
use loadcase_catalog::scenario::{Band, Variant};
use loadcase_model::{Diagnostic, Span};

pub(crate) use change::{Place, Places, TO, lower};
pub(crate) use load::{change as change_load, heat};
pub(crate) use system::call_of;

use crate::network::Network;
use crate::program::NetworkError;
use crate::replicate::Run;

/// A scenario, or one variant of it, ready to run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Name of the variant; empty when there is only one.
    pub name: String,
    /// What is simulated.
    pub network: Network,
    /// How long, with the windows to report on.
    pub run: Run,
    /// What is known to come of it, by window.
    pub expect: IndexMap<String, Band>,
}

/// What is wrong with a scenario that its form does not show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// A name that nothing has.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The name.
        name: String,
        /// Names there are.
        known: Vec<String>,
    },
    /// A change that a part does not know.
    #[error("`{name}` has nothing that this change could set")]
    DoesNotApply {
        /// The part.
        name: String,
    },
    /// A load that says nothing, or two things.
    #[error("the load of `{0}` needs exactly one of `rate_per_s`, `steps`, `users` and `trace`")]
    Load(String),
    /// A trace that cannot be read.
    #[error("the trace of `{name}`: {message}")]
    Trace {
        /// The operation.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// Replicas without a leader or copies.
    #[error("the replicas `{0}` need a `leader` and `copies`")]
    Replicas(String),
    /// It needs a blueprint.
    #[error("the scenario has no `system`: it runs against a blueprint")]
    NeedsBlueprint,
    /// Numbers that cannot be computed with.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl ScenarioError {
    /// The error with its place in the text the scenario was read from.
    #[must_use]
    pub fn diagnostic(&self, source: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error("invalid-scenario", self.to_string());
        let word = match self {
            Self::Unknown { name, .. }
            | Self::DoesNotApply { name }
            | Self::Trace { name, .. }
            | Self::Load(name)
            | Self::Replicas(name) => name.as_str(),
            Self::NeedsBlueprint | Self::Network(_) => return diagnostic,
        };
        let diagnostic = match place(source, word) {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        };
        match self {
            Self::Unknown { known, .. } if !known.is_empty() => {
                diagnostic.help(format!("there are: {}", known.join(", ")))
            }
            _ => diagnostic,
        }
    }
}

/// Where a word stands as a value: its last occurrence, which is a use and not the definition.
fn place(source: &str, word: &str) -> Option<Span> {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let whole = |start: usize| {
        let end = start + word.len();
        !source[..start].chars().next_back().is_some_and(is_part)
            && !source[end..].chars().next().is_some_and(is_part)
    };
    let found = source.match_indices(word).map(|(i, _)| i).filter(|i| whole(*i)).last()?;
    Some(Span::new(found, found + word.len()))
}

/// A scenario with a system of its own, ready to run: one for each variant.
///
/// # Errors
/// When it has no system, names a part that is not there, or holds numbers that cannot be computed with.
pub fn from_scenario(scenario: &Scenario) -> Result<Vec<Prepared>, ScenarioError> {
    variants(scenario)
        .into_iter()
        .map(|variant| {
            let system = scenario.system_of(&variant).ok_or(ScenarioError::NeedsBlueprint)?;
            let (mut network, places) = system::build(&system, scenario.length.seconds())?;
            lower(&scenario.changes, scenario.length.seconds(), &places, &mut network)?;
            crate::program::Program::new(&network)?;
            Ok(Prepared { name: variant.name, network, run: run_of(scenario), expect: variant.expect })
        })
        .collect()
}

/// The variants of a scenario; one without changes where it names none.
pub(crate) fn variants(scenario: &Scenario) -> Vec<Variant> {
    if scenario.variants.is_empty() { vec![Variant::default()] } else { scenario.variants.clone() }
}

/// The run of a scenario: bins of a second where that gives between 60 and 2000 of them.
pub(crate) fn run_of(scenario: &Scenario) -> Run {
    let length = scenario.length.seconds();
    let windows = scenario.windows.iter().map(|(n, (from, to))| (n.clone(), from.seconds(), to.seconds()));
    Run {
        bins: (length.round() as usize).clamp(60, 2000),
        windows: windows.collect(),
        ..Run::new(length).warm_up(scenario.warm_up.seconds())
    }
}

/// The index of a name.
pub(crate) fn index<T>(
    what: &'static str,
    parts: &IndexMap<String, T>,
    name: &str,
) -> Result<usize, ScenarioError> {
    parts.get_index_of(name).ok_or_else(|| ScenarioError::Unknown {
        what,
        name: name.to_owned(),
        known: parts.keys().cloned().collect(),
    })
}
