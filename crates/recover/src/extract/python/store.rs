//! Stores: connections of SQL drivers and mappers, MongoDB, Redis, search, object stores; and the tables that
//! statements name.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::settings::pairs;
use crate::extract::python::{is_python, is_test, sql};
use crate::sighting::{Reach, ReachKind, Seen, TableSeen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads connections to stores.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-store",
    reads: is_python,
    sees: &[Aspect::ConnectionPool, Aspect::DurableStorage, Aspect::SchemaDropped],
    extract,
};

/// What a call connects to.
struct Driver {
    /// Dotted name of the call.
    call: &'static str,
    /// Technology in the catalog; empty when the address tells it.
    technology: &'static str,
    /// Scheme and protocol.
    scheme: &'static str,
    /// Where the first plain argument goes: an address or a host.
    first: First,
}

#[derive(Clone, Copy, PartialEq)]
enum First {
    Url,
    Host,
    Nothing,
}

const fn driver(call: &'static str, technology: &'static str, scheme: &'static str, first: First) -> Driver {
    Driver { call, technology, scheme, first }
}

/// Calls that connect to a store.
const DRIVERS: &[Driver] = &[
    driver("sqlalchemy.create_engine", "", "sql", First::Url),
    driver("sqlalchemy.engine.create_engine", "", "sql", First::Url),
    driver("sqlalchemy.ext.asyncio.create_async_engine", "", "sql", First::Url),
    driver("sqlmodel.create_engine", "", "sql", First::Url),
    driver("databases.Database", "", "sql", First::Url),
    driver("psycopg2.connect", "postgresql", "postgresql", First::Url),
    driver("psycopg.connect", "postgresql", "postgresql", First::Url),
    driver("psycopg.AsyncConnection.connect", "postgresql", "postgresql", First::Url),
    driver("psycopg_pool.ConnectionPool", "postgresql", "postgresql", First::Url),
    driver("psycopg2.pool.SimpleConnectionPool", "postgresql", "postgresql", First::Nothing),
    driver("psycopg2.pool.ThreadedConnectionPool", "postgresql", "postgresql", First::Nothing),
    driver("asyncpg.connect", "postgresql", "postgresql", First::Url),
    driver("asyncpg.create_pool", "postgresql", "postgresql", First::Url),
    driver("aiopg.create_pool", "postgresql", "postgresql", First::Url),
    driver("pymysql.connect", "mysql", "mysql", First::Host),
    driver("MySQLdb.connect", "mysql", "mysql", First::Host),
    driver("mysql.connector.connect", "mysql", "mysql", First::Nothing),
    driver("aiomysql.create_pool", "mysql", "mysql", First::Nothing),
    driver("aiomysql.connect", "mysql", "mysql", First::Nothing),
    driver("peewee.PostgresqlDatabase", "postgresql", "postgresql", First::Nothing),
    driver("peewee.MySQLDatabase", "mysql", "mysql", First::Nothing),
    driver("pymssql.connect", "sqlserver", "mssql", First::Host),
    driver("pyodbc.connect", "sqlserver", "mssql", First::Url),
    driver("cx_Oracle.connect", "oracle", "oracle", First::Nothing),
    driver("oracledb.connect", "oracle", "oracle", First::Nothing),
    driver("pymongo.MongoClient", "mongodb", "mongodb", First::Url),
    driver("pymongo.AsyncMongoClient", "mongodb", "mongodb", First::Url),
    driver("motor.motor_asyncio.AsyncIOMotorClient", "mongodb", "mongodb", First::Url),
    driver("mongoengine.connect", "mongodb", "mongodb", First::Nothing),
    driver("flask_pymongo.PyMongo", "mongodb", "mongodb", First::Nothing),
    driver("redis.Redis", "redis", "redis", First::Host),
    driver("redis.StrictRedis", "redis", "redis", First::Host),
    driver("redis.asyncio.Redis", "redis", "redis", First::Host),
    driver("redis.from_url", "redis", "redis", First::Url),
    driver("redis.Redis.from_url", "redis", "redis", First::Url),
    driver("redis.asyncio.from_url", "redis", "redis", First::Url),
    driver("redis.asyncio.Redis.from_url", "redis", "redis", First::Url),
    driver("redis.ConnectionPool", "redis", "redis", First::Nothing),
    driver("redis.ConnectionPool.from_url", "redis", "redis", First::Url),
    driver("redis.cluster.RedisCluster", "redis", "redis", First::Host),
    driver("redis.sentinel.Sentinel", "redis", "redis", First::Nothing),
    driver("aioredis.from_url", "redis", "redis", First::Url),
    driver("aioredis.create_redis_pool", "redis", "redis", First::Url),
    driver("aioredis.create_redis", "redis", "redis", First::Url),
    driver("pymemcache.client.base.Client", "memcached", "memcached", First::Host),
    driver("pymemcache.Client", "memcached", "memcached", First::Host),
    driver("elasticsearch.Elasticsearch", "elasticsearch", "http", First::Url),
    driver("elasticsearch.AsyncElasticsearch", "elasticsearch", "http", First::Url),
    driver("opensearchpy.OpenSearch", "opensearch", "http", First::Url),
    driver("meilisearch.Client", "meilisearch", "http", First::Url),
    driver("cassandra.cluster.Cluster", "cassandra", "cassandra", First::Host),
    driver("neo4j.GraphDatabase.driver", "neo4j", "bolt", First::Url),
    driver("neo4j.AsyncGraphDatabase.driver", "neo4j", "bolt", First::Url),
    driver("minio.Minio", "minio", "http", First::Host),
    driver("clickhouse_driver.Client", "clickhouse", "clickhouse", First::Host),
    driver("clickhouse_connect.get_client", "clickhouse", "clickhouse", First::Nothing),
    driver("influxdb_client.InfluxDBClient", "influxdb", "http", First::Url),
    driver("influxdb.InfluxDBClient", "influxdb", "http", First::Host),
    driver("qdrant_client.QdrantClient", "qdrant", "http", First::Host),
    driver("google.cloud.storage.Client", "gcs", "https", First::Nothing),
    driver("google.cloud.firestore.Client", "firestore", "https", First::Nothing),
    driver("google.cloud.bigquery.Client", "bigquery", "https", First::Nothing),
    driver("google.cloud.spanner.Client", "spanner", "https", First::Nothing),
    driver("azure.storage.blob.BlobServiceClient.from_connection_string", "azure-blob", "https", First::Url),
    driver("langchain_google_alloydb_pg.AlloyDBEngine.from_instance", "alloydb", "sql", First::Nothing),
];

