//! One replication: tasks go through the program of a network, event by event.

mod cache;
mod call;
mod calling;
mod copies;
mod event;
mod flow;
mod pool;
mod queue;
mod record;
mod serve;
mod slice;
mod source;
mod station;
mod task;
mod world;

use cache::CacheState;
use call::{Action, CallState, Lane};
use copies::{LinkState, ReplicasState};
use event::{Event, EventList};
use pool::{LimiterState, PoolState};
use queue::QueueState;
use source::{Picker, SourceState};
use station::StationState;
use task::{NONE, ROOT, Task, Tasks};
use world::ScalerState;

use crate::distribution::Sampler;
use crate::program::Program;
use crate::random::{Stream, stream};
use crate::watch::Watch;

pub(crate) use call::CallTally;
pub(crate) use copies::ReplicasTally;
pub(crate) use pool::PoolTally;
pub(crate) use queue::QueueTally;
pub(crate) use record::{Bin, OperationTally, RESOLUTION, Records, StationBin, histogram};
pub(crate) use slice::{SLICES, Slices};
pub(crate) use station::StationTally;

/// Requests and branches that may be on their way at the same time; beyond, new requests are turned away. It
/// bounds the memory of a queue that never drains.
const MOST_TASKS: u32 = 400_000;

/// How long a replication lasts and what it writes down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) until: f64,
    pub(crate) warm_up: f64,
    pub(crate) bins: usize,
    pub(crate) seed: u64,
    pub(crate) replication: u64,
}

/// A replication on its way.
pub(crate) struct Engine<'a> {
    program: &'a Program<'a>,
    now: f64,
    course: Course,
    events: EventList,
    tasks: Tasks,
    /// Tasks that can go on.
    ready: Vec<u32>,
    stations: Vec<StationState>,
    pools: Vec<PoolState>,
    calls: Vec<CallState>,
    lanes: Vec<Lane>,
    caches: Vec<CacheState>,
    limiters: Vec<LimiterState>,
    risks: Vec<f64>,
    /// With how much they are stretched, and whether they are spent in systems of others.
    delays: Vec<(&'a Sampler, f64, bool)>,
    queues: Vec<QueueState>,
    replicas: Vec<ReplicasState>,
    links: Vec<LinkState>,
    sources: Vec<SourceState>,
    pickers: Vec<Picker>,
    /// By operation: within how many seconds an answer is worth something.
    targets: Vec<f64>,
    scalers: Vec<ScalerState>,
    /// Next member of groups that take turns.
    turns: Vec<u32>,
    /// For choices and balance, for waiting times, for back-off, for keys.
    routing: Stream,
    waits: Stream,
    jitter: Stream,
    keys: Stream,
    records: Records,
    handled: u64,
    /// Bins that have ended.
    ticks: usize,
    /// Who follows it.
    watch: &'a Watch,
}

