//! Designs built by hand: a small social product that takes money, and a tool for companies with tenants.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, Domain, Technology};
use loadcase_model::{
    Access, AccessKind, Actor, Alternative, Availability, Blueprint, Brief, Capacity, Choices, Component,
    ComponentKind, Consequence, CostLine, Decision, Deployment, Design, DomainGuess, Driver, Entity,
    Feasibility, Field, FieldType, Figure, Finding, FindingLocation, Flip, Flow, FlowStyle, Forecast,
    GateLine, GateStatus, GrowthStep, Horizon, Horizons, Id, Input, Latency, Margin, Module, Operation,
    OperationForecast, OperationKind, Origin, PeopleLine, Place, Question, Reading, Recommendation, Risk,
    Saturation, Sensitivity, Signal, StationForecast, Step, StepMode, TargetCheck, TrustZone, Unit, Verdict,
    Workload, yaml,
};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).expect("a valid identifier")
}

fn computed(value: f64, unit: Unit) -> Figure {
    Figure::computed(value, unit, "open queueing network")
}

fn stated(value: f64, unit: Unit, text: &str) -> Figure {
    Figure { value, unit, origin: Origin::stated(text, 10) }
}

fn assumed(value: f64, unit: Unit, because: &str) -> Figure {
    Figure { value, unit, origin: Origin::assumed(value / 2.0, value * 2.0, because) }
}

fn fact(value: f64, unit: Unit) -> Figure {
    let origin = Origin::Fact {
        id: "postgresql.cpu-ms-read".to_owned(),
        source: "Operator's handbook".to_owned(),
        as_of: "2026-10-01".to_owned(),
    };
    Figure { value, unit, origin }
}

/// The catalog the tests use: three technologies with releases, one domain.
pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for text in TECHNOLOGIES {
        let technology: Technology = yaml::read(text).expect("a technology");
        catalog.technologies.insert(technology.id.clone(), technology);
    }
    let domain: Domain = yaml::read(DOMAIN).expect("a domain");
    catalog.domains.insert(domain.id.clone(), domain);
    catalog
}

const TECHNOLOGIES: &[&str] = &[
    r#"
id: postgresql
name: PostgreSQL
kind: store
summary: A relational database that also does queues, search and documents well enough to start.
traits: [relational, transactions, row-level-security, self-hostable, managed]
dialect: postgresql
recommended: "18"
releases:
  - {cycle: "18", latest: "18.4", latest_date: "2026-08-13", eol: "2030-11-14", source: endoflife.date, as_of: "2026-11-20"}
  - {cycle: "17", latest: "17.9", eol: "2029-11-08", source: endoflife.date, as_of: "2026-11-20"}
good_for: [Most products until one primary is full]
bad_for: [Writes above what one primary takes]
limitations:
  - One primary takes all writes.
  - Each connection is a process of about 10 MB, so put a pooler in front beyond 300 of them.
links:
  - {title: PostgreSQL documentation, url: "https://www.postgresql.org/docs/18/"}
advisories:
  - {id: CVE-2026-1234, severity: high, summary: A dump restored by an older client runs commands, fixed_in: ["18.2", "17.7"], source: OSV, date: "2026-02-12"}
"#,
    r#"
id: valkey
name: Valkey
kind: cache
summary: An in-memory store for caches and counters.
traits: [key-value, ttl]
recommended: "9.0"
releases:
  - {cycle: "9.0", latest: "9.0.5", latest_date: "2026-09-01", eol: "2028-10-21", source: endoflife.date, as_of: "2026-11-20"}
limitations: [Data beyond memory is evicted.]
links: [{title: Valkey documentation, url: "https://valkey.io/docs/"}]
"#,
    r#"
id: fastapi
name: FastAPI
kind: framework
summary: A Python framework for typed HTTP APIs.
language: python
releases:
  - {cycle: "0", latest: "0.128.0", latest_date: "2026-11-01", source: package index, as_of: "2026-11-20"}
limitations: [Blocking calls in async handlers stop the whole process.]
links: [{title: FastAPI documentation, url: "https://fastapi.tiangolo.com/"}]
"#,
    r#"
id: python
name: Python
kind: language
summary: A dynamic language with a library for everything.
recommended: "3.14"
releases:
  - {cycle: "3.14", latest: "3.14.1", latest_date: "2026-11-10", eol: "2030-10-31", source: endoflife.date, as_of: "2026-11-20"}
links: [{title: Python documentation, url: "https://docs.python.org/3.14/"}]
"#,
];

