//! Response times, utilisation and saturation, read off the solved network.

use indexmap::IndexMap;
use loadcase_model::{
    Component, Figure, Id, Latency, Operation, OperationForecast, Saturation, StationForecast, Step,
    StepMode, Unit, format_number,
};

use super::load::{Built, Load, Sum, pool_of};
use super::{View, runs_own_code, sane};
use crate::network::{ClassResult, SolutionOf, Tail};
use crate::queue::erlang::erlang_c;

type Solution = SolutionOf<64, 32>;

/// What the network says.
pub(super) struct Response {
    pub(super) latency: Latency,
    pub(super) operations: IndexMap<Id, OperationForecast>,
    pub(super) stations: IndexMap<Id, StationForecast>,
    pub(super) saturation: Saturation,
}

const BY: &str =
    "open queueing network: a station for each component's processors, gamma-shaped response times";
const BY_OWN: &str = "open queueing network over all operations somebody waits for, without the time that systems of others take";

/// Operations are forecast with the time in systems of others; the response over all of them without, because
/// that is what a design can be held to.
pub(super) fn respond(view: &View) -> Response {
    let mut load = Load::new(view);
    let first = load.network();
    let places = places(view, &load, &first.network.solve());
    let own = if wait_for_places(&mut load, &places) { load.network() } else { first };
    let solution = own.network.solve();
    let overall = with_tail(&solution.overall, &own.network.overall_tail(&own.network.queues()));
    let whole = load.with_outside();
    let operations =
        operations(view, &whole, &if load.calls_outside() { whole.network() } else { own }, &places);
    let blocked = places.iter().any(|p| p.busy >= 1.0 && p.users.iter().any(|u| load.classes[u.0].awaited));
    let overall = if blocked { NEVER } else { overall };
    Response {
        latency: latency(&overall, if load.calls_outside() { BY_OWN } else { BY }),
        operations,
        stations: stations(&load, &solution),
        saturation: saturation(view, &load, &solution, &places),
    }
}

/// The response of every operation.
fn operations(view: &View, load: &Load, built: &Built, places: &[Places]) -> IndexMap<Id, OperationForecast> {
    let solution = built.network.solve();
    let queues = built.network.queues();
    let mut probing = built.network.clone();
    let mut operations = IndexMap::new();
    for (index, class) in load.classes.iter().enumerate() {
        let (result, tail) = match built.own.get(&index) {
            Some(own) => (solution.classes[*own], built.network.tail(*own, &queues)),
            None => {
                let (probed, place) = probe(load, &mut probing, index);
                (probed, probing.tail(place, &queues))
            }
        };
        let blocked = places.iter().any(|p| p.blocks(index));
        let result = full_result(&with_tail(&result, &tail), &tail, class.through, class.edge_ms, blocked);
        let rate = Figure::computed(view.rate(&class.operation), Unit::PerSecond, "the workload's rate");
        operations.insert(class.operation.clone(), OperationForecast { rate, latency: latency(&result, BY) });
    }
    operations
}

const NEVER: ClassResult = ClassResult {
    mean_ms: f64::INFINITY,
    sd_ms: f64::INFINITY,
    p50_ms: f64::INFINITY,
    p95_ms: f64::INFINITY,
    p99_ms: f64::INFINITY,
};

/// The response of an operation that shares its class: asked for with a class without load. The network has
/// room for one more class than it is built with; asking again reuses the last one. With the place of that class.
fn probe(load: &Load, network: &mut crate::network::WideNetwork, operation: usize) -> (ClassResult, usize) {
    let class = network.add_class(0.0).unwrap_or_else(|| network.classes().saturating_sub(1));
    load.probe(network, class, operation);
    (network.solve().classes[class], class)
}

/// A result with the percentiles of a distribution.
fn with_tail(result: &ClassResult, tail: &Tail) -> ClassResult {
    let [p50_ms, p95_ms, p99_ms] = [0.5, 0.95, 0.99].map(|p| tail.percentile(p));
    ClassResult { p50_ms, p95_ms, p99_ms, ..*result }
}

