//! The evaluator: a candidate becomes sizes, a queueing network, money and people.
//!
//! Sizes are the smallest that keep every processor below the target utilisation at the peak of the horizon and
//! meet the latency target; the network is solved for the percentiles. All of it is arithmetic on tables
//! prepared beforehand, so that the whole design space is evaluated rather than sampled.

use loadcase_catalog::{DecisionSpec, DomainOperation, OptionSpec};
use loadcase_forecast::network::{Demand, Network};
use loadcase_model::{Horizon, Horizons, Input, Stance};

use crate::compose::written_together;
use crate::context::{Context, ROWS_OF_A_JOB, Values};
use crate::facts::{EdgeFacts, FactTables, PlatformFacts, RunFacts, SideFacts, StoreFacts};
use crate::plan::{DISK_ROOM, Load, Pool, Sizing, StoreLayout};
use crate::prepare::{Candidate, JOINT, Prepared, Seat};

/// A requirement that a candidate can miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Miss {
    /// The store cannot carry the load or the data.
    Store = 0,
    /// One key takes more writes than the store allows.
    HotKey,
    /// The response time target.
    Latency,
    /// The availability target.
    Availability,
    /// The bound on lost data.
    RecoveryPoint,
    /// The time to recover.
    RecoveryTime,
    /// The infrastructure budget.
    Budget,
    /// The broker cannot carry the messages.
    Broker,
    /// Nobody can run one of its parts there.
    Operation,
}

impl Miss {
    /// All of them, in order of their bit.
    pub const ALL: [Self; 9] = [
        Self::Store,
        Self::HotKey,
        Self::Latency,
        Self::Availability,
        Self::RecoveryPoint,
        Self::RecoveryTime,
        Self::Budget,
        Self::Broker,
        Self::Operation,
    ];

    const fn bit(self) -> u16 {
        1 << self as u8
    }

    /// What is missed, as a clause.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Store => "its store cannot carry the writes or the data",
            Self::HotKey => "one key takes more writes than a partition allows",
            Self::Latency => "it misses the response time target",
            Self::Availability => "it misses the availability target",
            Self::RecoveryPoint => "it may lose more data than allowed",
            Self::RecoveryTime => "it takes longer to recover than allowed",
            Self::Budget => "it costs more than the budget",
            Self::Broker => "its queue cannot carry the messages",
            Self::Operation => "one of its parts cannot be had there",
        }
    }
}

/// What an evaluation says of a candidate.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation {
    /// Requirements missed, as bits of [`Miss`].
    pub misses: u16,
    /// How far the missed numbers are off: the sum of the logarithms of value over bound. Zero when all are met.
    pub excess: f64,
    /// Engineers to build and run it.
    pub engineers: f64,
    /// Infrastructure each month in 24 months, USD.
    pub infra_usd: f64,
    /// Infrastructure each month today, USD.
    pub infra_now_usd: f64,
    /// People and infrastructure each month, mean of both horizons, USD: what candidates are ranked by.
    pub ownership_usd: f64,
    /// Moving parts that are not in production already.
    pub parts: f64,
    /// p99 of the requests somebody waits for, in 24 months, ms.
    pub p99_ms: f64,
    /// Share of time it answers.
    pub availability: f64,
    /// Data a failure may lose, s.
    pub recovery_point_s: f64,
    /// Time to recover, s.
    pub recovery_time_s: f64,
    /// Whether stores and brokers are run by somebody else.
    pub managed: bool,
}

impl Evaluation {
    /// Whether every requirement is met.
    #[must_use]
    pub const fn feasible(&self) -> bool {
        self.misses == 0
    }

    /// What is missed.
    pub fn missed(&self) -> impl Iterator<Item = Miss> + '_ {
        Miss::ALL.into_iter().filter(|m| self.misses & m.bit() != 0)
    }
}

/// Busy processors below which the smallest machine on offer, with two, is enough for everything on it.
const SMALL_BUSY: f64 = 0.25;

/// Traits of options that sizing asks for, looked up once.
#[derive(Clone, Debug)]
pub struct OptionTraits {
    scaling: Vec<ScalingTraits>,
    topology: Vec<TopologyTraits>,
    edge: Vec<bool>,
    log: Vec<bool>,
    table: Vec<bool>,
    cache: Vec<CacheKind>,
    parts: Vec<Vec<f64>>,
    /// Whether a technology of the option is in production already.
    in_use: Vec<Vec<bool>>,
}

#[derive(Clone, Copy, Debug)]
struct ScalingTraits {
    standby: bool,
    replicas: bool,
    areas: bool,
    shards: bool,
    by_provider: bool,
    spreads_hot_keys: bool,
    regions: bool,
    cells: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TopologyTraits {
    One,
    Several,
    Many,
    Functions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CacheKind {
    None,
    InProcess,
    Shared,
    Coalescing,
    Copies,
}

/// Everything that stays the same while candidates and inputs vary.
pub struct Evaluator<'a> {
    context: &'a Context<'a>,
    facts: FactTables,
    traits: OptionTraits,
    constants: Constants,
    /// Processor time relative to a typical interpreted framework.
    pub cpu_factor: f64,
    /// Part of the present bill that the stated numbers do not explain, in vCPU-months of the platform that
    /// explains least of it: it runs on every platform, at that platform's price.
    pub unexplained_vcpu: f64,
    /// Processor time of a request relative to the domain's mean, where its intake of events is counted apart.
    effort_apart: f64,
    /// Whether the primary store keeps the events, or an analytical one that comes with it, by its option.
    keeps_events: Vec<bool>,
    /// Rows that a request looks up to find out who calls.
    proof_reads: f64,
}

#[derive(Clone, Copy, Debug)]
struct Constants {
    utilisation: f64,
    per_part: f64,
    replica_reads: f64,
    shared_hit: f64,
    process_hit: f64,
    copies_hit: f64,
    edge_hit: f64,
    cacheable_reads: f64,
    job_effort: f64,
    job_writes: f64,
    event_effort: f64,
    events_per_poll: f64,
    hop_share: f64,
    hops: f64,
    backup_s: f64,
    restore_base_s: f64,
    restore_gb_per_s: f64,
    imbalance: f64,
    most_areas: f64,
    aggregate_factor: f64,
    services_per_engineer: f64,
    function_premium: f64,
    queue_calls: f64,
    working_set: f64,
    base_load: f64,
}

/// Services on one platform mostly fail together: a further one adds this share of the platform's downtime.
const SHARED_FATE: f64 = 0.25;
/// Promises of availability, which downtime is computed from, are not known more exactly than this factor: among
/// designs that all miss the target, a difference within it decides nothing.
const DOWNTIME_DOUBT: f64 = 2.0;
/// Up to this share of the writes that a store takes, its tables count as calm.
const CALM_SHARE: f64 = 0.05;
/// What of the care for a self-run part remains when there is no failover to build, watch and rehearse.
const WITHOUT_FAILOVER: f64 = 0.35;
const SECONDS_PER_MONTH: f64 = 2_628_000.0;
const SECONDS_PER_DAY: f64 = 86_400.0;
/// Days between the horizons.
const DAYS_TO_LATER: f64 = 730.0;
/// Sizes that machines come in.
const SIZES: [f64; 12] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0, 128.0, 192.0, 256.0];

