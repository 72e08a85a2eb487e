//! Stores and brokers: database/sql and its mappers, pgx, MongoDB, Redis, search, Kafka, RabbitMQ, NATS; tables of
//! statements, and what becomes of messages.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::go::code::Code;
use crate::extract::go::is_go;
use crate::extract::python::sql;
use crate::secret;
use crate::sighting::{PracticeSeen, Reach, ReachKind, Seen, TableSeen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads stores and brokers.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "go-store",
    reads: is_go,
    sees: &[
        Aspect::ConnectionPool,
        Aspect::DurableStorage,
        Aspect::DeadLetter,
        Aspect::ConsumerIdempotency,
        Aspect::Backpressure,
    ],
    extract,
};

/// Where a call has its address.
#[derive(Clone, Copy)]
enum At {
    /// A plain argument.
    Arg(usize),
    /// A key of a literal of options.
    Key(&'static str),
    /// The first argument names the driver, the second is the address.
    Driver,
}

/// Calls that connect: import path and name, technology, protocol, kind, address.
const CONNECTS: &[(&str, &str, &str, ReachKind, At)] = &[
    ("database/sql.Open", "", "sql", ReachKind::Data, At::Driver),
    ("github.com/jmoiron/sqlx.Open", "", "sql", ReachKind::Data, At::Driver),
    ("github.com/jmoiron/sqlx.Connect", "", "sql", ReachKind::Data, At::Driver),
    ("github.com/jmoiron/sqlx.MustConnect", "", "sql", ReachKind::Data, At::Driver),
    ("github.com/jinzhu/gorm.Open", "", "sql", ReachKind::Data, At::Driver),
    ("gorm.io/driver/postgres.Open", "postgresql", "sql", ReachKind::Data, At::Arg(0)),
    ("gorm.io/driver/mysql.Open", "mysql", "sql", ReachKind::Data, At::Arg(0)),
    ("gorm.io/driver/sqlserver.Open", "sqlserver", "sql", ReachKind::Data, At::Arg(0)),
    ("gorm.io/driver/sqlite.Open", "sqlite", "sql", ReachKind::Data, At::Arg(0)),
    ("gorm.io/driver/clickhouse.Open", "clickhouse", "sql", ReachKind::Data, At::Arg(0)),
    ("github.com/jackc/pgx.Connect", "postgresql", "sql", ReachKind::Data, At::Arg(1)),
    ("github.com/jackc/pgx/pgxpool.New", "postgresql", "sql", ReachKind::Data, At::Arg(1)),
    ("github.com/jackc/pgx/pgxpool.Connect", "postgresql", "sql", ReachKind::Data, At::Arg(1)),
    ("github.com/jackc/pgx/pgxpool.ParseConfig", "postgresql", "sql", ReachKind::Data, At::Arg(0)),
    ("github.com/go-pg/pg.Connect", "postgresql", "sql", ReachKind::Data, At::Key("Addr")),
    ("gopkg.in/mgo.v2.Dial", "mongodb", "mongodb", ReachKind::Data, At::Arg(0)),
    ("github.com/globalsign/mgo.Dial", "mongodb", "mongodb", ReachKind::Data, At::Arg(0)),
    ("github.com/go-redis/redis.NewClient", "redis", "redis", ReachKind::Data, At::Key("Addr")),
    ("github.com/redis/go-redis.NewClient", "redis", "redis", ReachKind::Data, At::Key("Addr")),
    ("github.com/redis/go-redis.NewClusterClient", "redis", "redis", ReachKind::Data, At::Key("Addrs")),
    ("github.com/redis/go-redis.NewUniversalClient", "redis", "redis", ReachKind::Data, At::Key("Addrs")),
    ("github.com/redis/go-redis.ParseURL", "redis", "redis", ReachKind::Data, At::Arg(0)),
    ("github.com/go-redis/redis.ParseURL", "redis", "redis", ReachKind::Data, At::Arg(0)),
    ("github.com/gomodule/redigo/redis.Dial", "redis", "redis", ReachKind::Data, At::Arg(1)),
    ("github.com/gomodule/redigo/redis.DialURL", "redis", "redis", ReachKind::Data, At::Arg(0)),
    ("github.com/bradfitz/gomemcache/memcache.New", "memcached", "memcached", ReachKind::Data, At::Arg(0)),
    (
        "github.com/elastic/go-elasticsearch.NewClient",
        "elasticsearch",
        "http",
        ReachKind::Data,
        At::Key("Addresses"),
    ),
    (
        "github.com/opensearch-project/opensearch-go.NewClient",
        "opensearch",
        "http",
        ReachKind::Data,
        At::Key("Addresses"),
    ),
    (
        "github.com/opensearch-project/opensearch-go/opensearchapi.NewClient",
        "opensearch",
        "http",
        ReachKind::Data,
        At::Key("Addresses"),
    ),
    ("github.com/olivere/elastic.SetURL", "elasticsearch", "http", ReachKind::Data, At::Arg(0)),
    ("github.com/gocql/gocql.NewCluster", "cassandra", "cassandra", ReachKind::Data, At::Arg(0)),
    ("github.com/neo4j/neo4j-go-driver/neo4j.NewDriver", "neo4j", "bolt", ReachKind::Data, At::Arg(0)),
    ("github.com/minio/minio-go.New", "minio", "http", ReachKind::Data, At::Arg(0)),
    ("github.com/aws/aws-sdk-go/service/s3.New", "s3", "https", ReachKind::Data, At::Key("")),
    ("github.com/aws/aws-sdk-go-v2/service/s3.NewFromConfig", "s3", "https", ReachKind::Data, At::Key("")),
    ("github.com/aws/aws-sdk-go/service/dynamodb.New", "dynamodb", "https", ReachKind::Data, At::Key("")),
    (
        "github.com/aws/aws-sdk-go-v2/service/dynamodb.NewFromConfig",
        "dynamodb",
        "https",
        ReachKind::Data,
        At::Key(""),
    ),
    ("cloud.google.com/go/storage.NewClient", "gcs", "https", ReachKind::Data, At::Key("")),
    ("cloud.google.com/go/firestore.NewClient", "firestore", "https", ReachKind::Data, At::Key("")),
    ("github.com/Shopify/sarama.NewSyncProducer", "kafka", "kafka", ReachKind::Publish, At::Arg(0)),
    ("github.com/Shopify/sarama.NewAsyncProducer", "kafka", "kafka", ReachKind::Publish, At::Arg(0)),
    ("github.com/Shopify/sarama.NewConsumer", "kafka", "kafka", ReachKind::Consume, At::Arg(0)),
    ("github.com/Shopify/sarama.NewConsumerGroup", "kafka", "kafka", ReachKind::Consume, At::Arg(0)),
    ("github.com/IBM/sarama.NewSyncProducer", "kafka", "kafka", ReachKind::Publish, At::Arg(0)),
    ("github.com/IBM/sarama.NewAsyncProducer", "kafka", "kafka", ReachKind::Publish, At::Arg(0)),
    ("github.com/IBM/sarama.NewConsumer", "kafka", "kafka", ReachKind::Consume, At::Arg(0)),
    ("github.com/IBM/sarama.NewConsumerGroup", "kafka", "kafka", ReachKind::Consume, At::Arg(0)),
    ("github.com/segmentio/kafka-go.NewReader", "kafka", "kafka", ReachKind::Consume, At::Key("Brokers")),
    ("github.com/segmentio/kafka-go.NewWriter", "kafka", "kafka", ReachKind::Publish, At::Key("Brokers")),
    (
        "github.com/confluentinc/confluent-kafka-go/kafka.NewProducer",
        "kafka",
        "kafka",
        ReachKind::Publish,
        At::Key("\"bootstrap.servers\""),
    ),
    (
        "github.com/confluentinc/confluent-kafka-go/kafka.NewConsumer",
        "kafka",
        "kafka",
        ReachKind::Consume,
        At::Key("\"bootstrap.servers\""),
    ),
];

/// Connections whose direction the methods of the file tell.
const BROKERS: &[(&str, &str, &str)] = &[
    ("github.com/streadway/amqp.Dial", "rabbitmq", "amqp"),
    ("github.com/streadway/amqp.DialConfig", "rabbitmq", "amqp"),
    ("github.com/rabbitmq/amqp091-go.Dial", "rabbitmq", "amqp"),
    ("github.com/rabbitmq/amqp091-go.DialConfig", "rabbitmq", "amqp"),
    ("github.com/nats-io/nats.go.Connect", "nats", "nats"),
    ("github.com/nats-io/stan.go.Connect", "nats", "nats"),
];

static STATEMENTS: &[&str] = &[
    "Exec",
    "Query",
    "QueryRow",
    "ExecContext",
    "QueryContext",
    "QueryRowContext",
    "Get",
    "Select",
    "GetContext",
    "SelectContext",
    "NamedExec",
    "Prepare",
    "PrepareContext",
    "MustExec",
    "Raw",
    "Queryx",
    "QueryRowx",
    "NamedQuery",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for call in code.calls() {
        let callee = unversioned(&code.callee(call));
        if let Some((_, technology, protocol, kind, at)) = CONNECTS.iter().find(|(c, ..)| *c == callee) {
            connect(source, &code, call, (technology, protocol, *kind, *at), out);
        } else if callee.ends_with(".ApplyURI") {
            let url = code.arg(call, 0).and_then(|a| code.value(a)).unwrap_or_default();
            add(call, ReachKind::Data, &url, "mongodb", "mongodb", None, out);
        }
        if let Some((_, "SetMaxOpenConns" | "SetMaxIdleConns")) = code.method(call) {
            let size = code.arg(call, 0).and_then(|a| code.value(a)).unwrap_or_default();
            out.practice(syntax::line(call), Aspect::ConnectionPool, State::Present, "sql", size);
        }
        statement(&code, call, out);
    }
    brokers(&code, out);
    writers(&code, out);
}

/// Packages of drivers, with their technology.
const DRIVERS: &[(&str, &str)] = &[
    ("github.com/lib/pq", "postgresql"),
    ("github.com/jackc/pgx", "postgresql"),
    ("github.com/jinzhu/gorm/dialects/postgres", "postgresql"),
    ("github.com/go-sql-driver/mysql", "mysql"),
    ("github.com/jinzhu/gorm/dialects/mysql", "mysql"),
    ("github.com/mattn/go-sqlite3", "sqlite"),
    ("github.com/denisenkom/go-mssqldb", "sqlserver"),
    ("github.com/microsoft/go-mssqldb", "sqlserver"),
];

/// The technology of the one driver that a file imports.
fn by_import(code: &Code) -> &'static str {
    let mut found = DRIVERS.iter().filter(|(path, _)| code.uses(path)).map(|(_, t)| *t);
    match (found.next(), found.next()) {
        (Some(one), None) => one,
        _ => "",
    }
}

