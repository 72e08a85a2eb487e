//! `loadcase prove`: a schema on a real PostgreSQL.

use std::cell::RefCell;
use std::path::Path;

use loadcase_engine::proving::{Options, Place, Subject};
use loadcase_engine::{Session, Written};
use loadcase_publish::proof;

use crate::args::{self, Format};
use crate::command::design::project;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Prove) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let path = input::blueprint_path(options.target.as_deref())?;
    let name = path.to_string_lossy();
    let blueprint = input::blueprint(&session, &name)?;
    let fault = RefCell::new(None);
    let claims = session.claims_of_blueprint(&blueprint, &|file| {
        written(&path, file).unwrap_or_else(|error| {
            fault.replace(Some(error));
            None
        })
    });
    if let Some(error) = fault.into_inner() {
        return Err(error);
    }
    if claims.is_empty() {
        return Err(CommandError::Nothing {
            path: name.into_owned(),
            message: "no store in it speaks PostgreSQL's SQL and keeps entities, so there is nothing to prove",
        });
    }
    announce(&claims);
    let how = Options { place: place(options), rows: options.rows, seed: options.seed };
    let proofs = session.prove(&blueprint.name, &claims, &how, &mut |line| terminal::message(line))?;
    terminal::result(&match options.format {
        Format::Text => proof::text(&proofs),
        Format::Json => proof::json(&proofs),
        Format::Md => proof::markdown(&proofs),
    })?;
    Ok(if proofs.holds { Outcome::Fine } else { Outcome::Findings })
}

fn announce(claims: &[Subject]) {
    for claim in claims {
        terminal::message(&format!("proving {} with {}", claim.name, claim.source));
    }
}

/// Where the server is: nothing of an address is ever printed.
fn place(options: &args::Prove) -> Place {
    match &options.database_url {
        Some(url) => Place::Url(url.clone()),
        None => Place::Private { path: std::env::var_os("PATH"), temp: std::env::temp_dir() },
    }
}

/// The schema beside a blueprint, when there is one. One that cannot be read is not passed over: what is proven
/// would be another.
fn written(blueprint: &Path, file: &str) -> Result<Option<Written>, CommandError> {
    let path = blueprint.with_file_name(file);
    // Nothing lies beside what comes from standard input.
    if blueprint == Path::new("-") || !path.exists() {
        return Ok(None);
    }
    let named = input::open(&path.display().to_string())?;
    if named.bytes.len() as u64 >= input::MOST_BYTES || named.bytes.trim_ascii().is_empty() {
        return Err(CommandError::Nothing {
            path: named.name,
            message: "the schema is empty or too large to be one",
        });
    }
    Ok(Some(Written { path: named.name, text: String::from_utf8_lossy(&named.bytes).into_owned() }))
}