impl<'a> Evaluator<'a> {
    /// Prepares the tables.
    #[must_use]
    pub fn new(context: &'a Context<'a>, decisions: &[&DecisionSpec], cpu_factor: f64) -> Self {
        Self {
            context,
            facts: FactTables::new(context, decisions),
            traits: OptionTraits::new(context, decisions),
            constants: Constants::new(context),
            cpu_factor,
            unexplained_vcpu: 0.0,
            effort_apart: context.effort_apart(),
            keeps_events: keeps_events(context, decisions),
            proof_reads: proof_reads(context),
        }
    }

    /// Evaluates a candidate at `values`.
    #[must_use]
    pub fn evaluate(&self, candidate: &Candidate, prepared: &Prepared, values: &Values) -> Evaluation {
        let platform = &self.facts.platforms[candidate[Seat::Deployment as usize] as usize];
        let both = [platform.offers_managed, platform.allows_own];
        let mut best: Option<Evaluation> = None;
        for (managed, possible) in [true, false].into_iter().zip(both) {
            if !possible {
                continue;
            }
            let evaluation = self.evaluate_as(candidate, prepared, values, managed);
            let better = best.as_ref().is_none_or(|b| {
                (evaluation.misses.count_ones(), evaluation.ownership_usd)
                    < (b.misses.count_ones(), b.ownership_usd)
            });
            if better {
                best = Some(evaluation);
            }
        }
        best.unwrap_or_else(|| self.evaluate_as(candidate, prepared, values, false))
    }

    fn evaluate_as(&self, c: &Candidate, prepared: &Prepared, values: &Values, managed: bool) -> Evaluation {
        let mut misses = 0;
        let (now, _) = self.size(c, values, Horizon::Now, &mut misses);
        let (later, p99_ms) = self.size(c, values, Horizon::Later, &mut misses);
        let infra_now_usd = self.cost(c, values, Horizon::Now, &now, managed);
        let infra_usd = self.cost(c, values, Horizon::Later, &later, managed);
        let (engineers, parts) = self.people(c, prepared, values, &later.0, managed);
        let (availability, recovery_point_s, recovery_time_s) = self.resilience(c, values, &later.0);
        let at = |input| values.get(input, Horizon::Later);
        let mut check = |missed: bool, miss: Miss| misses |= if missed { miss.bit() } else { 0 };
        check(availability < at(Input::Availability) - 1e-9, Miss::Availability);
        check(recovery_point_s > at(Input::RecoveryPointS) * 1.0001, Miss::RecoveryPoint);
        check(recovery_time_s > at(Input::RecoveryTimeS) * 1.0001, Miss::RecoveryTime);
        // What files cost rests on their assumed sizes and is the same whatever is chosen, but for the price at the
        // edge: it is compared with the rest, and told against the budget by the finished design, but rules nobody out.
        let edge = &self.facts.edges[c[Seat::Edge as usize] as usize];
        let chosen_usd = infra_usd - self.file_cost(values, Horizon::Later, edge);
        let chosen_now_usd = infra_now_usd - self.file_cost(values, Horizon::Now, edge);
        check(chosen_usd > at(Input::BudgetUsdMonth) * 1.0001, Miss::Budget);
        check(chosen_now_usd > values.get(Input::BudgetUsdMonth, Horizon::Now) * 1.0001, Miss::Budget);
        check(!engineers.is_finite(), Miss::Operation);
        let over = |value: f64, bound: f64| (value / bound.max(1e-9)).ln().clamp(0.0, 20.0);
        let excess = over(chosen_usd, at(Input::BudgetUsdMonth))
            + over(chosen_now_usd, values.get(Input::BudgetUsdMonth, Horizon::Now))
            + over(p99_ms, at(Input::LatencyP99Ms))
            + over((1.0 - availability) / DOWNTIME_DOUBT, 1.0 - at(Input::Availability));
        let people_usd = if engineers.is_finite() { engineers * at(Input::EngineerUsdMonth) } else { 1e9 };
        Evaluation {
            misses,
            excess: if misses == 0 { 0.0 } else { excess },
            engineers,
            infra_usd,
            infra_now_usd,
            ownership_usd: people_usd + 0.5 * (infra_now_usd + infra_usd),
            parts,
            p99_ms,
            availability,
            recovery_point_s,
            recovery_time_s,
            managed,
        }
    }

    /// The sizing of a candidate at a horizon, for the plan.
    #[must_use]
    pub fn sizing(&self, candidate: &Candidate, values: &Values) -> Horizons<(Sizing, Load)> {
        let mut misses = 0;
        Horizons {
            now: self.size(candidate, values, Horizon::Now, &mut misses).0,
            later: self.size(candidate, values, Horizon::Later, &mut misses).0,
        }
    }