const DOMAIN: &str = r#"
id: social
name: Social network
summary: People publish and follow.
phrases: [{say: social media, weight: 3}]
actors: {person: {name: Person}}
modules: {feed: {name: Feed, summary: Reads posts}}
entities: {}
operations: {}
main_operations: [read-feed, publish-post, tip-author]
usage: {}
design_points:
  - Fan out on write for ordinary authors and on read for those with more than 100,000 followers.
risks: []
"#;

fn component(name: &str, kind: ComponentKind, zone: &str) -> Component {
    Component {
        name: name.to_owned(),
        kind,
        technology: None,
        version: None,
        framework: None,
        zone: Some(id(zone)),
        modules: Vec::new(),
        managed: false,
        capacity: None,
        evidence: Vec::new(),
    }
}

fn capacity(replicas: u32, vcpu: f64, memory_gb: f64, storage_gb: f64, standbys: u32) -> Capacity {
    Capacity {
        replicas,
        vcpu,
        memory_gb,
        storage_gb,
        standbys,
        read_replicas: 0,
        concurrency: None,
        basis: "sized for the peak in 24 months".to_owned(),
    }
}

fn components() -> IndexMap<Id, Component> {
    let mut edge = component("CDN", ComponentKind::Edge, "edge");
    edge.managed = true;
    let mut gateway = component("Load balancer", ComponentKind::Gateway, "edge");
    gateway.managed = true;
    let mut app = component("Application", ComponentKind::Service, "app");
    app.framework = Some(id("fastapi"));
    app.technology = Some(id("python"));
    app.modules = ["accounts", "feed", "notify", "tips"].map(id).to_vec();
    app.capacity = Some(capacity(3, 2.0, 4.0, 0.0, 0));
    let mut worker = component("Media worker", ComponentKind::Worker, "app");
    worker.framework = Some(id("fastapi"));
    worker.modules = vec![id("notify")];
    worker.capacity = Some(capacity(2, 2.0, 4.0, 0.0, 0));
    let mut store = component("PostgreSQL", ComponentKind::Store, "data");
    store.technology = Some(id("postgresql"));
    store.version = Some("18.4".to_owned());
    store.managed = true;
    store.capacity = Some(capacity(1, 8.0, 32.0, 500.0, 1));
    let mut cache = component("Valkey", ComponentKind::Cache, "data");
    cache.technology = Some(id("valkey"));
    cache.capacity = Some(capacity(1, 2.0, 8.0, 0.0, 0));
    let mut media = component("Media files", ComponentKind::ObjectStore, "data");
    media.managed = true;
    let provider = component("Payment provider", ComponentKind::External, "outside");
    [
        ("edge", edge),
        ("gateway", gateway),
        ("app", app),
        ("worker", worker),
        ("db", store),
        ("cache", cache),
        ("media", media),
        ("payment-provider", provider),
    ]
    .into_iter()
    .map(|(key, value)| (id(key), value))
    .collect()
}

fn flow(from: &str, to: &str, style: FlowStyle, protocol: &str, purpose: &str) -> Flow {
    Flow {
        from: id(from),
        to: id(to),
        style,
        protocol: protocol.to_owned(),
        purpose: purpose.to_owned(),
        timeout_ms: (style == FlowStyle::Sync).then_some(2_000.0),
        retries: Some(1),
        encrypted: Some(true),
        guard: None,
        basis: "four times the forecast p99".to_owned(),
        evidence: Vec::new(),
    }
}

fn flows() -> Vec<Flow> {
    use FlowStyle::{Async, Sync};
    vec![
        flow("person", "edge", Sync, "https", "pages and API"),
        flow("moderator", "gateway", Sync, "https", "moderation"),
        flow("edge", "gateway", Sync, "https", "what the edge does not hold"),
        flow("gateway", "app", Sync, "http", "requests"),
        flow("app", "db", Sync, "sql", "reads and writes"),
        flow("app", "cache", Sync, "resp", "feed pages"),
        flow("app", "media", Sync, "https", "signed uploads"),
        flow("worker", "db", Sync, "sql", "takes jobs"),
        flow("worker", "media", Sync, "https", "thumbnails"),
        flow("app", "payment-provider", Sync, "https", "charges"),
        flow("payment-provider", "gateway", Async, "https", "webhooks"),
    ]
}

fn field(name: &str, kind: FieldType) -> Field {
    Field {
        name: id(name),
        kind,
        optional: false,
        unique: false,
        to: None,
        values: Vec::new(),
        owned: false,
        not_above: None,
        min: None,
        max: None,
        sensitivity: Sensitivity::Internal,
    }
}

