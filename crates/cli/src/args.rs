//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// A backend architect you can run.
#[derive(Debug, Parser)]
#[command(
    name = "loadcase",
    version,
    about = "A backend architect you can run: a sentence, a brief or a repository becomes a computed, checked backend design.",
    before_help = "Examples:\n  loadcase design \"A marketplace for used bikes, 20k monthly users, four engineers\"\n  loadcase design brief.yaml --out docs/backend\n  loadcase ask \"Should we introduce Kafka for 50 orders per minute?\"\n  loadcase forecast docs/backend/blueprint.yaml\n  loadcase simulate docs/backend\n  loadcase what-if docs/backend users=5M team=20\n  loadcase prove docs/backend\n  loadcase review ../shop\n  loadcase diff --rev main HEAD\n  loadcase explain transactional-outbox",
    after_help = "Exit codes: 0 fine, 1 findings or broken targets, 2 wrong usage, 3 bad input, 4 no design meets the requirements, 5 environment, 70 internal error.",
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    /// Options that every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Global {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, env = "LOADCASE_COLOR")]
    pub(crate) color: Color,
    /// Never ask: list assumptions instead.
    #[arg(long, global = true, env = "LOADCASE_NO_INPUT")]
    pub(crate) no_input: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Design a backend from a sentence, a brief or standard input.
    Design(Design),
    /// Answer a question about architecture, with the arithmetic.
    Ask(Ask),
    /// Forecast a blueprint: latency, saturation, availability, cost, people.
    Forecast(Forecast),
    /// Put what was measured (load tests, traces, metrics, statements) in place of the catalog's demands.
    Calibrate(Calibrate),
    /// Simulate a blueprint when the load, or the world, turns bad: scenarios, targets held or broken.
    Simulate(Simulate),
    /// Say what would be different: more users, another team, a cache less, more copies.
    WhatIf(WhatIf),
    /// Compare two blueprints under the same scenarios and the same random numbers.
    Compare(Compare),
    /// Write the contracts of a blueprint: OpenAPI, GraphQL or gRPC, and AsyncAPI.
    Contract(Contract),
    /// Answer the contract of a blueprint on loopback, with plausible rows, until interrupted.
    Mock(Mock),
    /// Recover the architecture of a repository, with the place of every element.
    Recover(Recover),
    /// Review a repository: what is wrong with its architecture, and where.
    Review(Review),
    /// Compare two versions of an architecture: shape, findings, forecast.
    Diff(Diff),
    /// Prove a schema on a real PostgreSQL: access patterns, isolation of tenants, keys.
    Prove(Prove),
    /// List the rules of reviews, or write their documentation.
    Rules(Rules),
    /// Explain a decision, option, technology, pattern, domain or term.
    Explain(Explain),
    /// Print the JSON Schema of a file format.
    Schema(Schema),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual page.
    #[command(hide = true)]
    Man,
}

/// Where a brief comes from, and what else is known.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// A sentence, a file (.md, .txt, .yaml), or `-` for standard input.
    #[arg(value_name = "BRIEF")]
    pub(crate) brief: Option<String>,
    /// A repository whose documents hold established decisions (docs/backend, ADR folders).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) repo: Option<PathBuf>,
    /// Keep established decisions whatever the numbers say.
    #[arg(long)]
    pub(crate) respect_pins: bool,
    /// Seed of the sampled assumptions.
    #[arg(long, default_value_t = 1, env = "LOADCASE_SEED")]
    pub(crate) seed: u64,
}

/// `loadcase design`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase design \"I'm building a social media platform. Should I use microservices or a monolith?\"\n  loadcase design brief.md --out docs/backend\n  cat brief.txt | loadcase design --format json -"
)]
pub(crate) struct Design {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Form of the answer on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the whole design into this folder. Files that were edited are kept.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Show everything, not only the first screen.
    #[arg(long)]
    pub(crate) full: bool,
}

/// Form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal.
    Text,
    /// For programs; the schema is printed by `loadcase schema design`.
    Json,
    /// Markdown.
    Md,
}

/// `loadcase ask`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase ask \"How many servers do I need for 20,000 daily users of a booking app?\"\n  loadcase ask \"Review our payment service\" --material pay.py"
)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Code or text the question is about; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) material: Option<String>,
}

