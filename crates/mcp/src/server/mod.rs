//! The server: tools, resources and prompts over standard input and output or loopback HTTP.

mod handler;
mod host;
mod http;
mod kept;
mod prompts;
mod refusal;
mod resources;
mod roots;
mod stdio;
mod tools;

pub use handler::Server;
pub use host::{Host, Settings};
pub use http::{HttpError, HttpSettings, open, url};
pub use loadcase_loopback::{Door, DoorError, Stop};
pub use refusal::Refusal;
pub use roots::Roots;
pub use stdio::{serve_between, serve_stdio};
pub use tools::{BUDGET, Progress, Reply, Silent, TOOLS, Tool, find};

/// Bytes nobody can guess, from the system.
///
/// # Errors
/// When the system has none to give.
pub fn secret() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}
