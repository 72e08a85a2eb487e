//! Whom a Rust process talks to: HTTP, gRPC, stores, brokers.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::contract::connection::{hidden, secrets};
use crate::extract::contract::touched::tables;
use crate::extract::rust::code::{Call, Code};
use crate::extract::rust::routes::METHODS;
use crate::sighting::{Reach, ReachKind, Seen, TableSeen};
use crate::source::Sightings;
use crate::syntax;

/// Calls that open a connection: end of the path, name, technology, protocol, kind.
const OPENED: &[(&str, &str, &str, &str, ReachKind)] = &[
    ("PgPool", "connect", "postgresql", "sql", ReachKind::Data),
    ("PgPool", "connect_lazy", "postgresql", "sql", ReachKind::Data),
    ("PgConnection", "connect", "postgresql", "sql", ReachKind::Data),
    ("PgConnection", "establish", "postgresql", "sql", ReachKind::Data),
    ("AsyncPgConnection", "establish", "postgresql", "sql", ReachKind::Data),
    ("tokio_postgres", "connect", "postgresql", "sql", ReachKind::Data),
    ("PgConnectOptions", "from_str", "postgresql", "sql", ReachKind::Data),
    ("MySqlPool", "connect", "mysql", "sql", ReachKind::Data),
    ("MySqlConnection", "connect", "mysql", "sql", ReachKind::Data),
    ("MysqlConnection", "establish", "mysql", "sql", ReachKind::Data),
    ("Database", "connect", "", "sql", ReachKind::Data),
    ("AnyPool", "connect", "", "sql", ReachKind::Data),
    ("ConnectOptions", "new", "", "sql", ReachKind::Data),
    ("Client", "with_uri_str", "mongodb", "mongodb", ReachKind::Data),
    ("ClientOptions", "parse", "mongodb", "mongodb", ReachKind::Data),
    ("redis::Client", "open", "redis", "redis", ReachKind::Data),
    ("Client", "open", "redis", "redis", ReachKind::Data),
    ("RedisConnectionManager", "new", "redis", "redis", ReachKind::Data),
    ("Transport", "single_node", "elasticsearch", "http", ReachKind::Data),
    ("lapin::Connection", "connect", "rabbitmq", "amqp", ReachKind::Unknown),
    ("async_nats", "connect", "nats", "nats", ReachKind::Unknown),
    ("nats", "connect", "nats", "nats", ReachKind::Unknown),
];

/// Reads clients.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    for call in &code.calls {
        opened(code, call, out);
        pooled(code, call, out);
        requested(code, call, out);
        client(code, call, out);
        messages(code, call, out);
        bounds(code, call, out);
    }
    for node in syntax::descendants(code.root) {
        if matches!(node.kind(), "string_literal" | "raw_string_literal") {
            let text = code.value(node);
            if text.contains("://") {
                secrets(&text, syntax::line(node), out);
            }
            for (table, writes) in tables(&text) {
                out.add(syntax::line(node), Seen::Table(TableSeen { table, writes }));
            }
        }
    }
}

/// What is known of an address; empty when nothing is.
fn known(value: &str) -> String {
    let bare = value.replace("${", "");
    if bare.split("://").last().is_some_and(|r| r.starts_with('{')) {
        String::new()
    } else {
        value.to_owned()
    }
}

fn add(call: &Call<'_, '_>, reach: Reach, out: &mut Sightings) {
    out.span(syntax::line(call.node), syntax::last_line(call.node), Seen::Reach(Box::new(reach)));
}

fn opened<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let found = OPENED.iter().find(|(path, name, ..)| {
        *name == call.name
            && call.receiver.is_none()
            && (call.path == *path || call.path.ends_with(&format!("::{path}")))
    });
    let lapin = call.name == "connect" && call.path == "Connection" && code.source.text.contains("lapin");
    let (technology, protocol, kind) = match found {
        Some((_, _, technology, protocol, kind)) => (*technology, *protocol, *kind),
        None if lapin => ("rabbitmq", "amqp", ReachKind::Unknown),
        None if call.name.starts_with("connect")
            && call.path.ends_with("Client")
            && call.receiver.is_none() =>
        {
            ("", "grpc", ReachKind::Call)
        }
        None => return,
    };
    // `Client::open` is of any crate; with redis in sight it is of that one.
    if technology == "redis" && !code.source.text.contains("redis") {
        return;
    }
    let Some(address) = call.arguments.first() else { return };
    let mut reach = Reach::new(kind, hidden(&known(&code.value(*address))), protocol);
    reach.technology = (!technology.is_empty()).then(|| technology.to_owned());
    if protocol == "grpc" {
        let detail = "a tonic channel waits for ever unless its endpoint has a timeout";
        out.practice(call.line(), Aspect::Timeout, State::Absent, call.path, detail);
    }
    add(call, reach, out);
}