/// `loadcase forecast`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase forecast docs/backend/blueprint.yaml\n  loadcase forecast --format json - < blueprint.yaml"
)]
pub(crate) struct Forecast {
    /// A blueprint as `design --out` writes it, edited or not; `-` for standard input.
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

/// `loadcase simulate`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase simulate docs/backend\n  loadcase simulate docs/backend --all --format html --out report.html\n  loadcase simulate docs/backend --scenario flash-crowd --with app.copies=6\n  loadcase simulate --scenario cache-flush"
)]
pub(crate) struct Simulate {
    /// A blueprint, or a folder that `design --out` wrote. Without it, `docs/backend` or the folder you are in.
    #[arg(value_name = "BLUEPRINT|FOLDER")]
    pub(crate) target: Option<PathBuf>,
    /// A scenario by name or file (.yaml); more than one may be given. Without it, a short set.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) scenario: Vec<String>,
    /// Every scenario that applies.
    #[arg(long, conflicts_with = "scenario")]
    pub(crate) all: bool,
    /// Change something first, such as `app.copies=6`, `client.retries=0`, `load=2x`; may be repeated.
    #[arg(long, value_name = "CHANGE")]
    pub(crate) with: Vec<String>,
    /// Which load of the blueprint.
    #[arg(long, value_enum, default_value_t = HorizonName::Later)]
    pub(crate) horizon: HorizonName,
    /// Do not look for the change that would have held.
    #[arg(long)]
    pub(crate) no_remedies: bool,
    /// Independent replications of each scenario; by what they cost (3 to 8) unless said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) replications: Option<u32>,
    /// Go on until the mean response time is known this well, in per cent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) precision: Option<f64>,
    /// Seed of the random numbers: the same seed gives the same result.
    #[arg(long, default_value_t = 1, env = "LOADCASE_SEED")]
    pub(crate) seed: u64,
    /// Form of the result.
    #[arg(long, value_enum, default_value_t = PageFormat::Text)]
    pub(crate) format: PageFormat,
    /// Write the result into this file, or into this folder; Markdown with its charts beside it.
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

/// A share in per cent that a precision can be.
fn percent(text: &str) -> Result<f64, String> {
    let value: f64 = text.trim_end_matches('%').parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=50.0).contains(&value) { Ok(value) } else { Err("must lie between 0.1 and 50".to_owned()) }
}

/// A load of a blueprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HorizonName {
    /// That of today.
    Now,
    /// That in 24 months.
    #[value(name = "24-months")]
    Later,
}

/// Form of a result that may be a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    /// For a terminal.
    Text,
    /// For programs; the schema is printed by `loadcase schema simulation`.
    Json,
    /// Markdown; with `--out`, charts beside it.
    Md,
    /// One page with its charts.
    Html,
}

/// `loadcase what-if`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase what-if docs/backend users=5M\n  loadcase what-if docs/backend team=20 latency-p99-ms=200ms\n  loadcase what-if docs/backend cache=off\n  loadcase what-if docs/backend/blueprint.yaml app.copies=6 postgres.replicas=2 load=2x"
)]
pub(crate) struct WhatIf {
    /// A blueprint or a folder that `design --out` wrote (`docs/backend` unless said), then changes: an input of
    /// the brief (`users=5M`), a size (`app.copies=6`), something left out (`cache=off`), the load (`load=2x`).
    #[arg(value_name = "BLUEPRINT|FOLDER CHANGE", required = true)]
    pub(crate) words: Vec<String>,
    /// Form of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `loadcase compare`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase compare docs/backend alternative/blueprint.yaml\n  loadcase compare a.yaml b.yaml --scenario flash-crowd --scenario zone-lost"
)]
pub(crate) struct Compare {
    /// The first blueprint, or a folder with one.
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second.
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// A scenario by name or file (.yaml); more than one may be given. Without it, a short set.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) scenario: Vec<String>,
    /// Every scenario that applies to both.
    #[arg(long, conflicts_with = "scenario")]
    pub(crate) all: bool,
    /// Which load of the blueprints.
    #[arg(long, value_enum, default_value_t = HorizonName::Later)]
    pub(crate) horizon: HorizonName,
    /// Pairs of runs; by what they cost (4 to 12) unless said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) replications: Option<u32>,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1, env = "LOADCASE_SEED")]
    pub(crate) seed: u64,
    /// Form of the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `loadcase contract`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase contract docs/backend/blueprint.yaml --out contracts\n  loadcase contract blueprint.yaml --style graphql\n  loadcase contract blueprint.yaml --openapi 3.2"
)]
pub(crate) struct Contract {
    /// A blueprint as `design --out` writes it, edited or not; `-` for standard input.
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
    before_help = "Examples:\n  loadcase mock docs/backend/blueprint.yaml --port 8080\n  curl -H 'Authorization: Bearer mock-token' http://127.0.0.1:8080/v1/me/orders"
)]
pub(crate) struct Mock {
    /// A blueprint as `design --out` writes it, edited or not; `-` for standard input.
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

/// `loadcase recover`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase recover\n  loadcase recover ../shop --format yaml > blueprint.yaml\n  loadcase recover ../shop --diagram mermaid"
)]
pub(crate) struct Recover {
    /// The repository.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Form of the result on standard output.
    #[arg(long, value_enum, default_value_t = RecoverFormat::Yaml)]
    pub(crate) format: RecoverFormat,
    /// Draw it instead.
    #[arg(long, value_enum, conflicts_with = "format")]
    pub(crate) diagram: Option<DiagramFormat>,
}

/// Form of a recovered architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecoverFormat {
    /// A blueprint, as every other command reads it.
    Yaml,
    /// Everything that was seen, for programs.
    Json,
    /// Components, information flows and endpoints in a neutral shape.
    Dataflow,
    /// Components, calls and endpoints in a neutral shape.
    Callgraph,
}

