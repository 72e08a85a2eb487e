//! What Loadcase knows and says of itself, and the server for agents.

use std::path::PathBuf;

use clap::ValueEnum;

use super::DocsServer;

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
    #[command(flatten)]
    pub(crate) docs: DocsServer,
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
    /// The result of `verify --format json`.
    Verification,
    /// A lifecycle of the catalog.
    Lifecycle,
    /// A package of the catalog.
    Package,
    /// An advisory of the catalog.
    Advisory,
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

/// `loadcase mcp`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase mcp\n  loadcase mcp --root ~/work/shop --root ~/work/billing\n  LOADCASE_MCP_TOKEN=$(openssl rand -hex 32) loadcase mcp --http 127.0.0.1:7414",
    after_help = "Without --http it speaks on standard input and output, as clients start it. docs/mcp.md has the lines for each client."
)]
pub(crate) struct Mcp {
    /// Folder that calls may read, and write into where a call says so; may be repeated. Default: the current one.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) root: Vec<PathBuf>,
    /// Listen on this loopback address instead, as HTTP; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<std::net::SocketAddr>,
    /// Environment variable that holds the token callers must present; without it one is made and told once.
    #[arg(long, value_name = "NAME", default_value = "LOADCASE_MCP_TOKEN", requires = "http")]
    pub(crate) token_env: String,
    /// Origin of a browser page that may call, such as https://desk.example.com; may be repeated. Pages of this
    /// machine may.
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub(crate) allow_origin: Vec<String>,
    /// Where designs are kept so that a design_id survives a restart. Default: the user's state folder.
    #[arg(long, value_name = "FOLDER", env = "LOADCASE_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Keep designs in memory only.
    #[arg(long, conflicts_with = "state")]
    pub(crate) no_state: bool,
    /// Judge as of this day (YYYY-MM-DD) instead of today.
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<String>,
}
