//! Alerts that come before the load is too much, and when nothing is heard any more: `deploy/observability/alerts.yaml`.

use loadcase_model::ComponentKind;
use serde_json::{Map, Value, json};

use super::observability::{REQUESTS, annotations, decimal};
use super::plan::{Part, Plan};
use crate::skeleton::Skeleton;

/// An alert on saturation with the series that set it off, for its test.
pub(super) struct Saturation {
    pub(super) name: String,
    pub(super) rule: Value,
    /// Series that set it off, and the labels of the alert then.
    pub(super) bad: Vec<(String, String)>,
    pub(super) labels: Map<String, Value>,
}

/// Alerts that come before the load is too much: from the capacity model, not from habit.
pub(super) fn saturation(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Saturation> {
    let mut out = Vec::new();
    let forecast = plan.forecast();
    // What is full is reached by requests and by work in the background; only requests are counted as requests.
    let full = forecast.saturation.rate.value * by_http(plan);
    if full.is_finite() && full > 0.0 {
        let bound = decimal(full * 0.8);
        out.push(alert(
            "LoadNearsSaturation",
            &format!("sum(rate({REQUESTS}_count[10m])) > {bound}"),
            "10m",
            "ticket",
            "The load is above 80% of what the design carries: take the next step of the growth path",
            vec![(
                format!("{REQUESTS}_count{{job=\"load\",http_response_status_code=\"200\"}}"),
                format!("0+{}x120", decimal(full * 60.0)),
            )],
            None,
        ));
    }
    if plan.own().any(Part::answers) {
        out.push(unreachable());
    }
    out.extend(backup(plan));
    for part in plan.own() {
        out.extend(gone(part));
        out.extend(busy(part));
        out.extend(pool_full(plan, part));
        if part.component.kind == ComponentKind::Worker || waits_in_queue(plan, part) {
            out.push(lag(part));
        }
        if part.component.kind == ComponentKind::Worker {
            let asked = super::compose::database(plan, part).map(|s| super::compose::behind_pooler(plan, s));
            let rights = asked.and_then(|s| crate::data::rights(&plan.view, s.id));
            // A service that is still to be written is to measure all of this.
            let measured = |name: &str| skeleton.is_none_or(|s| s.measures.iter().any(|m| m == name));
            if rights.is_some() && measured("messaging_set_aside_messages") {
                out.push(set_aside(part));
            }
            if rights.as_ref().is_some_and(|r| r.partitioned) && measured("db_partitions_ahead") {
                out.push(partitions(part));
            }
            if rights.as_ref().is_some_and(|r| r.partitioned) && measured("db_rows_without_partition") {
                out.push(unplaced(part));
            }
            if let Some(store) = asked.filter(|_| rights.is_some() && measured("db_size_bytes")) {
                out.push(filling(plan, part, store));
            }
        }
    }
    out
}

/// Share of the arrivals at the peak that the processes see as a request over HTTP.
fn by_http(plan: &Plan<'_>) -> f64 {
    use loadcase_model::OperationKind as K;
    let forecast = plan.forecast();
    let operations = &plan.view.blueprint().operations;
    let answers = |id: &loadcase_model::Id| plan.part(id).is_some_and(Part::answers);
    let seen: f64 = forecast
        .operations
        .iter()
        .filter_map(|(id, f)| Some((operations.get(id)?, f.rate.value)))
        .filter(|(o, rate)| !matches!(o.kind, K::Job | K::Scheduled) && rate.is_finite())
        .map(|(o, rate)| {
            rate * o.steps.iter().filter(|s| answers(&s.component)).map(|s| s.visits.max(0.0)).sum::<f64>()
        })
        .sum();
    let share = seen / forecast.arrivals.value;
    if share.is_finite() && share > 0.0 { share } else { 1.0 }
}

/// Nobody gets an answer, or nobody asks any more.
fn unreachable() -> Saturation {
    alert(
        "NothingAnswersOutside",
        "max(httpcheck_status{http_status_class=\"2xx\"}) < 1 or absent(httpcheck_status)",
        "2m",
        "page",
        "Who asks from outside gets no good answer, or nobody asks",
        vec![("httpcheck_status{http_status_class=\"2xx\"}".to_owned(), "0x120".to_owned())],
        None,
    )
}

/// A backup that is too old, or of which nothing is known: both are found out when it is needed.
fn backup(plan: &Plan<'_>) -> Option<Saturation> {
    let keeps = plan.parts.iter().any(|p| p.component.kind == ComponentKind::Store && !p.is_own());
    // Whoever runs stores for others sends no metric of the backups.
    (keeps && !super::observability::managed_stores(plan)).then(|| {
        alert(
            "BackupTooOld",
            "time() - max(backup_last_success_timestamp_seconds) > 93600 or absent(backup_last_success_timestamp_seconds)",
            "1h",
            "ticket",
            "The last good backup is older than 26 hours, or nothing is known of it",
            vec![("backup_last_success_timestamp_seconds{job=\"backup\"}".to_owned(), "-100000x120".to_owned())],
            None,
        )
    })
}

/// The disk of the store, before it is full: a full one takes no write and is slow to enlarge.
///
/// Where the disk grows by itself, what counts is the most it may grow to: bounds of the first day would ring for good.
fn filling(plan: &Plan<'_>, part: &Part<'_>, store: &Part<'_>) -> Saturation {
    let most = super::sizes::grows_to_gb(plan, store);
    let bytes = f64::from(most.unwrap_or(store.size().storage_gb)) * 1e9;
    let what = if most.is_some() {
        "is three quarters of the most it may grow to, or will be that"
    } else {
        "is three quarters full, or will be full"
    };
    alert(
        &format!("{}DiskFills", camel(&store.label)),
        &format!(
            "max by (job) (db_size_bytes{{job=\"{0}\"}}) > {1} or max by (job) (predict_linear(db_size_bytes{{job=\"{0}\"}}[1d], 14 * 86400)) > {2}",
            part.label,
            decimal(bytes * 0.75),
            decimal(bytes * 0.95),
        ),
        "30m",
        "ticket",
        &format!("The disk of {} {what} in two weeks", store.label),
        vec![(format!("db_size_bytes{{job=\"{}\"}}", part.label), format!("{}x240", decimal(bytes * 0.8)))],
        Some(part),
    )
}

/// Rows in the partition for all others, from which nothing is dropped and which keeps a partition from being made.
fn unplaced(part: &Part<'_>) -> Saturation {
    alert(
        "RowsWithoutPartition",
        &format!("max by (job) (db_rows_without_partition{{job=\"{}\"}}) > 0", part.label),
        "5m",
        "page",
        "Rows came for which there was no partition",
        vec![(format!("db_rows_without_partition{{job=\"{}\"}}", part.label), "1x120".to_owned())],
        Some(part),
    )
}

/// A part of which nothing is heard: it counts no errors any more.
fn gone(part: &Part<'_>) -> Option<Saturation> {
    if part.component.kind == ComponentKind::Function {
        return None;
    }
    Some(alert(
        &format!("{}Gone", camel(&part.label)),
        &format!("absent(process_cpu_seconds_total{{job=\"{}\"}})", part.label),
        "3m",
        "page",
        &format!("Nothing is heard of any copy of {}", part.label),
        vec![("process_cpu_seconds_total{job=\"another\"}".to_owned(), "0+1x120".to_owned())],
        Some(part),
    ))
}

/// Work that was given up.
fn set_aside(part: &Part<'_>) -> Saturation {
    alert(
        &format!("{}SetsAside", camel(&part.label)),
        &format!("max by (job) (messaging_set_aside_messages{{job=\"{}\"}}) > 0", part.label),
        "5m",
        "ticket",
        &format!("Work of {} failed so often that it was set aside", part.label),
        vec![(format!("messaging_set_aside_messages{{job=\"{}\"}}", part.label), "1x120".to_owned())],
        Some(part),
    )
}

/// Rows without a partition of their own end in the one for all others, which nothing drops.
fn partitions(part: &Part<'_>) -> Saturation {
    alert(
        "PartitionsRunOut",
        &format!("min by (job) (db_partitions_ahead{{job=\"{}\"}}) < 2", part.label),
        "1h",
        "page",
        "A table split by time has fewer than two partitions ahead",
        vec![(format!("db_partitions_ahead{{job=\"{}\"}}", part.label), "1x240".to_owned())],
        Some(part),
    )
}

fn waits_in_queue(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    plan.links.iter().any(|l| {
        l.flow.to == *part.id
            && plan.part(&l.flow.from).is_some_and(|p| p.component.kind == ComponentKind::Broker)
    })
}

/// An alert; where it is about one part, it carries the name under which that part's numbers come.
#[allow(clippy::too_many_arguments, reason = "one call for each alert reads as a table")]
fn alert(
    name: &str,
    expr: &str,
    hold: &str,
    severity: &str,
    summary: &str,
    bad: Vec<(String, String)>,
    of: Option<&Part<'_>>,
) -> Saturation {
    let job = of.map(|part| ("job".to_owned(), json!(part.label)));
    let severity_label = ("severity".to_owned(), json!(severity));
    Saturation {
        name: name.to_owned(),
        rule: json!({
            "alert": name, "expr": expr, "for": hold, "labels": {"severity": severity},
            "annotations": annotations(summary, name),
        }),
        bad,
        labels: job.into_iter().chain([severity_label]).collect(),
    }
}

fn camel(label: &str) -> String {
    label.split('-').map(crate::text::capital).collect()
}

/// Processors busier than the design plans for.
fn busy(part: &Part<'_>) -> Option<Saturation> {
    if part.component.kind == ComponentKind::Function {
        return None;
    }
    let size = part.size();
    let cores = f64::from(size.millicores) / 1e3;
    let bound = decimal(cores * f64::from(size.copies) * 0.8);
    let name = format!("{}ProcessorsBusy", camel(&part.label));
    Some(alert(
        &name,
        &format!("sum by (job) (rate(process_cpu_seconds_total{{job=\"{}\"}}[10m])) > {bound}", part.label),
        "15m",
        "ticket",
        &format!("{} uses more than 80% of the processors it was sized for", part.label),
        vec![(
            format!("process_cpu_seconds_total{{job=\"{}\"}}", part.label),
            format!("0+{}x120", decimal(cores * f64::from(size.copies) * 60.0)),
        )],
        Some(part),
    ))
}

/// A pool in which requests begin to wait.
fn pool_full(plan: &Plan<'_>, part: &Part<'_>) -> Option<Saturation> {
    super::compose::database(plan, part)?;
    let name = format!("{}PoolExhausted", camel(&part.label));
    Some(alert(
        &name,
        &format!(
            "max by (job) (db_client_connections_used{{job=\"{0}\"}} / db_client_connections_max{{job=\"{0}\"}}) > 0.9",
            part.label
        ),
        "5m",
        "page",
        &format!(
            "{} uses more than 90% of its database connections: calls are held longer than the forecast says",
            part.label
        ),
        vec![
            (format!("db_client_connections_used{{job=\"{}\"}}", part.label), "10x120".to_owned()),
            (format!("db_client_connections_max{{job=\"{}\"}}", part.label), "10x120".to_owned()),
        ],
        Some(part),
    ))
}

/// Work that waits longer than somebody would.
fn lag(part: &Part<'_>) -> Saturation {
    let name = format!("{}QueueLags", camel(&part.label));
    alert(
        &name,
        &format!(
            "max by (job) (messaging_oldest_age_seconds{{job=\"{0}\"}}) > 300 or absent(messaging_oldest_age_seconds{{job=\"{0}\"}})",
            part.label
        ),
        "5m",
        "page",
        &format!("The oldest work waiting for {} is older than 5 minutes, or nobody can say", part.label),
        vec![(format!("messaging_oldest_age_seconds{{job=\"{}\"}}", part.label), "600x120".to_owned())],
        Some(part),
    )
}
