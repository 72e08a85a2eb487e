//! The binary as its users meet it: exit codes, streams, files, and what it says.

mod calibrate;
mod contract;
mod diff;
mod documentation;
mod explain;
mod forecast;
mod honesty;
mod hostile;
mod json;
mod out;
mod properties;
mod prove;
mod questions;
mod refusals;
mod review;
mod rules;
mod run;
mod schemas;
mod shop;
mod simulate;
mod streams;
mod terminal;
mod verify;
