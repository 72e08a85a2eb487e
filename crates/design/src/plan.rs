//! A plan: the options chosen and how much of everything there is. What [`compose`](crate::compose) turns
//! into a blueprint.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_model::{Horizon, Horizons, Id};

/// Copies of one machine size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pool {
    /// Copies. Zero means: not there, or paid by use.
    pub nodes: u32,
    /// Virtual processors of one copy.
    pub vcpu: f64,
    /// Memory of one copy, GB.
    pub memory_gb: f64,
    /// Disk of one copy, GB.
    pub storage_gb: f64,
}

/// How the primary store is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StoreLayout {
    /// Nodes that take writes: one primary, or one for each shard or area. Zero means paid by use.
    pub primaries: u32,
    /// Size of each.
    pub node: Pool,
    /// Copies of each primary that only stand by.
    pub standbys: u32,
    /// Copies of each primary that answer reads.
    pub read_replicas: u32,
    /// Share of reads that replicas answer.
    pub replica_read_share: f64,
    /// Bytes that one primary reads again and again, GB: its memory holds them.
    pub working_set_gb: f64,
    /// Logical partitions, when data is sharded by hand; zero otherwise.
    pub logical_shards: u32,
}

/// How much of everything there is at one horizon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sizing {
    /// Processes that answer requests, over all deployables.
    pub app: Pool,
    /// Processes that take jobs; zero nodes when jobs run inside the application or do not exist.
    pub workers: Pool,
    /// Load balancers or gateways of one's own; zero when the platform brings them.
    pub balancers: u32,
    /// The primary store.
    pub store: StoreLayout,
    /// Connection poolers in front of it; zero when there are none.
    pub poolers: u32,
    /// Shared cache; zero nodes when there is none.
    pub cache: Pool,
    /// Broker or log; zero nodes when there is none or it is paid by use.
    pub broker: Pool,
    /// Search index of its own; zero nodes when there is none.
    pub search: Pool,
    /// Store for analytical queries; zero nodes when there is none.
    pub analytics: Pool,
}

/// What the system is asked to carry at one horizon, at peak.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Requests per second before any edge cache.
    pub requests_per_s: f64,
    /// Share of them that only read.
    pub read_share: f64,
    /// Share of requests that the edge answers.
    pub edge_hit: f64,
    /// Share of the remaining reads that the shared or in-process cache answers.
    pub cache_hit: f64,
    /// Processor time of one request in the application, ms, in the chosen framework.
    pub app_cpu_ms: f64,
    /// Database statements per second that read, before any cache.
    pub reads_per_s: f64,
    /// What writes cost the database each second, in writes of one row: less than the rows where one statement writes
    /// many.
    pub writes_per_s: f64,
    /// Rows inserted, updated and deleted each second, the job table's among them where jobs lie in one.
    pub rows_written_per_s: f64,
    /// Rows of events that pass the primary store by, into one for analysis.
    pub rows_passed_by_per_s: f64,
    /// What of the writes nobody waits for: those of jobs, and of their queue where it is a table.
    pub background_writes_per_s: f64,
    /// What of the reads the calls make that bring events.
    pub event_reads_per_s: f64,
    /// What of the writes these calls make, in writes of one row: less for each event where many are written together,
    /// none where events pass the primary store by.
    pub event_writes_per_s: f64,
    /// Background jobs per second.
    pub jobs_per_s: f64,
    /// Append-only events per second taken in.
    pub events_per_s: f64,
    /// Bytes in the primary store, GB.
    pub data_gb: f64,
    /// The rates at the peak over those of the average.
    pub peak_factor: f64,
}

/// The disk that is bought, as a multiple of what lies there: two thirds full at the plan, so that an alert at three
/// quarters tells of more than was planned.
pub(crate) const DISK_ROOM: f64 = 1.5;

/// The options chosen and how much of everything there is.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The option of every decision.
    pub options: IndexMap<Id, Id>,
    /// The technology that fills a role. Keys: `language`, `framework`, `store`, `cache`, `broker`, `edge`,
    /// `compute`, `provider`, `search`, `analytics`, `object-store`, `identity`, `pooler`, `observability`.
    /// A role that is not filled has no key.
    pub technologies: BTreeMap<&'static str, Id>,
    /// Independently deployed processes of the product (workers aside).
    pub deployables: u32,
    /// Whether the store, cache and broker are run by somebody else.
    pub managed: bool,
    /// How much of everything there is.
    pub sizing: Horizons<Sizing>,
    /// What it is asked to carry.
    pub load: Horizons<Load>,
    /// Domain the blueprint is built from.
    pub domain: Id,
    /// Name of the system, for titles.
    pub name: String,
    /// Regions of the provider, the main one first; empty when nothing was said of a place.
    pub regions: Vec<String>,
    /// Whether rows that are only added are never dropped.
    pub keeps_all: bool,
    /// How many rows there are of entities whose number the brief states or assumes.
    pub counts: IndexMap<Id, Horizons<f64>>,
    /// How many events a call brings where the brief speaks of it; else as many as the domain assumes.
    pub events_per_call: Option<f64>,
}

impl Plan {
    /// The option chosen for a decision; empty when the decision does not arise.
    #[must_use]
    pub fn option(&self, decision: &str) -> &str {
        self.options.get(decision).map_or("", Id::as_str)
    }

    /// The sizing at a horizon.
    #[must_use]
    pub const fn sizing_at(&self, horizon: Horizon) -> &Sizing {
        self.sizing.at(horizon)
    }
}