/// An import path without the version in it.
fn unversioned(callee: &str) -> String {
    static VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"/v\d+([/.])").expect("the pattern is fixed"));
    VERSION.replace_all(callee, "$1").into_owned()
}

fn add(
    at: Node<'_>,
    kind: ReachKind,
    target: &str,
    technology: &str,
    protocol: &'static str,
    channel: Option<String>,
    out: &mut Sightings,
) {
    let unknown = host_of(target).starts_with('{');
    let target = if unknown { String::new() } else { secret::masked(target) };
    let mut reach = Reach::new(kind, target, protocol);
    reach.certain = !reach.target.is_empty();
    reach.technology = Some(technology.to_owned()).filter(|t| !t.is_empty());
    reach.channel = channel.filter(|c| !c.is_empty() && !c.starts_with('{'));
    out.span(syntax::line(at), syntax::last_line(at), Seen::Reach(Box::new(reach)));
}

fn connect(
    source: &Source<'_>,
    code: &Code,
    call: Node<'_>,
    (technology, protocol, kind, at): (&str, &'static str, ReachKind, At),
    out: &mut Sightings,
) {
    let text = |n: Option<Node<'_>>| n.and_then(|n| code.value(n)).unwrap_or_default();
    let mut technology = technology.to_owned();
    let mut topic = None;
    let address = match at {
        At::Arg(i) => text(code.arg(call, i)),
        At::Driver => {
            let driver = text(code.arg(call, 0));
            technology = match driver.as_str() {
                d if d.starts_with("postgres") || d == "pgx" || d == "cloudsqlpostgres" => "postgresql",
                "mysql" => "mysql",
                d if d.starts_with("sqlite") => "sqlite",
                "sqlserver" | "mssql" => "sqlserver",
                "clickhouse" => "clickhouse",
                // the driver is a variable: the packages imported for it tell
                _ => by_import(code),
            }
            .to_owned();
            text(code.arg(call, 1))
        }
        At::Key(key) => {
            let literal = code.args(call).into_iter().find_map(|a| code.composite(a));
            topic = literal.and_then(|l| code.keyed(l, "Topic")).and_then(|t| code.value(t));
            text(literal.and_then(|l| code.keyed(l, key)))
        }
    };
    if technology == "sqlite" {
        out.practice(
            syntax::line(call),
            Aspect::DurableStorage,
            State::Absent,
            "sqlite",
            "a SQLite database beside the code",
        );
        return;
    }
    let address = dsn(&address, &technology);
    if technology.is_empty() {
        technology = source.signs.scheme(&address).map(|s| s.technology.to_string()).unwrap_or_default();
    }
    add(call, kind, &address, &technology, protocol, topic, out);
    if kind == ReachKind::Consume {
        dead(code, call, &technology, out);
    }
}

static HOST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(host|server)=([^\s;]+)").expect("the pattern is fixed"));
static PORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bport=([^\s;]+)").expect("the pattern is fixed"));
static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(dbname|database)=([^\s;]+)").expect("the pattern is fixed"));
static TCP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"@(?:tcp)?\(([^)]*)\)/([^?]*)").expect("the pattern is fixed"));

