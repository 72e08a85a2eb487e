//! Tests of the deliverables on designs built by hand.

mod contract;
mod data;
mod dump;
mod fixture;
mod honesty;
mod hostile;
mod schema;
mod terminal;
mod writer;
