//! Loadcase for agents, and agents' sources for Loadcase: the Model Context Protocol, both ways.
//!
//! [`server`] offers the engine's stages as tools. [`client`] asks documentation servers. The SDK is known only to
//! `server/handler.rs`, `server/stdio.rs`, `server/http.rs` and `client/wire.rs`: the tools are plain functions.

pub mod client;
pub mod server;
