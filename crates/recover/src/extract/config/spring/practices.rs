//! Practices that settings of Spring show: limits, retries, what is open, what is logged.

use loadcase_model::{Aspect, State};

use super::routes::practice;
use super::{Document, Entry, matches};
use crate::source::Sightings;

/// What settings would show.
pub(super) const SEES: &[Aspect] = &[
    Aspect::LiteralSecret,
    Aspect::DefaultCredentials,
    Aspect::DebugSurface,
    Aspect::SchemaDropped,
    Aspect::ConnectionPool,
    Aspect::SecretStore,
];

/// What a value must be.
#[derive(Clone, Copy)]
enum When {
    /// Anything that is not empty.
    Any,
    /// One of these, case aside.
    Is(&'static [&'static str]),
    /// A number above zero.
    Positive,
}

use When::{Any, Is, Positive};

/// A pattern of keys, the value it takes, and what is shown then.
type Rule = (&'static str, When, Aspect, State, &'static str);

const TRUE: When = Is(&["true", "yes", "on"]);
const FALSE: When = Is(&["false", "no", "off"]);

/// The rules: pattern, value, aspect, state, detail.
const RULES: &[Rule] = &[
    (
        "spring.jpa.hibernate.ddlauto",
        Is(&["create", "create-drop"]),
        Aspect::SchemaDropped,
        State::Present,
        "the schema is dropped at start",
    ),
    (
        "spring.jpa.hibernate.ddlauto",
        Is(&["update"]),
        Aspect::SchemaDropped,
        State::Weak,
        "the schema is altered at start",
    ),
    (
        "spring.jpa.hibernate.ddlauto",
        Is(&["validate", "none"]),
        Aspect::SchemaDropped,
        State::Absent,
        "the schema is left alone",
    ),
    (
        "spring.jpa.properties.hibernate.hbm2ddl.auto",
        Is(&["create", "create-drop"]),
        Aspect::SchemaDropped,
        State::Present,
        "the schema is dropped at start",
    ),
    (
        "quarkus.hibernateorm.database.generation",
        Is(&["drop-and-create", "create"]),
        Aspect::SchemaDropped,
        State::Present,
        "the schema is dropped at start",
    ),
    ("spring.datasource.hikari.maximumpoolsize", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.datasource.tomcat.maxactive", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.datasource.dbcp2.maxtotal", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.datasource.*.maximumpoolsize", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.r2dbc.pool.maxsize", Any, Aspect::ConnectionPool, State::Present, ""),
    ("quarkus.datasource.jdbc.maxsize", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.redis.*.pool.maxactive", Any, Aspect::ConnectionPool, State::Present, ""),
    ("spring.data.redis.*.pool.maxactive", Any, Aspect::ConnectionPool, State::Present, ""),
    (
        "management.security.enabled",
        FALSE,
        Aspect::DebugSurface,
        State::Present,
        "management endpoints ask nobody who he is",
    ),
    (
        "endpoints.sensitive",
        FALSE,
        Aspect::DebugSurface,
        State::Present,
        "management endpoints ask nobody who he is",
    ),
    ("endpoints.shutdown.enabled", TRUE, Aspect::DebugSurface, State::Present, "shutdown over the network"),
    ("endpoints.restart.enabled", TRUE, Aspect::DebugSurface, State::Present, "restart over the network"),
    (
        "management.endpoint.shutdown.enabled",
        TRUE,
        Aspect::DebugSurface,
        State::Present,
        "shutdown over the network",
    ),
    (
        "management.endpoint.env.showvalues",
        Is(&["always"]),
        Aspect::DebugSurface,
        State::Present,
        "values of the environment are shown",
    ),
    ("spring.h2.console.enabled", TRUE, Aspect::DebugSurface, State::Present, "H2 console"),
    ("spring.devtools.remote.secret", Any, Aspect::DebugSurface, State::Present, "remote development tools"),
    (
        "server.error.includestacktrace",
        Is(&["always"]),
        Aspect::DebugSurface,
        State::Present,
        "stack traces in answers",
    ),
    (
        "security.basic.enabled",
        FALSE,
        Aspect::Authentication,
        State::Absent,
        "basic authentication is switched off",
    ),
    (
        "hystrix.command.*.execution.isolation.thread.timeoutinmilliseconds",
        Positive,
        Aspect::Timeout,
        State::Present,
        "",
    ),
    (
        "hystrix.command.*.execution.timeout.enabled",
        FALSE,
        Aspect::Timeout,
        State::Absent,
        "the command's limit is switched off",
    ),
    ("ribbon.readtimeout", Positive, Aspect::Timeout, State::Present, ""),
    ("*.ribbon.readtimeout", Positive, Aspect::Timeout, State::Present, ""),
    ("feign.client.config.*.readtimeout", Positive, Aspect::Timeout, State::Present, ""),
    ("spring.cloud.openfeign.client.config.*.readtimeout", Positive, Aspect::Timeout, State::Present, ""),
    ("zuul.host.sockettimeoutmillis", Positive, Aspect::Timeout, State::Present, ""),
    ("spring.cloud.gateway.httpclient.responsetimeout", Any, Aspect::Timeout, State::Present, ""),
    ("spring.http.client.readtimeout", Any, Aspect::Timeout, State::Present, ""),
    ("spring.mvc.async.requesttimeout", Any, Aspect::Timeout, State::Present, ""),
    ("resilience4j.timelimiter.instances.*.timeoutduration", Any, Aspect::Timeout, State::Present, ""),
    ("resilience4j.timelimiter.configs.*.timeoutduration", Any, Aspect::Timeout, State::Present, ""),
    (
        "feign.hystrix.enabled",
        TRUE,
        Aspect::CircuitBreaker,
        State::Present,
        "every Feign client has a breaker",
    ),
    (
        "feign.circuitbreaker.enabled",
        TRUE,
        Aspect::CircuitBreaker,
        State::Present,
        "every Feign client has a breaker",
    ),
    (
        "spring.cloud.openfeign.circuitbreaker.enabled",
        TRUE,
        Aspect::CircuitBreaker,
        State::Present,
        "every Feign client has a breaker",
    ),
    (
        "feign.sentinel.enabled",
        TRUE,
        Aspect::CircuitBreaker,
        State::Present,
        "every Feign client has a breaker",
    ),
    (
        "resilience4j.circuitbreaker.instances.*.failureratethreshold",
        Any,
        Aspect::CircuitBreaker,
        State::Present,
        "resilience4j",
    ),
    (
        "resilience4j.circuitbreaker.instances.*.slidingwindowsize",
        Any,
        Aspect::CircuitBreaker,
        State::Present,
        "resilience4j",
    ),
    (
        "resilience4j.circuitbreaker.configs.*.slidingwindowsize",
        Any,
        Aspect::CircuitBreaker,
        State::Present,
        "resilience4j",
    ),
    ("ribbon.maxautoretries", Positive, Aspect::Retry, State::Weak, "tried again at once, without backoff"),
    ("*.ribbon.maxautoretries", Positive, Aspect::Retry, State::Weak, "tried again at once, without backoff"),
    (
        "ribbon.maxautoretriesnextserver",
        Positive,
        Aspect::Retry,
        State::Weak,
        "tried again at once, without backoff",
    ),
    (
        "*.ribbon.maxautoretriesnextserver",
        Positive,
        Aspect::Retry,
        State::Weak,
        "tried again at once, without backoff",
    ),
    ("zuul.retryable", TRUE, Aspect::Retry, State::Weak, "tried again at once, without backoff"),
    ("resilience4j.retry.instances.*.maxattempts", Positive, Aspect::Retry, State::Present, "resilience4j"),
    (
        "resilience4j.retry.instances.*.maxretryattempts",
        Positive,
        Aspect::Retry,
        State::Present,
        "resilience4j",
    ),
    ("spring.kafka.producer.retries", Positive, Aspect::Retry, State::Present, "of the producer"),
    ("spring.rabbitmq.listener.*.retry.enabled", TRUE, Aspect::Retry, State::Present, "of the listener"),
    (
        "resilience4j.ratelimiter.instances.*.limitforperiod",
        Any,
        Aspect::RateLimit,
        State::Present,
        "resilience4j",
    ),
    ("zuul.ratelimit.enabled", TRUE, Aspect::RateLimit, State::Present, "at the gateway"),
    (
        "spring.servlet.multipart.maxfilesize",
        Is(&["-1"]),
        Aspect::BodyLimit,
        State::Absent,
        "uploads of any size",
    ),
    ("spring.servlet.multipart.maxfilesize", Any, Aspect::BodyLimit, State::Present, ""),
    ("spring.http.multipart.maxfilesize", Any, Aspect::BodyLimit, State::Present, ""),
    ("server.tomcat.maxhttpformpostsize", Any, Aspect::BodyLimit, State::Present, ""),
    ("spring.codec.maxinmemorysize", Any, Aspect::BodyLimit, State::Present, ""),
    ("spring.data.web.pageable.maxpagesize", Any, Aspect::PageLimit, State::Present, ""),
    ("spring.data.rest.maxpagesize", Any, Aspect::PageLimit, State::Present, ""),
    ("server.ssl.keystore", Any, Aspect::Tls, State::Present, "the listener is encrypted"),
    ("server.ssl.bundle", Any, Aspect::Tls, State::Present, "the listener is encrypted"),
    ("server.ssl.enabled", FALSE, Aspect::Tls, State::Absent, "the listener is in clear text"),
    ("spring.rabbitmq.ssl.enabled", TRUE, Aspect::Tls, State::Present, "to the broker"),
    (
        "spring.kafka.security.protocol",
        Is(&["ssl", "sasl_ssl"]),
        Aspect::Tls,
        State::Present,
        "to the broker",
    ),
    (
        "spring.kafka.security.protocol",
        Is(&["plaintext", "sasl_plaintext"]),
        Aspect::Tls,
        State::Absent,
        "to the broker",
    ),
    (
        "spring.mail.properties.mail.smtp.starttls.enable",
        TRUE,
        Aspect::Tls,
        State::Present,
        "to the mail server",
    ),
    ("spring.mail.properties.mail.smtp.ssl.enable", TRUE, Aspect::Tls, State::Present, "to the mail server"),
    ("spring.redis.ssl", TRUE, Aspect::Tls, State::Present, "to Redis"),
    ("spring.data.redis.ssl.enabled", TRUE, Aspect::Tls, State::Present, "to Redis"),
    (
        "spring.cloud.config.server.git.skipsslvalidation",
        TRUE,
        Aspect::TlsVerification,
        State::Absent,
        "of the git server",
    ),
    (
        "spring.rabbitmq.ssl.validateservercertificate",
        FALSE,
        Aspect::TlsVerification,
        State::Absent,
        "of the broker",
    ),
    ("spring.rabbitmq.ssl.verifyhostname", FALSE, Aspect::TlsVerification, State::Absent, "of the broker"),
    (
        "spring.cloud.gateway.httpclient.ssl.useinsecuretrustmanager",
        TRUE,
        Aspect::TlsVerification,
        State::Absent,
        "of every target",
    ),
    ("zuul.sslhostnamevalidationenabled", FALSE, Aspect::TlsVerification, State::Absent, "of every target"),
    (
        "feign.httpclient.disablesslvalidation",
        TRUE,
        Aspect::TlsVerification,
        State::Absent,
        "of every Feign client",
    ),
    (
        "spring.session.storetype",
        Is(&["redis", "jdbc", "mongodb", "hazelcast"]),
        Aspect::StateInProcess,
        State::Absent,
        "sessions are kept outside",
    ),
    ("spring.sleuth.sampler.probability", Any, Aspect::Tracing, State::Present, "Sleuth"),
    ("spring.sleuth.sampler.percentage", Any, Aspect::Tracing, State::Present, "Sleuth"),
    ("spring.zipkin.baseurl", Any, Aspect::Tracing, State::Present, "Zipkin"),
    ("management.tracing.sampling.probability", Any, Aspect::Tracing, State::Present, "Micrometer"),
    ("management.endpoint.prometheus.enabled", TRUE, Aspect::Metrics, State::Present, "Prometheus"),
    ("management.metrics.export.prometheus.enabled", TRUE, Aspect::Metrics, State::Present, "Prometheus"),
    ("management.prometheus.metrics.export.enabled", TRUE, Aspect::Metrics, State::Present, "Prometheus"),
    ("logging.file", Any, Aspect::Logging, State::Present, "to a file"),
    ("logging.file.name", Any, Aspect::Logging, State::Present, "to a file"),
    ("logging.level.root", Any, Aspect::Logging, State::Present, ""),
    ("spring.cloud.vault.uri", Any, Aspect::SecretStore, State::Present, "Vault"),
    ("spring.cloud.vault.host", Any, Aspect::SecretStore, State::Present, "Vault"),
    ("spring.cloud.vault.token", Any, Aspect::SecretStore, State::Present, "Vault"),
    ("jasypt.encryptor.password", Any, Aspect::SecretStore, State::Weak, "values are encrypted in the files"),
    ("spring.cloud.stream.kafka.bindings.*.consumer.enabledlq", TRUE, Aspect::DeadLetter, State::Present, ""),
    (
        "spring.cloud.stream.rabbit.bindings.*.consumer.autobinddlq",
        TRUE,
        Aspect::DeadLetter,
        State::Present,
        "",
    ),
    (
        "mp.messaging.incoming.*.failurestrategy",
        Is(&["dead-letter-queue"]),
        Aspect::DeadLetter,
        State::Present,
        "",
    ),
    ("spring.rabbitmq.listener.simple.prefetch", Any, Aspect::Backpressure, State::Present, ""),
    ("spring.kafka.consumer.maxpollrecords", Any, Aspect::Backpressure, State::Present, ""),
    ("spring.task.execution.pool.queuecapacity", Any, Aspect::Backpressure, State::Present, ""),
];

pub(super) fn practices(document: &Document, out: &mut Sightings) {
    for entry in &document.entries {
        let value = entry.value.trim();
        for (pattern, when, aspect, state, detail) in RULES {
            if matches(&entry.plain, pattern) && holds(*when, value) {
                let detail = if detail.is_empty() { value } else { detail };
                practice(document, entry.line, *aspect, *state, &entry.key, detail, out);
                break;
            }
        }
        exposure(document, entry, out);
        cors(document, entry, out);
        clear_text(document, entry, out);
        secrets(document, entry, out);
    }
}

fn holds(when: When, value: &str) -> bool {
    match when {
        Any => !value.is_empty(),
        Is(list) => list.iter().any(|v| value.eq_ignore_ascii_case(v)),
        Positive => value.parse::<f64>().map_or(!value.is_empty(), |n| n > 0.0),
    }
}

/// Endpoints of management that show or change more than health.
const DANGEROUS: &[&str] = &[
    "*",
    "env",
    "heapdump",
    "threaddump",
    "shutdown",
    "beans",
    "configprops",
    "jolokia",
    "gateway",
    "loggers",
    "refresh",
];

fn exposure(document: &Document, entry: &Entry, out: &mut Sightings) {
    let key = "management.endpoints.web.exposure.include";
    if entry.plain != key && !entry.plain.starts_with(&format!("{key}[")) {
        return;
    }
    let listed: Vec<&str> = entry.value.split(',').map(|v| v.trim().trim_matches(['\'', '"'])).collect();
    if listed.contains(&"prometheus") || listed.contains(&"metrics") || listed.contains(&"*") {
        practice(
            document,
            entry.line,
            Aspect::Metrics,
            State::Present,
            &entry.key,
            "management endpoints",
            out,
        );
    }
    let open: Vec<&str> = listed.into_iter().filter(|v| DANGEROUS.contains(v)).collect();
    if !open.is_empty() {
        let detail = format!("management endpoints: {}", open.join(", "));
        practice(document, entry.line, Aspect::DebugSurface, State::Present, "/actuator", &detail, out);
    }
}

fn cors(document: &Document, entry: &Entry, out: &mut Sightings) {
    let bare = entry.plain.split('[').next().unwrap_or(&entry.plain);
    let origins = entry.plain.contains("cors")
        && (entry.plain.contains("allowedorigin") || entry.plain.ends_with("origins"));
    if (origins || bare.ends_with("allowedorigins")) && !entry.value.trim().is_empty() {
        let open = entry.value.trim().trim_matches(['\'', '"']) == "*";
        let state = if open { State::Weak } else { State::Present };
        practice(document, entry.line, Aspect::Cors, state, &entry.key, entry.value.trim(), out);
    }
}

/// Connections that switch encryption off in their address.
fn clear_text(document: &Document, entry: &Entry, out: &mut Sightings) {
    let lower = entry.value.to_ascii_lowercase();
    if lower.starts_with("jdbc:") && (lower.contains("usessl=false") || lower.contains("sslmode=disable")) {
        practice(
            document,
            entry.line,
            Aspect::Tls,
            State::Absent,
            &entry.key,
            "the connection string switches it off",
            out,
        );
    }
    if lower.contains("trustservercertificate=true") {
        practice(
            document,
            entry.line,
            Aspect::TlsVerification,
            State::Absent,
            &entry.key,
            "any certificate is taken",
            out,
        );
    }
}

fn secrets(document: &Document, entry: &Entry, out: &mut Sightings) {
    let before = out.items.len();
    let account = entry.plain.rsplit_once('.').and_then(|(base, _)| {
        ["username", "user", "name", "clientid"].iter().find_map(|n| document.value(&format!("{base}.{n}")))
    });
    crate::secret::tell_setting(&entry.key, &entry.value, account, entry.line, out);
    for sighting in out.items.iter_mut().skip(before) {
        if let crate::sighting::Seen::Practice(practice) = &mut sighting.seen {
            practice.of.clone_from(&document.of);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn settings_show_what_is_open_and_what_is_limited() {
        let text = "spring.jpa.hibernate.ddl-auto=create-drop\nmanagement.endpoints.web.exposure.include=health,env\nspring.datasource.hikari.maximum-pool-size=20\norders.ribbon.MaxAutoRetries=2\nspring.datasource.username=root\nspring.datasource.password=root\njwt.secret=${JWT}\nspring.h2.console.enabled=true\nspring.datasource.url=jdbc:mysql://db/x?useSSL=false\n";
        assert_eq!(
            practices(&see("a/src/main/resources/application.properties", text)),
            [
                "SchemaDropped Present spring.jpa.hibernate.ddl-auto",
                "DebugSurface Present /actuator",
                "ConnectionPool Present spring.datasource.hikari.maximum-pool-size",
                "Retry Weak orders.ribbon.MaxAutoRetries",
                "LiteralSecret Present spring.datasource.password",
                "DefaultCredentials Present spring.datasource.password",
                "DebugSurface Present spring.h2.console.enabled",
                "Tls Absent spring.datasource.url",
            ]
        );
    }
}
