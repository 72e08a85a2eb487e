//! `deploy/observability/`: collector, Prometheus, alerts derived from the targets and the capacity model, and
//! the tests of the alerts.

use loadcase_model::{TargetCheck, Unit};
use serde_json::{Value, json};

use super::plan::{PORT, Plan};
use super::saturation::saturation;
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
    let forecast = plan.forecast();
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
            "OpenTelemetry Collector: takes the traces and logs that processes send, and asks them for their metrics. Metrics come one way only, or all would be counted twice: where nobody can ask each copy and they send them, write otlp in place of prometheus in the pipeline of metrics.",
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
pub(super) fn decimal(value: f64) -> String {
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

/// The image of the collector.
pub(super) fn image(plan: &Plan<'_>) -> Option<String> {
    let technology = plan.view.catalog.technology("opentelemetry")?;
    super::compose::image_name(plan, technology, technology.container.as_ref()?, None)
}

/// The collector of a platform in production: it asks processes for their metrics, takes traces, and sends all to
/// whoever keeps them and holds the alerts. Address and access are variables of its own.
pub(super) fn production(scrape: &[Value], detect: &[&str]) -> String {
    let instance =
        json!([{"key": "service.instance.id", "from_attribute": "aws.ecs.task.arn", "action": "upsert"}]);
    let mut processors = json!({
        "memory_limiter": {"check_interval": "1s", "limit_mib": 200, "spike_limit_mib": 50},
        "attributes/private": {"actions": [
            {"key": "http.request.header.authorization", "action": "delete"},
            {"key": "http.request.header.cookie", "action": "delete"},
            {"key": "enduser.id", "action": "hash"},
        ]},
        "batch": {"timeout": "5s", "send_batch_size": 1_024},
    });
    let mut first = vec!["memory_limiter"];
    if !detect.is_empty() {
        processors["resourcedetection"] = json!({"detectors": detect});
        processors["resource/instance"] = json!({"attributes": instance});
        first.extend(["resourcedetection", "resource/instance"]);
    }
    let through =
        |last: &[&'static str]| -> Vec<&'static str> { first.iter().chain(last).copied().collect() };
    let value = json!({
        "receivers": {
            "otlp": {"protocols": {"http": {"endpoint": "0.0.0.0:4318"}}},
            "prometheus": {"config": {"scrape_configs": scrape}},
        },
        "processors": processors,
        "exporters": {"otlphttp": {
            "endpoint": "${env:TELEMETRY_URL}",
            "headers": {"authorization": "${env:TELEMETRY_AUTHORIZATION}"},
        }},
        "service": {"pipelines": {
            "metrics": {"receivers": ["prometheus"], "processors": through(&["batch"]), "exporters": ["otlphttp"]},
            "traces": {"receivers": ["otlp"], "processors": through(&["attributes/private", "batch"]), "exporters": ["otlphttp"]},
            "logs": {"receivers": ["otlp"], "processors": through(&["attributes/private", "batch"]), "exporters": ["otlphttp"]},
        }},
    });
    crate::yaml_text(&value)
}

/// Whether a collector of these files asks the processes for their metrics in production.
pub(super) fn asks_in_production(plan: &Plan<'_>) -> bool {
    let by_module = || {
        super::terraform::has_module(plan) && !plan.runs_on("functions") && !plan.runs_on("virtual-machines")
    };
    match plan.provider() {
        Some("render") if plan.runs_on("paas") => true,
        Some("aws") if by_module() => true,
        _ => plan.runs_on("kubernetes"),
    }
}

/// Who hears the processes in production, and what the alerts rest on there.
pub(super) fn heard(plan: &Plan<'_>) -> String {
    let rest = "Load `observability/alerts.yaml` where the metrics arrive: a collector keeps none and rings nobody. Who asks \
                from outside (`httpcheck_status`) is a probe at another company, given the public address with `/livez`: \
                `/readyz` and `/metrics` tell nothing to what comes through a proxy.";
    let counted = " What only a table counts, such as differences between two sets of books, what is overdue or the share \
                   that was refused, has no alert here: the job that finds it has to export a gauge, as the worker does for \
                   work set aside, and its rule comes with it. Until then somebody looks at the list.";
    let backups = if managed_stores(plan) {
        " There is no alert on the age of backups, because the provider that makes them sends no metric: look at its list \
         when the restore is tried, and let the job that copies them elsewhere tell when it last ended well."
    } else {
        ""
    };
    let how = match plan.provider() {
        Some("render") if plan.runs_on("paas") => {
            "In production the private service `collector` of render.yaml asks every copy of every process for its metrics, \
             by the names that the platform gives to all of them, and sends them to `TELEMETRY_URL`. Work in the background is \
             a private service, because the platform lets nobody reach a worker."
        }
        Some("aws")
            if super::terraform::has_module(plan)
                && !plan.runs_on("functions")
                && !plan.runs_on("virtual-machines") =>
        {
            "In production a collector runs beside each copy of each process once `otlp_endpoint` is set, asks it for its \
             metrics over the address they share, and sends them there over HTTPS, with what the secret `telemetry` holds."
        }
        _ if plan.runs_on("kubernetes") => {
            "In production a collector in the namespace `observability` takes traces and asks the pods for their metrics."
        }
        _ => {
            "**No file here runs a collector in production: until something asks the processes for `/metrics` there, as \
             `observability/collector.yaml` does, these alerts have no data, and those on silence ring.**"
        }
    };
    format!("{how} {rest}{backups}{counted}")
}

/// Whether all stores are run by somebody else, who makes their backups, too.
pub(super) fn managed_stores(plan: &Plan<'_>) -> bool {
    let mut stores =
        plan.parts.iter().filter(|p| p.component.kind == loadcase_model::ComponentKind::Store && !p.is_own());
    stores.clone().next().is_some() && stores.all(|p| p.component.managed)
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
                "metrics": {"receivers": ["prometheus", "httpcheck"], "processors": ["memory_limiter", "batch"], "exporters": ["prometheus"]},
                "traces": {"receivers": ["otlp"], "processors": ["memory_limiter", "resource", "attributes/private", "tail_sampling", "batch"], "exporters": ["debug"]},
                "logs": {"receivers": ["otlp"], "processors": ["memory_limiter", "resource", "attributes/private", "batch"], "exporters": ["debug"]},
            },
        },
    })
}

/// Where whoever watches from outside asks whether anything answers: a path that answers through a proxy, too.
fn probed(plan: &Plan<'_>) -> Vec<Value> {
    let answering = plan.own().filter(|p| p.answers());
    answering
        .map(|p| json!({"endpoint": format!("http://{}:{PORT}/livez", p.label), "method": "GET"}))
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
pub(super) const REQUESTS: &str = "http_server_request_duration_seconds";

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

pub(super) fn annotations(summary: &str, alert: &str) -> Value {
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