fn reference(name: &str, to: &str) -> Field {
    Field { to: Some(id(to)), ..field(name, FieldType::Ref) }
}

fn entity(name: &str, module: &str, fields: Vec<Field>) -> Entity {
    Entity {
        name: name.to_owned(),
        summary: format!("{name} of the product"),
        module: Some(id(module)),
        store: Some(id("db")),
        fields,
        key: Vec::new(),
        unique: Vec::new(),
        no_overlap: Vec::new(),
        unique_when: Vec::new(),
        plays: None,
        soft_delete: None,
        tenant_scoped: false,
        append_only: false,
        row_bytes: 420.0,
        keep_days: None,
        ages_by: None,
        count: None,
        basis: "assumed: widths of the fields plus indexes".to_owned(),
    }
}

fn entities() -> IndexMap<Id, Entity> {
    let email =
        Field { unique: true, sensitivity: Sensitivity::Personal, ..field("email", FieldType::Email) };
    let secret = Field { sensitivity: Sensitivity::Secret, ..field("password_hash", FieldType::String) };
    let body = Field { sensitivity: Sensitivity::Public, ..field("body", FieldType::Text) };
    let status = Field {
        values: ["pending", "captured", "failed", "refunded"].map(str::to_owned).to_vec(),
        ..field("status", FieldType::Enum)
    };
    let amount = Field { sensitivity: Sensitivity::Financial, ..field("amount_minor", FieldType::Money) };
    let place = Field { optional: true, ..field("place", FieldType::Point) };
    let note = Field { optional: true, ..field("note", FieldType::Text) };
    let mut notification = entity(
        "Notification",
        "notify",
        vec![
            reference("user_id", "user"),
            field("kind", FieldType::String),
            field("read", FieldType::Boolean),
        ],
    );
    notification.keep_days = Some(90);
    notification.append_only = true;
    let all = [
        ("user", entity("User", "accounts", vec![email, field("handle", FieldType::String), secret])),
        (
            "post",
            entity(
                "Post",
                "feed",
                vec![reference("author_id", "user"), body, place, field("tags", FieldType::Json)],
            ),
        ),
        (
            "follow",
            entity(
                "Follow",
                "feed",
                vec![reference("follower_id", "user"), reference("followee_id", "user")],
            ),
        ),
        (
            "comment",
            entity(
                "Comment",
                "feed",
                vec![
                    reference("post_id", "post"),
                    reference("author_id", "user"),
                    field("body", FieldType::Text),
                ],
            ),
        ),
        ("notification", notification),
        (
            "tip",
            entity(
                "Tip",
                "tips",
                vec![reference("post_id", "post"), reference("payer_id", "user"), amount, status, note],
            ),
        ),
    ];
    all.into_iter().map(|(key, value)| (id(key), value)).collect()
}

fn access(entity: &str, kind: AccessKind, by: &[&str], order: &[&str], rows: f64) -> Access {
    Access {
        entity: id(entity),
        kind,
        by: by.iter().map(|f| id(f)).collect(),
        only: IndexMap::new(),
        order: order.iter().map(|f| id(f)).collect(),
        descending: true,
        rows,
        after_call: false,
        rows_from: None,
        needs: IndexMap::new(),
    }
}

fn step(component: &str, visits: f64, mode: StepMode) -> Step {
    Step {
        component: id(component),
        visits,
        cpu_ms: 2.0,
        wait_ms: 0.5,
        scv: 1.0,
        mode,
        reads_only: false,
        basis: "catalog: service demands".to_owned(),
    }
}

struct Op<'a> {
    id: &'a str,
    name: &'a str,
    kind: OperationKind,
    module: &'a str,
    method: Option<&'a str>,
    path: Option<&'a str>,
    roles: &'a [&'a str],
    through: &'a [&'a str],
    accesses: Vec<Access>,
    critical: bool,
}

fn operation(op: Op<'_>) -> (Id, Operation) {
    let idempotent = matches!(op.method, Some("GET" | "PUT" | "DELETE"));
    let operation = Operation {
        name: op.name.to_owned(),
        kind: op.kind,
        module: Some(id(op.module)),
        method: op.method.map(str::to_owned),
        path: op.path.map(str::to_owned),
        roles: op.roles.iter().map(|r| id(r)).collect(),
        takes: None,
        batch: false,
        starts: Vec::new(),
        every: None,
        after: None,
        proof: Vec::new(),
        steps: op.through.iter().map(|c| step(c, 1.0, StepMode::Sync)).collect(),
        accesses: op.accesses,
        idempotent,
        critical: op.critical,
        basis: "domain social".to_owned(),
        evidence: Vec::new(),
    };
    (id(op.id), operation)
}

