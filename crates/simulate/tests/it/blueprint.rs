//! Blueprints: the simulator against the analytic forecast, and scenarios on them.

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, load_embedded};
use loadcase_forecast::blueprint::{PriceContext, forecast};
use loadcase_model::{
    Blueprint, Capacity, Component, ComponentKind, Deployment, Flow, FlowStyle, Horizon, Id, Operation,
    OperationKind, Step, StepMode, Unit, Workload,
};
use loadcase_simulate::{Run, from_blueprint, simulate};

use crate::fidelity::{told, write};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).expect("identifiers of the test")
}

pub(crate) fn component(kind: ComponentKind, replicas: u32, vcpu: f64) -> Component {
    Component {
        name: "Part".to_owned(),
        kind,
        technology: None,
        version: None,
        framework: None,
        zone: None,
        modules: Vec::new(),
        managed: false,
        capacity: Some(Capacity {
            replicas,
            vcpu,
            memory_gb: 4.0,
            storage_gb: 0.0,
            standbys: 0,
            read_replicas: 0,
            concurrency: None,
            basis: "made up".to_owned(),
        }),
        evidence: Vec::new(),
    }
}

pub(crate) fn step(component: &str, visits: f64, cpu_ms: f64, wait_ms: f64) -> Step {
    Step {
        component: id(component),
        visits,
        cpu_ms,
        wait_ms,
        scv: 1.0,
        mode: StepMode::Sync,
        reads_only: false,
        basis: "made up".to_owned(),
    }
}

pub(crate) fn operation(steps: Vec<Step>) -> Operation {
    Operation {
        name: "Do".to_owned(),
        kind: OperationKind::Request,
        module: None,
        method: None,
        path: None,
        roles: Vec::new(),
        takes: None,
        batch: false,
        starts: Vec::new(),
        every: None,
        after: None,
        proof: Vec::new(),
        steps,
        accesses: Vec::new(),
        idempotent: true,
        critical: false,
        basis: String::new(),
        evidence: Vec::new(),
    }
}

pub(crate) fn blueprint(components: Vec<(Id, Component)>, operations: Vec<(Id, Operation)>) -> Blueprint {
    Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: "Made up".to_owned(),
        summary: String::new(),
        topology: id("monolith"),
        actors: IndexMap::new(),
        modules: IndexMap::new(),
        components: components.into_iter().collect(),
        flows: Vec::new(),
        entities: IndexMap::new(),
        operations: operations.into_iter().collect(),
        zones: IndexMap::new(),
        deployment: Deployment {
            platform: id("containers"),
            provider: None,
            regions: Vec::new(),
            rollout: None,
        },
        workloads: Vec::new(),
    }
}

pub(crate) fn workload(rates: &[(&str, f64)]) -> Workload {
    Workload {
        horizon: Horizon::Now,
        rate_per_s: rates.iter().map(|(n, r)| (id(n), *r)).collect(),
        basis: "made up".to_owned(),
    }
}

fn prices() -> PriceContext {
    PriceContext {
        compute: id("containers"),
        managed: false,
        average_over_peak: 1.0,
        response_kb: 0.0,
        seats: 0.0,
        file_days: 30.0,
        recovery_point_s: None,
    }
}

pub(crate) fn catalog() -> Catalog {
    load_embedded().expect("the embedded catalog is well-formed")
}

/// A service of two copies with two processors each before a store of two, a cache and somebody else's system.
pub(crate) fn shop() -> Blueprint {
    let mut cached = step("store", 0.2, 4.0, 1.0);
    cached.reads_only = true;
    let read = operation(vec![step("app", 1.0, 8.0, 0.0), step("cache", 1.0, 0.05, 0.5), cached]);
    let order = operation(vec![
        step("app", 1.0, 12.0, 0.0),
        step("store", 3.0, 2.0, 2.0),
        step("bank", 1.0, 0.0, 80.0),
    ]);
    let mut bank = component(ComponentKind::External, 1, 1.0);
    bank.capacity = None;
    let mut shop = blueprint(
        vec![
            (id("app"), component(ComponentKind::Service, 2, 2.0)),
            (id("cache"), component(ComponentKind::Cache, 1, 1.0)),
            (id("store"), component(ComponentKind::Store, 1, 2.0)),
            (id("bank"), bank),
        ],
        vec![(id("read"), read), (id("order"), order)],
    );
    shop.flows.push(Flow {
        from: id("app"),
        to: id("bank"),
        style: FlowStyle::Sync,
        protocol: "https".to_owned(),
        purpose: String::new(),
        timeout_ms: Some(1000.0),
        retries: Some(1),
        encrypted: None,
        guard: None,
        basis: "made up".to_owned(),
        evidence: Vec::new(),
    });
    shop
}

