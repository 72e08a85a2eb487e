//! What is recalled from documents, and what is not.

use loadcase_model::{Input, Stance};

use super::*;
use crate::testing::catalog;

fn documents(files: &[(&str, &str)]) -> Vec<Document> {
    files.iter().map(|(path, text)| Document { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
}

/// `decision=option path:line` of every pin.
fn pins(files: &[(&str, &str)]) -> Vec<String> {
    let (pins, _) = recall(&documents(files), catalog());
    pins.iter().map(|p| format!("{}={} {}", p.decision, p.option, p.place)).collect()
}

const MADR: &str = "---\nstatus: accepted\ndate: 2025-03-01\n---\n# Store orders in PostgreSQL\n\n## Context and Problem Statement\n\nWe need a store. MongoDB is popular.\n\n## Considered Options\n\n* PostgreSQL\n* MongoDB\n\n## Decision Outcome\n\nChosen option: \"PostgreSQL\", because MongoDB has no joins.\n\n### Consequences\n\n* Bad, because MySQL experts must learn.\n";

const NYGARD: &str = "# 2. Use Kafka for events\n\nDate: 2019-04-01\n\n## Status\n\nAccepted\n\n## Context\n\nRabbitMQ was considered.\n\n## Decision\n\nWe will use Kafka between services.\n\n## Consequences\n\nWe must learn it.\n";

#[test]
fn accepted_records_bind() {
    assert_eq!(
        pins(&[("docs/adr/0001-store.md", MADR)]),
        ["primary-store=postgresql docs/adr/0001-store.md:18"]
    );
    assert_eq!(pins(&[("docs/adr/0002-kafka.md", NYGARD)]), ["messaging=kafka docs/adr/0002-kafka.md:15"]);
}

#[test]
fn other_records_do_not() {
    for status in ["Proposed", "Rejected", "Deprecated", "Superseded by ADR-7"] {
        let text = NYGARD.replace("Accepted", status);
        assert!(pins(&[("docs/adr/0002-kafka.md", &text)]).is_empty(), "{status}");
    }
    let newer = "# 3. Use RabbitMQ\n\n## Status\n\nAccepted\n\nSupersedes [2. Use Kafka](0002-kafka.md)\n\n## Decision\n\nWe use RabbitMQ.\n";
    assert_eq!(
        pins(&[("docs/adr/0002-kafka.md", NYGARD), ("docs/adr/0003-rabbit.md", newer)]),
        ["messaging=rabbitmq docs/adr/0003-rabbit.md:11"]
    );
}

#[test]
fn a_title_decides_when_the_decision_names_nothing() {
    let text = "# Use MySQL\n\nStatus: accepted\n\n## Decision\n\nAs the title says.\n";
    assert_eq!(
        pins(&[("docs/decisions/0009-mysql.md", text)]),
        ["primary-store=mysql docs/decisions/0009-mysql.md:1"]
    );
}

#[test]
fn descriptions_bind_by_what_they_state() {
    let text = "# Architecture\n\nThe back end is a modular monolith.\nIt stores everything in PostgreSQL, not in MongoDB.\n\n## Alternatives\n\nMicroservices with Kafka.\n\n## Future\n\nWe may add Kafka.\n\n```mermaid\nkafka --> mysql\n```\n";
    assert_eq!(
        pins(&[("docs/backend/architecture.md", text)]),
        [
            "primary-store=postgresql docs/backend/architecture.md:4",
            "topology=modular-monolith docs/backend/architecture.md:3"
        ]
    );
    let table = "# Architecture\n\n| Part | Choice |\n|---|---|\n| Store | MySQL |\n";
    assert_eq!(
        pins(&[("docs/backend/architecture.md", table)]),
        ["primary-store=mysql docs/backend/architecture.md:5"]
    );
}

#[test]
fn what_is_thought_about_does_not_bind() {
    for text in [
        "We might use Kafka later.",
        "We moved away from MongoDB.",
        "Should we use Kafka?",
        "We use no broker, in particular not Kafka.",
        "PostgreSQL was chosen over MySQL.",
    ] {
        let pins = pins(&[("docs/backend/architecture.md", text)]);
        assert!(
            pins.iter().all(|p| !p.contains("kafka") && !p.contains("mongodb") && !p.contains("=mysql")),
            "{text}: {pins:?}"
        );
    }
}

#[test]
fn contradictions_are_reported() {
    let text = "# Architecture\n\nWe use MySQL.\n";
    let (pins, notes) = recall(
        &documents(&[("docs/backend/architecture.md", text), ("docs/adr/0001-store.md", MADR)]),
        catalog(),
    );
    assert_eq!(pins[0].option, Id::slug("postgresql"), "a record says more than a description");
    assert!(notes.iter().any(|d| d.code == "contradictory-decisions"));
}

#[test]
fn numbers_in_documents_carry_their_line() {
    let text = "# Architecture\n\nWe serve 20,000 daily users\nwith 5 engineers on PostgreSQL.\n";
    let brief = documented(&documents(&[("docs/backend/architecture.md", text)]), catalog());
    let given = &brief.numbers[&Input::DailyUsers];
    let place = Place { path: "docs/backend/architecture.md".into(), line: 3 };
    assert_eq!(given.now.as_ref().map(|e| e.origin.clone()), Some(Origin::Documented(place)));
    assert!(brief.names("postgresql", Stance::Existing));
    let mut stated = crate::read_prose("We have 8 engineers.", catalog()).brief;
    merge(&mut stated, brief);
    let engineers = stated.numbers[&Input::Engineers].now.as_ref().map(|e| e.value);
    assert_eq!(engineers, Some(8.0), "what was stated wins");
    assert!(stated.numbers.contains_key(&Input::DailyUsers));
}