fn request<'a>(key: &'a str, name: &'a str, module: &'a str, method: &'a str, path: &'a str) -> Op<'a> {
    Op {
        id: key,
        name,
        kind: OperationKind::Request,
        module,
        method: Some(method),
        path: Some(path),
        roles: &["member"],
        through: &["edge", "gateway", "app", "db"],
        accesses: Vec::new(),
        critical: false,
    }
}

fn operations() -> IndexMap<Id, Operation> {
    use AccessKind::{Aggregate, Delete, Insert, ReadMany, ReadOne, Update};
    let ops = vec![
        Op {
            roles: &[],
            accesses: vec![access("user", Insert, &[], &[], 1.0)],
            ..request("sign-up", "Sign up", "accounts", "POST", "/v1/users")
        },
        Op {
            through: &["edge", "gateway", "app", "cache", "db"],
            accesses: vec![
                access("follow", ReadMany, &["follower_id"], &[], 200.0),
                access("post", ReadMany, &["author_id"], &["created_at"], 20.0),
            ],
            ..request("read-feed", "Read the home feed", "feed", "GET", "/v1/feed")
        },
        Op {
            roles: &[],
            accesses: vec![access("post", ReadOne, &["id"], &[], 1.0)],
            ..request("read-post", "Read a post", "feed", "GET", "/v1/posts/{post_id}")
        },
        Op {
            accesses: vec![access("post", Insert, &[], &[], 1.0)],
            ..request("publish-post", "Publish a post", "feed", "POST", "/v1/posts")
        },
        Op {
            accesses: vec![access("post", Update, &["id"], &[], 1.0)],
            ..request("edit-post", "Edit a post", "feed", "PATCH", "/v1/posts/{post_id}")
        },
        Op {
            accesses: vec![access("comment", ReadMany, &["post_id"], &["created_at"], 50.0)],
            ..request(
                "list-comments",
                "List comments of a post",
                "feed",
                "GET",
                "/v1/posts/{post_id}/comments",
            )
        },
        Op {
            accesses: vec![access("follow", Delete, &["id"], &[], 1.0)],
            ..request("unfollow", "Stop following", "feed", "DELETE", "/v1/follows/{id}")
        },
        Op {
            accesses: vec![access("notification", Aggregate, &["user_id", "read"], &[], 30.0)],
            ..request(
                "count-unread",
                "Count unread notifications",
                "notify",
                "GET",
                "/v1/notifications/unread",
            )
        },
        Op {
            through: &["edge", "gateway", "app", "db", "payment-provider"],
            accesses: vec![access("tip", Insert, &[], &[], 1.0)],
            critical: true,
            ..request("tip-author", "Tip an author", "tips", "POST", "/v1/posts/{post_id}/tips")
        },
        Op {
            kind: OperationKind::Webhook,
            roles: &[],
            through: &["gateway", "app", "db"],
            accesses: vec![access("tip", Update, &["id"], &[], 1.0)],
            critical: true,
            ..request("payment-event", "Receive a payment event", "tips", "POST", "/v1/webhooks/payments")
        },
        Op {
            kind: OperationKind::Job,
            method: None,
            path: None,
            through: &["worker", "db", "media"],
            accesses: vec![access("post", Update, &["id"], &[], 1.0)],
            ..request("make-thumbnail", "Make a thumbnail", "notify", "", "")
        },
    ];
    ops.into_iter().map(operation).collect()
}

fn workload(horizon: Horizon, peak: f64) -> Workload {
    let shares = [0.01, 0.5, 0.2, 0.05, 0.01, 0.1, 0.01, 0.1, 0.01, 0.01, 0.05];
    let rate_per_s = operations().keys().zip(shares).map(|(op, share)| (op.clone(), share * peak)).collect();
    Workload { horizon, rate_per_s, basis: "daily users x requests x peak factor / 86,400".to_owned() }
}

