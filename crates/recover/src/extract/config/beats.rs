//! Shippers of logs and metrics: filebeat and its kin send what a unit writes to a server of logs.

use loadcase_model::{Aspect, Role, State};

use crate::extract::Extractor;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::yaml;

/// Outputs of beats.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "beats", reads, sees: &[Aspect::CentralLogging], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    ["filebeat", "metricbeat", "heartbeat", "packetbeat"].iter().any(|b| name.starts_with(b))
        && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// Outputs that send away.
const OUTPUTS: &[(&str, &str)] =
    &[("logstash", "logstash"), ("elasticsearch", "elasticsearch"), ("kafka", "kafka"), ("redis", "redis")];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let logs = source.name().starts_with("filebeat");
    let role = if logs { Role::LogServer } else { Role::MetricsServer };
    for document in yaml::documents(source.text).0 {
        for (key, value, line) in document.flat() {
            let Some((_, technology)) = OUTPUTS.iter().find(|(o, _)| {
                let hosts = format!("output.{o}.hosts");
                key == hosts || key.strip_prefix(&hosts).is_some_and(|rest| rest.starts_with('['))
            }) else {
                continue;
            };
            let reach = Reach {
                technology: Some((*technology).to_owned()),
                is_async: true,
                ..Reach::new(ReachKind::Client(role), value.trim(), "tcp")
            };
            out.add(line, Seen::Reach(Box::new(reach)));
            if logs {
                out.practice(
                    line,
                    Aspect::CentralLogging,
                    State::Present,
                    *technology,
                    "filebeat sends logs away",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{reaches, see};

    #[test]
    fn outputs_reach_log_servers() {
        let nested = "output:\n  logstash:\n    hosts:\n      - logs:5044\n";
        assert_eq!(reaches(&see("a/filebeat.yml", nested)), ["Client(LogServer) logs:5044"]);
        assert_eq!(
            reaches(&see("a/filebeat.yml", "output.elasticsearch:\n  hosts: ['es:9200']\n")),
            ["Client(LogServer) es:9200"]
        );
    }
}
