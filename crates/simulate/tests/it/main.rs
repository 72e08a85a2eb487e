//! The simulator against formulas, laws and published failures.
#![allow(clippy::print_stdout, reason = "what was found is shown beside what is known")]

mod blueprint;
mod disturbed;
mod fidelity;
mod laws;
mod models;
mod parts;
mod policies;
mod reference;
mod scenarios;