fn blueprint() -> Blueprint {
    let actor = |name: &str, by: Option<&str>| Actor { name: name.to_owned(), authenticates_by: by.map(id) };
    let module = |name: &str, summary: &str| Module { name: name.to_owned(), summary: summary.to_owned() };
    let zone = |name: &str, level: u8| TrustZone { name: name.to_owned(), level };
    Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: "Parlour".to_owned(),
        summary: "People publish posts, follow each other and tip authors.".to_owned(),
        topology: id("modular-monolith"),
        actors: IndexMap::from([
            (id("person"), actor("Person", Some("oidc-session"))),
            (id("moderator"), actor("Moderator", Some("oidc-session"))),
        ]),
        modules: IndexMap::from([
            (id("accounts"), module("Accounts", "who people are")),
            (id("feed"), module("Feed", "posts, comments and who follows whom")),
            (id("notify"), module("Notifications", "what people are told, and media jobs")),
            (id("tips"), module("Tips", "money from readers to authors")),
        ]),
        components: components(),
        flows: flows(),
        entities: entities(),
        operations: operations(),
        zones: IndexMap::from([
            (id("outside"), zone("Internet", 0)),
            (id("edge"), zone("Edge", 1)),
            (id("app"), zone("Application", 2)),
            (id("data"), zone("Data", 3)),
        ]),
        deployment: Deployment {
            platform: id("containers"),
            provider: None,
            regions: vec!["eu-central-1".to_owned()],
            rollout: Some(id("rolling")),
        },
        workloads: vec![workload(Horizon::Now, 111.0), workload(Horizon::Later, 4_444.0)],
    }
}

fn latency(p99: f64) -> Latency {
    let ms = |v| computed(v, Unit::Milliseconds);
    Latency { mean: ms(p99 / 4.0), p50: ms(p99 / 5.0), p95: ms(p99 / 1.6), p99: ms(p99) }
}

fn forecast(horizon: Horizon, peak: f64, busy: f64, bill: f64) -> Forecast {
    let operations = operations()
        .keys()
        .map(|op| {
            let rate = computed(peak / 11.0, Unit::RequestsPerSecond);
            (op.clone(), OperationForecast { rate, latency: latency(57.0) })
        })
        .collect();
    let station = |share: f64| StationForecast {
        utilisation: computed(busy * share, Unit::Share),
        throughput: computed(peak * share, Unit::PerSecond),
        wait: computed(0.8, Unit::Milliseconds),
    };
    let line = |item: &str, arithmetic: &str, usd: f64| CostLine {
        item: item.to_owned(),
        arithmetic: arithmetic.to_owned(),
        monthly: computed(usd, Unit::UsdPerMonth),
    };
    Forecast {
        horizon,
        arrivals: computed(peak, Unit::RequestsPerSecond),
        latency: latency(57.0),
        operations,
        stations: [("app", 1.0), ("db", 0.4), ("cache", 0.1), ("worker", 0.6)]
            .into_iter()
            .map(|(key, share)| (id(key), station(share)))
            .collect(),
        saturation: Saturation {
            rate: computed(42_900.0, Unit::RequestsPerSecond),
            headroom: computed(42_900.0 / peak, Unit::Times),
            station: id("db"),
        },
        availability: Availability {
            share: computed(0.9995, Unit::Share),
            downtime_month: computed(1_300.0, Unit::Seconds),
            recovery_point: computed(1.0, Unit::Seconds),
            recovery_time: computed(40.0, Unit::Seconds),
            weakest: Some(id("db")),
        },
        cost: vec![
            line("Application", "3 x 2 vCPU x 36 USD", bill * 0.4),
            line("PostgreSQL", "2 x 8 vCPU x 40 USD", bill * 0.6),
        ],
        cost_total: computed(bill, Unit::UsdPerMonth),
        people: vec![PeopleLine { item: "Database".to_owned(), engineers: computed(0.2, Unit::Engineers) }],
        people_total: computed(0.6, Unit::Engineers),
    }
}

fn decision(key: &str, question: &str, option: &str, name: &str) -> Decision {
    Decision {
        id: id(key),
        question: question.to_owned(),
        verdict: Verdict {
            option: id(option),
            name: name.to_owned(),
            summary: format!("{name} keeps everything in as few parts as possible."),
        },
        drivers: vec![Driver {
            because: "4 engineers u cannot run 9 services c".to_owned(),
            worth: Some(computed(1.7, Unit::Engineers)),
        }],
        alternatives: vec![
            Alternative {
                option: id("microservices"),
                name: "Microservices".to_owned(),
                feasible: true,
                behind: Some(computed(14_200.0, Unit::UsdPerMonth)),
                reason: "9 services c take 2.3 engineers c to run".to_owned(),
            },
            Alternative {
                option: id("serverless"),
                name: "Serverless".to_owned(),
                feasible: false,
                behind: None,
                reason: "p99 of 610 ms c misses 300 ms a".to_owned(),
            },
        ],
        flips: vec![Flip {
            input: Input::Engineers,
            horizon: Horizon::Later,
            present: stated(9.0, Unit::Engineers, "nine engineers in two years"),
            at: computed(25.0, Unit::Engineers),
            above: true,
            to: id("microservices"),
            to_name: "Microservices".to_owned(),
        }],
        holds: computed(0.97, Unit::Share),
        pin: None,
    }
}