/// Form of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiagramFormat {
    /// Mermaid text.
    Mermaid,
    /// A drawing.
    Svg,
    /// Plain text.
    Ascii,
}

/// `loadcase review`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase review\n  loadcase review ../shop --fail-on high\n  loadcase review --format sarif > review.sarif\n  loadcase review --select family:security --persona auditor"
)]
pub(crate) struct Review {
    /// The repository.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Form of the findings on standard output.
    #[arg(long, value_enum, default_value_t = ReviewFormat::Text)]
    pub(crate) format: ReviewFormat,
    /// Who reads: what a senior engineer would raise, also hints, also what could not be decided.
    #[arg(long, value_enum, default_value_t = PersonaName::Regular)]
    pub(crate) persona: PersonaName,
    /// End with code 1 when a finding is at least this bad.
    #[arg(long, value_enum, default_value_t = FailOn::High)]
    pub(crate) fail_on: FailOn,
    /// Run these rules only: names, or `family:NAME`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Leave these rules out: names, or `family:NAME`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// A brief with the load and the targets, for rules that need numbers.
    #[arg(long, value_name = "FILE")]
    pub(crate) brief: Option<String>,
    /// Show accepted findings as well.
    #[arg(long)]
    pub(crate) no_accept: bool,
    /// Leave out the findings that this file knows.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the findings into this file as the new baseline.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// An earlier version to hold the contracts against: a blueprint (.yaml) or a folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    /// The day that counts as today, `YYYY-MM-DD`.
    #[arg(long, value_name = "DATE", env = "LOADCASE_TODAY")]
    pub(crate) today: Option<String>,
}

/// Form of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReviewFormat {
    /// For a terminal.
    Text,
    /// For programs; the schema is printed by `loadcase schema review`.
    Json,
    /// For code scanning: SARIF 2.1.0. Findings do not end it with code 1.
    Sarif,
    /// Annotations of GitHub's checks.
    Github,
    /// Markdown.
    Md,
    /// One page with the drawing.
    Html,
}

/// `loadcase diff`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase diff ../shop-before ../shop\n  loadcase diff docs/backend/blueprint.yaml . --exit-code\n  loadcase diff --rev main HEAD\n  loadcase diff ../shop --rev v1.4 --format md"
)]
pub(crate) struct Diff {
    /// What there was: a blueprint (.yaml) or a repository. With `--rev`, the repository.
    #[arg(value_name = "A")]
    pub(crate) before: Option<PathBuf>,
    /// What there is: a blueprint (.yaml) or a repository.
    #[arg(value_name = "B", conflicts_with = "rev")]
    pub(crate) after: Option<PathBuf>,
    /// Compare two revisions of one git repository, or one with the files as they are.
    #[arg(long, num_args = 1..=2, value_names = ["REV1", "REV2"])]
    pub(crate) rev: Vec<String>,
    /// Form of the result on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// End with code 1 when something differs.
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Who reads the findings.
    #[arg(long, value_enum, default_value_t = PersonaName::Regular)]
    pub(crate) persona: PersonaName,
    /// The day that counts as today, `YYYY-MM-DD`.
    #[arg(long, value_name = "DATE", env = "LOADCASE_TODAY")]
    pub(crate) today: Option<String>,
}

/// Who reads findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PersonaName {
    /// What a senior engineer would raise.
    Regular,
    /// Also hints and what is worth knowing.
    Pedantic,
    /// Also what could not be decided.
    Auditor,
}

/// From which severity on a review fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Never.
    Never,
    /// Any finding.
    Info,
    /// Low and worse.
    Low,
    /// Medium and worse.
    Medium,
    /// High and worse.
    High,
    /// Critical only.
    Critical,
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

/// `loadcase rules`.
#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    /// The rules of this family only.
    #[arg(long)]
    pub(crate) family: Option<String>,
    /// Write a page for each rule into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

/// `loadcase explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// What to explain; without it, what can be explained is listed.
    pub(crate) topic: Vec<String>,
}

/// `loadcase schema`.
#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// The format.
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// A file format with a published schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The brief that people write in YAML.
    Brief,
    /// The architecture.
    Blueprint,
    /// The result of `design --format json`.
    Design,
    /// The result of `recover --format json`.
    Survey,
    /// The result of `review --format json`.
    Review,
    /// The result of `diff --format json`.
    Diff,
    /// The result of `prove --format json`.
    Proofs,
    /// The result of `simulate --format json`.
    Simulation,
    /// The result of `what-if --format json`.
    WhatIf,
    /// The result of `compare --format json`.
    Compare,
    /// A technology of the catalog.
    Technology,
    /// A pattern of the catalog.
    Pattern,
    /// A domain of the catalog.
    Domain,
    /// A decision of the catalog.
    Decision,
    /// A topic of the catalog.
    Topic,
    /// A scenario of the catalog.
    Scenario,
    /// A remedy of the catalog.
    Remedy,
}

/// `loadcase completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
