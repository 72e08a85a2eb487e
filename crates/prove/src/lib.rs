//! Schemas proven on a real PostgreSQL: rows, access patterns, isolation of tenants, keys that refuse repetition.
//!
//! What is proven comes in as plain text and names ([`Subject`]); nothing here knows how a schema was made. The
//! structure of the tables is read from the server itself, so that an edited schema is proven as it is.

mod input;
mod isolation;
mod keys;
mod pattern;
mod plan;
mod run;
mod sample;
mod seed;
mod server;
mod session;
mod structure;
mod upkeep;

pub use input::{
    Error, Filled, Key, Options, Parameter, Pattern, Period, Place, Share, Subject, Touch, Upkeep,
};
pub use run::prove;
pub use server::Server;
