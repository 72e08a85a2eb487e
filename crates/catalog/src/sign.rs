//! Signs: the images, libraries, schemes and ports by which a repository tells what it uses.

use loadcase_model::{ComponentKind, Id, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sign of a technology: one entry of a file under `catalog/signs/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Identifier.
    pub id: Id,
    /// What it is a sign of, by its identifier in the catalog or, where the catalog has none, its own slug.
    pub technology: Id,
    /// Container images, without registry and tag: `postgres`, `bitnami/postgresql`. The last segment alone
    /// also matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Libraries, as `ecosystem:name`: `npm:pg`, `maven:org.postgresql:postgresql`. A trailing `*` matches any
    /// rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// Schemes of connection strings, such as `postgres` or `jdbc:postgresql`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
    /// Ports it listens on unless told otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// The technology whose clients can talk to it, when that is not its own name: MariaDB speaks `mysql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks: Option<Id>,
    /// What a component that runs one of the images is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentKind>,
    /// The role of a component that runs one of the images, or contains one of the libraries when
    /// `library_is_role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether a component that contains one of the libraries has the role itself; otherwise it is a client of
    /// a component that has it.
    #[serde(default)]
    pub library_is_role: bool,
    /// Whether it runs inside the process that uses it and so is no component.
    #[serde(default)]
    pub in_process: bool,
    /// What it lets a component do beside its role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gives: Vec<Ability>,
}

/// Something a product or library does for the component that runs or contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// Stops calls to what fails.
    CircuitBreaker,
    /// Spreads the requests it takes over the copies of a service.
    LoadBalancer,
    /// Keeps secrets and personal data out of logs.
    LogMasking,
    /// Sees every container of its host without being told of any.
    ContainerWatch,
    /// Has the machine or the cluster it runs on as its task: an agent, an exporter, a scanner.
    HostAccess,
}
