//! A network made ready to run: steps as one flat list of instructions, distributions as samplers.

use crate::distribution::{Distribution, Sampler};
use crate::network::{Arrivals, Balance, Keys, Network, Step};
use crate::parts::{Queue, Replicas};

/// Why a network cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A step, source or change names a part that is not there.
    #[error("{what} {index} is named, but there are only {count}")]
    NoSuchPart {
        /// The kind of part.
        what: &'static str,
        /// The index that was named.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A number that nothing can be computed with.
    #[error("{0} is negative, infinite or no number")]
    BadNumber(String),
    /// More than the engine has room for.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// Steps within steps beyond what is sensible.
    #[error("steps are nested more than {MOST_NESTED} deep")]
    TooDeep,
}

/// Deepest nesting of steps.
const MOST_NESTED: usize = 60;
/// Most instructions of a network.
const MOST_INSTRUCTIONS: usize = 1 << 20;
/// Most parts of one kind.
const MOST_PARTS: usize = 1 << 15;
/// Most consumers of a queue, and messages that one takes at once.
const MOST_CONSUMERS: u32 = 10_000;
/// Most branches of a fork.
const MOST_BRANCHES: usize = 1 << 12;

/// One instruction. `next` is where the task goes on afterwards; otherwise it goes on with the one below.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Queue and be served.
    Visit { station: u16, sampler: u16 },
    /// Pick a station of a group, queue and be served.
    Balanced { group: u16, sampler: u16 },
    /// Let time pass.
    Wait { sampler: u16 },
    /// Let time pass, as long as the delay takes now.
    Delay { delay: u16 },
    /// Start the branches listed from `first`.
    Fork { first: u32, branches: u16, need: u16, next: u32 },
    /// Go where chance says: options listed from `first`.
    Choose { first: u32, options: u16, next: u32 },
    /// Go back with a probability, else go on.
    Again { chance: u32, back: u32 },
    /// Go there.
    Jump { to: u32 },
    /// Start a task of its own below, go on at `next`.
    Detach { next: u32 },
    /// Start an attempt below; go on at `next` with its result.
    Call { call: u16, next: u32 },
    /// Take one of a pool, or wait for it.
    Acquire { pool: u16 },
    /// Give it back.
    Release { pool: u16 },
    /// On a hit, go to `hit`.
    Lookup { cache: u16, hit: u32 },
    /// Put the key into the cache.
    Fill { cache: u16 },
    /// Take a token or fail.
    Admit { limiter: u16 },
    /// Go on with the probability of a risk, else go to `skip`.
    Sometimes { risk: u16, skip: u32 },
    /// Fail with the probability of a risk.
    Risk { risk: u16 },
    /// Start a task for a message below, go on at `next`.
    Publish { queue: u16, next: u32 },
    /// A message waits here for each of its deliveries, which begin below; once one is finished it goes on at `next`.
    Message { queue: u16, next: u32 },
    /// The consumer is free again.
    Consumed { queue: u16 },
    /// Note a write and send it to the copies.
    Commit { set: u16 },
    /// A write has come through at a copy.
    Apply { set: u16, copy: u16 },
    /// Pick a copy, queue and be served.
    Read { set: u16, sampler: u16 },
    /// Note whether what was read was stale.
    Seen { set: u16 },
    /// Go on, fail or wait, as the link is.
    Link { link: u16 },
    /// The task is done.
    End,
}

/// Stations that share work.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) stations: Box<[u16]>,
    pub(crate) balance: Balance,
}

/// What a task must give back when it fails at an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Pool(u16),
    /// The only fetch of a key that others wait for.
    Fetch(u16),
    /// A consumer of a queue.
    Consumer(u16),
}

/// A compiled network.
pub(crate) struct Program<'a> {
    pub(crate) network: &'a Network,
    pub(crate) code: Vec<Op>,
    /// For each instruction, where its list in `held` begins and ends.
    pub(crate) held_at: Vec<(u32, u32)>,
    pub(crate) held: Vec<Held>,
    /// Where branches of forks begin; where options of choices begin, with the probability of all up to there.
    pub(crate) branches: Vec<u32>,
    pub(crate) options: Vec<(f64, u32)>,
    pub(crate) samplers: Vec<Sampler>,
    pub(crate) delays: Vec<Sampler>,
    pub(crate) patience: Vec<Option<Sampler>>,
    pub(crate) groups: Vec<Group>,
    pub(crate) chances: Vec<f64>,
    /// Where each operation begins.
    pub(crate) entries: Vec<u32>,
    /// Where a write begins its way to each copy, by replicas.
    pub(crate) copies: Vec<Vec<u32>>,
}

