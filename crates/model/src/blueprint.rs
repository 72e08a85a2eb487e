//! A blueprint: an architecture, whether designed, recovered or written by hand.
//!
//! The numbers of a blueprint are plain so that people can edit them; every record that holds numbers has a
//! `basis` that says where they come from.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::input::Horizons;
use crate::span::Place;
use crate::taken::{Taken, Taking};
use crate::workload::Workload;

/// An architecture: components, flows between them, data, operations, deployment, trust zones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Format of this file: `loadcase/blueprint/1`.
    pub schema: String,
    /// Short name of the system.
    pub name: String,
    /// One sentence on what it is.
    #[serde(default)]
    pub summary: String,
    /// Topology in the catalog's words, such as `modular-monolith`.
    pub topology: Id,
    /// People and machines outside that use it.
    #[serde(default)]
    pub actors: IndexMap<Id, Actor>,
    /// Parts of the code with a boundary of their own; components hold one or more.
    #[serde(default)]
    pub modules: IndexMap<Id, Module>,
    /// Things that run or store.
    pub components: IndexMap<Id, Component>,
    /// Who talks to whom.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// What is stored.
    #[serde(default)]
    pub entities: IndexMap<Id, Entity>,
    /// What can be asked of it.
    #[serde(default)]
    pub operations: IndexMap<Id, Operation>,
    /// Areas of equal trust.
    #[serde(default)]
    pub zones: IndexMap<Id, TrustZone>,
    /// Where it runs.
    pub deployment: Deployment,
    /// The loads it is to carry.
    #[serde(default)]
    pub workloads: Vec<Workload>,
}

impl Blueprint {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/blueprint/1";
}

/// Somebody or something outside that uses the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Name in prose.
    pub name: String,
    /// How they prove who they are, such as `oidc-session`, `api-key`, `none`.
    #[serde(default)]
    pub authenticates_by: Option<Id>,
}

/// A part of the code with its own boundary: it owns entities and operations and hides the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Name in prose.
    pub name: String,
    /// What it is responsible for.
    #[serde(default)]
    pub summary: String,
}

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// A browser, an app, a partner's system.
    Client,
    /// A content delivery network or edge cache.
    Edge,
    /// A load balancer, API gateway or reverse proxy.
    Gateway,
    /// A process that answers requests.
    Service,
    /// A process that takes work from a queue or a schedule.
    Worker,
    /// A function run on demand by a platform.
    Function,
    /// A database.
    Store,
    /// A cache beside the stores.
    Cache,
    /// A queue or log.
    Broker,
    /// A search index.
    Search,
    /// A store for analytical queries.
    Analytics,
    /// A store for files and blobs.
    ObjectStore,
    /// A connection pooler in front of a store.
    Pooler,
    /// Something that signs users in.
    Identity,
    /// A system of somebody else's.
    External,
}

impl ComponentKind {
    /// The word for it in files, the same as in YAML and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Edge => "edge",
            Self::Gateway => "gateway",
            Self::Service => "service",
            Self::Worker => "worker",
            Self::Function => "function",
            Self::Store => "store",
            Self::Cache => "cache",
            Self::Broker => "broker",
            Self::Search => "search",
            Self::Analytics => "analytics",
            Self::ObjectStore => "object-store",
            Self::Pooler => "pooler",
            Self::Identity => "identity",
            Self::External => "external",
        }
    }

    /// How prose calls it.
    #[must_use]
    pub const fn called(self) -> &'static str {
        match self {
            Self::Edge => "edge cache",
            Self::Search => "search index",
            Self::Analytics => "analytical store",
            Self::ObjectStore => "object store",
            Self::Pooler => "connection pooler",
            Self::Identity => "identity provider",
            Self::External => "external system",
            _ => self.word(),
        }
    }
}

/// A thing that runs or stores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Name in prose.
    pub name: String,
    /// What it is.
    pub kind: ComponentKind,
    /// The technology, by its identifier in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<Id>,
    /// The version, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The language or framework inside, by its identifier in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<Id>,
    /// The trust zone it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Id>,
    /// Modules inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Id>,
    /// Whether somebody else runs it.
    #[serde(default)]
    pub managed: bool,
    /// How much of it there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Where a recovered component was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Place>,
}

/// How much of a component there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Copies that share the work (for a store: shards or primaries).
    pub replicas: u32,
    /// Virtual processors of one copy.
    pub vcpu: f64,
    /// Memory of one copy, GB.
    pub memory_gb: f64,
    /// Disk of one copy, GB.
    #[serde(default)]
    pub storage_gb: f64,
    /// Copies of each that only stand by.
    #[serde(default)]
    pub standbys: u32,
    /// Copies of each that answer reads.
    #[serde(default)]
    pub read_replicas: u32,
    /// Requests one copy works on at the same time; absent when only processors limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Where these numbers come from.
    pub basis: String,
}