fn decisions() -> Vec<Decision> {
    let mut store = decision("primary-store", "Which primary store?", "postgresql", "PostgreSQL");
    store.pin = Some(Consequence {
        established: id("postgresql"),
        place: Place { path: "docs/backend/architecture.md".into(), line: 12 },
        departs: false,
        because: "it carries the load".to_owned(),
    });
    store.flips.push(Flip {
        input: Input::PeakRps,
        horizon: Horizon::Later,
        present: computed(4_444.0, Unit::RequestsPerSecond),
        at: computed(42_900.0, Unit::RequestsPerSecond),
        above: true,
        to: id("cassandra"),
        to_name: "Cassandra".to_owned(),
    });
    vec![
        decision("topology", "How is it cut into deployables?", "modular-monolith", "Modular monolith"),
        store,
    ]
}

fn readings() -> Vec<Reading> {
    let reading = |input: Input, now: Figure, later: Figure, sways: f64| Reading {
        input,
        now,
        later,
        sways: computed(sways, Unit::Share),
        moves: None,
    };
    vec![
        reading(
            Input::MonthlyUsers,
            stated(50_000.0, Unit::Users, "50k monthly users"),
            stated(2e6, Unit::Users, "2M in two years"),
            0.19,
        ),
        reading(
            Input::Engineers,
            stated(5.0, Unit::Engineers, "five engineers"),
            stated(9.0, Unit::Engineers, "nine in two years"),
            0.17,
        ),
        reading(
            Input::RequestsPerUserDay,
            assumed(60.0, Unit::One, "typical of social networks"),
            assumed(60.0, Unit::One, "typical of social networks"),
            0.09,
        ),
        reading(
            Input::PeakFactor,
            assumed(4.0, Unit::Times, "evening peaks"),
            assumed(4.0, Unit::Times, "evening peaks"),
            0.04,
        ),
        reading(Input::CpuMsPerRequest, fact(8.0, Unit::Milliseconds), fact(8.0, Unit::Milliseconds), 0.03),
    ]
}

fn gate() -> Vec<GateLine> {
    let line = |check: &str, status: GateStatus, evidence: &[&str]| GateLine {
        check: check.to_owned(),
        status,
        evidence: evidence.iter().map(|e| (*e).to_owned()).collect(),
    };
    vec![
        line(
            "Every version comes from a dated fact",
            GateStatus::Pass,
            &["PostgreSQL 18.4, as of 2026-11-20"],
        ),
        line(
            "No component is a single point of failure",
            GateStatus::Fail,
            &["`cache` has 1 copy and no standby"],
        ),
        line("Advisories were looked up", GateStatus::Unknown, &[]),
    ]
}

fn growth() -> Vec<GrowthStep> {
    let step = |at: f64, station: &str, trigger: &str, action: &str, monthly: f64| GrowthStep {
        at: computed(at, Unit::RequestsPerSecond),
        station: id(station),
        trigger: trigger.to_owned(),
        action: action.to_owned(),
        undo: "Remove it again: nothing else depends on it.".to_owned(),
        monthly: computed(monthly, Unit::UsdPerMonth),
    };
    vec![
        step(6_000.0, "app", "processors busy above 60% for an hour", "Add 2 application copies", 5_100.0),
        step(20_000.0, "db", "replication lag above 1 s", "Move reads to 2 read replicas", 6_900.0),
        step(42_900.0, "db", "primary busy above 70%", "Split writes by user", 11_000.0),
    ]
}

fn recommendation() -> Recommendation {
    Recommendation {
        headline: "A modular monolith on PostgreSQL with Valkey and one media worker".to_owned(),
        reasons: vec![
            "5 engineers u can run 3 deployables c, not 9 c.".to_owned(),
            "4,444 req/s c at the peak in 24 months fit one primary.".to_owned(),
        ],
        margin: Margin {
            headroom: computed(9.6, Unit::Times),
            station: id("db"),
            holds: computed(0.97, Unit::Share),
        },
        candidates: computed(38.0, Unit::One),
        engineers: computed(1.2, Unit::Engineers),
        cost_of_ownership: computed(21_400.0, Unit::UsdPerMonth),
        review_by: "2027-05-22".to_owned(),
        review_because: "the first release line in it loses support in 2028-10-21".to_owned(),
    }
}

