//! Single stations: every formula with its source; times in, times out, in one unit of choice.

pub mod erlang;
