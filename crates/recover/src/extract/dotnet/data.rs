//! Stores in C#: EF Core, ADO.NET, Dapper, the client integrations of Aspire, Redis, MongoDB, Azure.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::contract::connection::{hidden, secrets};
use crate::extract::contract::touched::tables;
use crate::extract::dotnet::csharp::{Call, Code, arguments, has_unknown};
use crate::extract::dotnet::declaration::bases;
use crate::sighting::{EntitySeen, Reach, ReachKind, Seen, TableSeen};
use crate::source::Sightings;
use crate::syntax;
use crate::template::placeholder;

/// Methods and classes that take a connection string: name, technology, protocol.
const CONNECTIONS: &[(&str, &str, &str)] = &[
    ("UseNpgsql", "postgresql", "sql"),
    ("UseSqlServer", "sqlserver", "sql"),
    ("UseAzureSql", "sqlserver", "sql"),
    ("UseMySql", "mysql", "sql"),
    ("UseMySQL", "mysql", "sql"),
    ("UseOracle", "oracle", "sql"),
    ("UseCosmos", "cosmos-db", "http"),
    ("UseMongoDB", "mongodb", "mongodb"),
    ("AddNpgSql", "postgresql", "sql"),
    ("AddSqlServer", "sqlserver", "sql"),
    ("AddMongoDb", "mongodb", "mongodb"),
    ("UseSqlServerStorage", "sqlserver", "sql"),
    ("UsePostgreSqlStorage", "postgresql", "sql"),
    ("NpgsqlConnection", "postgresql", "sql"),
    ("NpgsqlDataSourceBuilder", "postgresql", "sql"),
    ("NpgsqlConnectionStringBuilder", "postgresql", "sql"),
    ("SqlConnection", "sqlserver", "sql"),
    ("MySqlConnection", "mysql", "sql"),
    ("OracleConnection", "oracle", "sql"),
    ("MongoClient", "mongodb", "mongodb"),
    ("CosmosClient", "cosmos-db", "http"),
    ("ElasticClient", "elasticsearch", "http"),
    ("ElasticsearchClient", "elasticsearch", "http"),
    ("BlobServiceClient", "azure-blob", "http"),
    ("BlobContainerClient", "azure-blob", "http"),
    ("TableServiceClient", "azure-table", "http"),
    ("AmazonS3Client", "s3", "http"),
    ("AmazonDynamoDBClient", "dynamodb", "http"),
    ("MinioClient", "minio", "http"),
    ("DocumentStore", "ravendb", "http"),
];

/// Client integrations of Aspire, which take the name of a connection: name, technology, protocol.
const NAMED: &[(&str, &str, &str)] = &[
    ("AddNpgsqlDataSource", "postgresql", "sql"),
    ("AddKeyedNpgsqlDataSource", "postgresql", "sql"),
    ("AddNpgsqlDbContext", "postgresql", "sql"),
    ("AddAzureNpgsqlDbContext", "postgresql", "sql"),
    ("AddSqlServerClient", "sqlserver", "sql"),
    ("AddSqlServerDbContext", "sqlserver", "sql"),
    ("AddMySqlDataSource", "mysql", "sql"),
    ("AddMySqlDbContext", "mysql", "sql"),
    ("AddOracleDatabaseDbContext", "oracle", "sql"),
    ("AddMongoDBClient", "mongodb", "mongodb"),
    ("AddCosmosDbContext", "cosmos-db", "http"),
    ("AddAzureCosmosClient", "cosmos-db", "http"),
    ("AddRedisClient", "redis", "redis"),
    ("AddRedisClientBuilder", "redis", "redis"),
    ("AddRedisDistributedCache", "redis", "redis"),
    ("AddRedisOutputCache", "redis", "redis"),
    ("AddElasticsearchClient", "elasticsearch", "http"),
    ("AddMeilisearchClient", "meilisearch", "http"),
    ("AddQdrantClient", "qdrant", "grpc"),
    ("AddAzureBlobClient", "azure-blob", "http"),
    ("AddAzureBlobServiceClient", "azure-blob", "http"),
    ("AddAzureTableClient", "azure-table", "http"),
];

/// Reads connections, contexts and tables.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    for call in &code.calls {
        connected(code, call, out);
        named(code, call, out);
        redis(code, call, out);
        schema(code, call, out);
    }
    for node in syntax::descendants(code.root) {
        match node.kind() {
            "object_creation_expression" => created(code, node, out),
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" => {
                let text = syntax::unquoted(code.text(node));
                if text.contains('=') || text.contains("://") {
                    secrets(text, syntax::line(node), out);
                }
                for (table, writes) in tables(text) {
                    out.add(syntax::line(node), Seen::Table(TableSeen { table, writes }));
                }
            }
            "class_declaration" => context(code, node, out),
            _ => {}
        }
    }
}

fn reach(target: &str, technology: &str, protocol: &'static str, line: usize, out: &mut Sightings) {
    let mut reach = Reach::new(ReachKind::Data, hidden(target), protocol);
    reach.technology = Some(technology.to_owned());
    out.add(line, Seen::Reach(Box::new(reach)));
}

/// A value as a target: what is not known at all is empty.
fn target(value: String) -> String {
    if has_unknown(&value) && !value.contains(['=', ':']) { String::new() } else { value }
}

