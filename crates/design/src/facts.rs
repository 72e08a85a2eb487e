//! The catalog's numbers about stores, platforms, caches and brokers, gathered once for ranking.

use loadcase_catalog::{Catalog, DecisionSpec, OptionSpec, Technology};
use loadcase_model::Id;

use crate::context::Context;
use crate::prepare::Seat;

/// What sizing needs to know of a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreFacts {
    /// Processor time of a read, ms.
    pub cpu_ms_read: f64,
    /// Processor time of a write, ms.
    pub cpu_ms_write: f64,
    /// Rest of the time of a read, ms.
    pub wait_ms_read: f64,
    /// Rest of the time of a write, ms.
    pub wait_ms_write: f64,
    /// Squared coefficient of variation of the service time.
    pub scv: f64,
    /// Largest node.
    pub max_vcpu: f64,
    /// Data one node handles, GB.
    pub max_data_gb: f64,
    /// Data one node handles at most, when old rows are partitioned by time and archived, GB.
    pub most_data_gb: f64,
    /// Writes per second one primary takes.
    pub max_writes_per_s: f64,
    /// Writes per second one key takes.
    pub max_key_writes_per_s: f64,
    /// Memory for one vCPU, GB.
    pub memory_gb_per_vcpu: f64,
    /// Managed price of a vCPU.
    pub usd_month_vcpu: f64,
    /// Managed price of a stored gigabyte.
    pub usd_month_gb: f64,
    /// Price of a million reads, when paid by use.
    pub usd_per_million_reads: f64,
    /// Price of a million writes, when paid by use.
    pub usd_per_million_writes: f64,
    /// Availability of one node.
    pub availability_single: f64,
    /// Availability with a standby.
    pub availability_redundant: f64,
    /// Time until a standby answers, s.
    pub failover_s: f64,
    /// Data a failover may lose, s.
    pub lag_s: f64,
    /// Operating load.
    pub run: RunFacts,
    /// Runs inside the process.
    pub embedded: bool,
    /// Is paid by use, not by node.
    pub by_use: bool,
    /// Fewest nodes it is run with.
    pub least_nodes: f64,
}

/// Who can run a technology, and how many people that takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunFacts {
    /// Engineers when somebody else hosts it; infinite when nobody does.
    pub managed: f64,
    /// Engineers on machines of one's own; infinite when it cannot be had.
    pub own: f64,
}

/// What sizing needs to know of a platform.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlatformFacts {
    /// Price of a vCPU with its memory.
    pub usd_month_vcpu: f64,
    /// Price whatever the use.
    pub usd_month_fixed: f64,
    /// Price of a gigabyte sent out.
    pub usd_per_gb_egress: f64,
    /// Memory of one vCPU, GB.
    pub memory_gb_per_vcpu: f64,
    /// Largest machine.
    pub largest_vcpu: f64,
    /// Engineers for the platform.
    pub engineers: f64,
    /// Engineers for each further deployable.
    pub engineers_per_deployable: f64,
    /// Engineers for each further machine.
    pub engineers_per_node: f64,
    /// Availability of one machine.
    pub availability_single: f64,
    /// Availability of several.
    pub availability_redundant: f64,
    /// Round trip inside, ms.
    pub round_trip_ms: f64,
    /// Stores and brokers can be had as a service.
    pub offers_managed: bool,
    /// Stores and brokers can be run on it.
    pub allows_own: bool,
    /// Everything is on one machine.
    pub single_machine: bool,
    /// Machines are bought whole.
    pub fixed_capacity: bool,
    /// Paid by use.
    pub by_use: bool,
}

/// What sizing needs to know of a cache or broker.
#[derive(Clone, Copy, Debug, Default)]
pub struct SideFacts {
    /// Whether there is one at all.
    pub present: bool,
    /// Processor time of an operation, ms.
    pub cpu_ms_op: f64,
    /// Rest of the time of an operation, ms.
    pub wait_ms_op: f64,
    /// Messages per second of one node.
    pub max_messages_per_s: f64,
    /// Fewest nodes of a set-up that survives the loss of one.
    pub least_nodes: f64,
    /// Price whatever the use.
    pub usd_month_fixed: f64,
    /// Price of a gigabyte of memory.
    pub usd_month_gb_memory: f64,
    /// Price of a million operations.
    pub usd_per_million: f64,
    /// Availability.
    pub availability: f64,
    /// Operating load.
    pub run: RunFacts,
}

/// A price of traffic that may fall with the volume of a month.
#[derive(Clone, Debug, Default)]
pub struct VolumePrice {
    first: f64,
    tiers: Option<loadcase_catalog::Tiers>,
}

