//! A survey: what was found in a repository, as a blueprint and as the practices seen around it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blueprint::Blueprint;
use crate::id::Id;
use crate::span::Place;

/// What a component does for the others, beyond its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Answers where the instances of a service are.
    Registry,
    /// Hands out configuration.
    ConfigServer,
    /// Routes requests from outside to services.
    Gateway,
    /// Signs users in and issues tokens.
    AuthServer,
    /// Checks tokens that an authorization server issued.
    ResourceServer,
    /// Watches and manages other processes.
    AdminServer,
    /// Shows how the system does.
    Dashboard,
    /// Gathers streams of circuit-breaker figures.
    StreamAggregator,
    /// Collects traces.
    TracingServer,
    /// Collects logs.
    LogServer,
    /// Collects metrics.
    MetricsServer,
    /// Serves files and pages.
    WebServer,
    /// A user interface that runs as a process of its own.
    WebApplication,
    /// Sends e-mail.
    MailServer,
    /// Keeps secrets.
    SecretStore,
    /// A database.
    Store,
    /// A cache.
    Cache,
    /// A queue or log.
    Broker,
    /// A search index.
    Search,
    /// A store for files and blobs.
    ObjectStore,
    /// Generates load for tests.
    LoadGenerator,
    /// Coordinates brokers or databases.
    Coordinator,
}

/// A property of an architecture that can be present, absent or weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// A call has a time limit. Detail: the limit, or why there is none.
    Timeout,
    /// A call is tried again. Weak: without bound, backoff or jitter, or bounded by the client.
    Retry,
    /// A call goes through a circuit breaker or bulkhead.
    CircuitBreaker,
    /// A call stands inside a loop over a collection. Present: it does.
    CallInLoop,
    /// The caller chooses the address that is called. Present: it does.
    UserControlledDestination,
    /// The inbound credential is sent on. Present: it is.
    CredentialForwarded,
    /// A peer's address stands as a literal in code. Present: it does.
    HardcodedAddress,
    /// Certificates are checked by a client. Absent: the check is switched off.
    TlsVerification,
    /// A connection or listener is encrypted. Absent: it is in clear text.
    Tls,
    /// An operation or a path asks who is calling. Absent: it is open to anybody.
    Authentication,
    /// An operation or a path asks for a role or scope.
    Authorization,
    /// An operation that takes an identifier checks whose object it is.
    ObjectOwnership,
    /// Attempts to sign in are limited.
    LoginThrottling,
    /// Requests are limited by rate.
    RateLimit,
    /// A list has a page limit.
    PageLimit,
    /// Bodies and uploads have a size limit.
    BodyLimit,
    /// A GraphQL query has a depth or cost limit.
    QueryLimit,
    /// Cross-origin requests are restricted. Weak: a wildcard or reflected origin.
    Cors,
    /// A token is validated. Weak: the proof is incomplete.
    TokenValidation,
    /// An OAuth flow is used. Weak: one that is no longer allowed. Detail: which.
    OauthFlow,
    /// A debugging, administration or documentation surface is live. Present: it is.
    DebugSurface,
    /// A secret stands in a file. Present: it does. Detail: the name of the key, never the value.
    LiteralSecret,
    /// A default or shared account is used. Present: it is. Detail: the name of the account.
    DefaultCredentials,
    /// A secret comes from a store of secrets.
    SecretStore,
    /// Passwords are hashed before they are stored. Absent: they are stored or compared as they are.
    PasswordHashing,
    /// Data is encrypted where it rests.
    EncryptionAtRest,
    /// A port or address is reachable from outside. Present: it is. Detail: the port.
    Exposure,
    /// A workload may take over its host. Present: it may. Detail: by what.
    Privilege,
    /// Rights granted to a workload. Weak: wildcards or administration.
    GrantedRights,
    /// A readiness or liveness check. Detail: which.
    HealthProbe,
    /// A memory or processor limit. Detail: the limit.
    ResourceLimit,
    /// The memory a runtime may take. Detail: MB.
    HeapLimit,
    /// An image is pinned. Absent: latest, floating or missing tag.
    ImagePin,
    /// Data outlives the process. Absent: no volume, `emptyDir`, a file in the process.
    DurableStorage,
    /// The schema is dropped or altered at start. Present: it is.
    SchemaDropped,
    /// Data is backed up.
    Backup,
    /// State is kept in the process. Present: it is. Detail: which.
    StateInProcess,
    /// A message is published after a write, without an outbox. Present: it is.
    DualWrite,
    /// Messages are written to an outbox. Absent relay: weak.
    Outbox,
    /// One operation writes to two services. Present: it does.
    DistributedWrite,
    /// Steps undo each other on failure, or a saga is used.
    Compensation,
    /// A read-modify-write is guarded by a lock, a version or a condition. Absent: it is not.
    ConcurrencyGuard,
    /// Sibling tasks run at the same time where their order matters. Present: they do.
    UnorderedTasks,
    /// A consumer has a dead-letter target. Absent: failures are dropped or block.
    DeadLetter,
    /// A consumer guards against a message that comes twice.
    ConsumerIdempotency,
    /// A queue, pool or channel has a bound. Absent: it grows without limit.
    Backpressure,
    /// A money-moving operation has an idempotency key.
    IdempotencyKey,
    /// A call-back from a provider is verified by its signature.
    WebhookSignature,
    /// A call-back's event is remembered, so that it is handled once.
    WebhookDeduplication,
    /// Cardholder data is handled. Present: it is. Detail: which.
    CardData,
    /// Money is a binary float. Present: it is.
    MoneyAsFloat,
    /// Money movements are written to a journal.
    Ledger,
    /// Balances are changed in place. Present: they are.
    BalanceInPlace,
    /// Rows, keys or messages carry their tenant.
    TenantKey,
    /// The tenant is read from what the client sends. Present: it is.
    TenantFromClient,
    /// Logs go to a central place.
    CentralLogging,
    /// Logs are written.
    Logging,
    /// Metrics are exported.
    Metrics,
    /// Alerts are defined.
    Alerting,
    /// Traces are carried on.
    Tracing,
    /// Secrets or personal data go to a log. Present: they do.
    SensitiveLog,
    /// Privileged operations leave an audit event.
    Audit,
    /// Fields that callers should not see are in a response. Present: they are. Detail: which.
    ResponseData,
    /// A delivery pipeline builds and tests. Detail: which steps.
    Pipeline,
    /// A pool of connections. Detail: its bound.
    ConnectionPool,
    /// Personal data has a way to be deleted or expire.
    Retention,
    /// An API carries a version.
    ApiVersion,
    /// An error body has a shape. Detail: which.
    ErrorFormat,
}

