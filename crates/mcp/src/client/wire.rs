//! The protocol side of the client: the one place that knows the SDK's client types.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, ContentBlock, Implementation, ProtocolVersion,
};
use rmcp::service::{ClientInitializeError, RunningService};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::{
    StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::config::Reach;
use super::connect::{Failure, Limits};

/// What this client says of itself. It offers nothing: a server can ask it for nothing.
#[derive(Clone, Debug)]
struct Quiet;

impl ClientHandler for Quiet {
    fn get_info(&self) -> ClientConfig {
        let about = Implementation::new("loadcase", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), about)
    }
}

/// A server that answered.
pub(super) struct Session {
    service: RunningService<RoleClient, Quiet>,
    child: Option<Owned>,
}

/// A program that ends with its owner, and all it started with it.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.start_kill();
    }
}

/// Connects by the newer protocol, and by the older where the server knows only that.
pub(super) async fn open(reach: &Reach, limits: &Limits) -> Result<Session, Failure> {
    let lifecycle = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    };
    match reach {
        Reach::Program { command, arguments, environment } => {
            let mut child = Command::new(command);
            child.args(arguments).envs(environment).kill_on_drop(true);
            child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            #[cfg(unix)]
            child.process_group(0);
            let mut child = Owned(child.spawn().map_err(|e| Failure::Start(e.to_string()))?);
            let pipes = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
            let (Some(input), Some(output), Some(errors)) = pipes else {
                return Err(Failure::Start("it has no standard input and output".to_owned()));
            };
            drain(errors);
            let transport = AsyncRwTransport::new(output, input).with_max_line_length(limits.largest);
            let service = Quiet.serve_with_lifecycle(transport, lifecycle).await;
            Ok(Session { service: service.map_err(|e| Failure::Handshake(refused(&e)))?, child: Some(child) })
        }
        Reach::Http { url, headers } => {
            let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
            config.custom_headers = named(headers)?;
            config.max_sse_event_size = limits.largest;
            config.max_json_response_size = limits.largest;
            let transport = StreamableHttpClientTransport::with_client(http(limits)?, config);
            let service = Quiet.serve_with_lifecycle(transport, lifecycle).await;
            Ok(Session { service: service.map_err(|e| Failure::Handshake(refused(&e)))?, child: None })
        }
    }
}

/// Why a server was not reached or did not answer as one.
fn refused(error: &ClientInitializeError) -> String {
    match error {
        ClientInitializeError::TransportError { error, .. } => cause(error),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => refused(fallback),
        other => cause(other),
    }
}

/// What lies at the bottom of an error: the names of the SDK's own types on the way there tell users nothing.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(below) = deepest.source() {
        deepest = below;
    }
    let text = deepest.to_string();
    let text = text.rsplit("] error: ").next().unwrap_or_default();
    text.strip_prefix("Client error: ").unwrap_or(text).to_owned()
}

/// Reads what a program complains about, so that it never waits for a reader, and forgets it: it may hold secrets.
fn drain(mut errors: tokio::process::ChildStderr) {
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while errors.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
    });
}

fn named(
    headers: &std::collections::BTreeMap<String, String>,
) -> Result<HashMap<HeaderName, HeaderValue>, Failure> {
    let one = |(name, value): (&String, &String)| {
        let bad = || Failure::Start(format!("the header {name} cannot be sent as it is"));
        let mut value = HeaderValue::try_from(value).map_err(|_| bad())?;
        value.set_sensitive(true);
        Ok((HeaderName::try_from(name).map_err(|_| bad())?, value))
    };
    headers.iter().map(one).collect()
}

/// The HTTP client: follows no redirect, since headers may hold keys.
fn http(limits: &Limits) -> Result<reqwest::Client, Failure> {
    // Another part may have installed the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .read_timeout(limits.call)
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|e| Failure::Start(e.to_string()))
}

impl Session {
    /// The protocol version spoken.
    pub(super) fn version(&self) -> String {
        self.service.peer_info().map_or_else(String::new, |i| i.protocol_version.as_str().to_owned())
    }

    /// Names of the server's tools, as far as it lists them at once.
    pub(super) async fn tools(&self) -> Result<Vec<String>, Failure> {
        let listed = self.service.list_tools(None).await.map_err(|e| Failure::Call(cause(&e)))?;
        Ok(listed.tools.into_iter().take(500).map(|t| t.name.into_owned()).collect())
    }

    /// Calls a tool and returns its text.
    pub(super) async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Result<String, Failure> {
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = self.service.call_tool(request).await.map_err(|e| Failure::Call(cause(&e)))?;
        if result.is_error == Some(true) {
            return Err(Failure::Call("the tool reports an error".to_owned()));
        }
        let texts = result.content.iter().filter_map(|block| match block {
            ContentBlock::Text(text) => Some(text.text.as_str()),
            _ => None,
        });
        Ok(texts.collect::<Vec<_>>().join("\n"))
    }

    /// Closes the connection; a program gets a moment to end by itself.
    pub(super) async fn close(self, patience: Duration) {
        let Self { service, child } = self;
        let _ = tokio::time::timeout(patience, service.cancel()).await;
        if let Some(mut child) = child {
            let _ = tokio::time::timeout(patience, child.0.wait()).await;
        }
    }
}