/// What a replication found.
pub(crate) struct Finished {
    pub(crate) records: Records,
    pub(crate) stations: Vec<StationTally>,
    pub(crate) pools: Vec<PoolTally>,
    pub(crate) calls: Vec<CallTally>,
    /// Hits, misses and shared fetches of each cache.
    pub(crate) caches: Vec<(u64, u64, u64)>,
    pub(crate) limited: Vec<u64>,
    pub(crate) queues: Vec<QueueTally>,
    pub(crate) replicas: Vec<ReplicasTally>,
    /// Events handled.
    pub(crate) events: u64,
    /// Seconds counted: without the warm-up.
    pub(crate) counted: f64,
    /// Requests and branches on their way at the end.
    pub(crate) unfinished: u64,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(program: &'a Program<'a>, course: Course, watch: &'a Watch) -> Self {
        let network = program.network;
        let random = |purpose: &str| stream(course.seed, course.replication, purpose);
        let named = |what: &str, name: &str, i: usize| random(&format!("{what} {name} {i}"));
        let mut engine = Self {
            program,
            now: 0.0,
            course,
            events: EventList::new(),
            tasks: Tasks::new(),
            ready: Vec::new(),
            stations: (network.stations.iter().enumerate())
                .map(|(i, s)| StationState::new(s, named("service", &s.name, i)))
                .collect(),
            pools: network.pools.iter().map(PoolState::new).collect(),
            calls: network.calls.iter().map(CallState::new).collect(),
            lanes: Vec::new(),
            caches: (network.caches.iter().enumerate())
                .map(|(i, c)| CacheState::new(c, &mut named("cache", &c.name, i)))
                .collect(),
            limiters: network.limiters.iter().map(LimiterState::new).collect(),
            risks: network.risks.clone(),
            delays: (program.delays.iter().enumerate())
                .map(|(i, d)| (d, 1.0, network.outside.contains(&i)))
                .collect(),
            queues: network.queues.iter().map(QueueState::new).collect(),
            replicas: network.replicas.iter().map(ReplicasState::new).collect(),
            links: network.links.iter().map(|l| LinkState::new(*l)).collect(),
            sources: (network.sources.iter().enumerate())
                .map(|(i, s)| SourceState::new(s, named("source", &network.operations[s.operation].name, i)))
                .collect(),
            pickers: network.operations.iter().map(|o| Picker::new(o.keys.as_ref())).collect(),
            targets: network.operations.iter().map(|o| o.target.unwrap_or(f64::INFINITY)).collect(),
            scalers: network.autoscalers.iter().map(ScalerState::new).collect(),
            turns: vec![0; program.groups.len()],
            routing: random("routing"),
            waits: random("waits"),
            jitter: random("back-off"),
            keys: random("keys"),
            records: Records::new(course.warm_up, course.until, course.bins, network),
            handled: 0,
            ticks: 0,
            watch,
        };
        engine.set_lanes();
        engine.schedule();
        engine
    }

    /// A lane for each length of a call's timers, and for messages out of sight.
    fn set_lanes(&mut self) {
        let mut lane = |length: Option<f64>, action| {
            length.map(|length| {
                self.lanes.push(Lane::new(length, action));
                (self.lanes.len() - 1) as u32
            })
        };
        for (state, call) in self.calls.iter_mut().zip(&self.program.network.calls) {
            state.timeout_lane = lane(call.timeout, Action::TimeOut);
            state.hedge_lane = lane(call.hedge_after, Action::Hedge);
        }
        for (state, queue) in self.queues.iter_mut().zip(&self.program.network.queues) {
            state.lane = lane(queue.visibility, Action::Redeliver);
        }
    }

    /// The first events.
    fn schedule(&mut self) {
        for (i, change) in self.program.network.changes.iter().enumerate() {
            self.events.push(change.at, Event::Change(i as u32));
        }
        for i in 0..self.sources.len() as u32 {
            self.open_source(i);
        }
        for (i, scaler) in self.program.network.autoscalers.iter().enumerate() {
            self.events.push(scaler.period, Event::Scale(i as u32));
        }
        if self.course.warm_up > 0.0 {
            self.events.push(self.course.warm_up, Event::Warm);
        }
        self.events.push(self.course.until / self.course.bins as f64, Event::Tick);
    }

    /// Runs to the end; nothing when it was stopped before.
    pub(crate) fn run(mut self) -> Option<Finished> {
        while let Some((time, event)) = self.events.pop() {
            if time > self.course.until {
                break;
            }
            self.now = time;
            self.handled += 1;
            match event {
                Event::Served(id) => self.served(id),
                Event::Resume(id) => self.resume(id),
                Event::Arrival(i) => self.arrive(i),
                Event::Shared(i) => self.shared_served(i as usize, time),
                Event::Interruptible(id) => self.interruptible_served(id, time),
                Event::Timer(i) => self.wake_lane(i as usize),
                Event::Change(i) => self.change(i as usize),
                Event::Awake(i) => self.awake(i as usize),
                Event::Scale(i) => self.scale(i as usize),
                Event::Started(i) => self.started(i as usize),
                Event::Tick if self.watch.is_stopped() => return None,
                Event::Tick => self.tick(),
                Event::Warm => self.warm(),
            }
            while let Some(id) = self.ready.pop() {
                self.advance(id);
            }
        }
        Some(self.finish())
    }

