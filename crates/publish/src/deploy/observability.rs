//! `deploy/observability/`: collector, Prometheus, alerts derived from the targets and the capacity model, and
//! the tests of the alerts.

use loadcase_model::{ComponentKind, Horizon, TargetCheck, Unit};
use serde_json::{Map, Value, json};

use super::plan::{PORT, Part, Plan};
use super::yaml;
use crate::Deliverable;
use crate::skeleton::Skeleton;
use crate::text::clean;

/// How fast the budget of 30 days may burn before somebody is told: factor, long window, short window, severity.
/// The factors spend 2 %, 5 % and 10 % of it (Google, "The Site Reliability Workbook", chapter 5, 2018).
pub(crate) const BURNS: [(f64, &str, &str, &str); 4] = [
    (14.4, "1h", "5m", "page"),
    (6.0, "6h", "30m", "page"),
    (3.0, "1d", "2h", "ticket"),
    (1.0, "3d", "6h", "ticket"),
];

/// An objective: the share of requests that may be bad.
pub(crate) struct Objective<'a> {
    /// `availability` or `latency`.
    pub(crate) name: &'static str,
    pub(crate) target: &'a TargetCheck,
    /// Share of bad requests that is agreed.
    pub(crate) budget: f64,
    /// Seconds within which a request must be answered, for latency.
    pub(crate) within_s: Option<f64>,
    /// Operations that are forecast to be slower, as their routes: they have no part in the ratio.
    pub(crate) left_out: Vec<String>,
}

/// What the targets of the design ask of requests.
pub(crate) fn objectives<'a>(plan: &Plan<'a>) -> Vec<Objective<'a>> {
    let targets = &plan.view.design.targets;
    let mut out = Vec::new();
    let share = targets.iter().find(|t| t.target.unit == Unit::Share && (0.9..1.0).contains(&t.target.value));
    out.extend(share.map(|target| Objective {
        name: "availability",
        target,
        budget: 1.0 - target.target.value,
        within_s: None,
        left_out: Vec::new(),
    }));
    let latency = targets.iter().find(|t| t.target.unit == Unit::Milliseconds && t.target.value > 0.0);
    out.extend(latency.map(|target| {
        let slow = if target.name.contains("p95") { 0.05 } else { 0.01 };
        let within = target.target.value;
        Objective {
            name: "latency",
            target,
            budget: slow,
            within_s: Some(within / 1e3),
            left_out: slower(plan, within, slow > 0.01),
        }
    }));
    out
}