/// Limits on the requests that a component works on at the same time.
struct Places {
    component: Id,
    /// Places of all copies.
    count: f64,
    /// Share of them that is taken on average.
    busy: f64,
    /// Operations by their index, with the time one request takes a place, ms.
    users: Vec<(usize, f64)>,
    /// Mean time a place is taken, and its squared coefficient of variation.
    mean_ms: f64,
    scv: f64,
}

impl Places {
    fn blocks(&self, operation: usize) -> bool {
        self.busy >= 1.0 && self.users.iter().any(|(index, _)| *index == operation)
    }
}

/// How full the places of each process are: a request takes one from its arrival there until its answer.
fn places(view: &View, load: &Load, solution: &Solution) -> Vec<Places> {
    let limited = view
        .blueprint
        .components
        .iter()
        .filter_map(|(id, component)| Some((id, component, limit(component)?)));
    limited
        .map(|(id, _, count)| {
            let holding = |(index, class): (usize, &super::load::Class)| {
                let operation = view.blueprint.operations.get(&class.operation)?;
                let held = held_ms(view, load, solution, operation, id) / class.through;
                (held > 0.0).then_some((index, held))
            };
            let users: Vec<(usize, f64)> = load.classes.iter().enumerate().filter_map(holding).collect();
            let rate: f64 = users.iter().map(|(i, _)| load.classes[*i].rate).sum();
            let sum = |power: i32| {
                users.iter().map(|(i, held)| load.classes[*i].rate * held.powi(power)).sum::<f64>()
            };
            let mean_ms = if rate > 0.0 { sum(1) / rate } else { 0.0 };
            // Each operation's own time is taken as exponential.
            let scv =
                if mean_ms > 0.0 { (2.0 * sum(2) / rate / (mean_ms * mean_ms) - 1.0).max(0.0) } else { 0.0 };
            Places { component: id.clone(), count, busy: sum(1) / 1e3 / count, users, mean_ms, scv }
        })
        .collect()
}

/// Places of all copies, where they are more than processors: otherwise they are the station's servers.
fn limit(component: &Component) -> Option<f64> {
    let capacity = component.capacity.as_ref().filter(|c| c.replicas > 0)?;
    let each = f64::from(capacity.concurrency?);
    (runs_own_code(component.kind) && each > sane(capacity.vcpu))
        .then_some(each * f64::from(capacity.replicas))
}

/// Time an operation takes a place in a process: of the process that does the work, from its own step to the
/// end; of one that is called, its own step. A saturated station holds it for ever, which the network reports.
fn held_ms(view: &View, load: &Load, solution: &Solution, operation: &Operation, process: &Id) -> f64 {
    let sync = |s: &&Step| s.mode == StepMode::Sync;
    let is_process =
        |s: &Step| view.blueprint.components.get(&s.component).is_some_and(|c| runs_own_code(c.kind));
    let steps: Vec<&Step> = operation.steps.iter().filter(sync).collect();
    let Some(own) = steps.iter().position(|s| s.component == *process) else { return 0.0 };
    let is_main = steps.iter().position(|s| is_process(s)) == Some(own);
    let held = if is_main { &steps[own..] } else { &steps[own..=own] };
    let time = |step: &&Step| {
        let wait = pool_of(&load.pools, step).map_or(0.0, |p| solution.stations[p].wait_ms);
        let wait = if wait.is_finite() { wait } else { 0.0 };
        sane(step.visits) * (sane(step.cpu_ms) + sane(step.wait_ms) + wait)
    };
    held.iter().map(time).sum()
}

