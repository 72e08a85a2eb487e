//! Domains: what products of a kind consist of, how they are used, what is sensitive about them.

use indexmap::IndexMap;
use loadcase_model::{Access, AccessKind, Actor, Entity, Fact, Id, Input, OperationKind, Taken, Taking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lexicon::Phrase;
use crate::pattern::Reference;

/// A domain of the catalog: one file under `catalog/domains/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Words that speak for this domain, with their weight.
    pub phrases: Vec<WeightedPhrase>,
    /// People and systems outside.
    pub actors: IndexMap<Id, Actor>,
    /// Parts of the code.
    pub modules: IndexMap<Id, DomainModule>,
    /// What is stored. `store` stays empty: the design decides.
    pub entities: IndexMap<Id, Entity>,
    /// What is asked for.
    pub operations: IndexMap<Id, DomainOperation>,
    /// Operations worth a sequence diagram, the most telling first.
    pub main_operations: Vec<Id>,
    /// The operation by which a stream of events comes in, where the domain has one: stated events per second are its
    /// calls, not a load beside it.
    #[serde(default)]
    pub intake: Option<Id>,
    /// Entities of which there are as many rows as the brief states or assumes of something.
    #[serde(default)]
    pub counts: IndexMap<Id, Count>,
    /// What is looked up to find out who calls, by the way in which an actor proves who it is.
    #[serde(default)]
    pub proofs: IndexMap<Id, Lookup>,
    /// Typical use, by input: requests per user and day, peak factor, share of reads and so on.
    pub usage: IndexMap<Input, Fact>,
    /// Signals that hold for every product of this kind unless the brief denies them.
    #[serde(default)]
    pub implies: Vec<Id>,
    /// What designs of this kind must get right: one sentence each, concrete.
    pub design_points: Vec<String>,
    /// What typically goes wrong, and what to do.
    pub risks: Vec<DomainRisk>,
    /// Sources.
    #[serde(default)]
    pub references: Vec<Reference>,
}

/// Rows that are looked up at each request to find out who calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The trait of the way to sign in with which such rows are looked up; with any other, what the caller brings
    /// proves itself.
    pub with: Id,
    /// The rows.
    pub accesses: Vec<Access>,
}

/// How many rows there are of an entity: a number of the brief, times so many for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The number: `tenants`, `monthly-users`.
    pub of: Input,
    /// Rows for each of them; one unless said.
    #[serde(default = "one")]
    pub times: f64,
}

const fn one() -> f64 {
    1.0
}

/// A phrase and how strongly it speaks for a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedPhrase {
    /// The phrase.
    pub say: Phrase,
    /// Weight; 1 is ordinary, 3 is telling.
    pub weight: f64,
}

/// A part of the code in a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainModule {
    /// Name in prose.
    pub name: String,
    /// What it is responsible for.
    pub summary: String,
    /// Modules it calls inside the process.
    #[serde(default)]
    pub uses: Vec<Id>,
}

/// How much processor time an operation takes, relative to an ordinary one of its framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// A tenth: parse, check, store or look up.
    Light,
    /// The ordinary request: a few statements and a JSON answer.
    Ordinary,
    /// Three times: templates, aggregation, ranking.
    Heavy,
    /// Thirty times: media, reports, models.
    Extreme,
}

impl Effort {
    /// Processor time relative to an ordinary operation.
    #[must_use]
    pub const fn factor(self) -> f64 {
        match self {
            Self::Light => 0.1,
            Self::Ordinary => 1.0,
            Self::Heavy => 3.0,
            Self::Extreme => 30.0,
        }
    }
}

/// Whose answer it is, and so where it may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EdgePolicy {
    /// The same for everybody: an edge cache may answer.
    Public,
    /// The same for many: a shared cache beside the application may answer.
    Shared,
    /// One person's: only that person's client may keep it.
    Private,
    /// Must not be kept at all.
    None,
}

/// Work that an operation leaves behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// The job operation it starts.
    pub job: Id,
    /// How many per operation.
    pub count: f64,
}

