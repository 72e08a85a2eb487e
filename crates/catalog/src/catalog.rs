//! The catalog in memory, indexed by identifier.

use indexmap::IndexMap;
use loadcase_model::Id;

use crate::decision::DecisionSpec;
use crate::domain::Domain;
use crate::fidelity::Fidelity;
use crate::lexicon::Lexicon;
use crate::pattern::Pattern;
use crate::remedy::Remedy;
use crate::scenario::Scenario;
use crate::sign::Sign;
use crate::technology::{Technology, TechnologyKind};
use crate::term::Term;
use crate::topic::Topic;

/// Everything Loadcase knows.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Technologies by identifier.
    pub technologies: IndexMap<Id, Technology>,
    /// Patterns by identifier.
    pub patterns: IndexMap<Id, Pattern>,
    /// Domains by identifier.
    pub domains: IndexMap<Id, Domain>,
    /// Decisions by identifier, in their order.
    pub decisions: IndexMap<Id, DecisionSpec>,
    /// Glossary.
    pub terms: IndexMap<Id, Term>,
    /// Topics of questions.
    pub topics: IndexMap<Id, Topic>,
    /// Scenarios by identifier.
    pub scenarios: IndexMap<Id, Scenario>,
    /// How far figures can be trusted.
    pub fidelity: IndexMap<Id, Fidelity>,
    /// Remedies by identifier, in the order of trying.
    pub remedies: IndexMap<Id, Remedy>,
    /// Signs by which technologies are recognised in repositories.
    pub signs: IndexMap<Id, Sign>,
    /// Words.
    pub lexicon: Lexicon,
}

impl Catalog {
    /// A technology by identifier.
    #[must_use]
    pub fn technology(&self, id: &str) -> Option<&Technology> {
        self.technologies.get(id)
    }

    /// A decision by identifier.
    #[must_use]
    pub fn decision(&self, id: &str) -> Option<&DecisionSpec> {
        self.decisions.get(id)
    }

    /// Technologies of a kind, in the order of the catalog.
    pub fn of_kind(&self, kind: TechnologyKind) -> impl Iterator<Item = &Technology> {
        self.technologies.values().filter(move |t| t.kind == kind)
    }
}
