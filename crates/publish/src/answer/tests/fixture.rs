//! A small design made by hand, and the bare minimum of one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, load_embedded};
use loadcase_model::{
    Alternative, Availability, Blueprint, Brief, Capacity, Choices, Component, ComponentKind, CostLine,
    Decision, Deployment, Design, DomainGuess, Driver, Estimate, Feasibility, Figure, Flip, Forecast, Given,
    GrowthStep, Horizon, Horizons, Id, Input, Latency, Margin, Module, Origin, PeopleLine, Question, Reading,
    Recommendation, Risk, Saturation, Signal, StationForecast, TargetCheck, Unit, Verdict,
};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).expect("a valid identifier")
}

/// The embedded catalog, read once for all tests.
static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| load_embedded().unwrap_or_else(|error| panic!("{error}")));

pub(crate) fn catalog() -> Catalog {
    CATALOG.clone()
}

fn computed(value: f64, unit: Unit) -> Figure {
    Figure::computed(value, unit, "test")
}

fn latency() -> Latency {
    let ms = |value| computed(value, Unit::Milliseconds);
    Latency { mean: ms(12.0), p50: ms(9.0), p95: ms(40.0), p99: ms(80.0) }
}

fn forecast(horizon: Horizon, full: bool) -> Forecast {
    let usd = |value| computed(value, Unit::UsdPerMonth);
    let station = StationForecast {
        utilisation: computed(0.21, Unit::Share),
        throughput: computed(50.0, Unit::PerSecond),
        wait: computed(0.4, Unit::Milliseconds),
    };
    Forecast {
        horizon,
        arrivals: computed(42.0, Unit::RequestsPerSecond),
        latency: latency(),
        operations: IndexMap::new(),
        stations: if full {
            IndexMap::from([(id("app"), station.clone()), (id("database"), station)])
        } else {
            IndexMap::new()
        },
        saturation: Saturation {
            rate: computed(400.0, Unit::RequestsPerSecond),
            headroom: computed(9.5, Unit::Times),
            station: id("app"),
        },
        availability: Availability {
            share: computed(0.9993, Unit::Share),
            downtime_month: computed(1_814.0, Unit::Seconds),
            recovery_point: computed(5.0, Unit::Seconds),
            recovery_time: computed(120.0, Unit::Seconds),
            weakest: Some(id("database")),
        },
        cost: if full {
            vec![CostLine {
                item: "Application".into(),
                arithmetic: "2 x 2 vCPU x 36 USD".into(),
                monthly: usd(144.0),
            }]
        } else {
            Vec::new()
        },
        cost_total: usd(310.0),
        people: if full {
            vec![PeopleLine { item: "on-call and updates".into(), engineers: computed(0.3, Unit::Engineers) }]
        } else {
            Vec::new()
        },
        people_total: computed(0.4, Unit::Engineers),
    }
}

fn value_of(input: Input) -> f64 {
    match input {
        Input::MonthlyUsers => 60_000.0,
        Input::DailyUsers => 12_000.0,
        Input::DailyShare => 0.2,
        Input::RequestsPerUserDay => 40.0,
        Input::PeakFactor => 5.0,
        Input::AverageRps => 12_000.0 * 40.0 / 86_400.0,
        Input::PeakRps => 12_000.0 * 40.0 / 86_400.0 * 5.0,
        Input::ReadShare => 0.9,
        Input::Engineers => 4.0,
        Input::DataGb => 40.0,
        Input::Availability => 0.999,
        Input::BudgetUsdMonth => 2_000.0,
        Input::EngineerUsdMonth => 12_000.0,
        Input::BillUsdMonth => 1_000.0,
        Input::ServicesNow => 1.0,
        Input::LatencyP99Ms => 500.0,
        Input::CpuMsPerRequest => 20.0,
        Input::ResponseKb => 20.0,
        Input::QueriesPerRequest => 3.0,
        Input::QueriesPerS => 80.0,
        Input::WritesPerS => 8.0,
        Input::JobsPerS => 2.0,
        Input::EventsPerS => 5.0,
        Input::Connections => 500.0,
        Input::LargestTenantShare => 0.1,
        Input::RecoveryPointS => 300.0,
        Input::RecoveryTimeS => 3_600.0,
        Input::DeadlineMonths => 6.0,
        Input::Operators => 0.0,
        Input::EdgeCacheableShare => 0.3,
        _ => 3.0,
    }
}

