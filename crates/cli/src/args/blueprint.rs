//! What is done with a blueprint.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Format;

/// `loadcase forecast`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase forecast docs/backend/blueprint.yaml\n  loadcase forecast --format json - < blueprint.yaml"
)]
pub(crate) struct Forecast {
    /// A blueprint as `design --out` writes it, edited or not, or the folder it lies in; `-` for standard input.
    pub(crate) blueprint: String,
    /// Form of the forecast on standard output.
    #[arg(long, value_enum, default_value_t = ForecastFormat::Md)]
    pub(crate) format: ForecastFormat,
}

/// Form of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForecastFormat {
    /// Markdown.
    Md,
    /// For programs: one `Forecast` of the schema of `design` for each workload.
    Json,
}

/// `loadcase calibrate`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase calibrate traces.json statements.csv --blueprint docs/backend/blueprint.yaml --out measured.yaml\n  loadcase calibrate busy=cpu.json rate=requests.json --blueprint blueprint.yaml\n  loadcase calibrate statements.csv --out .loadcase/catalog/measured/postgresql.yaml"
)]
pub(crate) struct Calibrate {
    /// Measurements, recognised by their content: k6, wrk, oha, autocannon; OpenTelemetry or Jaeger traces as JSON;
    /// answers to Prometheus range queries, as `busy=FILE` (processors) or `rate=FILE` (requests a second);
    /// pg_stat_statements as CSV.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The blueprint whose steps they are about; without one, facts about the store are written.
    #[arg(long, value_name = "FILE")]
    pub(crate) blueprint: Option<String>,
    /// Write the blueprint with measured demands, or the facts, to this file; otherwise to standard output. A file
    /// that is there is replaced.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `loadcase contract`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase contract docs/backend/blueprint.yaml --out contracts\n  loadcase contract blueprint.yaml --style graphql\n  loadcase contract blueprint.yaml --openapi 3.2"
)]
pub(crate) struct Contract {
    /// A blueprint as `design --out` writes it, edited or not, or the folder it lies in; `-` for standard input.
    pub(crate) blueprint: String,
    /// The style of requests.
    #[arg(long, value_enum, default_value_t = StyleName::Rest)]
    pub(crate) style: StyleName,
    /// Callers carry access tokens with scopes (OAuth 2).
    #[arg(long)]
    pub(crate) tokens: bool,
    /// Version of OpenAPI.
    #[arg(long, value_enum, default_value_t = OpenApi::V31, value_name = "VERSION")]
    pub(crate) openapi: OpenApi,
    /// Write the files into this folder. Files that were edited are kept.
    #[arg(long, value_name = "FOLDER", default_value = "contracts")]
    pub(crate) out: PathBuf,
}

/// `loadcase mock`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase mock docs/backend/blueprint.yaml --port 8080\n  curl -H 'Cookie: __Host-session=mock-session' http://127.0.0.1:8080/v1/me/listings"
)]
pub(crate) struct Mock {
    /// A blueprint as `design --out` writes it, edited or not, or the folder it lies in; `-` for standard input.
    pub(crate) blueprint: String,
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Callers carry access tokens with scopes (OAuth 2).
    #[arg(long)]
    pub(crate) tokens: bool,
    /// Write the OpenAPI document that is answered into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) openapi: Option<PathBuf>,
}

/// The style of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StyleName {
    /// Resources over HTTP.
    Rest,
    /// Pages made by the server for people, resources for machines.
    Pages,
    /// One graph; webhooks stay HTTP.
    Graphql,
    /// gRPC between the parts inside, resources over HTTP at the edge.
    Grpc,
}

/// Version of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OpenApi {
    /// 3.1, which tools know.
    #[value(name = "3.1")]
    V31,
    /// 3.2, which describes streams item by item.
    #[value(name = "3.2")]
    V32,
}

/// `loadcase prove`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase prove docs/backend\n  loadcase prove docs/backend/blueprint.yaml --rows 1000000\n  loadcase prove --database-url postgresql://postgres@localhost/postgres --format md"
)]
pub(crate) struct Prove {
    /// A blueprint, or a folder with `blueprint.yaml`. A `schema.sql` beside it is proven as it is; else one is
    /// generated. Without it, `docs/backend` or the folder you are in.
    #[arg(value_name = "BLUEPRINT|FOLDER")]
    pub(crate) target: Option<PathBuf>,
    /// A running PostgreSQL: databases of their own are made there and dropped. Without it, a private one is
    /// started and removed again.
    #[arg(long, value_name = "URL", env = "LOADCASE_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Rows of the largest table; the others in proportion. A tenth of it is tried first.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=20_000_000))]
    pub(crate) rows: u64,
    /// Another seed gives other rows.
    #[arg(long, default_value_t = 1, env = "LOADCASE_SEED")]
    pub(crate) seed: u64,
    /// Form of the result on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
