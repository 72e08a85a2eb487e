//! The queueing network of a blueprint: a station for each component that has processors, a class for each
//! operation.

use indexmap::IndexMap;
use loadcase_model::{Component, ComponentKind, Id, Operation, Step, StepMode};

use super::{View, is_awaited, sane};
use crate::network::{Demand, WideNetwork};

/// Stations for components; one more is kept for time that no processor is busy.
const MOST_STATIONS: usize = 62;
/// Classes for operations; two more are kept for what nobody waits for and for what the edge answers.
const MOST_CLASSES: usize = 29;

/// A pool of processors.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// The component it belongs to.
    pub(super) component: Id,
    /// Whether it is that store's copies for reads.
    pub(super) replicas: bool,
    servers: f64,
    /// Speed of one server: below one when all copies together have less than one processor.
    speed: f64,
}

impl Pool {
    /// What the pool is called in a forecast.
    pub(super) fn id(&self) -> Id {
        let suffixed = || Id::new(format!("{}.replicas", self.component));
        if self.replicas {
            suffixed().unwrap_or_else(|_| self.component.clone())
        } else {
            self.component.clone()
        }
    }
}

/// The parts of a demand while steps are added up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    visits: f64,
    cpu: f64,
    cpu_square: f64,
    wait: f64,
    wait_square: f64,
    /// How the time of one request varies, and what of it comes from visits that only some requests make.
    variance: f64,
    toss: (f64, f64),
}

impl Sum {
    /// Adds `visits` visits of a mean and a squared coefficient of variation.
    pub(super) fn add(&mut self, visits: f64, cpu_ms: f64, wait_ms: f64, scv: f64) {
        self.visits += visits;
        self.cpu += visits * cpu_ms;
        self.cpu_square += visits * cpu_ms * cpu_ms * (1.0 + scv);
        self.wait += visits * wait_ms;
        self.wait_square += visits * wait_ms * wait_ms * (1.0 + scv);
        let (chance, stay) = (visits.fract(), cpu_ms + wait_ms);
        let toss = chance * (1.0 - chance);
        self.variance += visits * scv * (cpu_ms * cpu_ms + wait_ms * wait_ms) + toss * stay * stay;
        self.toss = (self.toss.0 + 2.0 * toss * stay, self.toss.1 + toss);
    }

    /// Adds another sum.
    fn include(&mut self, other: &Self) {
        self.visits += other.visits;
        self.cpu += other.cpu;
        self.cpu_square += other.cpu_square;
        self.wait += other.wait;
        self.wait_square += other.wait_square;
        self.variance += other.variance;
        self.toss = (self.toss.0 + other.toss.0, self.toss.1 + other.toss.1);
    }

    /// The demand with the same mean and variance of what occupies the processor (or, where nothing does, of
    /// the delay).
    fn demand(&self, sync: bool) -> Demand {
        let per_visit = |total: f64| if self.visits > 0.0 { total / self.visits } else { 0.0 };
        let (cpu_ms, wait_ms) = (per_visit(self.cpu), per_visit(self.wait));
        let scv = |mean: f64, square: f64| {
            if mean > 0.0 { (per_visit(square) / (mean * mean) - 1.0).max(0.0) } else { 0.0 }
        };
        let scv = if cpu_ms > 0.0 { scv(cpu_ms, self.cpu_square) } else { scv(wait_ms, self.wait_square) };
        Demand { cpu_ms, wait_ms, visits: self.visits, scv, sync }
    }
}

/// What one operation asks of each pool, and of nobody's processors.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) operation: Id,
    /// Arrivals per second that pass the edge.
    pub(super) rate: f64,
    /// Share of its requests that pass the edge.
    pub(super) through: f64,
    /// Time of a request that the edge answers, ms.
    pub(super) edge_ms: f64,
    pub(super) awaited: bool,
    /// Demands the answer waits for: by pool, and last the time that occupies no processor.
    pub(super) sync: Vec<Sum>,
    /// Time in systems of others, which occupies no processor here.
    outside: Sum,
    /// Demands it leaves behind, by pool.
    later: Vec<Sum>,
}

/// Pools and classes of a blueprint.
pub(super) struct Load {
    pub(super) pools: Vec<Pool>,
    pub(super) classes: Vec<Class>,
}

/// A network with the place of each class: its own, or the one of a group it was put in.
pub(super) struct Built {
    pub(super) network: Box<WideNetwork>,
    /// Class of each operation that has one of its own.
    pub(super) own: IndexMap<usize, usize>,
}

