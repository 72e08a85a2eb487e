//! Where logs go: appenders of Logback and Log4j in XML.

use loadcase_model::{Aspect, Role, State};

use crate::extract::Extractor;
use crate::extract::java::handler::practice;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::xml::{self, Element};

/// Appenders.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "java-logging-config", reads, sees: &[Aspect::Logging, Aspect::CentralLogging], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with("logback") || name.starts_with("log4j2")) && name.ends_with(".xml")
}

/// Classes of appenders that send away: a part of the name, technology, protocol, its usual element.
const APPENDERS: &[(&str, &str, &str)] = &[
    ("Logstash", "logstash", "tcp"),
    ("LogStash", "logstash", "tcp"),
    ("Gelf", "graylog", "gelf"),
    ("Graylog", "graylog", "gelf"),
    ("Loki", "loki", "http"),
    ("Elasticsearch", "elasticsearch", "http"),
    ("Fluency", "fluentd", "tcp"),
    ("Fluentd", "fluentd", "tcp"),
    ("DataFluent", "fluentd", "tcp"),
    ("Splunk", "splunk", "http"),
    ("Kafka", "kafka", "kafka"),
    ("SyslogAppender", "syslog", "syslog"),
    ("Amqp", "rabbitmq", "amqp"),
];

/// Elements that say where: `destination`, `remoteHost` and `port`, ...
const WHERE: &[&str] = &[
    "destination",
    "remotehost",
    "host",
    "graylogHost",
    "url",
    "syslogHost",
    "uri",
    "graylogserver",
    "bootstrapServers",
];

/// Elements that say where, Log4j's own included.
const LOG4J: &[(&str, &str)] = &[
    ("Gelf", "graylog"),
    ("GELF", "graylog"),
    ("Socket", "logstash"),
    ("Kafka", "kafka"),
    ("Loki", "loki"),
    ("Syslog", "syslog"),
];

#[derive(Default)]
struct Appender {
    line: usize,
    technology: &'static str,
    protocol: &'static str,
    target: String,
    port: Option<String>,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() && !source.path.contains("src/main/") {
        return;
    }
    out.practice(1, Aspect::Logging, State::Present, source.name(), "appenders are configured");
    let Some(root) = xml::document(source.text) else { return };
    for element in root.descendants() {
        if let Some(appender) = appender(element) {
            finish(&appender, out);
        }
    }
}

/// The appender an element is, when it sends away.
fn appender(element: &Element) -> Option<Appender> {
    if element.name == "appender" {
        let class = element.attribute("class")?;
        let class = class.rsplit('.').next().unwrap_or(class);
        let (_, technology, protocol) = APPENDERS.iter().find(|(part, ..)| class.contains(part))?;
        let mut appender = Appender { line: element.line, technology, protocol, ..Appender::default() };
        for inner in element.descendants() {
            take(&mut appender, &inner.name, &inner.text);
        }
        return Some(appender);
    }
    let (_, technology) = LOG4J.iter().find(|(n, _)| *n == element.name)?;
    let target = element.attribute("host").or_else(|| element.attribute("url")).unwrap_or_default();
    let protocol = if *technology == "kafka" { "kafka" } else { "tcp" };
    let port = element.attribute("port").map(str::to_owned);
    Some(Appender { line: element.line, technology, protocol, target: target.to_owned(), port })
}

fn take(appender: &mut Appender, inside: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    if WHERE.iter().any(|w| w.eq_ignore_ascii_case(inside)) && appender.target.is_empty() {
        appender.target = spring(text.split(',').next().unwrap_or(text).trim());
    } else if inside.eq_ignore_ascii_case("port") && appender.port.is_none() {
        appender.port = Some(spring(text));
    }
}

/// Logback writes defaults with `:-`.
fn spring(text: &str) -> String {
    text.replace(":-", ":")
}

fn finish(appender: &Appender, out: &mut Sightings) {
    let target = match &appender.port {
        Some(port) if !appender.target.is_empty() && !appender.target.contains(port.as_str()) => {
            format!("{}:{port}", appender.target)
        }
        _ => appender.target.clone(),
    };
    let reach = Reach {
        technology: Some(appender.technology.to_owned()),
        is_async: true,
        ..Reach::new(ReachKind::Client(Role::LogServer), target, appender.protocol)
    };
    out.add(appender.line, Seen::Reach(Box::new(reach)));
    out.add(
        appender.line,
        practice(Aspect::CentralLogging, State::Present, appender.technology, "an appender sends logs away"),
    );
}

#[cfg(test)]
mod tests {
    use crate::testing::{reaches, see};

    #[test]
    fn appenders_reach_log_servers() {
        let text = "<configuration>\n <appender name='A' class='net.x.LogstashTcpSocketAppender'>\n  <destination>${LOG_HOST:-logs}:5000</destination>\n  <encoder class='e'/>\n </appender>\n <appender name='C' class='ch.ConsoleAppender'><host>x</host></appender>\n</configuration>";
        assert_eq!(
            reaches(&see("src/main/resources/logback-spring.xml", text)),
            ["Client(LogServer) ${LOG_HOST:logs}:5000"]
        );
        let gelf = "<Configuration><Appenders><Gelf name='g' host='udp:graylog' port='12201'/></Appenders></Configuration>";
        assert_eq!(reaches(&see("log4j2.xml", gelf)), ["Client(LogServer) udp:graylog:12201"]);
    }
}