#[test]
fn a_blueprint_is_as_fast_as_its_forecast_says() {
    let (shop, catalog) = (shop(), catalog());
    let workload = workload(&[("read", 200.0), ("order", 40.0)]);
    let formula = forecast(&shop, &workload, &catalog, &prices());
    let sketch = from_blueprint(&shop, &catalog, &workload);
    let outcome = simulate(&sketch.network, &Run::new(60.0).warm_up(5.0).replications(8)).unwrap();
    for (i, name) in ["read", "order"].into_iter().enumerate() {
        let known = formula.operations[&id(name)].latency.mean.value / 1e3;
        let found = outcome.operations[i].mean;
        assert!(
            (found.value - known).abs() < found.half_width(0.99) + 0.05 * known,
            "{name}: {found:?}, {known}"
        );
    }
    let busy = formula.stations[&id("app")].utilisation.value;
    assert!((outcome.stations[0].utilisation.value - busy).abs() < 0.02);
}

#[test]
fn scenarios_of_the_catalog_run_on_a_blueprint_or_say_what_is_missing() {
    let (shop, catalog) = (shop(), catalog());
    let sketch = from_blueprint(&shop, &catalog, &workload(&[("read", 200.0), ("order", 40.0)]));
    let mut ran = Vec::new();
    for scenario in catalog.scenarios.values().filter(|s| s.system.is_none()) {
        match sketch.under(scenario) {
            Ok(prepared) => {
                assert!(!prepared.is_empty());
                ran.push(scenario.id.as_str());
            }
            Err(error) => {
                let told = error.to_string();
                let is_known =
                    told.starts_with("there is no part") || told.ends_with("that this change could set");
                assert!(is_known, "{}: {error}", scenario.id);
            }
        }
    }
    for wanted in [
        "steady-peak",
        "flash-crowd",
        "cache-lost",
        "dependency-down",
        "primary-lost",
        "rolling-deploy",
        "blue-green-deploy",
        "canary-deploy",
        "slow-node",
        "network-partition",
        "tenant-gone-wild",
    ] {
        assert!(ran.contains(&wanted), "{wanted} is not among {ran:?}");
    }
    assert!(!ran.contains(&"broker-backlog"), "the shop has no workers");
    assert!(!ran.contains(&"hot-key"), "the shop's store has one copy");
}

#[test]
fn a_lost_cache_sends_every_read_to_the_store() {
    let (shop, catalog) = (shop(), catalog());
    let sketch = from_blueprint(&shop, &catalog, &workload(&[("read", 200.0)]));
    let scenario = catalog.scenarios.values().find(|s| s.id.as_str() == "cache-lost").expect("it ships");
    let prepared = sketch.under(scenario).unwrap().remove(0);
    let outcome = simulate(&prepared.network, &prepared.run).unwrap();
    let store = prepared.network.stations.iter().position(|s| s.name == "store").expect("the shop has one");
    let second = |t: f64| outcome.series.stations[store][(t / outcome.series.width) as usize].0;
    let lost = scenario.changes[0].at.seconds();
    // 200 x 0.2 x 4 ms = 0.16 processors before, five times as much when nothing hits.
    assert!((second(lost - 5.0) - 0.16).abs() < 0.05, "{}", second(lost - 5.0));
    assert!((second(lost + 2.0) - 0.8).abs() < 0.15, "{}", second(lost + 2.0));
}

