//! Blueprints of every domain under several plans: nothing dangles, nothing is lost, nothing is absurd.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, load_embedded};
use loadcase_forecast::blueprint::{PriceContext, forecast};
use loadcase_model::{
    Blueprint, Capacity, ComponentKind, FlowStyle, Horizon, Horizons, Id, OperationKind, Step, yaml,
};

use super::compose;
use super::scope::Scope;
use crate::plan::{Load, Plan, Pool, Sizing, StoreLayout};

fn catalog() -> Catalog {
    load_embedded().unwrap_or_else(|e| panic!("{e}"))
}

fn pool(nodes: u32, vcpu: f64) -> Pool {
    Pool { nodes, vcpu, memory_gb: vcpu * 2.0, storage_gb: 20.0 }
}

fn load(factor: f64) -> Load {
    Load {
        requests_per_s: 40.0 * factor,
        read_share: 0.8,
        edge_hit: 0.0,
        cache_hit: 0.0,
        app_cpu_ms: 10.0,
        reads_per_s: 100.0 * factor,
        writes_per_s: 20.0 * factor,
        rows_written_per_s: 30.0 * factor,
        rows_passed_by_per_s: 0.0,
        background_writes_per_s: 4.0 * factor,
        event_reads_per_s: 0.0,
        event_writes_per_s: 0.0,
        jobs_per_s: 4.0 * factor,
        events_per_s: 0.0,
        data_gb: 50.0 * factor,
        peak_factor: 3.0,
    }
}

