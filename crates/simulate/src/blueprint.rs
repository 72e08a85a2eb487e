//! A blueprint under a workload as a network, with the meaning that the analytic forecast gives it: a station
//! for the processors of each component, time that no processor is busy beside it, places in processes that
//! limit how much they do at once; and what formulas leave out: time-outs, retries, chances.

mod calls;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_catalog::scenario::CallSpec;
use loadcase_catalog::{Catalog, Scenario};
use loadcase_model::{
    Blueprint, Capacity, Component, ComponentKind, Id, Operation as Asked, OperationKind, Step as Path,
    StepMode, Workload,
};

use crate::distribution::Distribution;
use crate::network::{Arrivals, Call, Network, Operation, Pool, Profile, Source, Station, Step};
use crate::parts::Link;
use crate::scenario::{
    Place, Places, Prepared, ScenarioError, TO, call_of, change_load, heat, lower, run_of, variants,
};

/// A blueprint as a network, and which parts of the network its components are.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// The network under the workload's rates.
    pub network: Network,
    places: Places,
    name: String,
    /// Calls of clients, as the blueprint says that they try again.
    clients: Vec<usize>,
    /// By operation: what it waits for, as scenarios may call it.
    needs: Vec<BTreeSet<String>>,
}

/// Turns a blueprint under a workload into a network. Rates are the workload's; time-outs and retries those of
/// the flows; what the catalog knows of failover is used by scenarios.
#[must_use]
pub fn from_blueprint(blueprint: &Blueprint, catalog: &Catalog, workload: &Workload) -> Sketch {
    let mut builder = Builder {
        blueprint,
        network: Network::default(),
        parts: IndexMap::new(),
        links: IndexMap::new(),
        calls: IndexMap::new(),
        clients: Vec::new(),
        needs: Vec::new(),
        repeats: false,
        per_s: awaited_per_s(blueprint, workload),
    };
    for (id, component) in &blueprint.components {
        let part = builder.part(id, component, catalog);
        builder.parts.insert(id.clone(), part);
    }
    builder.guard_parts();
    for (id, operation) in &blueprint.operations {
        let rate = workload.rate_per_s.get(id).copied().unwrap_or(0.0);
        if rate > 0.0 && rate.is_finite() {
            builder.operation(id, operation, rate);
        }
    }
    let places = builder.places();
    Sketch {
        network: builder.network,
        places,
        name: blueprint.name.clone(),
        clients: builder.clients,
        needs: builder.needs,
    }
}

/// Requests a second that somebody waits for.
fn awaited_per_s(blueprint: &Blueprint, workload: &Workload) -> f64 {
    let awaited = blueprint.operations.iter().filter(|(_, o)| is_awaited(o.kind));
    awaited.map(|(id, _)| workload.rate_per_s.get(id).copied().map_or(0.0, sane)).sum()
}

const fn is_awaited(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Request | OperationKind::Webhook | OperationKind::Stream)
}

impl Sketch {
    /// Puts a scenario on the blueprint: one run for each of its variants.
    ///
    /// # Errors
    /// When the scenario names a part that this blueprint does not have (it does not apply), or holds numbers
    /// that cannot be computed with.
    pub fn under(&self, scenario: &Scenario) -> Result<Vec<Prepared>, ScenarioError> {
        let length = scenario.length.seconds();
        variants(scenario)
            .into_iter()
            .map(|variant| {
                let (mut network, mut places) = (self.network.clone(), self.places.clone());
                if !scenario.spares.is_empty() {
                    let struck =
                        |needs: &BTreeSet<String>| scenario.changes.iter().any(|c| needs.contains(&c.on));
                    let operations = network.operations.iter_mut().zip(&self.needs);
                    operations.for_each(|(o, needs)| o.spared = o.awaited && !struck(needs));
                }
                heat(&mut network, &mut places, &scenario.changes);
                let mut aside = Vec::new();
                for change in &scenario.load {
                    aside.extend(change_load(&mut network, change, variant.tenant_limit, length));
                }
                if let Some(client) = &scenario.client {
                    let said = variant.calls.get("client");
                    let spec = said.map_or_else(|| client.clone(), |c| client.with(c));
                    self.behave(&mut network, &spec, scenario.stubborn || said.is_some());
                }
                for operation in aside {
                    network.operations[operation].awaited = false;
                }
                lower(&scenario.changes, length, &places, &mut network)?;
                crate::program::Program::new(&network)?;
                Ok(Prepared { name: variant.name, network, run: run_of(scenario), expect: variant.expect })
            })
            .collect()
    }

