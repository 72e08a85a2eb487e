//! What can be said on the command line.

mod blueprint;
mod design;
mod reference;
mod repository;
mod simulate;
mod versions;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use blueprint::{Calibrate, Contract, Forecast, ForecastFormat, Mock, OpenApi, Prove, StyleName};
pub(crate) use design::{Ask, Design, Docs, DocsServer, Source, Topic};
pub(crate) use reference::{Completions, Explain, Mcp, Rules, Schema, SchemaOf};
pub(crate) use repository::{
    DiagramFormat, Diff, FailOn, PersonaName, Recover, RecoverFormat, Review, ReviewFormat,
};
pub(crate) use simulate::{Compare, HorizonName, PageFormat, Simulate, WhatIf};
pub(crate) use versions::{Facts, FactsAction, Places, SourceName, Verify, VerifyFormat};

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
    /// Verify the versions in use: released, supported, patched, on a runtime they work on.
    Verify(Verify),
    /// List what is known of versions, refresh it, or show one with its sources and ages.
    Facts(Facts),
    /// List the rules of reviews, or write their documentation.
    Rules(Rules),
    /// Explain a decision, option, technology, pattern, domain or term.
    Explain(Explain),
    /// Ask a documentation server, Context7 unless another is named, what it says of a technology.
    Docs(Docs),
    /// Serve the same powers to agents over the Model Context Protocol.
    Mcp(Mcp),
    /// Print the JSON Schema of a file format.
    Schema(Schema),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual page.
    #[command(hide = true)]
    Man,
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