impl<'a> Program<'a> {
    /// Compiles and checks a network.
    pub(crate) fn new(network: &'a Network) -> Result<Self, NetworkError> {
        check_parts(network)?;
        let mut program = Self {
            network,
            code: Vec::new(),
            held_at: Vec::new(),
            held: Vec::new(),
            branches: Vec::new(),
            options: Vec::new(),
            samplers: Vec::new(),
            delays: network.delays.iter().map(Sampler::new).collect(),
            patience: network.stations.iter().map(|s| s.patience.as_ref().map(Sampler::new)).collect(),
            groups: Vec::new(),
            chances: Vec::new(),
            entries: Vec::new(),
            copies: Vec::new(),
        };
        for operation in &network.operations {
            program.entries.push(program.code.len() as u32);
            program.body(&operation.steps, 0)?;
        }
        for (set, replicas) in network.replicas.iter().enumerate() {
            let ways: Result<Vec<u32>, NetworkError> =
                (0..replicas.copies.len()).map(|copy| program.way(replicas, set as u16, copy)).collect();
            program.copies.push(ways?);
        }
        Ok(program)
    }

    /// The way of a write to a copy.
    fn way(&mut self, replicas: &Replicas, set: u16, copy: usize) -> Result<u32, NetworkError> {
        let start = self.code.len() as u32;
        let sampler = self.sampler(&replicas.delay)?;
        self.emit(Op::Wait { sampler }, &[])?;
        let station = part("station", replicas.copies[copy], self.network.stations.len())?;
        let sampler = self.sampler(&replicas.apply)?;
        self.emit(Op::Visit { station, sampler }, &[])?;
        self.emit(Op::Apply { set, copy: copy as u16 }, &[])?;
        self.emit(Op::End, &[])?;
        Ok(start)
    }

    /// Steps of a task of its own: nothing is held at its beginning.
    fn body(&mut self, steps: &[Step], depth: usize) -> Result<(), NetworkError> {
        let mut held = Vec::new();
        self.steps(steps, &mut held, depth)?;
        self.emit(Op::End, &held)?;
        Ok(())
    }

    fn steps(&mut self, steps: &[Step], held: &mut Vec<Held>, depth: usize) -> Result<(), NetworkError> {
        if depth > MOST_NESTED {
            return Err(NetworkError::TooDeep);
        }
        steps.iter().try_for_each(|step| self.step(step, held, depth))
    }

    fn step(&mut self, step: &Step, held: &mut Vec<Held>, depth: usize) -> Result<(), NetworkError> {
        let network = self.network;
        match step {
            Step::Fork { branches, need } => self.fork(branches, *need, held, depth)?,
            Step::Choose(options) => self.choose(options, held, depth)?,
            Step::Again { probability, steps } => {
                let back = self.code.len() as u32;
                self.steps(steps, held, depth + 1)?;
                let chance = self.chances.len() as u32;
                // A round that always follows would never end.
                self.chances.push(share(*probability, "a probability")?.min(0.9999));
                self.emit(Op::Again { chance, back }, held)?;
            }
            Step::Detach(steps) => {
                let at = self.emit(Op::Detach { next: 0 }, held)?;
                self.body(steps, depth + 1)?;
                let next = self.code.len() as u32;
                self.code[at] = Op::Detach { next };
            }
            Step::Call { call, steps } => {
                let call = part("call", *call, network.calls.len())?;
                let at = self.emit(Op::Call { call, next: 0 }, held)?;
                self.body(steps, depth + 1)?;
                let next = self.code.len() as u32;
                self.code[at] = Op::Call { call, next };
            }
            Step::Hold { pool, steps } => {
                let pool = part("pool", *pool, network.pools.len())?;
                self.emit(Op::Acquire { pool }, held)?;
                held.push(Held::Pool(pool));
                self.steps(steps, held, depth + 1)?;
                held.pop();
                self.emit(Op::Release { pool }, held)?;
            }
            Step::Lookup { cache, miss } => self.lookup(*cache, miss, held, depth)?,
            Step::Sometimes { risk, steps } => {
                let risk = part("risk", *risk, network.risks.len())?;
                let at = self.emit(Op::Sometimes { risk, skip: 0 }, held)?;
                self.steps(steps, held, depth + 1)?;
                self.code[at] = Op::Sometimes { risk, skip: self.code.len() as u32 };
            }
            Step::Either { risk, steps, otherwise } => {
                let risk = part("risk", *risk, network.risks.len())?;
                let at = self.emit(Op::Sometimes { risk, skip: 0 }, held)?;
                self.steps(steps, held, depth + 1)?;
                let jump = self.emit(Op::Jump { to: 0 }, held)?;
                self.code[at] = Op::Sometimes { risk, skip: self.code.len() as u32 };
                self.steps(otherwise, held, depth + 1)?;
                self.code[jump] = Op::Jump { to: self.code.len() as u32 };
            }
            Step::Publish { queue, steps } => self.publish(*queue, steps, held, depth)?,
            _ => self.single(step, held)?,
        }
        Ok(())
    }

