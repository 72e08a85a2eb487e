//! Blueprint x workload becomes a forecast: queueing, availability, cost, people.

mod guard;
pub mod network;
pub mod queue;
pub mod special;