impl Capacity {
    /// How a basis begins when no file and nobody says what the processors of a copy are.
    pub const ASSUMED: &'static str = "assumed";

    /// Whether the size is assumed.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.basis.starts_with(Self::ASSUMED)
    }
}

/// Whether the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlowStyle {
    /// The caller waits for the answer.
    Sync,
    /// The caller goes on.
    Async,
}

/// A directed connection between two components (or an actor and a component).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Who calls.
    pub from: Id,
    /// Who is called.
    pub to: Id,
    /// Whether the caller waits.
    pub style: FlowStyle,
    /// Protocol, such as `https`, `sql`, `amqp`.
    #[serde(default)]
    pub protocol: String,
    /// What for, in a few words.
    #[serde(default)]
    pub purpose: String,
    /// How long the caller waits, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<f64>,
    /// How many times a failed call is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Whether the connection is encrypted; absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// What keeps its calls from making a bad moment worse; absent when nothing is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// Where timeout and retries come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// Where a recovered flow was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Place>,
}

/// What keeps the calls of a flow from making a bad moment worse. With it, only idempotent operations are tried again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Pause before the first retry, ms. It doubles from retry to retry, and each is anything between nothing and
    /// the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_ms: Option<f64>,
    /// Retries at most, as a share of the calls that succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_budget: Option<f64>,
    /// Share of failed calls above which the caller stops calling for a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<f64>,
    /// Whether a call takes along until when its caller waits: what nobody waits for any more is dropped.
    #[serde(default)]
    pub deadline: bool,
    /// Calls that may wait at the called one, at all of its copies together; more are refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u32>,
    /// Where these numbers come from.
    pub basis: String,
}

/// How much harm a leak of a field does.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// May be read by anyone.
    Public,
    /// Not secret, not for publication.
    #[default]
    Internal,
    /// About a person (personal data).
    Personal,
    /// Special categories, health, children, location traces.
    Special,
    /// Money: balances, amounts, invoices.
    Financial,
    /// Cardholder data.
    Card,
    /// Passwords, tokens, keys.
    Secret,
}

/// The type of a field, independent of any database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// An identifier.
    Id,
    /// A reference to another entity.
    Ref,
    /// Short text.
    String,
    /// Long text.
    Text,
    /// A whole number.
    Integer,
    /// A decimal number of exact value.
    Decimal,
    /// A measured number: what it was measured with is less exact than its digits.
    Float,
    /// An amount in minor units, beside a currency.
    Money,
    /// A three-letter currency code.
    Currency,
    /// True or false.
    Boolean,
    /// A moment in time.
    Timestamp,
    /// A calendar day.
    Date,
    /// One of a few words.
    Enum,
    /// A structured document.
    Json,
    /// A web address or object key.
    Url,
    /// An e-mail address.
    Email,
    /// A position on earth.
    Point,
    /// Bytes.
    Bytes,
}

/// A field of an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name, snake case.
    pub name: Id,
    /// Type.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether it may be absent.
    #[serde(default)]
    pub optional: bool,
    /// Whether no two rows share it (within a tenant, when the entity belongs to one).
    #[serde(default)]
    pub unique: bool,
    /// The entity a reference points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Id>,
    /// The words of an enumeration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Whether the row is part of the one it refers to, and goes when that one goes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owned: bool,
    /// Another field that this one never exceeds: a beginning its end, a part its whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_above: Option<Id>,
    /// Smallest value of a whole number or an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Largest value of a whole number or an amount; most characters of a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Harm of a leak.
    #[serde(default)]
    pub sensitivity: Sensitivity,
}

/// A period of a row, in which no other row with the same fields may lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Fields whose rows exclude each other when they are equal: the room, the person.
    pub within: Vec<Id>,
    /// The field with the beginning: a timestamp or a date.
    pub from: Id,
    /// The field with the end; a timestamp is the first moment after it, a date the last day of it.
    pub until: Id,
    /// Rows in which a field has one of these words do not count: a cancelled appointment takes nobody's time.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub unless: IndexMap<Id, Vec<String>>,
}

/// Fields that no two rows share among those that a condition holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniqueWhen {
    /// The fields (within a tenant, when rows belong to one).
    pub fields: Vec<Id>,
    /// The rows that count: fields with the value they have there; `null` stands for absence, `not null` for any value.
    pub only: IndexMap<Id, String>,
}