    fn finish(mut self) -> Finished {
        self.now = self.course.until;
        self.stations.iter_mut().for_each(|s| s.catch_up(self.now));
        self.pools.iter_mut().for_each(|p| p.catch_up(self.now));
        self.queues.iter_mut().for_each(|q| q.catch_up(self.now));
        Finished {
            records: self.records,
            stations: self.stations.into_iter().map(|s| s.tally).collect(),
            pools: self.pools.into_iter().map(|p| p.tally).collect(),
            calls: self.calls.into_iter().map(|c| c.tally).collect(),
            caches: self.caches.iter().map(|c| (c.hits, c.misses, c.shared)).collect(),
            limited: self.limiters.iter().map(|l| l.turned_away).collect(),
            queues: self.queues.into_iter().map(|q| q.tally).collect(),
            replicas: self.replicas.into_iter().map(|r| r.tally).collect(),
            events: self.handled,
            counted: self.course.until - self.course.warm_up,
            unfinished: u64::from(self.tasks.alive),
        }
    }

    /// A task of an operation that begins at an instruction.
    #[inline]
    fn spawn(&mut self, of: u32, pc: u32, parent: u32) -> u32 {
        let Task { start, deadline, operation, key, epoch, attempt, outside, .. } = self.tasks[of];
        self.tasks.add(Task {
            start,
            deadline,
            mark: 0.0,
            demand: 0.0,
            leaves: f64::INFINITY,
            pc,
            epoch: 0,
            parent,
            parent_epoch: epoch,
            next: NONE,
            key,
            operation,
            station: 0,
            outstanding: 0,
            needed: 0,
            attempt,
            part: 0,
            is_slow: false,
            outside,
        })
    }

    /// A request of a source.
    #[inline]
    fn request(&mut self, source: u32) {
        let operation = self.sources[source as usize].operation;
        self.records.offered(operation, self.now);
        if self.tasks.alive >= MOST_TASKS {
            self.records.failed(operation, self.now, crate::outcome::Cause::TooManyOpen);
            self.think(source);
            return;
        }
        let key = self.pickers[usize::from(operation)].pick(&mut self.keys);
        let id = self.tasks.add(Task {
            start: self.now,
            deadline: f64::INFINITY,
            mark: 0.0,
            demand: 0.0,
            leaves: f64::INFINITY,
            pc: self.program.entries[usize::from(operation)],
            epoch: 0,
            parent: ROOT,
            parent_epoch: source,
            next: NONE,
            key,
            operation,
            station: 0,
            outstanding: 0,
            needed: 0,
            attempt: 0,
            part: 0,
            is_slow: false,
            outside: 0.0,
        });
        self.advance(id);
    }

    fn open_source(&mut self, i: u32) {
        let source = &mut self.sources[i as usize];
        if let source::Kind::Closed { users, .. } = source.kind {
            for _ in 0..users {
                self.think(i);
            }
        } else if let Some(time) = source.next(0.0) {
            self.events.push(time, Event::Arrival(i));
        }
    }

    /// A request of a source comes, and the next one is planned.
    #[inline]
    fn arrive(&mut self, i: u32) {
        let source = &mut self.sources[i as usize];
        let batch = source.batch();
        if let Some(time) = source.next(self.now) {
            self.events.push(time.max(self.now), Event::Arrival(i));
        }
        for _ in 0..batch {
            self.request(i);
        }
    }

    /// A user of a source thinks about the next request.
    fn think(&mut self, source: u32) {
        if let Some(time) = self.sources[source as usize].think() {
            self.events.push(self.now + time, Event::Arrival(source));
        }
    }
}
