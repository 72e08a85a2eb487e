//! Blueprint x workload becomes a forecast: queueing, availability, cost, people.
//!
//! The capacity core, pure functions of numbers: [`network`] solves a whole design, [`queue`] single
//! stations, [`resilience`] retries, [`availability`] dependencies, [`cache`] hit ratios.

pub mod availability;
pub mod blueprint;
pub mod cache;
mod guard;
pub mod network;
pub mod queue;
pub mod resilience;
pub mod special;
