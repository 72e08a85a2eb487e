//! Load tests: what clients saw. k6, wrk, oha, autocannon.

use indexmap::IndexMap;
use loadcase_model::{Diagnostic, Span};
use serde::Deserialize;
use serde_json::Value;

use super::{Format, lines, number};
use crate::{Latency, Measured, Moments};

/// Most different requests of one file.
const MOST_OPERATIONS: usize = 2000;

/// One document about all requests.
pub(super) fn document(format: Format, value: &Value) -> Vec<Measured> {
    let latency = match format {
        Format::K6Summary => k6_summary(value),
        Format::Oha => oha(value),
        Format::Autocannon => autocannon(value),
        _ => None,
    };
    latency.map(Measured::Latency).into_iter().collect()
}

/// The file of `--summary-export`, or the data that `handleSummary` is given: times in ms.
fn k6_summary(value: &Value) -> Option<Latency> {
    let metric = |name: &str| {
        let metric = value.pointer(&format!("/metrics/{name}"))?;
        Some(metric.get("values").unwrap_or(metric))
    };
    let times = metric("http_req_duration")?;
    let requests = metric("http_reqs");
    Some(Latency {
        operation: None,
        requests: requests.and_then(|r| number(r.get("count"))).unwrap_or(0.0) as u64,
        per_s: requests.and_then(|r| number(r.get("rate"))),
        mean_ms: number(times.get("avg"))?,
        scv: None,
    })
}

/// Times in seconds.
fn oha(value: &Value) -> Option<Latency> {
    let per_s = number(value.pointer("/summary/requestsPerSec"));
    let total = number(value.pointer("/summary/total"));
    Some(Latency {
        operation: None,
        requests: per_s.zip(total).map_or(0.0, |(rate, seconds)| rate * seconds).round() as u64,
        per_s,
        mean_ms: 1e3 * number(value.pointer("/summary/average"))?,
        scv: None,
    })
}

/// Times in ms.
fn autocannon(value: &Value) -> Option<Latency> {
    let mean_ms = number(value.pointer("/latency/average"))?;
    let deviation = number(value.pointer("/latency/stddev"));
    Some(Latency {
        operation: value.get("url").and_then(Value::as_str).map(str::to_owned),
        requests: number(value.pointer("/requests/total")).unwrap_or(0.0) as u64,
        per_s: number(value.pointer("/requests/average")),
        mean_ms,
        scv: deviation.filter(|_| mean_ms > 0.0).map(|d| (d / mean_ms).powi(2)),
    })
}

/// A line of k6: other metrics and definitions are passed over.
#[derive(Deserialize)]
struct Point {
    #[serde(rename = "type")]
    kind: String,
    metric: String,
    data: Value,
}

/// Points of k6, by name of the request.
pub(super) fn k6_points(text: &str) -> Result<Vec<Measured>, Box<Diagnostic>> {
    let mut found: IndexMap<String, Moments> = IndexMap::new();
    for (start, line) in lines(text) {
        if !line.contains("http_req_duration") {
            continue;
        }
        let point: Point = serde_json::from_str(line).map_err(|error| {
            let at = (start + error.column().saturating_sub(1)).min(start + line.trim_end().len());
            Diagnostic::error("invalid-measurement", "this line is no point of k6")
                .at(Span::new(at, at), "")
                .help("the file may have been cut off: remove the line")
        })?;
        if point.kind != "Point" || point.metric != "http_req_duration" {
            continue;
        }
        let tag = |name: &str| point.data.pointer(&format!("/tags/{name}")).and_then(Value::as_str);
        let name = tag("name").unwrap_or("");
        let method = tag("method").unwrap_or("");
        let known = if name.contains("://") || name.starts_with('/') {
            format!("{method} /{}", after_host(name))
        } else {
            name.to_owned()
        };
        if let Some(time) = number(point.data.get("value"))
            && (found.contains_key(&known) || found.len() < MOST_OPERATIONS)
        {
            found.entry(known).or_default().add(time);
        }
    }
    let latency = |(name, moments): (String, Moments)| {
        Measured::Latency(Latency {
            operation: Some(name.trim().to_owned()).filter(|n| !n.is_empty()),
            requests: moments.count(),
            per_s: None,
            mean_ms: moments.mean(),
            scv: moments.scv(),
        })
    };
    Ok(found.into_iter().map(latency).collect())
}

/// The path of an address.
fn after_host(address: &str) -> &str {
    let rest =
        address.split_once("://").map_or(address, |(_, rest)| rest.split_once('/').map_or("", |r| r.1));
    rest.trim_start_matches('/')
}

/// The text of wrk and wrk2: `Latency 1.20ms 0.50ms 10.1ms 80.0%`, means and deviations with units.
pub(super) fn wrk(text: &str) -> Result<Vec<Measured>, Box<Diagnostic>> {
    let row = |key: &str| text.lines().find(|l| l.trim_start().starts_with(key));
    let cells = row("Latency").map(|l| l.split_whitespace().skip(1).map(milliseconds).collect::<Vec<_>>());
    let (mean, deviation) = match cells.as_deref() {
        Some([Some(mean), Some(deviation), ..]) => (*mean, *deviation),
        _ => {
            let at = text.find("Thread Stats").unwrap_or(0);
            return Err(Box::new(
                Diagnostic::error(
                    "invalid-measurement",
                    "there is no line `Latency` with a mean and a deviation",
                )
                .at(Span::new(at, at), "")
                .help("keep the whole output of wrk"),
            ));
        }
    };
    let per_s = row("Requests/sec:").and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
    let requests = text.lines().find_map(|l| l.trim().split_once(" requests in "));
    let address = text.lines().next().and_then(|l| l.split(" @ ").nth(1)).map(str::trim);
    Ok(vec![Measured::Latency(Latency {
        operation: address.map(str::to_owned),
        requests: requests.and_then(|(n, _)| n.trim().parse().ok()).unwrap_or(0),
        per_s: per_s.filter(|r| r.is_finite() && *r >= 0.0),
        mean_ms: mean,
        scv: (mean > 0.0).then(|| (deviation / mean).powi(2)),
    })])
}

/// A time with its unit, in ms.
fn milliseconds(cell: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 3.6e6)];
    let (number, factor) = units.iter().find_map(|(u, f)| Some((cell.strip_suffix(u)?, f)))?;
    let value = number.parse::<f64>().ok()? * factor;
    (value.is_finite() && value >= 0.0).then_some(value)
}
