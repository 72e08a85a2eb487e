//! A catalog for tests: the real lexicon, and a few technologies and domains that stay as they are.

use std::sync::LazyLock;

use loadcase_catalog::{Catalog, DecisionSpec, Domain, SignalSpec, Technology};
use loadcase_model::yaml;

const SIGNALS: &[&str] = &[
    include_str!("../../../catalog/lexicon/signals/api.yaml"),
    include_str!("../../../catalog/lexicon/signals/data.yaml"),
    include_str!("../../../catalog/lexicon/signals/existing.yaml"),
    include_str!("../../../catalog/lexicon/signals/hosting.yaml"),
    include_str!("../../../catalog/lexicon/signals/load.yaml"),
    include_str!("../../../catalog/lexicon/signals/messaging.yaml"),
    include_str!("../../../catalog/lexicon/signals/product.yaml"),
    include_str!("../../../catalog/lexicon/signals/security.yaml"),
    include_str!("../../../catalog/lexicon/signals/team.yaml"),
    include_str!("../../../catalog/lexicon/signals/tenancy.yaml"),
];

const TECHNOLOGIES: &[(&str, &str, &str, &str)] = &[
    ("postgresql", "PostgreSQL", "store", "[postgres, pg]"),
    ("mysql", "MySQL", "store", "[]"),
    ("mongodb", "MongoDB", "store", "[mongo]"),
    ("dynamodb", "DynamoDB", "store", "[]"),
    ("redis", "Redis", "cache", "[]"),
    ("kafka", "Apache Kafka", "broker", "[kafka]"),
    ("rabbitmq", "RabbitMQ", "broker", "[rabbit]"),
    ("sqs", "Amazon SQS", "broker", "[sqs]"),
    ("kubernetes", "Kubernetes", "compute", "[k8s]"),
    ("aws", "AWS", "provider", "[amazon web services]"),
    ("go", "Go", "language", "[golang]"),
    ("rust", "Rust", "language", "[]"),
    ("python", "Python", "language", "[]"),
    ("java", "Java", "language", "[]"),
    ("express", "Express", "framework", "[express.js, expressjs]"),
    ("gin", "Gin", "framework", "[]"),
    ("spring-boot", "Spring Boot", "framework", "[spring]"),
    ("fastapi", "FastAPI", "framework", "[]"),
    ("rails", "Ruby on Rails", "framework", "[rails, ror]"),
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(build);

/// The catalog.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

fn build() -> Catalog {
    let mut catalog = Catalog::default();
    catalog.lexicon.numbers =
        yaml::read(include_str!("../../../catalog/lexicon/numbers.yaml")).expect("numbers.yaml is sound");
    catalog.lexicon.units =
        yaml::read(include_str!("../../../catalog/lexicon/units.yaml")).expect("units.yaml is sound");
    for text in SIGNALS {
        let signals: Vec<SignalSpec> = yaml::read(text).unwrap_or_else(|e| panic!("{e:?}"));
        catalog.lexicon.signals.extend(signals.into_iter().map(|s| (s.id.clone(), s)));
    }
    for (id, name, kind, aliases) in TECHNOLOGIES {
        let yaml = format!("{{id: {id}, name: {name}, kind: {kind}, summary: A test., aliases: {aliases}}}");
        let technology: Technology = yaml::read(&yaml).expect("the test's technologies are sound");
        catalog.technologies.insert(technology.id.clone(), technology);
    }
    for (id, phrases) in [
        (
            "social",
            "[{say: social network|platform, weight: 3}, {say: post|posts, weight: 1}, {say: follow*, weight: 1}]",
        ),
        (
            "commerce",
            "[{say: online shop|store, weight: 3}, {say: order|orders, weight: 1}, {say: cart*, weight: 2}]",
        ),
        ("booking", "[{say: booking*, weight: 2}, {say: appointment*, weight: 2}]"),
    ] {
        let yaml = format!(
            "{{id: {id}, name: {id}, summary: A test., phrases: {phrases}, actors: {{}}, modules: {{}}, entities: {{}}, operations: {{}}, main_operations: [], usage: {{}}, design_points: [], risks: []}}"
        );
        let domain: Domain = yaml::read(&yaml).unwrap_or_else(|e| panic!("{e:?}"));
        catalog.domains.insert(domain.id.clone(), domain);
    }
    for text in [TOPOLOGY, PRIMARY_STORE, MESSAGING] {
        let decision: DecisionSpec = yaml::read(text).unwrap_or_else(|e| panic!("{e:?}"));
        catalog.decisions.insert(decision.id.clone(), decision);
    }
    catalog
}

const TOPOLOGY: &str = "
id: topology
order: 1
question: How is the code deployed?
field: topology
options:
  - {id: modular-monolith, name: Modular monolith, summary: One deployable., words: [modular_monolith, monolith]}
  - {id: microservices, name: Microservices, summary: Many., words: [microservices]}
";

const PRIMARY_STORE: &str = "
id: primary-store
order: 2
question: Where does the data live?
field: primary_store
options:
  - {id: postgresql, name: PostgreSQL, summary: Relational., words: [postgresql], technologies: [postgresql]}
  - {id: mysql, name: MySQL, summary: Relational., words: [mysql], technologies: [mysql]}
  - {id: mongodb, name: MongoDB, summary: Documents., words: [mongodb], technologies: [mongodb]}
";

const MESSAGING: &str = "
id: messaging
order: 3
question: How do parts talk later?
field: messaging
options:
  - {id: none, name: No broker, summary: None., words: [none]}
  - {id: db-queue, name: Queue in the database, summary: A table., words: [db_queue], technologies: [postgresql]}
  - {id: kafka, name: Apache Kafka, summary: A log., words: [kafka], technologies: [kafka]}
  - {id: rabbitmq, name: RabbitMQ, summary: A broker., words: [rabbitmq], technologies: [rabbitmq]}
";
