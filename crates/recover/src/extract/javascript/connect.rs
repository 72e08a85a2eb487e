//! Connections to stores, caches, search indexes, object stores and to what watches over a system.

use loadcase_model::{Aspect, Role, State};
use tree_sitter::Node;

use super::module::{Js, is_script, read};
use crate::extract::Extractor;
use crate::secret::{in_address, masked, tell_account};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-connections",
    reads: is_script,
    sees: &[Aspect::ConnectionPool, Aspect::Tls, Aspect::SecretStore, Aspect::DurableStorage],
    extract,
};

/// What a connection is for.
#[derive(Clone, Copy)]
enum For {
    Data,
    Client(Role),
}

/// Calls that connect: package, exports (an empty one is the package itself), technology when the catalog's signs
/// do not know the package, protocol.
struct Maker(&'static str, &'static [&'static str], &'static str, &'static str, For);

use For::{Client, Data};

const MAKERS: &[Maker] = &[
    Maker("pg", &["Pool", "Client", "native.Pool"], "postgresql", "sql", Data),
    Maker("pg-pool", &[""], "postgresql", "sql", Data),
    Maker("pg-promise", &["()"], "postgresql", "sql", Data),
    Maker("postgres", &[""], "postgresql", "sql", Data),
    Maker("slonik", &["createPool"], "postgresql", "sql", Data),
    Maker("@neondatabase/serverless", &["neon", "Pool"], "postgresql", "sql", Data),
    Maker("@vercel/postgres", &["createPool"], "postgresql", "sql", Data),
    Maker("mysql", &["createConnection", "createPool"], "mysql", "sql", Data),
    Maker("mysql2", &["createConnection", "createPool"], "mysql", "sql", Data),
    Maker("mysql2/promise", &["createConnection", "createPool"], "mysql", "sql", Data),
    Maker("mariadb", &["createConnection", "createPool"], "mariadb", "sql", Data),
    Maker("mssql", &["connect", "ConnectionPool"], "sqlserver", "sql", Data),
    Maker("tedious", &["Connection"], "sqlserver", "sql", Data),
    Maker("oracledb", &["getConnection", "createPool"], "oracle", "sql", Data),
    Maker("mongodb", &["MongoClient", "MongoClient.connect", "connect"], "mongodb", "mongodb", Data),
    Maker("mongoose", &["connect", "createConnection"], "mongodb", "mongodb", Data),
    Maker(
        "@nestjs/mongoose",
        &["MongooseModule.forRoot", "MongooseModule.forRootAsync"],
        "mongodb",
        "mongodb",
        Data,
    ),
    Maker("monk", &[""], "mongodb", "mongodb", Data),
    Maker("connect-mongo", &["create", ""], "mongodb", "mongodb", Data),
    Maker("redis", &["createClient", "createCluster"], "redis", "redis", Data),
    Maker("ioredis", &["", "Redis", "Cluster", "Redis.Cluster"], "redis", "redis", Data),
    Maker("@upstash/redis", &["Redis"], "redis", "redis", Data),
    Maker("cache-manager-redis-store", &[""], "redis", "redis", Data),
    Maker("memcached", &[""], "memcached", "memcached", Data),
    Maker("memjs", &["Client.create"], "memcached", "memcached", Data),
    Maker("@elastic/elasticsearch", &["Client"], "elasticsearch", "http", Data),
    Maker("elasticsearch", &["Client"], "elasticsearch", "http", Data),
    Maker("@opensearch-project/opensearch", &["Client"], "opensearch", "http", Data),
    Maker("meilisearch", &["MeiliSearch"], "meilisearch", "http", Data),
    Maker("algoliasearch", &["", "algoliasearch"], "algolia", "http", Data),
    Maker("cassandra-driver", &["Client"], "cassandra", "cql", Data),
    Maker("neo4j-driver", &["driver"], "neo4j", "bolt", Data),
    Maker("@clickhouse/client", &["createClient"], "clickhouse", "http", Data),
    Maker("@influxdata/influxdb-client", &["InfluxDB"], "influxdb", "http", Data),
    Maker("nano", &[""], "couchdb", "http", Data),
    Maker("couchbase", &["connect", "Cluster.connect"], "couchbase", "couchbase", Data),
    Maker("minio", &["Client"], "minio", "s3", Data),
    Maker("@aws-sdk/client-s3", &["S3Client", "S3"], "s3", "s3", Data),
    Maker("@aws-sdk/client-dynamodb", &["DynamoDBClient", "DynamoDB"], "dynamodb", "http", Data),
    Maker("aws-sdk", &["S3"], "s3", "s3", Data),
    Maker("aws-sdk", &["DynamoDB", "DynamoDB.DocumentClient"], "dynamodb", "http", Data),
    Maker("@google-cloud/storage", &["Storage", ""], "gcs", "http", Data),
    Maker("@google-cloud/firestore", &["Firestore", ""], "firestore", "http", Data),
    Maker("@google-cloud/bigquery", &["BigQuery"], "bigquery", "http", Data),
    Maker(
        "@azure/storage-blob",
        &["BlobServiceClient", "BlobServiceClient.fromConnectionString"],
        "azure-blob",
        "http",
        Data,
    ),
    Maker("@azure/cosmos", &["CosmosClient"], "cosmosdb", "http", Data),
    Maker("@supabase/supabase-js", &["createClient"], "supabase", "http", Data),
    Maker("typeorm", &["DataSource", "createConnection"], "", "sql", Data),
    Maker("@nestjs/typeorm", &["TypeOrmModule.forRoot", "TypeOrmModule.forRootAsync"], "", "sql", Data),
    Maker("sequelize", &["", "Sequelize"], "", "sql", Data),
    Maker("@nestjs/sequelize", &["SequelizeModule.forRoot"], "", "sql", Data),
    Maker("sequelize-typescript", &["Sequelize"], "", "sql", Data),
    Maker("knex", &["", "knex"], "", "sql", Data),
    Maker("@mikro-orm/core", &["MikroORM.init"], "", "sql", Data),
    Maker("consul", &[""], "consul", "http", Client(Role::Registry)),
    Maker("eureka-js-client", &["Eureka", "", "default"], "eureka", "http", Client(Role::Registry)),
    Maker("nacos", &["NacosNamingClient"], "nacos", "http", Client(Role::Registry)),
    Maker("nacos", &["NacosConfigClient"], "nacos", "http", Client(Role::ConfigServer)),
    Maker("etcd3", &["Etcd3"], "etcd", "grpc", Client(Role::Coordinator)),
    Maker("node-zookeeper-client", &["createClient"], "zookeeper", "tcp", Client(Role::Coordinator)),
    Maker("cloud-config-client", &["load"], "spring-cloud-config", "http", Client(Role::ConfigServer)),
    Maker("node-vault", &[""], "vault", "http", Client(Role::SecretStore)),
    Maker(
        "@opentelemetry/exporter-zipkin",
        &["ZipkinExporter"],
        "zipkin",
        "http",
        Client(Role::TracingServer),
    ),
    Maker(
        "@opentelemetry/exporter-jaeger",
        &["JaegerExporter"],
        "jaeger",
        "http",
        Client(Role::TracingServer),
    ),
    Maker(
        "@opentelemetry/exporter-trace-otlp-http",
        &["OTLPTraceExporter"],
        "opentelemetry",
        "http",
        Client(Role::TracingServer),
    ),
    Maker(
        "@opentelemetry/exporter-trace-otlp-proto",
        &["OTLPTraceExporter"],
        "opentelemetry",
        "http",
        Client(Role::TracingServer),
    ),
    Maker(
        "@opentelemetry/exporter-trace-otlp-grpc",
        &["OTLPTraceExporter"],
        "opentelemetry",
        "grpc",
        Client(Role::TracingServer),
    ),
    Maker(
        "@opentelemetry/exporter-otlp-grpc",
        &["OTLPTraceExporter"],
        "opentelemetry",
        "grpc",
        Client(Role::TracingServer),
    ),
    Maker("zipkin-transport-http", &["HttpLogger"], "zipkin", "http", Client(Role::TracingServer)),
    Maker(
        "jaeger-client",
        &["initTracer", "initTracerFromEnv"],
        "jaeger",
        "http",
        Client(Role::TracingServer),
    ),
    Maker(
        "winston-elasticsearch",
        &["ElasticsearchTransport", ""],
        "elasticsearch",
        "http",
        Client(Role::LogServer),
    ),
    Maker("winston-loki", &[""], "loki", "http", Client(Role::LogServer)),
    Maker("winston-logstash", &["", "LogstashTransport"], "logstash", "tcp", Client(Role::LogServer)),
    Maker("fluent-logger", &["createFluentSender", "configure"], "fluentd", "tcp", Client(Role::LogServer)),
    Maker("winston-graylog2", &[""], "graylog", "tcp", Client(Role::LogServer)),
    Maker("gelf-pro", &["setConfig"], "graylog", "tcp", Client(Role::LogServer)),
    Maker("ldapjs", &["createClient"], "ldap", "ldap", Client(Role::AuthServer)),
    Maker("keycloak-connect", &[""], "keycloak", "http", Client(Role::AuthServer)),
];

/// Plugins that connect when they are registered: `fastify.register(require('@fastify/mongodb'), { url })`.
const PLUGINS: &[(&str, &str, &str)] = &[
    ("@fastify/mongodb", "mongodb", "mongodb"),
    ("fastify-mongodb", "mongodb", "mongodb"),
    ("@fastify/redis", "redis", "redis"),
    ("fastify-redis", "redis", "redis"),
    ("@fastify/postgres", "postgresql", "sql"),
    ("fastify-postgres", "postgresql", "sql"),
    ("@fastify/mysql", "mysql", "sql"),
    ("fastify-mysql", "mysql", "sql"),
    ("@fastify/elasticsearch", "elasticsearch", "http"),
    ("fastify-mongoose", "mongodb", "mongodb"),
    ("@fastify/kafka", "kafka", "kafka"),
];

/// Keys that hold a whole address.
const WHOLE: &[&str] = &[
    "connectionString",
    "url",
    "uri",
    "node",
    "nodes",
    "mongoUrl",
    "mongoURI",
    "databaseUrl",
    "serverUrl",
    "endpoint",
    "endPoint",
    "contactPoints",
    "brokers",
    "servers",
    "hosts",
    "issuer",
    "filename",
    "clientUrl",
];

/// Keys that hold other options with the address.
const NESTED: &[&str] = &[
    "connection",
    "socket",
    "redis",
    "clientOpts",
    "eureka",
    "options",
    "redisOptions",
    "replication",
    "master",
    "elasticsearch",
    "sender",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        for call in js.calls() {
            if let Some((technology, protocol, kind)) = maker(source, js, call) {
                connection(js, call, &js.arguments(call), technology, protocol, kind, out);
            } else if js.called(call) == "register" {
                plugin(js, call, out);
            }
        }
        for (node, package) in js.loads() {
            if let Some(store) = secret_store(package) {
                let line = syntax::line(node);
                out.practice(line, Aspect::SecretStore, State::Present, package, store);
                let mut reach = Reach::new(ReachKind::Client(Role::SecretStore), "", "http");
                reach.technology = Some(store.to_owned());
                out.add(line, Seen::Reach(Box::new(reach)));
            }
        }
    });
}