/// A blueprint of two to five components and one to three operations, at most 80 % busy.
fn random(random: &mut Pcg64Mcg) -> (Blueprint, Workload) {
    let names = ["a", "b", "c", "d", "e"];
    let count = random.random_range(2..=5_usize);
    let components: Vec<(Id, Component)> = names[..count]
        .iter()
        .map(|n| {
            (
                id(n),
                component(
                    ComponentKind::Store,
                    random.random_range(1..4),
                    [1.0, 2.0, 4.0][random.random_range(0..3)],
                ),
            )
        })
        .collect();
    let operations: Vec<(Id, Operation)> = ["x", "y", "z"][..random.random_range(1..=3)]
        .iter()
        .map(|n| {
            let steps = names[..count]
                .iter()
                .filter_map(|c| {
                    let visits = [0.0, 0.3, 1.0, 1.0, 2.0, 3.5][random.random_range(0..6)];
                    (visits > 0.0).then(|| step(c, visits, random.random_range(0.5..10.0), 0.0))
                })
                .collect::<Vec<_>>();
            let steps = if steps.is_empty() { vec![step("a", 1.0, 5.0, 0.0)] } else { steps };
            (id(n), operation(steps))
        })
        .collect();
    let blueprint = blueprint(components, operations);
    let mut rates: Vec<(Id, f64)> =
        blueprint.operations.keys().map(|o| (o.clone(), random.random_range(0.2..1.0))).collect();
    let busy = |rates: &[(Id, f64)]| {
        let load = |c: &Id| -> f64 {
            let visits =
                rates.iter().flat_map(|(o, r)| blueprint.operations[o].steps.iter().map(move |s| (r, s)));
            visits.filter(|(_, s)| s.component == *c).map(|(r, s)| r * s.visits * s.cpu_ms / 1e3).sum()
        };
        let capacity = |c: &Component| c.capacity.as_ref().map_or(1.0, |c| f64::from(c.replicas) * c.vcpu);
        blueprint.components.iter().map(|(i, c)| load(i) / capacity(c)).fold(0.0, f64::max)
    };
    let factor = random.random_range(0.2..0.8) / busy(&rates);
    rates.iter_mut().for_each(|r| r.1 *= factor);
    let workload =
        Workload { horizon: Horizon::Now, rate_per_s: rates.into_iter().collect(), basis: String::new() };
    (blueprint, workload)
}

/// What a thousand random networks found.
struct Agreement {
    /// How far the formula's mean and 95th percentile are off the simulation's, as shares, in order of size.
    means: Vec<f64>,
    tails: Vec<f64>,
    /// Networks whose mean is off by more than the tolerance and the simulation's own 99 % interval.
    far: Vec<String>,
}

/// How far the formula may be off: it is exact where each station serves one kind of visit, and close where a
/// station serves several that differ, or several at a time.
const TOLERANCE: f64 = 0.05;

/// Holds formula and simulation against each other on so many networks, with so many requests a replication.
fn agreement(networks: u64, requests: f64) -> Agreement {
    let catalog = catalog();
    let mut all = Agreement { means: Vec::new(), tails: Vec::new(), far: Vec::new() };
    for number in 0..networks {
        let mut stream = Pcg64Mcg::seed_from_u64(number);
        stream.next_u64();
        let (blueprint, workload) = random(&mut stream);
        let formula = forecast(&blueprint, &workload, &catalog, &prices());
        let sketch = from_blueprint(&blueprint, &catalog, &workload);
        let length = requests / workload.total_per_s();
        let run = Run { seed: number, bins: 20, ..Run::new(length).warm_up(0.2 * length).replications(8) };
        let outcome = simulate(&sketch.network, &run).expect("the network is well-formed");
        let error = |known: f64, found: f64| known / 1e3 / found - 1.0;
        let mean = error(formula.latency.mean.value, outcome.overall.mean.value);
        let room = outcome.overall.mean.half_width(0.99) / outcome.overall.mean.value;
        if mean.abs() > TOLERANCE + room {
            all.far.push(format!("network {number}: mean {:+.1} % +- {:.1} %", 100.0 * mean, 100.0 * room));
        }
        all.means.push(mean.abs());
        all.tails.push(error(formula.latency.p95.value, outcome.overall.p95.value).abs());
    }
    all.means.sort_by(f64::total_cmp);
    all.tails.sort_by(f64::total_cmp);
    for (name, values) in [("mean", &all.means), ("p95", &all.tails)] {
        let [median, most, worst] = [0.5, 0.95, 1.0].map(|p| 100.0 * at(values, p));
        println!("{name}: off by {median:.2} % (median), {most:.2} % (95 of 100), {worst:.2} % (worst)");
    }
    println!("{} of {networks} means off by more than 5 % and the interval: {:#?}", all.far.len(), all.far);
    all
}

