//! Each format: what is read of it, and what is said of a file that is broken.

use loadcase_calibrate::{Format, Latency, Level, Measured, Reading, Role, Statement, Visit, facts, read};
use proptest::prelude::*;

/// A real run of wrk 4.1 against a small server on loopback.
const WRK: &str = include_str!("../samples/wrk.txt");
/// Statement statistics of a real PostgreSQL 15 (`bench/real/run.py`).
pub(crate) const STATEMENTS: &str = include_str!("../samples/statements.csv");
/// Spans of a real service under low load (`bench/real/run.py`).
pub(crate) const SPANS: &str = include_str!("../samples/spans.jsonl");

pub(crate) fn fine(name: &str, text: &str) -> Reading {
    read(name, text, None).unwrap_or_else(|d| panic!("{}", d.one_line(name, text)))
}

fn broken(text: &str, role: Option<Role>) -> String {
    read("file", text, role).expect_err("it is broken").one_line("file", text)
}

fn latencies(reading: &Reading) -> Vec<&Latency> {
    reading.measured.iter().map(|m| if let Measured::Latency(l) = m { l } else { panic!("{m:?}") }).collect()
}

#[test]
fn wrk_says_mean_spread_rate_and_address() {
    let reading = fine("wrk.txt", WRK);
    assert_eq!(reading.format, Format::Wrk);
    let latency = latencies(&reading)[0];
    assert_eq!(latency.operation.as_deref(), Some("http://127.0.0.1:54740/orders/7"));
    assert!((latency.mean_ms - 47.85).abs() < 1e-9 && latency.requests == 334);
    assert!((latency.scv.unwrap() - (5.88_f64 / 47.85).powi(2)).abs() < 1e-9);
    assert!((latency.per_s.unwrap() - 41.67).abs() < 1e-9);
}

#[test]
fn k6_tells_requests_apart_by_name_in_its_points_and_not_in_its_summary() {
    let point = |url: &str, ms: f64| {
        format!(
            "{{\"type\":\"Point\",\"metric\":\"http_req_duration\",\"data\":{{\"time\":\"2026-11-23T09:00:00Z\",\
             \"value\":{ms},\"tags\":{{\"method\":\"GET\",\"name\":\"{url}\",\"status\":\"200\"}}}}}}\n"
        )
    };
    let metric = "{\"type\":\"Metric\",\"metric\":\"http_req_duration\",\"data\":{\"type\":\"trend\"}}\n";
    let mut text = metric.to_owned();
    for i in 0..40 {
        text.push_str(&point("http://localhost:8080/orders/7", 10.0 + f64::from(i % 2) * 10.0));
        text.push_str(&point("list", 5.0));
    }
    text.push_str("{\"type\":\"Point\",\"metric\":\"vus\",\"data\":{\"value\":3}}\n");
    let reading = fine("points.json", &text);
    assert_eq!(reading.format, Format::K6Points);
    let all = latencies(&reading);
    assert_eq!(all[0].operation.as_deref(), Some("GET /orders/7"));
    assert!((all[0].mean_ms - 15.0).abs() < 1e-9 && all[0].requests == 40);
    assert!((all[0].scv.unwrap() - 25.0 * 40.0 / 39.0 / 225.0).abs() < 1e-9);
    assert_eq!((all[1].operation.as_deref(), all[1].requests), (Some("list"), 40));

    let exported = r#"{"metrics": {"http_req_duration": {"avg": 12.5, "p(95)": 30}, "http_reqs": {"count": 600, "rate": 20}}}"#;
    let handled = r#"{"metrics": {"http_req_duration": {"type": "trend", "values": {"avg": 12.5}}, "http_reqs": {"values": {"count": 600, "rate": 20}}}}"#;
    for text in [exported, handled] {
        let reading = fine("summary.json", text);
        let latency = latencies(&reading)[0];
        assert_eq!(
            (reading.format, latency.mean_ms, latency.requests, latency.per_s),
            (Format::K6Summary, 12.5, 600, Some(20.0))
        );
    }
}

