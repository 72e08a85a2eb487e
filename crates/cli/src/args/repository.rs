//! What is done with a repository.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Format;

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