    /// A step without steps inside.
    fn single(&mut self, step: &Step, held: &[Held]) -> Result<(), NetworkError> {
        let network = self.network;
        let op = match step {
            Step::Visit { station, demand } => Op::Visit {
                station: part("station", *station, network.stations.len())?,
                sampler: self.sampler(demand)?,
            },
            Step::Balanced { stations, balance, demand } => {
                Op::Balanced { group: self.group(stations, *balance)?, sampler: self.sampler(demand)? }
            }
            Step::Wait(time) => Op::Wait { sampler: self.sampler(time)? },
            Step::Delay(delay) => Op::Delay { delay: part("delay", *delay, network.delays.len())? },
            Step::Admit(limiter) => Op::Admit { limiter: part("limiter", *limiter, network.limiters.len())? },
            Step::Risk(risk) => Op::Risk { risk: part("risk", *risk, network.risks.len())? },
            Step::Link(link) => Op::Link { link: part("link", *link, network.links.len())? },
            Step::Commit(set) => Op::Commit { set: part("replicas", *set, network.replicas.len())? },
            Step::Read { replicas, demand } => {
                let set = part("replicas", *replicas, network.replicas.len())?;
                let sampler = self.sampler(demand)?;
                self.emit(Op::Read { set, sampler }, held)?;
                Op::Seen { set }
            }
            _ => return Ok(()),
        };
        self.emit(op, held).map(drop)
    }

    /// A message: the task that stands for it, then what a delivery does, which holds a consumer.
    fn publish(
        &mut self,
        queue: usize,
        steps: &[Step],
        held: &[Held],
        depth: usize,
    ) -> Result<(), NetworkError> {
        let queue = part("queue", queue, self.network.queues.len())?;
        let at = self.emit(Op::Publish { queue, next: 0 }, held)?;
        let message = self.emit(Op::Message { queue, next: 0 }, &[])?;
        let mut with_consumer = vec![Held::Consumer(queue)];
        self.steps(steps, &mut with_consumer, depth + 1)?;
        self.emit(Op::Consumed { queue }, &with_consumer)?;
        self.emit(Op::End, &[])?;
        let end = self.emit(Op::End, &[])? as u32;
        self.code[message] = Op::Message { queue, next: end };
        self.code[at] = Op::Publish { queue, next: end + 1 };
        Ok(())
    }

    fn fork(
        &mut self,
        branches: &[Vec<Step>],
        need: usize,
        held: &[Held],
        depth: usize,
    ) -> Result<(), NetworkError> {
        if branches.len() > MOST_BRANCHES {
            return Err(NetworkError::TooMany("branches of a fork"));
        }
        let count = branches.len() as u16;
        let need = need.min(branches.len()) as u16;
        let first = self.branches.len() as u32;
        self.branches.resize(self.branches.len() + branches.len(), 0);
        let at = self.emit(Op::End, held)?;
        for (i, steps) in branches.iter().enumerate() {
            self.branches[first as usize + i] = self.code.len() as u32;
            self.body(steps, depth + 1)?;
        }
        self.code[at] = Op::Fork { first, branches: count, need, next: self.code.len() as u32 };
        Ok(())
    }