#[test]
fn other_load_tests_are_read_in_their_units() {
    let oha = r#"{"summary": {"total": 10.0, "average": 0.0125, "requestsPerSec": 80.0}, "latencyPercentiles": {"p50": 0.01}}"#;
    let autocannon = r#"{"url": "http://localhost/orders/7", "latency": {"average": 12.5, "stddev": 25.0}, "requests": {"average": 80, "total": 800}}"#;
    for (text, format) in [(oha, Format::Oha), (autocannon, Format::Autocannon)] {
        let reading = fine("load.json", text);
        let latency = latencies(&reading)[0];
        assert_eq!((reading.format, latency.mean_ms, latency.requests), (format, 12.5, 800));
    }
}

#[test]
fn statements_are_those_of_requests_with_their_kind_and_mean() {
    let reading = fine("statements.csv", STATEMENTS);
    let all: Vec<&Statement> = reading
        .measured
        .iter()
        .map(|m| if let Measured::Statement(s) = m { s } else { panic!("{m:?}") })
        .collect();
    let select = all.iter().find(|s| s.text.contains("pg_sleep")).expect("the statement of the service");
    assert!(select.reads && select.calls > 300, "{select:?}");
    assert!((15.0..30.0).contains(&select.mean_ms), "{select:?}");
    assert!((0.5..1.6).contains(&select.scv.unwrap()), "an exponential rest: {select:?}");
    let insert = all.iter().find(|s| s.text.starts_with("insert")).expect("the rows that were loaded");
    assert!(!insert.reads);
    assert!(all.iter().all(|s| !s.text.to_lowercase().starts_with("create")), "no request makes tables");
    let text = facts(&[reading], "2026-11-23").expect("there are facts");
    assert!(text.contains("\"cpu-ms-read\"") && text.contains("\"measured\""), "{text}");
}

#[test]
fn spans_become_visits_and_the_time_that_no_other_span_explains() {
    let reading = fine("spans.jsonl", SPANS);
    assert_eq!(reading.format, Format::Otlp);
    let visits: Vec<&Visit> = reading
        .measured
        .iter()
        .map(|m| if let Measured::Visit(v) = m { v } else { panic!("{m:?}") })
        .collect();
    let of = |part: &str| visits.iter().find(|v| v.part == part).expect("the part is visited");
    let (app, store) = (of("app"), of("postgresql"));
    assert_eq!((app.operation.as_str(), app.visits, store.visits), ("GET /orders/{id}", 1.0, 1.0));
    assert!((15.0..30.0).contains(&store.self_ms) && app.self_ms < 5.0, "{app:?} {store:?}");
}

/// A gateway asks two services side by side, one of which asks a database three times; times in microseconds.
const JAEGER: &str = r#"{"data": [{"traceID": "t", "processes": {"p1": {"serviceName": "gateway"}, "p2": {"serviceName": "orders"}, "p3": {"serviceName": "prices"}},
 "spans": [
  {"traceID": "t", "spanID": "1", "operationName": "GET /cart", "processID": "p1", "startTime": 1000000, "duration": 50000, "references": [], "tags": []},
  {"traceID": "t", "spanID": "2", "operationName": "call", "processID": "p1", "startTime": 1005000, "duration": 30000, "references": [{"refType": "CHILD_OF", "spanID": "1"}], "tags": [{"key": "span.kind", "value": "client"}]},
  {"traceID": "t", "spanID": "3", "operationName": "orders", "processID": "p2", "startTime": 1006000, "duration": 28000, "references": [{"refType": "CHILD_OF", "spanID": "2"}], "tags": []},
  {"traceID": "t", "spanID": "4", "operationName": "select", "processID": "p2", "startTime": 1007000, "duration": 4000, "references": [{"refType": "CHILD_OF", "spanID": "3"}], "tags": [{"key": "span.kind", "value": "client"}, {"key": "db.system", "value": "postgresql"}]},
  {"traceID": "t", "spanID": "5", "operationName": "select", "processID": "p2", "startTime": 1012000, "duration": 4000, "references": [{"refType": "CHILD_OF", "spanID": "3"}], "tags": [{"key": "span.kind", "value": "client"}, {"key": "db.system", "value": "postgresql"}]},
  {"traceID": "t", "spanID": "6", "operationName": "inner", "processID": "p2", "startTime": 1020000, "duration": 5000, "references": [{"refType": "CHILD_OF", "spanID": "3"}], "tags": []},
  {"traceID": "t", "spanID": "7", "operationName": "prices", "processID": "p3", "startTime": 1010000, "duration": 10000, "references": [{"refType": "CHILD_OF", "spanID": "1"}], "tags": []}
 ]}]}"#;