/// Services of AWS that keep data, by their names in the SDK.
const AWS: &[(&str, &str)] = &[
    ("s3", "s3"),
    ("dynamodb", "dynamodb"),
    ("timestream-query", "timestream"),
    ("opensearch", "opensearch"),
];

/// Methods that run a statement.
const RUNS: &[&str] = &[
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_all",
    "fetch_one",
    "raw",
    "text",
    "read_sql",
    "query",
    "mogrify",
    "execute_query",
    "exec_driver_sql",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for call in code.calls() {
        let callee = code.callee(call);
        if let Some(driver) = DRIVERS.iter().find(|d| d.call == callee) {
            connect(source, &code, call, driver, out);
        } else if matches!(callee.as_str(), "boto3.client" | "boto3.resource")
            || callee.ends_with("session.Session().client")
        {
            aws(&code, call, out);
        } else if callee == "flask_sqlalchemy.SQLAlchemy" {
            let reach = Reach::new(ReachKind::Data, "${SQLALCHEMY_DATABASE_URI}", "sql");
            out.add(syntax::line(call), Seen::Reach(Box::new(reach)));
        } else if callee.ends_with(".drop_all") {
            out.practice(
                syntax::line(call),
                Aspect::SchemaDropped,
                State::Present,
                "",
                "all tables are dropped",
            );
        }
        statement(&code, call, &callee, out);
    }
}