/// Paths of the operations whose own forecast is above a bound, milliseconds: those that wait for another system.
fn slower(plan: &Plan<'_>, within_ms: f64, at_95: bool) -> Vec<String> {
    let forecast = plan.view.design.forecasts.at(Horizon::Later);
    let mut found: Vec<String> = forecast
        .operations
        .iter()
        .filter(|(_, f)| if at_95 { f.latency.p95.value } else { f.latency.p99.value } > within_ms)
        .filter_map(|(id, _)| plan.routes.get(id).cloned())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// A matcher that leaves out routes, whatever their parameters are called.
fn without(routes: &[String]) -> String {
    if routes.is_empty() {
        return String::new();
    }
    let segment = |s: &str| {
        let plain = s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if plain { s.to_owned() } else { "[^/]+".to_owned() }
    };
    let patterns: Vec<String> =
        routes.iter().map(|r| r.split('/').map(segment).collect::<Vec<_>>().join("/")).collect();
    format!("http_route!~\"{}\"", patterns.join("|"))
}

pub(crate) fn files(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Deliverable> {
    let at = |name: &str| format!("deploy/observability/{name}");
    let rules = rules(plan, skeleton);
    vec![
        yaml(
            &at("collector.yaml"),
            "OpenTelemetry Collector: takes what the processes send, and asks them for their metrics.",
            &collector(plan),
        ),
        yaml(
            &at("prometheus.yaml"),
            "Prometheus for development; in production the rules go where the metrics go.",
            &prometheus(),
        ),
        yaml(
            &at("alerts.yaml"),
            "Alerts derived from the targets and the capacity model. Tested by alerts.test.yaml: promtool test rules alerts.test.yaml",
            &rules,
        ),
        yaml(
            &at("alerts.test.yaml"),
            "What each alert must say, and when it must stay silent.",
            &tests(plan, skeleton),
        ),
    ]
}

/// A decimal without an exponent or more digits than the budget needs.
fn decimal(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn scrape_targets(plan: &Plan<'_>) -> Vec<Value> {
    plan.own()
        .map(|p| {
            json!({
                "job_name": p.label,
                "scrape_interval": "15s",
                "static_configs": [{"targets": [format!("{}:{PORT}", p.label)]}],
            })
        })
        .collect()
}

fn collector(plan: &Plan<'_>) -> Value {
    json!({
        "extensions": {"health_check": {"endpoint": "0.0.0.0:13133"}},
        "receivers": {
            "otlp": {"protocols": {
                "grpc": {"endpoint": "0.0.0.0:4317", "max_recv_msg_size_mib": 4},
                "http": {"endpoint": "0.0.0.0:4318"},
            }},
            "prometheus": {"config": {"scrape_configs": scrape_targets(plan)}},
            // Asks from outside the processes, as callers do. In production another place asks the public address.
            "httpcheck": {"collection_interval": "30s", "targets": probed(plan)},
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 75, "spike_limit_percentage": 20},
            "resource": {"attributes": [
                {"key": "service.namespace", "value": plan.name, "action": "upsert"},
            ]},
            // What must never leave a process with the telemetry.
            "attributes/private": {"actions": [
                {"key": "http.request.header.authorization", "action": "delete"},
                {"key": "http.request.header.cookie", "action": "delete"},
                {"key": "enduser.id", "action": "hash"},
            ]},
            "tail_sampling": {"decision_wait": "10s", "num_traces": 50_000, "policies": [
                {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
                {"name": "slow", "type": "latency", "latency": {"threshold_ms": slow_ms(plan)}},
                {"name": "some", "type": "probabilistic", "probabilistic": {"sampling_percentage": 5}},
            ]},
            "batch": {"timeout": "5s", "send_batch_size": 1_024},
        },
        "exporters": {
            "prometheus": {"endpoint": "0.0.0.0:9464", "resource_to_telemetry_conversion": {"enabled": false}},
            "debug": {"verbosity": "basic"},
        },
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "metrics": {"receivers": ["otlp", "prometheus", "httpcheck"], "processors": ["memory_limiter", "batch"], "exporters": ["prometheus"]},
                "traces": {"receivers": ["otlp"], "processors": ["memory_limiter", "resource", "attributes/private", "tail_sampling", "batch"], "exporters": ["debug"]},
                "logs": {"receivers": ["otlp"], "processors": ["memory_limiter", "resource", "attributes/private", "batch"], "exporters": ["debug"]},
            },
        },
    })
}

/// Where whoever watches from outside asks whether anything answers.
fn probed(plan: &Plan<'_>) -> Vec<Value> {
    let answering = plan.own().filter(|p| p.answers());
    answering
        .map(|p| json!({"endpoint": format!("http://{}:{PORT}/readyz", p.label), "method": "GET"}))
        .collect()
}

fn slow_ms(plan: &Plan<'_>) -> u32 {
    let latency = objectives(plan).into_iter().find_map(|o| o.within_s);
    super::plan::whole(latency.unwrap_or(1.0) * 1e3, 1, 600_000)
}

fn prometheus() -> Value {
    json!({
        "global": {"scrape_interval": "15s", "evaluation_interval": "30s"},
        "rule_files": ["alerts.yaml"],
        "scrape_configs": [{
            "job_name": "collector",
            "honor_labels": true,
            "static_configs": [{"targets": ["collector:9464"]}],
        }],
    })
}

/// The windows that ratios are recorded over.
fn windows() -> Vec<&'static str> {
    let mut all: Vec<&str> = BURNS.iter().flat_map(|(_, long, short, _)| [*short, *long]).collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|w| seen.insert(*w));
    all
}

/// The selector for requests that people wait for.
const REQUESTS: &str = "http_server_request_duration_seconds";

fn bad_share(objective: &Objective<'_>, window: &str) -> String {
    match objective.within_s {
        None => format!(
            "sum(rate({REQUESTS}_count{{http_response_status_code=~\"5..\"}}[{window}])) / sum(rate({REQUESTS}_count[{window}]))"
        ),
        Some(within) => {
            let without = without(&objective.left_out);
            let (and, all) = if without.is_empty() {
                (String::new(), String::new())
            } else {
                (format!(",{without}"), format!("{{{without}}}"))
            };
            format!(
                "1 - sum(rate({REQUESTS}_bucket{{le{}{and}}}[{window}])) / sum(rate({REQUESTS}_count{all}[{window}]))",
                bound(within)
            )
        }
    }
}

/// The matcher of a bucket. Prometheus writes whole bounds with a point from version 3 on.
fn bound(within: f64) -> String {
    let text = decimal(within);
    if text.contains('.') { format!("=\"{text}\"") } else { format!("=~\"{text}|{text}.0\"") }
}

fn recorded(objective: &Objective<'_>, window: &str) -> String {
    format!("service:{}_bad:ratio_rate{window}", objective.name)
}

fn annotations(summary: &str, alert: &str) -> Value {
    json!({"summary": clean(summary), "runbook": format!("deploy/README.md#{}", alert.to_lowercase())})
}