    /// Names that scenarios may use for parts of this blueprint.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str).filter(|n| !n.contains(TO))
    }

    /// Clients behave as a scenario says. Those of which the blueprint says how they try again do so, unless the
    /// scenario insists, and give up at the latest when it says.
    fn behave(&self, network: &mut Network, client: &CallSpec, insists: bool) {
        let call = call_of(calls::CLIENT, client);
        for index in &self.clients {
            let own = &mut network.calls[*index];
            if insists {
                *own = call.clone();
            } else {
                let shorter = |a: f64| call.timeout.map_or(a, |b| a.min(b));
                own.timeout = own.timeout.map(shorter).or(call.timeout);
            }
        }
        around(network, call, &self.clients);
    }

    /// The blueprint's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Puts a call around every operation that somebody waits for and that has none of these around it.
fn around(network: &mut Network, call: Call, others: &[usize]) {
    let has_one = |o: &Operation| matches!(o.steps[..], [Step::Call { call, .. }] if others.contains(&call));
    if network.operations.iter().all(|o| !o.awaited || has_one(o)) {
        return;
    }
    let index = network.calls.len();
    network.calls.push(call);
    for operation in network.operations.iter_mut().filter(|o| o.awaited && !has_one(o)) {
        let steps = std::mem::take(&mut operation.steps);
        operation.steps = vec![Step::Call { call: index, steps }];
    }
}

/// What a component is in the network.
#[derive(Clone, Debug, Default)]
struct Part {
    kind: Option<ComponentKind>,
    /// The station of its processors, and that of its copies for reads.
    station: Option<usize>,
    replicas: Option<usize>,
    /// The chance that reads go to the primary: that of no copy for reads being left.
    fallback: Option<usize>,
    /// Places in its processes.
    pool: Option<usize>,
    /// The chance that it fails.
    risk: usize,
    /// Its time, where it is somebody else's.
    delays: Vec<usize>,
    /// Chances of a miss, where it is a cache.
    misses: Vec<usize>,
    copies: u32,
    /// Copies for reads.
    readers: u32,
    /// Seconds until a standby answers.
    failover: Option<f64>,
}

struct Builder<'a> {
    blueprint: &'a Blueprint,
    network: Network,
    parts: IndexMap<Id, Part>,
    /// The links that calls take, by caller (none from outside) and called.
    links: IndexMap<(Option<Id>, Id), usize>,
    /// Calls by who calls whom, and whether what failed may be tried again.
    calls: IndexMap<(Id, Id, bool), usize>,
    /// Those of clients.
    clients: Vec<usize>,
    /// By operation: what it waits for.
    needs: Vec<BTreeSet<String>>,
    /// Whether the operation that is turned into steps may be tried again.
    repeats: bool,
    /// Requests a second that somebody waits for.
    per_s: f64,
}

/// Visits of a step that are told apart; more share their demand.
const MOST_VISITS: f64 = 20.0;