/// The values of a call's keywords, those of a splatted dictionary of this file included.
struct Arguments<'c, 't> {
    code: &'c Code,
    call: Node<'t>,
    splatted: Vec<(String, Node<'t>)>,
}

impl<'c: 't, 't> Arguments<'c, 't> {
    fn new(code: &'c Code, call: Node<'t>) -> Self {
        let list = syntax::field(call, "arguments").map(syntax::children).unwrap_or_default();
        let splat = list.iter().find(|a| a.kind() == "dictionary_splat").and_then(|s| s.named_child(0));
        let table = splat.and_then(|s| match s.kind() {
            "dictionary" => Some(s),
            _ => code.lookup(code.text_of(s), s).map(|(v, _)| v),
        });
        let splatted = match table {
            Some(table) if table.kind() == "dictionary" => pairs(code, table),
            // `dict(host=...)`
            Some(table) if table.kind() == "call" => syntax::of_kind(table, "keyword_argument")
                .filter_map(|k| Some((code.field(k, "name").to_owned(), syntax::field(k, "value")?)))
                .collect(),
            _ => Vec::new(),
        };
        Self { code, call, splatted }
    }

    fn get(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let node = self.code.arg(self.call, None, name);
            let node = node.or_else(|| self.splatted.iter().find(|(k, _)| k == name).map(|(_, v)| *v));
            self.code.value(node?).filter(|v| !v.is_empty())
        })
    }
}

fn connect(source: &Source<'_>, code: &Code, call: Node<'_>, driver: &Driver, out: &mut Sightings) {
    let arguments = Arguments::new(code, call);
    let first = code.arg(call, Some(0), "").map(unlist).and_then(|n| code.value(n));
    let url = arguments.get(&["url", "dsn", "uri", "conninfo", "connection_string", "hosts", "host_url"]);
    let (mut url, mut host) = match driver.first {
        First::Url => (first.or(url), None),
        First::Host => (url, first),
        First::Nothing => (url, None),
    };
    host = host.or_else(|| arguments.get(&["host", "server", "endpoint", "endpoint_url", "unix_socket"]));
    host = host.or_else(|| code.arg(call, None, "hosts").map(unlist).and_then(|n| code.value(n)));
    if url.is_none() && host.as_deref().is_some_and(|h| h.contains("://")) {
        url = host.take();
    }
    let database = arguments.get(&["database", "dbname", "db", "name"]).filter(|d| d.parse::<u8>().is_err());
    let port = arguments.get(&["port"]).or_else(|| {
        let second = code.arg(call, Some(1), "").and_then(|p| code.value(p));
        second.filter(|p| p.parse::<u16>().is_ok() || p.starts_with("${"))
    });
    let target = match (url, host) {
        (Some(url), _) => url,
        (None, Some(host)) => {
            let port = port.map(|p| format!(":{p}")).unwrap_or_default();
            let database = database.map(|d| format!("/{d}")).unwrap_or_default();
            format!("{}://{host}{port}{database}", driver.scheme)
        }
        (None, None) => String::new(),
    };
    if target.starts_with("sqlite") || target.contains(":memory:") {
        let detail = if target.contains(":memory:") || target == "sqlite://" {
            "a database in memory"
        } else {
            "a SQLite file beside the code"
        };
        out.practice(syntax::line(call), Aspect::DurableStorage, State::Absent, "sqlite", detail);
        return;
    }
    // what is unknown here may still be known by its technology
    let target = if target.starts_with('{') { String::new() } else { crate::secret::masked(&target) };
    let mut reach = Reach::new(ReachKind::Data, target.clone(), protocol(driver.scheme));
    reach.certain = !reach.target.is_empty();
    let sign = source.signs.scheme(&target).map(|s| s.technology.to_string());
    reach.technology = Some(driver.technology.to_owned()).filter(|t| !t.is_empty()).or(sign);
    out.span(syntax::line(call), syntax::last_line(call), Seen::Reach(Box::new(reach)));
    let pool =
        arguments.get(&["pool_size", "max_size", "maxsize", "maxPoolSize", "max_connections", "maxconn"]);
    if let Some(size) = pool {
        out.practice(syntax::line(call), Aspect::ConnectionPool, State::Present, driver.call, size);
    }
}

/// The first element of a list, a tuple or a set: `["http://es:9200"]`.
fn unlist(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        "list" | "tuple" | "set" => node.named_child(0).unwrap_or(node),
        _ => node,
    }
}

