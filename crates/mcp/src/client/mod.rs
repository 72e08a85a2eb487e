//! Documentation servers, Context7 first: asked for what they know of a technology, believed only with a source.
//!
//! Only the name of a technology and a topic leave this machine. What comes back is text of strangers: it is cut,
//! cleaned of what could steer a terminal or hide, filed as a quotation with its link, and read by nobody else here. No
//! number, version or choice of a design comes from it.

mod answer;
mod config;
mod connect;
mod consult;
mod wire;

pub use answer::{Block, blocks, library_ids, tidy};
pub use config::{Config, ConfigError, HOSTED, Reach, ServerSpec, Shape};
pub use connect::{Connection, Failure, Limits};
pub use consult::{Consultation, Consulted, POINTS, Point, Subject, consult};