impl UniqueWhen {
    /// The fields of the condition, each with what it holds in the rows that count.
    pub fn conditions(&self) -> impl Iterator<Item = (&Id, When)> {
        self.only.iter().map(|(field, value)| (field, When::of(value)))
    }
}

/// What a field holds in the rows that a condition picks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Nothing.
    Absent,
    /// Anything.
    Present,
    /// One value.
    Is(String),
}

impl When {
    /// The condition that a word of a blueprint stands for.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "null" => Self::Absent,
            "not null" => Self::Present,
            value => Self::Is(value.to_owned()),
        }
    }

    /// The value, where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }
}

/// A part that an entity plays in a way of working that a store can guard: the guards follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// An account of a double-entry ledger.
    LedgerAccount,
    /// A posting, whose entries sum to zero.
    LedgerTransaction,
    /// One side of a posting on one account.
    LedgerEntry,
    /// A record of who did what.
    AuditLog,
    /// A message written in the transaction of the change it tells of.
    Outbox,
    /// What was answered to a request that must not take effect twice.
    IdempotencyKey,
    /// Work for later, kept in the database.
    Job,
    /// Who of the house worked on the rows of all tenants, in which transaction.
    StaffAccess,
    /// A message that a worker has done.
    Inbox,
    /// Whoever rows belong to, where that is an entity of the product under a name of its own.
    Tenant,
}

/// Something that is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Name in prose.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub summary: String,
    /// The module that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<Id>,
    /// The component that stores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<Id>,
    /// Fields, without the identifier and the timestamps that every entity has.
    pub fields: Vec<Field>,
    /// Fields that together identify a row; empty means that rows have an identifier of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<Id>,
    /// Groups of fields that no two rows share together (within a tenant, when rows belong to one).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<Id>>,
    /// Groups of fields that no two rows share among some rows: one open invitation for each address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_when: Vec<UniqueWhen>,
    /// Periods that no two rows share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_overlap: Vec<Period>,
    /// What it is for in a pattern, when it is part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plays: Option<Part>,
    /// Why rows are marked as deleted before they are; absent means they are deleted at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_delete: Option<String>,
    /// Whether rows belong to a tenant.
    #[serde(default)]
    pub tenant_scoped: bool,
    /// Whether rows are only ever added.
    #[serde(default)]
    pub append_only: bool,
    /// Size of a row with its indexes, bytes.
    pub row_bytes: f64,
    /// How long rows are kept, in days; absent means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    /// The time from which these days count, when that is not the insert: when something was last used, or ended. A row
    /// without it is not old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages_by: Option<Id>,
    /// How many rows there are at each horizon, where the brief states or assumes the number of what they stand for:
    /// customers, users, devices. Rows are added as that number grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Horizons<f64>>,
    /// Where the numbers come from.
    pub basis: String,
}

/// What kind of thing an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// A request that somebody waits for.
    Request,
    /// Work taken from a queue.
    Job,
    /// Work started by the clock.
    Scheduled,
    /// A message from another system.
    Webhook,
    /// A connection that stays open.
    Stream,
}

/// How rows are touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    /// One row by its key.
    ReadOne,
    /// A page of rows by an index, in an order.
    ReadMany,
    /// A count or sum over many rows.
    Aggregate,
    /// Rows added.
    Insert,
    /// Rows changed.
    Update,
    /// Rows removed.
    Delete,
}

/// How an operation touches an entity: an access pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The entity.
    pub entity: Id,
    /// How.
    pub kind: AccessKind,
    /// Fields that select rows, equality first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Id>,
    /// Fields that have the same value each time rows are selected; `null` stands for absence, `not null` for any
    /// value. An index then holds those rows only.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub only: IndexMap<Id, String>,
    /// Fields that order rows; a leading `-` in `descending` is not needed: see `descending`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Id>,
    /// Whether the order is descending.
    #[serde(default)]
    pub descending: bool,
    /// Rows touched by one operation.
    #[serde(default = "one")]
    pub rows: f64,
    /// What the rows of a scheduled operation follow; `rows` then holds what that comes to in one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_from: Option<RowsFrom>,
    /// Whether it waits for the answers of systems outside that the operation calls: it belongs to the transaction
    /// after the call, and what comes before is committed before the call is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_call: bool,
    /// Words of which a field of the row that is read must hold one, or whoever asks is refused:
    /// `{role: [operator, owner]}`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub needs: IndexMap<Id, Vec<String>>,
}