/// A connection string of a driver as an address: `user:pw@tcp(db:3306)/shop`, `host=db port=5432 dbname=shop`.
fn dsn(text: &str, technology: &str) -> String {
    if text.contains("://") {
        return text.to_owned();
    }
    let scheme = if technology.is_empty() { "sql" } else { technology };
    if let Some(found) = TCP.captures(text) {
        let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
        let host = part(1);
        return if host.starts_with('{') { String::new() } else { format!("{scheme}://{host}/{}", part(2)) };
    }
    let Some(host) = HOST.captures(text).and_then(|c| c.get(2)).map(|m| m.as_str()) else {
        // settings of a driver without a host say nothing about whom it reaches
        return if text.contains("dbname=") || text.contains("user=") {
            String::new()
        } else {
            text.to_owned()
        };
    };
    if host.starts_with('{') {
        return String::new();
    }
    let port =
        PORT.captures(text).and_then(|c| c.get(1)).map(|m| format!(":{}", m.as_str())).unwrap_or_default();
    let name =
        NAME.captures(text).and_then(|c| c.get(2)).map(|m| format!("/{}", m.as_str())).unwrap_or_default();
    format!("{scheme}://{host}{port}{name}")
}

/// RabbitMQ and NATS: the methods of the file tell who publishes and who consumes.
fn brokers(code: &Code, out: &mut Sightings) {
    let known = [
        ("rabbitmq", "amqp", "github.com/streadway/amqp"),
        ("rabbitmq", "amqp", "github.com/rabbitmq/amqp091-go"),
        ("nats", "nats", "github.com/nats-io"),
    ];
    for (technology, protocol, path) in known {
        if !code.uses(path) {
            continue;
        }
        let connection = code.calls().find(|c| {
            let callee = unversioned(&code.callee(*c));
            BROKERS.iter().any(|(b, t, _)| *b == callee && *t == technology)
        });
        let target = connection.map(|c| address(code, c)).unwrap_or_default();
        let mut found = false;
        for call in code.calls() {
            let Some((_, method)) = code.method(call) else { continue };
            let text = |i: usize| code.arg(call, i).and_then(|a| code.value(a)).unwrap_or_default();
            let count = code.args(call).len();
            let (kind, channel) = match (technology, method) {
                ("rabbitmq", "Publish") if count >= 4 => (ReachKind::Publish, pick(&text(1), &text(0))),
                ("rabbitmq", "PublishWithContext") if count >= 5 => {
                    (ReachKind::Publish, pick(&text(2), &text(1)))
                }
                ("rabbitmq", "Consume") if count >= 6 => (ReachKind::Consume, text(0)),
                ("nats", "Publish" | "Request" | "PublishMsg" | "RequestWithContext") => {
                    (ReachKind::Publish, text(0))
                }
                (
                    "nats",
                    "Subscribe" | "QueueSubscribe" | "SubscribeSync" | "PullSubscribe" | "ChanSubscribe",
                ) => (ReachKind::Consume, text(0)),
                _ => continue,
            };
            found = true;
            add(call, kind, &target, technology, protocol, Some(channel), out);
            if kind == ReachKind::Consume {
                consumer(code, call, technology, out);
            }
        }
        if let Some(connection) = connection.filter(|_| !found) {
            add(connection, ReachKind::Unknown, &target, technology, protocol, None, out);
        }
    }
}

