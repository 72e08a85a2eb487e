//! `loadcase contract`: the contracts of a blueprint.

use loadcase_engine::Session;
use loadcase_publish::contracts::{self, Options, Style, Version};

use crate::args::{self, OpenApi, StyleName};
use crate::command::design::{project, tell};
use crate::error::{CommandError, Outcome};
use crate::input;

pub(crate) fn run(options: &args::Contract) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let blueprint = input::blueprint(&session, &options.blueprint)?;
    let contract =
        contracts::contract(&blueprint, Options { style: style(options.style), tokens: options.tokens });
    let version = match options.openapi {
        OpenApi::V31 => Version::V31,
        OpenApi::V32 => Version::V32,
    };
    let report = loadcase_publish::write(&options.out, &contracts::files(&contract, version))?;
    tell(&options.out, &report);
    Ok(Outcome::Fine)
}

pub(crate) const fn style(name: StyleName) -> Style {
    match name {
        StyleName::Rest => Style::Rest,
        StyleName::Pages => Style::Pages,
        StyleName::Graphql => Style::GraphQl,
        StyleName::Grpc => Style::Grpc,
    }
}
