//! A forecast of a blueprint as Markdown, for blueprints that were written or edited by hand.

use std::fmt::Write;

use loadcase_model::{Blueprint, Forecast, Id};

use crate::honesty::{legend, tagged};
use crate::text::capital;

/// The forecasts of a blueprint, one section for each workload.
#[must_use]
pub fn loads(blueprint: &Blueprint, forecasts: &[Forecast]) -> String {
    let mut text = format!("# Forecast of {}\n\n{}\n", cell(&blueprint.name), legend());
    if forecasts.is_empty() {
        text.push_str(
            "\nThe blueprint has no workload: add one under `workloads`, with a rate for each operation.\n",
        );
    }
    for forecast in forecasts {
        section(&mut text, blueprint, forecast);
    }
    text
}

fn section(text: &mut String, blueprint: &Blueprint, f: &Forecast) {
    let a = &f.availability;
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n## {}\n\n{} arrive at the peak. Response time: median {}, p95 {}, p99 {}. Full at {} ({} as much): {}.\n\n\
         It answers {} of the time. A failure of the primary store loses at most {} and lasts {}. \
         {} of infrastructure, {} to run it.\n",
        capital(f.horizon.label()),
        tagged(&f.arrivals),
        tagged(&f.latency.p50),
        tagged(&f.latency.p95),
        tagged(&f.latency.p99),
        tagged(&f.saturation.rate),
        tagged(&f.saturation.headroom),
        name(blueprint, &f.saturation.station),
        tagged(&a.share),
        tagged(&a.recovery_point),
        tagged(&a.recovery_time),
        tagged(&f.cost_total),
        tagged(&f.people_total),
    );
    if f.saturation.headroom.value < 1.0 {
        text.push_str(
            "\n**It does not carry this load.** Where a response time is unbounded, queues only grow.\n",
        );
    }
    text.push_str("\n| component | busy | visits | wait |\n| --- | --- | --- | --- |\n");
    for (id, s) in &f.stations {
        let (busy, visits, wait) = (tagged(&s.utilisation), tagged(&s.throughput), tagged(&s.wait));
        let _ = writeln!(text, "| {} | {busy} | {visits} | {wait} |", name(blueprint, id));
    }
    text.push_str("\n| operation | rate | median | p99 |\n| --- | --- | --- | --- |\n");
    for (id, o) in &f.operations {
        let title = blueprint.operations.get(id).map_or(id.as_str(), |o| o.name.as_str());
        let (rate, p50, p99) = (tagged(&o.rate), tagged(&o.latency.p50), tagged(&o.latency.p99));
        let _ = writeln!(text, "| {} | {rate} | {p50} | {p99} |", cell(title));
    }
    text.push_str("\n| paid for | each month |\n| --- | --- |\n");
    for line in &f.cost {
        let _ = writeln!(text, "| {} | {} |", cell(&line.item), tagged(&line.monthly));
    }
}

/// The name of a component; read replicas are stations of their own, named after it.
fn name(blueprint: &Blueprint, id: &Id) -> String {
    blueprint.components.get(id).map_or_else(|| id.to_string(), |c| cell(&c.name))
}

/// Text that cannot break out of a table cell or a heading.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|").replace('<', "&lt;")
}
