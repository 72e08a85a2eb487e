//! What lets people see how a process does: logs, metrics, traces, health.

use loadcase_model::{Aspect, Role, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test, route};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads what is observed.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-watch",
    reads: is_python,
    sees: &[Aspect::Logging, Aspect::Metrics, Aspect::Tracing, Aspect::HealthProbe],
    extract,
};

/// Modules whose use shows an aspect.
const MODULES: &[(&str, Aspect, &str)] = &[
    ("structlog", Aspect::Logging, "structlog"),
    ("loguru", Aspect::Logging, "loguru"),
    ("logging", Aspect::Logging, "logging"),
    ("prometheus_client", Aspect::Metrics, "prometheus_client"),
    ("prometheus_fastapi_instrumentator", Aspect::Metrics, "prometheus_fastapi_instrumentator"),
    ("prometheus_flask_exporter", Aspect::Metrics, "prometheus_flask_exporter"),
    ("statsd", Aspect::Metrics, "statsd"),
    ("datadog", Aspect::Metrics, "datadog"),
    ("opentelemetry.metrics", Aspect::Metrics, "opentelemetry"),
    ("opentelemetry", Aspect::Tracing, "opentelemetry"),
    ("ddtrace", Aspect::Tracing, "ddtrace"),
    ("jaeger_client", Aspect::Tracing, "jaeger_client"),
    ("py_zipkin", Aspect::Tracing, "py_zipkin"),
    ("elasticapm", Aspect::Tracing, "elasticapm"),
    ("instana", Aspect::Tracing, "instana"),
    ("aws_xray_sdk", Aspect::Tracing, "aws_xray_sdk"),
    ("googlecloudprofiler", Aspect::Metrics, "googlecloudprofiler"),
];

/// Words of paths that say how a process does.
pub(crate) const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "health_check",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "ping",
    "status",
    "_health",
    "_healthz",
    "up",
];

/// Whether a path is one of a health check.
pub(crate) fn is_health(path: &str) -> bool {
    path.rsplit('/')
        .find(|p| !p.is_empty())
        .is_some_and(|p| HEALTH.contains(&p.to_ascii_lowercase().as_str()))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    let mut known: Vec<Aspect> = Vec::new();
    for (module, aspect, name) in MODULES {
        if code.uses(module) && !known.contains(aspect) {
            known.push(*aspect);
            let line = line_of(&code, module);
            out.practice(line, *aspect, State::Present, *name, "in use");
        }
    }
    for call in code.calls() {
        let callee = code.callee(call);
        let short = callee.rsplit('.').next().unwrap_or("");
        if matches!(short, "OTLPSpanExporter" | "JaegerExporter" | "ZipkinExporter") {
            let names = ["endpoint", "agent_host_name", "collector_endpoint"];
            let target = names.iter().find_map(|n| code.arg(call, None, n)).and_then(|e| code.value(e));
            let target = target.unwrap_or_else(|| "${OTEL_EXPORTER_OTLP_ENDPOINT}".to_owned());
            let reach = Reach::new(ReachKind::Client(Role::TracingServer), target, "otlp");
            out.add(syntax::line(call), Seen::Reach(Box::new(reach)));
        } else if matches!(
            short,
            "LogstashHandler"
                | "AsynchronousLogstashHandler"
                | "TCPLogstashHandler"
                | "FluentHandler"
                | "LokiHandler"
                | "SysLogHandler"
                | "GelfUdpHandler"
        ) {
            out.practice(
                syntax::line(call),
                Aspect::CentralLogging,
                State::Present,
                short,
                "logs leave the process",
            );
            let host =
                code.arg(call, Some(0), "host").and_then(|h| code.value(h)).filter(|h| !h.starts_with('{'));
            if let Some(host) = host {
                let reach = Reach::new(ReachKind::Client(Role::LogServer), host, "tcp");
                out.add(syntax::line(call), Seen::Reach(Box::new(reach)));
            }
        }
    }
    for route in route::routes(&code) {
        if is_health(&route.path) {
            out.practice(
                syntax::line(route.at),
                Aspect::HealthProbe,
                State::Present,
                &route.path,
                "a health page",
            );
        }
        if route.path.ends_with("/metrics") {
            out.practice(
                syntax::line(route.at),
                Aspect::Metrics,
                State::Present,
                &route.path,
                "a page of metrics",
            );
        }
    }
}

/// The line of the first import of a module.
fn line_of(code: &Code, module: &str) -> usize {
    syntax::descendants(code.root())
        .filter(|n| matches!(n.kind(), "import_statement" | "import_from_statement"))
        .find(|n| code.text_of(*n).contains(module))
        .map_or(1, syntax::line)
}
