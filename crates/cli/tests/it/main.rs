//! The binary as its users meet it: exit codes, streams, files, and what it says.

mod documentation;
mod explain;
mod forecast;
mod honesty;
mod hostile;
mod json;
mod out;
mod properties;
mod questions;
mod rules;
mod run;
mod schemas;
mod streams;
mod terminal;
