//! The capacity core, from outside.

mod kernel;