/// The name of a burn-rate alert.
fn burn_alert(objective: &Objective<'_>, severity: &str) -> String {
    let speed = if severity == "page" { "Fast" } else { "Slow" };
    format!("{}BudgetBurns{speed}", crate::text::capital(objective.name))
}

fn rules(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Value {
    let objectives = objectives(plan);
    let mut recording = Vec::new();
    let mut alerts = Vec::new();
    for objective in &objectives {
        for window in windows() {
            recording
                .push(json!({"record": recorded(objective, window), "expr": bad_share(objective, window)}));
        }
        for severity in ["page", "ticket"] {
            let parts: Vec<String> = BURNS
                .iter()
                .filter(|(_, _, _, s)| *s == severity)
                .map(|(factor, long, short, _)| {
                    let bound = format!("{} * {}", decimal(*factor), decimal(objective.budget));
                    format!(
                        "({} > {bound} and {} > {bound})",
                        recorded(objective, long),
                        recorded(objective, short)
                    )
                })
                .collect();
            let alert = burn_alert(objective, severity);
            alerts.push(json!({
                "alert": alert,
                "expr": parts.join(" or "),
                "labels": {"severity": severity},
                "annotations": annotations(&burn_summary(objective), &alert),
            }));
        }
    }
    let mut groups = Vec::new();
    if !recording.is_empty() {
        groups.push(json!({"name": "objectives", "interval": "30s", "rules": recording}));
        groups.push(json!({"name": "burn-rate", "interval": "30s", "rules": alerts}));
    }
    groups.push(json!({"name": "saturation", "interval": "30s", "rules": saturation(plan, skeleton).into_iter().map(|s| s.rule).collect::<Vec<_>>()}));
    json!({"groups": groups})
}

fn burn_summary(objective: &Objective<'_>) -> String {
    match objective.within_s {
        None => "Requests fail faster than the availability target allows".to_owned(),
        Some(_) => "Requests are slower than the latency target allows".to_owned(),
    }
}

/// An alert on saturation with the series that set it off, for its test.
struct Saturation {
    name: String,
    rule: Value,
    /// Series that set it off, and the labels of the alert then.
    bad: Vec<(String, String)>,
    labels: Map<String, Value>,
}

/// Alerts that come before the load is too much: from the capacity model, not from habit.
fn saturation(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Saturation> {
    let mut out = Vec::new();
    let later = plan.view.design.forecasts.at(Horizon::Later);
    // What is full is reached by requests and by work in the background; only requests are counted as requests.
    let full = later.saturation.rate.value * by_http(plan);
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
            Map::new(),
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
                out.push(filling(part, store));
            }
        }
    }
    out
}

/// Share of the arrivals at the later peak that the processes see as a request over HTTP.
fn by_http(plan: &Plan<'_>) -> f64 {
    use loadcase_model::OperationKind as K;
    let later = plan.view.design.forecasts.at(Horizon::Later);
    let operations = &plan.view.blueprint().operations;
    let answers = |id: &loadcase_model::Id| plan.part(id).is_some_and(Part::answers);
    let seen: f64 = later
        .operations
        .iter()
        .filter_map(|(id, f)| Some((operations.get(id)?, f.rate.value)))
        .filter(|(o, rate)| !matches!(o.kind, K::Job | K::Scheduled) && rate.is_finite())
        .map(|(o, rate)| {
            rate * o.steps.iter().filter(|s| answers(&s.component)).map(|s| s.visits.max(0.0)).sum::<f64>()
        })
        .sum();
    let share = seen / later.arrivals.value;
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
        Map::new(),
    )
}

/// A backup that is too old, or of which nothing is known: both are found out when it is needed.
fn backup(plan: &Plan<'_>) -> Option<Saturation> {
    let keeps = plan.parts.iter().any(|p| p.component.kind == ComponentKind::Store && !p.is_own());
    keeps.then(|| {
        alert(
            "BackupTooOld",
            "time() - max(backup_last_success_timestamp_seconds) > 93600 or absent(backup_last_success_timestamp_seconds)",
            "1h",
            "ticket",
            "The last good backup is older than 26 hours, or nothing is known of it",
            vec![("backup_last_success_timestamp_seconds{job=\"backup\"}".to_owned(), "-100000x120".to_owned())],
            Map::new(),
        )
    })
}

/// The disk of the store, before it is full: a full one takes no write and is slow to enlarge.
fn filling(part: &Part<'_>, store: &Part<'_>) -> Saturation {
    let bytes = f64::from(store.size().storage_gb) * 1e9;
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
        &format!("The disk of {} is three quarters full, or will be full in two weeks", store.label),
        vec![(format!("db_size_bytes{{job=\"{}\"}}", part.label), format!("{}x240", decimal(bytes * 0.8)))],
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
    )
}

