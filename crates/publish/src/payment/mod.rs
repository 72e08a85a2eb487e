//! `payment-flow.md`: how money moves, where it does.

mod states;

use loadcase_catalog::Catalog;
use loadcase_model::{ComponentKind, Design, FieldType, Figure, Operation, OperationKind, Origin, Unit};
use serde::Serialize;

use crate::Deliverable;
use crate::diagram::mermaid;
use crate::honesty::{legend, tagged};
use crate::security::several;
use crate::template::render;
use crate::text::listed;
use crate::text::markdown::{code, name};
use crate::view::View;

const TEMPLATE: &str = include_str!("flow.md.j2");

/// What happens where the blueprint does not say which components a payment passes.
const SEQUENCE: &str = "sequenceDiagram
  Client->>Application: pay, with a key
  Application->>Provider: charge, with a derived key
  Provider-->>Application: answer
  Provider-)Application: event";

#[derive(Serialize)]
struct Values {
    name: String,
    legend: String,
    operations: String,
    sequence: String,
    states: String,
    changes: String,
    others: String,
    keyed: String,
    keep_keys: String,
    lease: String,
    webhooks: String,
    tolerance: String,
    attempts: String,
    ledger: String,
    card: String,
}

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    if !view.money_moves() {
        return Vec::new();
    }
    vec![Deliverable {
        path: "payment-flow.md".to_owned(),
        text: render("payment", TEMPLATE, &values(&view)),
    }]
}

fn values(view: &View<'_>) -> Values {
    let moving = moving(view);
    let (states, changes) = states::states(view);
    let names: Vec<String> = moving.iter().map(|o| name(&o.name)).collect();
    let keyed: Vec<String> =
        moving.iter().filter(|o| o.kind == OperationKind::Request).map(|o| name(&o.name)).collect();
    let webhooks: Vec<String> =
        view.operations(&[OperationKind::Webhook]).into_iter().map(|(_, o)| name(&o.name)).collect();
    Values {
        name: name(&view.blueprint().name),
        legend: legend(),
        operations: if names.is_empty() {
            "operations the blueprint does not name".to_owned()
        } else {
            several(&names)
        },
        sequence: sequence(view),
        states,
        changes,
        others: others(view),
        keyed: if keyed.is_empty() { "every operation that moves money".to_owned() } else { several(&keyed) },
        keep_keys: kept_keys(view),
        lease: assumed(30.0, Unit::Seconds),
        webhooks: listed(&webhooks),
        tolerance: assumed(300.0, Unit::Seconds),
        attempts: assumed(10.0, Unit::One),
        ledger: ledger(view),
        card: card(view),
    }
}

/// A bound of common practice, to be set to what the provider says.
fn assumed(value: f64, unit: Unit) -> String {
    let origin = Origin::assumed(value / 3.0, value * 3.0, "common practice of payment providers");
    tagged(&Figure { value, unit, origin })
}

/// Operations with side effects outside that somebody asks for.
fn moving<'a>(view: &View<'a>) -> Vec<&'a Operation> {
    view.blueprint().operations.values().filter(|o| o.critical && o.kind != OperationKind::Webhook).collect()
}

/// The operation that calls somebody outside, else the first that a client asks for.
fn sequence(view: &View<'_>) -> String {
    let asked: Vec<_> = moving(view)
        .into_iter()
        .filter(|o| o.kind == OperationKind::Request && !o.steps.is_empty())
        .collect();
    let outside = view.components(&[ComponentKind::External]);
    let calls_out =
        |o: &&&Operation| o.steps.iter().any(|s| outside.iter().any(|(id, _)| **id == s.component));
    let shown = asked.iter().find(calls_out).or(asked.first());
    shown.map_or_else(
        || SEQUENCE.to_owned(),
        |operation| mermaid::sequence(view, operation).trim_end().to_owned(),
    )
}

