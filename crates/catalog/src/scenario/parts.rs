//! Queues of messages, copies that lag behind and links, as a scenario's system has them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Demand, Time};

/// A queue of messages, or what a variant changes of it: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// Consumers, each of which works on one message at a time; one unless said.
    #[serde(default)]
    pub consumers: Option<u32>,
    /// Messages that a consumer takes at once; one unless said.
    #[serde(default)]
    pub prefetch: Option<u32>,
    /// How long after its delivery a message that is not finished is delivered again; never unless said.
    #[serde(default)]
    pub visibility: Option<Time>,
    /// How long a message rests after its consumer failed; not at all unless said.
    #[serde(default)]
    pub retry_delay: Option<Time>,
    /// Deliveries after which a message is put aside as a dead letter; any number unless said.
    #[serde(default)]
    pub max_receives: Option<u32>,
    /// Messages that may wait to be delivered; any number unless said.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// Whether publishers wait for room in a full queue; they are turned away unless said.
    #[serde(default)]
    pub holds_publishers: Option<bool>,
}

/// Copies of a store, or what a variant changes of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplicasSpec {
    /// The station of the leader; needed.
    #[serde(default)]
    pub leader: Option<String>,
    /// The stations of the copies; needed.
    #[serde(default)]
    pub copies: Option<Vec<String>>,
    /// Number of different keys; one unless said.
    #[serde(default)]
    pub keys: Option<u32>,
    /// How long a write is on its way; no time unless said.
    #[serde(default)]
    pub delay: Option<Demand>,
    /// What applying a write asks of a copy; nothing unless said.
    #[serde(default)]
    pub apply: Option<Demand>,
    /// How long after a write reads of its key go to the leader; not at all unless said.
    #[serde(default)]
    pub pin: Option<Time>,
}

/// What a link does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkSpec {
    /// It carries.
    #[default]
    Up,
    /// It refuses at once.
    Fails,
    /// It answers nothing until it carries again.
    Hangs,
}