/// `PgPoolOptions::new().max_connections(5).connect(&url)`.
fn pooled<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    if !matches!(call.name, "connect" | "connect_with" | "connect_lazy" | "connect_lazy_with") {
        return;
    }
    let (chain, _) = code.chain(call.node);
    let Some(first) = chain.last().filter(|c| c.path.ends_with("PoolOptions")) else { return };
    let technology = match first.path.rsplit("::").next().unwrap_or("") {
        "PgPoolOptions" => "postgresql",
        "MySqlPoolOptions" => "mysql",
        _ => return,
    };
    let mut reach = Reach::new(ReachKind::Data, String::new(), "sql");
    reach.target = call.arguments.first().map(|a| hidden(&known(&code.value(*a)))).unwrap_or_default();
    reach.technology = Some(technology.to_owned());
    add(call, reach, out);
    let bound = chain.iter().find(|c| c.name == "max_connections").and_then(|c| c.arguments.first());
    let detail = bound.map_or_else(|| "10 by default".to_owned(), |b| code.value(*b));
    out.practice(first.line(), Aspect::ConnectionPool, State::Present, technology, detail);
}

/// `client.get("http://orders/x").send()`, `reqwest::get(url)`.
fn requested<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let owner = call.receiver.map_or(call.path, |r| code.text(r)).to_ascii_lowercase();
    let is_client =
        ["client", "http", "reqwest", "ureq", "surf", "awc", "agent"].iter().any(|w| owner.contains(w));
    let method = if call.name == "request" {
        call.arguments.first().map(|m| code.text(*m).rsplit("::").next().unwrap_or("").to_ascii_lowercase())
    } else {
        METHODS.contains(&call.name).then(|| call.name.to_owned())
    };
    let (Some(method), true) = (method, is_client) else { return };
    let at = usize::from(call.name == "request");
    let Some(address) = call.arguments.get(at) else { return };
    let value = code.value(*address);
    if !(value.contains("://") || value.starts_with("${")) {
        return;
    }
    let mut reach = Reach::new(ReachKind::Call, known(&value), "http");
    if reach.target.is_empty() {
        return;
    }
    reach.method = Some(method.to_ascii_uppercase());
    let statement =
        syntax::ancestor(call.node, &["let_declaration", "expression_statement"]).unwrap_or(call.node);
    reach.timeout_ms = duration(code.text(statement));
    if let Some(ms) = reach.timeout_ms {
        out.practice(call.line(), Aspect::Timeout, State::Present, reach.target.clone(), format!("{ms} ms"));
    }
    if in_loop(call.node) {
        out.practice(call.line(), Aspect::CallInLoop, State::Present, reach.target.clone(), "inside a loop");
    }
    let host = value.split("://").nth(1).and_then(|r| r.split(['/', ':']).next()).unwrap_or("");
    if host == "localhost"
        || host.split('.').count() == 4 && host.chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        out.practice(
            call.line(),
            Aspect::HardcodedAddress,
            State::Present,
            value.clone(),
            "a literal in code",
        );
    }
    add(call, reach, out);
}

fn in_loop(node: Node<'_>) -> bool {
    let mut at = node;
    while let Some(parent) = at.parent() {
        match parent.kind() {
            "for_expression" if syntax::field(parent, "body") == Some(at) => return true,
            "function_item" => return false,
            _ => {}
        }
        at = parent;
    }
    false
}

/// Milliseconds of the timeout in a chain: `.timeout(Duration::from_secs(5))`.
fn duration(text: &str) -> Option<f64> {
    let rest = text.split_once(".timeout(")?.1;
    let rest = rest.split_once("Duration::from_")?.1;
    let (unit, rest) = rest.split_once('(')?;
    let number: f64 = rest.split(')').next()?.trim().replace('_', "").parse().ok()?;
    match unit {
        "secs" | "secs_f64" => Some(number * 1000.0),
        "millis" => Some(number),
        _ => None,
    }
}