impl VolumePrice {
    fn of(technology: &Technology) -> Self {
        const NAME: &str = "usd-per-gb-egress";
        Self { first: number(technology, NAME, 0.0), tiers: technology.tiers.get(NAME).cloned() }
    }

    /// What gigabytes cost on top of those before them in the same month, USD.
    #[must_use]
    pub fn total(&self, before: f64, gb: f64) -> f64 {
        self.tiers.as_ref().map_or(gb * self.first, |t| t.total(before, gb))
    }
}

/// What sizing needs to know of an edge cache.
#[derive(Clone, Debug)]
pub struct EdgeFacts {
    /// Whether there is one at all.
    pub present: bool,
    /// Price of a gigabyte sent from the edge.
    pub usd_per_gb: VolumePrice,
    /// Price whatever the use.
    pub usd_month_fixed: f64,
    /// Availability; one where there is no edge.
    pub availability: f64,
}

/// What stored files cost.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Price of a stored gigabyte.
    pub usd_month_gb: f64,
    /// Price of a gigabyte that leaves the store itself.
    pub usd_per_gb_egress: VolumePrice,
    /// Size of a file, GB.
    pub gb_each: f64,
    /// What is sent when one is shown, GB, without what browsers and apps hold already.
    pub gb_shown: f64,
}

impl FileFacts {
    /// The facts of the store of files that the brief leads to; nothing where none is kept.
    fn new(context: &Context) -> Self {
        if context.mix.files_kept <= 0.0 && context.mix.files_shown <= 0.0 {
            return Self::default();
        }
        let Some(decision) = context.catalog.decision("files") else { return Self::default() };
        let bench =
            crate::settle::standings(context, decision, &context.base, &crate::settle::Options::new(), false);
        let option = decision.options.get(crate::settle::choose(context, decision, &bench));
        let Some(t) = option.and_then(|o| technology(context.catalog, o.technologies.first())) else {
            return Self::default();
        };
        let plan = |id: &str| context.catalog.lexicon.plan(id);
        Self {
            usd_month_gb: number(t, "usd-month-gb-storage", 0.023),
            usd_per_gb_egress: VolumePrice::of(t),
            gb_each: plan("file-kb") / 1e6,
            gb_shown: plan("shown-file-kb") * (1.0 - plan("client-file-hit").clamp(0.0, 1.0)) / 1e6,
        }
    }
}

/// Facts of every option of the joint decisions.
#[derive(Clone, Debug)]
pub struct FactTables {
    /// By store option.
    pub stores: Vec<StoreFacts>,
    /// By platform option.
    pub platforms: Vec<PlatformFacts>,
    /// By edge cache option.
    pub edges: Vec<EdgeFacts>,
    /// By data cache option.
    pub caches: Vec<SideFacts>,
    /// By messaging option.
    pub brokers: Vec<SideFacts>,
    /// Of stored files, whatever is chosen.
    pub files: FileFacts,
}

/// A number of a technology, or what to use where the catalog has none.
fn number(technology: &Technology, name: &str, otherwise: f64) -> f64 {
    technology.fact(name).map_or(otherwise, |f| f.value)
}

fn run_facts(technology: &Technology) -> RunFacts {
    let managed = technology.fact("engineers-managed").map(|f| f.value);
    let own = technology.fact("engineers-self").map(|f| f.value);
    let managed_only = technology.has("managed-only");
    RunFacts {
        managed: managed.unwrap_or(f64::INFINITY),
        own: if managed_only { f64::INFINITY } else { own.unwrap_or(f64::INFINITY) },
    }
}

fn technology<'a>(catalog: &'a Catalog, id: Option<&Id>) -> Option<&'a Technology> {
    id.and_then(|id| catalog.technologies.get(id))
}

fn store(option: &OptionSpec, t: &Technology) -> StoreFacts {
    let redundant = number(t, "availability-redundant", 0.9995);
    StoreFacts {
        cpu_ms_read: number(t, "cpu-ms-read", 0.15),
        cpu_ms_write: number(t, "cpu-ms-write", 1.0),
        wait_ms_read: number(t, "wait-ms-read", 0.5),
        wait_ms_write: number(t, "wait-ms-write", 2.0),
        scv: number(t, "scv", 1.5),
        max_vcpu: number(t, "max-vcpu", 64.0),
        max_data_gb: number(t, "max-data-gb", 4_000.0),
        most_data_gb: t.fact("max-data-gb").map_or(8_000.0, |f| f.high.unwrap_or(f.value)),
        max_writes_per_s: number(t, "max-writes-per-s", f64::INFINITY),
        max_key_writes_per_s: number(t, "max-key-writes-per-s", f64::INFINITY),
        memory_gb_per_vcpu: number(t, "memory-gb-per-vcpu", 8.0),
        usd_month_vcpu: number(t, "usd-month-vcpu", 0.0),
        usd_month_gb: number(t, "usd-month-gb-storage", 0.12),
        usd_per_million_reads: number(t, "usd-per-million-requests", 0.0),
        usd_per_million_writes: number(t, "usd-per-million-writes", 0.0),
        availability_single: number(t, "availability-single", 0.995).min(redundant),
        availability_redundant: redundant,
        failover_s: number(t, "failover-s", 60.0),
        lag_s: number(t, "replication-lag-s", 1.0),
        run: run_facts(t),
        embedded: t.has("embedded"),
        by_use: t.has("serverless-billing") && t.fact("usd-per-million-writes").is_some(),
        least_nodes: if option.has("node-ring") { 3.0 } else { 1.0 },
    }
}