impl Access {
    /// What is wrong with what it needs of the row, to be read after the name of the operation: only a row that is read
    /// by itself can refuse, by a field whose words are known.
    #[must_use]
    pub fn needing_fault(&self, entity: &Entity) -> Option<String> {
        self.needs.iter().find_map(|(field, wanted)| {
            let known = entity.fields.iter().find(|f| f.name == *field).map(|f| f.values.as_slice());
            if self.kind != AccessKind::ReadOne {
                return Some(format!(
                    "needs a `{field}` of `{}`, of which it reads no single row",
                    self.entity
                ));
            }
            let Some(known) = known.filter(|k| !k.is_empty()) else {
                return Some(format!("needs `{field}` of `{}`, which is no field with words", self.entity));
            };
            let unknown = wanted.iter().find(|w| !known.contains(w));
            let none =
                wanted.is_empty().then(|| format!("needs no word of `{field}`: nobody would be let in"));
            unknown
                .map(|w| format!("needs the word `{w}`, which `{field}` of `{}` cannot hold", self.entity))
                .or(none)
        })
    }
}

const fn one() -> f64 {
    1.0
}

/// What the rows that a scheduled operation touches follow: `{added: reading}`, all that other operations added
/// since its last run, or `{all: device, share: 0.01}`, a part of all rows that there are of an entity whose number is
/// known. Of both, the sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsFrom {
    /// The entity whose rows were added since the last run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Id>,
    /// The entity of which there are so many rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Id>,
    /// Rows touched for each of them.
    #[serde(default = "one")]
    pub share: f64,
}

/// Whether the rest of the operation waits for a step.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StepMode {
    /// The operation waits.
    #[default]
    Sync,
    /// The operation goes on; the step loads the component but does not delay the answer.
    Async,
}

/// A visit to a component on the path of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The component visited.
    pub component: Id,
    /// Visits per operation (visit ratio); may be below one behind a cache.
    #[serde(default = "one")]
    pub visits: f64,
    /// Processor time of one visit, ms (service demand per visit).
    pub cpu_ms: f64,
    /// Time of one visit that occupies no processor (disk, network), ms.
    #[serde(default)]
    pub wait_ms: f64,
    /// Squared coefficient of variation of processor time and of waiting, each drawn on its own; one is exponential.
    #[serde(default = "one")]
    pub scv: f64,
    /// Whether the operation waits for it.
    #[serde(default)]
    pub mode: StepMode,
    /// Whether this visit only reads, so that a replica may answer it.
    #[serde(default)]
    pub reads_only: bool,
    /// Where the numbers come from.
    pub basis: String,
}

/// One thing a client asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Name in prose.
    pub name: String,
    /// What kind of thing it is.
    pub kind: OperationKind,
    /// The module that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<Id>,
    /// HTTP method, upper case, for requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path with parameters in braces, for requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Who may call it, as roles; empty means anybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Id>,
    /// What the body of the request holds, field by field; absent means that it follows from the rows written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Vec<Taken>>,
    /// Whether one request brings many rows that are taken one by one; `rows` of its accesses are then those of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub batch: bool,
    /// Jobs it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<Id>,
    /// Seconds between two runs, for scheduled operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<f64>,
    /// The scheduled operation that this one comes after: it does not start before what is due of the other has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Id>,
    /// The components visited, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The rows touched.
    #[serde(default)]
    pub accesses: Vec<Access>,
    /// The rows looked up before it begins, to find out who calls: a session, a key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<Access>,
    /// Whether repeating it does no harm.
    #[serde(default)]
    pub idempotent: bool,
    /// Whether money or another side effect outside hangs on it.
    #[serde(default)]
    pub critical: bool,
    /// Where the numbers of its accesses come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// Where a recovered operation was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Place>,
}

impl Operation {
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

/// An area of equal trust.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustZone {
    /// Name in prose.
    pub name: String,
    /// How much is trusted, from 0 (the open internet) to 3 (data).
    pub level: u8,
}

/// Where and how the system runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Platform in the catalog's words, such as `containers`.
    pub platform: Id,
    /// Cloud or provider, when one is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Id>,
    /// Regions, the main one first.
    #[serde(default)]
    pub regions: Vec<String>,
    /// How a new version replaces the old: `rolling`, `blue-green`, `canary`, `restart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Id>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_word_everywhere() {
        let schema = schemars::schema_for!(ComponentKind).to_value();
        let words: Vec<&str> =
            schema["oneOf"].as_array().expect("kinds").iter().filter_map(|k| k["const"].as_str()).collect();
        assert!(words.len() > 10, "{words:?}");
        for word in words {
            let kind: ComponentKind = serde_json::from_value(word.into()).expect("a kind");
            assert_eq!(kind.word(), word);
        }
    }
}