fn targets() -> Vec<TargetCheck> {
    let check = |name: &str, target: Figure, forecast: Figure, met: bool| TargetCheck {
        name: name.to_owned(),
        target,
        forecast,
        met,
        beside: None,
    };
    vec![
        check(
            "p99 response time",
            assumed(300.0, Unit::Milliseconds, "usual for web products"),
            computed(57.0, Unit::Milliseconds),
            true,
        ),
        check(
            "availability",
            assumed(0.999, Unit::Share, "three nines"),
            computed(0.9995, Unit::Share),
            true,
        ),
        check(
            "infrastructure budget",
            stated(6_000.0, Unit::UsdPerMonth, "6k a month"),
            computed(4_660.0, Unit::UsdPerMonth),
            true,
        ),
        check(
            "recovery point (data loss bound)",
            assumed(0.0, Unit::Seconds, "money moves"),
            computed(1.0, Unit::Seconds),
            false,
        ),
    ]
}

fn risks() -> Vec<Risk> {
    vec![
        Risk {
            risk: "Authors with more than 100,000 followers make fan-out slow".to_owned(),
            severity: id("high"),
            mitigation: "Read their posts at feed time instead of copying them".to_owned(),
            origin: Origin::computed("domain social"),
        },
        Risk {
            risk: "One primary: failover takes 40 s and may lose 1 s of writes".to_owned(),
            severity: id("medium"),
            mitigation: "Rehearse failover each quarter".to_owned(),
            origin: Origin::computed("availability model"),
        },
    ]
}

fn brief() -> Brief {
    let signal = |text: &str| Signal { holds: true, origin: Origin::stated(text, 0) };
    Brief {
        text: "A social network with tips: 50k monthly users now, 2M in two years, five engineers."
            .to_owned(),
        question: Some("Should I use microservices or a monolith?".to_owned()),
        domains: vec![DomainGuess {
            id: id("social"),
            share: 0.9,
            origin: Origin::stated("social network", 2),
        }],
        numbers: BTreeMap::new(),
        signals: BTreeMap::from([
            (id("payments"), signal("tips")),
            (id("gdpr"), signal("in the EU")),
            (id("feed"), signal("feed")),
        ]),
        technologies: Vec::new(),
        pins: Vec::new(),
    }
}

