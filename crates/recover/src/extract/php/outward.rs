//! What PHP reaches: requests, stores, brokers, and what guards them.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Php, is_php, read};
use crate::extract::Extractor;
use crate::extract::javascript::module::last_of;
use crate::secret::masked;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "php-reaches",
    reads: is_php,
    sees: &[Aspect::Timeout, Aspect::TlsVerification, Aspect::HardcodedAddress],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |php| {
        let base = php
            .nodes
            .iter()
            .filter(|n| n.kind() == "array_creation_expression")
            .find_map(|n| php.key(*n, "base_uri"));
        let words = ["CURLOPT_TIMEOUT", "'timeout'", "\"timeout\"", "->timeout(", "RequestOptions::TIMEOUT"];
        let file = Whole {
            base: base.map(|b| php.value(b)),
            limited: words.iter().any(|w| php.text.contains(w)),
            guzzle: php.text.contains("GuzzleHttp"),
        };
        unchecked(php, out);
        for node in php.nodes.iter().copied() {
            if let Some((name, arguments)) = php.call(node) {
                store(php, node, name, &arguments, out);
                request(php, &file, node, name, &arguments, out);
            }
            parameter(php, node, out);
        }
    });
}

/// PDO, mysqli, Redis, MongoDB, AMQP.
fn store<'t>(php: &Php<'t>, node: Node<'t>, name: &str, arguments: &[Node<'t>], out: &mut Sightings) {
    let first = arguments.first().copied();
    let host = first.map(|f| php.value(f)).unwrap_or_default();
    let created = node.kind() == "object_creation_expression";
    let (technology, protocol, target) = match name {
        "PDO" if created => return data(node, dsn_technology(&host), "sql", &dsn(&host), out),
        "mysqli" if created => ("mysql", "sql", host),
        "mysqli_connect" => ("mysql", "sql", host),
        "pg_connect" | "pg_pconnect" => ("postgresql", "sql", dsn(&host.replace(' ', ";"))),
        "connect" | "pconnect" if php.text.contains("Redis(") => {
            let port = arguments.get(1).map(|p| format!(":{}", php.value(*p))).unwrap_or_default();
            ("redis", "redis", format!("{host}{port}"))
        }
        "Client" if created && php.text.contains("Predis\\") => ("redis", "redis", host),
        "Client" | "Manager" if created && php.text.contains("MongoDB\\") => ("mongodb", "mongodb", host),
        "AMQPStreamConnection" | "AMQPSSLConnection" if created => {
            let port = arguments.get(1).map(|p| format!(":{}", php.value(*p))).unwrap_or_default();
            ("rabbitmq", "amqp", format!("{host}{port}"))
        }
        "addServer" if php.text.contains("Memcached(") => ("memcached", "memcached", host),
        "basic_publish" | "basic_consume" | "queue_declare" => {
            if name != "queue_declare" {
                let kind = if name == "basic_publish" { ReachKind::Publish } else { ReachKind::Consume };
                let channel = if name == "basic_publish" {
                    arguments.get(2).or(arguments.get(1)).copied()
                } else {
                    first
                };
                let mut reach = Reach::new(kind, "", "amqp");
                reach.technology = Some("rabbitmq".to_owned());
                reach.channel = channel.map(|c| php.value(c));
                out.span(syntax::line(node), syntax::last_line(node), Seen::Reach(Box::new(reach)));
            }
            return;
        }
        _ => return,
    };
    data(node, Some(technology), protocol, &target, out);
}

fn data(node: Node<'_>, technology: Option<&str>, protocol: &'static str, target: &str, out: &mut Sightings) {
    let target = if target.starts_with('{') { "" } else { target };
    let kind = if protocol == "amqp" { ReachKind::Unknown } else { ReachKind::Data };
    let mut reach = Reach::new(kind, masked(target), protocol);
    reach.technology = technology.map(str::to_owned);
    out.span(syntax::line(node), syntax::last_line(node), Seen::Reach(Box::new(reach)));
}

fn dsn_technology(dsn: &str) -> Option<&'static str> {
    let dsn = dsn.strip_prefix("${").and_then(|d| d.split_once(':')).map_or(dsn, |(_, default)| default);
    match dsn.split(':').next().unwrap_or("") {
        "mysql" => Some("mysql"),
        "pgsql" => Some("postgresql"),
        "sqlsrv" | "dblib" => Some("sqlserver"),
        "sqlite" => Some("sqlite"),
        _ => None,
    }
}

