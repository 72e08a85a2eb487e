//! Traces: which parts a request visits, how often, and how long each visit works itself.
//!
//! A visit is a span whose caller is another service (or nobody); spans of the same service below it belong to the
//! visit. What a span does itself is its time without that of the spans below it. Spans of calls to a database count
//! as visits to the database; the network's part of other calls is left out.

use indexmap::IndexMap;
use serde_json::Value;

use super::number;
use crate::{Measured, Moments, Visit};

/// Most spans of one file.
const MOST_SPANS: usize = 1_000_000;
/// Longest chain of callers that is followed: more is a circle.
const LONGEST_CHAIN: usize = 500;

/// A span.
struct One {
    id: String,
    parent: String,
    service: String,
    name: String,
    /// Begin and end, ms.
    from: f64,
    until: f64,
    /// Whether it is the caller's side of a call.
    is_call: bool,
    /// The system, where it is a call to a database.
    database: Option<String>,
}

/// Spans by trace.
#[derive(Default)]
pub(super) struct Traces {
    traces: IndexMap<String, Vec<One>>,
    count: usize,
    left_out: usize,
}

impl Traces {
    fn add(&mut self, trace: &str, span: One) {
        if self.count >= MOST_SPANS || span.until < span.from || span.id.is_empty() {
            self.left_out += 1;
            return;
        }
        self.count += 1;
        self.traces.entry(trace.to_owned()).or_default().push(span);
    }

    /// Takes an OTLP document in.
    pub(super) fn otlp(&mut self, value: &Value) {
        for resource in items(value.get("resourceSpans")) {
            let service = attribute(resource.pointer("/resource/attributes"), &["service.name"]);
            let scopes = resource.get("scopeSpans").or_else(|| resource.get("instrumentationLibrarySpans"));
            for span in items(scopes).flat_map(|s| items(s.get("spans"))) {
                let attributes = span.get("attributes");
                let (Some(from), Some(until)) =
                    (large(span, "startTimeUnixNano"), large(span, "endTimeUnixNano"))
                else {
                    self.left_out += 1;
                    continue;
                };
                let kind = span.get("kind");
                let is_call = kind.and_then(Value::as_u64) == Some(3)
                    || kind.and_then(Value::as_str) == Some("SPAN_KIND_CLIENT");
                self.add(
                    text(span, "traceId"),
                    One {
                        id: text(span, "spanId").to_owned(),
                        parent: text(span, "parentSpanId").to_owned(),
                        service: service.clone().unwrap_or_default(),
                        name: named(text(span, "name"), &|keys| attribute(attributes, keys)),
                        from,
                        until,
                        is_call,
                        database: attribute(attributes, &["db.system.name", "db.system"]),
                    },
                );
            }
        }
    }

    /// Takes the answer of Jaeger's query service in.
    pub(super) fn jaeger(&mut self, value: &Value) {
        for trace in items(value.get("data")) {
            for span in items(trace.get("spans")) {
                let tag = |keys: &[&str]| tag(span.get("tags"), keys);
                let process = trace.pointer(&format!("/processes/{}", text(span, "processID")));
                let parent = items(span.get("references"))
                    .find(|r| text(r, "refType") == "CHILD_OF")
                    .map_or("", |r| text(r, "spanID"));
                let (Some(from), Some(lasts)) = (large(span, "startTime"), number(span.get("duration")))
                else {
                    self.left_out += 1;
                    continue;
                };
                // Microseconds; `large` took them for nanoseconds.
                let from = from * 1e3;
                self.add(
                    text(span, "traceID"),
                    One {
                        id: text(span, "spanID").to_owned(),
                        parent: parent.to_owned(),
                        service: process.map_or("", |p| text(p, "serviceName")).to_owned(),
                        name: named(text(span, "operationName"), &tag),
                        from,
                        until: from + lasts / 1e3,
                        is_call: tag(&["span.kind"]).as_deref() == Some("client"),
                        database: tag(&["db.system.name", "db.system", "db.type"]),
                    },
                );
            }
        }
    }

