//! The simulator against formulas, laws and published failures.

mod blueprint;
mod laws;
mod models;
mod policies;
mod reference;
mod scenarios;