    /// Deployables of the product, workers aside.
    #[must_use]
    pub fn deployables(&self, candidate: &Candidate, values: &Values) -> u32 {
        let modules = self.context.domain_data().map_or(5, |d| d.modules.len());
        match self.traits.topology[candidate[Seat::Topology as usize] as usize] {
            TopologyTraits::One => 1,
            TopologyTraits::Several => 3,
            TopologyTraits::Functions => count(modules as f64),
            TopologyTraits::Many => {
                let people =
                    values.get(Input::Engineers, Horizon::Now) * self.constants.services_per_engineer;
                let teams = values.get(Input::Teams, Horizon::Now);
                count(people.max(teams).max(modules as f64).min(4_000.0))
            }
        }
    }

    /// Load on the parts of a candidate.
    fn load(&self, c: &Candidate, values: &Values, h: Horizon) -> Load {
        let k = &self.constants;
        let at = |input| values.get(input, h);
        let edge = self.traits.edge[c[Seat::Edge as usize] as usize];
        let edge_hit = if edge { at(Input::EdgeCacheableShare).clamp(0.0, 1.0) * k.edge_hit } else { 0.0 };
        let requests = at(Input::PeakRps);
        let behind_edge = 1.0 - edge_hit;
        // Statements and writes that were stated are what reaches the database today, whatever stands before it.
        let stated = |input| self.context.is_given(input, h);
        let thinned = |input: Input| at(input) * if stated(input) { 1.0 } else { behind_edge };
        let messaging = c[Seat::Messaging as usize] as usize;
        let (events, calls) = self.context.taken_in(values, h);
        let intake = &self.context.mix.intake;
        let rows = at(Input::WritesPerS);
        let jobs = at(Input::JobsPerS);
        // Rows that were stated are written one by one, for all that is known.
        let (writes, event_writes, by_jobs) = if stated(Input::WritesPerS) {
            (rows, events.min(rows), 0.0)
        } else {
            let event_writes = events * self.event_weight(c) + calls * intake.other_writes;
            let of_requests = self.context.rows_of_requests(values, h) * self.context.mix.row_cost;
            let by_jobs = of_requests * self.context.mix.background_share + calls * intake.job_writes;
            (of_requests + calls * intake.job_writes + event_writes, event_writes, by_jobs)
        };
        let by_requests = thinned(Input::QueriesPerS);
        let event_reads = calls * intake.reads;
        // Statements for each request are those of the request itself, not of the jobs that it starts.
        let own_writes = (writes - event_writes - by_jobs).max(0.0);
        let statements = by_requests.max(own_writes);
        let write_share = if stated(Input::QueriesPerS) && !stated(Input::WritesPerS) {
            statements * (1.0 - self.context.read_share(values, h)) + (writes - own_writes).max(0.0)
        } else {
            writes
        };
        // Who calls is looked up before anything else, where a row says it.
        let proofs = requests * behind_edge * self.proof_reads;
        let reads = (statements - own_writes).max(0.0) + proofs + event_reads + calls * intake.job_reads;
        let table = self.traits.table[messaging];
        // A job in a table is written there; elsewhere only some note that they were done. What they change is counted
        // with the requests that start them.
        let of_a_job = if table { 1.0 } else { k.job_writes };
        let hops = match self.traits.topology[c[Seat::Topology as usize] as usize] {
            TopologyTraits::One | TopologyTraits::Functions => 0.0,
            TopologyTraits::Several => 0.3,
            TopologyTraits::Many => k.hops,
        };
        let cache_hit = match self.traits.cache[c[Seat::Cache as usize] as usize] {
            CacheKind::None => 0.0,
            CacheKind::InProcess => k.process_hit * k.cacheable_reads,
            CacheKind::Shared => k.shared_hit * k.cacheable_reads,
            CacheKind::Coalescing => 0.5 * k.cacheable_reads,
            CacheKind::Copies => k.copies_hit,
        };
        let kept = self.keeps_events[c[Seat::Store as usize] as usize];
        let passed_by = if kept || stated(Input::WritesPerS) { 0.0 } else { events };
        Load {
            rows_passed_by_per_s: passed_by,
            requests_per_s: requests,
            read_share: self.context.read_share(values, h),
            edge_hit,
            cache_hit,
            app_cpu_ms: at(Input::CpuMsPerRequest)
                * self.effort_apart
                * self.cpu_factor
                * (1.0 + k.hop_share * hops),
            reads_per_s: reads,
            writes_per_s: write_share + jobs * of_a_job,
            background_writes_per_s: by_jobs.min(write_share) + jobs * of_a_job,
            rows_written_per_s: if stated(Input::WritesPerS) {
                rows
            } else {
                let elsewhere = if table { 0.0 } else { jobs * ROWS_OF_A_JOB };
                (rows - elsewhere - passed_by).max(0.0)
            },
            event_reads_per_s: event_reads,
            event_writes_per_s: event_writes.min(write_share),
            jobs_per_s: jobs,
            events_per_s: events,
            data_gb: at(Input::DataGb),
            peak_factor: at(Input::PeakFactor).max(1.0),
        }
    }

    /// What an event costs the primary store, in usual writes: nothing where an analytical store takes it, less where
    /// a worker takes many from a log at once, else its part of the statement that writes those of one call.
    fn event_weight(&self, c: &Candidate) -> f64 {
        let k = &self.constants;
        let log = self.traits.log[c[Seat::Messaging as usize] as usize];
        if !self.keeps_events[c[Seat::Store as usize] as usize] {
            return 0.0;
        }
        let call = self.context.mix.intake.events;
        written_together(if log { call.max(k.events_per_poll) } else { call })
    }

    fn size(&self, c: &Candidate, values: &Values, h: Horizon, misses: &mut u16) -> ((Sizing, Load), f64) {
        let load = self.load(c, values, h);
        let platform = &self.facts.platforms[c[Seat::Deployment as usize] as usize];
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let mut sizing = Sizing {
            app: self.app_pool(&load, platform, values.get(Input::Availability, h), 1.0),
            workers: self.worker_pool(&load, platform),
            store: self.store_layout(c, &load, store, values, h, misses),
            ..Sizing::default()
        };
        self.size_sides(c, &load, platform, &mut sizing, misses);
        let target = values.get(Input::LatencyP99Ms, h);
        let mut p99 = self.p99(c, &load, &sizing);
        // More processors shorten the queue, not the work: a few tries tell whether they help.
        for growth in [1.5, 2.5] {
            if p99 <= target {
                break;
            }
            sizing.app = self.app_pool(&load, platform, values.get(Input::Availability, h), growth);
            p99 = self.p99(c, &load, &sizing);
        }
        *misses |= if p99 <= target { 0 } else { Miss::Latency.bit() };
        ((sizing, load), p99)
    }

