//! Live sources against stand-ins on loopback: how they answer, and every way they fail.

mod clients;
mod failures;
mod formats;
mod stub;