fn readings() -> Vec<Reading> {
    let figure = |input: Input, factor: f64| {
        let value = value_of(input);
        let scaled = matches!(
            input,
            Input::MonthlyUsers | Input::DailyUsers | Input::AverageRps | Input::PeakRps | Input::DataGb
        );
        let value = if scaled { value * factor } else { value };
        let origin = if matches!(input, Input::AverageRps | Input::PeakRps) {
            Origin::computed("test")
        } else {
            Origin::assumed(value / 2.0, value * 2.0, "test")
        };
        Figure { value, unit: input.unit(), origin }
    };
    Input::ALL
        .iter()
        .map(|&input| Reading {
            input,
            now: figure(input, 1.0),
            later: figure(input, 3.0),
            sways: computed(if input == Input::Engineers { 0.2 } else { 0.01 }, Unit::Share),
            moves: None,
        })
        .collect()
}

fn decision(name: &str, option: &str) -> Decision {
    Decision {
        id: id(name),
        question: format!("Which {name}?"),
        verdict: Verdict {
            option: id(option),
            name: option.replace('-', " "),
            summary: "What it is.".into(),
        },
        drivers: vec![Driver { because: "a small team".into(), worth: Some(computed(0.5, Unit::Engineers)) }],
        alternatives: vec![Alternative {
            option: id("other"),
            name: "Other".into(),
            feasible: true,
            behind: Some(computed(5_000.0, Unit::UsdPerMonth)),
            reason: "it needs more people".into(),
        }],
        flips: vec![Flip {
            input: Input::Engineers,
            horizon: Horizon::Later,
            present: Figure { value: 4.0, unit: Unit::Engineers, origin: Origin::answered("four") },
            at: computed(45.0, Unit::Engineers),
            above: true,
            to: id("other"),
            to_name: "Other".into(),
        }],
        holds: computed(0.93, Unit::Share),
        pin: None,
    }
}

fn component(name: &str, kind: ComponentKind, technology: Option<&str>) -> Component {
    Component {
        name: name.into(),
        kind,
        technology: technology.map(id),
        version: technology.map(|_| "18".into()),
        framework: None,
        zone: None,
        modules: Vec::new(),
        managed: true,
        capacity: Some(Capacity {
            replicas: 2,
            vcpu: 2.0,
            memory_gb: 4.0,
            storage_gb: 0.0,
            standbys: u32::from(technology.is_some()),
            read_replicas: 0,
            concurrency: None,
            basis: "sized".into(),
        }),
        evidence: Vec::new(),
    }
}

fn blueprint(full: bool) -> Blueprint {
    let mut components = IndexMap::new();
    let mut modules = IndexMap::new();
    if full {
        components.insert(id("app"), component("Application", ComponentKind::Service, None));
        components.insert(id("database"), component("Database", ComponentKind::Store, Some("postgresql")));
        for name in ["Accounts", "Posts"] {
            modules.insert(Id::slug(name), Module { name: name.into(), summary: String::new() });
        }
    }
    Blueprint {
        schema: Blueprint::SCHEMA.into(),
        name: "test".into(),
        summary: String::new(),
        topology: id("modular-monolith"),
        actors: IndexMap::new(),
        modules,
        components,
        flows: Vec::new(),
        entities: IndexMap::new(),
        operations: IndexMap::new(),
        zones: IndexMap::new(),
        deployment: Deployment {
            platform: id("paas"),
            provider: None,
            regions: vec!["eu".into()],
            rollout: None,
        },
        workloads: Vec::new(),
    }
}

/// A design with nothing in it that can be left out.
pub(crate) fn empty() -> Design {
    build(false, &[])
}

/// A design with a bit of everything, and these options for decisions.
pub(crate) fn full(choices: &[(&str, &str)]) -> Design {
    build(true, choices)
}

const DECISIONS: &[(&str, &str)] = &[
    ("topology", "modular-monolith"),
    ("stack", "fastapi"),
    ("primary-store", "postgresql"),
    ("data-scaling", "primary-replicas"),
    ("data-cache", "no-data-cache"),
    ("edge-cache", "no-edge-cache"),
    ("messaging", "database-queue"),
    ("deployment", "paas"),
    ("tenancy", "pooled"),
    ("api-style", "rest"),
    ("authentication", "framework-sessions"),
    ("authorization", "rbac"),
    ("search", "database-search"),
    ("analytics-store", "no-analytics-store"),
    ("ledger-model", "double-entry"),
    ("files", "object-storage"),
    ("rollout", "rolling"),
    ("provider", "aws"),
];