impl Builder<'_> {
    fn part(&mut self, id: &Id, component: &Component, catalog: &Catalog) -> Part {
        self.network.risks.push(0.0);
        let mut part =
            Part { kind: Some(component.kind), risk: self.network.risks.len() - 1, ..Part::default() };
        let outside = matches!(component.kind, ComponentKind::Client | ComponentKind::External);
        let Some(capacity) = component.capacity.as_ref().filter(|_| !outside) else { return part };
        part.copies = capacity.replicas.max(1);
        part.readers = part.copies.saturating_mul(capacity.read_replicas).max(1);
        let each = servers_of(capacity);
        let replicas = f64::from(capacity.replicas);
        part.station = self.station(id.as_str(), replicas * each);
        let readers = replicas * f64::from(capacity.read_replicas) * each;
        part.replicas = self.station(&format!("{id}.replicas"), readers);
        part.fallback = part.replicas.map(|_| {
            self.network.risks.push(0.0);
            self.network.risks.len() - 1
        });
        part.pool = self.pool(id, component, capacity);
        if capacity.standbys > 0 {
            let technology = component.technology.as_ref().and_then(|t| catalog.technology(t.as_str()));
            let known = technology.and_then(|t| t.fact("failover-s")).map(|f| f.value);
            part.failover = Some(known.filter(|v| v.is_finite() && *v >= 0.0).unwrap_or(FAILOVER));
        }
        part
    }

    /// A station for this many processors: a fraction makes all of them slower.
    fn station(&mut self, name: &str, processors: f64) -> Option<usize> {
        if processors.is_nan() || processors <= 0.0 {
            return None;
        }
        let servers = (processors - 1e-9).ceil().clamp(1.0, 1e6);
        let station = Station { speed: processors.min(1e6) / servers, ..Station::new(name, servers as u32) };
        self.network.stations.push(station);
        Some(self.network.stations.len() - 1)
    }

    /// Places in processes, where they are more than processors: otherwise they are the station's servers.
    fn pool(&mut self, id: &Id, component: &Component, capacity: &Capacity) -> Option<usize> {
        let each = capacity.concurrency?;
        if !is_process(component.kind) || f64::from(each) <= capacity.vcpu || capacity.replicas == 0 {
            return None;
        }
        let size = each.saturating_mul(capacity.replicas);
        self.network.pools.push(Pool { name: format!("{id}: requests at once"), size, queue_limit: None });
        Some(self.network.pools.len() - 1)
    }

    fn operation(&mut self, id: &Id, operation: &Asked, rate: f64) {
        self.repeats = operation.idempotent;
        let awaited = is_awaited(operation.kind);
        let mut steps = self.path(operation);
        if let Some(flow) = self.client_of(operation).filter(|_| awaited) {
            steps = vec![self.by_client(&flow, steps)];
        }
        self.needs.push(self.needed(operation));
        let index = self.network.operations.len();
        self.network.operations.push(Operation { awaited, ..Operation::new(id.as_str(), steps) });
        let arrivals = Arrivals::varying(Profile::constant(rate));
        self.network.sources.push(Source { operation: index, arrivals });
    }

    /// What an operation does: its steps in their order, behind the edge where there is one.
    fn path(&mut self, operation: &Asked) -> Vec<Step> {
        let kind = |s: &Path| self.blueprint.components.get(&s.component).map(|c| c.kind);
        let edge = operation.steps.iter().position(|s| kind(s) == Some(ComponentKind::Edge));
        let behind = edge.and_then(|e| {
            operation.steps[e + 1..].iter().find(|s| s.mode == StepMode::Sync).map(|s| sane(s.visits))
        });
        // An edge that answers everything still lets the first request through.
        let through = behind.map_or(1.0, |v| v.clamp(1e-6, 1.0));
        let mut before = Vec::new();
        let rest: Vec<&Path> = operation
            .steps
            .iter()
            .filter(|step| {
                let is_edge = kind(step) == Some(ComponentKind::Edge);
                if is_edge {
                    before.extend(repeated(sane(step.visits), |share| {
                        vec![wait(share * (step.cpu_ms + step.wait_ms), step.scv)]
                    }));
                }
                !is_edge
            })
            .collect();
        let inside = self.inside(&rest, through);
        if through < 1.0 {
            before.push(Step::Choose(vec![(through, inside)]));
        } else {
            before.extend(inside);
        }
        before
    }

    /// Steps from one on; the process that does the work holds a place from its own step to the end.
    fn inside(&mut self, steps: &[&Path], through: f64) -> Vec<Step> {
        let is_main = |s: &&&Path| s.mode == StepMode::Sync && self.is_process(&s.component);
        let main = steps.iter().find(is_main).map(|s| s.component.clone());
        let start = steps.iter().position(|s| Some(&s.component) == main.as_ref()).unwrap_or(steps.len());
        let mut all = Vec::new();
        for (i, step) in steps.iter().enumerate().take(start) {
            all.extend(self.called(steps, i, step, None, through));
        }
        let Some(main) = main else { return all };
        let mut rest = Vec::new();
        for (i, step) in steps.iter().enumerate().skip(start) {
            rest.extend(self.called(steps, i, step, Some(&main), through));
        }
        if let Some(pool) = self.parts.get(&main).and_then(|p| p.pool) {
            rest = vec![Step::Hold { pool, steps: rest }];
        }
        if let Some(flow) = self.flow(None, &main).filter(|f| !self.is_clients(f)) {
            rest = vec![self.guarded(&flow, rest)];
        }
        all.extend(rest);
        all
    }

    /// One step, as its caller calls it.
    fn called(
        &mut self,
        steps: &[&Path],
        i: usize,
        step: &Path,
        main: Option<&Id>,
        through: f64,
    ) -> Vec<Step> {
        if step.mode == StepMode::Async {
            return self.left_behind(step, through);
        }
        let from = main.filter(|id| **id != step.component).cloned();
        let way = self.link(from, &step.component);
        let pool =
            self.parts.get(&step.component).and_then(|p| p.pool).filter(|_| Some(&step.component) != main);
        // Who does not get through takes no place in the process that is called.
        let link = way.filter(|_| pool.is_none());
        let mut visits = match self.cache_before(steps, i) {
            Some((cache, looks)) => {
                let chance = (sane(step.visits) / looks).min(1.0);
                self.network.risks.push(chance);
                let risk = self.network.risks.len() - 1;
                if let Some(part) = self.parts.get_mut(&cache) {
                    part.misses.push(risk);
                }
                let one = self.visit(step, 1.0, link);
                repeated(looks / through, |_| vec![Step::Sometimes { risk, steps: one.clone() }])
            }
            None => repeated(sane(step.visits) / through, |share| self.visit(step, share, link)),
        };
        if Some(&step.component) != main {
            if let Some(pool) = pool {
                visits =
                    way.map(Step::Link).into_iter().chain([Step::Hold { pool, steps: visits }]).collect();
            }
            if let Some(flow) = self.flow(main, &step.component) {
                visits = vec![self.guarded(&flow, visits)];
            }
        }
        visits
    }

    /// Work that the operation does not wait for.
    fn left_behind(&mut self, step: &Path, through: f64) -> Vec<Step> {
        let Some(station) = self.station_of(step) else { return Vec::new() };
        let one = |share: f64| {
            let demand = Distribution::with_scv(share * sane(step.cpu_ms) / 1e3, sane(step.scv));
            vec![Step::Detach(vec![Step::visit(station, demand)])]
        };
        repeated(sane(step.visits) / through, one)
    }

    /// The link by which a component is called.
    fn link(&mut self, from: Option<Id>, to: &Id) -> Option<usize> {
        self.parts.get(to)?;
        let links = &mut self.network.links;
        let index = self.links.entry((from, to.clone())).or_insert_with(|| {
            links.push(Link::Up);
            links.len() - 1
        });
        Some(*index)
    }

    /// One visit of a step over a link, with this share of its demand.
    fn visit(&mut self, step: &Path, share: f64, link: Option<usize>) -> Vec<Step> {
        let (cpu, idle) = (share * sane(step.cpu_ms), share * sane(step.wait_ms));
        let station = self.station_of(step);
        let Some(part) = self.parts.get_mut(&step.component) else { return Vec::new() };
        let mut steps: Vec<Step> = link.map(Step::Link).into_iter().chain([Step::Risk(part.risk)]).collect();
        match station {
            _ if part.kind == Some(ComponentKind::External) => {
                part.delays.push(self.network.delays.len());
                self.network.outside.push(self.network.delays.len());
                steps.push(Step::Delay(self.network.delays.len()));
                self.network.delays.push(Distribution::with_scv((cpu + idle) / 1e3, sane(step.scv)));
            }
            Some(station) => {
                if cpu > 0.0 {
                    let at =
                        |station| Step::visit(station, Distribution::with_scv(cpu / 1e3, sane(step.scv)));
                    let copies = part.replicas == Some(station);
                    steps.push(match (part.fallback, part.station) {
                        (Some(risk), Some(primary)) if copies => {
                            Step::Either { risk, steps: vec![at(primary)], otherwise: vec![at(station)] }
                        }
                        _ => at(station),
                    });
                }
                if idle > 0.0 {
                    steps.push(wait(idle, step.scv));
                }
            }
            None => steps.push(wait(cpu + idle, step.scv)),
        }
        steps
    }

    /// The station a step visits: reads go to the copies for reads where there are any.
    fn station_of(&self, step: &Path) -> Option<usize> {
        let part = self.parts.get(&step.component)?;
        let readers = if step.reads_only { part.replicas } else { None };
        readers.or(part.station)
    }

    /// The cache that answers most of what a read step would have to: the last one before it that is looked
    /// into more often.
    fn cache_before(&self, steps: &[&Path], i: usize) -> Option<(Id, f64)> {
        let step = steps[i];
        let is_store = self.parts.get(&step.component)?.kind == Some(ComponentKind::Store);
        if !step.reads_only || !is_store {
            return None;
        }
        let caches = steps[..i].iter().rev().filter(|s| s.mode == StepMode::Sync);
        let cache = caches
            .filter(|s| self.parts.get(&s.component).is_some_and(|p| p.kind == Some(ComponentKind::Cache)))
            .find(|s| sane(s.visits) > sane(step.visits))?;
        Some((cache.component.clone(), sane(cache.visits).ceil().max(1.0)))
    }

    fn is_process(&self, component: &Id) -> bool {
        self.blueprint.components.get(component).is_some_and(|c| is_process(c.kind))
    }

    /// What an operation waits for: components, and their kinds.
    fn needed(&self, operation: &Asked) -> BTreeSet<String> {
        let waits = operation.steps.iter().filter(|s| s.mode == StepMode::Sync);
        let names = waits.flat_map(|s| {
            let kind = self.parts.get(&s.component).and_then(|p| p.kind).map(kind_name);
            [Some(s.component.to_string()), kind.map(str::to_owned)]
        });
        names.flatten().chain(["everything".to_owned()]).collect()
    }

    /// What components, and kinds of them, stand for.
    fn places(&self) -> Places {
        let mut places = Places::new();
        for (id, part) in &self.parts {
            let own = own_places(part);
            places.entry(id.to_string()).or_default().extend(own.iter().copied());
            let kind = part.kind.map(kind_name).unwrap_or_default();
            if kind != id.as_str() {
                places.entry(kind.to_owned()).or_default().extend(own.iter().copied());
            }
            places.entry("everything".to_owned()).or_default().extend(own);
        }
        for ((from, to), link) in &self.links {
            for from in self.names(from.as_ref()) {
                for to in self.names(Some(to)) {
                    places.entry(format!("{from}{TO}{to}")).or_default().push(Place::Link(*link));
                }
            }
        }
        places
    }

    /// What scenarios may call a component, or those outside.
    fn names(&self, id: Option<&Id>) -> Vec<String> {
        let own = id.map_or("client", Id::as_str);
        let kind = id.and_then(|id| self.parts.get(id)?.kind).map(kind_name);
        let mut names = vec![own.to_owned(), "everything".to_owned()];
        names.extend(kind.filter(|k| *k != own).map(str::to_owned));
        names
    }
}