    /// Processors of the application: enough to stay below the target utilisation, and one machine to spare
    /// where an outage of one must not be felt.
    fn app_pool(&self, load: &Load, platform: &PlatformFacts, availability: f64, growth: f64) -> Pool {
        let behind_edge = load.requests_per_s * (1.0 - load.edge_hit);
        let events = load.events_per_s * self.constants.event_effort;
        let busy = (behind_edge + events) * load.app_cpu_ms / 1_000.0;
        let spare = !platform.single_machine && availability > 0.99;
        self.pool(busy * growth, platform, spare)
    }

    fn worker_pool(&self, load: &Load, platform: &PlatformFacts) -> Pool {
        if load.jobs_per_s < 1e-3 {
            return Pool::default();
        }
        let busy = load.jobs_per_s * self.constants.job_effort * load.app_cpu_ms / 1_000.0;
        if platform.single_machine && busy < SMALL_BUSY {
            // A few jobs run beside the application on the one machine there is.
            return Pool::default();
        }
        self.pool(busy, platform, false)
    }

    /// The smallest pool for `busy` processors.
    fn pool(&self, busy: f64, platform: &PlatformFacts, spare: bool) -> Pool {
        let needed = busy / self.constants.utilisation;
        let least = if spare { 2.0 } else { 1.0 };
        // A machine of a quarter of the need keeps the loss of one bearable; whole machines come in larger sizes.
        let smallest = if platform.fixed_capacity {
            8.0
        } else if platform.single_machine {
            if busy < SMALL_BUSY { 2.0 } else { 4.0 }
        } else {
            1.0
        };
        let wish = if platform.single_machine { needed } else { needed / 4.0 };
        let vcpu = size_at_least(wish.max(smallest)).min(platform.largest_vcpu.max(1.0));
        let mut nodes = (needed / vcpu).ceil().max(least);
        if spare {
            nodes = nodes.max((busy / (0.85 * vcpu)).ceil() + 1.0);
        }
        Pool { nodes: count(nodes), vcpu, memory_gb: vcpu * platform.memory_gb_per_vcpu, storage_gb: 20.0 }
    }

    fn store_layout(
        &self,
        c: &Candidate,
        load: &Load,
        store: &StoreFacts,
        values: &Values,
        h: Horizon,
        misses: &mut u16,
    ) -> StoreLayout {
        let k = &self.constants;
        let scaling = self.traits.scaling[c[Seat::Scaling as usize] as usize];
        let hot = values.get(Input::HotKeyWritesPerS, h);
        if hot > store.max_key_writes_per_s && !scaling.spreads_hot_keys {
            *misses |= Miss::HotKey.bit();
        }
        if store.by_use {
            return StoreLayout {
                node: Pool { storage_gb: load.data_gb, ..Pool::default() },
                ..StoreLayout::default()
            };
        }
        let reads = load.reads_per_s * (1.0 - load.cache_hit);
        let read_cpu =
            store.cpu_ms_read * (1.0 + self.context.mix.aggregate_share * (k.aggregate_factor - 1.0));
        // In a ring of equal nodes every node answers reads: there are no replicas beside it.
        let replica_share = if scaling.replicas && store.least_nodes < 2.0 { k.replica_reads } else { 0.0 };
        let read_busy = reads * read_cpu / 1_000.0;
        let write_busy = load.writes_per_s * store.cpu_ms_write / 1_000.0;
        let largest = store.max_vcpu.max(1.0) * k.utilisation;
        // Replicas pay only when the primary would otherwise not hold.
        let alone = read_busy + write_busy <= largest.min(8.0 * k.utilisation);
        let share = if alone { 0.0 } else { replica_share };
        let primary_busy = write_busy + read_busy * (1.0 - share);
        // Bytes that nobody stated decide only where even archiving old rows would not help. Large tables hurt
        // where they change: with few writes, more of them can be kept.
        let stated = self.context.is_given(Input::DataGb, h) || self.context.holds("huge-data");
        let busy = load.writes_per_s > CALM_SHARE * store.max_writes_per_s;
        let largest_gb = if stated && busy { store.max_data_gb } else { store.most_data_gb };
        let ratio = (primary_busy / largest)
            .max(load.writes_per_s / store.max_writes_per_s)
            .max(load.data_gb / largest_gb.max(1.0));
        let primaries = self.primaries(ratio, scaling, store, h, misses);
        let uneven = if primaries > 1.0 { k.imbalance } else { 1.0 };
        let vcpu = size_at_least(primary_busy * uneven / primaries / k.utilisation)
            .min(size_at_least(store.max_vcpu));
        let replica_busy = read_busy * share / primaries;
        let replicas =
            if share > 0.0 { (replica_busy * uneven / (vcpu * k.utilisation)).ceil().max(1.0) } else { 0.0 };
        StoreLayout {
            primaries: count(primaries),
            node: Pool {
                nodes: 1,
                vcpu,
                memory_gb: vcpu * store.memory_gb_per_vcpu,
                storage_gb: (load.data_gb * DISK_ROOM / primaries).max(10.0),
            },
            standbys: u32::from(scaling.standby && store.least_nodes < 2.0),
            read_replicas: count0(replicas),
            replica_read_share: share,
            working_set_gb: 0.0,
            logical_shards: if scaling.shards && primaries > 1.0 { logical_shards(primaries) } else { 0 },
        }
    }