impl Load {
    /// Whether an operation waits for systems of others.
    pub(super) fn calls_outside(&self) -> bool {
        self.classes.iter().any(|c| c.outside.visits > 0.0)
    }

    /// The same load with the time in systems of others.
    pub(super) fn with_outside(&self) -> Self {
        let mut classes = self.classes.clone();
        for class in &mut classes {
            let outside = class.outside;
            class.sync[self.pools.len()].include(&outside);
        }
        Self { pools: self.pools.clone(), classes }
    }

    pub(super) fn new(view: &View) -> Self {
        let pools = pools(view);
        let classes = view
            .blueprint
            .operations
            .iter()
            .map(|(id, operation)| class(view, &pools, id, operation))
            .collect();
        Self { pools, classes }
    }

    /// Puts the network together. Where there are more operations than classes, the busiest keep their own and
    /// the others are grouped with those of about the same demand: the load on the stations is the same.
    pub(super) fn network(&self) -> Built {
        let mut network = Box::new(WideNetwork::new());
        for pool in &self.pools {
            network.add_station(pool.servers);
        }
        // Delay only: nothing queues here.
        network.add_station(1.0);
        let mut built = Built { network, own: IndexMap::new() };
        let (single, groups) = self.divided();
        for index in single {
            if let Some(class) = built.network.add_class(self.classes[index].rate) {
                self.fill(&mut built.network, class, &[index]);
                built.own.insert(index, class);
            }
        }
        for group in groups {
            let rate = group.iter().map(|i| self.classes[*i].rate).sum();
            if let Some(class) = built.network.add_class(rate) {
                self.fill(&mut built.network, class, &group);
            }
        }
        self.add_rest(&mut built.network);
        built
    }

    /// Operations with a class of their own, and groups of the rest by whether somebody waits.
    fn divided(&self) -> (Vec<usize>, Vec<Vec<usize>>) {
        let mut order: Vec<usize> = (0..self.classes.len()).collect();
        if order.len() <= MOST_CLASSES {
            return (order, Vec::new());
        }
        let work = |i: &usize| {
            let class = &self.classes[*i];
            class.rate * class.sync.iter().map(|s| s.cpu + s.wait).sum::<f64>()
        };
        order.sort_by(|a, b| work(b).total_cmp(&work(a)));
        let groups = 4;
        let rest = order.split_off(MOST_CLASSES - groups);
        let (awaited, others): (Vec<usize>, Vec<usize>) =
            rest.into_iter().partition(|i| self.classes[*i].awaited);
        let mut made = Vec::new();
        for mut part in [awaited, others] {
            let length = |i: &usize| self.classes[*i].sync.iter().map(|s| s.cpu + s.wait).sum::<f64>();
            part.sort_by(|a, b| length(a).total_cmp(&length(b)));
            made.extend(part.chunks(part.len().div_ceil(groups / 2).max(1)).map(<[usize]>::to_vec));
        }
        (order, made)
    }

    /// Gives a class the mean demand of some operations.
    fn fill(&self, network: &mut WideNetwork, class: usize, members: &[usize]) {
        let total: f64 = members.iter().map(|i| self.classes[*i].rate).sum();
        let share =
            |i: usize| if total > 0.0 { self.classes[i].rate / total } else { 1.0 / members.len() as f64 };
        for station in 0..=self.pools.len() {
            let mut sum = Sum::default();
            for &member in members {
                let own = &self.classes[member].sync[station];
                let share = if members.len() == 1 { 1.0 } else { share(member) };
                sum.visits += share * own.visits;
                sum.cpu += share * own.cpu;
                sum.cpu_square += share * own.cpu_square;
                sum.wait += share * own.wait;
                sum.wait_square += share * own.wait_square;
            }
            network.set_demand(class, station, sum.demand(true));
            // Visits of different length one after the other vary less than as many of a length drawn by chance.
            if let [only] = members {
                let own = &self.classes[*only].sync[station];
                network.set_variance(class, station, own.variance, own.toss);
            }
        }
        network.set_interactive(class, self.classes[members[0]].awaited);
    }

    /// Gives a class the demand of one operation without load of its own, to ask for its response time.
    pub(super) fn probe(&self, network: &mut WideNetwork, class: usize, operation: usize) {
        network.set_rate(class, 0.0);
        self.fill(network, class, &[operation]);
    }