    fn choose(
        &mut self,
        options: &[(f64, Vec<Step>)],
        held: &mut Vec<Held>,
        depth: usize,
    ) -> Result<(), NetworkError> {
        if options.len() > MOST_BRANCHES {
            return Err(NetworkError::TooMany("options of a choice"));
        }
        let first = self.options.len();
        let mut sum = 0.0;
        for (probability, _) in options {
            sum += share(*probability, "a probability")?;
            self.options.push((sum, 0));
        }
        if sum > 1.0 + 1e-9 {
            return Err(NetworkError::BadNumber("the rest of probabilities that exceed one".to_owned()));
        }
        let at = self.emit(Op::End, held)?;
        let mut jumps = Vec::new();
        for (i, (_, steps)) in options.iter().enumerate() {
            self.options[first + i].1 = self.code.len() as u32;
            self.steps(steps, held, depth + 1)?;
            jumps.push(self.emit(Op::Jump { to: 0 }, held)?);
        }
        let next = self.code.len() as u32;
        jumps.into_iter().for_each(|j| self.code[j] = Op::Jump { to: next });
        self.code[at] = Op::Choose { first: first as u32, options: options.len() as u16, next };
        Ok(())
    }

    fn lookup(
        &mut self,
        cache: usize,
        miss: &[Step],
        held: &mut Vec<Held>,
        depth: usize,
    ) -> Result<(), NetworkError> {
        let cache = part("cache", cache, self.network.caches.len())?;
        let at = self.emit(Op::Lookup { cache, hit: 0 }, held)?;
        held.push(Held::Fetch(cache));
        self.steps(miss, held, depth + 1)?;
        held.pop();
        self.emit(Op::Fill { cache }, held)?;
        self.code[at] = Op::Lookup { cache, hit: self.code.len() as u32 };
        Ok(())
    }

    fn emit(&mut self, op: Op, held: &[Held]) -> Result<usize, NetworkError> {
        if self.code.len() >= MOST_INSTRUCTIONS {
            return Err(NetworkError::TooMany("steps"));
        }
        let same = self.held_at.last().is_some_and(|&(a, b)| self.held[a as usize..b as usize] == *held);
        let range = match self.held_at.last() {
            Some(last) if same => *last,
            _ => {
                let first = self.held.len() as u32;
                self.held.extend_from_slice(held);
                (first, self.held.len() as u32)
            }
        };
        self.held_at.push(range);
        self.code.push(op);
        Ok(self.code.len() - 1)
    }

    fn sampler(&mut self, distribution: &Distribution) -> Result<u16, NetworkError> {
        sane(distribution, "a demand")?;
        if self.samplers.len() >= usize::from(u16::MAX) {
            return Err(NetworkError::TooMany("demands"));
        }
        self.samplers.push(Sampler::new(distribution));
        Ok((self.samplers.len() - 1) as u16)
    }

    fn group(&mut self, stations: &[usize], balance: Balance) -> Result<u16, NetworkError> {
        let count = self.network.stations.len();
        let members =
            stations.iter().map(|s| part("station", *s, count)).collect::<Result<Box<[u16]>, _>>()?;
        if members.is_empty() || self.groups.len() >= MOST_PARTS {
            return Err(NetworkError::NoSuchPart { what: "station", index: 0, count: 0 });
        }
        self.groups.push(Group { stations: members, balance });
        Ok((self.groups.len() - 1) as u16)
    }
}

/// An index that leads somewhere, as the instructions hold it.
fn part(what: &'static str, index: usize, count: usize) -> Result<u16, NetworkError> {
    if index < count { Ok(index as u16) } else { Err(NetworkError::NoSuchPart { what, index, count }) }
}

fn share(value: f64, what: &str) -> Result<f64, NetworkError> {
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(NetworkError::BadNumber(what.to_owned())) }
}

fn sane(distribution: &Distribution, what: &str) -> Result<(), NetworkError> {
    if distribution.is_sane() { Ok(()) } else { Err(NetworkError::BadNumber(what.to_owned())) }
}

fn amount(value: f64, what: &str) -> Result<(), NetworkError> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(NetworkError::BadNumber(what.to_owned())) }
}