/// A small social product on PostgreSQL with a cache, a worker and tips.
pub(crate) fn social() -> Design {
    let word = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let choices = [
        ("topology", word(&["modular_monolith"])),
        ("primary_store", word(&["postgresql"])),
        ("cache", word(&["redis"])),
        ("messaging", word(&["db_queue", "outbox"])),
        ("tenancy", word(&["n/a"])),
        ("deployment", word(&["containers", "managed_db"])),
        ("api_style", word(&["rest"])),
        ("auth", word(&["oidc", "session"])),
    ];
    Design {
        schema: Design::SCHEMA.to_owned(),
        choices: Choices(choices.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        sizing: BTreeMap::from([("app_servers".to_owned(), 3.0), ("peak_rps".to_owned(), 4_444.0)]),
        sizing_origins: BTreeMap::from([
            ("app_servers".to_owned(), "computed: smallest that meets the targets".to_owned()),
            ("peak_rps".to_owned(), "computed: users x requests x peak factor".to_owned()),
        ]),
        recommendation: recommendation(),
        feasibility: Feasibility::Missed(vec!["recovery point (data loss bound)".to_owned()]),
        targets: targets(),
        readings: readings(),
        questions: vec![Question {
            input: Input::RequestsPerUserDay,
            ask: "How many requests does one user cause in a day?".to_owned(),
            why: "It changes the store in 9% c of samples.".to_owned(),
            default: assumed(60.0, Unit::One, "typical of social networks"),
            sways: computed(0.09, Unit::Share),
        }],
        decisions: decisions(),
        forecasts: Horizons {
            now: forecast(Horizon::Now, 111.0, 0.13, 420.0),
            later: forecast(Horizon::Later, 4_444.0, 0.62, 4_660.0),
        },
        growth: growth(),
        risks: risks(),
        findings: vec![Finding {
            rule: id("premature-microservices"),
            severity: id("info"),
            message: "Microservices were asked about: 5 engineers are too few for them.".to_owned(),
            location: FindingLocation::default(),
            fix: "Keep module boundaries, split later.".to_owned(),
            reference: Some("https://martinfowler.com/bliki/MonolithFirst.html".to_owned()),
            review: None,
        }],
        gate: gate(),
        simulated: None,
        today: None,
        blueprint: blueprint(),
        brief: brief(),
        quotations: Vec::new(),
    }
}

/// The same product sold to companies: every entity belongs to a tenant.
pub(crate) fn multi_tenant() -> Design {
    let mut design = social();
    design.blueprint.name = "Parlour for teams".to_owned();
    for entity in design.blueprint.entities.values_mut() {
        entity.tenant_scoped = true;
    }
    design.choices.0.insert("tenancy".to_owned(), vec!["pooled".to_owned()]);
    design
        .brief
        .signals
        .insert(id("multi-tenant"), Signal { holds: true, origin: Origin::stated("companies", 0) });
    design
}

/// Eight services with a store each, for diagrams.
pub(crate) fn microservices() -> Design {
    let mut design = social();
    design.blueprint.name = "Parlour at scale".to_owned();
    design.blueprint.topology = id("microservices");
    let mut flows = Vec::new();
    for n in 1..=8 {
        let (service, store) = (format!("service-{n}"), format!("store-{n}"));
        let mut part = component(&format!("Service {n}"), ComponentKind::Service, "app");
        part.capacity = Some(capacity(n, 2.0, 4.0, 0.0, 0));
        let mut data = component(&format!("Store {n}"), ComponentKind::Store, "data");
        data.technology = Some(id("postgresql"));
        flows.push(flow("gateway", &service, FlowStyle::Sync, "grpc", "calls"));
        flows.push(flow(&service, &store, FlowStyle::Sync, "sql", "its own tables"));
        design.blueprint.components.insert(id(&service), part);
        design.blueprint.components.insert(id(&store), data);
    }
    design.blueprint.components.shift_remove("app");
    design.blueprint.flows.retain(|f| f.from != "app" && f.to != "app");
    design.blueprint.flows.extend(flows);
    design
}

/// The social product with the entities, operations, modules and actors of a domain of the embedded catalog.
pub(crate) fn of_domain(domain: &Domain) -> Design {
    let mut design = social();
    let blueprint = &mut design.blueprint;
    blueprint.name = domain.name.clone();
    blueprint.actors.clone_from(&domain.actors);
    blueprint.modules = domain
        .modules
        .iter()
        .map(|(key, m)| (key.clone(), Module { name: m.name.clone(), summary: m.summary.clone() }))
        .collect();
    blueprint.entities.clone_from(&domain.entities);
    blueprint.operations = domain
        .operations
        .iter()
        .map(|(key, o)| {
            let operation = Operation {
                name: o.name.clone(),
                kind: o.kind,
                module: Some(o.module.clone()),
                method: o.method.clone(),
                path: o.path.clone(),
                roles: o.roles.clone(),
                takes: o.takes.clone(),
                batch: o.batch || domain.intake.as_ref() == Some(key),
                starts: o.follows.iter().map(|f| f.job.clone()).collect(),
                every: o.every,
                after: o.after.clone(),
                proof: Vec::new(),
                steps: ["gateway", "app", "db"].map(|c| step(c, 1.0, StepMode::Sync)).to_vec(),
                accesses: o.accesses.clone(),
                idempotent: o.idempotent,
                critical: o.critical,
                basis: "planning assumptions of the domain".to_owned(),
                evidence: Vec::new(),
            };
            (key.clone(), operation)
        })
        .collect();
    for workload in &mut blueprint.workloads {
        workload.rate_per_s =
            domain.operations.iter().map(|(key, o)| (key.clone(), o.share * 1_000.0)).collect();
    }
    design.brief.domains =
        vec![DomainGuess { id: domain.id.clone(), share: 1.0, origin: Origin::stated("the product", 0) }];
    design
}

/// A design for each domain of the catalog's folder, with the technologies of that folder.
pub(crate) fn domains() -> (Catalog, Vec<Design>) {
    let mut catalog = Catalog::default();
    for text in files("domains") {
        let domain: Domain = yaml::read(&text).unwrap_or_else(|e| panic!("{}", e.message));
        catalog.domains.insert(domain.id.clone(), domain);
    }
    for text in files("technologies") {
        let technology: Technology = yaml::read(&text).unwrap_or_else(|e| panic!("{}", e.message));
        catalog.technologies.insert(technology.id.clone(), technology);
    }
    let designs = catalog.domains.values().map(of_domain).collect();
    (catalog, designs)
}

/// The texts of the YAML files in a folder of the catalog, in order of their paths.
fn files(folder: &str) -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").join(folder);
    let mut paths = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the catalog") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    paths.iter().filter(|p| p.extension().is_some_and(|e| e == "yaml")).map(read).collect()
}

fn read(path: &std::path::PathBuf) -> String {
    std::fs::read_to_string(path).expect("a readable file")
}
