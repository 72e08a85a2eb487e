//! Versions and facts.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// `loadcase verify`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase verify\n  loadcase verify ../shop --format sarif > versions.sarif\n  loadcase verify docs/backend/blueprint.yaml\n  loadcase verify --strict-facts --max-age 30d"
)]
pub(crate) struct Verify {
    /// A repository, or a blueprint (.yaml).
    #[arg(default_value = ".", value_name = "PATH|BLUEPRINT")]
    pub(crate) path: PathBuf,
    /// Form of the result on standard output.
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text)]
    pub(crate) format: VerifyFormat,
    /// End with code 1 also when a statement is older than it may be.
    #[arg(long)]
    pub(crate) strict_facts: bool,
    /// How old any statement may be, in days: `30d`. Without it: 180 for the end of support, 30 for the newest version
    /// and for advisories.
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(crate) max_age: Option<i64>,
    /// Days before the end of a line from which on it is told.
    #[arg(long, value_name = "DAYS", value_parser = days, default_value = "180d")]
    pub(crate) window: i64,
    /// Show every note, also those on statements that are old.
    #[arg(long)]
    pub(crate) full: bool,
    /// Ask live sources. Names and versions leave this machine, nothing else.
    #[arg(long)]
    pub(crate) online: bool,
    /// Ask nobody: what is delivered with Loadcase, and what `facts refresh` fetched. The default.
    #[arg(long, conflicts_with = "online")]
    pub(crate) offline: bool,
    /// Which live sources to ask.
    #[arg(long, value_enum, value_delimiter = ',', requires = "online", default_values_t = [SourceName::Endoflife, SourceName::Osv, SourceName::DepsDev])]
    pub(crate) source: Vec<SourceName>,
    #[command(flatten)]
    pub(crate) places: Places,
    /// The day that counts as today, `YYYY-MM-DD`.
    #[arg(long, value_name = "DATE", env = "LOADCASE_TODAY")]
    pub(crate) today: Option<String>,
}

/// A live source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum SourceName {
    /// endoflife.date: release lines and the ends of their support.
    Endoflife,
    /// OSV: advisories.
    Osv,
    /// deps.dev: versions of packages, and which are deprecated.
    DepsDev,
    /// Your npm, as it is configured.
    Npm,
    /// Your pip, as it is configured.
    Pip,
    /// Your cargo, as it is configured.
    Cargo,
}

/// Where live sources are asked, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Places {
    /// Base address of endoflife.date, or of a mirror.
    #[arg(long, value_name = "URL", env = "LOADCASE_ENDOFLIFE_URL", hide_short_help = true)]
    pub(crate) endoflife_url: Option<String>,
    /// Base address of OSV, or of a mirror.
    #[arg(long, value_name = "URL", env = "LOADCASE_OSV_URL", hide_short_help = true)]
    pub(crate) osv_url: Option<String>,
    /// Base address of deps.dev, or of a mirror.
    #[arg(long, value_name = "URL", env = "LOADCASE_DEPSDEV_URL", hide_short_help = true)]
    pub(crate) depsdev_url: Option<String>,
    /// Longest time for one try to get an answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=300), env = "LOADCASE_TIMEOUT")]
    pub(crate) timeout: u64,
}

/// `loadcase facts`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  loadcase facts\n  loadcase facts show postgresql\n  loadcase facts refresh"
)]
pub(crate) struct Facts {
    /// What to do; without it, what is known is listed.
    #[command(subcommand)]
    pub(crate) action: Option<FactsAction>,
    /// The day that counts as today, `YYYY-MM-DD`.
    #[arg(long, value_name = "DATE", env = "LOADCASE_TODAY", global = true)]
    pub(crate) today: Option<String>,
}

/// What to do with facts.
#[derive(Debug, Subcommand)]
pub(crate) enum FactsAction {
    /// Show what is known of a technology or package, with sources and ages.
    Show {
        /// Its name: `postgresql`, `node`, `npm:express`.
        name: String,
    },
    /// Ask endoflife.date for every technology that is known, and keep the answers.
    Refresh {
        #[command(flatten)]
        places: Places,
    },
}

/// A number of days: `30d`, `30`, `8w`.
fn days(text: &str) -> Result<i64, String> {
    let (number, factor) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let days: u16 = number.parse().map_err(|_| "write a number of days, such as 30d".to_owned())?;
    Ok(i64::from(days) * factor)
}

/// Form of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// For a terminal.
    Text,
    /// For programs; the schema is printed by `loadcase schema verification`.
    Json,
    /// Markdown.
    Md,
    /// For code scanning: SARIF 2.1.0. Findings do not end it with code 1.
    Sarif,
    /// Annotations of GitHub's checks.
    Github,
}