/// The host of an address, without the account.
fn host_of(target: &str) -> &str {
    let after = target.split_once("://").map_or(target, |(_, rest)| rest);
    let host = after.split('/').next().unwrap_or(after);
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// The first text, or the second when it is empty.
fn pick(first: &str, second: &str) -> String {
    if first.is_empty() { second.to_owned() } else { first.to_owned() }
}

/// The address of a connection: through a parameter, what the file's calls hand over.
fn address(code: &Code, call: Node<'_>) -> String {
    let mut value = code.arg(call, 0).and_then(|a| code.value(a)).unwrap_or_default();
    let mut at = call;
    // a function that connects, called by one that hands the address on
    for _ in 0..3 {
        let Some(name) = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).map(str::to_owned) else {
            break;
        };
        let Some(function) = code.declared(at) else { break };
        let Some(position) = code.parameters(function).iter().position(|(p, _)| *p == name) else { break };
        let own = code.field(function, "name");
        let outer = code.calls().find(|c| code.callee(*c).rsplit('.').next() == Some(own));
        let Some(outer) = outer else { break };
        value = code.arg(outer, position).and_then(|a| code.value(a)).unwrap_or_default();
        at = outer;
    }
    value
}

/// `&kafka.Writer{Addr: kafka.TCP("..."), Topic: "..."}` and messages of sarama.
fn writers(code: &Code, out: &mut Sightings) {
    for literal in syntax::of_kind(code.root(), "composite_literal") {
        let kind = code.field(literal, "type");
        let text = |key: &str| code.keyed(literal, key).and_then(|n| code.value(n)).unwrap_or_default();
        match kind {
            "kafka.Writer" => {
                add(literal, ReachKind::Publish, &text("Addr"), "kafka", "kafka", Some(text("Topic")), out);
            }
            "sarama.ProducerMessage" => {
                add(literal, ReachKind::Publish, "", "kafka", "kafka", Some(text("Topic")), out);
            }
            _ => {}
        }
    }
}