/// Seconds until a standby answers, where the catalog does not know.
const FAILOVER: f64 = 60.0;

fn own_places(part: &Part) -> Vec<Place> {
    let (copies, failover) = (part.copies, part.failover);
    let station = |index: usize| Place::Station { index, copies, failover, follows: false, fallback: None };
    let (readers, fallback) = (part.readers, part.fallback);
    let reader =
        |index: usize| Place::Station { index, copies: readers, failover: None, follows: true, fallback };
    let mut places: Vec<Place> = part.station.into_iter().map(station).collect();
    places.extend(part.replicas.map(reader));
    places.extend(part.pool.map(Place::Pool));
    places.push(Place::Risk(part.risk));
    places.extend(part.delays.iter().map(|d| Place::Delay(*d)));
    places.extend(part.misses.iter().map(|m| Place::Miss(*m)));
    places
}

/// The word for a kind in scenarios.
const fn kind_name(kind: ComponentKind) -> &'static str {
    kind.word()
}

const fn is_process(kind: ComponentKind) -> bool {
    matches!(kind, ComponentKind::Service | ComponentKind::Worker | ComponentKind::Function)
}

/// Processors of one copy that can be busy at the same time.
fn servers_of(capacity: &Capacity) -> f64 {
    capacity.concurrency.map_or(sane(capacity.vcpu), |c| sane(capacity.vcpu).min(f64::from(c)))
}

/// Time that no processor is busy, ms.
fn wait(ms: f64, scv: f64) -> Step {
    Step::Wait(Distribution::with_scv(sane(ms) / 1e3, sane(scv)))
}

/// As many visits as a visit ratio says: whole ones, and one with the probability of the rest.
fn repeated(visits: f64, mut one: impl FnMut(f64) -> Vec<Step>) -> Vec<Step> {
    let share = (visits / MOST_VISITS).max(1.0);
    let visits = visits / share;
    let mut steps = Vec::new();
    for _ in 0..visits.floor() as usize {
        steps.extend(one(share));
    }
    let rest = visits - visits.floor();
    if rest > 1e-9 {
        steps.push(Step::Choose(vec![(rest, one(share))]));
    }
    steps
}

/// A number that can be computed with: not negative, not beyond what a blueprint can mean.
fn sane(value: f64) -> f64 {
    if value.is_finite() { value.clamp(0.0, 1e9) } else { 0.0 }
}