/// Packages that read secrets from where they are kept.
fn secret_store(package: &str) -> Option<&'static str> {
    match package {
        "@aws-sdk/client-secrets-manager" => Some("aws-secrets-manager"),
        "@aws-sdk/client-ssm" => Some("aws-parameter-store"),
        "@google-cloud/secret-manager" => Some("gcp-secret-manager"),
        "@azure/keyvault-secrets" => Some("azure-key-vault"),
        "infisical-node" | "@infisical/sdk" => Some("infisical"),
        _ => None,
    }
}

fn maker<'t>(source: &Source<'_>, js: &Js<'t>, call: Node<'t>) -> Option<(String, &'static str, For)> {
    let origin = js.origin(call)?;
    let made = origin.path.strip_suffix("()")?;
    let maker = MAKERS.iter().find(|m| m.0 == origin.package && m.1.contains(&made))?;
    let technology = source.signs.library("npm", maker.0).map(|s| s.technology.to_string());
    let technology = technology.filter(|_| !maker.2.is_empty() && maker.0 != "aws-sdk");
    Some((technology.unwrap_or_else(|| maker.2.to_owned()), maker.3, maker.4))
}

fn plugin<'t>(js: &Js<'t>, call: Node<'t>, out: &mut Sightings) {
    let arguments = js.arguments(call);
    let Some(origin) = arguments.first().and_then(|p| js.origin(*p)) else { return };
    if let Some((_, technology, protocol)) = PLUGINS.iter().find(|(p, _, _)| *p == origin.package) {
        let rest = arguments.get(1..).unwrap_or(&[]);
        connection(js, call, rest, (*technology).to_owned(), protocol, Data, out);
    }
}

