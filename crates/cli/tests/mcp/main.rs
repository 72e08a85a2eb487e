//! `loadcase mcp` and `loadcase docs` as clients and servers meet them: on the wire, over HTTP, with the official
//! SDKs, and with servers that misbehave.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests say what they skip")]
#![allow(clippy::needless_pass_by_value, reason = "messages are written where they are passed")]

mod clients;
mod context7;
mod hostile;
mod http;
mod plugin;
mod server;
mod stub;
mod transcript;
mod unkind;
mod wire;