    /// The visits of each operation to each part.
    pub(super) fn visits(&self, notes: &mut Vec<String>) -> Vec<Measured> {
        let mut requests: IndexMap<&str, u64> = IndexMap::new();
        let mut found: IndexMap<(&str, &str), Moments> = IndexMap::new();
        for spans in self.traces.values() {
            let place: IndexMap<&str, usize> =
                spans.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
            let caller = |i: usize| place.get(spans[i].parent.as_str()).copied().filter(|p| *p != i);
            let own = own_times(spans, &caller);
            let root = (0..spans.len())
                .filter(|i| caller(*i).is_none())
                .min_by(|a, b| spans[*a].from.total_cmp(&spans[*b].from));
            let Some(root) = root else { continue };
            let operation = spans[root].name.as_str();
            *requests.entry(operation).or_default() += 1;
            let mut entered: IndexMap<usize, f64> = IndexMap::new();
            for (i, span) in spans.iter().enumerate() {
                match &span.database {
                    Some(system) if span.is_call => {
                        found.entry((operation, system)).or_default().add(span.until - span.from);
                    }
                    _ if span.is_call => {}
                    _ => *entered.entry(entry(i, spans, &caller)).or_default() += own[i],
                }
            }
            for (i, work) in entered {
                found.entry((operation, spans[i].service.as_str())).or_default().add(work);
            }
        }
        if self.left_out > 0 {
            notes.push(format!(
                "{} spans without times, or beyond {MOST_SPANS}, were left out",
                self.left_out
            ));
        }
        let visit = |((operation, part), moments): ((&str, &str), Moments)| {
            let all = requests.get(operation).copied().unwrap_or(1).max(1);
            Measured::Visit(Visit {
                operation: operation.to_owned(),
                part: part.to_owned(),
                visits: moments.count() as f64 / all as f64,
                self_ms: moments.mean(),
                scv: moments.scv(),
                spans: moments.count(),
                requests: all,
            })
        };
        found.into_iter().filter(|((_, part), _)| !part.is_empty()).map(visit).collect()
    }
}

/// The span by which a visit begins: up the callers as long as they are of the same service.
fn entry(of: usize, spans: &[One], caller: &dyn Fn(usize) -> Option<usize>) -> usize {
    let mut at = of;
    for _ in 0..LONGEST_CHAIN {
        match caller(at) {
            Some(up) if spans[up].service == spans[of].service && !spans[up].is_call => at = up,
            _ => break,
        }
    }
    at
}

/// Time of each span without that of the spans below it, which may overlap each other.
fn own_times(spans: &[One], caller: &dyn Fn(usize) -> Option<usize>) -> Vec<f64> {
    let mut below: Vec<Vec<(f64, f64)>> = vec![Vec::new(); spans.len()];
    for (i, span) in spans.iter().enumerate() {
        if let Some(up) = caller(i) {
            let (from, until) = (span.from.max(spans[up].from), span.until.min(spans[up].until));
            if until > from {
                below[up].push((from, until));
            }
        }
    }
    spans
        .iter()
        .zip(&mut below)
        .map(|(span, below)| {
            below.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut covered, mut end) = (0.0, f64::NEG_INFINITY);
            for (from, until) in below.iter() {
                covered += (until - from.max(end)).max(0.0);
                end = end.max(*until);
            }
            (span.until - span.from - covered).max(0.0)
        })
        .collect()
}

/// What a request is called: its method and route where the span says them.
fn named(name: &str, attribute: &dyn Fn(&[&str]) -> Option<String>) -> String {
    let route = attribute(&["http.route"]);
    match (attribute(&["http.request.method", "http.method"]), route) {
        (Some(method), Some(route)) => format!("{method} {route}"),
        _ => name.to_owned(),
    }
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// A moment in nanoseconds since 1970, in ms: larger than other numbers may be.
fn large(value: &Value, key: &str) -> Option<f64> {
    let value = value.get(key)?;
    let nanos = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    (nanos.is_finite() && nanos >= 0.0).then_some(nanos / 1e6)
}

fn attribute(attributes: Option<&Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| {
        let found = items(attributes).find(|a| text(a, "key") == *key)?;
        found.pointer("/value/stringValue").and_then(Value::as_str).map(str::to_owned)
    })
}

fn tag(tags: Option<&Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| {
        let found = items(tags).find(|t| text(t, "key") == *key)?;
        found.get("value").and_then(Value::as_str).map(str::to_owned)
    })
}
