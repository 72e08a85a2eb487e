//! The contract of a blueprint, answered on loopback: clients and contract testers can start before the system exists.
//!
//! `mock` is plain functions and state; `door` puts it behind a socket.

mod door;
mod mock;

pub use door::{BOUNDS, open};
pub use loadcase_loopback::{Bounds, Door, DoorError, Stop};
pub use mock::{CREDENTIALS, Mock, MockError, Reply, Request};