/// A quantile of values in order.
fn at(values: &[f64], p: f64) -> f64 {
    values[((values.len() - 1) as f64 * p) as usize]
}

#[test]
fn formula_and_simulation_agree_over_a_thousand_networks() {
    let found = agreement(1000, 2000.0);
    // Short runs are off by chance too, so that they are off by more than the page says, but not by much.
    let median = told("c-formula", "Error of the mean, median of the networks");
    assert!((0.2 * median..5.0 * median + 0.01).contains(&at(&found.means, 0.5)), "{median}");
    // Where the formula is within its tolerance, chance alone puts one in a hundred outside: with probability
    // 0.9998 at most 22 of a thousand (binomial).
    assert!(found.far.len() <= 22, "{:#?}", found.far);
    assert!(
        at(&found.means, 0.5) < 0.04 && at(&found.tails, 0.5) < 0.06,
        "medians, chance of short runs included"
    );
}

/// Run with `cargo test --release -p loadcase-simulate -- --ignored --nocapture networks`.
#[test]
#[ignore = "takes minutes"]
fn formula_and_simulation_agree_closely_when_there_is_time() {
    let found = agreement(1000, 4e4);
    let numbers = [
        ("Error of the mean, median of the networks", at(&found.means, 0.5), Unit::Share),
        ("Error of the mean in nineteen of twenty networks, at most", at(&found.means, 0.95), Unit::Share),
        ("Error of the p95, median of the networks", at(&found.tails, 0.5), Unit::Share),
        ("Error of the p95 in nineteen of twenty networks, at most", at(&found.tails, 0.95), Unit::Share),
    ];
    write("c-formula", "crates/simulate/tests/it/blueprint.rs", &numbers);
    // Means are known well; tails of the formula are those of a gamma distribution.
    assert!(at(&found.means, 0.95) < 0.05 && at(&found.tails, 0.95) < 0.15 && found.far.len() <= 10);
}

/// A process before somebody else's system, called by clients who try again.
fn guarded(idempotent: bool) -> Blueprint {
    use loadcase_model::Guard;
    let mut bank = component(ComponentKind::External, 1, 1.0);
    bank.capacity = None;
    let mut client = component(ComponentKind::Client, 1, 1.0);
    client.capacity = None;
    let pay = operation(vec![step("app", 1.0, 2.0, 0.0), step("bank", 1.0, 0.0, 400.0)]);
    let look = operation(vec![step("app", 1.0, 2.0, 0.0)]);
    let pay = Operation { idempotent, ..pay };
    let mut made = blueprint(
        vec![
            (id("client"), client),
            (id("app"), component(ComponentKind::Service, 2, 1.0)),
            (id("bank"), bank),
        ],
        vec![(id("pay"), pay), (id("look"), Operation { idempotent, ..look })],
    );
    let guard = Guard {
        backoff_ms: Some(50.0),
        deadline: true,
        waiting: Some(40),
        basis: "made up".to_owned(),
        ..Guard::default()
    };
    let flow = |from: &str, to: &str, retries: u32, guard: Option<Guard>| Flow {
        from: id(from),
        to: id(to),
        style: FlowStyle::Sync,
        protocol: "https".to_owned(),
        purpose: String::new(),
        timeout_ms: Some(5000.0),
        retries: Some(retries),
        encrypted: None,
        guard,
        basis: "made up".to_owned(),
        evidence: Vec::new(),
    };
    made.flows.push(flow("client", "app", 2, Some(guard)));
    made.flows.push(flow("app", "bank", 0, None));
    made
}