    /// Nodes that take writes, or the miss when one is not enough and no more may be used.
    fn primaries(
        &self,
        ratio: f64,
        scaling: ScalingTraits,
        store: &StoreFacts,
        h: Horizon,
        misses: &mut u16,
    ) -> f64 {
        let k = &self.constants;
        let spread = if ratio > 1.0 { (ratio * k.imbalance).ceil() } else { 1.0 };
        let wanted = spread.max(store.least_nodes);
        if scaling.shards || scaling.by_provider || scaling.regions {
            let least = if store.least_nodes > 1.0 { store.least_nodes } else { 2.0 };
            let regions = if scaling.regions { 2.0 } else { 1.0 };
            return wanted.max(least).max(if scaling.cells { 4.0 } else { 1.0 }).min(4_096.0) * regions;
        }
        if scaling.areas {
            if wanted > k.most_areas {
                *misses |= Miss::Store.bit();
            }
            // Areas part when one primary no longer carries them, not before.
            let least = if h == Horizon::Later { 2.0 } else { 1.0 };
            return wanted.clamp(least, k.most_areas);
        }
        if ratio > 1.0 {
            *misses |= Miss::Store.bit();
        }
        store.least_nodes
    }

    fn size_sides(
        &self,
        c: &Candidate,
        load: &Load,
        platform: &PlatformFacts,
        sizing: &mut Sizing,
        misses: &mut u16,
    ) {
        let k = &self.constants;
        let broker = &self.facts.brokers[c[Seat::Messaging as usize] as usize];
        let messages = load.jobs_per_s + load.events_per_s / self.context.mix.intake.events;
        if broker.present && broker.usd_per_million == 0.0 && broker.usd_month_fixed > 0.0 {
            let least = broker.least_nodes;
            let nodes = (messages / (broker.max_messages_per_s * k.utilisation)).ceil().max(least);
            // A pair keeps its queue in memory; from three on, nodes agree on a log that lies on disks.
            let (vcpu, memory_gb, storage_gb) =
                if least < 3.0 { (1.0, 2.0, 10.0) } else { (2.0, 8.0, 100.0) };
            sizing.broker = Pool { nodes: count(nodes), vcpu, memory_gb, storage_gb };
        } else if broker.present && load.jobs_per_s > broker.max_messages_per_s {
            *misses |= Miss::Broker.bit();
        }
        let kind = self.traits.cache[c[Seat::Cache as usize] as usize];
        if kind == CacheKind::Shared {
            let memory = (load.data_gb * k.working_set * 0.1).clamp(1.0, 2_000.0);
            let nodes = 2.0 * (memory / 64.0).ceil();
            sizing.cache =
                Pool { nodes: count(nodes), vcpu: 2.0, memory_gb: memory.min(64.0).ceil(), storage_gb: 0.0 };
        }
        let own_balancers = platform.allows_own && !platform.single_machine && !platform.offers_managed;
        sizing.balancers = if own_balancers { 2 } else { 0 };
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let many_processes = f64::from(sizing.app.nodes + sizing.workers.nodes) * sizing.app.vcpu > 32.0;
        sizing.poolers =
            if many_processes && !store.by_use && !store.embedded && store.least_nodes < 2.0 { 2 } else { 0 };
    }

    /// p99 over the requests somebody waits for and the edge does not answer, by the queueing network.
    fn p99(&self, c: &Candidate, load: &Load, sizing: &Sizing) -> f64 {
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let platform = &self.facts.platforms[c[Seat::Deployment as usize] as usize];
        let network = self.network(c, load, sizing, store, platform);
        network.solve().overall.p99_ms
    }

    /// Two classes, reads and writes, through application, cache, primary and replicas.
    fn network(
        &self,
        c: &Candidate,
        load: &Load,
        sizing: &Sizing,
        store: &StoreFacts,
        platform: &PlatformFacts,
    ) -> Network {
        let mut net = Network::new();
        let servers = |pool: &Pool| f64::from(pool.nodes.max(1)) * pool.vcpu.max(1.0);
        let app = net.add_station(servers(&sizing.app)).unwrap_or(0);
        let layout = &sizing.store;
        // One station stands for one primary: each takes its part of the statements.
        let primaries = f64::from(layout.primaries.max(1));
        let capacity = if store.by_use { 1e6 } else { layout.node.vcpu.max(1.0) * primaries };
        let primary = net.add_station(capacity).unwrap_or(0);
        let rate = load.requests_per_s * (1.0 - load.edge_hit);
        let read_rate = rate * load.read_share;
        let write_rate = (rate - read_rate).max(0.0);
        let per = |statements: f64, requests: f64| {
            if requests > 1e-9 { (statements / requests).min(1e4) } else { 0.0 }
        };
        let reads = (load.reads_per_s - load.event_reads_per_s).max(0.0) * (1.0 - load.cache_hit);
        let reads_each = per(reads, rate);
        let apart = load.background_writes_per_s + load.event_writes_per_s;
        let writes_each = per((load.writes_per_s - apart).max(0.0), write_rate.max(rate * 0.01));
        // Without a zone of its own the store is a call inside the machine.
        let network_ms = if store.embedded || platform.single_machine { 0.0 } else { platform.round_trip_ms };
        let hop = self.hop_ms(c, platform);
        let classes = [(read_rate, 0.0), (write_rate, writes_each)];
        for (class_rate, writes) in classes {
            let Some(class) = net.add_class(class_rate) else { continue };
            let cpu = Demand { cpu_ms: load.app_cpu_ms, wait_ms: hop, visits: 1.0, scv: 1.0, sync: true };
            net.set_demand(class, app, cpu);
            let statements = reads_each + writes;
            if statements > 0.0 {
                let read_cpu = store.cpu_ms_read * self.aggregate_weight();
                let cpu_ms = (reads_each * read_cpu + writes * store.cpu_ms_write) / statements;
                let wait_ms = (reads_each * store.wait_ms_read + writes * store.wait_ms_write) / statements
                    + network_ms;
                // Statements that a replica answers wait elsewhere, at the same or a lower utilisation.
                let visits = statements;
                net.set_demand(
                    class,
                    primary,
                    Demand { cpu_ms, wait_ms, visits, scv: store.scv, sync: true },
                );
            }
        }
        self.add_events(&mut net, [app, primary], load, store);
        if layout.replica_read_share > 0.0 {
            let nodes = 1.0 + f64::from(layout.read_replicas);
            net.set_servers(primary, layout.node.vcpu.max(1.0) * primaries * nodes);
        }
        net
    }