    /// What operations leave behind, as one class; and the requests that the edge answers, as another.
    fn add_rest(&self, network: &mut WideNetwork) {
        if let Some(class) = network.add_class(1.0) {
            for station in 0..self.pools.len() {
                let mut sum = Sum::default();
                for member in &self.classes {
                    let (own, rate) = (&member.later[station], member.rate);
                    sum.visits += rate * own.visits;
                    sum.cpu += rate * own.cpu;
                    sum.cpu_square += rate * own.cpu_square;
                }
                network.set_demand(class, station, sum.demand(false));
            }
            network.set_interactive(class, false);
        }
        let answered = |c: &Class| if c.through > 0.0 { c.rate * (1.0 - c.through) / c.through } else { 0.0 };
        let rate: f64 = self.classes.iter().filter(|c| c.awaited).map(answered).sum();
        if rate > 0.0
            && let Some(class) = network.add_class(rate)
        {
            let mut sum = Sum::default();
            self.classes.iter().for_each(|c| sum.add(answered(c) / rate, 0.0, c.edge_ms, 1.0));
            network.set_demand(class, self.pools.len(), sum.demand(true));
        }
    }
}

/// A pool for each component with processors, and one for the copies of a store that answer reads. Components
/// beyond the network's room count as delay.
fn pools(view: &View) -> Vec<Pool> {
    let mut pools = Vec::new();
    for (id, component) in &view.blueprint.components {
        let Some(capacity) = &component.capacity else { continue };
        if matches!(component.kind, ComponentKind::Client | ComponentKind::External) {
            continue;
        }
        let each =
            capacity.concurrency.map_or(sane(capacity.vcpu), |c| sane(capacity.vcpu).min(f64::from(c)));
        let replicas = f64::from(capacity.replicas);
        for (copies, for_reads) in [(replicas, false), (replicas * f64::from(capacity.read_replicas), true)] {
            let total = copies * each;
            if total > 0.0 && pools.len() < MOST_STATIONS {
                let component = id.clone();
                pools.push(Pool {
                    component,
                    replicas: for_reads,
                    servers: total.max(1.0),
                    speed: total.min(1.0),
                });
            }
        }
    }
    pools
}

/// The pool that a step visits: reads go to the copies for reads where there are any.
pub(super) fn pool_of(pools: &[Pool], step: &Step) -> Option<usize> {
    let find =
        |replicas: bool| pools.iter().position(|p| p.component == step.component && p.replicas == replicas);
    if step.reads_only { find(true).or_else(|| find(false)) } else { find(false) }
}

fn class(view: &View, pools: &[Pool], id: &Id, operation: &Operation) -> Class {
    let through = through(view, operation);
    let mut class = Class {
        operation: id.clone(),
        rate: view.rate(id) * through,
        through,
        edge_ms: 0.0,
        awaited: is_awaited(operation.kind),
        sync: vec![Sum::default(); pools.len() + 1],
        outside: Sum::default(),
        later: vec![Sum::default(); pools.len()],
    };
    for step in &operation.steps {
        let is_edge = is_edge(view.blueprint.components.get(&step.component));
        let (cpu, wait, scv) = (sane(step.cpu_ms), sane(step.wait_ms), sane(step.scv));
        // Visits behind the edge are counted for each request that passes it.
        let visits = sane(step.visits) / if is_edge { 1.0 } else { through };
        let pool = pool_of(pools, step);
        if is_edge {
            class.edge_ms += visits * (cpu + wait);
        }
        let outside =
            view.blueprint.components.get(&step.component).is_some_and(|c| c.kind == ComponentKind::External);
        match (step.mode, pool) {
            (StepMode::Sync, _) if outside => class.outside.add(visits, 0.0, cpu + wait, scv),
            (StepMode::Sync, Some(pool)) => class.sync[pool].add(visits, cpu / pools[pool].speed, wait, scv),
            (StepMode::Sync, None) => class.sync[pools.len()].add(visits, 0.0, cpu + wait, scv),
            (StepMode::Async, Some(pool)) => class.later[pool].add(visits, cpu / pools[pool].speed, 0.0, scv),
            (StepMode::Async, None) => {}
        }
    }
    class
}

fn is_edge(component: Option<&Component>) -> bool {
    component.is_some_and(|c| c.kind == ComponentKind::Edge)
}

/// Share of an operation's requests that pass the edge: the visits to what stands behind it.
fn through(view: &View, operation: &Operation) -> f64 {
    let edge = operation.steps.iter().position(|s| is_edge(view.blueprint.components.get(&s.component)));
    let behind = edge.and_then(|e| {
        let rest = operation.steps[e + 1..].iter();
        rest.filter(|s| s.mode == StepMode::Sync).map(|s| sane(s.visits)).next()
    });
    // An edge that answers everything still lets the first request through.
    behind.map_or(1.0, |visits| visits.clamp(1e-6, 1.0))
}
