//! The points of the checklist, each answered from the blueprint.

mod access;
mod data;
mod running;

use loadcase_model::{Component, ComponentKind, Id, Operation};

use super::compliance;
use crate::text::markdown::name;
use crate::view::View;

pub(crate) use data::fields_of;

/// Names a cell shows before it sums up the rest.
const MOST_NAMES: usize = 8;

/// The answer to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The design shows it.
    Has,
    /// The design shows that it is missing.
    Lacks,
    /// A blueprint cannot show it: the team does it.
    Team,
    /// Not enough is known.
    Unknown,
}

impl Answer {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Has => "in the design",
            Self::Lacks => "**missing**",
            Self::Team => "the team must do it",
            Self::Unknown => "unknown",
        }
    }
}

/// A line of the checklist; the texts are Markdown.
pub(crate) struct Check {
    pub(crate) point: String,
    pub(crate) applies_to: String,
    pub(crate) answer: Answer,
    pub(crate) reference: &'static str,
}

pub(crate) fn check(point: &str, applies_to: String, answer: Answer, reference: &'static str) -> Check {
    Check { point: point.to_owned(), applies_to, answer, reference }
}

/// A list of names that does not flood its cell.
pub(crate) fn several(names: &[String]) -> String {
    // One more takes no more room than its number.
    if names.len() <= MOST_NAMES + 1 {
        return names.join(", ");
    }
    let rest = crate::honesty::tagged(&crate::honesty::count(names.len() - MOST_NAMES));
    format!("{} and {rest} more", names[..MOST_NAMES].join(", "))
}

/// Every topic that applies, with its points.
pub(crate) fn topics(view: &View<'_>) -> Vec<(&'static str, Vec<Check>)> {
    let all = [
        ("Authentication", access::authentication(view)),
        ("Authorization", access::authorization(view)),
        ("Tenancy", access::tenancy(view)),
        ("Input and output", data::input(view)),
        ("Encryption and secrets", data::encryption(view)),
        ("Exposure and limits", running::exposure(view)),
        ("Audit and observation", running::audit(view)),
        ("Personal data", data::personal(view)),
        ("Supply chain", running::supply_chain(view)),
        ("Compliance", compliance::checks(view)),
    ];
    all.into_iter().filter(|(_, checks)| !checks.is_empty()).collect()
}

pub(super) fn operation_names<'a>(operations: impl IntoIterator<Item = (&'a Id, &'a Operation)>) -> String {
    several(&operations.into_iter().map(|(_, o)| name(&o.name)).collect::<Vec<_>>())
}

pub(super) fn component_names(components: &[(&Id, &Component)]) -> String {
    several(&components.iter().map(|(_, c)| name(&c.name)).collect::<Vec<_>>())
}

/// Where requests are answered.
pub(super) fn processes(view: &View<'_>) -> String {
    component_names(&view.components(&[ComponentKind::Service, ComponentKind::Function]))
}
