//! The binary: arguments, terminal, exit codes. All thinking happens in the engine.

mod args;
mod command;
mod error;
mod input;
mod interview;
mod progress;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::error::Outcome;

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match &args.command {
        Command::Design(options) => command::design::run(options, &args.global),
        Command::Ask(options) => command::ask::run(options, &args.global),
        Command::Forecast(options) => command::forecast::run(options),
        Command::Calibrate(options) => command::calibrate::run(options),
        Command::Contract(options) => command::contract::run(options),
        Command::Mock(options) => command::mock::run(options),
        Command::Recover(options) => command::recover::run(options),
        Command::Review(options) => command::review::run(options, &args.global),
        Command::Diff(options) => command::diff::run(options, &args.global),
        Command::Simulate(options) => command::simulate::run(options, &args.global),
        Command::WhatIf(options) => command::what_if::run(options, &args.global),
        Command::Compare(options) => command::compare::run(options, &args.global),
        Command::Prove(options) => command::prove::run(options),
        Command::Rules(options) => command::rules::run(options),
        Command::Explain(options) => command::explain::run(options, &args.global),
        Command::Schema(options) => command::schema::run(options),
        Command::Completions(options) => command::completions::run(options),
        Command::Man => command::completions::man(),
    };
    match result {
        Ok(outcome) => ExitCode::from(match outcome {
            Outcome::Fine => 0,
            Outcome::Findings => 1,
            Outcome::NoDesign => 4,
        }),
        Err(error) => {
            terminal::complain(&error, args.global.color);
            ExitCode::from(error.exit_code())
        }
    }
}
