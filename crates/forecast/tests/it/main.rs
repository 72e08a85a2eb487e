//! The capacity core, from outside.

mod blueprint;
mod kernel;
mod layered;
mod properties;
mod reference;
mod reference_networks;
mod reference_queues;
mod reference_systems;
mod robust;
