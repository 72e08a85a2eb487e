//! Whom settings of Spring name: stores, brokers, registries, config servers and their kin.

use loadcase_model::Role;

use super::{Document, Entry, matches};
use crate::sighting::{Plays, Reach, ReachKind, Seen};
use crate::source::Sightings;

/// Keys of addresses: pattern, kind, technology, protocol.
const KEYS: &[(&str, ReachKind, &str, &str)] = &[
    ("spring.datasource.url", ReachKind::Data, "", "sql"),
    ("spring.datasource.jdbcurl", ReachKind::Data, "", "sql"),
    ("spring.datasource.hikari.jdbcurl", ReachKind::Data, "", "sql"),
    ("spring.datasource.*.url", ReachKind::Data, "", "sql"),
    ("spring.datasource.*.jdbcurl", ReachKind::Data, "", "sql"),
    ("spring.r2dbc.url", ReachKind::Data, "", "sql"),
    ("quarkus.datasource.jdbc.url", ReachKind::Data, "", "sql"),
    ("quarkus.datasource.reactive.url", ReachKind::Data, "", "sql"),
    ("quarkus.datasource.*.jdbc.url", ReachKind::Data, "", "sql"),
    ("datasources.*.url", ReachKind::Data, "", "sql"),
    ("spring.data.mongodb.uri", ReachKind::Data, "mongodb", "mongodb"),
    ("spring.mongodb.uri", ReachKind::Data, "mongodb", "mongodb"),
    ("spring.data.mongodb.host", ReachKind::Data, "mongodb", "mongodb"),
    ("quarkus.mongodb.connectionstring", ReachKind::Data, "mongodb", "mongodb"),
    ("mongodb.uri", ReachKind::Data, "mongodb", "mongodb"),
    ("spring.redis.host", ReachKind::Data, "redis", "redis"),
    ("spring.data.redis.host", ReachKind::Data, "redis", "redis"),
    ("spring.redis.url", ReachKind::Data, "redis", "redis"),
    ("spring.data.redis.url", ReachKind::Data, "redis", "redis"),
    ("spring.redis.cluster.nodes", ReachKind::Data, "redis", "redis"),
    ("spring.data.redis.cluster.nodes", ReachKind::Data, "redis", "redis"),
    ("spring.redis.sentinel.nodes", ReachKind::Data, "redis", "redis"),
    ("quarkus.redis.hosts", ReachKind::Data, "redis", "redis"),
    ("redis.uri", ReachKind::Data, "redis", "redis"),
    ("spring.neo4j.uri", ReachKind::Data, "neo4j", "bolt"),
    ("spring.data.neo4j.uri", ReachKind::Data, "neo4j", "bolt"),
    ("spring.data.cassandra.contactpoints", ReachKind::Data, "cassandra", "cql"),
    ("spring.cassandra.contactpoints", ReachKind::Data, "cassandra", "cql"),
    ("spring.elasticsearch.uris", ReachKind::Data, "elasticsearch", "http"),
    ("spring.elasticsearch.rest.uris", ReachKind::Data, "elasticsearch", "http"),
    ("spring.data.elasticsearch.clusternodes", ReachKind::Data, "elasticsearch", "tcp"),
    ("spring.data.elasticsearch.client.reactive.endpoints", ReachKind::Data, "elasticsearch", "http"),
    ("spring.data.solr.host", ReachKind::Data, "solr", "http"),
    ("spring.couchbase.connectionstring", ReachKind::Data, "couchbase", "tcp"),
    ("spring.couchbase.bootstraphosts", ReachKind::Data, "couchbase", "tcp"),
    ("spring.influx.url", ReachKind::Data, "influxdb", "http"),
    ("spring.ldap.urls", ReachKind::Data, "ldap", "ldap"),
    ("minio.endpoint", ReachKind::Data, "minio", "http"),
    ("minio.url", ReachKind::Data, "minio", "http"),
    ("spring.rabbitmq.host", ReachKind::Unknown, "rabbitmq", "amqp"),
    ("spring.rabbitmq.addresses", ReachKind::Unknown, "rabbitmq", "amqp"),
    ("spring.kafka.bootstrapservers", ReachKind::Unknown, "kafka", "kafka"),
    ("spring.kafka.consumer.bootstrapservers", ReachKind::Consume, "kafka", "kafka"),
    ("spring.kafka.producer.bootstrapservers", ReachKind::Publish, "kafka", "kafka"),
    ("spring.cloud.stream.kafka.binder.brokers", ReachKind::Unknown, "kafka", "kafka"),
    ("kafka.bootstrap.servers", ReachKind::Unknown, "kafka", "kafka"),
    ("spring.activemq.brokerurl", ReachKind::Unknown, "activemq", "jms"),
    ("spring.artemis.host", ReachKind::Unknown, "activemq", "jms"),
    ("spring.artemis.brokerurl", ReachKind::Unknown, "activemq", "jms"),
    ("spring.pulsar.client.serviceurl", ReachKind::Unknown, "pulsar", "pulsar"),
    ("rocketmq.nameserver", ReachKind::Unknown, "rocketmq", "tcp"),
    ("eureka.client.serviceurl.*", ReachKind::Client(Role::Registry), "eureka", "http"),
    ("spring.cloud.consul.host", ReachKind::Client(Role::Registry), "consul", "http"),
    ("spring.cloud.zookeeper.connectstring", ReachKind::Client(Role::Registry), "zookeeper", "tcp"),
    ("spring.cloud.nacos.discovery.serveraddr", ReachKind::Client(Role::Registry), "nacos", "http"),
    ("spring.cloud.nacos.serveraddr", ReachKind::Client(Role::Registry), "nacos", "http"),
    ("dubbo.registry.address", ReachKind::Client(Role::Registry), "", "tcp"),
    ("consul.client.defaultzone", ReachKind::Client(Role::Registry), "consul", "http"),
    ("spring.cloud.config.uri", ReachKind::Client(Role::ConfigServer), "spring-cloud-config", "http"),
    ("spring.cloud.nacos.config.serveraddr", ReachKind::Client(Role::ConfigServer), "nacos", "http"),
    ("apollo.meta", ReachKind::Client(Role::ConfigServer), "apollo", "http"),
    ("spring.zipkin.baseurl", ReachKind::Client(Role::TracingServer), "zipkin", "http"),
    ("management.zipkin.tracing.endpoint", ReachKind::Client(Role::TracingServer), "zipkin", "http"),
    ("management.tracing.export.zipkin.endpoint", ReachKind::Client(Role::TracingServer), "zipkin", "http"),
    ("management.otlp.tracing.endpoint", ReachKind::Client(Role::TracingServer), "", "http"),
    ("otel.exporter.otlp.endpoint", ReachKind::Client(Role::TracingServer), "", "http"),
    ("otel.exporter.zipkin.endpoint", ReachKind::Client(Role::TracingServer), "zipkin", "http"),
    ("quarkus.otel.exporter.otlp.traces.endpoint", ReachKind::Client(Role::TracingServer), "", "http"),
    ("opentracing.jaeger.udpsender.host", ReachKind::Client(Role::TracingServer), "jaeger", "udp"),
    ("opentracing.jaeger.httpsender.url", ReachKind::Client(Role::TracingServer), "jaeger", "http"),
    ("spring.boot.admin.client.url", ReachKind::Client(Role::AdminServer), "spring-boot-admin", "http"),
    ("spring.boot.admin.url", ReachKind::Client(Role::AdminServer), "spring-boot-admin", "http"),
    ("spring.cloud.sentinel.transport.dashboard", ReachKind::Client(Role::Dashboard), "sentinel", "http"),
    ("management.metrics.export.graphite.host", ReachKind::Client(Role::MetricsServer), "graphite", "tcp"),
    ("management.graphite.metrics.export.host", ReachKind::Client(Role::MetricsServer), "graphite", "tcp"),
    ("management.metrics.export.influx.uri", ReachKind::Client(Role::MetricsServer), "influxdb", "http"),
    (
        "management.metrics.export.prometheus.pushgateway.baseurl",
        ReachKind::Client(Role::MetricsServer),
        "prometheus",
        "http",
    ),
    ("spring.mail.host", ReachKind::Client(Role::MailServer), "smtp", "smtp"),
    ("quarkus.mailer.host", ReachKind::Client(Role::MailServer), "smtp", "smtp"),
    ("spring.cloud.vault.uri", ReachKind::Client(Role::SecretStore), "vault", "http"),
    ("spring.cloud.vault.host", ReachKind::Client(Role::SecretStore), "vault", "http"),
    ("logstash.servers", ReachKind::Client(Role::LogServer), "logstash", "tcp"),
    ("logstash.host", ReachKind::Client(Role::LogServer), "logstash", "tcp"),
    ("logging.logstash.host", ReachKind::Client(Role::LogServer), "logstash", "tcp"),
    ("security.oauth2.resource.userinfouri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("security.oauth2.resource.tokeninfouri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("security.oauth2.resource.jwt.keyuri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("security.oauth2.resource.jwk.keyseturi", ReachKind::Client(Role::AuthServer), "", "http"),
    ("spring.security.oauth2.resourceserver.jwt.issueruri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("spring.security.oauth2.resourceserver.jwt.jwkseturi", ReachKind::Client(Role::AuthServer), "", "http"),
    (
        "spring.security.oauth2.resourceserver.opaquetoken.introspectionuri",
        ReachKind::Client(Role::AuthServer),
        "",
        "http",
    ),
    ("security.oauth2.client.accesstokenuri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("spring.security.oauth2.client.provider.*.tokenuri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("spring.security.oauth2.client.provider.*.issueruri", ReachKind::Client(Role::AuthServer), "", "http"),
    ("quarkus.oidc.authserverurl", ReachKind::Client(Role::AuthServer), "", "http"),
    ("keycloak.authserverurl", ReachKind::Client(Role::AuthServer), "keycloak", "http"),
];

/// Keys that make a unit check tokens.
const RESOURCE_SERVER: &[&str] = &["security.oauth2.resource.", "spring.security.oauth2.resourceserver."];

pub(super) fn reaches(documents: &[Document], out: &mut Sightings) {
    let native = documents.iter().any(|d| {
        d.entries.iter().any(|e| {
            (e.plain == "spring.profiles.active"
                || e.plain.starts_with("spring.profiles.active[")
                || e.plain == "spring.profiles.include")
                && e.value.contains("native")
        })
    });
    let mut resource_server = false;
    for document in documents.iter().filter(|d| !d.is_test()) {
        for entry in &document.entries {
            let value = entry.value.trim();
            if value.is_empty() {
                continue;
            }
            addresses(document, entry, out);
            config_client(document, entry, out);
            if !native && is_git(entry) {
                let reach = Reach {
                    technology: Some("git".to_owned()),
                    ..Reach::new(ReachKind::Unknown, crate::secret::masked(value), "git")
                };
                add(document, entry.line, reach, out);
            }
            if !resource_server && RESOURCE_SERVER.iter().any(|k| entry.plain.starts_with(k)) {
                resource_server = true;
                let plays = Plays {
                    role: Role::ResourceServer,
                    of: document.of.clone(),
                    technology: Some("spring-oauth2".to_owned()),
                };
                out.add(entry.line, Seen::Plays(plays));
            }
            turbine(document, entry, out);
            bindings(document, entry, out);
        }
    }
}

/// Adds a reach of a document's unit.
pub(super) fn add(document: &Document, line: usize, mut reach: Reach, out: &mut Sightings) {
    reach.of.clone_from(&document.of);
    // What only a developer's machine uses is not how it runs.
    reach.certain &=
        !document.profile.as_deref().is_some_and(|p| matches!(p, "dev" | "local" | "development"));
    out.add(line, Seen::Reach(Box::new(reach)));
}

fn is_git(entry: &Entry) -> bool {
    matches(&entry.plain, "spring.cloud.config.server.git.uri")
        || matches(&entry.plain, "spring.cloud.config.server.git.repos.*.uri")
        || matches(&entry.plain, "spring.cloud.config.server.git.repos.*")
}

fn addresses(document: &Document, entry: &Entry, out: &mut Sightings) {
    if disabled(document, &entry.plain) {
        return;
    }
    let known = KEYS.iter().find(|(pattern, ..)| matches(&entry.plain, pattern));
    let value = entry.value.trim();
    let (kind, technology, protocol) = match known {
        Some((_, kind, technology, protocol)) => (*kind, *technology, *protocol),
        None if is_connection(value) => (ReachKind::Data, "", "sql"),
        None if is_peer(entry) => (ReachKind::Unknown, "", "http"),
        None => return,
    };
    let mut target = crate::secret::masked(value);
    // The port stands beside the host.
    if let Some(base) = entry.plain.strip_suffix(".host")
        && !target.contains("://")
        && let Some(port) = document.value(&format!("{base}.port"))
        && !value.contains(':')
    {
        target = format!("{target}:{port}");
    }
    let technology = (!technology.is_empty()).then(|| technology.to_owned());
    let certain = known.is_some() && kind != ReachKind::Unknown;
    let reach = Reach { technology, certain, ..Reach::new(kind, target, protocol) };
    add(document, entry.line, reach, out);
}

/// Whether the part of Spring a key belongs to is switched off in the same document.
fn disabled(document: &Document, plain: &str) -> bool {
    let switches: &[(&str, &[&str])] = &[
        ("eureka.client.", &["eureka.client.enabled", "spring.cloud.discovery.enabled"]),
        ("spring.cloud.consul.", &["spring.cloud.consul.enabled", "spring.cloud.discovery.enabled"]),
        ("spring.cloud.config.", &["spring.cloud.config.enabled"]),
        ("spring.zipkin.", &["spring.zipkin.enabled", "spring.sleuth.enabled"]),
        ("spring.boot.admin.", &["spring.boot.admin.client.enabled"]),
        ("spring.cloud.vault.", &["spring.cloud.vault.enabled"]),
        ("spring.cloud.zookeeper.", &["spring.cloud.zookeeper.enabled"]),
    ];
    switches.iter().any(|(prefix, keys)| plain.starts_with(prefix) && keys.iter().any(|k| document.denies(k)))
}

/// A connection string says itself what it is.
fn is_connection(value: &str) -> bool {
    ["jdbc:", "r2dbc:", "mongodb://", "mongodb+srv://", "redis://", "rediss://", "bolt://", "neo4j://"]
        .iter()
        .any(|s| value.starts_with(s))
}

/// Ends of keys that hold the address of another service.
const PEER: &[&str] = &["url", "uri", "baseurl", "endpoint", "address", "host"];

/// Words of keys whose addresses are for browsers and documents.
const NOT_PEERS: &[&str] = &[
    "redirect",
    "callback",
    "origin",
    "cors",
    "issuer",
    "docs",
    "contact",
    "license",
    "logo",
    "homepage",
    "hostname",
    "public",
    "statuspage",
    "healthcheck",
    "frontend",
    "swagger",
    "namespace",
    "schema",
];

/// An own key that holds a URL of a host without dots: a service of the same system.
fn is_peer(entry: &Entry) -> bool {
    let Some(rest) =
        entry.value.trim().strip_prefix("http://").or_else(|| entry.value.trim().strip_prefix("https://"))
    else {
        return false;
    };
    let host = rest.split(['/', ':']).next().unwrap_or("");
    let plain_host = !host.is_empty()
        && host != "localhost"
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let framework = ["spring.", "server.", "eureka.", "management.", "zuul.", "security.", "logging."]
        .iter()
        .any(|p| entry.plain.starts_with(p));
    plain_host
        && !framework
        && PEER.iter().any(|p| entry.plain.ends_with(p))
        && !NOT_PEERS.iter().any(|n| entry.plain.contains(n))
}

/// `spring.config.import=configserver:...` and discovery of the config server.
fn config_client(document: &Document, entry: &Entry, out: &mut Sightings) {
    let client = |target: &str| Reach {
        technology: Some("spring-cloud-config".to_owned()),
        ..Reach::new(ReachKind::Client(Role::ConfigServer), target, "http")
    };
    let value = entry.value.trim();
    if entry.plain == "spring.cloud.config.discovery.serviceid" && !disabled(document, &entry.plain) {
        add(document, entry.line, client(value), out);
    } else if entry.plain == "spring.cloud.config.discovery.enabled"
        && value == "true"
        && document.entry("spring.cloud.config.discovery.serviceid").is_none()
    {
        add(document, entry.line, client("configserver"), out);
    }
    if entry.plain != "spring.config.import" && !entry.plain.starts_with("spring.config.import[") {
        return;
    }
    for part in value.split(';').map(|p| p.trim().trim_start_matches("optional:")) {
        if let Some(url) = part.strip_prefix("configserver:") {
            add(document, entry.line, client(url), out);
        } else if let Some((role, technology)) = imported(part) {
            let reach = Reach {
                technology: Some(technology.to_owned()),
                ..Reach::new(ReachKind::Client(role), "", "http")
            };
            add(document, entry.line, reach, out);
        }
    }
}

/// Other places settings are imported from.
fn imported(part: &str) -> Option<(Role, &'static str)> {
    [
        ("consul:", Role::ConfigServer, "consul"),
        ("vault:", Role::SecretStore, "vault"),
        ("nacos:", Role::ConfigServer, "nacos"),
        ("aws-secretsmanager:", Role::SecretStore, "aws-secrets-manager"),
        ("zookeeper:", Role::ConfigServer, "zookeeper"),
    ]
    .into_iter()
    .find(|(prefix, ..)| part.starts_with(prefix))
    .map(|(_, role, technology)| (role, technology))
}

/// An aggregator reads the streams of the applications it lists.
fn turbine(document: &Document, entry: &Entry, out: &mut Sightings) {
    if entry.plain != "turbine.appconfig" && !entry.plain.starts_with("turbine.appconfig[") {
        return;
    }
    for name in entry.value.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        let reach = Reach {
            technology: Some("turbine".to_owned()),
            path: Some("/hystrix.stream".to_owned()),
            ..Reach::new(ReachKind::Call, format!("http://{name}"), "http")
        };
        add(document, entry.line, reach, out);
    }
}

/// Bindings of functions: `spring.cloud.stream.bindings.bill-in-0.destination`.
fn bindings(document: &Document, entry: &Entry, out: &mut Sightings) {
    if !matches(&entry.plain, "spring.cloud.stream.bindings.*.destination") {
        return;
    }
    // The name keeps its dashes in the key as written.
    let Some(name) = entry.key.split('.').rev().nth(1) else { return };
    let side = |s: &str| {
        name.rfind(s).is_some_and(|at| {
            name.get(at + s.len()..).is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()) && !n.is_empty())
        })
    };
    let kind = if side("-in-") {
        ReachKind::Consume
    } else if side("-out-") {
        ReachKind::Publish
    } else {
        return;
    };
    let reach =
        Reach { channel: Some(entry.value.trim().to_owned()), ..Reach::new(kind, STREAM_BROKER, "stream") };
    add(document, entry.line, reach, out);
}

/// Where the broker of Spring Cloud Stream stands: in the settings of one of its binders.
pub(crate) const STREAM_BROKER: &str = "${spring.cloud.stream.kafka.binder.brokers:${spring.kafka.bootstrap-servers:${spring.rabbitmq.host:${spring.rabbitmq.addresses:}}}}";

#[cfg(test)]
mod tests {
    use crate::testing::{reaches, see};

    fn found(text: &str) -> Vec<String> {
        reaches(&see("a/src/main/resources/application.yml", text))
    }

    #[test]
    fn servers_of_roles() {
        let text = "spring:\n  config.import: 'optional:configserver:${CFG:http://cfg:8888}'\n  mail: {host: smtp.x.org, port: 25}\n  boot.admin.client.url: http://admin:1\n  zipkin.base-url: http://zip:9411\n  cloud.consul: {host: con, port: 8500}\neureka.client.service-url.defaultZone: http://reg:8761/eureka\nsecurity.oauth2.resource.user-info-uri: http://auth/me\n";
        assert_eq!(
            found(text),
            [
                "Client(ConfigServer) ${CFG:http://cfg:8888}",
                "Client(MailServer) smtp.x.org:25",
                "Client(AdminServer) http://admin:1",
                "Client(TracingServer) http://zip:9411",
                "Client(Registry) con:8500",
                "Client(Registry) http://reg:8761/eureka",
                "Client(AuthServer) http://auth/me",
            ]
        );
        assert!(found("spring.cloud.config: {enabled: false, uri: 'http://x'}").is_empty());
        assert!(
            found("eureka.client.enabled: false\neureka.client.serviceUrl.defaultZone: http://r/eureka")
                .is_empty()
        );
    }

    #[test]
    fn git_counts_unless_the_files_are_local() {
        assert_eq!(
            found("spring.cloud.config.server.git.uri: https://github.com/a/b"),
            ["Unknown https://github.com/a/b"]
        );
        assert!(found("spring: {profiles: {active: native}, cloud: {config: {server: {git: {uri: 'https://github.com/a/b'}}}}}").is_empty());
    }

    #[test]
    fn peers_and_bindings() {
        assert_eq!(
            found("stock.service.url: http://stock:8080/api\napp.redirect-url: http://front\n"),
            ["Unknown http://stock:8080/api"]
        );
        assert!(
            found("spring.cloud.stream.bindings.bill-in-0.destination: orders")[0]
                .starts_with("Consume ${spring.cloud.stream")
        );
        assert_eq!(found("turbine: {appConfig: 'a,b'}"), ["Call http://a", "Call http://b"]);
    }
}
