//! What documentation says, word for word: reading matter, never evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;

/// A passage of documentation that a server gave, with its link. No number or choice of a design comes from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quotation {
    /// The technology it is about.
    pub technology: Id,
    /// What was asked: `versions`, `security`, `optimisation`, `deployment` or `deprecations`.
    pub point: Id,
    /// Heading of the passage; may be empty.
    pub title: String,
    /// The passage, cleaned and cut.
    pub text: String,
    /// Where it stands.
    pub url: String,
    /// The library as the server knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The server that gave it.
    pub server: String,
    /// The day it was fetched, `YYYY-MM-DD`. How old the documentation itself is, the server does not tell.
    pub fetched: String,
}