#[test]
fn only_clients_try_again_and_only_what_does_no_harm() {
    let scenario = "id: made-up\nname: Made up\nsummary: Made up.\nlength: 2min\n\
                    changes: [{at: 1s, on: bank, set: {risk: 1}}]\n";
    let scenario: loadcase_catalog::Scenario =
        loadcase_model::yaml::read(scenario).expect("the form is right");
    let catalog = catalog();
    for (idempotent, wanted) in [(true, 3.0), (false, 1.0)] {
        let made = guarded(idempotent);
        let sketch = from_blueprint(&made, &catalog, &workload(&[("pay", 20.0)]));
        let all = sketch.under(&scenario).expect("the scenario applies");
        let outcome =
            simulate(&all[0].network, &Run { replications: 2, ..all[0].run.clone() }).expect("well-formed");
        let client = outcome.calls.iter().find(|c| c.name == "client").expect("clients call");
        assert!((client.attempts.value - wanted).abs() < 0.1, "{idempotent}: {:?}", client.attempts);
    }
}

#[test]
fn time_in_systems_of_others_is_no_part_of_being_in_time() {
    let made = guarded(true);
    let mut sketch = from_blueprint(&made, &catalog(), &workload(&[("pay", 20.0)]));
    sketch.network.operations.iter_mut().for_each(|o| o.target = Some(0.1));
    let outcome =
        simulate(&sketch.network, &Run::new(120.0).warm_up(5.0).replications(2)).expect("well-formed");
    assert!(outcome.overall.p50.value > 0.2, "the bank takes 400 ms on average: {:?}", outcome.overall.p50);
    assert!(outcome.own[1].value < 0.02, "{:?}", outcome.own);
    assert!(outcome.overall.good.value > 0.99, "{:?}", outcome.overall.good);
}

#[test]
fn what_does_not_need_the_struck_part_is_told_apart() {
    let scenario = "id: made-up\nname: Made up\nsummary: Made up.\nlength: 2min\n\
                    changes: [{at: 30s, on: external, set: {risk: 1}}]\n\
                    windows: {during: [30s, 110s]}\nspares: {during: 0.99}\n";
    let scenario: loadcase_catalog::Scenario =
        loadcase_model::yaml::read(scenario).expect("the form is right");
    let made = guarded(true);
    let sketch = from_blueprint(&made, &catalog(), &workload(&[("pay", 20.0), ("look", 20.0)]));
    let all = sketch.under(&scenario).expect("the scenario applies");
    let outcome =
        simulate(&all[0].network, &Run { replications: 2, ..all[0].run.clone() }).expect("well-formed");
    let during = &outcome.windows[0];
    assert!((during.good.value - 0.5).abs() < 0.05 && during.spared.value > 0.999, "{during:?}");
}

#[test]
fn a_crowd_leaves_nothing_behind_where_queues_have_an_end() {
    let crowd = "id: made-up\nname: Made up\nsummary: Made up.\nlength: 2min\n\
                 load: [{at: 30s, for: 30s, factor: 20}]\nwindows: {after: [65s, 110s]}\n\
                 client: {timeout: 2s, retries: 2}\nstubborn: true\n";
    let crowd: loadcase_catalog::Scenario = loadcase_model::yaml::read(crowd).expect("the form is right");
    let catalog = catalog();
    let after = |of: &Blueprint| {
        let sketch = from_blueprint(of, &catalog, &workload(&[("look", 500.0)]));
        let mut all = sketch.under(&crowd).expect("the scenario applies");
        all[0].network.operations.iter_mut().for_each(|o| o.target = Some(0.5));
        let run = Run { replications: 1, ..all[0].run.clone() };
        simulate(&all[0].network, &run).expect("well-formed").windows[0].good.value
    };
    let mut open = guarded(true);
    open.flows.iter_mut().for_each(|f| f.guard = None);
    assert!(after(&guarded(true)) > 0.99);
    assert!(after(&open) < 0.5, "a queue without end keeps what nobody waits for any more");
}