fn connection<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    arguments: &[Node<'t>],
    technology: String,
    protocol: &'static str,
    kind: For,
    out: &mut Sightings,
) {
    let line = super::client::line_of(js, call);
    let target = address(js, arguments).unwrap_or_default();
    let dialect = arguments.iter().rev().find_map(|a| js.first_property(*a, &["type", "dialect", "client"]));
    let dialect = dialect.map(|d| js.value(d)).unwrap_or_default();
    let technology = if technology.is_empty() { of_dialect(&dialect, &target) } else { Some(technology) };
    let in_process = target.contains(":memory:") || technology.as_deref() == Some("sqlite");
    if in_process {
        let detail =
            if target.contains(":memory:") { "a database in memory" } else { "a file of the process" };
        out.practice(
            line,
            Aspect::DurableStorage,
            State::Weak,
            technology.clone().unwrap_or_default(),
            detail,
        );
        if target.contains(":memory:") {
            return;
        }
    }
    let kind = match kind {
        Data => ReachKind::Data,
        Client(role) => ReachKind::Client(role),
    };
    let mut reach = Reach::new(kind, masked(&target), protocol);
    reach.technology.clone_from(&technology);
    out.span(line, syntax::last_line(call), Seen::Reach(Box::new(reach)));
    if let Some(account) = in_address(&target) {
        tell_account(&account, line, out);
    }
    pool(js, arguments, &technology.unwrap_or_default(), line, out);
    if matches!(kind, ReachKind::Client(Role::LogServer)) {
        out.practice(line, Aspect::CentralLogging, State::Present, "", "logs are sent to a log server");
    }
}