    /// Events keep the application and the primary busy, and nobody waits for their answer.
    fn add_events(&self, net: &mut Network, [app, primary]: [usize; 2], load: &Load, store: &StoreFacts) {
        if load.events_per_s <= 0.0 {
            return;
        }
        let Some(class) = net.add_class(load.events_per_s) else { return };
        net.set_interactive(class, false);
        let visit = |cpu_ms, visits, scv| Demand { cpu_ms, wait_ms: 0.0, visits, scv, sync: true };
        net.set_demand(class, app, visit(load.app_cpu_ms * self.constants.event_effort, 1.0, 1.0));
        let busy_ms =
            load.event_writes_per_s * store.cpu_ms_write + load.event_reads_per_s * store.cpu_ms_read;
        let statements = (load.event_writes_per_s + load.event_reads_per_s) / load.events_per_s;
        if statements > 0.0 {
            let each_ms = busy_ms / load.events_per_s / statements;
            net.set_demand(class, primary, visit(each_ms, statements, store.scv));
        }
    }

    fn aggregate_weight(&self) -> f64 {
        1.0 + self.context.mix.aggregate_share * (self.constants.aggregate_factor - 1.0)
    }

    /// Network time of further services on the path, ms.
    fn hop_ms(&self, c: &Candidate, platform: &PlatformFacts) -> f64 {
        match self.traits.topology[c[Seat::Topology as usize] as usize] {
            TopologyTraits::Many => self.constants.hops * (platform.round_trip_ms + 1.0),
            _ => 0.0,
        }
    }

    /// Monthly infrastructure, USD.
    fn cost(&self, c: &Candidate, values: &Values, h: Horizon, sized: &(Sizing, Load), managed: bool) -> f64 {
        let (sizing, load) = sized;
        let platform = &self.facts.platforms[c[Seat::Deployment as usize] as usize];
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let edge = &self.facts.edges[c[Seat::Edge as usize] as usize];
        let average = 1.0 / values.get(Input::PeakFactor, h).max(1.0);
        let vcpus = |pool: &Pool| f64::from(pool.nodes) * pool.vcpu;
        let deployables = f64::from(self.deployables(c, values));
        let busy = vcpus(&sizing.app) + vcpus(&sizing.workers);
        // Each further deployable needs two small processes of its own.
        let overhead = (deployables - 1.0).max(0.0) * 1.0;
        let compute = if platform.by_use {
            busy * self.constants.utilisation
                * average
                * platform.usd_month_vcpu
                * self.constants.function_premium
        } else {
            (busy + overhead + f64::from(sizing.balancers) * 2.0) * platform.usd_month_vcpu
        };
        let calls = load.requests_per_s * (1.0 - load.edge_hit) * average * SECONDS_PER_MONTH / 1e6;
        let by_call = if platform.by_use { calls * 0.2 } else { 0.0 };
        let egress_gb =
            load.requests_per_s * average * values.get(Input::ResponseKb, h) * SECONDS_PER_MONTH / 1e6;
        compute
            + by_call
            + platform.usd_month_fixed
            + if edge.present {
                edge.usd_per_gb.total(0.0, egress_gb)
            } else {
                egress_gb * platform.usd_per_gb_egress
            }
            + edge.usd_month_fixed
            + self.file_cost(values, h, edge)
            + self.store_cost(store, platform, sized, average, managed)
            + self.side_cost(c, sizing, load, platform, average, managed)
            + self.unexplained_vcpu * platform.usd_month_vcpu
    }

    /// Stored files and their way to whoever looks at them: most of the bill of a product that is about them.
    fn file_cost(&self, values: &Values, h: Horizon, edge: &EdgeFacts) -> f64 {
        let (mix, files) = (&self.context.mix, &self.facts.files);
        let average = |h| values.get(Input::PeakRps, h) / values.get(Input::PeakFactor, h).max(1.0);
        let added = |h, days: f64| average(h) * mix.files_kept * days * SECONDS_PER_DAY;
        let present = added(Horizon::Now, self.context.file_days());
        let half = DAYS_TO_LATER / 2.0;
        let kept = match h {
            Horizon::Now => present,
            Horizon::Later => present + added(Horizon::Now, half) + added(Horizon::Later, half),
        };
        let shown = average(h) * mix.files_shown * SECONDS_PER_MONTH;
        // Answers of the same month come first in a list of prices that fall with the volume.
        let answers_gb = average(h) * values.get(Input::ResponseKb, h) * SECONDS_PER_MONTH / 1e6;
        let price = if edge.present { &edge.usd_per_gb } else { &files.usd_per_gb_egress };
        kept * files.gb_each * files.usd_month_gb + price.total(answers_gb, shown * files.gb_shown)
    }

    fn store_cost(
        &self,
        store: &StoreFacts,
        platform: &PlatformFacts,
        (sizing, load): &(Sizing, Load),
        average: f64,
        managed: bool,
    ) -> f64 {
        let layout = &sizing.store;
        if store.by_use {
            let million = |rate: f64| rate * average * SECONDS_PER_MONTH / 1e6;
            return million(load.reads_per_s * (1.0 - load.cache_hit)) * store.usd_per_million_reads
                + million(load.writes_per_s) * store.usd_per_million_writes
                + load.data_gb * store.usd_month_gb;
        }
        let copies = f64::from(layout.primaries) * f64::from(1 + layout.standbys + layout.read_replicas);
        let own_gb = if platform.fixed_capacity { 0.02 } else { 0.1 };
        let per_gb = if managed { store.usd_month_gb } else { own_gb };
        let storage = copies * layout.node.storage_gb * per_gb;
        if store.embedded || platform.single_machine {
            return storage;
        }
        let per_vcpu =
            if managed { store.usd_month_vcpu.max(platform.usd_month_vcpu) } else { platform.usd_month_vcpu };
        let least = if platform.fixed_capacity { 8.0 } else { 1.0 };
        copies * layout.node.vcpu.max(least) * per_vcpu + storage
    }

