//! The capacity core, from outside.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where it put something should stop")]

mod blueprint;
mod kernel;
mod layered;
mod properties;
mod reference;
mod reference_networks;
mod reference_queues;
mod reference_systems;
mod robust;
