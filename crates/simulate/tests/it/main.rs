//! The simulator against formulas, laws and published failures.

mod models;
mod reference;
mod scenarios;