/// The protocol of a scheme.
fn protocol(scheme: &'static str) -> &'static str {
    match scheme {
        "postgresql" | "mysql" | "mssql" | "oracle" => "sql",
        other => other,
    }
}

fn aws(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let Some(name) = code.arg(call, Some(0), "service_name").and_then(|n| code.literal(n)) else { return };
    let Some((_, technology)) = AWS.iter().find(|(s, _)| *s == name) else { return };
    let target = code.arg(call, None, "endpoint_url").and_then(|e| code.value(e)).unwrap_or_default();
    let mut reach = Reach::new(ReachKind::Data, target, "https");
    reach.technology = Some((*technology).to_owned());
    out.add(syntax::line(call), Seen::Reach(Box::new(reach)));
}

/// Tables of a statement, and the ones that mappers read and write.
fn statement(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let short = callee.rsplit('.').next().unwrap_or(callee);
    let line = syntax::line(call);
    if RUNS.contains(&short) {
        if let Some(text) = code.arg(call, Some(0), "sql").and_then(|a| code.value(a)) {
            for (table, writes) in sql::tables(&text) {
                out.add(line, Seen::Table(TableSeen { table, writes }));
            }
        }
        return;
    }
    // `Order.objects.filter(...).update(...)`
    for part in callee.split('.') {
        let is_manager = matches!(part, "objects" | "query" | "_default_manager");
        let owner = callee.split(&format!(".{part}")).next().and_then(|o| o.rsplit('.').next()).unwrap_or("");
        if is_manager && owner.starts_with(char::is_uppercase) {
            let writes = [
                "create",
                "bulk_create",
                "update",
                "get_or_create",
                "update_or_create",
                "delete",
                "bulk_update",
            ];
            let writes = writes.contains(&short);
            // only the outermost call of a chain speaks
            let is_inner = call.parent().is_some_and(|p| p.kind() == "attribute");
            if !is_inner {
                out.add(line, Seen::Table(TableSeen { table: owner.to_owned(), writes }));
            }
            return;
        }
    }
    let table = match short {
        "add" | "merge" | "delete" if callee.contains("session") => {
            code.arg(call, Some(0), "instance").map(|o| (code.made_by(o), true))
        }
        "query" | "get" if callee.contains("session") => {
            code.arg(call, Some(0), "").map(|o| (code.dotted(o), false))
        }
        "select" if callee.starts_with("sqlalchemy") || callee.starts_with("sqlmodel") => {
            code.arg(call, Some(0), "").map(|o| (code.dotted(o), false))
        }
        _ => None,
    };
    if let Some((name, writes)) = table {
        let name = name.rsplit('.').next().unwrap_or("").to_owned();
        if name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase) {
            out.add(line, Seen::Table(TableSeen { table: name, writes }));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn connections_in_their_forms() {
        let text = "import os, redis, pymysql, psycopg2, boto3\nfrom pymongo import MongoClient\nfrom sqlalchemy import create_engine\nr = redis.Redis(host=os.environ['REDIS_HOST'], port=6379)\nconfig = {'host': 'my-db', 'port': 3306, 'password': 'root', 'db': 'shop'}\nc = pymysql.connect(**config)\np = psycopg2.connect(host=os.getenv('PG', 'pg'), dbname='x', password='s3')\nm = MongoClient(os.getenv('MONGO_URL', 'mongodb://mongo:27017/'))\ne = create_engine('sqlite:///x.db')\ne2 = create_engine(os.getenv('DATABASE_URL'), pool_size=5)\ns = boto3.client('s3')\ncur.execute('INSERT INTO votes (a) VALUES (1)')\n";
        let seen = see("svc/db.py", text);
        assert_eq!(
            reaches(&seen),
            [
                "Data redis://${REDIS_HOST}:6379",
                "Data mysql://my-db:3306/shop",
                "Data postgresql://${PG:pg}/x",
                "Data ${MONGO_URL:mongodb://mongo:27017/}",
                "Data ${DATABASE_URL}",
                "Data "
            ]
        );
        let found = practices(&seen);
        assert!(found.contains(&"DurableStorage Absent sqlite".to_owned()), "{found:?}");
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Table(t) if t.table == "votes" && t.writes)));
    }
}