fn connected(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let found = CONNECTIONS.iter().find(|(name, _, _)| *name == call.name);
    // With nothing but a lambda of options, the connection is named elsewhere.
    let only_options = call.argument(0).is_some_and(|a| a.kind().contains("lambda"));
    if let Some((_, technology, protocol)) = found.filter(|_| !only_options) {
        let value = call.argument(0).map(|a| code.value(a));
        reach(&value.map(target).unwrap_or_default(), technology, protocol, call.line(), out);
    }
    if call.name == "Create" && call.receiver.is_some_and(|r| code.text(r).ends_with("NpgsqlDataSource")) {
        let value = call.argument(0).map(|a| code.value(a)).unwrap_or_default();
        reach(&target(value), "postgresql", "sql", call.line(), out);
    }
    if call.name == "UseInMemoryDatabase" {
        let detail = "EF Core keeps the data in memory";
        out.practice(call.line(), Aspect::DurableStorage, State::Absent, "UseInMemoryDatabase", detail);
    }
}

fn named(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let Some((_, technology, protocol)) = NAMED.iter().find(|(name, _, _)| *name == call.name) else {
        return;
    };
    let name = call.argument(0).map(|a| code.value(a)).filter(|n| !has_unknown(n) && !n.contains('$'));
    // Where nobody configures the connection, its name is the name of the resource.
    let target = name.map(|n| placeholder(&format!("ConnectionStrings.{n}"), Some(&n))).unwrap_or_default();
    reach(&target, technology, protocol, call.line(), out);
}

/// StackExchange.Redis and the cache of ASP.NET Core.
fn redis(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let value = match call.name {
        "Connect" | "ConnectAsync"
            if call.receiver.is_some_and(|r| code.text(r).ends_with("ConnectionMultiplexer")) =>
        {
            call.argument(0).map(|a| code.value(a))
        }
        "AddStackExchangeRedisCache"
        | "AddDistributedRedisCache"
        | "AddStackExchangeRedis"
        | "PersistKeysToStackExchangeRedis" => {
            let options = call.argument(0);
            options.map(|o| configuration_of(code, o).unwrap_or_else(|| code.value(o)))
        }
        _ => return,
    };
    let value = value.map(|v| if v.starts_with("{value}") { String::new() } else { v });
    reach(&value.map(target).unwrap_or_default(), "redis", "redis", call.line(), out);
}

/// The value of `o.Configuration = ...` in a lambda of options.
fn configuration_of<'t>(code: &Code<'_, 't>, options: Node<'t>) -> Option<String> {
    let assignment = syntax::of_kind(options, "assignment_expression")
        .find(|a| syntax::field(*a, "left").is_some_and(|l| code.text(l).ends_with(".Configuration")))?;
    syntax::field(assignment, "right").map(|r| code.value(r))
}

fn schema(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    match call.name {
        "EnsureDeleted" | "EnsureDeletedAsync" => {
            out.practice(
                call.line(),
                Aspect::SchemaDropped,
                State::Present,
                call.name,
                "the database is dropped",
            );
        }
        "AddDbContextPool" | "AddPooledDbContextFactory" => {
            let detail =
                call.named("poolSize").map_or("1024 contexts by default".to_owned(), |a| code.value(a));
            out.practice(call.line(), Aspect::ConnectionPool, State::Present, call.name, detail);
        }
        "EnableRetryOnFailure" => {
            let detail = "EF Core tries again, up to 6 times with growing waits by default";
            out.practice(call.line(), Aspect::Retry, State::Present, "database", detail);
        }
        "IsRowVersion" | "IsConcurrencyToken" => {
            out.practice(
                call.line(),
                Aspect::ConcurrencyGuard,
                State::Present,
                call.name,
                "optimistic locking",
            );
        }
        "HasQueryFilter" if code.text(call.node).to_ascii_lowercase().contains("tenant") => {
            out.practice(
                call.line(),
                Aspect::TenantKey,
                State::Present,
                "HasQueryFilter",
                "queries are filtered by tenant",
            );
        }
        _ => {}
    }
}

fn created<'t>(code: &Code<'_, 't>, node: Node<'t>, out: &mut Sightings) {
    let class = syntax::field_text(node, "type", code.source.text).unwrap_or("");
    let class = class.rsplit('.').next().unwrap_or(class);
    let Some((_, technology, protocol)) = CONNECTIONS.iter().find(|(name, _, _)| *name == class) else {
        return;
    };
    let value = arguments(node, code.source.text).first().map(|(_, a)| code.value(*a)).map(target);
    reach(&value.unwrap_or_default(), technology, protocol, syntax::line(node), out);
}

/// A context of EF Core: its sets are the tables that the project reads and writes.
fn context(code: &Code<'_, '_>, class: Node<'_>, out: &mut Sightings) {
    let is_context = bases(class, code.source.text).iter().any(|(b, _)| b.ends_with("DbContext"));
    if !is_context {
        return;
    }
    for property in syntax::of_kind(class, "property_declaration") {
        let Some(kind) = syntax::field_text(property, "type", code.source.text) else { continue };
        let Some(entity) = kind.strip_prefix("DbSet<").and_then(|k| k.split('>').next()) else { continue };
        let name = entity.rsplit('.').next().unwrap_or(entity).to_owned();
        let line = syntax::line(property);
        let table = syntax::field_text(property, "name", code.source.text).map(str::to_owned);
        out.add(line, Seen::Entity(EntitySeen { name: name.clone(), table, fields: Vec::new() }));
        out.add(line, Seen::Table(TableSeen { table: name, writes: true }));
    }
}
