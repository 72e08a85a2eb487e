//! What products of some kinds must be able to do, seen in what is written for them.

use std::sync::OnceLock;

use loadcase_catalog::Catalog;
use loadcase_model::{ComponentKind, Design, Id, yaml};
use loadcase_publish::deliverables;
use serde_json::Value;

use crate::fixture;

fn all() -> &'static (Catalog, Vec<Design>) {
    static ALL: OnceLock<(Catalog, Vec<Design>)> = OnceLock::new();
    ALL.get_or_init(fixture::domains)
}

/// A file of the design whose blueprint has an entity.
fn file(entity: &str, path: &str) -> String {
    let (catalog, designs) = all();
    let design = designs.iter().find(|d| d.blueprint.entities.contains_key(entity));
    let design = design.unwrap_or_else(|| panic!("no product has {entity}"));
    let found = deliverables(design, catalog).into_iter().find(|f| f.path == path);
    found.unwrap_or_else(|| panic!("no {path} beside {entity}")).text
}

fn schemas(entity: &str, path: &str) -> Value {
    let text = file(entity, path);
    let document: Value = yaml::read(&text).unwrap_or_else(|e| panic!("{}", e.one_line(path, &text)));
    document["components"]["schemas"].clone()
}

fn required(schema: &Value) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn money_is_posted_after_the_provider_answered() {
    let (catalog, designs) = all();
    let design = designs.iter().find(|d| d.blueprint.entities.contains_key("dispute-evidence"));
    let mut design = design.expect("payments").clone();
    let blueprint = &mut design.blueprint;
    let outside = Id::slug("payment-provider");
    let mut provider = blueprint.components["gateway"].clone();
    provider.kind = ComponentKind::External;
    blueprint.components.insert(outside.clone(), provider);
    let mut flow = blueprint.flows.iter().find(|f| f.from == *"app").expect("a flow").clone();
    flow.to = outside.clone();
    blueprint.flows.push(flow);
    let confirm = &mut blueprint.operations["confirm-payment"];
    let mut step = confirm.steps[0].clone();
    step.component = outside;
    confirm.steps.push(step);
    let files = deliverables(&design, catalog);
    let flow = &files.iter().find(|f| f.path == "payment-flow.md").expect("a flow of payments").text;
    let sequence = &flow[flow.find("sequenceDiagram").expect("a sequence")..];
    let sequence = &sequence[..sequence.find("```").expect("its end")];
    let at = |what: &str| sequence.find(what).unwrap_or_else(|| panic!("{what}: {sequence}"));
    assert!(at("insert idempotency key") < at("->>n_payment_provider"), "{sequence}");
    assert!(at("->>n_payment_provider") < at("insert payment attempt"), "{sequence}");
    let captured = file("dispute-evidence", "data-design.md");
    for line in captured.lines().filter(|l| l.starts_with("| Capture a payment") && l.contains("`ledger")) {
        assert!(line.contains("after the answer from outside"), "{line}");
    }
}

#[test]
fn the_states_drawn_are_those_of_the_schema() {
    let (_, designs) = all();
    let design =
        designs.iter().find(|d| d.blueprint.entities.contains_key("dispute-evidence")).expect("payments");
    let payment = &design.blueprint.entities["payment"];
    let state = payment.fields.iter().find(|f| f.name == *"state").expect("a state");
    let flow = file("dispute-evidence", "payment-flow.md");
    for word in &state.values {
        assert!(flow.contains(&format!("| `{word}` |")), "{word} is in no change");
    }
    assert!(!flow.contains("time is up"), "silence is no refusal");
}

#[test]
fn merchants_hear_of_payments_and_not_of_reconciliation() {
    let told = file("dispute-evidence", "asyncapi.yaml");
    assert!(told.contains("payment.created"));
    assert!(!told.contains("reconciliation_item."));
}

#[test]
fn merchants_hear_of_what_others_did_and_payers_get_a_secret_once() {
    let told = file("dispute-evidence", "asyncapi.yaml");
    for kind in ["dispute.created", "dispute.updated", "refund.updated", "payout.updated"] {
        assert!(told.contains(kind), "{kind}");
    }
    let payments = schemas("dispute-evidence", "openapi.yaml");
    assert!(payments["CheckoutSecret"]["properties"].get("secret").is_some());
    assert!(payments["Checkout"]["properties"].get("secret").is_none());
}

#[test]
fn a_job_says_what_it_is_about() {
    let jobs = schemas("post-tag", "asyncapi.yaml");
    assert_eq!(required(&jobs["FanOutPostJob"]), ["post_id", "account_id", "requested_at"]);
    assert_eq!(required(&jobs["NotifyJob"]), ["account_id", "kind", "requested_at"]);
    assert_eq!(required(&jobs["EraseAccountJob"]), ["account_id", "requested_at"]);
}

#[test]
fn what_was_uploaded_is_attached_and_a_link_by_mail_is_proven() {
    let social = schemas("post-tag", "openapi.yaml");
    assert!(social["NewPost"]["properties"].get("media_asset_ids").is_some());
    assert!(social["NewMediaAsset"]["properties"].get("post_id").is_none());
    assert_eq!(required(&social["ResetPasswordRequest"]), ["token", "password"]);
    assert_eq!(required(&social["PasswordResetRequest"]), ["email"]);
}

#[test]
fn work_is_assigned_and_colleagues_are_invited_by_address() {
    let saas = schemas("api-key-prefix", "openapi.yaml");
    assert!(saas["NewItem"]["properties"].get("assignee_id").is_some());
    assert!(required(&saas["NewInvitation"]).contains(&"invited_email"));
    assert!(required(&saas["JoinByInvitationRequest"]).contains(&"token"));
}

#[test]
fn an_amount_comes_with_its_currency() {
    let payments = schemas("dispute-evidence", "openapi.yaml");
    assert!(required(&payments["NewPayment"]).contains(&"currency"));
}
