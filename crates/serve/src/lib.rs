//! The contract of a blueprint, answered on loopback: clients and contract testers can start before the system exists.
//!
//! `mock` is plain functions and state; `door` is the only place that knows sockets and waits.

mod door;
mod mock;

pub use door::{Bounds, Door, ServeError, Stop};
pub use mock::{CREDENTIALS, Mock, MockError, Reply, Request};