/// What has a state of its own beside the payment.
fn others(view: &View<'_>) -> String {
    let own = [("refund", "A refund"), ("dispute", "A dispute"), ("payout", "A payout")];
    let found: Vec<&str> = own
        .into_iter()
        .filter(|(word, _)| view.blueprint().entities.keys().any(|id| id.as_str() == *word))
        .map(|(_, said)| said)
        .collect();
    if found.is_empty() {
        return "Refunds and disputes are records of their own with a key and a state of their own: a payment may have \
                several, each for a part."
            .to_owned();
    }
    format!(
        "{} is a record of its own with a key and a state of its own: a payment may have several, each for a part, so \
         they are no states of the payment. The payment holds the sums.{}",
        several(&found.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()).replace(", A ", ", a "),
        ways(view)
    )
}

/// How refunds, payouts and disputes move on: entity, the states it needs for that, what is said.
const WAYS: &[(&str, &[&str], &str)] = &[
    (
        "refund",
        &["requested", "sent", "unknown", "done", "failed"],
        "A refund goes from `requested` to `sent` before the provider is called, then to `done` or `failed`; without an \
         answer it is `unknown` until an event or the question finds out. A failed one gives back what it held. It \
         draws on what is left of the capture after refunds and disputes, open and lost ones alike.",
    ),
    (
        "payout",
        &["scheduled", "sent", "unknown", "paid", "returned", "failed"],
        "A payout goes from `scheduled` to `sent` before the bank is called, then to `paid` or `failed`; without an \
         answer it is `unknown` until the bank is asked. `paid` becomes `returned` when the money comes back, which a \
         posting reverses.",
    ),
    (
        "dispute",
        &["needs-response", "under-review", "won", "lost", "accepted"],
        "A dispute goes from `needs-response` to `under-review` with the evidence, to `accepted` by the merchant's word, \
         or to `lost` when the day passes; from `under-review` to `won` or `lost`. What was held for it is posted to \
         whoever gets it in the transaction that ends it.",
    ),
];

/// The ways of what has all the states they name.
fn ways(view: &View<'_>) -> String {
    let has = |id: &str, words: &[&str]| {
        let entity = view.blueprint().entities.iter().find(|(known, _)| known.as_str() == id);
        let values = || entity.iter().flat_map(|(_, e)| &e.fields).flat_map(|f| &f.values);
        words.iter().all(|word| values().any(|value| value == word))
    };
    WAYS.iter().filter(|(id, words, _)| has(id, words)).map(|(_, _, said)| format!("\n- {said}")).collect()
}

/// How long the schema keeps the keys of requests.
fn kept_keys(view: &View<'_>) -> String {
    crate::data::kept_keys(view.blueprint()).map_or_else(|| "days".to_owned(), |kept| tagged(&kept))
}

fn ledger(view: &View<'_>) -> String {
    let entries: Vec<String> = view
        .blueprint()
        .entities
        .iter()
        .filter(|(id, e)| {
            (id.as_str().contains("ledger") || id.as_str().contains("entry"))
                && e.fields.iter().any(|f| f.kind == FieldType::Money)
        })
        .map(|(_, e)| name(&e.name))
        .collect();
    let decision = view.design.decision("ledger-model");
    let verdict = decision.map_or_else(String::new, |d| format!("Decision: {}. ", name(&d.verdict.name)));
    if entries.is_empty() {
        format!(
            "{verdict}The blueprint has no entity for a ledger. Where you only pass payments on, the provider's is enough; where you hold \
             balances or pay out, add one."
        )
    } else {
        format!("{verdict}Kept in {}.", listed(&entries))
    }
}

fn card(view: &View<'_>) -> String {
    let holds = crate::data::columns::card_fields(view.blueprint());
    if holds.is_empty() {
        "Card data never reaches this system: the payer types it into the provider's page or element, and only a token \
         comes back."
            .to_owned()
    } else {
        let holds: Vec<String> = holds.iter().map(|f| code(f)).collect();
        format!(
            "**Card data is stored in {}.** Replace it by the provider's tokens, or the whole system is in the scope of PCI DSS.",
            listed(&holds)
        )
    }
}
