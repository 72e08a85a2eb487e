//! Monitoring: whom Prometheus scrapes, from where dashboards take their figures, where alerts are defined.

use loadcase_model::{Aspect, Role, State};

use crate::extract::Extractor;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{Node, document};

/// Reads the configuration of Prometheus and the data sources of Grafana.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "monitoring", reads, sees: &[Aspect::Alerting], extract };

fn reads(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let yaml = [".yml", ".yaml"].iter().any(|e| lower.ends_with(e));
    yaml && ["prometheus", "datasource", "alert", "rules", "grafana"].iter().any(|w| lower.contains(w))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = document(source.text) else { return };
    for job in root.get("scrape_configs").map_or(&[][..], Node::list) {
        for target in job.get("static_configs").map_or(&[][..], Node::list) {
            for host in target.get("targets").map_or(&[][..], Node::list) {
                if let Some(host) =
                    host.text().filter(|h| !h.starts_with("localhost") && !h.starts_with("127."))
                {
                    let mut reach = Reach::new(ReachKind::Call, host, "http");
                    reach.path = job.text_of("metrics_path").map(str::to_owned);
                    out.add(host_line(target, host), Seen::Reach(Box::new(reach)));
                }
            }
        }
    }
    for datasource in root.get("datasources").map_or(&[][..], Node::list) {
        if let Some(url) = datasource.text_of("url") {
            let role = match datasource.text_of("type") {
                Some("prometheus") => Role::MetricsServer,
                Some("loki" | "elasticsearch") => Role::LogServer,
                Some("jaeger" | "zipkin" | "tempo") => Role::TracingServer,
                _ => continue,
            };
            let reach = Reach::new(ReachKind::Client(role), url, "http");
            out.add(datasource.line, Seen::Reach(Box::new(reach)));
        }
    }
    for group in root.get("groups").map_or(&[][..], Node::list) {
        for rule in group.get("rules").map_or(&[][..], Node::list) {
            if let Some(alert) = rule.text_of("alert") {
                out.practice(rule.line, Aspect::Alerting, State::Present, alert, "an alert is defined");
            }
        }
    }
}

/// The line of a target in its list.
fn host_line(target: &Node, host: &str) -> usize {
    let listed = target.get("targets").map_or(&[][..], Node::list);
    listed.iter().find(|n| n.text() == Some(host)).map_or(target.line, |n| n.line)
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn scraped_hosts_are_reached_and_oneself_is_not() {
        let text = "scrape_configs:\n- job_name: a\n  static_configs:\n  - targets: ['localhost:9090', 'orders:8080']\n";
        assert_eq!(reaches(&see("monitoring/prometheus.yml", text)), ["Call orders:8080"]);
    }

    #[test]
    fn data_sources_and_alerts_are_seen() {
        let text = "datasources:\n- name: p\n  type: prometheus\n  url: http://prometheus:9090\n";
        assert_eq!(
            reaches(&see("grafana/datasources.yml", text)),
            ["Client(MetricsServer) http://prometheus:9090"]
        );
        let rules = "groups:\n- name: g\n  rules:\n  - alert: Errors\n    expr: x\n";
        assert_eq!(practices(&see("prometheus/rules.yml", rules)), ["Alerting Present Errors"]);
    }
}