fn risk() -> Risk {
    Risk {
        risk: "One database".into(),
        severity: id("medium"),
        mitigation: "Standby".into(),
        origin: Origin::computed("test"),
    }
}

fn build(full: bool, choices: &[(&str, &str)]) -> Design {
    let option_of = |name: &str, usual: &str| {
        let other = choices.iter().find(|(decision, _)| *decision == name);
        other.map_or_else(|| usual.to_owned(), |(_, option)| (*option).to_owned())
    };
    let mut words: IndexMap<String, Vec<String>> = IndexMap::new();
    let mut decisions = Vec::new();
    for (name, usual) in DECISIONS.iter().filter(|_| full) {
        let option = option_of(name, usual);
        words.insert(name.replace('-', "_"), vec![option.replace('-', "_")]);
        decisions.push(decision(name, &option));
    }
    let readings = if full { readings() } else { Vec::new() };
    let question = Question {
        input: Input::DailyUsers,
        ask: "How many people use it on a day?".into(),
        why: "It sets the load.".into(),
        default: Figure { value: 1_000.0, unit: Unit::Users, origin: Origin::assumed(100.0, 1e5, "typical") },
        sways: computed(0.3, Unit::Share),
    };
    let step = GrowthStep {
        at: computed(400.0, Unit::RequestsPerSecond),
        station: id("app"),
        trigger: "busy share of the application over 70% `c`".into(),
        action: "Add a node".into(),
        undo: "remove it".into(),
        monthly: computed(380.0, Unit::UsdPerMonth),
    };
    Design {
        schema: Design::SCHEMA.into(),
        choices: Choices(words),
        sizing: BTreeMap::new(),
        sizing_origins: BTreeMap::new(),
        recommendation: Recommendation {
            headline: "A modular monolith on one database".into(),
            reasons: if full { vec!["The load is small.".into()] } else { Vec::new() },
            margin: Margin {
                headroom: computed(9.5, Unit::Times),
                station: id("app"),
                holds: computed(0.9, Unit::Share),
            },
            candidates: computed(2_400.0, Unit::One),
            cost_of_ownership: computed(5_000.0, Unit::UsdPerMonth),
            engineers: computed(0.4, Unit::Engineers),
            review_by: "2027-05-22".into(),
            review_because: "a version leaves support".into(),
        },
        feasibility: Feasibility::Met,
        targets: if full {
            vec![TargetCheck {
                name: "p99 response time".into(),
                target: computed(500.0, Unit::Milliseconds),
                forecast: computed(80.0, Unit::Milliseconds),
                met: true,
                beside: None,
            }]
        } else {
            Vec::new()
        },
        readings,
        questions: if full { vec![question] } else { Vec::new() },
        decisions,
        forecasts: Horizons { now: forecast(Horizon::Now, full), later: forecast(Horizon::Later, full) },
        growth: if full { vec![step] } else { Vec::new() },
        risks: if full { vec![risk()] } else { Vec::new() },
        findings: Vec::new(),
        gate: Vec::new(),
        simulated: None,
        today: None,
        blueprint: blueprint(full),
        brief: Brief::default(),
        quotations: Vec::new(),
    }
}

/// States an input: replaces its reading by the user's number at both horizons.
pub(crate) fn state(design: &mut Design, input: Input, value: f64) {
    for reading in design.readings.iter_mut().filter(|r| r.input == input) {
        reading.now = Figure { value, unit: input.unit(), origin: Origin::answered(format!("{value}")) };
        reading.later = reading.now.clone();
    }
    let estimate = Estimate::exact(value, Origin::answered(format!("{value}")));
    design
        .brief
        .numbers
        .insert(input, Given { now: Some(estimate), later: None, average: false, each: false });
}

/// States a circumstance.
pub(crate) fn signal(design: &mut Design, name: &str) {
    design.brief.signals.insert(id(name), Signal { holds: true, origin: Origin::answered(name) });
}

/// Puts the product into a domain.
pub(crate) fn domain(design: &mut Design, name: &str) {
    design.brief.domains = vec![DomainGuess { id: id(name), share: 1.0, origin: Origin::answered(name) }];
}