/// Checks numbers and references that no step holds.
fn check_parts(network: &Network) -> Result<(), NetworkError> {
    let counts = [
        network.stations.len(),
        network.pools.len(),
        network.calls.len(),
        network.caches.len(),
        network.limiters.len(),
        network.risks.len(),
        network.delays.len(),
        network.queues.len(),
        network.replicas.len(),
        network.links.len(),
        network.operations.len(),
        network.sources.len(),
        network.autoscalers.len(),
    ];
    if counts.into_iter().any(|c| c > MOST_PARTS) || network.changes.len() > 1_000_000 {
        return Err(NetworkError::TooMany("parts"));
    }
    for station in &network.stations {
        amount(station.speed, "the speed of a station")?;
        amount(station.queue_each.unwrap_or(0.0), "how many may wait for a server")?;
        station.patience.iter().try_for_each(|p| sane(p, "the patience at a station"))?;
    }
    network.delays.iter().try_for_each(|d| sane(d, "a delay"))?;
    network.risks.iter().try_for_each(|r| share(*r, "a risk").map(drop))?;
    network.changes.iter().try_for_each(|c| amount(c.at, "the time of a change"))?;
    for cache in &network.caches {
        amount(cache.ttl.unwrap_or(0.0), "the time an entry is valid")?;
        if cache.keys == 0 || cache.keys > 10_000_000 {
            return Err(NetworkError::TooMany("keys of a cache, or none"));
        }
    }
    for call in &network.calls {
        amount(call.timeout.unwrap_or(0.0), "a time-out")?;
        amount(call.hedge_after.unwrap_or(0.0), "the time before hedging")?;
    }
    network.queues.iter().try_for_each(check_queue)?;
    network.replicas.iter().try_for_each(|r| check_replicas(r, network.stations.len()))?;
    for operation in &network.operations {
        check_keys(operation.keys.as_ref())?;
    }
    network.sources.iter().try_for_each(|s| check_source(network, s.operation, &s.arrivals))
}

fn check_queue(queue: &Queue) -> Result<(), NetworkError> {
    amount(queue.visibility.unwrap_or(1.0), "the time a message is out of sight")?;
    amount(queue.retry_delay, "the rest of a message that failed")?;
    if queue.consumers > MOST_CONSUMERS || queue.prefetch > MOST_CONSUMERS {
        return Err(NetworkError::TooMany("consumers or messages taken at once"));
    }
    Ok(())
}

fn check_replicas(replicas: &Replicas, stations: usize) -> Result<(), NetworkError> {
    part("station", replicas.leader, stations)?;
    amount(replicas.pin.unwrap_or(0.0), "the time reads are pinned to the leader")?;
    let cells = u64::from(replicas.keys) * replicas.copies.len() as u64;
    if replicas.keys == 0 || replicas.copies.is_empty() || cells > 10_000_000 {
        return Err(NetworkError::TooMany("keys or copies of replicas, or none"));
    }
    Ok(())
}

fn check_keys(keys: Option<&Keys>) -> Result<(), NetworkError> {
    match keys {
        None => Ok(()),
        Some(Keys::Uniform(count) | Keys::Zipf { count, .. }) if *count == 0 => {
            Err(NetworkError::BadNumber("the number of keys".to_owned()))
        }
        Some(Keys::Uniform(_)) => Ok(()),
        Some(Keys::Zipf { exponent, .. }) => amount(*exponent, "the exponent of keys"),
        Some(Keys::Weights(weights)) => {
            weights.iter().try_for_each(|w| amount(*w, "the weight of a key"))?;
            amount(1.0 / weights.iter().sum::<f64>(), "the sum of the weights of keys")
        }
    }
}

fn check_source(network: &Network, operation: usize, arrivals: &Arrivals) -> Result<(), NetworkError> {
    part("operation", operation, network.operations.len())?;
    match arrivals {
        Arrivals::Open { profile, gaps, .. } => {
            let rising = profile.0.is_sorted_by(|a, b| a.0 <= b.0);
            if !rising || profile.0.is_empty() {
                return Err(NetworkError::BadNumber("the times of a load, which must rise,".to_owned()));
            }
            let mut points = profile.0.iter();
            points.try_for_each(|p| amount(p.0, "a time of a load").and(amount(p.1, "a rate")))?;
            sane(gaps, "the gap between arrivals")
        }
        Arrivals::Closed { think, users } => {
            if *users > 1_000_000 {
                return Err(NetworkError::TooMany("users"));
            }
            sane(think, "the time to think")
        }
        Arrivals::Trace(times) => times.iter().try_for_each(|t| amount(*t, "a time of a trace")),
    }
}
