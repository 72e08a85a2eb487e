//! The states of a payment: those its entity has, with the changes that are allowed between them.

use loadcase_model::{Entity, FieldType};

use crate::diagram::mermaid::label;
use crate::text::markdown::{code, name};
use crate::view::View;

/// A change of state: from, to, when, how. Products have some of the states; the edges between those hold.
const EDGES: &[(&str, &str, &str, &str)] = &[
    (
        "created",
        "in-review",
        "the screening wants a person to look",
        "the provider is not called before the decision",
    ),
    (
        "in-review",
        "pending",
        "a person lets it through",
        "a job sends it to the provider; two people decide above a limit",
    ),
    ("in-review", "cancelled", "a person refuses", "the reason is recorded"),
    (
        "created",
        "pending",
        "the request is stored and about to be sent",
        "committed before the call, so that a crash leaves a trace",
    ),
    (
        "pending",
        "requires-action",
        "the payer has to act: sign in at the bank (Three-Domain Secure), follow a redirect, transfer to an account",
        "the answer holds the next action",
    ),
    (
        "created",
        "requires-action",
        "the payer has to act before the provider takes it",
        "the answer holds the next action",
    ),
    (
        "requires-action",
        "pending",
        "the payer has acted",
        "told by the provider's event or asked for; the payer's return alone proves nothing. The money's own event says so too",
    ),
    ("pending", "unknown", "no answer came in time", "asked about with the same key; silence is no refusal"),
    (
        "unknown",
        "pending",
        "the provider knows it",
        "the inquiry or an event finds out; what it says comes next",
    ),
    (
        "unknown",
        "failed",
        "the provider does not know it, and cannot any more",
        "only the provider's word ends it",
    ),
    ("pending", "authorised", "the provider's answer or its event", "a conditional update, as below"),
    ("authorised", "captured", "the capture is confirmed", "posted to the ledger in the same transaction"),
    (
        "pending",
        "captured",
        "the money has arrived at once or by transfer",
        "posted to the ledger in the same transaction",
    ),
    ("pending", "paid", "the provider's answer or its event", "a conditional update, as below"),
    ("pending", "succeeded", "the provider's answer or its event", "a conditional update, as below"),
    ("authorised", "cancelled", "cancelled, or the authorisation ran out", "the provider releases the hold"),
    (
        "authorised",
        "capturing",
        "the capture is about to be sent",
        "committed before the call: of two captures one finds the state left",
    ),
    (
        "capturing",
        "captured",
        "the provider confirms, in its answer, an event or when asked",
        "posted to the ledger in the same transaction; without an answer it stays and is asked about",
    ),
    (
        "capturing",
        "authorised",
        "the provider refuses the capture",
        "only its word leads back, never a timeout",
    ),
    (
        "authorised",
        "cancelling",
        "the cancellation is about to be sent",
        "committed before the call, so that no capture goes out beside it",
    ),
    (
        "cancelling",
        "cancelled",
        "the provider confirms, in its answer, an event or when asked",
        "without an answer it stays and is asked about",
    ),
    ("cancelling", "authorised", "the provider refuses", "only its word leads back, never a timeout"),
    (
        "created",
        "cancelled",
        "cancelled before anything was sent, or nobody went on with it",
        "nothing to undo; a job ends what was left",
    ),
    (
        "pending",
        "failed",
        "the provider refuses, or says that the time of the method is over",
        "never by a clock of this system alone",
    ),
    (
        "requires-action",
        "failed",
        "the payer gave up, or the provider ended it",
        "a transfer that comes later is a case: matched by a person or sent back",
    ),
    ("captured", "reversed", "the bank takes a debit or transfer back", "a posting reverses the first one"),
];

/// The entity that holds payments: the first with an amount and a state that a provider decides.
fn payment<'a>(view: &View<'a>) -> Option<(&'a Entity, &'a [String])> {
    let entities = &view.blueprint().entities;
    let stated = |e: &'a Entity| {
        let state = e.fields.iter().find(|f| {
            f.kind == FieldType::Enum
                && matches!(f.name.as_str(), "state" | "status")
                && edges(&f.values).len() > 1
        })?;
        e.fields.iter().any(|f| f.kind == FieldType::Money).then_some((e, state.values.as_slice()))
    };
    let named = entities.iter().find(|(id, e)| id.as_str().contains("payment") && stated(e).is_some());
    named.map(|(_, e)| e).or_else(|| entities.values().find(|e| stated(e).is_some())).and_then(stated)
}

fn edges(values: &[String]) -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let has = |word: &str| values.iter().any(|v| v == word);
    EDGES.iter().copied().filter(|(from, to, ..)| has(from) && has(to)).collect()
}

/// The diagram of the states, and the table of their changes.
pub(super) fn states(view: &View<'_>) -> (String, String) {
    let usual: Vec<String> =
        ["created", "pending", "unknown", "succeeded", "failed"].map(str::to_owned).to_vec();
    let found = payment(view);
    let values = found.map_or(usual.as_slice(), |(_, values)| values);
    let edges = edges(values);
    let state = |word: &str| word.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let begins = values.first().map_or("created", String::as_str);
    let mut diagram = vec!["stateDiagram-v2".to_owned(), format!("  [*] --> {}", state(begins))];
    diagram.extend(
        edges
            .iter()
            .map(|(from, to, when, _)| format!("  {} --> {}: {}", state(from), state(to), label(when))),
    );
    let ends = values.iter().filter(|v| !edges.iter().any(|(from, ..)| from == v));
    diagram.extend(
        ends.filter(|v| edges.iter().any(|(_, to, ..)| to == v)).map(|v| format!("  {} --> [*]", state(v))),
    );
    let rows = edges
        .iter()
        .map(|(from, to, when, how)| format!("| {} | {} | {when} | {how} |", code(from), code(to)));
    let mut table = vec!["| from | to | when | how |".to_owned(), "| --- | --- | --- | --- |".to_owned()];
    table.extend(rows);
    let about = found.map_or_else(
        || "The blueprint has no entity with these states: add one.".to_owned(),
        |(entity, values)| {
            let apart: Vec<String> = values
                .iter()
                .filter(|v| !edges.iter().any(|(from, to, ..)| from == v || to == v))
                .map(|v| code(v))
                .collect();
            let apart = if apart.is_empty() {
                String::new()
            } else {
                format!(" Also there, with changes of the product's own: {}.", apart.join(", "))
            };
            format!("These are the states of {} in the schema.{apart}", name(&entity.name))
        },
    );
    (diagram.join("\n"), format!("{}\n\n{about}", table.join("\n")))
}
