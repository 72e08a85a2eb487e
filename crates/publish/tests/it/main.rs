//! Tests of the deliverables on designs built by hand.

mod bodies;
mod contract;
mod coverage;
mod data;
mod deploy;
mod dump;
mod fixture;
mod honesty;
mod hostile;
mod hosting;
mod lasting;
mod products;
mod rights;
mod schema;
mod terminal;
mod writer;