/// What was seen of an aspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is there.
    Present,
    /// It was looked for where it would stand, and it is not there.
    Absent,
    /// It is there and does not do its job.
    Weak,
}

/// Something seen that a rule may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Of what.
    pub aspect: Aspect,
    /// What was seen.
    pub state: State,
    /// The component it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Id>,
    /// The operation it belongs to, when it stands inside one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Id>,
    /// The component at the other end, when it is about a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Id>,
    /// What it is about, in the words of the file: a path, a port, a key, a table.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// How it was told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Where.
    pub place: Place,
}

/// A library in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// `maven`, `npm`, `pypi`, `go`, `cargo`, `nuget`, `composer`; `docker` for images,
    /// `source` for the code base of the repository that an image is built from the whole of.
    pub ecosystem: String,
    /// Name in its ecosystem, such as `org.springframework.boot:spring-boot`.
    pub name: String,
    /// Version, when it is written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The component that uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Id>,
    /// Where it is declared.
    pub place: Place,
    /// The manifest of the repository that builds it, when it is built here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_at: Option<Place>,
    /// Whether a lock file says so: the exact version in use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// The versions of its ecosystem's runtime it asks for, as the lock file says: `>=18`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<String>,
    /// Why the version is deprecated, as the lock file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

/// The version of a runtime that a file asks for: a manifest, a version file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// The language, by its identifier in the catalog.
    pub language: String,
    /// Version or range as written.
    pub version: String,
    /// The component it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Id>,
    /// Where it is written.
    pub place: Place,
}

/// A table or collection that a component touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableUse {
    /// The component.
    pub component: Id,
    /// The store, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<Id>,
    /// The logical database or schema, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The table.
    pub table: String,
    /// Whether it is written.
    pub writes: bool,
    /// Where.
    pub place: Place,
}

/// A statement of a document about the architecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `component`, `flow`, `control` or `endpoint`.
    pub kind: String,
    /// What is claimed, by name.
    pub subject: String,
    /// The other end of a claimed flow, or the control's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object: String,
    /// Where.
    pub place: Place,
}

/// A check that could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedCheck {
    /// The extractor or rule.
    pub check: String,
    /// The file, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happened.
    pub reason: String,
}

/// A path under which a class of handlers answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prefix {
    /// The component.
    pub component: Id,
    /// The path.
    pub path: String,
    /// Where.
    pub place: Place,
}

/// A comment in a file that accepts a finding: `loadcase: accept[rule] reason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The day from which it no longer holds, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The element it is for, `*` standing for any characters; absent for what stands on the line or the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Where.
    pub place: Place,
}

/// What was found in a repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// The architecture.
    pub blueprint: Blueprint,
    /// Every name a component goes by, the component's own first.
    #[serde(default)]
    pub names: IndexMap<Id, Vec<String>>,
    /// Roles of components.
    #[serde(default)]
    pub roles: IndexMap<Id, Vec<Role>>,
    /// Paths of classes of handlers.
    #[serde(default)]
    pub prefixes: Vec<Prefix>,
    /// Practices, in the order of their places.
    #[serde(default)]
    pub practices: Vec<Practice>,
    /// Libraries in use.
    #[serde(default)]
    pub libraries: Vec<Library>,
    /// Versions of runtimes that files ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runtimes: Vec<Runtime>,
    /// Tables touched.
    #[serde(default)]
    pub tables: Vec<TableUse>,
    /// What documents say.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Comments that accept findings.
    #[serde(default)]
    pub acceptances: Vec<Acceptance>,
    /// For each component, the aspects that would have been seen had they been there.
    #[serde(default)]
    pub looked_for: IndexMap<Id, Vec<Aspect>>,
    /// What could not be read or checked.
    #[serde(default)]
    pub failed: Vec<FailedCheck>,
    /// Number of files read.
    pub files: usize,
}

impl Survey {
    /// A blueprint around which nothing was seen.
    #[must_use]
    pub fn of(blueprint: Blueprint) -> Self {
        Self {
            blueprint,
            names: IndexMap::new(),
            roles: IndexMap::new(),
            prefixes: Vec::new(),
            practices: Vec::new(),
            libraries: Vec::new(),
            runtimes: Vec::new(),
            tables: Vec::new(),
            claims: Vec::new(),
            acceptances: Vec::new(),
            looked_for: IndexMap::new(),
            failed: Vec::new(),
            files: 0,
        }
    }
}
