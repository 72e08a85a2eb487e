//! A connection to a server, bounded in time and size whatever the server does.

use std::future::Future;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::config::ServerSpec;
use super::wire;

/// Bounds of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest time to connect; a program may have to be fetched first.
    pub connect: Duration,
    /// Longest time for one call.
    pub call: Duration,
    /// Longest time for everything.
    pub total: Duration,
    /// Largest message, bytes.
    pub largest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            call: Duration::from_secs(20),
            total: Duration::from_secs(120),
            largest: 2 * 1024 * 1024,
        }
    }
}

/// Why a server gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It cannot be started or reached.
    #[error("it cannot be started: {0}")]
    Start(String),
    /// It does not speak the protocol.
    #[error("it cannot be reached, or is no such server: {0}")]
    Handshake(String),
    /// A call failed.
    #[error("{0}")]
    Call(String),
    /// It did not answer in time.
    #[error("no answer within {0} seconds")]
    Late(u64),
    /// It lacks the tools that are needed.
    #[error("it offers neither `resolve-library-id` with `query-docs` nor the tool that is configured")]
    Tools,
}

impl Failure {
    /// The reason in one line, without anything that could steer a terminal.
    #[must_use]
    pub fn told(&self) -> String {
        super::answer::tidy(&self.to_string(), 300).replace('\n', " ")
    }
}

/// An open connection, on a runtime of its own.
pub struct Connection {
    runtime: tokio::runtime::Runtime,
    session: Option<wire::Session>,
    limits: Limits,
    until: Instant,
}

impl Connection {
    /// Connects to a server whose variables are filled in.
    ///
    /// # Errors
    /// When it cannot be reached, does not speak the protocol, or takes too long.
    pub fn open(spec: &ServerSpec, limits: Limits) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::Start(e.to_string()))?;
        let until = Instant::now() + limits.total;
        let session = runtime.block_on(within(limits.connect, wire::open(&spec.reach, &limits)))?;
        Ok(Self { runtime, session: Some(session), limits, until })
    }

    /// The protocol version spoken.
    #[must_use]
    pub fn version(&self) -> String {
        self.session.as_ref().map_or_else(String::new, wire::Session::version)
    }

    /// Names of the server's tools.
    ///
    /// # Errors
    /// When it does not tell in time.
    pub fn tools(&self) -> Result<Vec<String>, Failure> {
        let session = self.session()?;
        self.runtime.block_on(within(self.left(), session.tools()))
    }

    /// Calls a tool with arguments that are texts, and returns its text.
    ///
    /// # Errors
    /// When the server fails or takes too long.
    pub fn call(&self, tool: &str, arguments: &[(&str, &str)]) -> Result<String, Failure> {
        let session = self.session()?;
        let arguments: Map<String, Value> =
            arguments.iter().map(|(k, v)| ((*k).to_owned(), Value::String((*v).to_owned()))).collect();
        self.runtime.block_on(within(self.left(), session.call(tool, arguments)))
    }

    fn session(&self) -> Result<&wire::Session, Failure> {
        self.session.as_ref().ok_or_else(|| Failure::Call("the connection is closed".to_owned()))
    }

    /// The time a call may take: its own, and what is left of the whole.
    fn left(&self) -> Duration {
        self.limits.call.min(self.until.saturating_duration_since(Instant::now()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.runtime.block_on(session.close(Duration::from_secs(1)));
        }
    }
}

/// Waits no longer than that.
async fn within<T>(time: Duration, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(time, work).await.unwrap_or(Err(Failure::Late(time.as_secs())))
}
