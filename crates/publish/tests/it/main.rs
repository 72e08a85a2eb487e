//! Tests of the deliverables on designs built by hand.

mod fixture;
mod honesty;
mod terminal;
mod writer;