fn platform(context: &Context, option: &OptionSpec, t: &Technology) -> PlatformFacts {
    let by_use = option.has("scales-to-zero");
    let self_operated = option.has("self-operated");
    let fixed = option.has("fixed-capacity");
    let single = option.has("single-machine");
    PlatformFacts {
        usd_month_vcpu: number(t, "usd-month-vcpu", 35.0),
        usd_month_fixed: number(t, "usd-month-fixed", 0.0),
        usd_per_gb_egress: if fixed || single {
            0.0
        } else {
            context.catalog.lexicon.plan("usd-per-gb-egress")
        },
        memory_gb_per_vcpu: number(t, "memory-gb-per-vcpu", 4.0),
        largest_vcpu: number(t, "largest-node-vcpu", 32.0),
        engineers: number(t, if self_operated { "engineers-self" } else { "engineers-managed" }, 0.1),
        engineers_per_deployable: number(t, "engineers-per-deployable", 0.08),
        engineers_per_node: number(t, "engineers-per-node", 0.005),
        availability_single: number(t, "availability-single", 0.995),
        availability_redundant: number(t, "availability-redundant", 0.9999),
        round_trip_ms: number(t, "round-trip-ms", 0.5),
        offers_managed: !fixed && !single,
        allows_own: self_operated || option.has("orchestrator"),
        single_machine: single,
        fixed_capacity: fixed,
        by_use,
    }
}

fn side(t: &Technology) -> SideFacts {
    let capacity = number(t, "max-messages-per-s", f64::INFINITY);
    SideFacts {
        present: true,
        cpu_ms_op: number(t, "cpu-ms-op", 0.02),
        wait_ms_op: number(t, "wait-ms-op", 0.5),
        max_messages_per_s: if capacity > 0.0 { capacity } else { f64::INFINITY },
        least_nodes: number(t, "min-nodes", 3.0).max(1.0),
        usd_month_fixed: number(t, "usd-month-fixed", 0.0),
        usd_month_gb_memory: number(t, "usd-month-gb-memory", 0.0),
        usd_per_million: number(t, "usd-per-million-requests", 0.0),
        availability: number(t, "availability-redundant", 0.9995),
        run: run_facts(t),
    }
}

impl FactTables {
    /// Gathers the facts of every option of the joint decisions.
    #[must_use]
    pub fn new(context: &Context, decisions: &[&DecisionSpec]) -> Self {
        let catalog = context.catalog;
        let options = |seat: Seat| decisions.get(seat as usize).map_or(&[][..], |d| &d.options[..]);
        let first = |o: &OptionSpec| o.technologies.first().cloned();
        let sides = |seat: Seat| {
            options(seat)
                .iter()
                .map(|o| technology(catalog, first(o).as_ref()).map_or_else(SideFacts::default, side))
        };
        Self {
            stores: options(Seat::Store)
                .iter()
                .map(|o| {
                    technology(catalog, first(o).as_ref()).map_or_else(StoreFacts::default, |t| store(o, t))
                })
                .collect(),
            platforms: options(Seat::Deployment)
                .iter()
                .map(|o| {
                    let t = technology(catalog, first(o).as_ref());
                    t.map_or_else(PlatformFacts::default, |t| platform(context, o, t))
                })
                .collect(),
            edges: options(Seat::Edge)
                .iter()
                .map(|o| {
                    let t = technology(catalog, first(o).as_ref());
                    let fact = |name, otherwise| t.map_or(otherwise, |t| number(t, name, otherwise));
                    EdgeFacts {
                        present: t.is_some(),
                        usd_per_gb: t.map_or_else(VolumePrice::default, VolumePrice::of),
                        usd_month_fixed: fact("usd-month-fixed", 0.0),
                        availability: fact("availability-redundant", 1.0),
                    }
                })
                .collect(),
            caches: sides(Seat::Cache).collect(),
            brokers: sides(Seat::Messaging).collect(),
            files: FileFacts::new(context),
        }
    }
}