    fn side_cost(
        &self,
        c: &Candidate,
        sizing: &Sizing,
        load: &Load,
        platform: &PlatformFacts,
        average: f64,
        managed: bool,
    ) -> f64 {
        let cache = &self.facts.caches[c[Seat::Cache as usize] as usize];
        let broker = &self.facts.brokers[c[Seat::Messaging as usize] as usize];
        let own = |pool: &Pool| f64::from(pool.nodes) * pool.vcpu * platform.usd_month_vcpu;
        let inside = platform.single_machine;
        let cache_usd = match (sizing.cache.nodes, managed, inside) {
            (0, ..) | (_, _, true) => 0.0,
            (nodes, true, _) => {
                cache.usd_month_fixed + f64::from(nodes) * sizing.cache.memory_gb * cache.usd_month_gb_memory
            }
            _ => own(&sizing.cache),
        };
        let messages = (load.jobs_per_s + load.events_per_s / self.context.mix.intake.events)
            * average
            * SECONDS_PER_MONTH
            / 1e6;
        let by_message = messages * self.constants.queue_calls * broker.usd_per_million;
        let broker_usd = match (sizing.broker.nodes, managed) {
            (0, _) => by_message,
            (nodes, true) => broker.usd_month_fixed * (f64::from(nodes) / broker.least_nodes).max(1.0),
            _ => own(&sizing.broker),
        };
        cache_usd + broker_usd
    }

    /// Engineers to build and run it, and the moving parts that are new.
    fn people(
        &self,
        c: &Candidate,
        prepared: &Prepared,
        values: &Values,
        sizing: &Sizing,
        managed: bool,
    ) -> (f64, f64) {
        let platform = &self.facts.platforms[c[Seat::Deployment as usize] as usize];
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let mut engineers = self.constants.base_load;
        let (mut parts, mut in_use) = (0.0, 0.0);
        for (seat, option) in c.iter().enumerate() {
            engineers += prepared.benches[seat].standings[*option as usize].engineers;
            let own = self.traits.parts[seat][*option as usize];
            parts += own;
            in_use += if self.traits.in_use[seat][*option as usize] { own } else { 0.0 };
        }
        for table in &prepared.pairs {
            engineers += table.engineers[c[table.of] as usize][c[table.with] as usize];
        }
        let alone = sizing.store.standbys == 0 && sizing.store.primaries <= 1;
        let own = |facts: &RunFacts| facts.own * if alone { WITHOUT_FAILOVER } else { 1.0 };
        let run = |facts: &RunFacts| if managed { facts.managed.min(own(facts)) } else { own(facts) };
        let deployables =
            f64::from(self.deployables(c, values)) + f64::from(u32::from(sizing.workers.nodes > 0)) * 0.3;
        let layout = &sizing.store;
        let store_nodes = f64::from(layout.primaries) * f64::from(1 + layout.standbys + layout.read_replicas);
        engineers += if store.embedded { 0.02 } else { run(&store.run) };
        for side in [
            &self.facts.caches[c[Seat::Cache as usize] as usize],
            &self.facts.brokers[c[Seat::Messaging as usize] as usize],
        ] {
            engineers += if side.present { run(&side.run) } else { 0.0 };
        }
        let own_nodes =
            f64::from(sizing.app.nodes + sizing.workers.nodes) + if managed { 0.0 } else { store_nodes };
        // Machines are cattle: the tenth costs less attention than the second.
        let node_load = platform.engineers_per_node * own_nodes.sqrt() * own_nodes.sqrt().min(6.0);
        let store_load = if store_nodes > 2.0 { 0.03 * store_nodes.sqrt() } else { 0.0 };
        engineers += platform.engineers + platform.engineers_per_deployable * (deployables - 1.0).max(0.0);
        engineers += node_load + store_load + self.constants.per_part * parts;
        (engineers, parts - in_use)
    }

    /// Availability, data a failure may lose (s), time to recover (s).
    fn resilience(&self, c: &Candidate, values: &Values, sizing: &Sizing) -> (f64, f64, f64) {
        let k = &self.constants;
        let platform = &self.facts.platforms[c[Seat::Deployment as usize] as usize];
        let store = &self.facts.stores[c[Seat::Store as usize] as usize];
        let scaling = self.traits.scaling[c[Seat::Scaling as usize] as usize];
        let edge = &self.facts.edges[c[Seat::Edge as usize] as usize];
        let redundant_app = sizing.app.nodes >= 2 && !platform.single_machine || platform.by_use;
        let app = if redundant_app { platform.availability_redundant } else { platform.availability_single };
        let redundant_store = scaling.standby || store.by_use || store.least_nodes > 1.0;
        let data = if store.embedded && platform.single_machine {
            1.0
        } else if redundant_store {
            store.availability_redundant
        } else {
            store.availability_single
        };
        // Every further service on the path must be up too.
        let hops = match self.traits.topology[c[Seat::Topology as usize] as usize] {
            TopologyTraits::Many => k.hops,
            _ => 0.0,
        };
        let availability = app.powf(1.0 + hops * SHARED_FATE) * data * edge.availability;
        if redundant_store {
            // Where the bound is tighter than the lag, the standby acknowledges before the client hears of it.
            let bound = values.get(Input::RecoveryPointS, Horizon::Later);
            let lost = if bound < store.lag_s { 0.0 } else { store.lag_s };
            (availability, lost, store.failover_s)
        } else {
            let restore =
                k.restore_base_s + values.get(Input::DataGb, Horizon::Later) / k.restore_gb_per_s.max(1e-3);
            (availability, k.backup_s, restore)
        }
    }

    /// Price of a vCPU on the platform of a candidate.
    #[must_use]
    pub fn platform_price(&self, c: &Candidate) -> f64 {
        self.facts.platforms[c[Seat::Deployment as usize] as usize].usd_month_vcpu
    }

    /// Facts of the store option of a candidate.
    #[must_use]
    pub fn store_facts(&self, c: &Candidate) -> &StoreFacts {
        &self.facts.stores[c[Seat::Store as usize] as usize]
    }

    /// Facts of the cache option of a candidate.
    #[must_use]
    pub fn cache_facts(&self, c: &Candidate) -> &SideFacts {
        &self.facts.caches[c[Seat::Cache as usize] as usize]
    }
}

