//! What readings make of a blueprint.

use loadcase_calibrate::{Calibrated, Measured, Reading, Role, apply, read};
use loadcase_model::{Blueprint, Id, Origin, Step, yaml};

use crate::reading::{SPANS, STATEMENTS, fine};

const BLUEPRINT: &str = "\
schema: loadcase/blueprint/1
name: Orders
topology: monolith
components:
  app: {name: Order service, kind: service, capacity: {replicas: 1, vcpu: 2, memory_gb: 1, basis: made up}}
  postgresql: {name: PostgreSQL, kind: store, technology: postgresql, capacity: {replicas: 1, vcpu: 2, memory_gb: 1, basis: made up}}
operations:
  read-order:
    name: Read an order
    kind: request
    method: GET
    path: /orders/{id}
    accesses: [{entity: order, kind: read-one}]
    steps:
      - {component: app, cpu_ms: 2, basis: catalog}
      - {component: postgresql, visits: 2, cpu_ms: 0.1, wait_ms: 0.4, reads_only: true, basis: catalog}
  place-order:
    name: Place an order
    kind: request
    method: POST
    path: /orders
    accesses: [{entity: order, kind: insert}]
    steps:
      - {component: app, cpu_ms: 4, basis: catalog}
      - {component: postgresql, cpu_ms: 0.9, wait_ms: 2.5, basis: catalog}
entities:
  order: {name: Order, store: postgresql, fields: [], row_bytes: 100, basis: made up}
deployment: {platform: managed-containers}
workloads: [{horizon: now, rate_per_s: {read-order: 30, place-order: 10}, basis: made up}]
";

fn blueprint() -> Blueprint {
    yaml::read(BLUEPRINT).unwrap_or_else(|d| panic!("{}", d.one_line("blueprint", BLUEPRINT)))
}

fn step(of: &Calibrated, operation: &str, place: usize) -> Step {
    of.blueprint.operations[&Id::new(operation).expect("an identifier")].steps[place].clone()
}

fn applied(readings: &[Reading]) -> Calibrated {
    apply(&blueprint(), readings)
}

#[test]
fn spans_replace_visits_and_times_and_keep_the_share_of_the_processor() {
    let calibrated = applied(&[fine("spans.jsonl", SPANS)]);
    let store = step(&calibrated, "read-order", 1);
    assert!((store.visits - 1.0).abs() < 1e-9);
    let time = store.cpu_ms + store.wait_ms;
    assert!((15.0..30.0).contains(&time) && (store.cpu_ms / time - 0.2).abs() < 1e-9, "{store:?}");
    assert!(store.basis.starts_with("measured: spans.jsonl: "), "{}", store.basis);
    // Its two parts, drawn on their own, spread together as what was measured.
    let Measured::Visit(visit) = fine("spans.jsonl", SPANS)
        .measured
        .into_iter()
        .find(|m| matches!(m, Measured::Visit(v) if v.part == "postgresql"))
        .expect("visits of the store")
    else {
        unreachable!("it was found as a visit")
    };
    let together = store.scv * (store.cpu_ms.powi(2) + store.wait_ms.powi(2)) / time.powi(2);
    assert!((together - visit.scv.expect("many spans")).abs() < 1e-9, "{store:?}");
    // What was not measured stays, and what changed is told with its origin.
    assert_eq!(step(&calibrated, "place-order", 1), blueprint().operations[1].steps[1]);
    assert_eq!(calibrated.changed.len(), 2);
    let change = &calibrated.changed[1];
    assert!((change.before.value - 0.5).abs() < 1e-9 && change.visits == (2.0, 1.0));
    assert!(matches!(&change.after.origin, Origin::Measured { by } if by.contains("spans in")), "{change:?}");
}

#[test]
fn statements_go_to_the_operations_that_touch_their_tables() {
    let calibrated = applied(&[fine("statements.csv", STATEMENTS)]);
    let read = step(&calibrated, "read-order", 1);
    assert!((15.0..30.0).contains(&read.cpu_ms) && read.basis.contains("1 reading statements"), "{read:?}");
    let write = step(&calibrated, "place-order", 1);
    assert!(write.basis.contains("writing statements"), "{write:?}");
    assert!((step(&calibrated, "read-order", 0).cpu_ms - 2.0).abs() < 1e-9, "the service was not measured");
}

#[test]
fn utilisation_over_throughput_is_the_demand() {
    let series = |value: &str| {
        format!(
            r#"{{"status": "success", "data": {{"resultType": "matrix", "result": [{{"metric": {{"job": "app"}}, "values": [[1, "{value}"]]}}]}}}}"#
        )
    };
    let busy = read("cpu.json", &series("0.5"), Some(Role::Busy)).unwrap();
    let rate = read("rps.json", &series("40"), Some(Role::Rate)).unwrap();
    let calibrated = applied(&[busy.clone(), rate]);
    // 12.5 ms a request; 30 reads of 2 parts and 10 writes of 4 parts: 2.5 on average.
    assert!((step(&calibrated, "read-order", 0).cpu_ms - 10.0).abs() < 1e-9);
    assert!((step(&calibrated, "place-order", 0).cpu_ms - 20.0).abs() < 1e-9);
    let alone = applied(&[busy]);
    assert!(alone.changed.is_empty() && alone.notes[0].contains("add `rate=FILE`"), "{:?}", alone.notes);
}

#[test]
fn response_times_at_low_load_say_what_is_left() {
    let autocannon = r#"{"url": "http://localhost/orders/7", "latency": {"average": 30, "stddev": 3}, "requests": {"average": 5, "total": 50}}"#;
    let load = fine("load.json", autocannon);
    // Alone, all steps of the operation share it as they did: 2 + 2 x 0.5 ms.
    let alone = applied(std::slice::from_ref(&load));
    assert!((step(&alone, "read-order", 0).cpu_ms - 20.0).abs() < 1e-9, "{:?}", alone.changed);
    assert!((step(&alone, "read-order", 1).wait_ms - 4.0).abs() < 1e-9);
    // With the statements known, the rest is the service's.
    let both = applied(&[load, fine("statements.csv", STATEMENTS)]);
    let (app, store) = (step(&both, "read-order", 0), step(&both, "read-order", 1));
    let sum = app.cpu_ms + app.wait_ms + store.visits * (store.cpu_ms + store.wait_ms);
    assert!(
        (sum - 30.0).abs() < 1e-6 || both.notes.iter().any(|n| n.contains("nothing is left")),
        "{both:?}"
    );
}

#[test]
fn names_that_the_blueprint_does_not_have_are_told() {
    let other = SPANS.replace("/orders/{id}", "/carts/{id}").replace("\"app\"", "\"billing\"");
    let calibrated = applied(&[fine("other.jsonl", &other)]);
    assert!(calibrated.changed.is_empty());
    assert_eq!(calibrated.notes, ["other.jsonl: no operation of the blueprint is `GET /carts/{id}`"]);
    let summary =
        r#"{"metrics": {"http_req_duration": {"avg": 12.5}, "http_reqs": {"count": 6, "rate": 2}}}"#;
    let notes = applied(&[fine("summary.json", summary)]).notes;
    assert!(notes[0].contains("all requests together"), "{notes:?}");
}