/// One thing a client asks for in a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainOperation {
    /// Name in prose, in the imperative: "Read the home feed".
    pub name: String,
    /// What kind of thing it is.
    pub kind: OperationKind,
    /// The module that answers it.
    pub module: Id,
    /// HTTP method, upper case, for requests.
    #[serde(default)]
    pub method: Option<String>,
    /// Path with parameters in braces, for requests.
    #[serde(default)]
    pub path: Option<String>,
    /// Who may call it; empty means anybody.
    #[serde(default)]
    pub roles: Vec<Id>,
    /// What the body of the request holds, field by field; absent means that it follows from the rows written. Fields
    /// that rows may lack may be left out, and so may those with a question mark.
    #[serde(default)]
    pub takes: Option<Vec<Taken>>,
    /// Whether one request brings many rows that are taken one by one, whatever `rows` says.
    #[serde(default)]
    pub batch: bool,
    /// Share of all requests, between 0 and 1; over the operations that are requests the shares sum to 1.
    /// Jobs have 0: their rate follows from `follows` of others.
    pub share: f64,
    /// Processor time.
    pub effort: Effort,
    /// Where the answer may be cached.
    pub cache: EdgePolicy,
    /// Seconds between two runs, for scheduled operations: an hour unless said.
    #[serde(default)]
    pub every: Option<f64>,
    /// The scheduled operation that this one comes after: it does not start before what is due of the other has ended,
    /// and waits where that has failed for good.
    #[serde(default)]
    pub after: Option<Id>,
    /// Rows touched, one record per statement.
    #[serde(default)]
    pub accesses: Vec<Access>,
    /// Jobs it starts.
    #[serde(default)]
    pub follows: Vec<Follow>,
    /// Calls to systems of others, by name, such as `payment-provider`.
    #[serde(default)]
    pub calls: Vec<Id>,
    /// Whether repeating it does no harm.
    #[serde(default)]
    pub idempotent: bool,
    /// Whether money or another side effect outside hangs on it.
    #[serde(default)]
    pub critical: bool,
}

/// Scheduled work that says no period runs once in so many seconds: a planning assumption.
const HOUR_S: f64 = 3600.0;

impl DomainOperation {
    /// What decides what its body may hold.
    #[must_use]
    pub fn taking(&self) -> Taking<'_> {
        Taking {
            kind: self.kind,
            method: self.method.as_deref(),
            accesses: &self.accesses,
            takes: self.takes.as_deref(),
        }
    }

    /// How often the clock starts a scheduled operation, per second.
    #[must_use]
    pub fn runs_per_s(&self) -> f64 {
        1.0 / self.every.filter(|s| s.is_finite()).unwrap_or(HOUR_S).max(1.0)
    }
}

impl Domain {
    /// The rows that a request looks up to find out who calls, when the way to sign in has these traits. Callers who
    /// prove themselves in different ways are taken to be equally many.
    #[must_use]
    pub fn proof(&self, operation: &DomainOperation, has: impl Fn(&str) -> bool) -> Vec<Access> {
        if matches!(operation.kind, OperationKind::Job | OperationKind::Scheduled) {
            return Vec::new();
        }
        let actors = operation.roles.iter().filter_map(|role| self.actors.get(role));
        let mut ways: Vec<&Id> = actors.filter_map(|a| a.authenticates_by.as_ref()).collect();
        ways.sort_unstable();
        ways.dedup();
        let each = 1.0 / (ways.len().max(1) as f64);
        let lookups = ways.iter().filter_map(|way| self.proofs.get(*way)).filter(|l| has(l.with.as_str()));
        let own = |a: &&Access| !operation.accesses.iter().any(|o| o.entity == a.entity && o.by == a.by);
        lookups
            .flat_map(|l| &l.accesses)
            .filter(own)
            .map(|a| Access { rows: a.rows * each, ..a.clone() })
            .collect()
    }

    /// Whether an access adds rows to an entity that only grows: events.
    #[must_use]
    pub fn adds_events(&self, access: &Access) -> bool {
        access.kind == AccessKind::Insert && self.entities.get(&access.entity).is_some_and(|e| e.append_only)
    }

    /// Events that one call of the domain's own intake brings: what it inserts into entities that only grow, at
    /// least one. So many events make one call, with all that the operation does beside them.
    #[must_use]
    pub fn events_per_call(&self, intake: &DomainOperation) -> f64 {
        let events: f64 =
            intake.accesses.iter().filter(|a| self.adds_events(a)).map(|a| a.rows.max(0.0)).sum();
        if events.is_finite() { events.max(1.0) } else { 1.0 }
    }
}

/// A risk of a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainRisk {
    /// What goes wrong.
    pub risk: String,
    /// `high`, `medium` or `low`.
    pub severity: Id,
    /// What to do.
    pub mitigation: String,
}