/// A client of HTTP and what bounds its calls.
fn client(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let line = call.line();
    let of_reqwest = call.path == "reqwest::Client"
        || call.path == "reqwest"
        || matches!(call.path, "Client" | "ClientBuilder" | "reqwest::ClientBuilder")
            && code.source.text.contains("reqwest");
    if call.receiver.is_none() && of_reqwest && matches!(call.name, "new" | "builder" | "get" | "default") {
        let statement = syntax::ancestor(
            call.node,
            &["let_declaration", "expression_statement", "field_initializer", "function_item"],
        );
        let whole = statement.map_or("", |s| code.text(s));
        let bound = duration(whole);
        match bound {
            Some(ms) => out.practice(line, Aspect::Timeout, State::Present, "reqwest", format!("{ms} ms")),
            None if whole.contains(".timeout(") => {
                out.practice(line, Aspect::Timeout, State::Present, "reqwest", "set");
            }
            None => out.practice(
                line,
                Aspect::Timeout,
                State::Absent,
                "reqwest",
                "reqwest waits for ever by default",
            ),
        }
    }
    let argument = call.arguments.first().map(|a| code.text(*a));
    if call.name.starts_with("danger_accept_invalid") && argument == Some("true") {
        out.practice(line, Aspect::TlsVerification, State::Absent, call.name, "any certificate is accepted");
    }
}

/// Kafka, RabbitMQ and NATS.
fn messages<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let text = |at: usize| {
        call.arguments.get(at).map(|a| code.value(*a)).filter(|v| !v.contains('{') || v.contains("${"))
    };
    let kafka = code.source.text.contains("rdkafka") || code.source.text.contains("kafka");
    let (kind, technology, protocol, channel) = match call.name {
        "set" if kafka && text(0).as_deref() == Some("bootstrap.servers") => {
            let mut reach =
                Reach::new(ReachKind::Unknown, text(1).map(|t| known(&t)).unwrap_or_default(), "kafka");
            reach.technology = Some("kafka".to_owned());
            add(call, reach, out);
            return;
        }
        "to" if call.path.ends_with("Record") => (ReachKind::Publish, "kafka", "kafka", text(0)),
        "subscribe" if kafka => {
            let list = call.arguments.first().map(|a| code.text(*a)).unwrap_or("");
            let topic = list.split('"').nth(1).map(str::to_owned);
            (ReachKind::Consume, "kafka", "kafka", topic)
        }
        "basic_publish" => {
            (ReachKind::Publish, "rabbitmq", "amqp", text(0).filter(|t| !t.is_empty()).or_else(|| text(1)))
        }
        "basic_consume" => (ReachKind::Consume, "rabbitmq", "amqp", text(0)),
        "publish" if code.source.text.contains("nats") => (ReachKind::Publish, "nats", "nats", text(0)),
        "subscribe" | "queue_subscribe" if code.source.text.contains("nats") => {
            (ReachKind::Consume, "nats", "nats", text(0))
        }
        _ => return,
    };
    let mut reach = Reach::new(kind, String::new(), protocol);
    reach.technology = Some(technology.to_owned());
    reach.channel = channel;
    if call.name == "basic_consume" {
        let qos = code.source.text.contains("basic_qos");
        let state = if qos { State::Present } else { State::Absent };
        out.practice(call.line(), Aspect::Backpressure, state, "prefetch", "basic_qos");
        let dead = code.source.text.contains("x-dead-letter-exchange");
        let state = if dead { State::Present } else { State::Absent };
        out.practice(call.line(), Aspect::DeadLetter, state, "queue", "x-dead-letter-exchange");
    }
    add(call, reach, out);
}

fn bounds(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    match call.name {
        "unbounded_channel" | "unbounded" => {
            out.practice(call.line(), Aspect::Backpressure, State::Absent, "channel", code.text(call.node));
        }
        "channel" if call.path.ends_with("mpsc") && call.arguments.len() == 1 => {
            out.practice(call.line(), Aspect::Backpressure, State::Present, "channel", code.text(call.node));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn targets_follow_the_environment() {
        let text = "const HOST: &str = \"orders:8080\";\nasync fn run() {\n let url = std::env::var(\"DATABASE_URL\").unwrap_or_else(|_| \"postgres://db/shop\".to_string());\n let pool = PgPoolOptions::new().max_connections(5).connect(&url).await?;\n let client = reqwest::Client::new();\n client.get(format!(\"http://{}/orders/{id}\", HOST)).send().await?;\n let cache = redis::Client::open(\"redis://cache/\")?;\n sqlx::query(\"UPDATE carts SET a = 1\").execute(&pool).await?;\n}\n";
        let seen = see("src/main.rs", text);
        assert_eq!(
            reaches(&seen),
            [
                "Data ${DATABASE_URL:postgres://db/shop}",
                "Call http://orders:8080/orders/{id}",
                "Data redis://cache/"
            ]
        );
        let found = practices(&seen);
        assert!(found.contains(&"Timeout Absent reqwest".to_owned()), "{found:?}");
        assert!(found.contains(&"ConnectionPool Present postgresql".to_owned()), "{found:?}");
    }
}
