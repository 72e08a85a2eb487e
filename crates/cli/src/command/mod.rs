//! One file for each command.

pub(crate) mod ask;
pub(crate) mod calibrate;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod contract;
pub(crate) mod design;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod forecast;
pub(crate) mod mock;
pub(crate) mod prove;
pub(crate) mod recover;
pub(crate) mod review;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod simulate;
pub(crate) mod what_if;
