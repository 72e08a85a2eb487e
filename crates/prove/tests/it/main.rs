//! A hand-written shop on a real PostgreSQL: what is right holds, what is wrong is caught, nothing is left behind.
#![allow(
    clippy::print_stdout,
    reason = "what is skipped, and how far a run is, is read in the output of tests"
)]

mod caught;
mod killed;
mod shop;

use loadcase_prove::{Error, Options, Place, Subject, prove};

/// Where servers are looked for.
fn place() -> Place {
    Place::Private { path: std::env::var_os("PATH"), temp: std::env::temp_dir() }
}

/// Proves with so many rows; `None`, and a line that says so, where no PostgreSQL is installed.
fn proven(subject: &Subject, rows: u64) -> Option<loadcase_model::StoreProofs> {
    let options = Options { place: place(), rows, seed: 1 };
    match prove(subject, &options, &mut |line| println!("{line}")) {
        Ok(proofs) => Some(proofs),
        Err(Error::NoServer) => {
            println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: nothing was proven");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
