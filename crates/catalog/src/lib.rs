//! What Loadcase knows: technologies, patterns, domains, decisions, signals, terms and topics, as data.
//!
//! The YAML files under `catalog/` are embedded in the binary; files of the same shape under
//! `.loadcase/catalog/` override and extend them. Everything is read strictly, indexed by identifier and
//! checked for dangling references.

mod advisory;
mod catalog;
mod condition;
mod container;
mod decision;
mod domain;
mod fidelity;
mod lexicon;
mod lifecycle;
mod load;
mod package;
mod pattern;
mod remedy;
pub mod scenario;
mod sign;
mod signs;
mod technology;
mod term;
mod topic;
mod validate;

pub use advisory::{AdvisoryRecord, Affected, AffectedRange};
pub use catalog::Catalog;
pub use condition::{Circumstances, Condition, ConditionError, Relation};
pub use container::Container;
pub use decision::{Conflict, DecisionSpec, Need, OptionSpec, Ruling, Shift};
pub use domain::{
    Count, Domain, DomainModule, DomainOperation, DomainRisk, EdgePolicy, Effort, Follow, Lookup,
    WeightedPhrase,
};
pub use fidelity::{Fidelity, Gap, MeasuredError};
pub use lexicon::{
    Area, Assumption, FactName, Flag, Lexicon, NumberWord, Phrase, PlanningConstant, QuestionText,
    SignalSpec, Trait, UnitWord,
};
pub use lifecycle::{Cycle, End, Lifecycle, Lts, Phases, SeenVersion, Service};
pub use load::{LoadError, SourceFile, load_embedded, load_with};
pub use package::{Maintenance, PackageFact, RuntimeNeed};
pub use pattern::{Example, Pattern, Reference};
pub use remedy::Remedy;
pub use scenario::{Scenario, Time};
pub use sign::{Ability, Sign};
pub use signs::{Signs, image_name, image_tag};
pub use technology::{
    Advisory, Dialect, Link, MachineSize, Release, Sizes, Technology, TechnologyIds, TechnologyKind, Tier,
    Tiers,
};
pub use term::Term;
pub use topic::{Check, Premise, Topic, TopicSection};
pub use validate::{Problem, validate};
