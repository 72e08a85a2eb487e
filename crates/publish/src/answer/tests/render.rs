//! Every topic renders over an empty design and over full ones, and the arithmetic is right.

use loadcase_catalog::{Catalog, Topic};
use loadcase_model::{Design, Input};

use super::super::{Asked, answer};
use super::fixture::{catalog, domain, empty, full, signal, state};

/// A catalog that knows one topic only, so that every question is answered by it.
pub(super) fn only(topic: &Topic, catalog: &Catalog) -> Catalog {
    let mut one = catalog.clone();
    one.topics.retain(|id, _| *id == topic.id);
    one
}

fn rendered(question: &str, material: Option<&str>, design: &Design, catalog: &Catalog) -> String {
    answer(&Asked { question, material, design, catalog })
        .unwrap_or_else(|error| panic!("{question}: {error}"))
}

/// Choices that lead the texts down their other branches.
pub(super) fn variants() -> Vec<Design> {
    let sets: [&[(&str, &str)]; 4] = [
        &[],
        &[
            ("topology", "microservices"),
            ("messaging", "kafka"),
            ("deployment", "kubernetes"),
            ("data-scaling", "sharded-by-key"),
            ("primary-store", "cassandra"),
            ("data-cache", "shared-cache"),
            ("edge-cache", "edge-cache"),
            ("tenancy", "silo"),
            ("api-style", "graphql"),
            ("search", "opensearch"),
            ("analytics-store", "clickhouse"),
            ("ledger-model", "ledger-engine"),
            ("rollout", "canary"),
            ("authorization", "rebac"),
            ("authentication", "tenant-claims"),
        ],
        &[
            ("topology", "hybrid"),
            ("messaging", "managed-queue"),
            ("deployment", "functions"),
            ("data-scaling", "sharded-by-tenant"),
            ("primary-store", "dynamodb"),
            ("data-cache", "in-process"),
            ("tenancy", "bridge"),
            ("api-style", "grpc"),
            ("search", "meilisearch"),
            ("analytics-store", "warehouse"),
            ("ledger-model", "event-sourced"),
            ("rollout", "blue-green"),
            ("authentication", "managed-identity"),
        ],
        &[
            ("topology", "serverless"),
            ("messaging", "rabbitmq"),
            ("deployment", "bare-metal"),
            ("data-scaling", "single-node"),
            ("primary-store", "mongodb"),
            ("data-cache", "coalescing"),
            ("tenancy", "no-tenants"),
            ("search", "no-search"),
            ("analytics-store", "timescaledb"),
            ("messaging", "redis-queue"),
            ("rollout", "restart"),
            ("authentication", "client-tokens"),
        ],
    ];
    sets.iter().map(|choices| full(choices)).collect()
}

#[test]
fn every_topic_renders_whatever_the_design() {
    let catalog = catalog();
    let mut designs = variants();
    designs.push(empty());
    for topic in catalog.topics.values() {
        let one = only(topic, &catalog);
        for design in &designs {
            for material in [None, Some("def pay(amount: float):\n    charge(amount)\n")] {
                let text = rendered(&topic.title, material, design, &one);
                assert!(text.len() > 200, "{}: {text}", topic.id);
            }
        }
    }
}

#[test]
fn answers_fit_a_few_screens() {
    let catalog = catalog();
    let design = full(&[]);
    for topic in catalog.topics.values() {
        let lines = rendered(&topic.title, None, &design, &only(topic, &catalog)).lines().count();
        assert!(lines <= 125, "{}: {lines} lines", topic.id);
    }
}

#[test]
fn premises_and_signals_do_not_break_a_page() {
    let catalog = catalog();
    let mut design = full(&[]);
    domain(&mut design, "social");
    for name in ["feed", "media-files", "celebrities"] {
        signal(&mut design, name);
    }
    state(&mut design, Input::DailyUsers, 5e6);
    for question in ["", "?", "microservices because netflix does it, exactly once, web scale", "\u{0}"] {
        assert!(rendered(question, None, &design, &catalog).len() > 200);
    }
}

#[test]
fn a_wrong_premise_is_told_first() {
    let (catalog, design) = (catalog(), full(&[("primary-store", "mongodb")]));
    for (question, told) in [
        (
            "Since MongoDB scales better than SQL we picked it. How should we shard it?",
            "does not stop scaling",
        ),
        ("We keep our accounting in MongoDB. How should we shard it?", "invariants"),
        (
            "Databases can't handle 200 requests per second. What size of Redis cluster do we need?",
            "A database can",
        ),
    ] {
        let page = rendered(question, None, &design, &catalog);
        let first: String = page.lines().take(4).collect();
        assert!(first.starts_with("**The premise first.**") && first.contains(told), "{question}\n{first}");
    }
}

#[test]
#[ignore = "prints the answer to the question in ASK, for reading"]
fn show() {
    let catalog = catalog();
    let question = std::env::var("ASK").unwrap_or_default();
    let material = std::env::var("MATERIAL").ok();
    println!("{}", rendered(&question, material.as_deref(), &full(&[]), &catalog));
}