fn pool<'t>(js: &Js<'t>, arguments: &[Node<'t>], technology: &str, line: usize, out: &mut Sightings) {
    for argument in arguments {
        let holders = [Some(*argument), js.first_property(*argument, &["pool", "extra"])];
        let size = holders.into_iter().flatten().find_map(|o| {
            js.first_property(o, &["max", "connectionLimit", "maxPoolSize", "poolSize", "max_connections"])
        });
        if let Some(size) = size.and_then(|s| js.number(s)) {
            out.practice(line, Aspect::ConnectionPool, State::Present, technology, format!("{size}"));
        }
        let open = js.first_property(*argument, &["ssl", "tls"]);
        let rejects =
            open.is_some_and(|o| js.of(js.deref(o)).replace(' ', "").contains("rejectUnauthorized:false"));
        if let Some(open) = open.filter(|_| !rejects) {
            let state = if js.of(open) == "false" { State::Absent } else { State::Present };
            out.practice(line, Aspect::Tls, state, technology, "set at the connection");
        }
    }
}

/// The technology of an object-relational mapper's dialect or URL.
fn of_dialect(dialect: &str, target: &str) -> Option<String> {
    let known = |name: &str| match name {
        "postgres" | "pg" | "postgresql" | "cockroachdb" | "aurora-postgres" => Some("postgresql"),
        "mysql" | "mysql2" => Some("mysql"),
        "mariadb" => Some("mariadb"),
        "mssql" | "tedious" | "sqlserver" => Some("sqlserver"),
        "sqlite" | "sqlite3" | "better-sqlite3" | "sqljs" => Some("sqlite"),
        "mongodb" | "mongodb+srv" | "mongo" => Some("mongodb"),
        "oracle" | "oracledb" => Some("oracle"),
        _ => None,
    };
    let dialect = dialect.rsplit(':').next().unwrap_or(dialect).trim_end_matches('}');
    let scheme = target.split("://").next().unwrap_or("");
    let scheme = scheme.rsplit(':').next().unwrap_or(scheme);
    known(dialect).or_else(|| known(scheme)).map(str::to_owned)
}