impl OptionTraits {
    fn new(context: &Context, decisions: &[&DecisionSpec]) -> Self {
        let in_use =
            |o: &OptionSpec| o.technologies.iter().any(|t| context.brief.names(t.as_str(), Stance::Existing));
        let options = |seat: Seat| decisions.get(seat as usize).map_or(&[][..], |d| &d.options[..]);
        let scaling = options(Seat::Scaling).iter().map(|o| ScalingTraits {
            standby: o.has("standby"),
            replicas: o.has("read-replicas"),
            areas: o.has("splits-by-area"),
            shards: o.has("shards"),
            by_provider: o.has("provider-partitions"),
            spreads_hot_keys: o.has("spreads-hot-keys"),
            regions: o.has("many-writable-regions"),
            cells: o.has("whole-stack-copies"),
        });
        let topology = options(Seat::Topology).iter().map(|o| {
            if o.has("functions") {
                TopologyTraits::Functions
            } else if o.has("many-deployables") {
                TopologyTraits::Many
            } else if o.has("several-deployables") {
                TopologyTraits::Several
            } else {
                TopologyTraits::One
            }
        });
        let cache = options(Seat::Cache).iter().map(|o| {
            if o.has("copies-locally") {
                CacheKind::Copies
            } else if o.has("coalesces") {
                CacheKind::Coalescing
            } else if o.has("caches-shared") {
                CacheKind::Shared
            } else if o.has("caches-in-process") {
                CacheKind::InProcess
            } else {
                CacheKind::None
            }
        });
        Self {
            scaling: scaling.collect(),
            topology: topology.collect(),
            edge: options(Seat::Edge).iter().map(|o| o.has("caches-at-edge")).collect(),
            log: options(Seat::Messaging).iter().map(|o| o.has("replay")).collect(),
            table: options(Seat::Messaging).iter().map(|o| o.has("jobs-in-primary")).collect(),
            cache: cache.collect(),
            in_use: decisions.iter().map(|d| d.options.iter().map(in_use).collect()).collect(),
            parts: decisions.iter().map(|d| d.options.iter().map(|o| o.parts).collect()).collect(),
        }
    }
}

impl Constants {
    fn new(context: &Context) -> Self {
        let plan = |id: &str| context.catalog.lexicon.plan(id);
        Self {
            utilisation: plan("target-utilisation").clamp(0.1, 0.95),
            per_part: plan("per-part"),
            replica_reads: plan("replica-read-share"),
            shared_hit: plan("shared-cache-hit"),
            process_hit: plan("in-process-cache-hit"),
            copies_hit: plan("local-copy-hit").clamp(0.0, 1.0),
            edge_hit: plan("edge-hit"),
            cacheable_reads: plan("cacheable-read-share"),
            job_effort: plan("job-effort"),
            job_writes: plan("job-writes"),
            event_effort: context.event_effort(),
            events_per_poll: plan("events-per-poll"),
            hop_share: plan("hop-cpu-share"),
            hops: plan("hops"),
            backup_s: plan("backup-interval-s"),
            restore_base_s: plan("restore-base-s"),
            restore_gb_per_s: plan("restore-gb-per-s"),
            imbalance: plan("shard-imbalance").max(1.0),
            most_areas: plan("most-areas").max(2.0),
            aggregate_factor: plan("aggregate-cpu-factor").max(1.0),
            services_per_engineer: plan("services-per-engineer"),
            function_premium: plan("function-vcpu-premium").max(1.0),
            queue_calls: plan("managed-queue-request-share"),
            working_set: plan("working-set-share"),
            base_load: plan("base-load"),
        }
    }
}

/// Rows that a request of the domain looks up to find out who calls, with the way to sign in that will be chosen.
fn proof_reads(context: &Context) -> f64 {
    let Some((domain, decision)) = context.domain_data().zip(context.catalog.decision("authentication"))
    else {
        return 0.0;
    };
    let bench = crate::prepare::bench(context, decision, &context.base, &|_, _| false);
    let option = crate::settle::pinned_option(context, decision)
        .unwrap_or_else(|| crate::settle::choose(context, decision, &bench));
    let looked_up = |o: &DomainOperation| -> f64 {
        domain.proof(o, |name| decision.options[option].has(name)).iter().map(|a| a.rows).sum()
    };
    let all: f64 = domain.operations.values().map(|o| o.share.max(0.0)).sum();
    domain.operations.values().map(|o| o.share.max(0.0) * looked_up(o)).sum::<f64>() / all.max(1e-9)
}

/// Whether the events stay in the primary store, for each of its options: no store is chosen for aggregates then that
/// would take them.
fn keeps_events(context: &Context, decisions: &[&DecisionSpec]) -> Vec<bool> {
    let stores = decisions.get(Seat::Store as usize).map_or(&[][..], |d| &d.options[..]);
    let Some(analytics) = context.catalog.decision("analytics-store") else {
        return vec![true; stores.len()];
    };
    let kept = |store: &OptionSpec| {
        let chosen = |d: &str, o: &str| d == JOINT[Seat::Store as usize] && store.id == *o;
        let bench = crate::prepare::bench(context, analytics, &context.base, &chosen);
        let option = crate::settle::pinned_option(context, analytics)
            .unwrap_or_else(|| crate::settle::choose(context, analytics, &bench));
        analytics.options[option].technologies.is_empty()
    };
    stores.iter().map(kept).collect()
}

/// The smallest machine size of at least `vcpu`; beyond the largest size, the number itself.
pub(crate) fn size_at_least(vcpu: f64) -> f64 {
    SIZES.into_iter().find(|s| *s >= vcpu - 1e-9).unwrap_or_else(|| vcpu.ceil())
}

/// A count of at least one.
fn count(value: f64) -> u32 {
    count0(value).max(1)
}

/// A count; absurd values end at a million.
fn count0(value: f64) -> u32 {
    if value.is_nan() { 0 } else { value.clamp(0.0, 1e6) as u32 }
}

/// Logical shards: many more than primaries, so that whole shards move when primaries are added.
fn logical_shards(primaries: f64) -> u32 {
    count(primaries * 64.0).next_power_of_two().min(65_536)
}
