//! Tests of the deliverables on designs built by hand.

mod fixture;
mod terminal;
mod writer;