#[test]
fn fan_out_overlap_and_spans_within_a_service_are_told_apart() {
    let reading = fine("jaeger.json", JAEGER);
    assert_eq!(reading.format, Format::Jaeger);
    let visit = |part: &str| {
        let found = reading.measured.iter().find_map(|m| match m {
            Measured::Visit(v) if v.part == part => Some((v.visits, (v.self_ms * 1e6).round() / 1e6)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{part} in {:?}", reading.measured))
    };
    // Both calls of the gateway overlap: 50 - 30 ms. Of the 28 ms in orders, 8 are statements; the inner span is its own.
    assert_eq!(visit("gateway"), (1.0, 20.0));
    assert_eq!(visit("orders"), (1.0, 20.0));
    assert_eq!(visit("prices"), (1.0, 10.0));
    assert_eq!(visit("postgresql"), (2.0, 4.0));
}

#[test]
fn a_range_query_needs_to_say_what_it_asked_for() {
    let query = |name: &str| {
        format!(
            r#"{{"status": "success", "data": {{"resultType": "matrix", "result": [
              {{"metric": {{{name} "job": "app"}}, "values": [[1, "0.5"], [2, "1.5"]]}},
              {{"metric": {{{name} "job": "app", "instance": "b"}}, "values": [[1, "1"]]}}]}}}}"#
        )
    };
    let level = |reading: &Reading| match &reading.measured[..] {
        [Measured::Level(Level { component, role, mean, points })] => {
            (component.clone(), *role, *mean, *points)
        }
        other => panic!("{other:?}"),
    };
    let named = fine("cpu.json", &query("\"__name__\": \"node_cpu_busy\","));
    assert_eq!(level(&named), ("app".to_owned(), Role::Busy, 2.0, 2));
    let told = read("rps.json", &query(""), Some(Role::Rate)).unwrap();
    assert_eq!(level(&told), ("app".to_owned(), Role::Rate, 2.0, 2));
    assert!(broken(&query(""), None).contains("processors busy or requests a second"));
    let counter = query("\"__name__\": \"container_cpu_usage_seconds_total\",");
    assert!(broken(&counter, None).contains("does not say"), "a counter without rate() means nothing");
}

#[test]
fn broken_files_are_pointed_at() {
    assert!(broken("hello\nworld\n", None).starts_with("file:1:1: error[unknown-measurement]"));
    let cut = &SPANS[..SPANS.find('\n').unwrap() + 100];
    assert!(broken(cut, None).starts_with("file:2:"), "{}", broken(cut, None));
    let comma = STATEMENTS.lines().next().unwrap().to_owned() + "\nx,y\n";
    assert!(
        broken(&comma, None).starts_with("file:2:1: error[invalid-measurement]"),
        "{}",
        broken(&comma, None)
    );
    assert!(broken("calls,mean_exec_time\n1,2\n", None).contains("no column `query`"));
    assert!(broken("{\"metrics\": {\"http_req_duration\": {}}}", None).contains("nothing in it can be used"));
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(broken(&deep, None).contains("recursion limit"), "{}", broken(&deep, None));
    assert!(broken("Running 1s test\nThread Stats\nLatency soon\n", None).contains("no line `Latency`"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(cut in 0_usize..4000, noise in "\\PC{0,40}", which in 0_usize..4) {
        let text = [WRK, STATEMENTS, SPANS, JAEGER][which];
        let mut at = cut.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let mixed = format!("{}{noise}{}", &text[..at], &text[at..].chars().skip(3).collect::<String>());
        if let Err(diagnostic) = read("file", &mixed, None) {
            prop_assert!(!diagnostic.one_line("file", &mixed).is_empty());
        }
    }
}