fn waits_in_queue(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    plan.links.iter().any(|l| {
        l.flow.to == *part.id
            && plan.part(&l.flow.from).is_some_and(|p| p.component.kind == ComponentKind::Broker)
    })
}

#[allow(clippy::too_many_arguments, reason = "one call for each alert reads as a table")]
fn alert(
    name: &str,
    expr: &str,
    hold: &str,
    severity: &str,
    summary: &str,
    bad: Vec<(String, String)>,
    labels: Map<String, Value>,
) -> Saturation {
    let mut fired = labels;
    fired.insert("severity".to_owned(), json!(severity));
    Saturation {
        name: name.to_owned(),
        rule: json!({
            "alert": name, "expr": expr, "for": hold, "labels": {"severity": severity},
            "annotations": annotations(summary, name),
        }),
        bad,
        labels: fired,
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
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
        Map::from_iter([("job".to_owned(), json!(part.label))]),
    )
}

/// Names of the alerts with what they say, for the runbook: name, summary, and whether somebody is woken.
pub(crate) fn alerts(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<(String, String, bool)> {
    let mut out = Vec::new();
    for objective in objectives(plan) {
        for severity in ["page", "ticket"] {
            out.push((burn_alert(&objective, severity), burn_summary(&objective), severity == "page"));
        }
    }
    for one in saturation(plan, skeleton) {
        let summary = one.rule["annotations"]["summary"].as_str().unwrap_or("").to_owned();
        let page = one.rule["labels"]["severity"] == "page";
        out.push((one.name, summary, page));
    }
    out
}

/// Series of requests, bad ones at a share, over some days.
fn requests(objective: &Objective<'_>, share: f64, minutes: u32) -> Vec<Value> {
    let all = 6_000.0;
    let bad = all * share;
    let series =
        |name: String, rate: f64| json!({"series": name, "values": format!("0+{}x{minutes}", decimal(rate))});
    match objective.within_s {
        None => vec![
            series(format!("{REQUESTS}_count{{job=\"app\",http_response_status_code=\"500\"}}"), bad),
            series(format!("{REQUESTS}_count{{job=\"app\",http_response_status_code=\"200\"}}"), all - bad),
        ],
        Some(within) => vec![
            series(
                format!(
                    "{REQUESTS}_bucket{{job=\"app\",http_response_status_code=\"200\",le=\"{}\"}}",
                    decimal(within)
                ),
                all - bad,
            ),
            series(format!("{REQUESTS}_count{{job=\"app\",http_response_status_code=\"200\"}}"), all),
        ],
    }
}

fn tests(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Value {
    let mut tests = Vec::new();
    for objective in objectives(plan) {
        let alert = burn_alert(&objective, "page");
        let fired = json!([{
            "exp_labels": {"severity": "page"},
            "exp_annotations": annotations(&burn_summary(&objective), &alert),
        }]);
        for (share, expected, about) in [
            ((objective.budget * 20.0).min(1.0), fired, "burns twenty times too fast, or all there is"),
            (objective.budget * 0.5, json!([]), "burns half of what is agreed"),
        ] {
            tests.push(json!({
                "name": format!("{}: {about}", objective.name),
                "interval": "1m",
                "input_series": requests(&objective, share, 400),
                "alert_rule_test": [{"eval_time": "6h", "alertname": alert, "exp_alerts": expected}],
            }));
        }
    }
    for one in saturation(plan, skeleton) {
        let series: Vec<Value> = one.bad.iter().map(|(s, v)| json!({"series": s, "values": v})).collect();
        tests.push(json!({
            "name": one.name,
            "interval": "1m",
            "input_series": series,
            "alert_rule_test": [{
                "eval_time": "100m",
                "alertname": one.name,
                "exp_alerts": [{"exp_labels": one.labels, "exp_annotations": one.rule["annotations"]}],
            }],
        }));
    }
    tests.extend(silence(plan, skeleton));
    json!({"rule_files": ["alerts.yaml"], "evaluation_interval": "1m", "tests": tests})
}

/// What rings when everything is down and no series comes in any more.
fn silence(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Option<Value> {
    let rings: Vec<Value> = saturation(plan, skeleton)
        .into_iter()
        .filter(|one| one.rule["expr"].as_str().is_some_and(|e| e.contains("absent(")))
        .map(|one| {
            json!({
                "eval_time": "100m",
                "alertname": one.name,
                "exp_alerts": [{"exp_labels": one.labels, "exp_annotations": one.rule["annotations"]}],
            })
        })
        .collect();
    (!rings.is_empty()).then(|| {
        json!({
            "name": "everything is down",
            "interval": "1m",
            "input_series": [{"series": "up{job=\"collector\"}", "values": "0x120"}],
            "alert_rule_test": rings,
        })
    })
}
