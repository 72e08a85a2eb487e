//! Forecasts of hand-made blueprints against formulas, and of absurd ones against panics.

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, load_embedded};
use loadcase_forecast::blueprint::{PriceContext, forecast, known, stated};
use loadcase_forecast::queue::erlang::erlang_c;
use loadcase_model::{
    Blueprint, Capacity, Component, ComponentKind, Deployment, Forecast, Horizon, Id, Operation,
    OperationKind, Step, StepMode, Workload, yaml,
};

fn id(text: &str) -> Id {
    Id::new(text).expect("identifiers of the test")
}

fn component(kind: ComponentKind, replicas: u32, vcpu: f64) -> Component {
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
            storage_gb: 100.0,
            standbys: 0,
            read_replicas: 0,
            concurrency: None,
            basis: "made up".to_owned(),
        }),
        evidence: Vec::new(),
    }
}

fn step(component: &str, cpu_ms: f64) -> Step {
    Step {
        component: id(component),
        visits: 1.0,
        cpu_ms,
        wait_ms: 0.0,
        scv: 1.0,
        mode: StepMode::Sync,
        reads_only: false,
        basis: "made up".to_owned(),
    }
}

fn operation(kind: OperationKind, steps: Vec<Step>) -> Operation {
    Operation {
        name: "Do".to_owned(),
        kind,
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

/// An application of 4 processors before a store of 2: 2 ms and 1 ms a request.
fn two_tiers() -> Blueprint {
    Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: "Two tiers".to_owned(),
        summary: String::new(),
        topology: id("monolith"),
        actors: IndexMap::new(),
        modules: IndexMap::new(),
        components: [
            (id("app"), component(ComponentKind::Service, 2, 2.0)),
            (id("db"), component(ComponentKind::Store, 1, 2.0)),
        ]
        .into_iter()
        .collect(),
        flows: Vec::new(),
        entities: IndexMap::new(),
        operations: [(
            id("read"),
            operation(OperationKind::Request, vec![step("app", 2.0), step("db", 1.0)]),
        )]
        .into_iter()
        .collect(),
        zones: IndexMap::new(),
        deployment: Deployment {
            platform: id("virtual-machines"),
            provider: None,
            regions: Vec::new(),
            rollout: None,
        },
        workloads: Vec::new(),
    }
}

fn at(rates: &[(&str, f64)]) -> Workload {
    Workload {
        horizon: Horizon::Now,
        rate_per_s: rates.iter().map(|(name, rate)| (id(name), *rate)).collect(),
        basis: "made up".to_owned(),
    }
}

fn run(blueprint: &Blueprint, workload: &Workload) -> Forecast {
    run_with(blueprint, workload, &Catalog::default())
}

fn run_with(blueprint: &Blueprint, workload: &Workload, catalog: &Catalog) -> Forecast {
    let prices = PriceContext {
        compute: id("virtual-machines"),
        managed: false,
        average_over_peak: 0.5,
        response_kb: 0.0,
        seats: 0.0,
        file_days: 30.0,
        recovery_point_s: None,
    };
    forecast(blueprint, workload, catalog, &prices)
}

fn close(a: f64, b: f64, within: f64) -> bool {
    (a - b).abs() <= within * b.abs().max(1e-9)
}

/// Mean response of M/M/c in ms, for `rate` per ms.
fn mmc(rate: f64, service: f64, servers: f64) -> f64 {
    let load = rate * service;
    service + erlang_c(servers, load) * service / (servers - load)
}

#[test]
fn two_tiers_respond_as_two_mmc_queues() {
    let f = run(&two_tiers(), &at(&[("read", 1_600.0)]));
    let (app, db) = (mmc(1.6, 2.0, 4.0), mmc(1.6, 1.0, 2.0));
    assert!(close(f.latency.mean.value, app + db, 1e-9), "{} for {}", f.latency.mean.value, app + db);
    assert!(close(f.stations["app"].utilisation.value, 0.8, 1e-12));
    assert!(close(f.stations["db"].utilisation.value, 0.8, 1e-12));
    assert!(close(f.stations["db"].throughput.value, 1_600.0, 1e-9));
    assert!(close(f.stations["db"].wait.value, db - 1.0, 1e-9));
    assert!(close(f.saturation.rate.value, 2_000.0, 1e-9));
    assert!(close(f.saturation.headroom.value, 1.25, 1e-9));
    assert!(f.latency.p99.value > f.latency.p95.value && f.latency.p95.value > f.latency.p50.value);
    assert_eq!(f.operations["read"].latency, f.latency);
}

#[test]
fn one_queue_has_exact_percentiles() {
    let mut b = two_tiers();
    b.components[0].capacity.as_mut().expect("it has some").replicas = 1;
    b.components[0].capacity.as_mut().expect("it has some").vcpu = 1.0;
    b.operations[0].steps.truncate(1);
    // M/M/1 responds exponentially with mean 1 / (mu - lambda).
    let f = run(&b, &at(&[("read", 400.0)]));
    let mean = 1.0 / (0.5 - 0.4);
    for (figure, p) in [(&f.latency.p50, 0.5_f64), (&f.latency.p95, 0.95), (&f.latency.p99, 0.99)] {
        assert!(close(figure.value, -mean * (1.0 - p).ln(), 1e-5), "{} at {p}", figure.value);
    }
}

#[test]
fn saturation_is_reported_and_nothing_panics() {
    let f = run(&two_tiers(), &at(&[("read", 4_000.0)]));
    assert!(close(f.stations["app"].utilisation.value, 2.0, 1e-9));
    assert!(f.latency.p99.value.is_infinite() && f.operations["read"].latency.p50.value.is_infinite());
    assert!(close(f.saturation.headroom.value, 0.5, 1e-9));
    assert!(close(f.saturation.rate.value, 2_000.0, 1e-9));
    assert!(f.stations["app"].wait.value.is_infinite());
}

#[test]
fn more_load_means_more_utilisation_and_longer_answers() {
    let base = at(&[("read", 500.0)]);
    let (one, two) = (run(&two_tiers(), &base), run(&two_tiers(), &base.scaled(2.0)));
    for station in ["app", "db"] {
        let busy = |f: &Forecast| f.stations[station].utilisation.value;
        assert!(close(busy(&two), 2.0 * busy(&one), 1e-9));
    }
    assert!(two.latency.p99.value > one.latency.p99.value);
    assert!(close(two.saturation.headroom.value, one.saturation.headroom.value / 2.0, 1e-9));
}

#[test]
fn work_left_behind_loads_but_does_not_delay() {
    let mut b = two_tiers();
    b.operations[0].steps[1].mode = StepMode::Async;
    let f = run(&b, &at(&[("read", 800.0)]));
    assert!(close(f.latency.mean.value, mmc(0.8, 2.0, 4.0), 1e-9));
    assert!(close(f.stations["db"].utilisation.value, 0.4, 1e-9));
}

#[test]
fn jobs_have_their_own_latency_and_are_no_part_of_the_answer() {
    let mut b = two_tiers();
    b.operations.insert(id("job"), operation(OperationKind::Job, vec![step("db", 50.0)]));
    let f = run(&b, &at(&[("read", 100.0), ("job", 2.0)]));
    assert!(f.operations["job"].latency.mean.value > 50.0);
    assert_eq!(f.latency.p99, f.operations["read"].latency.p99);
    assert!(f.latency.mean.value < 10.0);
}

#[test]
fn copies_for_reads_take_what_only_reads() {
    let mut b = two_tiers();
    b.components[1].capacity.as_mut().expect("it has some").read_replicas = 2;
    b.operations[0].steps[1].reads_only = true;
    let mut write = step("db", 1.0);
    write.visits = 0.1;
    b.operations[0].steps.push(write);
    let f = run(&b, &at(&[("read", 1_000.0)]));
    assert!(close(f.stations["db.replicas"].utilisation.value, 0.25, 1e-9));
    assert!(close(f.stations["db"].utilisation.value, 0.05, 1e-9));
    assert_eq!(f.saturation.station, "app");
}

#[test]
fn what_the_edge_answers_is_fast_and_the_rest_is_not() {
    let mut b = two_tiers();
    let edge = Component { capacity: None, managed: true, ..component(ComponentKind::Edge, 1, 1.0) };
    b.components.insert(id("edge"), edge);
    let mut front = step("edge", 0.0);
    front.wait_ms = 1.0;
    b.operations[0].steps.insert(0, front);
    for step in &mut b.operations[0].steps[1..] {
        step.visits = 0.2;
    }
    let f = run(&b, &at(&[("read", 1_000.0)]));
    let read = &f.operations["read"].latency;
    assert!(close(read.p50.value, 1.0, 1e-9), "{}", read.p50.value);
    assert!(read.p99.value > 3.0);
    let behind = mmc(0.2, 2.0, 4.0) + mmc(0.2, 1.0, 2.0);
    assert!(close(read.mean.value, 1.0 + 0.2 * behind, 1e-6), "{}", read.mean.value);
    assert!(close(f.latency.mean.value, read.mean.value, 1e-6), "{}", f.latency.mean.value);
    assert!(close(f.stations["app"].utilisation.value, 0.1, 1e-9));
}

#[test]
fn places_limit_what_processors_would_bear() {
    let mut b = two_tiers();
    b.operations[0].steps[1].wait_ms = 97.0;
    let open = run(&b, &at(&[("read", 100.0)]));
    // 100/s for about 0.1 s each: some 10 at the same time, of 16 places, of 12, of 8.
    let with = |places: u32| {
        let mut b = b.clone();
        b.components[0].capacity.as_mut().expect("it has some").concurrency = Some(places / 2);
        run(&b, &at(&[("read", 100.0)]))
    };
    assert!(with(16).latency.mean.value > open.latency.mean.value);
    assert!(with(12).latency.mean.value > with(16).latency.mean.value);
    let full = with(8);
    assert!(full.latency.p50.value.is_infinite());
    assert_eq!(full.saturation.station, "app");
    assert!(full.saturation.headroom.value < 1.0);
}

#[test]
fn many_operations_share_classes_and_keep_their_own_latency() {
    let mut b = two_tiers();
    b.operations.clear();
    let mut rates = Vec::new();
    let names: Vec<String> = (0..80).map(|n| format!("op-{n}")).collect();
    for (n, name) in names.iter().enumerate() {
        let cpu = 0.5 + n as f64 * 0.05;
        b.operations.insert(id(name), operation(OperationKind::Request, vec![step("app", cpu)]));
        rates.push((name.as_str(), 10.0));
    }
    let f = run(&b, &at(&rates));
    let offered: f64 = (0..80).map(|n| 10.0 * (0.5 + f64::from(n) * 0.05) / 1e3).sum();
    assert!(close(f.stations["app"].utilisation.value, offered / 4.0, 1e-9));
    let wait = f.stations["app"].wait.value;
    for (n, name) in names.iter().enumerate() {
        let mean = f.operations[name.as_str()].latency.mean.value;
        assert!(close(mean, 0.5 + n as f64 * 0.05 + wait, 1e-6), "{name}: {mean}");
    }
}

#[test]
fn systems_of_others_count_for_the_operation_and_not_for_the_whole() {
    let mut b = two_tiers();
    let own = run(&b, &at(&[("read", 100.0)]));
    b.components
        .insert(id("bank"), Component { capacity: None, ..component(ComponentKind::External, 1, 1.0) });
    let mut call = step("bank", 0.0);
    call.wait_ms = 300.0;
    b.operations[0].steps.push(call);
    let f = run(&b, &at(&[("read", 100.0)]));
    assert!(close(f.latency.p99.value, own.latency.p99.value, 1e-12));
    let mean = f.operations["read"].latency.mean.value;
    assert!(close(mean, own.latency.mean.value + 300.0, 1e-9), "{mean}");
    assert!(close(f.availability.share.value, own.availability.share.value, 1e-12));
}

#[test]
fn answers_pay_their_way_to_the_internet() {
    let catalog = load_embedded().unwrap_or_else(|e| panic!("{e}"));
    let compute = id("managed-containers");
    let price = stated(&catalog, Some(&compute), "usd-per-gb-egress").expect("the catalog has it").value;
    let bill = |response_kb: f64| {
        let prices = PriceContext {
            compute: compute.clone(),
            managed: true,
            average_over_peak: 0.5,
            response_kb,
            seats: 0.0,
            file_days: 30.0,
            recovery_point_s: None,
        };
        forecast(&two_tiers(), &at(&[("read", 100.0)]), &catalog, &prices).cost_total.value
    };
    let gigabytes = 100.0 * 0.5 * 730.0 * 3_600.0 / 1e6 * 10.0;
    assert!(close(bill(10.0) - bill(0.0), gigabytes * price, 1e-9));
}

#[test]
fn availability_multiplies_along_the_path() {
    let catalog = Catalog::default();
    let single = known(&catalog, None, ComponentKind::Service, "availability-single").value;
    let mut b = two_tiers();
    b.components[0].capacity.as_mut().expect("it has some").replicas = 1;
    let alone = run(&b, &at(&[("read", 10.0)])).availability;
    assert!(close(alone.share.value, single * single, 1e-12));
    assert!(close(alone.downtime_month.value, (1.0 - single * single) * 2_592_000.0, 1e-9));
    assert!(alone.recovery_point.value > 0.0 && alone.recovery_time.value > 1_000.0);
    for component in b.components.values_mut() {
        let capacity = component.capacity.as_mut().expect("it has some");
        capacity.standbys = 1;
        capacity.replicas = 2;
    }
    let spare = run(&b, &at(&[("read", 10.0)])).availability;
    assert!(spare.share.value > alone.share.value);
    assert!(spare.recovery_time.value < alone.recovery_time.value);
    assert!(spare.weakest.is_some());
}

#[test]
fn the_bill_shows_its_arithmetic() {
    let catalog = load_embedded().unwrap_or_else(|e| panic!("{e}"));
    let mut b = two_tiers();
    b.components[1].technology = Some(id("postgresql"));
    b.components[1].managed = true;
    b.components[1].capacity.as_mut().expect("it has some").standbys = 1;
    let f = run_with(&b, &at(&[("read", 100.0)]), &catalog);
    let price = known(&catalog, Some(&id("postgresql")), ComponentKind::Store, "usd-month-vcpu").value;
    let line = f.cost.iter().find(|l| l.item.contains("(db): processors")).expect("the database is paid for");
    assert!(close(line.monthly.value, 2.0 * 2.0 * price, 1e-9));
    assert!(
        line.arithmetic.starts_with("2 copies x 2 vCPU x postgresql.usd-month-vcpu"),
        "{}",
        line.arithmetic
    );
    let total: f64 = f.cost.iter().map(|l| l.monthly.value).sum();
    assert!(close(f.cost_total.value, total, 1e-12));
    let people: f64 = f.people.iter().map(|l| l.engineers.value).sum();
    assert!(people > 0.0 && close(f.people_total.value, people, 1e-12));
}

#[test]
fn a_providers_own_database_has_its_price_and_its_promise() {
    let catalog = load_embedded().expect("the embedded catalog is sound");
    let mut blueprint = two_tiers();
    blueprint.deployment.platform = id("paas");
    let db = &mut blueprint.components[&id("db")];
    db.technology = Some(id("postgresql"));
    db.managed = true;
    db.capacity.as_mut().expect("a capacity").standbys = 1;
    // Two vCPU and 100 GB: the copies that a provider asks money for each.
    for (provider, paid, up) in [("heroku", 2.0, 0.999_65), ("fly-io", 1.0, 0.999), ("aws", 2.0, 0.9995)] {
        blueprint.deployment.provider = Some(id(provider));
        let forecast = run_with(&blueprint, &at(&[("read", 10.0)]), &catalog);
        let of = |name: &str, usual: &str| {
            let own = stated(&catalog, Some(&id(provider)), name);
            own.or_else(|| stated(&catalog, Some(&id("postgresql")), usual)).expect("a price").value
        };
        let by_size = catalog.technology(provider).and_then(|t| t.database_sizes.as_ref());
        let machine = by_size.and_then(|sizes| Some(sizes.price(sizes.fitting(2.0, 4.0, true)?).value));
        let processors = machine.unwrap_or(2.0 * of("usd-month-vcpu-database", "usd-month-vcpu"));
        let storage = 100.0 * of("usd-month-gb-database", "usd-month-gb-storage");
        let billed: f64 =
            forecast.cost.iter().filter(|l| l.item.contains("(db)")).map(|l| l.monthly.value).sum();
        assert!(close(billed, paid * (processors + storage), 1e-9), "{provider}: {billed}");
        let said = format!("{:?}", forecast.availability);
        assert!(said.contains(&format!("{provider}.availability-redundant-database")), "{said}");
        assert!(forecast.availability.share.value <= up, "{provider}: {}", forecast.availability.share.value);
    }
}

#[test]
fn what_is_paid_by_use_is_paid_at_the_average() {
    let catalog = load_embedded().unwrap_or_else(|e| panic!("{e}"));
    let mut b = two_tiers();
    b.components[0].kind = ComponentKind::Function;
    b.components[0].capacity.as_mut().expect("it has some").replicas = 0;
    let one = run_with(&b, &at(&[("read", 100.0)]), &catalog);
    let two = run_with(&b, &at(&[("read", 200.0)]), &catalog);
    let paid = |f: &Forecast| -> f64 {
        f.cost.iter().filter(|l| l.item.contains("(app)")).map(|l| l.monthly.value).sum()
    };
    assert!(paid(&one) > 0.0 && close(paid(&two), 2.0 * paid(&one), 1e-9));
    assert!(!one.stations.contains_key("app"), "functions have no processors to wait for");
}

#[test]
fn a_blueprint_comes_back_from_yaml() {
    let b = two_tiers();
    let text = serde_json::to_string_pretty(&b).expect("a blueprint can be written");
    let back: Blueprint =
        yaml::read(&text).unwrap_or_else(|d| panic!("{}", d.one_line("blueprint.yaml", &text)));
    assert_eq!(back, b);
}

#[test]
fn absurd_blueprints_are_forecast_without_a_panic() {
    let nonsense = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300];
    for cpu in nonsense {
        for visits in nonsense {
            for rate in nonsense {
                let mut b = two_tiers();
                for step in &mut b.operations[0].steps {
                    (step.cpu_ms, step.visits, step.wait_ms, step.scv) = (cpu, visits, cpu, visits);
                }
                b.operations[0].steps.push(step("nowhere", cpu));
                b.components[1].capacity.as_mut().expect("it has some").vcpu = visits;
                b.components[0].capacity.as_mut().expect("it has some").concurrency = Some(0);
                let f = run(&b, &at(&[("read", rate), ("unknown", rate)]));
                let numbers = [
                    f.arrivals.value,
                    f.latency.mean.value,
                    f.latency.p99.value,
                    f.saturation.rate.value,
                    f.availability.share.value,
                    f.cost_total.value,
                    f.people_total.value,
                ];
                assert!(numbers.iter().all(|n| !n.is_nan()), "{cpu} {visits} {rate}: {numbers:?}");
            }
        }
    }
    let mut nothing = two_tiers();
    nothing.components.clear();
    nothing.operations.clear();
    let f = run(&nothing, &at(&[]));
    assert!(!f.latency.p99.value.is_nan() && f.saturation.rate.value.is_infinite());
}