/// `mysql:host=db;port=3306;dbname=shop` as `mysql://db:3306/shop`, also as the default of a placeholder.
fn dsn(text: &str) -> String {
    if let Some((key, default)) =
        text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).and_then(|t| t.split_once(':'))
    {
        return format!("${{{key}:{}}}", dsn(default));
    }
    if !text.contains("host=") {
        return text.to_owned();
    }
    let (scheme, rest) =
        text.split_once(':').filter(|(s, _)| !s.contains('=')).unwrap_or(("postgresql", text));
    let part = |name: &str| rest.split(';').find_map(|p| p.trim().strip_prefix(name)).map(str::to_owned);
    let scheme = if scheme == "pgsql" { "postgresql" } else { scheme };
    let port = part("port=").map(|p| format!(":{p}")).unwrap_or_default();
    let database = part("dbname=").map(|d| format!("/{d}")).unwrap_or_default();
    format!("{scheme}://{}{port}{database}", part("host=").unwrap_or_default())
}

/// A connection string handed to a container: `setParameter('dsn', getenv('X') ?: 'mysql:host=db')`.
fn parameter<'t>(php: &Php<'t>, node: Node<'t>, out: &mut Sightings) {
    let Some(("setParameter", arguments)) = php.call(node) else { return };
    let Some(value) = arguments.get(1).map(|v| php.value(*v)) else { return };
    if value.contains("host=") && dsn_technology(&value).is_some() {
        data(node, dsn_technology(&value), "sql", &dsn(&value), out);
    } else if value.contains("http://") || value.contains("https://") {
        let mut reach = Reach::new(ReachKind::Call, value, "http");
        reach.certain = false;
        out.span(syntax::line(node), syntax::last_line(node), Seen::Reach(Box::new(reach)));
    }
}

/// curl, Guzzle, Laravel's and Symfony's clients, streams.
fn request<'t>(
    php: &Php<'t>,
    file: &Whole,
    node: Node<'t>,
    name: &str,
    arguments: &[Node<'t>],
    out: &mut Sightings,
) {
    let object = syntax::field_text(node, "object", php.text)
        .or_else(|| syntax::field_text(node, "scope", php.text))
        .unwrap_or("");
    let client = {
        let lower = last_of(object).to_ascii_lowercase();
        lower.ends_with("client") || lower.ends_with("guzzle") || lower.ends_with("http")
    };
    let (library, method, address) = match name {
        "curl_init" if !arguments.is_empty() => ("curl", "GET".to_owned(), arguments[0]),
        "curl_setopt" if arguments.len() == 3 && php.of(arguments[1]) == "CURLOPT_URL" => {
            ("curl", "GET".to_owned(), arguments[2])
        }
        "file_get_contents" | "fopen" if !arguments.is_empty() && php.value(arguments[0]).contains("://") => {
            ("streams", "GET".to_owned(), arguments[0])
        }
        "request" | "requestAsync" if client && arguments.len() >= 2 => {
            ("client", php.value(arguments[0]), arguments[1])
        }
        "get" | "post" | "put" | "patch" | "delete"
            if client && !arguments.is_empty() && (object == "Http" || file.guzzle) =>
        {
            ("client", name.to_ascii_uppercase(), arguments[0])
        }
        _ => return,
    };
    let target = php.value(address);
    if target.starts_with("php://") || target.starts_with("data:") {
        return;
    }
    let target = match file.base.as_deref().filter(|_| !target.contains("://") && library == "client") {
        Some(base) => format!("{}/{}", base.trim_end_matches('/'), target.trim_start_matches('/')),
        None => target,
    };
    let line = syntax::line(node);
    let mut reach = Reach::new(ReachKind::Call, masked(&target), "http");
    reach.method = Some(method).filter(|m| m.chars().all(char::is_alphabetic));
    out.span(line, syntax::last_line(node), Seen::Reach(Box::new(reach)));
    let limited = file.limited;
    let (state, detail) = match (limited, library, object) {
        (true, ..) => (State::Present, "set in this file"),
        (_, _, "Http") => (State::Present, "Laravel's client gives up after 30 s by default"),
        (_, "streams", _) => (State::Present, "streams give up after 60 s by default"),
        (_, "curl", _) => (State::Absent, "curl waits for ever by default"),
        _ => (State::Absent, "no timeout in this file"),
    };
    out.practice(line, Aspect::Timeout, state, masked(&target), detail);
    if target.contains("://") && !target.contains("${") && !target.contains("://{") {
        out.practice(line, Aspect::HardcodedAddress, State::Present, masked(&target), "literal in code");
    }
}

/// What holds for every request of a file.
struct Whole {
    base: Option<String>,
    limited: bool,
    guzzle: bool,
}

/// Clients that accept any certificate.
fn unchecked(php: &Php<'_>, out: &mut Sightings) {
    for word in [
        "CURLOPT_SSL_VERIFYPEER, false",
        "CURLOPT_SSL_VERIFYPEER, 0",
        "CURLOPT_SSL_VERIFYPEER => false",
        "'verify' => false",
    ] {
        if let Some(at) = php.text.find(word) {
            let line = php.text.get(..at).map_or(1, |t| t.matches('\n').count() + 1);
            out.practice(line, Aspect::TlsVerification, State::Absent, word, "certificates are not checked");
        }
    }
}
