//! Domains: what products of a kind consist of, how they are used, what is sensitive about them.

use indexmap::IndexMap;
use loadcase_model::{Access, Actor, Entity, Fact, Id, Input, OperationKind, Taken, Taking};
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