fn dead(code: &Code, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let lower = code.text.to_ascii_lowercase();
    let has = ["dlq", "dead_letter", "deadletter", "dead-letter"].iter().any(|w| lower.contains(w));
    let (state, detail) = if has {
        (State::Present, "a place for failed messages")
    } else {
        (State::Absent, "no place for messages that fail")
    };
    out.practice(syntax::line(call), Aspect::DeadLetter, state, subject, detail);
}

/// What becomes of messages that fail or come twice, and how many come at once.
fn consumer(code: &Code, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let line = syntax::line(call);
    if subject == "rabbitmq" {
        let auto = code.arg(call, 2).is_some_and(|a| code.text_of(a) == "true");
        if auto {
            out.practice(
                line,
                Aspect::DeadLetter,
                State::Absent,
                subject,
                "messages are acknowledged before they are handled",
            );
        } else {
            dead(code, call, subject, out);
        }
        let bounded = code.calls().any(|c| code.method(c).is_some_and(|(_, m)| m == "Qos"));
        let (state, detail) = if bounded {
            (State::Present, "a prefetch count")
        } else {
            (State::Absent, "no prefetch count: the broker sends everything it has")
        };
        out.practice(line, Aspect::Backpressure, state, subject, detail);
    }
    let Some(function) = code.around(call) else { return };
    let inner = syntax::of_kind(function, "go_statement").find(|g| {
        syntax::line(*g) > line
            && syntax::ancestor(*g, &["for_statement"])
                .is_some_and(|f| function.byte_range().contains(&f.start_byte()))
    });
    if let Some(go) = inner {
        let detail = "a goroutine for each message, without bound";
        out.practice(syntax::line(go), Aspect::Backpressure, State::Absent, subject, detail);
    }
    let lower = code.text_of(function).to_ascii_lowercase();
    let guarded = ["idempot", "already", "processed", "dedup", "on conflict", "upsert", "exists"]
        .iter()
        .any(|w| lower.contains(w));
    let (state, detail) = if guarded {
        (State::Present, "remembers what it has handled")
    } else {
        (State::Absent, "nothing remembers a message that came before")
    };
    let seen = PracticeSeen {
        of: None,
        aspect: Aspect::ConsumerIdempotency,
        state,
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    out.span(line, syntax::last_line(function), Seen::Practice(seen));
}

fn statement(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let Some((_, method)) = code.method(call) else { return };
    if method == "Collection" && code.uses("go.mongodb.org/mongo-driver") {
        if let Some(table) = code.arg(call, 0).and_then(|a| code.literal(a)) {
            let function = code.declared(call).map_or("", |f| code.text_of(f));
            let writes = [
                "InsertOne",
                "InsertMany",
                "UpdateOne",
                "UpdateMany",
                "DeleteOne",
                "ReplaceOne",
                "FindOneAndUpdate",
            ]
            .iter()
            .any(|w| function.contains(w));
            out.add(syntax::line(call), Seen::Table(TableSeen { table, writes }));
        }
        return;
    }
    if !STATEMENTS.contains(&method) {
        return;
    }
    for argument in code.args(call).into_iter().take(3) {
        for (table, writes) in code.value(argument).map(|t| sql::tables(&t)).unwrap_or_default() {
            out.add(syntax::line(call), Seen::Table(TableSeen { table, writes }));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn connections_of_drivers() {
        let text = "package a\nimport (\n\"os\"\n\"fmt\"\n\"database/sql\"\n\"gorm.io/driver/mysql\"\n\"github.com/redis/go-redis/v9\"\n\"go.mongodb.org/mongo-driver/mongo/options\"\n\"github.com/segmentio/kafka-go\"\n)\nfunc a(cfg Config) {\n sql.Open(\"postgres\", fmt.Sprintf(\"host=%s port=5432 dbname=shop password=%s\", os.Getenv(\"DB_HOST\"), os.Getenv(\"P\")))\n mysql.Open(\"root:secretpw@tcp(db:3306)/shop?x=1\")\n redis.NewClient(&redis.Options{Addr: \"cache:6379\"})\n options.Client().ApplyURI(os.Getenv(\"MONGO_URL\"))\n w := &kafka.Writer{Addr: kafka.TCP(\"kafka:9092\"), Topic: \"orders\"}\n}\n";
        assert_eq!(
            reaches(&see("svc/a.go", text)),
            [
                "Unknown ${DB_HOST}",
                "Unknown ${MONGO_URL}",
                "Data postgresql://${DB_HOST}:5432/shop",
                "Data mysql://db:3306/shop",
                "Data cache:6379",
                "Data ${MONGO_URL}",
                "Publish kafka:9092"
            ]
        );
    }

    #[test]
    fn consumers_of_rabbitmq() {
        let text = "package main\nimport (\n\"fmt\"\n\"os\"\n\"github.com/streadway/amqp\"\n)\nvar uri string\nvar ch *amqp.Channel\nfunc connect(u string) *amqp.Connection {\n conn, _ := amqp.Dial(u)\n return conn\n}\nfunc keep(u string) {\n connect(u)\n}\nfunc main() {\n host, ok := os.LookupEnv(\"AMQP_HOST\")\n if !ok {\n  host = \"rabbitmq\"\n }\n uri = fmt.Sprintf(\"amqp://guest:guest@%s:5672/\", host)\n go keep(uri)\n msgs, _ := ch.Consume(\"orders\", \"\", true, false, false, false, nil)\n for d := range msgs {\n  go handle(d)\n }\n}\n";
        let seen = see("svc/main.go", text);
        assert!(
            reaches(&seen).contains(&"Consume amqp://guest:***@${AMQP_HOST:rabbitmq}:5672/".to_owned()),
            "{:?}",
            reaches(&seen)
        );
        let found = practices(&seen);
        for expected in [
            "DeadLetter Absent rabbitmq",
            "Backpressure Absent rabbitmq",
            "ConsumerIdempotency Absent rabbitmq",
        ] {
            assert!(found.contains(&expected.to_owned()), "{found:?}");
        }
    }
}