fn plan(domain: &Id, options: &[(&str, &str)], technologies: &[(&'static str, &str)]) -> Plan {
    let id = |text: &str| Id::new(text).expect("identifiers of the test");
    let sizing = Sizing {
        app: pool(1, 2.0),
        store: StoreLayout { primaries: 1, node: pool(1, 2.0), ..StoreLayout::default() },
        ..Sizing::default()
    };
    Plan {
        options: options.iter().map(|(d, o)| (id(d), id(o))).collect(),
        technologies: technologies.iter().map(|(role, t)| (*role, id(t))).collect::<BTreeMap<_, _>>(),
        deployables: 1,
        managed: true,
        sizing: Horizons { now: sizing.clone(), later: sizing },
        load: Horizons { now: load(1.0), later: load(3.0) },
        domain: domain.clone(),
        name: "Test".to_owned(),
        regions: Vec::new(),
        keeps_all: false,
        counts: IndexMap::new(),
        events_per_call: None,
    }
}

/// One process, one database, the queue in a table.
fn small(domain: &Id) -> Plan {
    let options = [("topology", "modular-monolith"), ("deployment", "paas"), ("messaging", "database-queue")];
    let roles = [
        ("language", "nodejs"),
        ("framework", "express"),
        ("store", "postgresql"),
        ("broker", "database-queue"),
        ("compute", "paas"),
    ];
    plan(domain, &options, &roles)
}

/// A service for each module, with everything around them.
fn services(domain: &Id) -> Plan {
    let options = [("topology", "microservices"), ("deployment", "kubernetes")];
    let roles = [
        ("language", "go"),
        ("framework", "gin"),
        ("store", "postgresql"),
        ("cache", "valkey"),
        ("broker", "kafka"),
        ("edge", "cdn"),
        ("compute", "kubernetes"),
        ("provider", "aws"),
        ("search", "opensearch"),
        ("analytics", "clickhouse"),
        ("object-store", "s3"),
        ("identity", "keycloak"),
        ("observability", "grafana"),
    ];
    let mut plan = plan(domain, &options, &roles);
    plan.deployables = 6;
    for (sizing, load) in
        [(&mut plan.sizing.now, &mut plan.load.now), (&mut plan.sizing.later, &mut plan.load.later)]
    {
        *load = Load {
            edge_hit: 0.05,
            cache_hit: 0.4,
            events_per_s: 30.0,
            writes_per_s: load.writes_per_s + 30.0,
            event_writes_per_s: 30.0,
            ..*load
        };
        sizing.app = pool(14, 2.0);
        sizing.workers = pool(2, 2.0);
        sizing.balancers = 2;
        sizing.poolers = 2;
        sizing.store = StoreLayout {
            primaries: 7,
            node: pool(1, 4.0),
            standbys: 1,
            read_replicas: 1,
            replica_read_share: 0.7,
            logical_shards: 0,
            working_set_gb: 0.0,
        };
        sizing.cache = pool(2, 2.0);
        sizing.broker = pool(3, 2.0);
        sizing.search = pool(2, 2.0);
        sizing.analytics = pool(1, 4.0);
    }
    plan
}

/// Functions over a store and a queue that are paid by use.
fn serverless(domain: &Id) -> Plan {
    let options = [("topology", "serverless"), ("deployment", "functions")];
    let roles = [
        ("language", "nodejs"),
        ("store", "dynamodb"),
        ("broker", "sqs"),
        ("compute", "functions"),
        ("provider", "aws"),
    ];
    let mut plan = plan(domain, &options, &roles);
    plan.deployables = 4;
    for sizing in [&mut plan.sizing.now, &mut plan.sizing.later] {
        sizing.store = StoreLayout::default();
    }
    plan
}

/// A core with separate services over a sharded store.
fn sharded(domain: &Id) -> Plan {
    let options =
        [("topology", "hybrid"), ("deployment", "virtual-machines"), ("data-scaling", "sharded-by-key")];
    let roles = [
        ("language", "java"),
        ("framework", "spring-boot"),
        ("store", "mysql"),
        ("cache", "valkey"),
        ("broker", "rabbitmq"),
        ("compute", "virtual-machines"),
    ];
    let mut plan = plan(domain, &options, &roles);
    plan.deployables = 3;
    plan.managed = false;
    for (sizing, load) in
        [(&mut plan.sizing.now, &mut plan.load.now), (&mut plan.sizing.later, &mut plan.load.later)]
    {
        *load = Load {
            cache_hit: 0.5,
            events_per_s: 200.0,
            writes_per_s: load.writes_per_s + 200.0,
            event_writes_per_s: 200.0,
            ..*load
        };
        sizing.app = pool(6, 4.0);
        sizing.workers = pool(2, 2.0);
        sizing.balancers = 2;
        sizing.store = StoreLayout {
            primaries: 4,
            node: pool(1, 8.0),
            standbys: 1,
            read_replicas: 2,
            replica_read_share: 0.6,
            logical_shards: 256,
            working_set_gb: 0.0,
        };
        sizing.cache = pool(2, 2.0);
        sizing.broker = pool(3, 2.0);
    }
    plan
}

fn every_blueprint(catalog: &Catalog, check: impl Fn(&str, &Plan, Horizon, &Blueprint)) {
    for domain in catalog.domains.keys() {
        for (name, plan) in [
            ("small", small(domain)),
            ("services", services(domain)),
            ("serverless", serverless(domain)),
            ("sharded", sharded(domain)),
        ] {
            for horizon in Horizon::ALL {
                let blueprint = compose(&plan, horizon, catalog);
                check(&format!("{domain}, {name}, {}", horizon.label()), &plan, horizon, &blueprint);
            }
        }
    }
}

fn steps(blueprint: &Blueprint) -> impl Iterator<Item = &Step> {
    blueprint.operations.values().flat_map(|o| &o.steps)
}

#[test]
fn every_reference_resolves() {
    every_blueprint(&catalog(), |case, _, _, b| {
        let actors_and_components: Vec<&Id> = b.actors.keys().chain(b.components.keys()).collect();
        let distinct: BTreeSet<&Id> = actors_and_components.iter().copied().collect();
        assert_eq!(
            distinct.len(),
            actors_and_components.len(),
            "{case}: an actor and a component share a name"
        );
        for flow in &b.flows {
            assert!(distinct.contains(&flow.from), "{case}: flow from {}", flow.from);
            assert!(b.components.contains_key(&flow.to), "{case}: flow to {}", flow.to);
        }
        for step in steps(b) {
            assert!(b.components.contains_key(&step.component), "{case}: step on {}", step.component);
        }
        for (id, component) in &b.components {
            assert!(component.zone.as_ref().is_some_and(|z| b.zones.contains_key(z)), "{case}: zone of {id}");
            assert!(component.modules.iter().all(|m| b.modules.contains_key(m)), "{case}: modules of {id}");
        }
        for (id, entity) in &b.entities {
            assert!(
                entity.store.as_ref().is_some_and(|s| b.components.contains_key(s)),
                "{case}: store of {id}"
            );
            assert!(
                entity.module.as_ref().is_some_and(|m| b.modules.contains_key(m)),
                "{case}: module of {id}"
            );
        }
        for (id, operation) in &b.operations {
            assert!(
                operation.module.as_ref().is_some_and(|m| b.modules.contains_key(m)),
                "{case}: module of {id}"
            );
            assert!(
                operation.accesses.iter().all(|a| b.entities.contains_key(&a.entity)),
                "{case}: rows of {id}"
            );
        }
        for workload in &b.workloads {
            assert!(workload.rate_per_s.keys().all(|id| b.operations.contains_key(id)), "{case}: rates");
        }
    });
}

#[test]
fn every_module_has_one_process_that_answers() {
    every_blueprint(&catalog(), |case, _, _, b| {
        for module in b.modules.keys() {
            let holds = |kinds: &[ComponentKind]| {
                b.components
                    .iter()
                    .filter(|(id, c)| {
                        *id != "worker" && kinds.contains(&c.kind) && c.modules.contains(module)
                    })
                    .count()
            };
            assert_eq!(holds(&[ComponentKind::Service, ComponentKind::Function]), 1, "{case}: {module}");
        }
    });
}

#[test]
fn steps_are_finite_and_say_where_they_come_from() {
    every_blueprint(&catalog(), |case, _, _, b| {
        for (id, operation) in &b.operations {
            assert!(!operation.steps.is_empty(), "{case}: {id} goes nowhere");
            for step in &operation.steps {
                for number in [step.visits, step.cpu_ms, step.wait_ms, step.scv] {
                    assert!(number.is_finite() && number >= 0.0, "{case}: {id} on {}", step.component);
                }
                assert!(step.visits > 0.0, "{case}: {id} never visits {}", step.component);
                assert!(!step.basis.is_empty(), "{case}: {id} on {}", step.component);
            }
        }
        for (id, component) in &b.components {
            let basis = |c: &Capacity| c.basis.clone();
            assert!(component.capacity.as_ref().is_none_or(|c| !basis(c).is_empty()), "{case}: {id}");
        }
    });
}

#[test]
fn rates_add_up_to_the_load() {
    let catalog = catalog();
    every_blueprint(&catalog, |case, plan, _, b| {
        for workload in &b.workloads {
            let load = plan.load.at(workload.horizon);
            let sum = |of: &dyn Fn(&Id, OperationKind) -> bool| -> f64 {
                let chosen = workload.rate_per_s.iter().filter(|(id, _)| of(id, b.operations[*id].kind));
                chosen.map(|(_, rate)| rate).sum()
            };
            let jobs = sum(&|_, kind| kind == OperationKind::Job);
            let events = sum(&|id, _| takes_events(&catalog, plan, id));
            let scheduled = sum(&|_, kind| kind == OperationKind::Scheduled);
            let requests = sum(&|_, kind| kind != OperationKind::Job) - events - scheduled;
            assert!((requests / load.requests_per_s - 1.0).abs() < 1e-3, "{case}: {requests} requests/s");
            let domain = &catalog.domains[&plan.domain];
            let call = domain.intake.as_ref().map(|id| &domain.operations[id]);
            let events = events * call.map_or(1.0, |o| domain.events_per_call(o));
            assert!((events - load.events_per_s).abs() < 1e-4, "{case}: {events} events/s");
            assert!(jobs >= load.jobs_per_s * 0.999_999, "{case}: {jobs} jobs/s");
        }
    });
}

/// Whether an operation takes in the load's events, if it has any: the domain's own intake, or the one that is added.
fn takes_events(catalog: &Catalog, plan: &Plan, id: &Id) -> bool {
    let own = catalog.domains[&plan.domain].intake.as_ref();
    let comes = plan.load.now.events_per_s > 0.0 || plan.load.later.events_per_s > 0.0;
    comes && own.map_or(id == "take-in-events", |own| own == id)
}

/// Work per second on the components `of` picks, in the unit `measure` gives.
fn offered(
    plan: &Plan,
    b: &Blueprint,
    h: Horizon,
    pick: impl Fn(&Step) -> bool,
    measure: impl Fn(&Step) -> f64,
) -> f64 {
    let workload = b.workloads.iter().find(|w| w.horizon == h).expect("both horizons");
    assert!(plan.load.at(h).requests_per_s > 0.0);
    let of = |(id, o): (&Id, &loadcase_model::Operation)| {
        o.steps.iter().filter(|s| pick(s)).map(|s| s.visits * measure(s)).sum::<f64>()
            * workload.rate_per_s[id]
    };
    b.operations.iter().map(of).sum()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

#[test]
fn work_of_the_processes_adds_up_to_the_load() {
    let catalog = catalog();
    every_blueprint(&catalog, |case, plan, h, b| {
        let load = plan.load.at(h);
        let is_app = |s: &Step| {
            let kind = b.components[&s.component].kind;
            s.component != "worker" && matches!(kind, ComponentKind::Service | ComponentKind::Function)
        };
        let workload = b.workloads.iter().find(|w| w.horizon == h).expect("both horizons");
        let asked = |kind: OperationKind| !Scope::in_background(kind);
        let busy: f64 = b
            .operations
            .iter()
            .filter(|(id, o)| asked(o.kind) && !takes_events(&catalog, plan, id))
            .map(|(id, o)| {
                workload.rate_per_s[id]
                    * o.steps.iter().filter(|s| is_app(s)).map(|s| s.visits * s.cpu_ms).sum::<f64>()
            })
            .sum();
        let wanted = load.requests_per_s * (1.0 - load.edge_hit) * load.app_cpu_ms;
        // Few reads that may be kept leave the edge a little short of its share.
        assert!(
            (busy / wanted - 1.0).abs() < 1e-2,
            "{case}: {busy} ms/s of processor time, the load has {wanted}"
        );
    });
}

#[test]
fn statements_add_up_to_the_load() {
    let catalog = catalog();
    every_blueprint(&catalog, |case, plan, h, b| {
        let load = plan.load.at(h);
        let on_store = |s: &Step| b.components[&s.component].kind == ComponentKind::Store;
        let is_queue = |s: &Step| s.basis.starts_with("puts ") || s.basis.starts_with("takes ");
        let is_read = |s: &Step| s.basis.contains(" read statement");
        // Events and what the clock starts come on top of what the load counts for requests.
        let mut b = b.clone();
        b.operations.retain(|id, o| o.kind != OperationKind::Scheduled && !takes_events(&catalog, plan, id));
        let b = &b;
        let reads = offered(plan, b, h, |s| on_store(s) && is_read(s), |_| 1.0);
        let through =
            offered(plan, b, h, |s| b.components[&s.component].kind == ComponentKind::Cache, |_| 1.0);
        if load.cache_hit == 0.0 {
            assert!(
                close(reads, load.reads_per_s),
                "{case}: {reads} reads/s, the load has {}",
                load.reads_per_s
            );
        } else {
            assert!(reads < load.reads_per_s && through > 0.0, "{case}: the cache answers nothing");
        }
        let writes = offered(plan, b, h, |s| on_store(s) && !is_read(s) && !is_queue(s), |_| 1.0);
        assert!(
            writes <= load.writes_per_s * 1.000_001,
            "{case}: {writes} writes/s of {}",
            load.writes_per_s
        );
    });
}

#[test]
fn the_edge_and_the_replicas_take_their_share() {
    let catalog = catalog();
    let social = Id::slug("social");
    let plan = services(&social);
    let b = compose(&plan, Horizon::Later, &catalog);
    let (load, layout) = (&plan.load.later, &plan.sizing.later.store);
    let front = offered(&plan, &b, Horizon::Later, |s| s.component == "gateway", |_| 1.0);
    let passing = load.requests_per_s * (1.0 - load.edge_hit) + load.events_per_s;
    assert!(close(front, passing), "{front} requests/s behind the edge, {passing} expected");
    let on_store = |s: &Step| {
        b.components[&s.component].kind == ComponentKind::Store && s.basis.contains(" read statement")
    };
    let all = offered(&plan, &b, Horizon::Later, on_store, |_| 1.0);
    let replicas = offered(&plan, &b, Horizon::Later, |s| on_store(s) && s.reads_only, |_| 1.0);
    assert!((replicas / all - layout.replica_read_share).abs() < 0.05, "{}", replicas / all);
}

#[test]
fn services_share_the_nodes_and_own_their_stores() {
    let catalog = catalog();
    let plan = services(&Id::slug("commerce"));
    let b = compose(&plan, Horizon::Now, &catalog);
    let nodes = |kind: ComponentKind| -> u32 {
        b.components
            .values()
            .filter(|c| c.kind == kind)
            .filter_map(|c| c.capacity.as_ref())
            .map(|c| c.replicas)
            .sum()
    };
    let services = || b.components.values().filter(|c| c.kind == ComponentKind::Service);
    let capacities: Vec<_> = services().filter_map(|c| c.capacity.as_ref()).collect();
    let processors: f64 = capacities.iter().map(|c| f64::from(c.replicas) * c.vcpu).sum();
    assert_eq!(capacities.len(), 6);
    assert!(processors >= 28.0, "the plan has 14 nodes of 2: {processors}");
    assert!(capacities.iter().all(|c| c.replicas >= 2), "none falls silent with one node: {capacities:?}");
    // The search module owns no entity, so its service has no store.
    assert_eq!(b.components.values().filter(|c| c.kind == ComponentKind::Store).count(), 5);
    assert_eq!(nodes(ComponentKind::Store), 7);
    let hops = b.operations.values().filter(|o| {
        o.steps.iter().filter(|s| b.components[&s.component].kind == ComponentKind::Service).count() > 1
    });
    assert!(hops.count() > 0, "no operation crosses a service");
}

#[test]
fn callers_wait_longer_than_those_they_call() {
    every_blueprint(&catalog(), |case, _, _, b| {
        let waits = |f: &&loadcase_model::Flow| f.style == FlowStyle::Sync && f.timeout_ms.is_some();
        let sync: Vec<_> = b.flows.iter().filter(waits).collect();
        let process = [ComponentKind::Service, ComponentKind::Function];
        let service = |id: &Id| b.components.get(id).is_some_and(|c| process.contains(&c.kind));
        for outer in &sync {
            for inner in sync.iter().filter(|i| i.from == outer.to) {
                // Calls between services may close a circle; there the waits can only be equal.
                let circle = service(&outer.from) && service(&outer.to) && service(&inner.to);
                let enough = if circle { true } else { outer.timeout_ms > inner.timeout_ms };
                assert!(enough, "{case}: {} > {} > {}", outer.from, outer.to, inner.to);
            }
        }
        for flow in &b.flows {
            assert!(
                flow.timeout_ms.is_none() || !flow.basis.is_empty(),
                "{case}: {} > {}",
                flow.from,
                flow.to
            );
        }
    });
}

#[test]
fn each_path_has_one_layer_that_tries_again() {
    every_blueprint(&catalog(), |case, _, _, b| {
        let retries = |f: &loadcase_model::Flow| f.retries.unwrap_or(0) > 0;
        let kind = |id: &Id| b.components.get(id).map(|c| c.kind);
        let is_outermost =
            |id: &Id| !b.components.contains_key(id) || kind(id) == Some(ComponentKind::Client);
        for flow in b.flows.iter().filter(|f| retries(f)) {
            let guard = flow.guard.as_ref().unwrap_or_else(|| panic!("{case}: {} > {}", flow.from, flow.to));
            assert!(guard.backoff_ms.is_some_and(|p| p > 0.0), "{case}: {} > {}", flow.from, flow.to);
            assert!(!guard.basis.is_empty(), "{case}: {} > {}", flow.from, flow.to);
            // Whoever waits is the first of the path; what is handed over begins a path of its own.
            let begins = is_outermost(&flow.from) || flow.style == FlowStyle::Async;
            assert!(begins, "{case}: {} tries {} again in the middle of a path", flow.from, flow.to);
            let budgeted = guard.retry_budget.is_some() || kind(&flow.from) == Some(ComponentKind::Broker);
            let delivers = kind(&flow.from) == Some(ComponentKind::Cache);
            assert!(budgeted || delivers, "{case}: {} > {} has no budget", flow.from, flow.to);
        }
        let entered =
            b.flows.iter().any(|f| is_outermost(&f.from) && f.style == FlowStyle::Sync && retries(f));
        assert!(entered, "{case}: nobody tries again");
    });
}

#[test]
fn queues_before_processes_have_an_end_and_deadlines_go_along() {
    every_blueprint(&catalog(), |case, _, _, b| {
        let sized = |id: &Id| b.components[id].capacity.as_ref().is_some_and(|c| c.replicas > 0);
        for flow in b.flows.iter().filter(|f| f.style == FlowStyle::Sync && f.timeout_ms.is_some()) {
            let Some(to) = b.components.get(&flow.to) else { continue };
            let guard = flow.guard.as_ref();
            if to.kind == ComponentKind::Service && sized(&flow.to) {
                let waiting = guard.and_then(|g| g.waiting);
                let asked = b.operations.values().any(|o| {
                    o.kind == OperationKind::Request
                        && o.steps.iter().any(|s| s.component == flow.to && s.visits > 0.0 && s.cpu_ms > 0.0)
                });
                assert!(waiting.is_some() || !asked, "{case}: {} > {} waits without end", flow.from, flow.to);
            }
            if matches!(to.kind, ComponentKind::Service | ComponentKind::Store) {
                assert!(guard.is_some_and(|g| g.deadline), "{case}: {} > {}", flow.from, flow.to);
            }
        }
    });
}

#[test]
fn every_part_is_connected() {
    every_blueprint(&catalog(), |case, _, _, b| {
        for id in b.components.keys() {
            assert!(b.flows.iter().any(|f| f.from == *id || f.to == *id), "{case}: nobody talks to {id}");
        }
    });
}

#[test]
fn yaml_brings_the_same_blueprint_back() {
    every_blueprint(&catalog(), |case, _, _, b| {
        let text = serde_saphyr::to_string(b).expect("a blueprint can be written");
        let back: Blueprint =
            yaml::read(&text).unwrap_or_else(|d| panic!("{case}: {}", d.one_line("blueprint.yaml", &text)));
        assert_eq!(&back, b, "{case}");
    });
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let catalog = catalog();
    let plan = services(&Id::slug("social"));
    let text = || serde_saphyr::to_string(&compose(&plan, Horizon::Later, &catalog)).expect("can be written");
    assert_eq!(text(), text());
}

#[test]
fn blueprints_can_be_forecast() {
    let catalog = catalog();
    every_blueprint(&catalog, |case, plan, h, b| {
        let workload = b.workloads.iter().find(|w| w.horizon == h).expect("both horizons");
        let compute = plan.technologies["compute"].clone();
        let prices = PriceContext {
            compute,
            managed: plan.managed,
            average_over_peak: 0.4,
            response_kb: 10.0,
            seats: 0.0,
            file_days: 30.0,
            recovery_point_s: None,
        };
        let f = forecast(b, workload, &catalog, &prices);
        let numbers = [
            f.latency.p50.value,
            f.latency.p99.value,
            f.saturation.headroom.value,
            f.availability.share.value,
            f.cost_total.value,
            f.people_total.value,
        ];
        assert!(numbers.iter().all(|n| !n.is_nan()), "{case}: {numbers:?}");
        assert!(f.cost_total.value > 0.0 && f.people_total.value > 0.0, "{case}");
        assert!(f.availability.share.value > 0.9, "{case}: {}", f.availability.share.text());
        assert_eq!(f.operations.len(), b.operations.len(), "{case}");
        for (id, operation) in &f.operations {
            let l = &operation.latency;
            assert!(l.p50.value <= l.p95.value && l.p95.value <= l.p99.value, "{case}: {id}");
        }
    });
}

#[test]
fn absurd_plans_are_composed_without_a_panic() {
    let catalog = catalog();
    let empty = Catalog::default();
    let absurd = Load {
        requests_per_s: f64::NAN,
        read_share: -1.0,
        edge_hit: 7.0,
        cache_hit: f64::INFINITY,
        app_cpu_ms: 1e300,
        reads_per_s: -5.0,
        writes_per_s: 1e300,
        rows_written_per_s: 1e300,
        rows_passed_by_per_s: 0.0,
        background_writes_per_s: 1e300,
        event_reads_per_s: 1e300,
        peak_factor: 1e300,
        event_writes_per_s: 1e300,
        jobs_per_s: f64::INFINITY,
        events_per_s: 1e300,
        data_gb: f64::NAN,
    };
    for catalog in [&catalog, &empty] {
        let mut plan = services(&Id::slug("no-such-domain"));
        plan.load = Horizons { now: absurd, later: absurd };
        plan.deployables = u32::MAX;
        plan.options = IndexMap::new();
        plan.options.insert(Id::slug("topology"), Id::slug("microservices"));
        let b = compose(&plan, Horizon::Now, catalog);
        assert!(steps(&b).all(|s| s.visits.is_finite() && s.cpu_ms.is_finite() && s.wait_ms.is_finite()));
        let prices = PriceContext {
            compute: Id::slug("nothing"),
            managed: false,
            average_over_peak: f64::NAN,
            response_kb: f64::NAN,
            seats: 0.0,
            file_days: 30.0,
            recovery_point_s: None,
        };
        let f = forecast(&b, &b.workloads[0], catalog, &prices);
        assert!(!f.cost_total.value.is_nan() && !f.latency.p99.value.is_nan());
    }
}

/// What a tenant's callers and their work touch names its tenant where tables are shared, and nothing does where there
/// are no tenants: in every domain, whatever its file says of tenants.
#[test]
fn entities_are_whose_the_decision_on_tenants_says() {
    let catalog = catalog();
    for domain in catalog.domains.keys() {
        for option in ["no-tenants", "pooled", "bridge", "sharded-tenants", "tenant-cells"] {
            let mut plan = small(domain);
            plan.options.insert(Id::slug("tenancy"), Id::slug(option));
            let b = compose(&plan, Horizon::Later, &catalog);
            let scoped: BTreeSet<&Id> =
                b.entities.iter().filter(|(_, e)| e.tenant_scoped).map(|(id, _)| id).collect();
            let tenants =
                b.entities.values().filter(|e| e.plays == Some(loadcase_model::Part::Tenant)).count();
            if option == "no-tenants" {
                assert!(scoped.is_empty() && tenants == 0, "{domain}, {option}: {scoped:?}");
                continue;
            }
            assert!(scoped.len() * 2 > b.entities.len(), "{domain}, {option}: {scoped:?}");
            for (id, entity) in b.entities.iter().filter(|(id, _)| scoped.contains(id)) {
                let to_tenant = |f: &loadcase_model::Field| {
                    f.to.as_ref().is_some_and(|to| {
                        b.entities.get(to).is_some_and(|e| e.plays == Some(loadcase_model::Part::Tenant))
                    })
                };
                assert!(
                    !entity.fields.iter().any(|f| !f.optional && f.name != "tenant_id" && to_tenant(f)),
                    "{domain}, {option}: {id} names its tenant twice"
                );
            }
            for (name, operation) in &b.operations {
                for access in &operation.accesses {
                    let entity = &b.entities[&access.entity];
                    let known = |f: &Id| {
                        ["id", "created_at", "updated_at", "tenant_id", "deleted_at"].contains(&f.as_str())
                            || entity.fields.iter().any(|own| own.name == *f)
                    };
                    assert!(
                        access.by.iter().all(known),
                        "{domain}, {option}: {name} asks by {:?}",
                        access.by
                    );
                }
            }
        }
    }
}
