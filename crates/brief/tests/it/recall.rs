//! Documents with established decisions: descriptions and decision records in the forms people use.

use loadcase_brief::{Document, documented, merge, read_prose, recall};
use loadcase_model::{Diagnostic, Input, Origin, Pin, Place};
use proptest::prelude::*;

use crate::catalog;

fn documents(files: &[(&str, &str)]) -> Vec<Document> {
    files.iter().map(|(path, text)| Document { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
}

fn recalled(files: &[(&str, &str)]) -> (Vec<Pin>, Vec<Diagnostic>) {
    recall(&documents(files), catalog())
}

/// `decision=option line` of every pin of one file, in order.
fn pins(path: &str, text: &str) -> Vec<String> {
    let (pins, _) = recalled(&[(path, text)]);
    for pin in &pins {
        assert_eq!(pin.place.path, path);
        let decision =
            catalog().decision(pin.decision.as_str()).expect("a pin settles a decision of the catalog");
        assert!(decision.option(pin.option.as_str()).is_some(), "{}={}", pin.decision, pin.option);
        assert!(!pin.text.is_empty());
    }
    let mut found: Vec<String> =
        pins.iter().map(|p| format!("{}={} {}", p.decision, p.option, p.place.line)).collect();
    found.sort();
    found
}

const ARCHITECTURE: &str = "docs/backend/architecture.md";

/// The pins of an architecture document, without their lines.
fn described(text: &str) -> Vec<String> {
    pins(ARCHITECTURE, text).iter().filter_map(|p| p.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_description_binds_by_what_it_states() {
    let text = "# Architecture\n\n## Decisions\n\n- Modular monolith: one deployable, modules own their tables.\n- We use PostgreSQL as the primary store.\n- Jobs run from a table; there is no broker.\n- The API is REST with OpenAPI.\n- Deployed on managed containers at AWS.\n";
    let found = pins(ARCHITECTURE, text);
    for expected in [
        "topology=modular-monolith 5",
        "primary-store=postgresql 6",
        "messaging=database-queue 7",
        "api-style=rest 8",
        "deployment=managed-containers 9",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected} is missing: {found:?}");
    }
}

#[test]
fn sentences_bind_as_bullets_do() {
    for (text, expected) in [
        ("We use PostgreSQL as the primary store.", "primary-store=postgresql"),
        ("All orders live in MySQL 8.4.", "primary-store=mysql"),
        ("The primary database is MongoDB.", "primary-store=mongodb"),
        ("Events go through Apache Kafka.", "messaging=kafka"),
        ("RabbitMQ is our message broker.", "messaging=rabbitmq"),
        ("Everything is deployed on Kubernetes.", "deployment=kubernetes"),
        ("The platform consists of microservices.", "topology=microservices"),
        ("Clients talk to a GraphQL API.", "api-style=graphql"),
        ("Authorisation is role-based (RBAC).", "authorization=rbac"),
        ("The ledger is append-only double entry.", "ledger-model=double-entry"),
        ("The backend is a Django application.", "stack=django"),
    ] {
        let found = described(&format!("# Architecture\n\n{text}\n"));
        assert!(found.contains(&expected.to_owned()), "{text}: {found:?}");
    }
}

#[test]
fn other_documents_of_the_folder_bind_too() {
    let api = pins("docs/backend/api-design.md", "# API design\n\nStyle: GraphQL over HTTP.\n");
    assert!(api.iter().any(|p| p == "api-style=graphql 3"), "{api:?}");
    let money =
        pins("docs/backend/payment-flow.md", "# Payment flow\n\nThe ledger is append-only double entry.\n");
    assert!(money.iter().any(|p| p == "ledger-model=double-entry 3"), "{money:?}");
}

#[test]
fn the_use_says_which_decision_a_technology_settles() {
    let cache = described("# A\n\nRedis is our cache in front of the database.\n");
    assert!(cache.contains(&"data-cache=shared-cache".to_owned()), "{cache:?}");
    assert!(!cache.iter().any(|p| p.starts_with("messaging=")), "{cache:?}");
    let queue = described("# A\n\nBackground jobs run on a Redis queue (BullMQ).\n");
    assert!(queue.contains(&"messaging=redis-queue".to_owned()), "{queue:?}");
    assert!(!queue.iter().any(|p| p.starts_with("data-cache=")), "{queue:?}");
}

#[test]
fn what_was_not_chosen_does_not_bind() {
    for text in [
        "We do not use Kafka.",
        "A table holds the jobs, not Kafka.",
        "We chose a table instead of Kafka.",
        "We rejected Kafka.",
        "Kafka was rejected because nobody can run it.",
        "We decided against Kafka.",
        "We might use Kafka later.",
        "Should we use Kafka?",
        "We moved away from Kafka.",
        "Kafka was considered.",
        "Unlike companies with Kafka, we poll.",
        "If volume grows tenfold, Kafka is an option.",
        "Without Kafka we have one part less to run.",
        "<!-- We use Kafka. -->",
        "```\nWe use Kafka.\n```",
        "~~~yaml\nbroker: kafka\n~~~",
        "~~We use Kafka.~~",
        "## Alternatives considered\n\nWe use Kafka.",
        "## Rejected\n\n- Kafka",
        "## Future\n\nWe use Kafka.",
    ] {
        let found = described(&format!("# Architecture\n\n{text}\n"));
        assert!(!found.iter().any(|p| p.contains("kafka")), "{text}: {found:?}");
    }
}

#[test]
fn comments_over_several_lines_bind_nothing_and_shift_nothing() {
    let text = "# A\n\n<!--\nWe use Kafka.\n-->\n\nWe use MySQL.\n";
    assert_eq!(pins(ARCHITECTURE, text), ["primary-store=mysql 7"]);
}

/// MADR 4, as its template has it.
fn madr(status: &str, chosen: &str) -> String {
    format!(
        "---\nstatus: \"{status}\"\ndate: 2026-02-03\ndecision-makers: a, b\n---\n\n# Choose the primary database\n\n## Context and Problem Statement\n\nOrders need transactions. Today they live in MongoDB.\n\n## Decision Drivers\n\n* joins\n\n## Considered Options\n\n* PostgreSQL\n* MySQL\n* MongoDB\n\n## Decision Outcome\n\nChosen option: \"{chosen}\", because MongoDB has no joins and MySQL is unknown to us.\n\n### Consequences\n\n* Good, because PostgreSQL is known.\n* Bad, because Cassandra would scale further.\n\n## Pros and Cons of the Options\n\n### MySQL\n\n* Good, because we use MySQL elsewhere.\n"
    )
}

/// The form of Nygard, as adr-tools writes it.
fn nygard(number: u32, title: &str, status: &str, decision: &str) -> String {
    format!(
        "# {number}. {title}\n\nDate: 2026-01-05\n\n## Status\n\n{status}\n\n## Context\n\nKafka, RabbitMQ and SQS were looked at.\n\n## Decision\n\n{decision}\n\n## Consequences\n\nWe do not need Kubernetes.\n"
    )
}

#[test]
fn records_of_every_form_bind_by_their_decision_alone() {
    assert_eq!(
        pins("docs/adr/0001-primary-database.md", &madr("accepted", "PostgreSQL")),
        ["primary-store=postgresql 25"]
    );
    let text = nygard(2, "Use RabbitMQ", "Accepted", "We will use RabbitMQ for messages between services.");
    assert_eq!(pins("doc/adr/0002-use-rabbitmq.md", &text), ["messaging=rabbitmq 15"]);
    // MADR 2 and log4brains: a list below the title instead of front matter.
    let text = "# Deploy on Kubernetes\n\n- Status: accepted\n- Deciders: all\n- Date: 2026-05-06\n\n## Context and Problem Statement\n\nWhere?\n\n## Considered Options\n\n- Kubernetes\n- One rented server\n\n## Decision Outcome\n\nChosen option: \"Kubernetes\", because the company runs it.\n";
    assert_eq!(pins("docs/decisions/20260506-deploy.md", text), ["deployment=kubernetes 18"]);
    // MADR 3: front matter without quotes.
    let text = madr("accepted", "MySQL").replace('"', "");
    assert_eq!(pins("docs/decisions/0005-database.md", &text), ["primary-store=mysql 25"]);
}

#[test]
fn the_pin_quotes_its_sentence() {
    let (pins, _) = recalled(&[("docs/adr/0001-a.md", &madr("accepted", "PostgreSQL"))]);
    assert!(
        pins[0].text.contains("Chosen option") && pins[0].text.contains("PostgreSQL"),
        "{}",
        pins[0].text
    );
    assert!(!pins[0].text.contains("Context and Problem"), "{}", pins[0].text);
}

#[test]
fn only_accepted_records_bind() {
    for status in ["proposed", "rejected", "deprecated", "draft", "superseded by [ADR-0009](0009-x.md)"] {
        assert!(pins("docs/adr/0001-a.md", &madr(status, "PostgreSQL")).is_empty(), "{status}");
        let mut capital = status.to_owned();
        capital[..1].make_ascii_uppercase();
        let text = nygard(1, "Use RabbitMQ", &capital, "We will use RabbitMQ for messages.");
        assert!(pins("docs/adr/0001-a.md", &text).is_empty(), "{capital}");
    }
    let struck = nygard(
        1,
        "Use RabbitMQ",
        "~~Accepted~~ Superseded by [3. Use a table](0003-table.md)",
        "We will use RabbitMQ.",
    );
    assert!(pins("docs/adr/0001-a.md", &struck).is_empty());
}

#[test]
fn a_superseded_record_gives_way_even_when_it_still_says_accepted() {
    let old = nygard(2, "Use RabbitMQ", "Accepted", "We will use RabbitMQ for messages.");
    let new = nygard(
        7,
        "Use Kafka",
        "Accepted\n\nSupersedes [2. Use RabbitMQ](0002-use-rabbitmq.md)",
        "We will use Kafka for messages.",
    );
    let (pins, notes) =
        recalled(&[("docs/adr/0002-use-rabbitmq.md", &old), ("docs/adr/0007-use-kafka.md", &new)]);
    let found: Vec<_> = pins.iter().map(|p| (p.option.to_string(), p.place.path.to_string())).collect();
    assert_eq!(found, [("kafka".to_owned(), "docs/adr/0007-use-kafka.md".to_owned())]);
    assert!(notes.iter().all(|n| n.code != "contradictory-decisions"), "{notes:?}");
}

#[test]
fn of_two_that_contradict_each_other_the_later_record_is_kept_and_both_are_named() {
    let one = nygard(2, "Use RabbitMQ", "Accepted", "We will use RabbitMQ for messages.");
    let two = nygard(10, "Use Kafka", "Accepted", "We will use Kafka for messages.");
    let earlier = ("docs/adr/2-use-rabbitmq.md", one.as_str());
    let later = ("docs/adr/10-use-kafka.md", two.as_str());
    for files in [[earlier, later], [later, earlier]] {
        let (pins, notes) = recalled(&files);
        let options: Vec<_> = pins.iter().map(|p| p.option.as_str()).collect();
        assert_eq!(options, ["kafka"], "number 10 is later than number 2");
        let said = notes.iter().map(|n| n.message.clone()).collect::<Vec<_>>().join("\n");
        assert!(said.contains("10-use-kafka.md:15") && said.contains("2-use-rabbitmq.md:15"), "{said}");
    }
}

#[test]
fn a_record_outweighs_a_description() {
    let description = "# Architecture\n\nOrders live in MySQL.\n";
    let record = madr("accepted", "PostgreSQL");
    let (pins, notes) = recalled(&[(ARCHITECTURE, description), ("docs/adr/0001-a.md", &record)]);
    let stores: Vec<_> =
        pins.iter().filter(|p| p.decision == "primary-store").map(|p| p.option.as_str()).collect();
    assert_eq!(stores, ["postgresql"]);
    assert!(notes.iter().any(|n| n.message.contains("architecture.md:3")), "{notes:?}");
}

#[test]
fn templates_and_indexes_bind_nothing() {
    let template = "# {short title}\n\n* Status: {proposed | rejected | accepted}\n\n## Decision Outcome\n\nChosen option: \"{title of option 1}\", because {justification}.\n";
    assert!(pins("docs/adr/template.md", template).is_empty());
    assert!(pins("docs/adr/adr-template.md", template).is_empty());
    let index = "# Decisions\n\n- [ADR-0001](0001.md) - Use PostgreSQL (superseded)\n- [ADR-0002](0002.md) - Use Kafka (proposed)\n";
    assert!(pins("docs/adr/README.md", index).is_empty());
    assert!(pins("docs/adr/index.md", index).is_empty());
}

#[test]
fn tables_bind_by_what_was_decided() {
    let decided = "# A\n\n## Decisions\n\n| question | decision | because |\n| --- | --- | --- |\n| Which store holds the system of record? | PostgreSQL | MySQL costs more to run |\n| How is work handed on? | Jobs in a table | Kafka is too much |\n";
    assert_eq!(described(decided), ["messaging=database-queue", "primary-store=postgresql"]);
    let compared = "# A\n\n| option | for | against |\n|---|---|---|\n| Kafka | replay | people |\n| RabbitMQ | known | no replay |\n";
    assert!(described(compared).is_empty());
    let mixed = "# A\n\n| Decision | Status |\n|---|---|\n| Messages go through Kafka | rejected |\n| Orders live in MySQL | accepted |\n";
    assert_eq!(described(mixed), ["primary-store=mysql"]);
}

#[test]
fn a_word_that_two_options_share_settles_neither() {
    let shared = described("# A\n\nThe backend runs on Node.js.\n");
    assert!(!shared.iter().any(|p| p.starts_with("stack=")), "{shared:?}");
    assert!(described("# A\n\nThe backend is Node.js with NestJS.\n").contains(&"stack=nestjs".to_owned()));
}

#[test]
fn documents_that_weigh_or_propose_bind_nothing() {
    for name in ["trade-offs.md", "alternatives.md", "proposal-events.md", "2026-03-meeting.md", "options.md"]
    {
        let path = format!("docs/backend/{name}");
        assert!(pins(&path, "# Events\n\nEvents go through Kafka.\n").is_empty(), "{name}");
    }
    // "Collateral" holds "later", and is no word for what is postponed.
    let found = pins("docs/backend/collateral.md", "# Collateral\n\nEvents go through Kafka.\n");
    assert_eq!(found, ["messaging=kafka 3"]);
}

const MARKS: &str = "Letters beside numbers: `u` said by you, `c` computed.";

#[test]
fn what_loadcase_proposed_is_no_established_decision() {
    let text = format!(
        "# Architecture of a shop\n\n{MARKS}\n\nModular monolith on PostgreSQL.\n\n310 `c` requests per second at the peak.\n"
    );
    let files = documents(&[(ARCHITECTURE, &text), ("docs/backend/scaling.md", &text)]);
    let (pins, notes) = recall(&files, catalog());
    assert!(pins.is_empty(), "{pins:?}");
    assert_eq!(notes.iter().filter(|n| n.code == "own-proposal").count(), 1, "{notes:?}");
    assert!(documented(&files, catalog()).says_nothing());
}

#[test]
fn a_proposed_record_binds_once_it_is_accepted() {
    let record = |status: &str, outcome: &str| {
        format!(
            "---\nstatus: {status}\n---\n\n# How is work handed on: it\n\n{MARKS}\n\n## Considered options\n\n- Partitioned log\n\n## Decision outcome\n\nChosen option: **{outcome}**. It carries 310/s `c`.\n"
        )
    };
    let path = "docs/backend/adr/0006-messaging.md";
    assert!(pins(path, &record("proposed", "Jobs in a table")).is_empty());
    assert_eq!(pins(path, &record("accepted", "Jobs in a table")), ["messaging=database-queue 15"]);
    assert_eq!(pins(path, &record("accepted", "No queue")), ["messaging=no-messaging 15"]);
    let accepted = record("accepted", "Jobs in a table");
    let brief = documented(&documents(&[(path, &accepted)]), catalog());
    assert!(brief.numbers.is_empty(), "what was computed is no input");
}

#[test]
fn windows_line_ends_shift_nothing() {
    let unix = madr("accepted", "PostgreSQL");
    let windows = unix.replace('\n', "\r\n");
    assert_eq!(pins("docs/adr/0001-a.md", &windows), pins("docs/adr/0001-a.md", &unix));
    let unix = nygard(2, "Use RabbitMQ", "Accepted", "We will use RabbitMQ for messages.");
    assert_eq!(pins("docs/adr/0002-a.md", &unix.replace('\n', "\r\n")), ["messaging=rabbitmq 15"]);
}

#[test]
fn numbers_in_documents_carry_their_line_and_what_was_said_wins() {
    let text =
        "# Architecture\n\nWe serve 20,000 daily users\nwith 5 engineers.\n\n```\n900 engineers\n```\n";
    let brief = documented(&documents(&[(ARCHITECTURE, text)]), catalog());
    let line = |input: Input| brief.numbers[&input].now.as_ref().map(|e| e.origin.clone());
    let place = |line| Some(Origin::Documented(Place { path: ARCHITECTURE.into(), line }));
    assert_eq!(line(Input::DailyUsers), place(3));
    assert_eq!(line(Input::Engineers), place(4));
    let mut said = read_prose("We have 8 engineers.", catalog()).brief;
    merge(&mut said, brief.clone());
    assert_eq!(said.numbers[&Input::Engineers].now.as_ref().map(|e| e.value), Some(8.0));
    assert_eq!(said.numbers[&Input::DailyUsers], brief.numbers[&Input::DailyUsers]);
    assert_eq!(said.text, "We have 8 engineers.", "a document is no part of what was said");
}

#[test]
fn what_was_said_of_one_horizon_leaves_the_other_to_the_documents() {
    let text = "# Architecture\n\nWe expect 90,000 daily users in two years.\n";
    let mut said = read_prose("We have 3,000 daily users.", catalog()).brief;
    merge(&mut said, documented(&documents(&[(ARCHITECTURE, text)]), catalog()));
    let given = &said.numbers[&Input::DailyUsers];
    assert_eq!(given.now.as_ref().map(|e| e.value), Some(3_000.0));
    assert_eq!(given.later.as_ref().map(|e| e.value), Some(90_000.0));
}

#[test]
fn documents_without_decisions_say_nothing() {
    for text in [
        "",
        "\n",
        "# Architecture\n",
        "Lorem ipsum dolor sit amet.",
        "---\n---\n",
        "---\nstatus: accepted\n",
        "#\n##\n###",
        "<!--",
        "```",
        "[]()",
        "| |\n|-|\n",
    ] {
        for path in [ARCHITECTURE, "docs/adr/0001-a.md"] {
            assert!(pins(path, text).is_empty(), "{path}: {text:?}");
        }
    }
}

#[test]
fn large_documents_take_no_longer_than_they_are_long() {
    // Generous: a debug build on a busy machine. What is quadratic takes minutes.
    let allowed = std::time::Duration::from_secs(30);
    for unit in
        ["We use PostgreSQL, not Kafka. ", "# a\n", "> ", "- ", "`", "<!--", "[", "~~~\n", "not ", "| a "]
    {
        let text: String = unit.chars().cycle().take(200_000).collect();
        let begun = std::time::Instant::now();
        let _ = recalled(&[("docs/adr/0001-a.md", &text), (ARCHITECTURE, &text)]);
        assert!(begun.elapsed() < allowed, "{unit:?}: {:?}", begun.elapsed());
    }
}

/// Pieces of which documents are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("---\nstatus: accepted\n---\n".to_owned()),
        Just("# Use PostgreSQL\n\n".to_owned()),
        Just("## Status\n\nAccepted\n\n".to_owned()),
        Just("## Decision\n\n".to_owned()),
        Just("Chosen option: \"Kafka\", because".to_owned()),
        Just("Superseded by [2](0002.md)\n".to_owned()),
        Just("```\n".to_owned()),
        Just("<!-- ".to_owned()),
        Just("-->".to_owned()),
        Just("We use Redis as a cache.\n".to_owned()),
        Just("\r\n".to_owned()),
        "\\PC{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_document_panics_and_every_pin_has_its_line(pieces in proptest::collection::vec(piece(), 0..16), record in any::<bool>()) {
        let text = pieces.concat();
        let path = if record { "docs/adr/0001-a.md" } else { ARCHITECTURE };
        let files = documents(&[(path, &text)]);
        let (pins, _) = recall(&files, catalog());
        let lines = text.matches('\n').count() + 1;
        for pin in pins {
            prop_assert!((1..=lines).contains(&pin.place.line), "{pin:?}");
        }
        let _ = documented(&files, catalog());
    }
}
