//! What happens to a blueprint when something is different.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Format;

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