/// The address among the arguments of a connection.
pub(super) fn address<'t>(js: &Js<'t>, arguments: &[Node<'t>]) -> Option<String> {
    // `createClient(6379, 'host')`, `new Redis(port, host)`
    if let [port, host, ..] = arguments {
        let (port, host) = (js.value(*port), js.value(*host));
        let number = port.parse::<u16>().is_ok()
            || port.starts_with("${") && port.to_ascii_uppercase().contains("PORT");
        if number && js.object(arguments[1]).is_none() && !host.starts_with('{') {
            return Some(format!("{host}:{port}"));
        }
    }
    let mut fallback = None;
    for argument in arguments.iter().take(4) {
        match js.object(*argument) {
            Some(object) => {
                if let Some(found) = of_options(js, object, 0) {
                    return Some(found);
                }
                if let Some(found) = js.property(object, "useFactory").and_then(|f| of_factory(js, f)) {
                    return Some(found);
                }
            }
            None if super::module::is_function(js.deref(*argument)) => {}
            None => {
                let value = js.value(*argument);
                let plain = !value.contains("://") && !value.starts_with("${");
                if value.starts_with('{') && value.ends_with('}') || plain && arguments.len() > 2 {
                    continue;
                }
                if plain && fallback.is_none() {
                    fallback = Some(value);
                } else if !plain {
                    return Some(value);
                }
            }
        }
    }
    fallback
}

/// The address in what a factory returns: `useFactory: (config) => ({ uri: config.get('DB') })`.
fn of_factory<'t>(js: &Js<'t>, factory: Node<'t>) -> Option<String> {
    let function = js.function(factory)?;
    let objects: Vec<Node<'t>> =
        js.below(function).iter().copied().filter(|n| n.kind() == "object").take(8).collect();
    objects.into_iter().find_map(|o| of_options(js, o, 0))
}

fn of_options<'t>(js: &Js<'t>, object: Node<'t>, depth: usize) -> Option<String> {
    if depth > 3 {
        return None;
    }
    let plain = |node: Node<'t>| {
        let value = js.value(node);
        (!(value.is_empty() || value.starts_with('{') && value.ends_with('}'))).then_some(value)
    };
    let whole = js.first_property(object, WHOLE).filter(|w| js.object(*w).is_none());
    if let Some(found) = whole.and_then(plain) {
        let port = js.property(object, "port").and_then(plain).filter(|_| !found.contains("://"));
        return Some(match port {
            Some(port) => format!("{found}:{port}"),
            None => found,
        });
    }
    if let Some(host) =
        js.first_property(object, &["host", "hostname", "server", "agentHost"]).and_then(plain)
    {
        let port = js.first_property(object, &["port", "agentPort"]).and_then(plain).map(|p| format!(":{p}"));
        let database = js.first_property(object, &["database", "dbName"]).and_then(plain);
        let database = database.map(|d| format!("/{d}")).unwrap_or_default();
        return Some(format!("{host}{}{database}", port.unwrap_or_default()));
    }
    NESTED.iter().filter_map(|k| js.property(object, k)).find_map(|inside| match js.object(inside) {
        Some(object) => of_options(js, object, depth + 1),
        None => plain(inside).filter(|v| v.contains("://") || v.starts_with("${")),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn connections_keep_their_placeholders_and_lose_their_passwords() {
        let seen = see(
            "svc/db.ts",
            "import { Pool } from 'pg';\nimport Redis from 'ioredis';\nimport mongoose from 'mongoose';\n\
             const config = { redis: { host: process.env.REDIS_HOST ?? 'cache' } };\n\
             export const pool = new Pool({ connectionString: 'postgres://shop:hunter22@db/shop', max: 12 });\n\
             export const redis = new Redis({ host: config.redis.host, port: 6379 });\n\
             mongoose.connect(process.env.MONGO_URL || 'mongodb://mongo:27017/shop');\n",
        );
        assert_eq!(
            reaches(&seen),
            [
                "Data postgres://shop:***@db/shop",
                "Data ${REDIS_HOST:cache}:6379",
                "Data ${MONGO_URL:mongodb://mongo:27017/shop}"
            ]
        );
        let practices = practices(&seen);
        assert!(practices.contains(&"ConnectionPool Present postgresql".to_owned()), "{practices:?}");
        assert!(practices.contains(&"LiteralSecret Present shop".to_owned()));
        assert!(!format!("{seen:?}").contains("hunter22"));
    }
}
