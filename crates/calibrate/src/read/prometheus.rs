//! The answer to a range query: how busy something was, or how much it did.

use indexmap::IndexMap;
use loadcase_model::Diagnostic;
use serde_json::Value;

use super::{Role, number};
use crate::{Level, Measured};

/// Labels that name a component, the most telling first.
const LABELS: [&str; 8] = ["service", "app", "deployment", "job", "container", "pod", "datname", "instance"];
/// Most series.
const MOST_SERIES: usize = 10_000;

/// Means of all series, summed by component.
pub(super) fn read(value: &Value, role: Option<Role>) -> Result<Vec<Measured>, Box<Diagnostic>> {
    let series = value.pointer("/data/result").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut found: IndexMap<(String, bool), (f64, u64)> = IndexMap::new();
    for one in series.iter().take(MOST_SERIES) {
        let label = |name: &str| one.pointer(&format!("/metric/{name}")).and_then(Value::as_str);
        let Some(role) = role.or_else(|| label("__name__").and_then(meaning)) else {
            return Err(Box::new(
                Diagnostic::error(
                    "unusable-measurement",
                    "the answer does not say whether it is processors busy or requests a second",
                )
                .help(
                    "write `busy=FILE` or `rate=FILE`: functions such as rate() drop the name of the metric",
                ),
            ));
        };
        let values = one.get("values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let numbers: Vec<f64> = values.iter().filter_map(|v| number(v.get(1))).collect();
        let Some(component) = LABELS.iter().find_map(|l| label(l)) else { continue };
        if numbers.is_empty() {
            continue;
        }
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let sum = found.entry((component.to_owned(), role == Role::Busy)).or_default();
        sum.0 += mean;
        sum.1 = sum.1.max(numbers.len() as u64);
    }
    let level = |((component, is_busy), (mean, points))| {
        let role = if is_busy { Role::Busy } else { Role::Rate };
        Measured::Level(Level { component, role, mean, points })
    };
    Ok(found.into_iter().map(level).collect())
}

/// What a metric means by its name. Counters need rate(): a name that ends in `_total` is one, and says nothing as
/// it stands.
fn meaning(metric: &str) -> Option<Role> {
    if metric.ends_with("_total") || metric.ends_with("_sum") || metric.ends_with("_bucket") {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|w| metric.contains(w));
    if has(&["cpu", "busy", "utilisation", "utilization"]) {
        Some(Role::Busy)
    } else if has(&["rate", "per_second", "rps"]) {
        Some(Role::Rate)
    } else {
        None
    }
}