/// Adds the wait for a free place to the operations concerned; says whether there is any.
///
/// M/G/c with the places as servers, mean by Allen and Cunneen, the wait of those who wait exponential.
fn wait_for_places(load: &mut Load, places: &[Places]) -> bool {
    let elsewhere = load.pools.len();
    let mut any = false;
    for limited in places.iter().filter(|p| p.busy > 0.0 && p.busy < 1.0) {
        let chance = erlang_c(limited.count, limited.busy * limited.count);
        let mean =
            chance * limited.mean_ms * (1.0 + limited.scv) / 2.0 / (limited.count * (1.0 - limited.busy));
        if mean < 1e-6 {
            continue;
        }
        any = true;
        let scv = (2.0 / chance.max(1e-9) - 1.0).max(0.0);
        for (operation, _) in &limited.users {
            let sum: &mut Sum = &mut load.classes[*operation].sync[elsewhere];
            sum.add(1.0, 0.0, mean, scv);
        }
    }
    any
}

/// The response over all requests of an operation, with those that the edge answers. The edge is taken to be
/// faster than everything behind it.
fn full_result(inside: &ClassResult, tail: &Tail, through: f64, edge_ms: f64, blocked: bool) -> ClassResult {
    if blocked {
        return NEVER;
    }
    if through >= 1.0 || !inside.mean_ms.is_finite() {
        return *inside;
    }
    let quantile = |p: f64| {
        if p <= 1.0 - through { edge_ms } else { tail.percentile(1.0 - (1.0 - p) / through).max(edge_ms) }
    };
    let mean_ms = through * inside.mean_ms + (1.0 - through) * edge_ms;
    let square = through * (inside.mean_ms * inside.mean_ms + inside.sd_ms * inside.sd_ms)
        + (1.0 - through) * 2.0 * edge_ms * edge_ms;
    ClassResult {
        mean_ms,
        sd_ms: (square - mean_ms * mean_ms).max(0.0).sqrt(),
        p50_ms: quantile(0.5),
        p95_ms: quantile(0.95),
        p99_ms: quantile(0.99),
    }
}

fn latency(result: &ClassResult, by: &str) -> Latency {
    let figure = |value: f64| Figure::computed(value, Unit::Milliseconds, by);
    Latency {
        mean: figure(result.mean_ms),
        p50: figure(result.p50_ms),
        p95: figure(result.p95_ms),
        p99: figure(result.p99_ms),
    }
}

fn stations(load: &Load, solution: &Solution) -> IndexMap<Id, StationForecast> {
    let station = |(index, pool): (usize, &super::load::Pool)| {
        let result = &solution.stations[index];
        let forecast = StationForecast {
            utilisation: Figure::computed(
                result.utilisation,
                Unit::Share,
                "offered work over its processors",
            ),
            throughput: Figure::computed(result.throughput_per_s, Unit::PerSecond, "rates times visits"),
            wait: Figure::computed(result.wait_ms, Unit::Milliseconds, "M/G/c queue of its processors"),
        };
        (pool.id(), forecast)
    };
    load.pools.iter().enumerate().map(station).collect()
}

/// The load at which the first pool of processors, or of places, is busy all the time.
fn saturation(view: &View, load: &Load, solution: &Solution, places: &[Places]) -> Saturation {
    let arrivals = view.arrivals();
    let processors = load.pools.get(solution.bottleneck).filter(|_| solution.saturation_factor.is_finite());
    let mut factor = solution.saturation_factor;
    let mut station = processors.map(|p| p.component.clone());
    let mut limit = "processors".to_owned();
    for limited in places.iter().filter(|p| p.busy > 0.0) {
        if 1.0 / limited.busy < factor {
            factor = 1.0 / limited.busy;
            station = Some(limited.component.clone());
            limit = format!("{} requests at the same time", format_number(limited.count));
        }
    }
    let fallback = || view.blueprint.components.keys().next().cloned().unwrap_or_else(|| Id::slug("none"));
    let by = match &station {
        Some(id) => format!("all rates times one factor until {id} is busy all the time ({limit})"),
        None => "no component has processors that the load keeps busy".to_owned(),
    };
    Saturation {
        rate: Figure::computed(
            if arrivals > 0.0 { arrivals * factor } else { f64::INFINITY },
            Unit::PerSecond,
            by.clone(),
        ),
        headroom: Figure::computed(factor, Unit::Times, by),
        station: station.unwrap_or_else(fallback),
    }
}
