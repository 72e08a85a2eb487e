//! Designs and questions.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Format;

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
    /// The day versions are judged by, `YYYY-MM-DD`; without it the newest day of the facts, so that the same brief
    /// gives the same design.
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
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
    #[command(flatten)]
    pub(crate) docs: DocsServer,
}

/// Whether a documentation server is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct DocsServer {
    /// Ask a documentation server about the technologies, and quote it under each: `context7` where it is hosted, or
    /// a server that .mcp.json or loadcase.toml names. Goes online, or starts that program; says so before.
    #[arg(long = "docs", value_name = "SERVER", num_args = 0..=1, default_missing_value = "context7", require_equals = true)]
    pub(crate) server: Option<String>,
    /// Longest time for all questions, in seconds.
    #[arg(long = "docs-timeout", value_name = "SECONDS", default_value_t = 90, requires = "server", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
}

/// `loadcase docs`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase docs postgresql\n  loadcase docs fastify --about versions --about security\n  loadcase docs redis --server team-docs --format json",
    after_help = "Goes online, or starts the program of the server that is named; says so before. Only the name of the technology and the topic leave this machine."
)]
pub(crate) struct Docs {
    /// A technology: an identifier or name of the catalog, or any name the server may know.
    pub(crate) technology: String,
    /// What to ask about; may be repeated. Default: everything.
    #[arg(long, value_enum, value_name = "TOPIC")]
    pub(crate) about: Vec<Topic>,
    /// The server: `context7` where it is hosted, or one that .mcp.json or loadcase.toml of this folder names.
    #[arg(long, value_name = "SERVER", default_value = "context7")]
    pub(crate) server: String,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Longest time for all questions, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// The day that counts as today, `YYYY-MM-DD`.
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<String>,
}

/// What documentation is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Topic {
    /// Supported versions, long-term support, compatibility.
    Versions,
    /// Hardening and known vulnerabilities.
    Security,
    /// Performance tuning.
    Optimisation,
    /// Running it in production.
    Deployment,
    /// Deprecated features, breaking changes, upgrades.
    Deprecations,
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
